"""Whatever a process has started, and what that has started, also when what stood between has ended (prctl(2))."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


def become_reaper() -> None:
    """From now on orphans below this process become its own children."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_descendants(grace_s: float) -> list[str]:
    """Kill whatever still descends from this process and say what it was.  What has ended is only buried."""
    left: dict[int, str] = {}
    deadline = time.monotonic() + grace_s
    while True:
        _bury_the_dead()
        alive = _descendants(os.getpid())
        if not alive:
            return list(left.values())
        if time.monotonic() > deadline:
            # Given its grace to end by itself; now it is a fault.
            for pid in alive:
                left.setdefault(pid, _command_line(pid))
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
        _wait_for_end(alive[0])


def _wait_for_end(pid: int) -> None:
    """Until the process has ended, but at most 0.1 s."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    select.select([handle], [], [], 0.1)
    os.close(handle)


def _bury_the_dead() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        return


def _descendants(ancestor: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it ended while we looked
            if status[0] != "Z":
                children.setdefault(int(status[1]), []).append(int(entry.name))
    found: list[int] = []
    pending = [ancestor]
    while pending:
        below = children.get(pending.pop(), [])
        found += below
        pending += below
    return found


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()[:200]
    except OSError:
        return f"process {pid}"
