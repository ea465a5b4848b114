"""How much of the processors other work takes, looked at while nothing of the bench runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

TOO_BUSY = 0.25  # from here on what stalls a picture may be the machine
LOOK_S = 1.0
IDLE, WAITS = 3, 4  # fields of the first line of /proc/stat (proc(5))


async def busy() -> float:
    """The share of all processors, 0..1, over a second."""
    before = _read()
    await asyncio.sleep(LOOK_S)  # what is used in this time is what is measured
    return share(before, _read())


def share(before: list[int], after: list[int]) -> float:
    used = [now - then for then, now in zip(before, after, strict=True)]
    return 1 - (used[IDLE] + used[WAITS]) / max(sum(used), 1)


def _read() -> list[int]:
    line = Path("/proc/stat").read_text().partition("\n")[0]
    return [int(field) for field in line.split()[1:9]]  # guests are counted in user time already
