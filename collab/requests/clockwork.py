"""What a move does to the clock of a request: when it is due, when somebody must be told, when it is deleted.  Pure."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from .definition import Definition, Escalation, Finish, Officers
from .states import Action, State
from .values import Request
from .working_time import MINUTE_MS, Calendar, Minutes

DAY_MS: Final = 86_400_000
EVERYBODY: Final = (Escalation(0, Officers()),)  # of a type that names nobody: its officers, when it is late


class Times(Struct, frozen=True):
    """The columns of a request that time moves."""

    submitted_at_ms: int
    taken_at_ms: int
    due_at_ms: int
    left_ms: int
    decided_at_ms: int
    alarm_at_ms: int
    delete_at_ms: int
    filed_day: int


def times_after(
    request: Request, action: Action, state: State, definition: Definition, calendar: Calendar, at_ms: int
) -> Times:
    """`request` as it was, `state` as it is after the move."""
    times = Times(
        submitted_at_ms=request.submitted_at_ms,
        taken_at_ms=request.taken_at_ms,
        due_at_ms=request.due_at_ms,
        left_ms=request.left_ms,
        decided_at_ms=request.decided_at_ms,
        alarm_at_ms=0,
        delete_at_ms=0,
        filed_day=request.filed_day,
    )
    match action:
        case Action.SUBMIT:
            due = calendar.due_ms(definition.clock, at_ms)
            times = replace(times, submitted_at_ms=at_ms, due_at_ms=due, filed_day=calendar.day_number(at_ms))
        case Action.REOPEN:
            due = calendar.due_ms(definition.clock, at_ms)
            times = replace(times, due_at_ms=due, left_ms=0, decided_at_ms=0)
        case Action.TAKE:
            times = replace(times, taken_at_ms=request.taken_at_ms or at_ms)
        case Action.ASK:
            times = _stopped(times, definition, calendar, at_ms)
        case Action.PROVIDE:
            times = _going_on(times, definition, calendar, at_ms)
        case Action.APPROVE | Action.REJECT | Action.ANSWER:
            times = replace(times, decided_at_ms=at_ms)
        case _:
            pass
    if state in (State.DECIDED, State.DONE, State.WITHDRAWN):
        begin = at_ms if state is not State.DONE or definition.finish is Finish.BY_OWNER else times.decided_at_ms
        return replace(times, delete_at_ms=begin + definition.keep_days * DAY_MS)
    if state is State.NEEDS_INFORMATION or state is State.DRAFT:
        return times
    made = 0 if action is Action.REOPEN else request.escalations + (action is Action.ESCALATE)
    return replace(times, alarm_at_ms=alarm_ms(definition, calendar, times.due_at_ms, made))


def _stopped(times: Times, definition: Definition, calendar: Calendar, at_ms: int) -> Times:
    """A clock that has run out cannot be stopped: what is late stays late."""
    if times.due_at_ms <= at_ms:
        return times
    if _counts_always(definition):
        left = times.due_at_ms - at_ms
    else:
        left = max(MINUTE_MS, calendar.worked_ms(at_ms, times.due_at_ms))
    return replace(times, due_at_ms=0, left_ms=left)


def _going_on(times: Times, definition: Definition, calendar: Calendar, at_ms: int) -> Times:
    if not times.left_ms:
        return times
    due = at_ms + times.left_ms if _counts_always(definition) else calendar.after(at_ms, times.left_ms)
    return replace(times, due_at_ms=due, left_ms=0)


def _counts_always(definition: Definition) -> bool:
    return isinstance(definition.clock, Minutes) and definition.clock.around_the_clock


def escalations_of(definition: Definition) -> tuple[Escalation, ...]:
    return definition.escalations or EVERYBODY


def alarm_ms(definition: Definition, calendar: Calendar, due_at_ms: int, made: int) -> int:
    """When the next escalation comes, after `made` of them; 0 when all are made."""
    steps = escalations_of(definition)
    if not due_at_ms or made >= len(steps):
        return 0
    return calendar.after(due_at_ms, steps[made].after_minutes * MINUTE_MS)
