"""How far a job has come, and what is late.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from collab.assist.models import JobState

from .models import Milestone
from .values import CompanyLine, JobLine, LastContact, Late, MilestoneState

DAY_MS: Final = 86_400_000
CONTACT_EVERY_MS: Final = 30 * DAY_MS


def whole(known: Mapping[Milestone, MilestoneState]) -> tuple[MilestoneState, ...]:
    """All three, in their order."""
    return tuple(known.get(one, MilestoneState(one, None, 0, "")) for one in Milestone)


def may_be_done(milestone: Milestone, states: Sequence[MilestoneState]) -> bool:
    """What comes before it is done."""
    before = list(Milestone)[: list(Milestone).index(milestone)]
    return all(one.done_at_ms for one in states if one.milestone in before)


def may_be_undone(milestone: Milestone, states: Sequence[MilestoneState]) -> bool:
    """Nothing that comes after it is done."""
    after = list(Milestone)[list(Milestone).index(milestone) + 1 :]
    return not any(one.done_at_ms for one in states if one.milestone in after)


def job_is_late(
    state: JobState, starts_at_ms: int, ends_at_ms: int, states: Sequence[MilestoneState], now_ms: int, today: date
) -> bool:
    if any(one.planned_on is not None and one.planned_on < today and not one.done_at_ms for one in states):
        return True
    if state is JobState.SCHEDULED and 0 < starts_at_ms + DAY_MS < now_ms:
        return True
    return state in (JobState.SCHEDULED, JobState.IN_PROGRESS) and 0 < ends_at_ms < now_ms


def lateness(
    late_requests: int, jobs: Sequence[JobLine], last: LastContact | None, since_ms: int, now_ms: int, today: date
) -> tuple[Late, ...]:
    """Without any contact the time counts from when the officer was named."""
    late = []
    if late_requests:
        late.append(Late.REQUESTS)
    overdue = [one for one in jobs if one.late]
    missed = [
        one
        for one in overdue
        if any(
            step.planned_on is not None and step.planned_on < today and not step.done_at_ms for step in one.milestones
        )
    ]
    if missed:
        late.append(Late.MILESTONE)
    if len(overdue) > len(missed):
        late.append(Late.JOB)
    if now_ms - (last.at_ms if last else since_ms) > CONTACT_EVERY_MS:
        late.append(Late.CONTACT)
    return tuple(late)


def most_urgent_first(lines: Sequence[CompanyLine]) -> list[CompanyLine]:
    return sorted(lines, key=lambda one: (-len(one.late), -one.late_requests, one.company.name))
