"""What becomes of requests: lives made by chance, each by the table of moves and the clock of its type.  Pure."""

from __future__ import annotations

from random import Random
from typing import Final

from msgspec import Struct

from collab.requests.definition import Definition, Finish
from collab.requests.states import DECISIONS, Action, Actor, Moved, Outcome, Part, Rules, Situation, State, move
from collab.requests.working_time import MINUTE_MS, Calendar

DAY_MS: Final = 86_400_000
OPEN_DAYS: Final = 12  # what is older has come to its end
_NOTES: Final = ("请补充盖章扫描件。", "Please add the missing page.", "已核实。", "Approved as applied for.", "同意。")


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


def life_of(definition: Definition, calendar: Calendar, filed_ms: int, now_ms: int, owner: str, chance: Random) -> Life:
    """From filing to `now_ms` at most; most are decided in time."""
    rules = Rules(len(definition.steps), definition.outcomes)
    situation, at_ms = Situation(State.DRAFT), filed_ms
    steps: list[Lived] = []
    due_ms = calendar.due_ms(definition.clock, filed_ms)
    span_ms = max(MINUTE_MS * 5, due_ms - filed_ms)
    taken_ms = decided_ms = 0
    for action in _plan(definition, now_ms - filed_ms > OPEN_DAYS * DAY_MS, chance):
        if steps:
            at_ms += int(span_ms * chance.uniform(0.05, 0.34))
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
        by_owner = action not in (Action.SUBMIT, Action.PROVIDE, Action.WITHDRAW)
        note = chance.choice(_NOTES) if action in (Action.ASK, *DECISIONS) else ""
        steps.append(Lived(moved.action, situation, by_owner, note, at_ms))
    return Life(tuple(steps), due_ms, taken_ms, decided_ms)


def _plan(definition: Definition, old: bool, chance: Random) -> list[Action]:
    if chance.random() < 0.04:
        return [Action.SUBMIT, Action.WITHDRAW]
    plan = [Action.SUBMIT, Action.TAKE]
    if chance.random() < 0.12:
        plan += [Action.ASK, Action.PROVIDE]
    outcomes: list[Outcome] = [one for one in definition.outcomes if one is not Outcome.REJECTED]
    chosen = (
        Outcome.REJECTED
        if chance.random() < 0.08 and Outcome.REJECTED in definition.outcomes
        else (outcomes or [Outcome.REJECTED])[0]
    )
    decision = next(action for action, outcome in DECISIONS.items() if outcome is chosen)
    plan += [decision] * (len(definition.steps) if decision is Action.APPROVE else 1)
    if definition.finish is Finish.AT_ONCE or old:
        plan.append(Action.FINISH)
    return plan if old else plan[: chance.choice((1, 1, 2, 2, 3, len(plan)))]
