"""From what is kept of a session to the content of its report.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from collab.assist.values import Job, OpenItem, Session, StillMark
from collab.assist.values import Still as KeptStill
from collab.reports import content
from rooms.core.assist_model import AssistRole

from .models import Answered, Run, SignedBy
from .steps import AnswerState, Step, StepKind, expected_text, is_within, value_text

NUMBER_TAIL_CHARS = 6


class Stay(Struct, frozen=True):
    """One stay of one person in the session's room."""

    identity: str
    name: str
    joined_at_ms: int
    left_at_ms: int


class Kept(Struct, frozen=True):
    """All that a report is made of; pictures by the digests of their files."""

    session: Session
    job: Job | None
    stays: Sequence[Stay]
    parts: Mapping[str, AssistRole]  # identity -> part, as far as it is known
    organizations: Mapping[str, str]  # identity -> the company that a member belongs to
    runs: Sequence[Run]
    signatures: Sequence[SignedBy]
    stills: Sequence[KeptStill]
    pictures: Mapping[str, bytes]
    items: Sequence[OpenItem]


def report_number(session: Session, earlier: int, made_on: str) -> str:
    """ "A-20261122-7K2M9Q", "-2" behind it for the second; `made_on` is the date in the report's zone."""
    number = f"A-{made_on}-{session.id[-NUMBER_TAIL_CHARS:].upper()}"
    return f"{number}-{earlier + 1}" if earlier else number


def report_of(kept: Kept, number: str, made_at_ms: int, time_zone: str) -> content.Report:
    session, machine = kept.session, kept.session.machine
    return content.Report(
        number=number,
        title=session.title,
        machine=content.Machine(machine.make, machine.model, machine.serial, machine.site)
        if machine
        else content.Machine("", "", "", ""),
        enterprise=kept.job.enterprise.name if kept.job else machine.organization.name if machine else "",
        installer=kept.job.installer.name if kept.job else "",
        made_at_ms=made_at_ms,
        time_zone=time_zone,
        visits=_visits(kept),
        steps=tuple(_step(step, _answer(run, step), run, kept.runs) for run in kept.runs for step in run.steps),
        stills=tuple(
            content.Still(
                still.id,
                still.taken_at_ms,
                still.name,
                kept.pictures[still.file.sha256],
                tuple(_mark(mark) for mark in still.marks),
            )
            for still in kept.stills[-content.PICTURES_MAX :]
        ),
        open_items=tuple(content.OpenItem(item.text, item.name) for item in kept.items if not item.done_at_ms),
        signatures=tuple(
            content.Signature(signed.part, signed.name, signed.organization, signed.signed_at_ms, signed.strokes)
            for signed in kept.signatures
        ),
    )


def _visits(kept: Kept) -> tuple[content.Visit, ...]:
    if not kept.stays:
        return ()
    people: dict[str, content.Party] = {}
    for stay in kept.stays:
        part = kept.parts.get(stay.identity, AssistRole.OBSERVER)
        people.setdefault(stay.identity, content.Party(part, stay.name, kept.organizations.get(stay.identity, "")))
    began, ended = min(stay.joined_at_ms for stay in kept.stays), max(stay.left_at_ms for stay in kept.stays)
    return (content.Visit(began, ended, tuple(people.values())),)


def _answer(run: Run, step: Step) -> Answered | None:
    return next((answered for answered in run.answers if answered.step_id == step.id), None)


def _step(step: Step, answered: Answered | None, run: Run, runs: Sequence[Run]) -> content.Step:
    title = f"{run.title}: {step.title}" if len(runs) > 1 else step.title
    if answered is None:
        return content.Step(_short(title), content.StepResult.OPEN, expected=expected_text(step))
    answer = answered.answer
    value = value_text(step, answer)
    if step.kind is StepKind.YES_NO and answer.yes is not None:
        value = "✓" if answer.yes else "✗"
    return content.Step(
        title=_short(title),
        result=content.StepResult(answer.state),
        value=_short(value),
        expected=expected_text(step),
        within=is_within(step, answer),
        note=answer.note,
        done_by=answered.name if answer.state is not AnswerState.OPEN else "",
        done_at_ms=answer.at_ms if answer.state is not AnswerState.OPEN else 0,
        still_ids=answer.still_ids,
    )


def _mark(mark: StillMark) -> content.BurnedMark:
    return content.BurnedMark(content.MarkShape(mark.kind), mark.color, mark.points, mark.width, mark.text, mark.number)


def _short(text: str) -> str:
    """Within the bounds of content.Line; what a text step says beyond that stands in the run."""
    return text if len(text) <= 200 else f"{text[:199]}…"
