"""The figures of one run as a table on the terminal and as docs/performance.md."""

from __future__ import annotations

import datetime as dt
import platform
from dataclasses import dataclass
from pathlib import Path

from .first_frame import FirstFrame
from .forwarding import Row
from .joins import Joins
from .load import Shape
from .signalling import RoundTrip

TARGET = Path(__file__).parents[2] / "docs" / "performance.md"

HEAD = """# Performance

Written by `make bench`; every figure below comes from one run on one machine. Absolute figures drift with the machine,
its neighbours and its kernel; the ratios within one run hold better. The load client, the servers and the browsers
share the same cores. How it is measured: tests/bench/README.md.
"""


@dataclass(frozen=True)
class Figures:
    forwarding: list[Row]
    shape: Shape
    receivers: int
    joins: Joins | None
    round_trip: RoundTrip | None
    first_frame: FirstFrame | None


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in lines if "model name" in line), platform.machine())
    today = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    return f"{model}, Linux {platform.release()}, Python {platform.python_version()}, {today}"


def forwarding_table(rows: list[Row], null_name: str) -> list[str]:
    null = next(row.median_us for row in rows if row.name == null_name)
    lines = [
        "| server | CPU us per forwarded packet: median (min-max) | beside null | lost | damaged of checked |",
        "|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda row: row.median_us):
        spread = f"{min(row.us_per_packet):.2f}-{max(row.us_per_packet):.2f}"
        lost = f"{row.gaps} of {row.expected}"
        ratio = f"{row.median_us / null:.2f}"
        lines.append(f"| {row.name} | {row.median_us:.2f} ({spread}) | {ratio} | {lost} | {row.bad} of {row.checked} |")
    return lines


def section(title: str, *sentences: str) -> list[str]:
    return ["", f"## {title}", "", " ".join(sentences)]


def render(figures: Figures, null_name: str) -> str:
    shape = figures.shape
    lines = [HEAD, f"Machine: {machine()}"]
    lines += section(
        "Forwarding",
        f"1 publisher, {figures.receivers} subscribers, {shape.size_bytes}-byte RTP packets in bursts of {shape.burst}",
        f"every {shape.interval_us / 1000:.1f} ms, AES-128-GCM.",
        "CPU of the server process with all its threads and children.",
    )
    lines += ["", *forwarding_table(figures.forwarding, null_name)]
    if (joins := figures.joins) is not None:
        lines += section(
            "Joins",
            f"{joins.count} viewers by WHEP at 20 a second: POST to first media packet p50 {joins.p50_ms:.0f} ms,",
            f"p95 {joins.p95_ms:.0f} ms; {joins.cpu_ms_per_join:.1f} ms of server CPU and",
            f"{joins.kib_per_participant:.0f} KiB of memory per viewer (ICE, DTLS, HTTP, room and media state).",
        )
    if (trip := figures.round_trip) is not None:
        lines += section(
            "Signalling",
            f"Ping to pong over WebSocket beside {trip.idle_sockets} idle sockets: p50 {trip.p50_ms:.2f} ms,",
            f"p99 {trip.p99_ms:.2f} ms ({trip.pings} pings).",
        )
    if (first := figures.first_frame) is not None:
        lines += section(
            "Join click to first remote frame",
            f"Chromium, the other's camera 160x120 at 5 frames a second: p50 {first.p50_ms:.0f} ms,",
            f"max {first.max_ms:.0f} ms over {first.joins} joins.",
        )
    return "\n".join(lines) + "\n"
