"""One room with hundreds of open microphones, on the media core alone: what it costs, and whether control calls wait.

`python -m tests.bench.large_room [--people 300] [--cameras 25] [--workers 1]`: everybody sends 50 packets of sound a
second, hears the five voices and sees the cameras as thumbnails, as on a page of five by five tiles.  Prints CPU,
memory, packets, the time of a control call meanwhile, and losses: all, and those that the kernel tells of at the
server's socket and at the receivers', where a load client that is not run in time loses what the server sent.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from . import cpu, namespace
from .forwarding import running
from .load import AUDIO, Crowd, compile_native
from .native_core import NativeCore
from .peer import Profile

VOICES = 5
CAMERAS = 25
WINDOW_S = 4.0
CALLS = 1_000


@dataclass(frozen=True)
class LargeRoom:
    people: int
    cameras: int
    workers: int
    received_per_second: float  # by the server
    forwarded_per_second: float
    us_per_packet: float  # of CPU, for each forwarded packet, receiving the others included
    cores: float  # processors in use
    memory_bytes: int
    lost_share: float
    dropped_before_server: int  # packets, by the kernel
    dropped_before_client: int
    call_median_us: int
    call_p99_us: int

    def __str__(self) -> str:
        return (
            f"{self.people} people and {self.cameras} cameras on {self.workers} worker(s): "
            f"{self.received_per_second:,.0f} packets/s in, {self.forwarded_per_second:,.0f} out, "
            f"{self.us_per_packet:.2f} us a packet, {self.cores:.2f} cores, {self.memory_bytes / 1e6:.0f} MB, "
            f"{self.lost_share:.3%} lost (dropped by the kernel before the server {self.dropped_before_server}, before "
            f"the client {self.dropped_before_client}), control calls {self.call_median_us} us (median), "
            f"{self.call_p99_us} us (p99)"
        )


def dropped(port: int) -> tuple[int, int]:
    """Datagrams that found a full socket since it was opened: at this port, and at all others of the namespace."""
    at_port = elsewhere = 0
    for line in Path("/proc/net/udp").read_text().splitlines()[1:]:
        words = line.split()
        if int(words[1].rpartition(":")[2], 16) == port:
            at_port += int(words[-1])
        else:
            elsewhere += int(words[-1])
    return at_port, elsewhere


def measure(
    folder: Path, address: str, people: int, workers: int = 1, cameras: int = CAMERAS, window_s: float = WINDOW_S
) -> LargeRoom:
    """`folder` holds the compiled load client; `address` is one of this machine that is not loopback."""
    crowd = Crowd(people, people, Profile.GCM, AUDIO.kind, cameras)
    with (
        contextlib.closing(NativeCore(address, workers, room=True)) as core,
        running(core, folder, AUDIO, crowd, (VOICES + cameras) * people) as (load, peers),
    ):
        port = peers[0].remote[1]
        drops = dropped(port)
        before, cpu_before, began = load.mark(), cpu.cpu_ns(core.pid), time.monotonic()
        time.sleep(window_s)
        after, cpu_after, took_s = load.mark(), cpu.cpu_ns(core.pid), time.monotonic() - began
        now_dropped = dropped(port)
        calls = core.time_calls(CALLS)
        memory_bytes = cpu.rss_bytes(core.pid)
    received, gaps = after.received - before.received, after.gaps - before.gaps
    return LargeRoom(
        people,
        cameras,
        workers,
        (after.sent - before.sent) / took_s,
        received / took_s,
        (cpu_after - cpu_before) / 1e3 / max(received, 1),
        (cpu_after - cpu_before) / 1e9 / took_s,
        memory_bytes,
        gaps / max(received + gaps, 1),
        now_dropped[0] - drops[0],
        now_dropped[1] - drops[1],
        calls[len(calls) // 2],
        calls[len(calls) * 99 // 100],
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.large_room", description=__doc__)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--cameras", type=int, default=CAMERAS)
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, namespace.enter() as address:
        folder = Path(name)
        compile_native(folder)
        print(measure(folder, address, asked.people, asked.workers, asked.cameras))


if __name__ == "__main__":
    main()
