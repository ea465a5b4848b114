"""Work that takes a core for seconds, in a process of its own: it holds up no meeting, and when it fails it ends alone.

bytes on its stdin -> python -m MODULE -> bytes on its stdout; exit code BAD_INPUT for input that cannot be read
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from typing import Final

import structlog

from collab.problems import Refusal
from rooms.core.codes import Code

BAD_INPUT: Final = 3
SAID_MAX_CHARS: Final = 2_000

log = structlog.get_logger("apart")


class Apart:
    """One piece of work at a time, at most `waiting_max` with those that wait, each for at most `max_s`."""

    def __init__(self, module: str, *, waiting_max: int, max_s: float, retry_after_ms: int) -> None:
        self._module = module
        self._waiting_max = waiting_max
        self._max_s = max_s
        self._retry_after_ms = retry_after_ms
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def run(self, given: bytes) -> bytes:
        """Raises BAD_FILE for input that cannot be read, UNAVAILABLE when too many wait, it takes too long or fails."""
        if self._waiting >= self._waiting_max:
            raise self._unavailable("too many wait")
        self._waiting += 1
        try:
            async with self._turn:
                return await self._run(given)
        finally:
            self._waiting -= 1

    async def _run(self, given: bytes) -> bytes:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", self._module, stdin=PIPE, stdout=PIPE, stderr=PIPE
        )
        try:
            async with asyncio.timeout(self._max_s):
                made, said = await process.communicate(given)
        except TimeoutError:
            raise self._unavailable("it took too long") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        cause = said.decode(errors="replace")[-SAID_MAX_CHARS:]
        if process.returncode == BAD_INPUT:
            raise Refusal(Code.BAD_FILE, cause)
        if process.returncode != 0:
            log.error("work_failed", module=self._module, exit_code=process.returncode, cause=cause)
            raise self._unavailable("the process failed")
        return made

    def _unavailable(self, cause: str) -> Refusal:
        return Refusal(Code.UNAVAILABLE, f"{self._module}: {cause}", retry_after_ms=self._retry_after_ms)
