"""From the lines of text on a nameplate to make, model and serial number.  Pure.

Nameplates say what a line is in Chinese, in English, or in both, before the value, above it, or not at all; what is not
said is not guessed.
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

VALUE_MAX_CHARS: Final = 80
LINES_MAX: Final = 200
SCORE_MIN: Final = 0.5

Point = tuple[float, float]


class Line(Struct, frozen=True):
    """One run of text: its corners from the upper left, clockwise, in pixels; how sure the reader is, 0..1."""

    text: str
    corners: tuple[Point, Point, Point, Point]
    score: float


class Nameplate(Struct, frozen=True):
    """ "" for what the plate does not say."""

    make: str
    model: str
    serial: str
    lines: tuple[str, ...]  # all that was read, from top to bottom


_LABELS: Final[dict[str, str]] = {
    "model": r"规格型号|产品型号|型\s*号|MODEL\s*(?:NO|NUMBER)?|TYPE|MOD",
    "serial": r"出厂编号|产品编号|序\s*列\s*号|机身号|编\s*号|SERIAL\s*(?:NO|NUMBER)?|SER\s*\.?\s*NO|S\s*/\s*N|SN",
    "make": r"制造商|制造单位|制造厂商?|生产厂家|生产商|品\s*牌|MANUFACTURE(?:R|D\s+BY)|MADE\s+BY|MFR|BRAND|MAKE",
}
_END: Final = r"(?=$|[\s.:\uff1a/()\uff08\uff09]|[^A-Za-z])\s*"
_BEGINS: Final = {
    name: re.compile(rf"\s*(?:(?:{pattern}){_END}[\s.:\uff1a/()\uff08\uff09]*)+", re.IGNORECASE)
    for name, pattern in _LABELS.items()
}
# What else a plate says: a line that begins so is no value of the line above.
_OTHER: Final = re.compile(
    r"\s*(?:功\s*率|电\s*压|电\s*流|频\s*率|日\s*期|重\s*量|相\s*数|POWER|VOLTAGE|CURRENT|FREQ|DATE|WEIGHT|YEAR|PHASE)",
    re.IGNORECASE,
)


def read_fields(lines: Sequence[Line]) -> Nameplate:
    rows = _rows([line for line in lines[:LINES_MAX] if line.score >= SCORE_MIN and line.text.strip()])
    found = dict.fromkeys(_LABELS, "")
    for number, row in enumerate(rows):
        for at, text in enumerate(row):
            name = _label_of(text)
            if name and not found[name]:
                value = _BEGINS[name].sub("", text, count=1)
                beside = row[at + 1] if at + 1 < len(row) else ""
                below = rows[number + 1][0] if number + 1 < len(rows) else ""
                found[name] = _value(value) or _free(beside) or _free(below)
    return Nameplate(found["make"], found["model"], found["serial"], tuple(" ".join(row) for row in rows))


def _label_of(text: str) -> str:
    return next((name for name, begins in _BEGINS.items() if begins.match(text)), "")


def _free(text: str) -> str:
    """The text as a value, unless it is a label of its own."""
    return "" if _label_of(text) or _OTHER.match(text) else _value(text)


def _value(text: str) -> str:
    return " ".join(text.split()).strip(" :\uff1a.-")[:VALUE_MAX_CHARS]


def _rows(lines: Sequence[Line]) -> list[list[str]]:
    """Texts row by row, each from left to right, as if the plate were level."""
    if not lines:
        return []
    tilt = statistics.median(_angle(line) for line in lines)
    placed = sorted((_turned(line, tilt) for line in lines), key=lambda one: one[1])
    rows: list[list[tuple[float, float, float, str]]] = []
    for one in placed:
        last = rows[-1] if rows else None
        if last and abs(statistics.fmean(other[1] for other in last) - one[1]) < 0.5 * min(one[2], last[0][2]):
            last.append(one)
        else:
            rows.append([one])
    return [[text for _, _, _, text in sorted(row)] for row in rows]


def _angle(line: Line) -> float:
    (x0, y0), (x1, y1) = line.corners[0], line.corners[1]
    return math.atan2(y1 - y0, x1 - x0)


def _turned(line: Line, tilt: float) -> tuple[float, float, float, str]:
    """(left, middle, height, text) in axes that lie along the text."""
    cos, sin = math.cos(-tilt), math.sin(-tilt)
    turned = [(x * cos - y * sin, x * sin + y * cos) for x, y in line.corners]
    xs, ys = [x for x, _ in turned], [y for _, y in turned]
    return min(xs), (min(ys) + max(ys)) / 2, max(ys) - min(ys), line.text
