"""An egress process as the server holds it: started, told what to do, heard, and ended in good order.

A process that ends by itself is the owner's business (recording.py starts another, which goes on in a new file).
"""

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

STOP_WITHIN_S: Final = 20.0  # to write what is there; then it is killed
UNREAD_MAX_BYTES: Final = 1_000_000  # instructions that it has not read: it is stuck


class EgressProcess:
    def __init__(self, process: asyncio.subprocess.Process, on_report: Callable[[wire.Report], None]) -> None:
        self._process = process
        self._on_report = on_report

    @classmethod
    async def start(cls, on_report: Callable[[wire.Report], None]) -> EgressProcess:
        """It waits for wire.Begin.  Raises OSError.  Its log goes where ours goes."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "signaling.egress",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=wire.LINE_MAX_BYTES,
            start_new_session=True,  # Ctrl-C at a terminal is for the server, which ends us in order
        )
        return cls(process, on_report)

    @property
    def pid(self) -> int:
        return self._process.pid

    def tell(self, instruction: wire.Instruction) -> None:
        """Nothing happens when the process is gone."""
        stdin = self._process.stdin
        if stdin is None or stdin.is_closing():
            return
        if stdin.transport.get_write_buffer_size() > UNREAD_MAX_BYTES:
            log.error("an egress process does not listen", pid=self.pid)
            self._process.kill()
            return
        with contextlib.suppress(ConnectionError):
            stdin.write(wire.line_of(instruction))

    async def run(self) -> int:
        """Pass on its reports until it ends; its exit code."""
        stdout = self._process.stdout
        if stdout is None:
            raise RuntimeError("started without a pipe")
        try:
            while line := await stdout.readline():
                try:
                    self._on_report(wire.decode_report(line))
                except msgspec.MsgspecError:
                    log.warning("an egress process said what is no report", pid=self.pid)
            return await self._process.wait()
        finally:
            if self._process.returncode is None:
                self._process.kill()
                await self._process.wait()

    def stop(self) -> None:
        """Ask it to end; `run` returns then.  Idempotent."""
        self.tell(wire.Stop())
        if self._process.stdin is not None:
            self._process.stdin.close()

    def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
