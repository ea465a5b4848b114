"""How much one core can forward: the rate is raised until packets are lost, with the server held on one processor."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import cpu
from .forwarding import CANNOT, Maker, Target, refresh, running
from .load import VIDEO, Crowd, Load
from .peer import Peer, Profile

RECEIVERS = 200  # one peer may send the server 10,000 packets a second: the rest is made of receivers
LOSS_MAX = 0.001
BEHIND_MAX = 0.01  # of what was sent, still in queues at the end of a step: a queue that grows is loss put off
WINDOW_S = 1.2
FIRST_PER_SECOND = 30_000.0
GROWTH = 1.12
CHANCES = 2  # a neighbour may have taken the processor
SERVER_CPU, CLIENT_CPU = 0, 1


@dataclass(frozen=True)
class Step:
    forwarded_per_second: float
    lost_share: float
    behind_share: float
    busy_share: float  # of one processor

    @property
    def holds(self) -> bool:
        return self.lost_share < LOSS_MAX and self.behind_share < BEHIND_MAX


@dataclass(frozen=True)
class Saturation:
    name: str
    profile: Profile
    best: Step | None  # None: it could not be measured


def _step(load: Load, target: Target, crowd: Crowd, peers: Sequence[Peer], per_second: float) -> Step:
    """`per_second` packets out; the interval is what makes them, at 10 packets a burst."""
    refresh(peers)
    load.pace(max(100, round(VIDEO.burst * crowd.receivers * 1e6 / per_second)))
    time.sleep(0.3)
    before, cpu_before, began = load.mark(), cpu.cpu_ns(target.pid), time.monotonic()
    time.sleep(WINDOW_S)
    after, cpu_after, took_s = load.mark(), cpu.cpu_ns(target.pid), time.monotonic() - began
    expected = (after.sent - before.sent) * crowd.receivers
    received, gaps = after.received - before.received, after.gaps - before.gaps
    return Step(
        received / took_s,
        gaps / max(received + gaps, 1),
        max(0.0, 1 - (received + gaps) / max(expected, 1)),
        (cpu_after - cpu_before) / 1e9 / took_s,
    )


def search(step: Callable[[float], Step]) -> Step | None:
    """The best rate that holds: from half of what the first step promises upwards.  `step` tries one rate, packets a
    second; None when even the first does not hold."""
    first = best = step(FIRST_PER_SECOND)
    if not first.holds:
        return None
    rate = max(FIRST_PER_SECOND * GROWTH, first.forwarded_per_second / max(first.busy_share, 0.01) / 2)
    failed = 0
    while failed < CHANCES:
        found = step(rate)
        if found.holds and found.forwarded_per_second <= best.forwarded_per_second:
            break  # the client cannot send more
        if found.holds:
            best, failed = found, 0
            rate *= GROWTH
        else:
            failed += 1
    return best


def measure(make: Maker, folder: Path, profile: Profile) -> Saturation:
    crowd = Crowd(1, RECEIVERS, profile)
    best: Step | None = None
    with make() as target:
        try:
            with running(target, folder, VIDEO, crowd) as (load, peers):
                cpu.pin(target.pid, SERVER_CPU)
                cpu.pin(load.pid, CLIENT_CPU)
                best = search(lambda rate: _step(load, target, crowd, peers, rate))
        except CANNOT as failed:
            print(f"  {target.name} cannot take it: {failed}", flush=True)
    if best is not None:
        print(f"  {target.name}, {profile.name}: {best.forwarded_per_second:,.0f} a second", flush=True)
    return Saturation(target.name, profile, best)
