"""An egress process as the server holds it: started, told what to do, heard, and ended in good order.

A process that ends by itself is the owner's business (recording.py starts another, which goes on in a new file).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from signaling.child import ChildProcess

from . import wire

STOP_WITHIN_S: Final = 20.0  # to write what is there; then it is killed


class EgressProcess:
    def __init__(self, child: ChildProcess, on_report: Callable[[wire.Report], None]) -> None:
        self._child = child
        self._on_report = on_report
        self.kill = child.kill
        self.kill_if_silent = child.kill_if_silent

    @classmethod
    async def start(cls, on_report: Callable[[wire.Report], None]) -> EgressProcess:
        """It waits for wire.Begin.  Raises OSError."""
        return cls(await ChildProcess.open("signaling.egress", wire.LINE_MAX_BYTES), on_report)

    @property
    def pid(self) -> int:
        return self._child.pid

    def tell(self, instruction: wire.Instruction) -> None:
        """Nothing happens when the process is gone."""
        self._child.write(wire.line_of(instruction))

    async def run(self) -> int:
        """Pass on its reports until it ends; its exit code."""
        return await self._child.hear(wire.decode_report, self._on_report)

    def stop(self) -> None:
        """Ask it to end; `run` returns then.  Idempotent."""
        self.tell(wire.Stop())
        self._child.stdin.close()
