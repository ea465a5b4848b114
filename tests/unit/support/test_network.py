"""The bad network is as bad as it was told to be, and no worse."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import cast

import pytest

from tests.support.network import BadNetwork, Weather


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(data, addr)


@pytest.fixture
async def network() -> AsyncIterator[tuple[BadNetwork, int, int]]:
    """A network before an echo server; with its TCP and UDP port."""

    conversations: list[asyncio.Task[None] | None] = []

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversations.append(asyncio.current_task())
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1024):
                writer.write(data)
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    tcp_port: int = server.sockets[0].getsockname()[1]
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    udp_port: int = transport.get_extra_info("sockname")[1]
    bad = BadNetwork(tcp_port, udp_port)
    yield bad, tcp_port, udp_port
    bad.close()
    transport.close()
    server.close()
    await server.wait_closed()
    await asyncio.gather(*filter(None, conversations))


async def test_a_fair_network_passes_both_kinds(network: tuple[BadNetwork, int, int]) -> None:
    bad, tcp_port, udp_port = network
    reader, writer = await asyncio.open_connection(bad.address, tcp_port)
    writer.write(b"stream")

    assert await reader.readexactly(6) == b"stream"
    assert await _echoes(udp_port, 20, 2.0) == 20
    writer.close()
    await writer.wait_closed()


async def test_loss_and_delay_reach_every_datagram(network: tuple[BadNetwork, int, int]) -> None:
    bad, _, udp_port = network
    bad.weather = Weather(loss=0.3, delay_ms=20)

    came = await _echoes(udp_port, 200, 1.0)

    assert 60 <= came <= 135  # 0.7 * 0.7 of 200 is 98; the seed is fixed
    assert bad.datagrams_dropped > 0


async def test_a_cut_stalls_the_stream_and_mending_lets_it_go_on(network: tuple[BadNetwork, int, int]) -> None:
    bad, tcp_port, udp_port = network
    reader, writer = await asyncio.open_connection(bad.address, tcp_port)
    writer.write(b"a")
    assert await reader.readexactly(1) == b"a"

    bad.weather = Weather(cut=True)
    writer.write(b"b")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.readexactly(1), 0.3)
    assert await _echoes(udp_port, 5, 0.3) == 0

    bad.weather = Weather()
    assert await reader.readexactly(1) == b"b"
    writer.close()
    await writer.wait_closed()


async def test_a_narrow_uplink_lets_through_what_fits_and_drops_the_rest(
    network: tuple[BadNetwork, int, int],
) -> None:
    bad, tcp_port, udp_port = network
    bad.weather = Weather(uplink_bps=8_000)

    # 2 bytes are 2 ms: 300 ms of them fit into the queue, and 100 go through in 200 ms
    assert 140 <= await _echoes(udp_port, 400, 1.0) <= 260

    reader, writer = await asyncio.open_connection(bad.address, tcp_port)
    loop = asyncio.get_running_loop()
    began = loop.time()
    writer.write(bytes(400))
    assert len(await reader.readexactly(400)) == 400
    assert loop.time() - began >= 0.4
    writer.close()
    await writer.wait_closed()


async def _echoes(port: int, count: int, timeout_s: float) -> int:
    """How many of `count` datagrams came back within the time."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        client.connect(("127.0.0.2", port))
        for number in range(count):
            client.send(number.to_bytes(2, "big"))
        came = 0
        try:
            async with asyncio.timeout(timeout_s):
                while came < count:
                    await loop.sock_recv(client, 16)
                    came += 1
        except TimeoutError:
            pass
        return came
