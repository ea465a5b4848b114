"""How much of the processors others take meanwhile: what is measured on a machine at work elsewhere says little."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

TOO_BUSY = 0.5  # from here on what is late may be the machine
IDLE, WAITS = 3, 4  # fields of the first line of /proc/stat (proc(5))
PARENT, TIMES = 1, slice(11, 15)  # fields after the name in /proc/PID/stat: parent; own and reaped children's times


@dataclass(frozen=True)
class Ticks:
    """Clock ticks since the start of the machine, over all processors."""

    passed: int
    used: int
    ours: int


async def look() -> Ticks:
    return await asyncio.to_thread(_read)


def others(before: Ticks, after: Ticks) -> float:
    """The share of all processors, 0..1, that was neither idle nor used by this process and those it started."""
    used = after.used - before.used - (after.ours - before.ours)
    return max(0.0, used / max(1, after.passed - before.passed))


def _read() -> Ticks:
    line = Path("/proc/stat").read_text().partition("\n")[0]
    times = [int(field) for field in line.split()[1:9]]  # guests are counted in user time already
    return Ticks(sum(times), sum(times) - times[IDLE] - times[WAITS], _of_family(os.getpid()))


def _of_family(root: int) -> int:
    parents: dict[int, int] = {}
    spent: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(") ")[2].split()
        except OSError:  # it has gone meanwhile
            continue
        pid = int(folder.name)
        parents[pid], spent[pid] = int(fields[PARENT]), sum(int(field) for field in fields[TIMES])

    def is_ours(pid: int) -> bool:
        while pid not in (root, 0):
            pid = parents.get(pid, 0)
        return pid == root

    return sum(ticks for pid, ticks in spent.items() if is_ours(pid))
