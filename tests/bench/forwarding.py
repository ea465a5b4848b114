"""CPU per forwarded packet of several servers under the same load, in turn, several rounds; medians are quoted."""

from __future__ import annotations

import contextlib
import math
import statistics
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from . import sdp, web
from .cases import Case
from .cpu import cpu_ns
from .load import THUMBNAILS, Crowd, Load, Publisher, Receiver, Shape
from .peer import Certificate, Peer


class Target(Protocol):
    name: str

    @property
    def pid(self) -> int: ...

    def connect(self, certificate: Certificate, crowd: Crowd) -> tuple[list[Publisher], list[Receiver]]: ...


# Gives a target for one measurement; what was started for it ends with the context.
Maker = Callable[[], contextlib.AbstractContextManager[Target]]

REFRESH_EVERY_S = 8.0

# What a server says or does that cannot take a case.
CANNOT = (TimeoutError, RuntimeError, KeyError, web.RefusedError)


@dataclass
class Row:
    """One server in one case; `failure` says why it could not take it."""

    name: str
    us_per_packet: list[float] = field(default_factory=list)
    received: int = 0
    expected: int = 0
    gaps: int = 0
    checked: int = 0
    bad: int = 0
    failure: str = ""

    @property
    def median_us(self) -> float:
        """NaN when it could not take the case."""
        return statistics.median(self.us_per_packet) if self.us_per_packet else math.nan

    @property
    def lost_share(self) -> float:
        return self.gaps / max(self.expected, 1)


def measure(target: Target, folder: Path, case: Case, row: Row) -> None:
    """One round: connect, wait until every receiver has every stream, then count over the window."""
    with running(target, folder, case.shape, case.crowd) as (load, _):
        before = load.mark()
        cpu_before = cpu_ns(target.pid)
        end = time.monotonic() + case.window_s
        while (left := end - time.monotonic()) > 0:
            time.sleep(left)
        cpu_after = cpu_ns(target.pid)
        after = load.mark()
    packets = after.received - before.received
    row.us_per_packet.append((cpu_after - cpu_before) / 1e3 / max(packets, 1))
    row.received += packets
    row.expected += (after.sent - before.sent) * case.crowd.receivers
    row.gaps += after.gaps - before.gaps
    row.checked += after.checked - before.checked
    row.bad += after.bad - before.bad


@contextlib.contextmanager
def running(
    target: Target, folder: Path, shape: Shape, crowd: Crowd, streams: int = 0
) -> Iterator[tuple[Load, list[Peer]]]:
    """The load on this target, once every receiver has every stream (or there are `streams`), and all peers."""
    certificate = Certificate(crowd.profile)
    try:
        with refreshing(certificate):
            publishers, receivers = target.connect(certificate, crowd)
        also = (sdp.PAYLOAD_TYPE, THUMBNAILS) if crowd.cameras else None
        load = Load(folder, publishers, receivers, shape, also)
        try:
            wait_for_media(load, streams or crowd.publishers * crowd.receivers)
            yield load, certificate.peers
        finally:
            load.stop()
    finally:
        for peer in certificate.peers:
            peer.close()


@contextlib.contextmanager
def refreshing(certificate: Certificate) -> Iterator[None]:
    """Keeps those who have connected alive until the last one has, and once more then."""
    done = threading.Event()

    def run() -> None:
        while not done.wait(REFRESH_EVERY_S):
            refresh(certificate.peers)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        refresh(certificate.peers)


def refresh(peers: Iterable[Peer]) -> None:
    for peer in list(peers):
        peer.refresh()


def wait_for_media(load: Load, streams: int, timeout_s: float = 15.0) -> None:
    end = time.monotonic() + timeout_s
    while True:
        totals = load.mark()
        if totals.streams == streams:
            time.sleep(1.0)  # the start (keyframe replay, first-use allocations) is not the steady state
            return
        if time.monotonic() > end:
            raise TimeoutError(f"only {totals.streams} of {streams} streams arrive: {totals}")
        time.sleep(0.05)


def compare(makers: list[Maker], folder: Path, case: Case) -> list[Row]:
    """Rounds of A B C A B C, so that a drift of the machine falls on all alike.  Who cannot take the case has a row
    that says so."""
    rows: dict[str, Row] = {}
    for number in range(case.rounds):
        for make in makers:
            with make() as target:
                row = rows.setdefault(target.name, Row(target.name))
                if row.failure:
                    continue
                try:
                    measure(target, folder, case, row)
                    print(f"  round {number + 1}/{case.rounds} {row.name}: {row.us_per_packet[-1]:.2f} us", flush=True)
                except CANNOT as failed:
                    row.failure = f"{type(failed).__name__}: {failed}"
                    print(f"  {row.name} cannot take it: {row.failure[:300]}", flush=True)
    return list(rows.values())
