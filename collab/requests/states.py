"""The ways of a request: one table of moves, and the one function that makes them.  Pure.

draft --submit--> submitted --take--> taken --approve, reject, answer--> decided --finish--> done
                                      |   ^                                 |                 |
                                     ask  provide                           +----- reopen ----+
                                      v   |                                          v
                                 needs_information                               reopened --take--> taken

Until it is decided its requester may withdraw it.  Whoever takes it owns it until somebody else accepts what was
offered to them: no other move changes an owner.  A type may have several steps of review; approving one that is not
the last is a move of its own (approve_step), which leaves the request taken.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from rooms.core.codes import Code


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    TAKEN = "taken"
    NEEDS_INFORMATION = "needs_information"
    DECIDED = "decided"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"


class Outcome(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"
    ANSWERED = "answered"


class Action(StrEnum):
    SUBMIT = "submit"
    TAKE = "take"
    ASK = "ask"
    PROVIDE = "provide"
    APPROVE_STEP = "approve_step"
    APPROVE = "approve"
    REJECT = "reject"
    ANSWER = "answer"
    FINISH = "finish"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    OFFER = "offer"  # the request to somebody else
    ACCEPT = "accept"
    DECLINE = "decline"
    RETRACT = "retract"
    ESCALATE = "escalate"


class Part(StrEnum):
    """What somebody has to do with a request."""

    REQUESTER = "requester"
    STAFF = "staff"  # may take it
    OWNER = "owner"
    REVIEWER = "reviewer"  # decides the step that it is at
    OFFERED = "offered"  # the owner would hand it over to them
    ADMINISTRATOR = "administrator"  # of the park
    CLOCK = "clock"  # nobody: time has passed


class Way(Struct, frozen=True):
    former: State
    action: Action
    state: State
    parts: frozenset[Part]


def _ways(former: tuple[State, ...], action: Action, state: State | None, *parts: Part) -> tuple[Way, ...]:
    return tuple(Way(one, action, state or one, frozenset(parts)) for one in former)


OPEN = (State.SUBMITTED, State.TAKEN, State.NEEDS_INFORMATION, State.REOPENED)  # somebody has to do something
RUNNING = (State.SUBMITTED, State.TAKEN, State.REOPENED)  # the clock runs
CLOSED = (State.DECIDED, State.DONE, State.WITHDRAWN)
OWNED = (State.TAKEN, State.NEEDS_INFORMATION, State.DECIDED, State.REOPENED)
DECISIONS = {Action.APPROVE: Outcome.APPROVED, Action.REJECT: Outcome.REJECTED, Action.ANSWER: Outcome.ANSWERED}

WAYS: tuple[Way, ...] = (
    *_ways((State.DRAFT,), Action.SUBMIT, State.SUBMITTED, Part.REQUESTER),
    *_ways((State.SUBMITTED, State.REOPENED), Action.TAKE, State.TAKEN, Part.STAFF),
    *_ways((State.TAKEN,), Action.ASK, State.NEEDS_INFORMATION, Part.OWNER, Part.REVIEWER),
    *_ways((State.NEEDS_INFORMATION,), Action.PROVIDE, State.TAKEN, Part.REQUESTER),
    *_ways((State.TAKEN,), Action.APPROVE_STEP, State.TAKEN, Part.REVIEWER),
    *_ways((State.TAKEN,), Action.APPROVE, State.DECIDED, Part.REVIEWER),
    *_ways((State.TAKEN,), Action.REJECT, State.DECIDED, Part.REVIEWER),
    *_ways((State.TAKEN,), Action.ANSWER, State.DECIDED, Part.REVIEWER),
    *_ways((State.DECIDED,), Action.FINISH, State.DONE, Part.OWNER, Part.REQUESTER, Part.CLOCK),
    *_ways(OPEN, Action.WITHDRAW, State.WITHDRAWN, Part.REQUESTER),
    *_ways((State.DECIDED, State.DONE), Action.REOPEN, State.REOPENED, Part.REQUESTER, Part.OWNER, Part.ADMINISTRATOR),
    *_ways(OWNED, Action.OFFER, None, Part.OWNER, Part.ADMINISTRATOR),
    *_ways(OWNED, Action.ACCEPT, None, Part.OFFERED),
    *_ways(OWNED, Action.DECLINE, None, Part.OFFERED),
    *_ways(OWNED, Action.RETRACT, None, Part.OWNER, Part.ADMINISTRATOR),
    *_ways(RUNNING, Action.ESCALATE, None, Part.CLOCK),
)
_BY_MOVE = {(way.former, way.action): way for way in WAYS}


class Situation(Struct, frozen=True):
    """All that moves look at and change."""

    state: State
    outcome: Outcome | None = None
    owner_id: str | None = None
    offered_to_id: str | None = None
    step: int = 0  # of review, from 0
    escalations: int = 0


class Rules(Struct, frozen=True):
    """What a type adds to the table."""

    steps: int = 1
    outcomes: tuple[Outcome, ...] = (Outcome.APPROVED, Outcome.REJECTED)


class Actor(Struct, frozen=True):
    account_id: str | None  # None: the clock
    parts: frozenset[Part]


class Moved(Struct, frozen=True):
    action: Action  # as it is kept: approving a step that is not the last is `approve_step`
    situation: Situation


def move(situation: Situation, action: Action, actor: Actor, rules: Rules, to: str | None = None) -> Moved | Code:
    """`to`: whom an offer is made to.  WRONG_STATE for what is not possible now, FORBIDDEN for what others do."""
    way = _BY_MOVE.get((situation.state, action))
    if way is None or not _possible(situation, action, rules):
        return Code.WRONG_STATE
    if way.parts.isdisjoint(actor.parts):
        return Code.FORBIDDEN
    if action is Action.TAKE and situation.owner_id not in (None, actor.account_id):
        return Code.WRONG_STATE  # it has an owner, who takes it up again
    if action is Action.OFFER and to in (None, situation.owner_id):
        return Code.INVALID
    if action is Action.APPROVE and situation.step + 1 < rules.steps:
        way, action = _BY_MOVE[situation.state, Action.APPROVE_STEP], Action.APPROVE_STEP
    return Moved(action, _after(replace(situation, state=way.state), action, actor, to))


def _possible(situation: Situation, action: Action, rules: Rules) -> bool:
    if action in DECISIONS:
        return DECISIONS[action] in rules.outcomes
    if action is Action.APPROVE_STEP:
        return situation.step + 1 < rules.steps
    if action in (Action.ACCEPT, Action.DECLINE, Action.RETRACT):
        return situation.offered_to_id is not None
    return True


def _after(situation: Situation, action: Action, actor: Actor, to: str | None) -> Situation:
    match action:
        case Action.TAKE:
            return replace(situation, owner_id=actor.account_id, offered_to_id=None)
        case Action.APPROVE_STEP:
            return replace(situation, step=situation.step + 1)
        case Action.APPROVE | Action.REJECT | Action.ANSWER:
            return replace(situation, outcome=DECISIONS[action])
        case Action.REOPEN:
            return replace(situation, outcome=None, step=0, escalations=0)
        case Action.OFFER:
            return replace(situation, offered_to_id=to)
        case Action.ACCEPT:
            return replace(situation, owner_id=actor.account_id, offered_to_id=None)
        case Action.DECLINE | Action.RETRACT:
            return replace(situation, offered_to_id=None)
        case Action.WITHDRAW | Action.FINISH:
            return replace(situation, offered_to_id=None)
        case Action.ESCALATE:
            return replace(situation, escalations=situation.escalations + 1)
        case _:
            return situation


def actions(situation: Situation, actor: Actor, rules: Rules) -> tuple[Action, ...]:
    """What somebody can do now, in the order of the table."""
    return tuple(
        action
        for action in Action
        if action not in (Action.ESCALATE, Action.APPROVE_STEP)
        and isinstance(move(situation, action, actor, rules, to="somebody"), Moved)
    )
