"""A bad network between real programs: one address that passes TCP and UDP on to another, with loss, delay and cuts.

A server on 127.0.0.1 that advertises 127.0.0.2 (TONGXIN_PUBLIC_ADDRESS) is reached through `BadNetwork` there, on the
same port numbers; nothing has to know of it.  It runs on a thread of its own, so that a busy test does not add delay.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

UDP_QUEUE_MAX = 2_000  # datagrams that wait for their delay; more are dropped, as a router would
UPLINK_QUEUE_S = 0.3  # of a narrow uplink; what comes while it is full is dropped
CLIENTS_MAX = 256
READ_BYTES = 65_536

Address = tuple[str, int]
T = TypeVar("T")


@dataclass(frozen=True)
class Weather:
    """What happens to datagrams, both ways.  TCP feels the uplink and the cut: it stalls, as with lost segments."""

    loss: float = 0.0  # 0..1
    delay_ms: float = 0.0
    jitter_ms: float = 0.0  # added to the delay, uniformly; it reorders
    uplink_bps: float = 0.0  # of a client's datagrams, and of each stream, towards the server; 0: no limit
    cut: bool = False


class BadNetwork:
    """Passes `address`:port on to `target`:port for the given ports.  Setting `weather` works at once."""

    def __init__(
        self,
        tcp_port: int,
        udp_port: int,
        *,
        address: str = "127.0.0.2",
        target: str = "127.0.0.1",
        seed: int = 1,
    ) -> None:
        self.address = address
        self._target = target
        self._chance = random.Random(seed)
        self._weather = Weather()
        self._open = asyncio.Event()
        self._clients: dict[Address, _Back] = {}
        self._waiting = 0
        self.datagrams_passed = 0
        self.datagrams_dropped = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bad network", daemon=True)
        self._thread.start()
        self._server, self._front = self._do(self._listen(tcp_port, udp_port))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def weather(self) -> Weather:
        return self._weather

    @weather.setter
    def weather(self, weather: Weather) -> None:
        self._weather = weather
        self._loop.call_soon_threadsafe(self._open.clear if weather.cut else self._open.set)

    def close(self) -> None:
        self._do(self._shut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self, tcp_port: int, udp_port: int) -> tuple[asyncio.Server, asyncio.DatagramTransport]:
        self._open.set()
        server = await asyncio.start_server(self._pass_stream, self.address, tcp_port)
        front, _ = await self._loop.create_datagram_endpoint(
            lambda: _Receiver(self._from_client), local_addr=(self.address, udp_port)
        )
        self._udp_port = udp_port
        self._tcp_port = tcp_port
        return server, front

    async def _shut(self) -> None:
        self._server.close()
        self._front.close()
        for back in self._clients.values():
            back.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # aborted transports close their sockets in the loop's next round

    def _from_client(self, data: bytes, client: Address) -> None:
        back = self._clients.get(client)
        if back is not None:
            waits_s = back.queue(len(data), self._weather.uplink_bps)
            if waits_s > UPLINK_QUEUE_S:
                self.datagrams_dropped += 1
            else:
                self._pass(lambda: back.sendto(data), waits_s)
        elif len(self._clients) < CLIENTS_MAX:
            self._clients[client] = self._connect_back(client)
            self._from_client(data, client)

    def _connect_back(self, client: Address) -> _Back:
        """A socket of the client's own towards the server, so that the server tells the clients apart."""
        back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        back.setblocking(False)
        back.connect((self._target, self._udp_port))
        return _Back(self._loop, back, lambda data: self._pass(lambda: self._front.sendto(data, client)))

    def _pass(self, send: Callable[[], None], waits_s: float = 0.0) -> None:
        weather = self._weather
        if weather.cut or self._chance.random() < weather.loss or self._waiting >= UDP_QUEUE_MAX:
            self.datagrams_dropped += 1
            return
        self.datagrams_passed += 1
        delay_ms = 1_000 * waits_s + weather.delay_ms + weather.jitter_ms * self._chance.random()
        if delay_ms <= 0:
            send()
            return
        self._waiting += 1
        self._loop.call_later(delay_ms / 1000, self._send_late, send)

    def _send_late(self, send: Callable[[], None]) -> None:
        self._waiting -= 1
        if not self._front.is_closing():
            send()

    async def _pass_stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._open.wait()
        try:
            onward_reader, onward_writer = await asyncio.open_connection(self._target, self._tcp_port)
        except OSError:
            writer.transport.abort()
            return
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, onward_writer, is_up=True))
                both.create_task(self._pump(onward_reader, writer, is_up=False))
        except* OSError:
            pass  # one side went away: so does the other
        finally:
            writer.transport.abort()
            onward_writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_up: bool) -> None:
        while data := await reader.read(READ_BYTES):
            await self._open.wait()
            if is_up and (limit := self._weather.uplink_bps):
                await asyncio.sleep(len(data) * 8 / limit)  # that is how long it takes on such a line
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


class _Receiver(asyncio.DatagramProtocol):
    def __init__(self, receive: Callable[[bytes, Address], None]) -> None:
        self._receive = receive

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._receive(data, addr)


class _Back:
    """A connected UDP socket that reads by the loop; errors of a server that is away are what a network does too."""

    def __init__(self, loop: asyncio.AbstractEventLoop, back: socket.socket, receive: Callable[[bytes], None]) -> None:
        self._loop = loop
        self._socket = back
        self._receive = receive
        self._free_at_s = 0.0
        loop.add_reader(back, self._read)

    def queue(self, size: int, limit_bps: float) -> float:
        """How long a datagram of `size` bytes takes from now to the end of a line of `limit_bps`, seconds."""
        if limit_bps <= 0:
            return 0.0
        now_s = self._loop.time()
        through_s = max(now_s, self._free_at_s) + size * 8 / limit_bps
        if through_s - now_s <= UPLINK_QUEUE_S:
            self._free_at_s = through_s
        return through_s - now_s

    def sendto(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            self._socket.send(data)

    def close(self) -> None:
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._receive(self._socket.recv(READ_BYTES))
