"""The report as lines of text in one language, ready to be set: what the PDF and the HTML have in common."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from .chain import Entry, sha256
from .content import Report, Step, StepResult, Visit
from .words import WORDS, Words


class Pair(Struct, frozen=True):
    name: str
    text: str


class VisitLine(Struct, frozen=True):
    began: str
    ended: str
    people: str


class StepLine(Struct, frozen=True):
    number: int
    title: str
    state: StepResult
    result: str
    value: str
    expected: str
    tolerance: str  # "" where nothing was measured
    within: bool
    note: str
    done: str  # by whom and when
    pictures: str  # numbers of the pictures, "1, 3"


class PictureLine(Struct, frozen=True):
    number: int
    file: str
    caption: str
    taken: str
    stored_hash: str


class OpenLine(Struct, frozen=True):
    text: str
    owner: str
    due: str


class SignatureLine(Struct, frozen=True):
    file: str
    part: str
    name: str
    signed: str


class Sheet(Struct, frozen=True):
    language: str
    words: Words
    title: str
    number: str
    made: str
    facts: tuple[Pair, ...]
    visits: tuple[VisitLine, ...]
    steps: tuple[StepLine, ...]
    pictures: tuple[PictureLine, ...]
    open_items: tuple[OpenLine, ...]
    signatures: tuple[SignatureLine, ...]
    chain_end: str


def sheet_of(report: Report, chain: Sequence[Entry], language: str) -> Sheet:
    """`language` is "en" or "zh"."""
    words, zone = WORDS[language], ZoneInfo(report.time_zone)
    machine = report.machine
    facts = (
        Pair(words.make, machine.make),
        Pair(words.model, machine.model),
        Pair(words.serial, machine.serial),
        Pair(words.site, machine.site),
        Pair(words.enterprise, report.enterprise),
        Pair(words.installer, report.installer),
    )
    numbers = {still.id: number for number, still in enumerate(report.stills, 1)}
    return Sheet(
        language=language,
        words=words,
        title=report.title,
        number=report.number,
        made=_time(report.made_at_ms, zone),
        facts=tuple(fact for fact in facts if fact.text),
        visits=tuple(_visit(visit, words, zone) for visit in report.visits),
        steps=tuple(_step(number, step, words, zone, numbers) for number, step in enumerate(report.steps, 1)),
        pictures=tuple(
            PictureLine(
                number, picture_file(number), still.caption, _time(still.taken_at_ms, zone), sha256(still.image)
            )
            for number, still in enumerate(report.stills, 1)
        ),
        open_items=tuple(OpenLine(item.text, item.owner, item.due) for item in report.open_items),
        signatures=tuple(
            SignatureLine(
                signature_file(number),
                words.parts.get(signature.part, signature.part),
                _with(signature.name, signature.organization),
                _time(signature.signed_at_ms, zone),
            )
            for number, signature in enumerate(report.signatures, 1)
        ),
        chain_end=chain[-1].link,
    )


def picture_file(number: int) -> str:
    return f"picture-{number}.jpg"


def signature_file(number: int) -> str:
    return f"signature-{number}.png"


def _visit(visit: Visit, words: Words, zone: ZoneInfo) -> VisitLine:
    people = "; ".join(
        f"{_with(party.name, party.organization)} - {words.parts.get(party.part, party.part)}" for party in visit.people
    )
    return VisitLine(_time(visit.started_at_ms, zone), _time(visit.ended_at_ms, zone), people)


def _step(number: int, step: Step, words: Words, zone: ZoneInfo, numbers: dict[str, int]) -> StepLine:
    tolerance = "" if step.within is None else words.within if step.within else words.outside
    done = ", ".join(part for part in (step.done_by, _time(step.done_at_ms, zone)) if part)
    pictures = ", ".join(str(numbers[still_id]) for still_id in step.still_ids if still_id in numbers)
    return StepLine(
        number=number,
        title=step.title,
        state=step.result,
        result=words.results[step.result],
        value=step.value,
        expected=step.expected,
        tolerance=tolerance,
        within=step.within is not False,
        note=step.note,
        done=done,
        pictures=pictures,
    )


def _with(name: str, organization: str) -> str:
    return f"{name} ({organization})" if organization else name


def _time(at_ms: int, zone: ZoneInfo) -> str:
    """With the zone's offset, so that the report says when it was wherever it is read; "" for no time."""
    if not at_ms:
        return ""
    return datetime.fromtimestamp(at_ms / 1_000, zone).strftime("%Y-%m-%d %H:%M UTC%z")
