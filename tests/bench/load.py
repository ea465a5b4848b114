"""Runs load.c over connected peers and reads its totals."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .peer import Peer, Profile, SessionKeys

SOURCE = Path(__file__).with_name("native")
PROGRAMS = {"load": ("load", "srtp", "packets", "receiver"), "null_forwarder": ("null_forwarder",)}


@dataclass(frozen=True)
class Shape:
    """Each publisher sends `burst` packets of `size_bytes` (RTP header included, before SRTP) every `interval_us`."""

    name: str = "video"
    kind: str = "video"
    burst: int = 10
    interval_us: int = 33_333
    size_bytes: int = 1_100

    @property
    def packets_per_second(self) -> float:
        return self.burst * 1e6 / self.interval_us


VIDEO = Shape()
THUMBNAILS = Shape("thumbnails", burst=1, interval_us=66_667, size_bytes=800)  # 15 pictures a second, 100 kbit/s
AUDIO = Shape("audio", "audio", burst=1, interval_us=20_000, size_bytes=100)


@dataclass(frozen=True)
class Crowd:
    """Every one of the receivers gets the stream of every one of the publishers, who are others."""

    publishers: int = 1
    receivers: int = 40
    profile: Profile = Profile.GCM
    kind: str = "video"
    cameras: int = 0  # more publishers, of thumbnails, where `kind` is audio

    def __str__(self) -> str:
        return f"{self.publishers}x{self.receivers}"


@dataclass(frozen=True)
class Totals:
    at_ns: int
    sent: int  # by all publishers
    received: int  # by all receivers, likewise below
    gaps: int
    repeats: int
    checked: int
    bad: int
    streams: int  # that have begun
    delays: tuple[int, ...] = ()  # checked packets by their delay: four steps to each doubling, from 16 us on

    def delay_us(self, share: float, since: Totals) -> float:
        """The delay that this share of the packets checked after `since` did not exceed (upper end of its step)."""
        counts = [now - then for now, then in zip(self.delays, since.delays, strict=True)]
        wanted, seen = share * sum(counts), 0
        for step, count in enumerate(counts):
            seen += count
            if seen >= wanted:
                return float(16 << step // 4) * (1 + (step % 4 + 1) / 4)
        return 0.0


@dataclass(frozen=True)
class Publisher:
    peer: Peer
    keys: SessionKeys
    ssrc: int
    payload_type: int
    transport_cc_id: int


@dataclass(frozen=True)
class Receiver:
    peer: Peer
    keys: SessionKeys
    payload_type: int


def compile_native(folder: Path) -> None:
    """Both programs into `folder`; CalledProcessError with the compiler's words when it fails."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, parts in PROGRAMS.items():
        flags = ["-O2", "-std=gnu11", "-Wall", "-Wextra", "-Werror"]
        files = ["-o", str(folder / name), *(str(SOURCE / f"{part}.c") for part in parts)]
        subprocess.run(["gcc", *flags, *files, "-lcrypto"], check=True)


class Load:
    """A running load.c.  `mark` is a synchronous snapshot of its counters; `stop` ends it and returns the last one."""

    def __init__(
        self,
        folder: Path,
        publishers: Sequence[Publisher],
        receivers: Sequence[Receiver],
        shape: Shape,
        also: tuple[int, Shape] | None = None,
    ) -> None:
        """`also`: publishers of that payload type have another shape, and every receiver takes theirs too."""
        peers = [*(p.peer for p in publishers), *(r.peer for r in receivers)]
        sockets = [peer.socket.fileno() for peer in peers]
        lines = []
        for publisher in publishers:
            ip, port = publisher.peer.remote
            lines.append(
                f"publish {publisher.peer.socket.fileno()} {ip} {port} {publisher.keys.text} {publisher.ssrc} "
                f"{publisher.payload_type} {publisher.transport_cc_id}"
            )
        lines += [f"receive {r.peer.socket.fileno()} {r.keys.text} {r.payload_type}" for r in receivers]
        if also is not None:
            payload_type, other = also
            lines.append(f"also {payload_type} {other.kind} {other.burst} {other.interval_us} {other.size_bytes}")
        lines.append(f"run {shape.kind} {shape.burst} {shape.interval_us} {shape.size_bytes}")
        self._process = subprocess.Popen(
            [str(folder / "load")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=sockets,
            text=True,
        )
        self._say("\n".join([*lines, ""]))

    @property
    def pid(self) -> int:
        return self._process.pid

    def _say(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text)
        self._process.stdin.flush()

    def _totals(self) -> Totals:
        assert self._process.stdout is not None
        return Totals(**json.loads(self._process.stdout.readline()))

    def mark(self) -> Totals:
        self._say("mark\n")
        return self._totals()

    def pace(self, interval_us: int) -> Totals:
        """From now on each publisher sends its burst this often; returns the totals up to now."""
        self._say(f"pace {interval_us}\n")
        return self._totals()

    def stop(self) -> Totals:
        self._say("quit\n")
        totals = self._totals()
        self._process.communicate(timeout=10)  # closes the pipes too
        return totals
