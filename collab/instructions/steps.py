"""The steps of a work instruction and the answers to them: what each asks for, and what counts as an answer.  Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_name

STEPS_MAX = 200
TITLE_MAX_CHARS = 120
TEXT_MAX_CHARS = 2_000
UNIT_MAX_CHARS = 16
STILLS_MAX = 12
STROKES_MAX = 64
STROKE_NUMBERS_MAX = 1_024
NUMBER_MAX = 1e12

ClientId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{8,32}$")]
MaybeClientId = Annotated[str, Meta(pattern=r"^([A-Za-z0-9_-]{8,32})?$")]
Title = Annotated[str, Meta(min_length=1, max_length=TITLE_MAX_CHARS)]
LongText = Annotated[str, Meta(max_length=TEXT_MAX_CHARS)]
Unit = Annotated[str, Meta(max_length=UNIT_MAX_CHARS)]
Number = Annotated[float, Meta(ge=-NUMBER_MAX, le=NUMBER_MAX)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Stroke = Annotated[tuple[Share, ...], Meta(min_length=2, max_length=STROKE_NUMBERS_MAX)]


class StepKind(StrEnum):
    """What a step asks for."""

    CHECK = "check"  # done, nothing more
    YES_NO = "yes_no"  # no is a failure
    VALUE = "value"
    TORQUE = "torque"  # a value in N·m
    TEXT = "text"
    PHOTO = "photo"
    SIGNATURE = "signature"


MEASURED = (StepKind.VALUE, StepKind.TORQUE)


class AnswerState(StrEnum):
    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class StepMark(Struct, frozen=True, forbid_unknown_fields=True):
    """The mark on the machine that a step is about."""

    mark_id: ClientId
    number: Annotated[int, Meta(ge=0, le=999)] = 0
    still_id: MaybeClientId = ""


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    id: ClientId
    title: Title
    kind: StepKind = StepKind.CHECK
    text: LongText = ""
    required: bool = True  # may not be skipped
    photo: bool = False  # a photo is asked for beside the answer
    picture: MaybeClientId = ""  # a document of the template that shows how
    unit: Unit = ""
    target: Number | None = None
    low: Number | None = None  # what is still good
    high: Number | None = None
    mark: StepMark | None = None


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """What was done about one step.  `at_ms` is the clock of the device it was entered on: the later answer holds."""

    state: AnswerState
    at_ms: Annotated[int, Meta(ge=0, le=2**53)]
    number: Number | None = None
    yes: bool | None = None
    text: LongText = ""
    note: LongText = ""
    still_ids: Annotated[tuple[ClientId, ...], Meta(max_length=STILLS_MAX)] = ()
    strokes: Annotated[tuple[Stroke, ...], Meta(max_length=STROKES_MAX)] = ()


def check_steps(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps with clean titles.  Raises INVALID naming the field, TOO_MANY."""
    if len(steps) > STEPS_MAX:
        raise Refusal(Code.TOO_MANY, f"{len(steps)} steps")
    if not steps:
        raise invalid(steps=FieldFault.REQUIRED)
    if len({step.id for step in steps}) != len(steps):
        raise invalid(steps=FieldFault.TAKEN)
    for step in steps:
        if not clean_name(step.title, TITLE_MAX_CHARS):
            raise invalid(title=FieldFault.REQUIRED)
        _check_limits(step)
    return tuple(steps)


def _check_limits(step: Step) -> None:
    limits = [value for value in (step.low, step.target, step.high) if value is not None]
    if limits and step.kind not in MEASURED:
        raise invalid(kind=FieldFault.WRONG)
    if any(not math.isfinite(value) for value in limits) or limits != sorted(limits):
        raise invalid(target=FieldFault.INVALID)


def check_answer(step: Step, answer: Answer) -> Answer:
    """The answer, with the state that its value means.  Raises INVALID naming what is missing.

    A value out of tolerance and a "no" are kept, as failures: a report must be able to say so.
    """
    if answer.state is AnswerState.OPEN:
        return Answer(AnswerState.OPEN, answer.at_ms, note=answer.note)
    if answer.state is AnswerState.SKIPPED:
        if step.required and not answer.note.strip():
            raise invalid(note=FieldFault.REQUIRED)
        return Answer(AnswerState.SKIPPED, answer.at_ms, note=answer.note, still_ids=answer.still_ids)
    if answer.state is AnswerState.DONE:
        _check_complete(step, answer)
    failed = answer.state is AnswerState.FAILED or answer.yes is False or is_within(step, answer) is False
    return Answer(
        AnswerState.FAILED if failed else AnswerState.DONE,
        answer.at_ms,
        number=answer.number if step.kind in MEASURED else None,
        yes=answer.yes if step.kind is StepKind.YES_NO else None,
        text=answer.text if step.kind is StepKind.TEXT else "",
        note=answer.note,
        still_ids=answer.still_ids,
        strokes=answer.strokes if step.kind is StepKind.SIGNATURE else (),
    )


def _check_complete(step: Step, answer: Answer) -> None:
    if step.kind in MEASURED and answer.number is None:
        raise invalid(number=FieldFault.REQUIRED)
    if step.kind is StepKind.YES_NO and answer.yes is None:
        raise invalid(yes=FieldFault.REQUIRED)
    if step.kind is StepKind.TEXT and not answer.text.strip():
        raise invalid(text=FieldFault.REQUIRED)
    if (step.photo or step.kind is StepKind.PHOTO) and not answer.still_ids:
        raise invalid(still_ids=FieldFault.REQUIRED)
    if step.kind is StepKind.SIGNATURE and not answer.strokes:
        raise invalid(strokes=FieldFault.REQUIRED)


def is_within(step: Step, answer: Answer) -> bool | None:
    """None where nothing was measured or nothing was asked for."""
    if answer.number is None or step.kind not in MEASURED or (step.low is None and step.high is None):
        return None
    above = step.low is None or answer.number >= step.low
    below = step.high is None or answer.number <= step.high
    return above and below


def unit_of(step: Step) -> str:
    return step.unit or ("N·m" if step.kind is StepKind.TORQUE else "")


def expected_text(step: Step) -> str:
    """ "25 ± 2 N·m", "20 - 35 ℃", "at most" as ≤; "" where nothing is asked for."""
    low, target, high = step.low, step.target, step.high
    if low is not None and high is not None:
        even = target is not None and math.isclose(target - low, high - target, rel_tol=1e-9, abs_tol=1e-9)
        said = f"{_plain(target)} ± {_plain(target - low)}" if even and target is not None else _range(low, high)
    elif low is not None:
        said = f"≥ {_plain(low)}"
    elif high is not None:
        said = f"≤ {_plain(high)}"
    elif target is not None:
        said = _plain(target)
    else:
        return ""
    return f"{said} {unit_of(step)}".strip()


def value_text(step: Step, answer: Answer) -> str:
    if answer.number is not None:
        return f"{_plain(answer.number)} {unit_of(step)}".strip()
    return answer.text


def newer(stored: Answer | None, given: Answer) -> bool:
    """Whether the given answer replaces the stored one.  The same answer sent again changes nothing."""
    return stored is None or given.at_ms > stored.at_ms


def _range(low: float, high: float) -> str:
    return f"{_plain(low)} … {_plain(high)}"


def _plain(value: float) -> str:
    return f"{value:.6g}"
