"""The web server's TCP port: HTTP, HTTPS and media over TCP on one number."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from collab.addresses import EVERY_ADDRESS
from collab.certificates import self_signed_certificate
from collab.edge.door import Door, listening_sockets

LOOPBACK = "127.0.0.1"
CHECK = struct.pack("!HHHI", 28, 1, 8, 0x2112A442) + bytes(20)


class Taken:
    """Descriptors that were handed over."""

    def __init__(self) -> None:
        self.sockets: list[socket.socket] = []
        self.came = asyncio.Event()

    def adopt(self, fd: int) -> None:
        self.sockets.append(socket.socket(fileno=fd))
        self.came.set()

    def close(self) -> None:
        for one in self.sockets:
            one.close()


async def _hello(request: web.Request) -> web.Response:
    return web.Response(text=f"hello {request.remote} {request.scheme}")


@contextlib.asynccontextmanager
async def opened(
    tls: ssl.SSLContext | None = None,
    adopt: Callable[[int], None] | None = None,
    host: str = LOOPBACK,
    within_s: float = 10.0,
    undecided_max: int = 100,
) -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_get("/", _hello)
    runner = web.AppRunner(app)
    await runner.setup()
    assert runner.server is not None
    door = Door(runner.server, tls, adopt, first_bytes_within_s=within_s, undecided_max=undecided_max)
    try:
        yield door.open(host, 0)
    finally:
        await door.close()
        await runner.cleanup()


@pytest.fixture
async def taken() -> AsyncIterator[Taken]:
    made = Taken()
    yield made
    made.close()


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's context and a client's that trusts it."""
    certificate, key = self_signed_certificate(tmp_path)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate, key)
    client = ssl.create_default_context(cafile=str(certificate))
    client.check_hostname = False
    return server, client


async def test_http_and_media_share_a_port(taken: Taken) -> None:
    async with opened(adopt=taken.adopt) as port, ClientSession() as session:
        # given a web request and a connection that begins with a check
        async with session.get(f"http://{LOOPBACK}:{port}/") as answer:
            assert await answer.text() == f"hello {LOOPBACK} http"
        _, writer = await asyncio.open_connection(LOOPBACK, port)
        # when the check comes in two pieces
        writer.write(CHECK[:7])
        await writer.drain()
        writer.write(CHECK[7:])
        await taken.came.wait()
        # then nothing of it was read
        assert taken.sockets[0].recv(64, socket.MSG_DONTWAIT) == CHECK
        # and what comes later goes to who has it
        writer.write(b"more")
        taken.sockets[0].setblocking(True)
        assert await asyncio.to_thread(taken.sockets[0].recv, 64) == b"more"
        writer.close()


async def test_https_and_media_share_a_port(taken: Taken, tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    async with opened(tls[0], taken.adopt) as port, ClientSession() as session:
        async with session.get(f"https://{LOOPBACK}:{port}/", ssl=tls[1]) as answer:
            assert await answer.text() == f"hello {LOOPBACK} https"
        _, writer = await asyncio.open_connection(LOOPBACK, port)
        writer.write(CHECK)
        await taken.came.wait()
        assert taken.sockets[0].recv(64, socket.MSG_DONTWAIT) == CHECK
        writer.close()


async def test_without_media_every_connection_is_the_web_servers() -> None:
    async with opened() as port:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        writer.write(CHECK)
        assert (await reader.read(64)).startswith(b"HTTP/1.0 400") or reader.at_eof()
        writer.close()


async def test_every_address_means_both_families_with_their_own_names() -> None:
    async with opened(host=EVERY_ADDRESS) as port, ClientSession() as session:
        for host, name in ((LOOPBACK, LOOPBACK), ("[::1]", "::1")):
            async with session.get(f"http://{host}:{port}/") as answer:
                assert await answer.text() == f"hello {name} http"


async def test_who_says_nothing_or_goes_is_let_go(taken: Taken) -> None:
    async with opened(adopt=taken.adopt, within_s=0.2) as port:
        silent, silent_writer = await asyncio.open_connection(LOOPBACK, port)
        gone, gone_writer = await asyncio.open_connection(LOOPBACK, port)
        gone_writer.write(b"\x00")
        gone_writer.write_eof()
        for reader in (silent, gone):
            async with asyncio.timeout(30):
                await reader.read()
        silent_writer.close()
        gone_writer.close()
    assert taken.sockets == []


async def test_the_oldest_that_says_nothing_gives_way(taken: Taken) -> None:
    async with opened(adopt=taken.adopt, undecided_max=3) as port, ClientSession() as session:
        waiting = [await asyncio.open_connection(LOOPBACK, port) for _ in range(4)]
        async with asyncio.timeout(30):
            assert await waiting[0][0].read() == b""
        async with session.get(f"http://{LOOPBACK}:{port}/") as answer:
            assert answer.status == 200
        for _, writer in waiting:
            writer.close()


async def test_a_taken_port_is_an_error() -> None:
    async with opened() as port:
        with pytest.raises(OSError, match="in use"):
            listening_sockets(LOOPBACK, port)
