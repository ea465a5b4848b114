"""What becomes of requests: lives made by chance, each by the table of moves and the clock of its type.  Pure."""

from __future__ import annotations

from random import Random
from typing import Final, assert_never

from msgspec import Struct

from collab.requests.definition import Definition, Finish
from collab.requests.states import DECISIONS, Action, Actor, Moved, Outcome, Part, Rules, Situation, State, move
from collab.requests.working_time import MINUTE_MS, Calendar

DAY_MS: Final = 86_400_000
OPEN_DAYS: Final = 12  # what is older has come to its end
_ASKED: Final = ("请补充盖章扫描件。", "Please add the missing page.", "请补充联系人电话。")
_NOTES: Final = {
    Action.ASK: _ASKED,
    Action.APPROVE: ("同意。", "Approved as applied for.", "已核实，同意。"),
    Action.REJECT: ("材料不符合要求。", "The papers do not meet the terms."),
    Action.ANSWER: (
        "已核实，现答复如下：可以办理。",
        "Settled with the office in charge.",
        "已转主管部门，三日内办结。",
    ),
}


class Lived(Struct, frozen=True):
    action: Action
    situation: Situation
    by_owner: bool
    note: str
    at_ms: int


class Life(Struct, frozen=True):
    steps: tuple[Lived, ...]
    due_at_ms: int
    taken_at_ms: int
    decided_at_ms: int


def life_of(
    definition: Definition,
    calendar: Calendar,
    filed_ms: int,
    now_ms: int,
    owner: str,
    chance: Random,
    aim: State | None = None,
) -> Life:
    """From filing to `now_ms` at most; most are decided in time.  With an `aim`, it ends in that state by now."""
    rules = Rules(len(definition.steps), definition.outcomes)
    situation, at_ms = Situation(State.DRAFT), filed_ms
    steps: list[Lived] = []
    due_ms = calendar.due_ms(definition.clock, filed_ms)
    span_ms = max(MINUTE_MS * 5, due_ms - filed_ms)
    taken_ms = decided_ms = 0
    old = now_ms - filed_ms > OPEN_DAYS * DAY_MS
    plan = _plan(definition, old, chance) if aim is None else _plan_to(aim, definition)
    step_ms = (now_ms - filed_ms) // len(plan) if aim is not None else 0
    for action in plan:
        if steps and not (action is Action.FINISH and definition.finish is Finish.AT_ONCE):
            at_ms += step_ms or int(span_ms * chance.uniform(0.05, 0.34))
        if at_ms > now_ms:
            break
        who = Actor(owner, frozenset(Part))
        moved = move(situation, action, who, rules)
        if not isinstance(moved, Moved):
            continue
        situation = moved.situation
        if action is Action.TAKE:
            taken_ms = taken_ms or at_ms
        if situation.state is State.DECIDED and action in DECISIONS:
            decided_ms = at_ms
        if action is Action.REOPEN:
            decided_ms, due_ms = 0, calendar.due_ms(definition.clock, at_ms)
        by_owner = action not in (Action.SUBMIT, Action.PROVIDE, Action.WITHDRAW)
        note = chance.choice(_NOTES[action]) if action in _NOTES else ""
        steps.append(Lived(moved.action, situation, by_owner, note, at_ms))
    return Life(tuple(steps), due_ms, taken_ms, decided_ms)


def _plan_to(aim: State, definition: Definition) -> list[Action]:
    """The shortest way that people go."""
    match aim:
        case State.DRAFT:
            raise ValueError("a draft has no life yet")
        case State.SUBMITTED:
            return [Action.SUBMIT]
        case State.TAKEN:
            return [Action.SUBMIT, Action.TAKE]
        case State.NEEDS_INFORMATION:
            return [Action.SUBMIT, Action.TAKE, Action.ASK]
        case State.WITHDRAWN:
            return [Action.SUBMIT, Action.WITHDRAW]
        case State.DECIDED:
            return _decided(definition, _usual(definition))
        case State.DONE:
            return [*_decided(definition, _usual(definition)), Action.FINISH]
        case State.REOPENED:
            return [*_decided(definition, _usual(definition)), Action.REOPEN]
        case _:
            assert_never(aim)


def _usual(definition: Definition) -> Outcome:
    return next((one for one in definition.outcomes if one is not Outcome.REJECTED), Outcome.REJECTED)


def _decided(definition: Definition, outcome: Outcome) -> list[Action]:
    decision = next(action for action, one in DECISIONS.items() if one is outcome)
    return [Action.SUBMIT, Action.TAKE, *[decision] * (len(definition.steps) if decision is Action.APPROVE else 1)]


def _plan(definition: Definition, old: bool, chance: Random) -> list[Action]:
    if chance.random() < 0.04:
        return [Action.SUBMIT, Action.WITHDRAW]
    asked = [Action.ASK, Action.PROVIDE] if chance.random() < 0.12 else []
    rejected = chance.random() < 0.08 and Outcome.REJECTED in definition.outcomes
    plan = _decided(definition, Outcome.REJECTED if rejected else _usual(definition))
    plan[2:2] = asked
    if not old:
        plan = plan[: chance.choice((1, 1, 2, 2, 3, len(plan)))]
    return [*plan, Action.FINISH] if old or definition.finish is Finish.AT_ONCE else plan
