"""The figures as tables on the terminal and as docs/performance-networks.md with its picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path as File

from tests.bench.report import machine

from . import curves
from .load import TOO_BUSY
from .measure import Recording, Stretch
from .scenarios import (
    BEFORE_NAME,
    LOSSY_NAME,
    NARROW_NAME,
    NEW_PATH_NAME,
    NEW_PORT_NAME,
    WIDE_AGAIN_NAME,
    Phase,
    Side,
)

DOCS = File(__file__).parents[2] / "docs"
TARGET = DOCS / "performance-networks.md"
PICTURE = DOCS / "images" / "performance-networks.svg"

HEAD = """# Calls on bad networks

Written by `make bench-network` (as root, eleven minutes); how it measures is said in tests/bench_network/README.md. One
Chromium sends a moving 960x540 picture at 25 frames a second and a voice-like sound, at most 1.7 Mbit/s; two others
receive them. Each sits on a line of its own to the server, of which one at a time is bad. Both servers get the same
browsers, the same lines and the same seed, one after the other. One run on one shared machine, browsers and servers on
the same cores: read the figures as large or small, not to the last digit.
"""

COLUMNS = (
    *("network", "server", "frames/s", "width", "stalled", "longest", "frozen (Chromium)", "concealed", "kbit/s"),
    "RTT",
)
STEADY_COLUMNS = (
    "meanwhile on the first's line",
    "server",
    "frames/s",
    "width",
    "stalled",
    "concealed",
    "kbit/s",
    "RTT",
)
OURS = "Tongxin"
REDUNDANCY = "\n## Redundancy for video\n"


@dataclass(frozen=True)
class Row:
    """`steady`: of the subscriber whose line is left alone.  `busy`: what other work took of the processors, 0..1."""

    server: str
    phase: Phase
    stretch: Stretch
    steady: Stretch
    recording: Recording
    busy: float


Tables = dict[str, list[Row]]


def write(tables: Tables) -> None:
    """What was found of redundancy, which is measured apart, stays."""
    TARGET.write_text(render(tables) + "".join(_parts()[1:]))
    PICTURE.write_text(curves.draw({name: rows for name, rows in tables.items() if rows}))


def write_redundancy(text: str) -> None:
    TARGET.write_text(f"{_parts()[0]}{REDUNDANCY}\n{text}")


def _parts() -> tuple[str, str, str]:
    return TARGET.read_text().partition(REDUNDANCY)


def render(tables: Tables) -> str:
    lines = [HEAD, f"Machine: {machine()}", "", *_busy(tables)]
    for name, rows in tables.items():
        lines += ["", f"## {name.capitalize()}", "", *_table(COLUMNS)]
        lines += [line(row) for row in rows]
    lines += ["", *LEGEND, "", "![Bit rate and round trip](images/performance-networks.svg)", ""]
    lines += ["## The other subscriber", "", *STEADY_LEGEND, "", *_table(STEADY_COLUMNS)]
    lines += [
        _steady_line(name, row) for name, rows in tables.items() for row in rows if row.phase.side is Side.SUBSCRIBER
    ]
    return "\n".join([*lines, "", *beside_goals(tables)]) + "\n"


def _table(columns: tuple[str, ...]) -> list[str]:
    return [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]


def _busy(tables: Tables) -> list[str]:
    shares = [row.busy for rows in tables.values() for row in rows]
    if not shares:
        return ["No call came about."]
    said = f"Other work took {min(shares):.0%} to {max(shares):.0%} of the processors when calls were begun."
    if max(shares) < TOO_BUSY:
        return [said]
    busy = ", ".join(name for name, rows in tables.items() if any(row.busy >= TOO_BUSY for row in rows))
    return [f"{said} **Too busy to judge stalls by: {busy}.**"]


LEGEND = (
    "Stalled: share of the time without a new picture for half a second or more; longest: the longest such stretch.",
    "Frozen: Chromium's totalFreezesDuration (freezeCount), which counts a freeze when it ends. Concealed: share of",
    "the sound that was made up, silence apart. kbit/s: payload that arrived. RTT: median and worst round trip by STUN",
    "of the connection on the bad line. The first time of loss has a row of its own, because receivers raise their",
    "playout delay slowly. Ours is sent in three sizes, of which a narrow line carries one of the smaller. A change of",
    "path is one of addresses for UDP; signalling over TCP goes on, but for the silence, which stops both.",
)
STEADY_LEGEND = (
    "It receives the same call on a clean line of its own. Its rows are from the same times as those above: what is",
    "bad on the first subscriber's line must not be seen here.",
)


@dataclass(frozen=True)
class Goal:
    what: str
    phase: str
    at_most: float
    unit: str
    value: Callable[[Row], float]
    on: str = ""  # only for scenarios whose name holds this


GOALS = (
    Goal(
        "freezes under 1 % of the time",
        LOSSY_NAME,
        1.0,
        "%",
        lambda row: 100 * row.stretch.frozen_s / row.stretch.seconds,
    ),
    Goal("concealed sound under 3 %", LOSSY_NAME, 3.0, "%", lambda row: 100 * row.stretch.concealed_share),
    Goal("picture moves again within 3 s", NARROW_NAME, 3.0, "s", lambda row: row.stretch.longest_stall_s),
    Goal(
        "round trip below 500 ms after 3 s",
        NARROW_NAME,
        500.0,
        "ms",
        lambda row: row.stretch.settled_trip_ms,
        "subscriber",
    ),
    Goal("largest picture back within 15 s", WIDE_AGAIN_NAME, 15.0, "s", lambda row: row.stretch.widest_at_s),
    Goal(
        "picture back within 1.5 s from another port", NEW_PORT_NAME, 1.5, "s", lambda row: row.stretch.longest_stall_s
    ),
    Goal(
        "the same for the publisher", f"publisher: {NEW_PORT_NAME}", 1.5, "s", lambda row: row.stretch.longest_stall_s
    ),
    Goal("picture back within 1.5 s after a silence", NEW_PATH_NAME, 1.5, "s", lambda row: row.stretch.first_frame_s),
)


def beside_goals(tables: Tables) -> list[str]:
    """Where ours stands beside what we want, from this run's own figures."""
    lines = ["## Beside our goals", "", *_table(("goal", "line", "reached", ""))]
    for name, rows in tables.items():
        for goal in GOALS:
            lines += [
                _goal(goal.what, name, goal.value(row), goal.at_most, goal.unit)
                for row in rows
                if row.server == OURS and row.phase.name == goal.phase and goal.on in name
            ]
    ours = [row for rows in tables.values() for row in rows if row.server == OURS and row.phase.side is Side.SUBSCRIBER]
    if ours:
        worst = max(row.steady.longest_stall_s for row in ours)
        lines.append(_goal("the other subscriber's picture never stalls", "all of the subscriber's", worst, 0.0, "s"))
    return [*lines, "", *WHY]


def _goal(what: str, line: str, value: float, at_most: float, unit: str) -> str:
    return f"| {what} | {line} | {value:.1f} {unit} | {'met' if value <= at_most else 'missed'} |"


WHY = (
    "A line that narrows from 3 Mbit/s is known to be narrow after a quarter of a second (the packets of one picture",
    "come drawn apart); what was sent until then stands in its queue: the round trip counts from 3 s on. Packets that",
    "suddenly come from another port are taken up when the browser's next check comes from there, which its page has",
    "made when it has missed what should come for half a second.",
    "",
    "Loss on the publisher's line: what is lost is asked for after a round trip, twice each time; pictures are held",
    "back for it, which browsers do a tenth of a second more in each second. The publisher's browser takes loss for",
    "congestion: its estimate sinks, and an encoder that makes few of the pictures any more gives way to the next size",
    "after two seconds. Not to tell it of losses was tried and dropped: it does not send again what was acknowledged.",
    "The first seconds are what freezes are left in; tests/bench_network/README.md has the single runs.",
)


def line(row: Row) -> str:
    stretch = row.stretch
    at_publisher = row.phase.side is Side.PUBLISHER
    trips_ms = curves.trips_ms(row.recording.publisher) if at_publisher else curves.trips_ms(row.recording.subscriber)
    cells = (
        row.phase.name,
        row.server,
        f"{stretch.frames_per_s:.1f}",
        f"{stretch.width}",
        f"{stretch.stalled_s / stretch.seconds:.0%}",
        f"{stretch.longest_stall_s:.1f} s",
        f"{stretch.frozen_s / stretch.seconds:.1%} ({stretch.freezes})",
        f"{stretch.concealed_share:.1%}",
        f"{stretch.bits_per_s / 1_000:.0f}",
        _trips(trips_ms),
    )
    return f"| {' | '.join(cells)} |"


def _steady_line(scenario: str, row: Row) -> str:
    stretch = row.steady
    cells = (
        f"{row.phase.name} ({scenario.partition(' ')[0]})" if row.phase.name == BEFORE_NAME else row.phase.name,
        row.server,
        f"{stretch.frames_per_s:.1f}",
        f"{stretch.width}",
        f"{stretch.stalled_s / stretch.seconds:.0%}",
        f"{stretch.concealed_share:.1%}",
        f"{stretch.bits_per_s / 1_000:.0f}",
        _trips(curves.trips_ms(row.recording.steady)),
    )
    return f"| {' | '.join(cells)} |"


def _trips(trips_ms: list[float]) -> str:
    if not trips_ms:
        return "-"
    middle = sorted(trips_ms)[len(trips_ms) // 2]
    return f"{middle:.0f} / {max(trips_ms):.0f} ms"
