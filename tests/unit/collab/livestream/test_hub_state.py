"""The state of an audience: the same operations in any number make the same state, and nothing grows without bound."""

from __future__ import annotations

import itertools

import pytest

from collab.livestream.hub_messages import Ask, Batch, JudgeQuestion, Pin, PollOpen, RaiseHand, Say, Upvote
from collab.livestream.hub_ops import AnyOp, Present
from collab.livestream.hub_state import HANDS_MAX, MESSAGES_KEPT, PRESENT_KEPT_MS, HubState, audience_of, folded
from collab.livestream.life import LifeState
from collab.livestream.models import QuestionState, StaffRole
from collab.livestream.tokens import Viewer, ViewerKind
from collab.livestream.values import ChatSettings
from collab.problems import Refusal

ids = itertools.count()


def viewer(name: str, role: StaffRole | None = None, room: str = "") -> Viewer:
    return Viewer(livestream_id="l", id=name, kind=ViewerKind.ACCOUNT, name=name, role=role, room=room)


def new_id(_at_ms: int) -> str:
    return f"{next(ids):026d}"


HOST = viewer("host", StaffRole.HOST)


def state(**chat: object) -> HubState:
    return HubState(LifeState.LIVE, ChatSettings(**chat), ("east",))  # type: ignore[arg-type]


def done(hub: HubState, who: Viewer, command: object, at_ms: int = 1_000) -> list[AnyOp]:
    ops = hub.decide(who, command, at_ms, new_id)  # type: ignore[arg-type]
    for op in ops:
        hub.hear(op)
    return ops


def test_hearing_everything_twice_changes_nothing() -> None:
    once, twice = state(), state()
    li = viewer("li")
    ops = [
        *done(once, li, Say(text="Hello")),
        *done(once, li, Ask(text="When?")),
        *done(once, HOST, PollOpen(question="Lunch?", options=("Rice", "Noodles"))),
        *done(once, li, RaiseHand()),
    ]
    question = next(iter(once.questions))
    ops += done(once, li, Upvote(question_id=question))
    ops += done(once, HOST, JudgeQuestion(question_id=question, state=QuestionState.ANSWERED, answer="In May"))
    ops += done(once, HOST, Pin(message_id=next(iter(once.messages))))
    for op in (*ops, *ops):
        twice.hear(op)
    assert twice.whole(("", True), 0) == once.whole(("", True), 0)


def test_what_sql_says_a_moment_later_does_not_undo_what_was_heard_since() -> None:
    hub = state()
    li = viewer("li")
    asked = done(hub, li, Ask(text="When?"))
    question = next(iter(hub.questions))
    voted = done(hub, li, Upvote(question_id=question))
    done(hub, li, Upvote(question_id=question, on=False))
    hub.adopt([*asked, *voted])
    assert hub.questions[question].votes == 0


def test_each_audience_is_told_what_concerns_it() -> None:
    hub = state(words=("spam",))
    east = viewer("east viewer", room="east")
    done(hub, viewer("li"), Say(text="common"))
    done(hub, east, Say(text="in the east"))
    done(hub, HOST, Say(text="all", room="*"))
    done(hub, viewer("wang"), Say(text="s p a m"))
    changes = hub.take_changes()

    def texts(batch: Batch) -> list[str]:
        return [message.text for message in batch.messages]

    assert texts(hub.batch(("", False), changes)) == ["common", "all"]
    assert texts(hub.batch(audience_of(east), changes)) == ["in the east", "all"]
    assert texts(hub.batch(audience_of(HOST), changes)) == ["common", "in the east", "all", "s p a m"]
    assert texts(hub.whole(("", False), 0)) == ["common", "all"]
    assert hub.take_changes() == frozenset()


def test_memory_is_bounded() -> None:
    hub = state()
    for number in range(MESSAGES_KEPT + 50):
        done(hub, viewer(f"v{number}"), Say(text="x"))
        hub.take_changes()
    assert len(hub.messages) == MESSAGES_KEPT
    for number in range(HANDS_MAX):
        done(hub, viewer(f"v{number}"), RaiseHand())
    with pytest.raises(Refusal):
        done(hub, viewer("one more"), RaiseHand())


def test_nodes_that_are_not_heard_any_more_do_not_count() -> None:
    hub = state()
    hub.hear(Present("a", 30, 1_000))
    hub.hear(Present("b", 12, 4_000))
    assert hub.viewers(4_000) == 42
    assert hub.viewers(1_000 + PRESENT_KEPT_MS) == 12


@pytest.mark.parametrize("text", ["SPAM", "s.p.a.m", "ｓｐａｍ", "spàm", "x spam!"])
def test_words_are_found_through_disguises(text: str) -> None:
    assert "spam" in folded(text)
