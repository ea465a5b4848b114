"""The session alone: frames and times in, actions out, no loop and no clock."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.core.codes import Code
from rooms.core.model import Grant, Role
from signaling import messages
from signaling.commands import TABLE
from signaling.session import (
    AUTHENTICATE_WITHIN_MS,
    BURST,
    REFUSALS_BURST,
    SILENCE_MAX_MS,
    TRANSITIONS,
    Action,
    Close,
    Forward,
    Lane,
    Refuse,
    Request,
    Run,
    Session,
    State,
    TokenBucket,
)

HELLO = messages.Hello(id=1, protocol=1)
JOIN = messages.Join(id=2, room="abc-defg-hij")
PUBLISH = messages.Publish(id=3, sdp="v=0", media=())
CHAT = messages.SendChat(id=4, text="hi", nonce="n")
PING = messages.Ping(id=5, sent_at_ms=0)
SUBSCRIBE = messages.Subscribe(id=6, wants=())


def frame(message: messages.AnyClientMessage) -> bytes:
    return msgspec.json.encode(message)


def runs(actions: list[Action]) -> list[messages.AnyClientMessage]:
    return [action.request.message for action in actions if isinstance(action, Run)]


def request_of(actions: list[Action]) -> Request:
    (action,) = actions
    assert isinstance(action, Run)
    return action.request


def errors(actions: list[Action]) -> list[tuple[int, Code]]:
    return [(action.message.id, action.code) for action in actions if isinstance(action, Refuse)]


def seated(role: Role = Role.PARTICIPANT, now_ms: int = 0) -> Session:
    session = Session(TABLE, now_ms)
    session.authenticated()
    session.joined(role, Grant(identity="i", name="n", role=role))
    return session


# ---------------------------------------------------------------- states


def test_a_stranger_may_only_say_hello() -> None:
    session = Session(TABLE, 0)
    assert errors(session.receive(frame(CHAT), 1)) == [(4, Code.UNAUTHENTICATED)]
    assert runs(session.receive(frame(HELLO), 2)) == [HELLO]


def test_what_fits_another_state_is_refused_and_the_connection_stays() -> None:
    session = Session(TABLE, 0)
    session.authenticated()
    assert errors(session.receive(frame(CHAT), 1)) == [(4, Code.WRONG_STATE)]
    assert errors(session.receive(frame(HELLO), 1)) == [(1, Code.WRONG_STATE)]
    assert runs(session.receive(frame(JOIN), 1)) == [JOIN]


def test_the_role_of_the_moment_decides() -> None:
    session = seated(Role.PARTICIPANT)
    lock = messages.SetLocked(id=9, locked=True)
    assert errors(session.receive(frame(lock), 1)) == [(9, Code.FORBIDDEN)]
    session.role_changed(Role.CO_HOST)
    assert runs(session.receive(frame(lock), 2)) == [lock]


def test_the_grant_narrows_the_role() -> None:
    session = Session(TABLE, 0)
    session.authenticated()
    session.joined(Role.HOST, Grant(identity="i", name="n", role=Role.HOST, chat=False, publish=()))
    assert errors(session.receive(frame(CHAT), 1)) == [(4, Code.FORBIDDEN)]
    assert errors(session.receive(frame(PUBLISH), 1)) == [(3, Code.FORBIDDEN)]


def test_a_closed_session_hears_nothing() -> None:
    session = seated()
    session.closed()
    assert session.receive(frame(PING), 1) == []
    assert session.receive(b"garbage", 1) == []


def test_nothing_leads_out_of_closed_and_everything_leads_into_it() -> None:
    assert TRANSITIONS[State.CLOSED] == frozenset()
    assert all(State.CLOSED in TRANSITIONS[state] for state in State if state is not State.CLOSED)


def test_a_move_that_does_not_exist_is_a_fault() -> None:
    session = Session(TABLE, 0)
    with pytest.raises(AssertionError):
        session.waiting()


def test_what_cannot_be_read_closes() -> None:
    session = seated()
    (action,) = session.receive(b'{"type":"', 1)
    assert isinstance(action, Close)
    assert action.code is Code.BAD_MESSAGE
    assert session.state is State.CLOSED


# ---------------------------------------------------------------- lanes


def test_hello_join_and_publish_in_one_flight() -> None:
    session = Session(TABLE, 0)
    hello = request_of(session.receive(frame(HELLO), 0))
    assert session.receive(frame(JOIN), 0) == []
    assert session.receive(frame(PUBLISH), 0) == []
    session.authenticated()
    join = request_of(session.finished(hello))
    assert join.message == JOIN
    session.joined(Role.HOST, Grant(identity="i", name="n", role=Role.HOST))
    assert runs(session.finished(join)) == [PUBLISH]


def test_what_was_sent_behind_a_join_that_ends_in_the_lobby_is_refused() -> None:
    session = Session(TABLE, 0)
    session.authenticated()
    join = request_of(session.receive(frame(JOIN), 0))
    session.receive(frame(PUBLISH), 0)
    session.receive(frame(CHAT), 0)
    session.waiting()
    assert sorted(errors(session.finished(join))) == [(3, Code.WRONG_STATE), (4, Code.WRONG_STATE)]


def test_a_slow_negotiation_holds_up_neither_chat_nor_ping() -> None:
    session = seated()
    publish = request_of(session.receive(frame(PUBLISH), 0))
    assert runs(session.receive(frame(CHAT), 0)) == [CHAT]
    assert runs(session.receive(frame(PING), 0)) == [PING]
    assert session.receive(frame(SUBSCRIBE), 0) == []
    assert runs(session.finished(publish)) == [SUBSCRIBE]


def test_a_lane_runs_one_request_at_a_time_in_order() -> None:
    session = seated()
    first = request_of(session.receive(frame(CHAT), 0))
    later = [messages.RaiseHand(id=10, raised=True), messages.RaiseHand(id=11, raised=False)]
    for message in later:
        assert session.receive(frame(message), 0) == []
    second = request_of(session.finished(first))
    assert second.message == later[0]
    assert runs(session.finished(second)) == [later[1]]


def test_media_sent_before_a_leave_does_not_wait_for_it() -> None:
    session = seated()
    chat = request_of(session.receive(frame(CHAT), 0))
    assert runs(session.receive(frame(PUBLISH), 0)) == [PUBLISH]
    assert session.receive(frame(messages.Leave(id=20)), 0) == []
    assert runs(session.finished(chat)) == [messages.Leave(id=20)]


def test_a_full_lane_refuses_the_next() -> None:
    session = seated()
    session.receive(frame(PUBLISH), 0)
    for number in range(Lane.MEDIA.bound):
        assert session.receive(frame(messages.Answer(id=100 + number, revision=1, sdp="v")), 1_000 * number) == []
    refused = session.receive(frame(messages.Answer(id=200, revision=1, sdp="v")), 100_000)
    assert errors(refused) == [(200, Code.RATE_LIMITED)]


# ---------------------------------------------------------------- rates


def test_a_burst_then_the_rate() -> None:
    session = seated()
    for _ in range(BURST):
        actions = session.receive(frame(PING), 0)
        if runs(actions):
            session.finished(request_of(actions))
    assert errors(session.receive(frame(PING), 0)) == [(5, Code.RATE_LIMITED)]
    assert runs(session.receive(frame(PING), 1_000)) == [PING]


def test_a_refusal_says_when_to_come_back() -> None:
    session = seated()
    for number in range(BURST // TABLE[messages.SendChat].cost):
        session.receive(frame(messages.SendChat(id=1, text="x", nonce=str(number))), 0)
    (action,) = session.receive(frame(CHAT), 0)
    assert isinstance(action, Refuse)
    retry = action.retry_after_ms
    assert errors(session.receive(frame(CHAT), retry - 2)) == [(4, Code.RATE_LIMITED)]
    assert errors(session.receive(frame(CHAT), retry)) == []


def test_large_frames_cost_more() -> None:
    session = seated()
    padded = frame(PING) + b" " * 250_000
    assert runs(session.receive(padded, 0)) == [PING]
    assert errors(session.receive(padded, 0)) == [(5, Code.RATE_LIMITED)]


def test_who_goes_on_after_refusals_is_closed() -> None:
    session = seated()
    closed_by = None
    for _ in range(BURST + REFUSALS_BURST + 2):
        for action in session.receive(frame(PING), 0):
            if isinstance(action, Run):
                session.finished(action.request)
            if isinstance(action, Close):
                closed_by = action.code
    assert closed_by is Code.RATE_LIMITED
    assert session.state is State.CLOSED


@given(st.lists(st.tuples(st.integers(0, 2_000), st.integers(1, 200)), max_size=50))
def test_a_bucket_never_gives_more_than_its_rate(steps: list[tuple[int, int]]) -> None:
    bucket = TokenBucket(60, 120, 0)
    now_ms, given_out = 0, 0
    for wait_ms, cost in steps:
        now_ms += wait_ms
        retry_ms = bucket.take(cost, now_ms)
        if retry_ms == 0:
            given_out += min(cost, 120)
        else:
            assert bucket.take(cost, now_ms + retry_ms) == 0
            given_out += min(cost, 120)
            now_ms += retry_ms
        assert given_out <= 120 + now_ms * 60 / 1_000 + 1


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket = TokenBucket(60, 10, 1_000)
    assert bucket.take(10, 1_000) == 0
    assert bucket.take(1, 0) > 0


# ---------------------------------------------------------------- timers


def test_a_stranger_has_ten_seconds() -> None:
    session = Session(TABLE, 1_000)
    session.receive(frame(CHAT), 5_000)
    due_ms = 1_000 + AUTHENTICATE_WITHIN_MS
    assert session.next_timer_ms() == due_ms
    assert session.on_timer(due_ms - 1) == []
    (action,) = session.on_timer(due_ms)
    assert isinstance(action, Close)
    assert action.code is Code.IDLE


def test_silence_closes_and_any_frame_breaks_it() -> None:
    session = seated()
    session.receive(frame(PING), 50_000)
    assert session.on_timer(SILENCE_MAX_MS) == []
    (action,) = session.on_timer(50_000 + SILENCE_MAX_MS)
    assert isinstance(action, Close)
    assert action.code is Code.IDLE


def test_an_identity_that_runs_out_ends_the_connection() -> None:
    session = Session(TABLE, 0)
    session.authenticated(expires_at_ms=30_000)
    assert session.next_timer_ms() == 30_000
    (action,) = session.on_timer(30_000)
    assert isinstance(action, Close)
    assert action.code is Code.EXPIRED


# ---------------------------------------------------------------- rooms on other nodes


def test_a_relayed_session_passes_frames_on_unread_in_their_order() -> None:
    session = Session(TABLE, 0)
    session.authenticated()
    join = request_of(session.receive(frame(JOIN), 0))
    session.receive(frame(PUBLISH), 0)
    session.receive(frame(CHAT), 0)
    assert session.relayed(0) == [Forward(frame(PUBLISH)), Forward(frame(CHAT))]
    assert session.finished(join) == []
    assert session.receive(b"not even JSON", 1) == [Forward(b"not even JSON")]


def test_a_relayed_session_keeps_its_own_limits() -> None:
    session = Session(TABLE, 0)
    session.authenticated()
    session.receive(frame(JOIN), 0)
    session.relayed(0)
    (action,) = session.receive(b"x" * (messages.FRAME_MAX_BYTES + 1), 1)
    assert isinstance(action, Close)
    assert action.code is Code.TOO_LARGE


def test_a_flood_through_a_relay_is_closed() -> None:
    session = Session(TABLE, 0)
    session.authenticated()
    session.receive(frame(JOIN), 0)
    session.relayed(0)
    last: list[Action] = []
    for _ in range(2 * BURST + 1):
        last = session.receive(b"{}", 0)
    (action,) = last
    assert isinstance(action, Close)
    assert action.code is Code.RATE_LIMITED


# ---------------------------------------------------------------- hostile input


frames = st.one_of(
    st.binary(max_size=200),
    st.sampled_from([frame(message) for message in (HELLO, JOIN, PUBLISH, CHAT, PING, SUBSCRIBE)]),
)


@given(st.lists(st.tuples(frames, st.integers(0, 5_000), st.booleans()), max_size=60))
def test_no_input_raises_and_every_request_has_one_answer(steps: list[tuple[bytes, int, bool]]) -> None:
    """Handlers finish at any time; a hello makes authenticated, a join makes joined."""
    session = Session(TABLE, 0)
    running: list[Request] = []
    started: list[int] = []
    now_ms = 0

    def take(actions: list[Action]) -> None:
        for action in actions:
            if isinstance(action, Run):
                assert all(other.rule.lane is not action.request.rule.lane for other in running)
                running.append(action.request)
                started.append(action.request.number)

    for data, wait_ms, finish_one in steps:
        now_ms += wait_ms
        take(session.receive(data, now_ms))
        take(session.on_timer(now_ms))
        if finish_one and running:
            request = running.pop(0)
            if session.state is State.CONNECTED and isinstance(request.message, messages.Hello):
                session.authenticated()
            if session.state is State.AUTHENTICATED and isinstance(request.message, messages.Join):
                session.joined(Role.GUEST, Grant(identity="i", name="n", role=Role.GUEST))
            take(session.finished(request))
    assert len(started) == len(set(started))
