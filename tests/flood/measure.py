"""A running call with and without a flood of unauthenticated packets at the port that carries it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench import namespace
from tests.bench.cpu import cpu_ns
from tests.bench.forwarding import wait_for_media
from tests.bench.load import Crowd, Load, Shape, Totals, compile_native
from tests.bench.peer import Certificate
from tests.bench.tongxin import Tongxin

SOURCE = Path(__file__).with_name("flood.c")
ALL_KINDS = "jbsdrc"
SENDERS = 2  # threads: one sender of a loaded machine pays for the delivery of 140,000 packets a second, not of more
SOURCES = "10.50.0.0/16"  # as in flood.c


@dataclass(frozen=True)
class Call:
    """What the receivers of a call had in one window; delays from the publisher's socket to theirs."""

    expected: int
    received: int
    lost: int
    bad: int
    delay_p50_us: float
    delay_p99_us: float
    delay_max_us: float
    server_cpu_share: float
    join_ms: float  # of one more viewer, from its offer to its keys

    @property
    def loss(self) -> float:
        return self.lost / max(1, self.received + self.lost)


@dataclass(frozen=True)
class Flooded:
    calm: Call
    flooded: Call
    reached_per_second: float


@contextlib.contextmanager
def many_addresses() -> Iterator[str]:
    """A network namespace whose other addresses all exist.  PermissionError without root."""
    with namespace.enter() as address:
        subprocess.run(["ip", "route", "add", "local", SOURCES, "dev", "lo"], check=True)
        yield address


def compile_flood(folder: Path) -> Path:
    program = folder / "flood"
    subprocess.run(
        ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", str(program), str(SOURCE)], check=True
    )
    return program


def measure(folder: Path, *, per_second: float, window_s: float, receivers: int, kinds: str = ALL_KINDS) -> Flooded:
    """To be called as root; nothing outside of a namespace of its own is touched."""
    compile_native(folder)
    flood = compile_flood(folder)
    certificate = Certificate()
    with many_addresses() as address:
        server = Tongxin(folder / "server", address)
        try:
            publishers, joined = server.connect(certificate, Crowd(receivers=receivers))
            load = Load(folder, publishers, joined, Shape(burst=4, interval_us=20_000))
            try:
                wait_for_media(load, receivers)
                calm = _call(server, load, receivers, window_s, certificate)
                port = str(publishers[0].peer.remote[1])
                attack = subprocess.Popen(
                    [str(flood), address, port, str(per_second), str(window_s + 2.0), kinds, str(SENDERS)],
                    stdout=subprocess.PIPE,
                    text=True,
                )
                time.sleep(1.0)  # it has filled every bucket that it can fill
                flooded = _call(server, load, receivers, window_s, certificate)
                said, _ = attack.communicate(timeout=window_s + 30)
            finally:
                load.stop()
                for peer in [*(one.peer for one in publishers), *(one.peer for one in joined)]:
                    peer.close()
        finally:
            server.close()
    return Flooded(calm, flooded, float(json.loads(said)["per_second"]))


def _call(server: Tongxin, load: Load, receivers: int, window_s: float, certificate: Certificate) -> Call:
    before, cpu_before, began = load.mark(), cpu_ns(server.pid), time.monotonic()
    join_ms = _join(server, certificate)
    time.sleep(max(0.0, began + window_s - time.monotonic()))
    after, cpu_after, took = load.mark(), cpu_ns(server.pid), time.monotonic() - began
    return _compare(before, after, receivers, (cpu_after - cpu_before) / 1e9 / took, join_ms)


def _join(server: Tongxin, certificate: Certificate) -> float:
    began = time.monotonic()
    server.subscribe(certificate).peer.close()
    return (time.monotonic() - began) * 1e3


def _compare(before: Totals, after: Totals, receivers: int, cpu_share: float, join_ms: float) -> Call:
    return Call(
        expected=(after.sent - before.sent) * receivers,
        received=after.received - before.received,
        lost=after.gaps - before.gaps,
        bad=after.bad - before.bad,
        delay_p50_us=after.delay_us(0.5, before),
        delay_p99_us=after.delay_us(0.99, before),
        delay_max_us=after.delay_us(1.0, before),
        server_cpu_share=cpu_share,
        join_ms=join_ms,
    )


def is_possible() -> bool:
    return os.geteuid() == 0
