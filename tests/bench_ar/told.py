"""The figures as tables of docs/ar-tracking.md, between two marks there."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from tests.bench_ar.measure import Figures

BEGIN, END = "<!-- figures of make bench-ar -->", "<!-- end of figures -->"
NAMES = {
    "planar": "planar photograph",
    "panel": "panel of equal lamps",
    "plain": "low texture",
    "blur": "motion blur",
    "light": "light change",
    "walk": "6-DoF walk",
    "shutter": "rolling shutter",
    "rest": "at rest",
    "cover": "covered by a hand",
    "leave": "leave and return",
    "panel-leave": "the same, equal lamps",
    "depth": "real depth",
    "depth-walk": "real depth, long walk",
    "dark": "dark, coarse noise",
    "dark-depth": "the same, real depth",
    "glints": "wandering reflections",
    "glints-plain": "the same, low texture",
    "finger": "a finger on the part",
    "finger-panel": "the same, equal lamps",
    "waving": "a hand at work",
    "waving-depth": "the same, real depth",
    "jumps": "exposure jumps by up to 4",
    "pans": "quick looks aside, blurred",
    "zoom": "twice and half as near",
    "side": "back from another side",
    "buttons": "equal keys without print",
    "buttons-leave": "the same, leave and return",
    "plain-leave": "low texture, leave and return",
    "[planar]": "**all planar**",
    "[rest]": "**all at rest**",
    "[return]": "**all that return**",
    "[depth]": "**all with depth**",
    "[all]": "**all**",
}
TRACKERS = {"ours": "ours", "chromium": "ours, Chromium", "KLT+ORB": "KLT+ORB", "KLT+SIFT": "KLT+SIFT"}
HEAD = (
    "| sequence | tracker | median | p95 | within 5 px, % | > 20 px off, % | `ok` then | back | ms p50 / p95 | key |",
    "|---|---|---|---|---|---|---|---|---|---|",
)
Table = dict[str, dict[str, Figures]]


def write(file: Path, table: Table, about: str) -> None:
    """Puts the tables where the last run's were; the rest of the file stays."""
    text = file.read_text("utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{file}: there is no place for the figures, {BEGIN} to {END}")
    file.write_text(f"{before}{begin}\n{tables(table, about)}\n{end}{after}", "utf-8")


def tables(table: Table, about: str) -> str:
    """Markdown: a line about the run, then a row for each kind and group and tracker."""
    load, *_ = os.getloadavg()
    now = datetime.now(UTC)
    lines = [f"{about} Run on {now:%Y-%m-%d %H:%M} UTC, load average at the end {load:.1f}.", "", *HEAD]
    for kind, name in NAMES.items():
        for number, (tracker, figures) in enumerate(table.get(kind, {}).items()):
            lines.append(_row(name if number == 0 else "", TRACKERS[tracker], figures))
    return "\n".join(lines)


def _row(name: str, tracker: str, figures: Figures) -> str:
    f = {key: "–" if value is None else f"{value:g}" for key, value in figures.line().items()}
    cells = (name, tracker, f["median_px"], f["p95_px"], f["within5"], f["off20"], f["ok_off20"], f["back_ms"])
    return "| " + " | ".join((*cells, f"{f['cpu_p50']} / {f['cpu_p95']}", f["key_ms"])) + " |"
