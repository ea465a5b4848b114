"""CPU per forwarded packet of several servers under the same load, in turn, several rounds; medians are quoted."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from .cpu import cpu_ns
from .load import Load, Publisher, Receiver, Shape, Totals
from .peer import Certificate


class Target(Protocol):
    name: str

    @property
    def pid(self) -> int: ...

    def connect(self, certificate: Certificate, receivers: int) -> tuple[Publisher, list[Receiver]]: ...

    def close(self) -> None: ...


@dataclass
class Row:
    name: str
    us_per_packet: list[float] = field(default_factory=list)
    received: int = 0
    expected: int = 0
    gaps: int = 0
    checked: int = 0
    bad: int = 0

    @property
    def median_us(self) -> float:
        return statistics.median(self.us_per_packet)


def measure(target: Target, folder: Path, shape: Shape, receivers: int, window_s: float, row: Row) -> None:
    """One round: connect, wait until every receiver has media, then count over the window."""
    certificate = Certificate()
    publisher, joined = target.connect(certificate, receivers)
    load = Load(folder, publisher, joined, shape)
    try:
        before = wait_for_media(load, receivers)
        cpu_before = cpu_ns(target.pid)
        end = time.monotonic() + window_s
        while (left := end - time.monotonic()) > 0:
            time.sleep(left)
        cpu_after = cpu_ns(target.pid)
        after = load.mark()
    finally:
        load.stop()
        for peer in [publisher.peer, *(r.peer for r in joined)]:
            peer.close()
    packets = after.received - before.received
    row.us_per_packet.append((cpu_after - cpu_before) / 1e3 / max(packets, 1))
    row.received += packets
    row.expected += (after.sent - before.sent) * receivers
    row.gaps += after.gaps - before.gaps
    row.checked += after.checked - before.checked
    row.bad += after.bad - before.bad


def wait_for_media(load: Load, receivers: int, timeout_s: float = 15.0) -> Totals:
    end = time.monotonic() + timeout_s
    while True:
        totals = load.mark()
        if totals.active == receivers:
            time.sleep(1.0)  # the start (keyframe replay, first-use allocations) is not the steady state
            return load.mark()
        if time.monotonic() > end:
            raise TimeoutError(f"only {totals.active} of {receivers} receivers have media: {totals}")
        time.sleep(0.05)


def compare(
    makers: list[Callable[[], Target]], folder: Path, shape: Shape, receivers: int, window_s: float, rounds: int
) -> list[Row]:
    """Rounds of A B C A B C, so that a drift of the machine falls on all alike."""
    rows: dict[str, Row] = {}
    for number in range(rounds):
        for make in makers:
            target = make()
            try:
                row = rows.setdefault(target.name, Row(target.name))
                measure(target, folder, shape, receivers, window_s, row)
                print(f"  round {number + 1}/{rounds} {row.name}: {row.us_per_packet[-1]:.2f} us", flush=True)
            finally:
                target.close()
    return list(rows.values())
