"""What a server is made of while people come and go, and whether it grows."""

from __future__ import annotations

import re
import socket
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.cpu import cpu_ns, rss_bytes

_GAUGE = re.compile(r"^tongxin_(media_transports|media_tracks|media_subscriptions|media_native_bytes|participants"
                    r"|rooms|sockets) ([0-9.e+]+)$", re.MULTILINE)  # fmt: skip
_NAMED: Final = re.compile(r"(room|identity|session|account|rate|node)(?::[^:]+)?(?::(\w+))?")
# What a server's log must not hold: structlog writes one JSON object a line, Python's own warnings come as they are.
BAD_WORDS: Final = (
    *("Traceback", '"level": "error"', '"level": "critical"', '"exception"'),
    *("events of the media core were lost", "was never awaited", "was never retrieved", "was destroyed but"),
)


@dataclass(frozen=True)
class Sample:
    """`life` counts the starts of the server; `keys` are those in Redis by what they are."""

    at_s: float
    life: int
    people: int
    rss_bytes: int
    files: int
    file_kinds: dict[str, int]
    threads: int
    cpu_s: float
    gauges: dict[str, float]
    keys: dict[str, int]


def sample(at_s: float, life: int, people: int, pid: int, metrics: str, redis: Path) -> Sample:
    kinds = file_kinds(pid)
    return Sample(
        at_s=round(at_s, 1),
        life=life,
        people=people,
        rss_bytes=rss_bytes(pid),
        files=sum(kinds.values()),
        file_kinds=dict(kinds),
        threads=len(list(Path(f"/proc/{pid}/task").iterdir())),
        cpu_s=round(cpu_ns(pid) / 1e9, 2),
        gauges={name: float(value) for name, value in _GAUGE.findall(metrics)},
        keys=dict(redis_keys(redis)),
    )


def file_kinds(pid: int) -> Counter[str]:
    """Open files by what they are: socket, the name of a file, ..."""
    kinds: Counter[str] = Counter()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            kinds[entry.readlink().name.partition(":")[0]] += 1
        except FileNotFoundError:
            continue  # closed meanwhile
    return kinds


def redis_keys(path: Path) -> Counter[str]:
    """How many keys of each kind there are; over the unix socket, one inline command (Redis protocol)."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(path))
        client.sendall(b"KEYS tongxin:*\r\n")
        with client.makefile("rb") as reader:
            count = int(reader.readline()[1:])
            names = []
            for _ in range(count):
                length = int(reader.readline()[1:])
                names.append(reader.read(length + 2)[:-2].decode())
    return Counter(_kind(name.removeprefix("tongxin:")) for name in names)


def _kind(name: str) -> str:
    found = _NAMED.match(name)
    if found is None:
        return name
    return found[1] if found[1] in ("rate", "session", "node") or not found[2] else f"{found[1]} {found[2]}"


def bad_lines(log: str) -> list[str]:
    return [line for line in log.splitlines() if any(word in line for word in BAD_WORDS)]


def slope_bytes_per_hour(samples: Sequence[Sample]) -> float:
    """Least squares over the samples' resident memory; 0 for fewer than three."""
    if len(samples) < 3:
        return 0.0
    times = [one.at_s for one in samples]
    sizes = [one.rss_bytes for one in samples]
    mean_time, mean_size = sum(times) / len(times), sum(sizes) / len(sizes)
    across = sum((time - mean_time) * (size - mean_size) for time, size in zip(times, sizes, strict=True))
    return across / sum((time - mean_time) ** 2 for time in times) * 3_600


def settled(samples: Sequence[Sample]) -> list[Sample]:
    """The longest life of the server without its first third, in which pools and arenas fill."""
    lives = [[one for one in samples if one.life == life] for life in {one.life for one in samples}]
    longest = max(lives, key=lambda life: life[-1].at_s - life[0].at_s if life else 0.0, default=[])
    return longest[len(longest) // 3 :]
