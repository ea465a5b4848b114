"""On which worker a connection is put: a pure rule over how loaded the workers are, and what measures that.

A room's publishers sit on its home worker, and its subscribers too while home has time for them.  When home is loaded,
new subscribers go to the worker with the most time left; what they watch comes there through a pipe, once for all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from .pump import WorkerPump

SAMPLE_S: Final = 1.0
LOADED: Final = 0.5  # from here on home shares with others
GAIN_MIN: Final = 0.1  # a pipe is not worth less
TRANSPORTS_FULL: Final = 800  # taken for a whole worker's load: new connections have not shown yet what they cost


class WorkerLoad(Struct, frozen=True):
    busy: float  # share of the last second that the I/O thread worked, 0 to 1
    filled: float  # by the number of its connections; 1 is full

    @property
    def weight(self) -> float:
        return max(self.busy, self.filled)


def place(loads: Sequence[WorkerLoad], home: int) -> int:
    """The index of the worker for a new subscriber of a room at `home`."""
    best = min(range(len(loads)), key=lambda index: (loads[index].weight, index != home))
    here = loads[home].weight
    return best if here >= LOADED and here - loads[best].weight >= GAIN_MIN else home


class Placement:
    """The workers of a process and the pipes between them.  To be closed before the workers are."""

    def __init__(self, pumps: Sequence[WorkerPump], transports_full: int = TRANSPORTS_FULL) -> None:
        self._pumps = tuple(pumps)
        self._transports_full = transports_full
        self._pipes: dict[tuple[int, int], int] = {}
        self._loop = asyncio.get_running_loop()
        self._sampled_at = self._loop.time()
        self._busy_us = [0] * len(self._pumps)
        self._busy = [0.0] * len(self._pumps)
        self._timer = self._loop.call_later(SAMPLE_S, self._sample) if len(self._pumps) > 1 else None

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def home(self) -> WorkerPump:
        """For a new room."""
        loads = self._loads()
        return self._pumps[min(range(len(loads)), key=lambda index: loads[index].weight)]

    def subscriber(self, home: WorkerPump) -> WorkerPump:
        """For a new subscriber of a room at `home`."""
        return self._pumps[place(self._loads(), self._pumps.index(home))]

    def pipe(self, home: WorkerPump, away: WorkerPump) -> int:
        """The handle, at home, of the pipe to the other worker: one for all rooms, and it ends with the workers."""
        key = (self._pumps.index(home), self._pumps.index(away))
        if key not in self._pipes:
            self._pipes[key] = home.worker.connect(away.worker)
        return self._pipes[key]

    def _loads(self) -> list[WorkerLoad]:
        return [
            WorkerLoad(busy, pump.transports / self._transports_full)
            for busy, pump in zip(self._busy, self._pumps, strict=True)
        ]

    def _sample(self) -> None:
        now = self._loop.time()
        elapsed_us = max(1.0, (now - self._sampled_at) * 1e6)
        self._sampled_at = now
        for index, pump in enumerate(self._pumps):
            busy_us = pump.worker.stats().busy_us
            self._busy[index] = min(1.0, (busy_us - self._busy_us[index]) / elapsed_us)
            self._busy_us[index] = busy_us
        self._timer = self._loop.call_later(SAMPLE_S, self._sample)
