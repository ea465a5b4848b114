"""An ingest process as the server holds it: started, told what to read, heard, and ended."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from . import wire

log = structlog.get_logger(__name__)

STOP_WITHIN_S: Final = 2.0


class IngestProcess:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, url: str, descriptor: int | None = None) -> IngestProcess:
        """`descriptor`: a pipe that it inherits, where `url` names one.  Raises OSError."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "signaling.ingest",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=wire.LINE_MAX_BYTES,
            start_new_session=True,  # Ctrl-C at a terminal is for the server, which ends us in order
            pass_fds=() if descriptor is None else (descriptor,),
        )
        started = cls(process)
        started.tell(wire.Begin(url))
        return started

    @property
    def pid(self) -> int:
        return self._process.pid

    def tell(self, instruction: wire.Instruction) -> None:
        """Nothing happens when the process is gone."""
        stdin = self._process.stdin
        if stdin is not None and not stdin.is_closing():
            with contextlib.suppress(ConnectionError):
                stdin.write(wire.line_of(instruction))

    async def run(self, on_report: Callable[[wire.Report], None]) -> int:
        """Pass on its reports until it ends; its exit code.  Cancelled: the process is ended."""
        stdout = self._process.stdout
        if stdout is None:
            raise RuntimeError("started without a pipe")
        try:
            while line := await stdout.readline():
                try:
                    on_report(wire.decode_report(line))
                except msgspec.MsgspecError:
                    log.warning("an ingest process said what is no report", pid=self.pid)
            return await self._process.wait()
        finally:
            if self._process.returncode is None:
                self._process.kill()
                await self._process.wait()
