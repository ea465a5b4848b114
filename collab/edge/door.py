"""The TCP port of the web server, where ICE-TCP may knock too.

The web server and the media plane may have the same port number, so that one hole in a firewall does for both: HTTP,
HTTPS and media over TCP (RFC 6544) are told apart by the first bytes of a connection, which are looked at and not
taken.  What is media is handed over with nothing read.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Final

import structlog
from aiohttp import web

from collab.addresses import EVERY_ADDRESS, EVERY_IPV4_ADDRESS
from rooms.tasks import TaskOwner
from signaling.sfu.ports import OPENING_BYTES, begins_ice_tcp

BACKLOG: Final = 1_024
ACCEPTS_MAX: Final = 256  # in one turn of the loop
FIRST_BYTES_WITHIN_S: Final = 10.0
FREE_PORTS_TRIED: Final = 16  # one that is free for IPv4 may be taken for IPv6
UNDECIDED_MAX: Final = 4_096  # connections without their first bytes; the oldest gives way
NO_DESCRIPTORS_WAIT_S: Final = 1.0
NO_DESCRIPTORS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

log = structlog.get_logger("door")


def listening_sockets(host: str, port: int) -> list[socket.socket]:
    """ "::" means every address of both families, by one socket each, so that IPv4 peers keep IPv4 addresses."""
    for _ in range(FREE_PORTS_TRIED if port == 0 else 1):
        try:
            return _listen([EVERY_IPV4_ADDRESS, host] if host == EVERY_ADDRESS else [host], port)
        except OSError as error:
            if port != 0 or error.errno != errno.EADDRINUSE:
                raise
    raise OSError(errno.EADDRINUSE, "no port is free in both families")


def _listen(hosts: Sequence[str], port: int) -> list[socket.socket]:
    made: list[socket.socket] = []
    try:
        for one in hosts:
            family = socket.AF_INET6 if ":" in one else socket.AF_INET
            listening = socket.socket(family, socket.SOCK_STREAM)
            made.append(listening)
            listening.setblocking(False)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family is socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listening.bind((one, port))
            port = listening.getsockname()[1]
            listening.listen(BACKLOG)
    except OSError:
        for listening in made:
            listening.close()
        raise
    return made


class Door:
    """Accepts connections for `server`, and for `adopt` (which owns the descriptor then) when that is given."""

    def __init__(
        self,
        server: web.Server,
        tls: ssl.SSLContext | None,
        adopt: Callable[[int], None] | None,
        *,
        first_bytes_within_s: float = FIRST_BYTES_WITHIN_S,
        undecided_max: int = UNDECIDED_MAX,
    ) -> None:
        self._server = server
        self._tls = tls
        self._adopt = adopt
        self._first_bytes_within_s = first_bytes_within_s
        self._undecided_max = undecided_max
        self._loop = asyncio.get_running_loop()
        self._tasks = TaskOwner()
        self._listening: list[socket.socket] = []
        self._undecided: dict[socket.socket, asyncio.Future[None]] = {}  # oldest first

    def open(self, host: str, port: int) -> int:
        """Listen.  Returns the port number; OSError when it is not to be had."""
        self._listening = listening_sockets(host, port)
        for listening in self._listening:
            self._loop.add_reader(listening, self._accept, listening)
        return int(self._listening[0].getsockname()[1])

    async def close(self) -> None:
        """Accept no more.  Connections that the server has go on."""
        for listening in self._listening:
            self._loop.remove_reader(listening)
            listening.close()
        self._listening.clear()
        await self._tasks.close()

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(ACCEPTS_MAX):
            try:
                connection, _address = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in NO_DESCRIPTORS:
                    raise
                log.error("no descriptors are left for connections", reason=error.strerror)
                self._loop.remove_reader(listening)
                self._loop.call_later(NO_DESCRIPTORS_WAIT_S, self._accept_again, listening)
                return
            connection.setblocking(False)
            self._tasks.start(self._receive(connection), "a connection at the door")

    def _accept_again(self, listening: socket.socket) -> None:
        if listening in self._listening:
            self._loop.add_reader(listening, self._accept, listening)

    async def _receive(self, connection: socket.socket) -> None:
        """Owned by the door until the web server or the media plane has it."""
        try:
            if self._adopt is not None and await self._is_media(connection):
                self._adopt(connection.detach())
                return
            await self._loop.connect_accepted_socket(self._server, connection, ssl=self._tls)
        except (OSError, TimeoutError) as error:
            log.debug("a connection ended at the door", reason=str(error))
            connection.close()
        except asyncio.CancelledError:
            connection.close()
            raise

    async def _is_media(self, connection: socket.socket) -> bool:
        """Raises TimeoutError when nothing comes, or when too many others wait too."""
        # Readable only when this many bytes are there, or the other side has closed.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, OPENING_BYTES)
        if len(self._undecided) >= self._undecided_max:
            next(iter(self._undecided.values())).cancel()
        readable = self._undecided[connection] = self._loop.create_future()
        self._loop.add_reader(connection, _resolve, readable)
        try:
            async with asyncio.timeout(self._first_bytes_within_s):
                await readable
        finally:
            self._loop.remove_reader(connection)
            del self._undecided[connection]
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        return begins_ice_tcp(connection.recv(OPENING_BYTES, socket.MSG_PEEK))


def _resolve(readable: asyncio.Future[None]) -> None:
    if not readable.done():
        readable.set_result(None)
