"""Work that takes a core for seconds, in a process of its own: it holds up no meeting, and when it fails it ends alone.

bytes on its stdin -> python -m MODULE -> bytes on its stdout; exit code BAD_INPUT for input that cannot be read

What is too large to be held is answered in frames: four bytes of length (network order), then as many bytes.
"""

from __future__ import annotations

import asyncio
import struct
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog

from collab.problems import Refusal
from rooms.core.codes import Code

BAD_INPUT: Final = 3
SAID_MAX_CHARS: Final = 2_000
SAID_MAX_BYTES: Final = 65_536
FRAME_MAX_BYTES: Final = 16_000_000
_LENGTH: Final = struct.Struct("!I")

log = structlog.get_logger("apart")


def framed(content: bytes) -> bytes:
    """What the process writes on its stdout, for `Apart.frames`."""
    return _LENGTH.pack(len(content)) + content


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
        async with self._process() as (process, until):
            async with self._in_time(until):
                made, said = await process.communicate(given)
            self._judge(process, said)
        return made

    async def frames(self, given: bytes) -> AsyncGenerator[bytes, None]:
        """As they come: the process waits while the caller works.  Raises as `run` does, after the last of them.

        Only waiting for the process is bounded by a timeout: one that spanned a `yield` would cancel the caller.
        """
        async with self._process() as (process, until):
            if process.stdin is None or process.stdout is None or process.stderr is None:
                raise self._unavailable("no pipes")
            process.stdin.write(given)
            process.stdin.close()
            while True:
                async with self._in_time(until):
                    frame = await self._frame(process.stdout)
                if frame is None:
                    break
                yield frame
            async with self._in_time(until):
                said = await process.stderr.read(SAID_MAX_BYTES)
                await process.wait()
            self._judge(process, said)

    async def _frame(self, stdout: asyncio.StreamReader) -> bytes | None:
        """None at the end, and where it breaks off: then the exit code says why."""
        try:
            (length,) = _LENGTH.unpack(await stdout.readexactly(_LENGTH.size))
            if length > FRAME_MAX_BYTES:
                raise self._unavailable("an endless frame")
            return await stdout.readexactly(length)
        except asyncio.IncompleteReadError:
            return None

    @asynccontextmanager
    async def _process(self) -> AsyncIterator[tuple[Process, float]]:
        """In its turn, with the loop's time until which it may take; killed if it still runs at the end."""
        if self._waiting >= self._waiting_max:
            raise self._unavailable("too many wait")
        self._waiting += 1
        try:
            async with self._turn:
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", self._module, stdin=PIPE, stdout=PIPE, stderr=PIPE
                )
                try:
                    yield process, asyncio.get_running_loop().time() + self._max_s
                finally:
                    if process.returncode is None:
                        process.kill()
                        await process.wait()
        finally:
            self._waiting -= 1

    @asynccontextmanager
    async def _in_time(self, until: float) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout_at(until):
                yield
        except TimeoutError:
            raise self._unavailable("it took too long") from None

    def _judge(self, process: Process, said: bytes) -> None:
        cause = said.decode(errors="replace")[-SAID_MAX_CHARS:]
        if process.returncode == BAD_INPUT:
            raise Refusal(Code.BAD_FILE, cause)
        if process.returncode != 0:
            log.error("work_failed", module=self._module, exit_code=process.returncode, cause=cause)
            raise self._unavailable("the process failed")

    def _unavailable(self, cause: str) -> Refusal:
        return Refusal(Code.UNAVAILABLE, f"{self._module}: {cause}", retry_after_ms=self._retry_after_ms)
