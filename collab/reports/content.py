"""What a report of an installation says, as values: no layout, no language but the people's own words.

Everything here comes from the job's record; who fills it in has checked who may see it.  The bounds keep one report
within a few seconds and a few megabytes, whatever a job has collected.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

PICTURES_MAX = 120
STEPS_MAX = 500
STILL_MAX_PIXELS = 1_600  # longer side, in the report

Text = Annotated[str, Meta(max_length=2_000)]
Line = Annotated[str, Meta(max_length=200)]
Share = Annotated[float, Meta(ge=-1.0, le=2.0)]  # of a picture's width or height; a mark may reach over its edge


class MarkShape(StrEnum):
    ARROW = "arrow"
    CIRCLE = "circle"
    RECTANGLE = "rectangle"
    FREEHAND = "freehand"
    TEXT = "text"
    NUMBER = "number"
    MEASURE = "measure"


class StepResult(StrEnum):
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    OPEN = "open"


class BurnedMark(Struct, frozen=True):
    """A mark as it lies on one still.  `points` are x0, y0, x1, y1 ... in shares of the still's width and height."""

    kind: MarkShape
    color: Line
    points: Annotated[tuple[Share, ...], Meta(min_length=2, max_length=1_024)]
    width: Annotated[float, Meta(gt=0, le=0.1)] = 0.006  # of the still's longer side
    text: Line = ""
    number: Annotated[int, Meta(ge=0, le=999)] = 0


class Still(Struct, frozen=True):
    """A picture of the machine: JPEG or PNG bytes as they were stored, and what was drawn on it."""

    id: Line
    taken_at_ms: int
    caption: Line
    image: bytes
    marks: tuple[BurnedMark, ...] = ()


class Step(Struct, frozen=True):
    title: Line
    result: StepResult
    value: Line = ""  # with its unit, as it was entered
    expected: Line = ""  # "25 ± 2 N·m"
    within: bool | None = None  # None: nothing was measured
    note: Text = ""
    done_by: Line = ""
    done_at_ms: int = 0
    still_ids: tuple[Line, ...] = ()


class Party(Struct, frozen=True):
    """Who took part; `part` is one of on_site, expert, observer."""

    part: Line
    name: Line
    organization: Line = ""


class Visit(Struct, frozen=True):
    """One session."""

    started_at_ms: int
    ended_at_ms: int
    people: tuple[Party, ...]


class OpenItem(Struct, frozen=True):
    text: Text
    owner: Line = ""
    due: Line = ""  # a date, ISO 8601


class Signature(Struct, frozen=True):
    """Drawn by hand: strokes of x0, y0, x1, y1 ... in shares of a field three times as wide as high."""

    part: Line
    name: Line
    organization: Line
    signed_at_ms: int
    strokes: tuple[tuple[Share, ...], ...]


class Machine(Struct, frozen=True):
    make: Line
    model: Line
    serial: Line
    site: Line


class Report(Struct, frozen=True):
    number: Line
    title: Line
    machine: Machine
    enterprise: Line
    installer: Line
    made_at_ms: int
    time_zone: Line  # IANA name: every time in the report is given in it
    visits: tuple[Visit, ...] = ()
    steps: Annotated[tuple[Step, ...], Meta(max_length=STEPS_MAX)] = ()
    stills: Annotated[tuple[Still, ...], Meta(max_length=PICTURES_MAX)] = ()
    open_items: tuple[OpenItem, ...] = ()
    signatures: tuple[Signature, ...] = ()


class ReportFiles(Struct, frozen=True):
    pdf: bytes
    html: bytes
    chain: str  # last link, hex
