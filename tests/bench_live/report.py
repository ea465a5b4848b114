"""The figures of one run as docs/performance-live.md."""

from __future__ import annotations

import datetime as dt
import platform
from pathlib import Path
from typing import Final

from msgspec import Struct

from .stage import Direct, Filming, FirstPicture

TARGET: Final = Path(__file__).parents[2] / "docs" / "performance-live.md"
LIMIT: Final = "ordinary, nginx with files alone"
HEAD: Final = """# What a livestream costs

Written by `make bench-live`; every figure below comes from one run on one machine, on which the viewers run too. CPU is
that of the processes that serve, and _viewers a core_ is what one core carries at that cost.
"""
RELAYED: Final = """Viewers of low latency wait for each part of 0.4 s and fetch it; ordinary ones ask for the
playlist every two seconds and fetch each segment. The stream has 3 Mbit/s. The last rows are what it costs nginx to
send the same files with nobody behind it, which is the least that any server behind nginx can cost, and Debian's nginx
with its RTMP module, which takes a stream of the same rate by RTMP and cuts it itself (it has no low latency).

| HLS | viewers | requests/s | Mbit/s | refused | part or segment in | server | nginx | viewers a core |
|---|---|---|---|---|---|---|---|---|
"""
FIRST: Final = """
## First picture

From asking for the stream to the first decoded picture, over loopback. Goals: 300 ms by WHEP, 1 s by HLS.

| tier | joins | median | slowest |
|---|---|---|---|
"""
FILMING: Final = """
## Filming a stage

CPU of the process that films 1280x720 with 25 pictures a second and sound, writes the film and HLS in one size where
nothing else is said. Goals: one core for four sources, 10 % of one when one source fills the stage and is passed on.

| on stage | of a core |
|---|---|
"""


class Row(Struct, frozen=True):
    name: str
    viewers: int
    seconds: float
    requests_per_s: float
    mbit_per_s: float
    refused: int
    media_ms: float  # to fetch a part or segment, mean
    server_cpu: float  # cores
    proxy_cpu: float
    viewers_per_core: int


class Figures(Struct, frozen=True):
    relayed: list[Row]
    films: list[Filming]
    first: list[FirstPicture]
    direct: Direct


def render(figures: Figures) -> str:
    machine = f"{_processor()}, Linux {platform.release()}, Python {platform.python_version()}"
    text = f"{HEAD}\nMachine: {machine}, {dt.datetime.now(dt.UTC):%Y-%m-%d}\n\n## Viewers by HLS\n\n{RELAYED}"
    for row in figures.relayed:
        text += (
            f"| {row.name} | {row.viewers} | {row.requests_per_s:,.0f} | {row.mbit_per_s:,.0f} | {row.refused} "
            f"| {row.media_ms:.1f} ms | {row.server_cpu:.1%} | {row.proxy_cpu:.1%} | {row.viewers_per_core:,} |\n"
        )
    direct = figures.direct
    text += (
        "\nGoals: 5,000 viewers on one core behind nginx, 1,000 from the server alone.\n\n## Viewers by WHEP\n\n"
        f"A live stage that nobody watches costs the server {direct.empty_cores:.1%} of a core; with {direct.viewers} "
        f"viewers of one picture\nof {direct.mbit_per_s:.1f} Mbit/s it is {direct.cores:.1%}, each over "
        f"{direct.seconds:.0f} s and without the process that films. By what they add, one core\ncarries "
        f"**{direct.viewers_per_core:,} viewers**. Packets lost: {direct.lost}.\n{FIRST}"
    )
    for first in figures.first:
        text += f"| {first.tier} | {first.joins} | {first.median_ms:.0f} ms | {first.max_ms:.0f} ms |\n"
    text += FILMING
    for film in figures.films:
        text += f"| {film.name} | {film.cores:.1%} |\n"
    return text


def _processor() -> str:
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return names[0].partition(": ")[2] if names else platform.machine()
