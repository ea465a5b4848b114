"""What both connections of a synthetic participant have in common: a line that moves to other addresses and ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from tests.bench.peer import Certificate

from .line import Line, LineDied


class Moving:
    """`source` is the address of its own that it sends from."""

    def __init__(self, certificate: Certificate, address: str, source: str) -> None:
        self.source = source
        self.line: Line | None = None
        self._certificate = certificate
        self._address = address  # of the server's media
        self._loop = asyncio.get_running_loop()
        self._working: asyncio.Task[None] | None = None

    @property
    def secure(self) -> bool:
        return self.line is not None and self.line.secure

    async def move(self, source: str) -> None:
        """To another address, without a word by signalling.  Raises LineDied."""
        self.source = source
        line = self._line_or_dead()
        if line.remote is None:
            raise LineDied("there is no way to move")
        await line.follow(line.remote, source)

    async def close(self) -> None:
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)
            self._working = None
        if self.line is not None:
            await self.line.close()
            self.line = None

    # ------------------------------------------------------------ for who is derived

    def _open(self, receive: Callable[[bytes], None], receive_rtcp: Callable[[bytes], None]) -> Line:
        self.line = Line(self._certificate, self.source, receive, receive_rtcp)
        return self.line

    def _line_or_dead(self) -> Line:
        if self.line is None:
            raise LineDied("there is no line")
        return self.line

    def _work(self, work: Coroutine[None, None, None]) -> None:
        """While the line lives."""
        self._working = self._loop.create_task(work)
