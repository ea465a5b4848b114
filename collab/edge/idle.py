"""Closes connections that send no request: aiohttp waits for one for ever, and open sockets are not without end.

A connection may be quiet for QUIET_MAX_S before its first request and between two; while one is being answered (a
WebSocket, too) it is left alone.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from aiohttp import web

QUIET_MAX_S = 60.0
LOOK_EVERY_S = 10.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class QuietConnections:
    def __init__(self, quiet_max_s: float = QUIET_MAX_S, look_every_s: float = LOOK_EVERY_S) -> None:
        self._quiet_max_s = quiet_max_s
        self._look_every_s = look_every_s
        self._answering: Counter[object] = Counter()
        self._heard_at_s: dict[object, float] = {}  # forgets at every look the connections that are gone

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        connection = request.protocol
        self._answering[connection] += 1
        try:
            return await handler(request)
        finally:
            self._heard_at_s[connection] = time.monotonic()
            self._answering[connection] -= 1
            if not self._answering[connection]:
                del self._answering[connection]

    async def run(self, server: web.Server) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self._look_every_s)
            self.look(server, time.monotonic())

    def look(self, server: web.Server, now_s: float) -> int:
        """How many were closed."""
        closed = 0
        self._heard_at_s = {one: self._heard_at_s.get(one, now_s) for one in server.connections}
        for connection in server.connections:
            heard_at_s = self._heard_at_s[connection]
            if connection in self._answering or now_s - heard_at_s < self._quiet_max_s:
                continue
            if connection.transport is not None:
                connection.transport.close()
                closed += 1
        return closed


def allow_many_sockets() -> None:
    """As many as the operator lets us have; the usual soft limit of 1,024 is for programs of another kind."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
