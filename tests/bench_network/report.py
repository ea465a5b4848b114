"""The figures as tables on the terminal and as docs/performance-networks.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.report import machine

from .measure import Stretch
from .scenarios import LOSSY_NAME as LOSSY
from .scenarios import NARROW_NAME as NARROW
from .scenarios import WIDE_AGAIN_NAME as WIDE_AGAIN

TARGET = Path(__file__).parents[2] / "docs" / "performance-networks.md"

HEAD = """# Calls on bad networks

Written by `python -m tests.bench_network` (as root); how it measures is said in tests/bench_network/README.md. One
Chromium sends a moving 960x540 picture at 25 frames a second and a voice-like sound, at most 1.7 Mbit/s; another
receives them. Each sits on a line of its own to the server. Both servers get the same browsers, the same lines and the
same seed, one after the other. One run on one shared machine, browsers and server on the same cores: read the
figures as large or small, not to the last digit.
"""


COLUMNS = (
    *("network", "server", "frames/s", "width", "stalled", "longest", "frozen (Chromium)", "concealed", "kbit/s"),
    "RTT",
)
OURS = "Tongxin"


@dataclass(frozen=True)
class Row:
    server: str
    phase: str
    stretch: Stretch


def render(tables: dict[str, list[Row]]) -> str:
    lines = [HEAD, f"Machine: {machine()}"]
    for name, rows in tables.items():
        lines += [
            "",
            f"## {name.capitalize()}",
            "",
            f"| {' | '.join(COLUMNS)} |",
            "|---" * len(COLUMNS) + "|",
        ]
        lines += [line(row) for row in rows]
    return "\n".join([*lines, "", *LEGEND, "", *beside_goals(tables)]) + "\n"


LEGEND = (
    "Stalled: share of the time without a new picture for half a second or more; longest: the longest such stretch.",
    "Frozen: Chromium's totalFreezesDuration (freezeCount), which counts a freeze when it ends. Concealed: share of",
    "the sound that was made up, silence apart. kbit/s: payload that arrived. RTT: median and worst of the receiving",
    "connection's round trip by STUN.",
)


@dataclass(frozen=True)
class Goal:
    what: str
    phase: str
    at_most: float
    unit: str
    value: Callable[[Stretch], float]
    on: str = ""  # only for scenarios whose name holds this


GOALS = (
    Goal("freezes under 1 % of the time", LOSSY, 1.0, "%", lambda stretch: 100 * stretch.frozen_s / stretch.seconds),
    Goal("concealed sound under 3 %", LOSSY, 3.0, "%", lambda stretch: 100 * stretch.concealed_share),
    Goal("picture moves again within 3 s", NARROW, 3.0, "s", lambda stretch: stretch.longest_stall_s),
    Goal(
        "round trip below 500 ms after 3 s", NARROW, 500.0, "ms", lambda stretch: stretch.settled_trip_ms, "subscriber"
    ),
    Goal("largest picture back within 15 s", WIDE_AGAIN, 15.0, "s", lambda stretch: stretch.widest_at_s),
)


def beside_goals(tables: dict[str, list[Row]]) -> list[str]:
    """Where ours stands beside what we want, from this run's own figures."""
    lines = ["## Beside our goals", "", "| goal | line | reached | |", "|---|---|---|---|"]
    for name, rows in tables.items():
        for goal in GOALS:
            for row in rows:
                if row.server == OURS and row.phase == goal.phase and goal.on in name:
                    value = goal.value(row.stretch)
                    verdict = "met" if value <= goal.at_most else "missed"
                    lines.append(f"| {goal.what} | {name} | {value:.1f} {goal.unit} | {verdict} |")
    return [*lines, "", *UNMEASURED]


UNMEASURED = (
    "Ours is sent in three sizes, of which the narrow line carries one of the smaller. A line that narrows from 3",
    "Mbit/s is known to be narrow after a quarter of a second (the packets of one picture come drawn apart); what was",
    "sent until then stands in its queue and takes one to two seconds to leave: the round trip counts from 3 s on. The",
    "first time of loss have a row of their own, because receivers raise their playout delay slowly. Not measured",
    "yet: FlexFEC and ULPFEC (retransmission, playout delay and RED are used), one bad line beside good ones, and",
    "the publisher's own round trip.",
)


def line(row: Row) -> str:
    stretch = row.stretch
    cells = (
        row.phase,
        row.server,
        f"{stretch.frames_per_s:.1f}",
        f"{stretch.width}",
        f"{stretch.stalled_s / stretch.seconds:.0%}",
        f"{stretch.longest_stall_s:.1f} s",
        f"{stretch.frozen_s / stretch.seconds:.1%} ({stretch.freezes})",
        f"{stretch.concealed_share:.1%}",
        f"{stretch.bits_per_s / 1_000:.0f}",
        f"{stretch.trip_ms:.0f} / {stretch.worst_trip_ms:.0f} ms",
    )
    return f"| {' | '.join(cells)} |"
