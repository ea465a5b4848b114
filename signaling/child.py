"""A module of ours as a process of its own, told and heard line by line: as the server holds it, and from within."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable, Sequence
from typing import Final, Self, TypeVar

import msgspec
import structlog

UNREAD_MAX_BYTES: Final = 1_000_000  # lines that it has not read: it is stuck

Report = TypeVar("Report")

log = structlog.get_logger(__name__)


class ChildProcess:
    """Its log goes where ours goes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._heard_s: float | None = None  # None: it is not listened to yet

    @classmethod
    async def open(cls, module: str, line_max_bytes: int, descriptors: Sequence[int] = ()) -> Self:
        """`descriptors`: which it inherits.  Raises OSError."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=line_max_bytes,
            start_new_session=True,  # Ctrl-C at a terminal is for the server, which ends us in order
            pass_fds=descriptors,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def stdin(self) -> asyncio.StreamWriter:
        if self._process.stdin is None:
            raise RuntimeError("started without a pipe")
        return self._process.stdin

    def write(self, line: bytes) -> None:
        """Nothing happens when the process is gone; one that does not listen is killed."""
        if self.stdin.is_closing():
            return
        if self.stdin.transport.get_write_buffer_size() > UNREAD_MAX_BYTES:
            log.error("a process does not listen", pid=self.pid)
            self.kill()
            return
        with contextlib.suppress(ConnectionError):
            self.stdin.write(line)

    async def hear(self, decode: Callable[[bytes], Report], on_report: Callable[[Report], None]) -> int:
        """Pass on what it says until it ends; its exit code.  Cancelled: the process is ended."""
        if self._process.stdout is None:
            raise RuntimeError("started without a pipe")
        clock_s = asyncio.get_running_loop().time
        self._heard_s = clock_s()
        try:
            while line := await self._process.stdout.readline():
                self._heard_s = clock_s()
                try:
                    on_report(decode(line))
                except msgspec.MsgspecError:
                    log.warning("a process said what is no report", pid=self.pid)
            return await self._process.wait()
        finally:
            self.kill()
            await self._process.wait()

    def kill_if_silent(self, max_s: float) -> bool:
        """Whether it has said nothing for so long, while it was listened to: it is stuck."""
        if self._heard_s is None or asyncio.get_running_loop().time() - self._heard_s <= max_s:
            return False
        log.error("a process says nothing any more", pid=self.pid)
        self.kill()
        return True

    def kill(self) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()


# ---------------------------------------------------------------- from within


def log_beside_the_server() -> None:
    """What is logged goes to stderr, which is the server's: stdout is for reports."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )


async def instructions(line_max_bytes: int) -> asyncio.StreamReader:
    """What the server says, by stdin."""
    reader = asyncio.StreamReader(limit=line_max_bytes)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader
