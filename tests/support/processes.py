"""Start a program, wait until it is ready by a condition, stop exactly it."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")

STOP_TIMEOUT_S = 15.0
POLL_INTERVAL_S = 0.02
TAIL_CHARS = 4_000


class ProgramFailed(Exception):
    """The program ended or was not ready in time; the text holds the end of what it said."""


class Program:
    """One child process whose output goes to a file; it dies with the tests even when these are killed."""

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        user: str | None = None,
    ) -> None:
        self.name = Path(command[0]).name
        self.log = log
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            raise RuntimeError("setpriv is missing; it comes with Debian's util-linux")
        with log.open("ab") as output:
            self._log_start = output.tell()
            self._process = subprocess.Popen(
                [setpriv, "--pdeathsig", "KILL", *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment) if environment is not None else None,
                cwd=folder,
                user=user,
                group=user,
                extra_groups=[] if user is not None else None,
            )
        self._death = os.pidfd_open(self._process.pid)  # readable once the program has ended

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def output(self) -> str:
        """All it has written so far, both streams; not what an earlier program wrote to the same file."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def wait_ready(self, condition: Callable[[], T | None], timeout_s: float = 30.0) -> T:
        """Wait for a condition while the program runs.  Raises ProgramFailed with the end of its output."""

        deadline = time.monotonic() + timeout_s
        while not (value := condition()):
            if not self.running:
                raise ProgramFailed(f"{self.name} ended with {self._process.returncode}: {self._tail()}")
            if time.monotonic() > deadline:
                raise ProgramFailed(f"{self.name} was not ready within {timeout_s} s: {self._tail()}")
            select.select([self._death], [], [], POLL_INTERVAL_S)
        return value

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self, timeout_s: float) -> int:
        """The exit code; raises subprocess.TimeoutExpired."""
        return self._process.wait(timeout_s)

    def stop(self, number: signal.Signals = signal.SIGTERM, timeout_s: float = STOP_TIMEOUT_S) -> int:
        """Ask it to end, kill it after the timeout, and return its exit code (negative: the signal).  Idempotent."""
        if self.running:
            self._process.send_signal(number)
            try:
                self._process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self._process.kill()
        code = self._process.wait()
        if self._death >= 0:
            os.close(self._death)
            self._death = -1
        return code

    def _tail(self) -> str:
        return self.output()[-TAIL_CHARS:]
