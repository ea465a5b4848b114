"""The table of moves: who may do what when, and what no order of moves can bring about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.requests.states import (
    CLOSED,
    OWNED,
    WAYS,
    Action,
    Actor,
    Moved,
    Outcome,
    Part,
    Rules,
    Situation,
    State,
    actions,
    move,
)
from rooms.core.codes import Code

RULES = Rules()
THREE_STEPS = Rules(3)


def actor(name: str | None, *parts: Part) -> Actor:
    return Actor(name, frozenset(parts))


OFFICER = actor("officer", Part.STAFF)
REQUESTER = actor("requester", Part.REQUESTER)
EVERYTHING = actor("chief", *Part)


def test_one_way_through() -> None:
    situation = Situation(State.DRAFT)
    owner = actor("officer", Part.STAFF, Part.OWNER, Part.REVIEWER)
    for who, action, expected in (
        (REQUESTER, Action.SUBMIT, State.SUBMITTED),
        (OFFICER, Action.TAKE, State.TAKEN),
        (owner, Action.ASK, State.NEEDS_INFORMATION),
        (REQUESTER, Action.PROVIDE, State.TAKEN),
        (owner, Action.APPROVE, State.DECIDED),
        (owner, Action.FINISH, State.DONE),
        (REQUESTER, Action.REOPEN, State.REOPENED),
        (owner, Action.TAKE, State.TAKEN),
    ):
        moved = move(situation, action, who, RULES)
        assert isinstance(moved, Moved), (action, moved)
        situation = moved.situation
        assert situation.state is expected
    assert (situation.owner_id, situation.outcome) == ("officer", None)


def test_steps_of_review_are_passed_one_by_one() -> None:
    situation = Situation(State.TAKEN, owner_id="officer")
    reviewer = actor("officer", Part.REVIEWER)
    taken = []
    for _ in range(3):
        moved = move(situation, Action.APPROVE, reviewer, THREE_STEPS)
        assert isinstance(moved, Moved)
        situation = moved.situation
        taken.append((moved.action, situation.state, situation.step))
    assert taken == [
        (Action.APPROVE_STEP, State.TAKEN, 1),
        (Action.APPROVE_STEP, State.TAKEN, 2),
        (Action.APPROVE, State.DECIDED, 2),
    ]
    assert situation.outcome is Outcome.APPROVED


def test_a_type_decides_with_its_own_outcomes_only() -> None:
    answered = Rules(outcomes=(Outcome.ANSWERED,))
    taken = Situation(State.TAKEN, owner_id="officer")
    assert move(taken, Action.APPROVE, EVERYTHING, answered) is Code.WRONG_STATE
    assert isinstance(move(taken, Action.ANSWER, EVERYTHING, answered), Moved)
    assert actions(taken, actor("officer", Part.OWNER, Part.REVIEWER), answered) == (
        Action.ASK,
        Action.ANSWER,
        Action.OFFER,
    )


def test_what_is_taken_is_not_taken_again() -> None:
    reopened = Situation(State.REOPENED, owner_id="officer")
    assert move(reopened, Action.TAKE, actor("other", Part.STAFF), RULES) is Code.WRONG_STATE
    assert isinstance(move(reopened, Action.TAKE, OFFICER, RULES), Moved)
    assert move(Situation(State.TAKEN, owner_id="officer"), Action.TAKE, EVERYTHING, RULES) is Code.WRONG_STATE


def test_a_hand_over_takes_both() -> None:
    taken = Situation(State.TAKEN, owner_id="officer")
    owner, other = actor("officer", Part.OWNER), actor("other", Part.OFFERED)
    assert move(taken, Action.ACCEPT, other, RULES) is Code.WRONG_STATE  # nothing was offered
    assert move(taken, Action.OFFER, owner, RULES, to="officer") is Code.INVALID
    offered = move(taken, Action.OFFER, owner, RULES, to="other")
    assert isinstance(offered, Moved)
    assert offered.situation.owner_id == "officer"
    accepted = move(offered.situation, Action.ACCEPT, other, RULES)
    assert isinstance(accepted, Moved)
    assert (accepted.situation.owner_id, accepted.situation.offered_to_id) == ("other", None)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.former}-{way.action}")
def test_nobody_else_takes_a_way(way: object) -> None:
    assert way in WAYS
    former, action, parts = getattr(way, "former"), getattr(way, "action"), getattr(way, "parts")  # noqa: B009
    situation = Situation(former, owner_id="a" if former in OWNED else None, offered_to_id="b")
    outsider = Actor("c", frozenset(Part) - parts)
    if action is not Action.APPROVE_STEP:
        rules = Rules(outcomes=tuple(Outcome))
        assert move(situation, action, outsider, rules, to="c") in (Code.FORBIDDEN, Code.WRONG_STATE)


PEOPLE = ("ann", "bo", "cy", None)
moves = st.tuples(st.sampled_from(Action), st.sampled_from(PEOPLE), st.frozensets(st.sampled_from(Part)))


@given(st.lists(moves, max_size=60), st.integers(1, 4))
def test_no_order_of_moves_loses_an_event_or_makes_two_owners(
    wanted: list[tuple[Action, str | None, frozenset[Part]]], steps: int
) -> None:
    """Only a take of what is nobody's, and the acceptance of an offer, change the owner; the events alone give the
    state back."""
    rules = Rules(steps, tuple(Outcome))
    situation, kept = Situation(State.DRAFT), []
    for action, name, parts in wanted:
        moved = move(situation, action, Actor(name, parts), rules, to="bo")
        if not isinstance(moved, Moved):
            continue
        after = moved.situation
        if after.owner_id != situation.owner_id:
            assert (moved.action is Action.TAKE and situation.owner_id is None) or (
                moved.action is Action.ACCEPT and situation.offered_to_id is not None
            )
        assert 0 <= after.step < steps
        assert (after.outcome is not None) <= (after.state in CLOSED)
        assert after.offered_to_id is None or after.state in OWNED
        kept.append((moved.action, name))
        situation = after
    replayed = Situation(State.DRAFT)
    for action, name in kept:
        again = move(replayed, action, Actor(name, frozenset(Part)), rules, to="bo")
        assert isinstance(again, Moved)
        replayed = again.situation
    assert replayed == situation


@given(st.builds(Situation, st.sampled_from(State), owner_id=st.sampled_from(PEOPLE)), st.sampled_from(Part))
def test_what_is_offered_to_somebody_can_be_done(situation: Situation, part: Part) -> None:
    who = Actor("ann", frozenset({part}))
    for action in actions(situation, who, RULES):
        assert isinstance(move(situation, action, who, RULES, to="somebody"), Moved)
