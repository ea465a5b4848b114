"""Joins: POST to the first media packet by WHEP at a steady rate, CPU per join, and memory per participant."""

from __future__ import annotations

import select
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .cpu import cpu_ns, rss_bytes
from .load import Load, Shape
from .peer import Certificate, Peer
from .tongxin import Tongxin

TRICKLE = Shape("a camera of 30 small frames a second", burst=1, size_bytes=300)


@dataclass(frozen=True)
class Joins:
    count: int
    p50_ms: float
    p95_ms: float
    cpu_ms_per_join: float
    kib_per_participant: float


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def first_packet(peer: Peer, timeout_s: float = 10.0) -> None:
    """Returns when an RTP packet (not RTCP: RFC 5761 4) is there; TimeoutError."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        ready, _, _ = select.select([peer.socket], [], [], 1.0)
        data = peer.socket.recv(2048) if ready else b"\0\0"
        if data[0] >> 6 == 2 and not 192 <= data[1] <= 223:
            return
    raise TimeoutError("no media packet")


def measure(server: Tongxin, folder: Path, count: int, per_second: int) -> Joins:
    """`count` viewers join a room with one publisher, `per_second` of them each second, and stay."""
    certificate = Certificate()
    publisher = server.publish(certificate)
    load = Load(folder, [publisher], [], TRICKLE)
    joined: list[Peer] = []

    def join(number: int) -> float:
        due = start + number / per_second
        time.sleep(max(0.0, due - time.monotonic()))
        began = time.monotonic()
        peer = server.subscribe(certificate).peer
        first_packet(peer)
        joined.append(peer)
        return (time.monotonic() - began) * 1e3

    try:
        # one viewer first: what is loaded once is not the price of a participant
        start = time.monotonic()
        join(0)
        memory, cpu = rss_bytes(server.pid), cpu_ns(server.pid)
        start = time.monotonic()
        with ThreadPoolExecutor(16) as pool:
            times = list(pool.map(join, range(count)))
        spent = cpu_ns(server.pid) - cpu
        grown = rss_bytes(server.pid) - memory
        # the same time with all of them inside and nobody joining, to take the forwarding out
        quiet_from, quiet_cpu = time.monotonic(), cpu_ns(server.pid)
        time.sleep(2.0)
        idle_share = (cpu_ns(server.pid) - quiet_cpu) / 1e9 / (time.monotonic() - quiet_from)
        forwarding_ns = idle_share * 1e9 * (count / per_second) / 2  # half of them on average
    finally:
        load.stop()
        publisher.peer.close()
        for peer in joined:
            peer.close()
    return Joins(
        count,
        statistics.median(times),
        percentile(times, 0.95),
        max(spent - forwarding_ns, 0) / 1e6 / count,
        grown / 1024 / count,
    )
