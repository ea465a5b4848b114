"""Runs load.c over connected peers and reads its totals."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .peer import Peer, SessionKeys

SOURCE = Path(__file__).with_name("native")


@dataclass(frozen=True)
class Shape:
    """`burst` packets of `size_bytes` (RTP header included, before SRTP) every `interval_us`."""

    name: str = "video"
    burst: int = 10
    interval_us: int = 33_333
    size_bytes: int = 1_100


@dataclass(frozen=True)
class Totals:
    at_ns: int
    sent: int
    received: int
    gaps: int
    repeats: int
    checked: int
    bad: int
    active: int


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


def compile_native(folder: Path) -> None:
    """Both programs into `folder`; CalledProcessError with the compiler's words when it fails."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("load", "null_forwarder"):
        flags = ["-O2", "-Wall", "-Wextra", "-Werror"]
        files = ["-o", str(folder / name), str(SOURCE / f"{name}.c")]
        subprocess.run(["gcc", *flags, *files, "-lcrypto"], check=True)


class Load:
    """A running load.c.  `mark` is a synchronous snapshot of its counters; `stop` ends it and returns the last one."""

    def __init__(self, folder: Path, publisher: Publisher | None, receivers: list[Receiver], shape: Shape) -> None:
        sockets = [r.peer.socket.fileno() for r in receivers]
        lines = []
        if publisher is not None:
            sockets.append(publisher.peer.socket.fileno())
            ip, port = publisher.peer.remote
            lines.append(
                f"publish {publisher.peer.socket.fileno()} {ip} {port} {publisher.keys.key} {publisher.keys.salt} "
                f"{publisher.ssrc} {publisher.payload_type} {shape.burst} {shape.interval_us} {shape.size_bytes} "
                f"{publisher.transport_cc_id}"
            )
        lines += [f"receive {r.peer.socket.fileno()} {r.keys.key} {r.keys.salt}" for r in receivers]
        self._process = subprocess.Popen(
            [str(folder / "load")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=sockets,
            text=True,
        )
        self._say("\n".join([*lines, "run", ""]))

    def _say(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text)
        self._process.stdin.flush()

    def mark(self) -> Totals:
        assert self._process.stdout is not None
        self._say("mark\n")
        return Totals(**json.loads(self._process.stdout.readline()))

    def stop(self) -> Totals:
        assert self._process.stdout is not None
        self._say("quit\n")
        line = self._process.stdout.readline()
        self._process.wait(timeout=10)
        return Totals(**json.loads(line))
