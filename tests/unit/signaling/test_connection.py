"""The moments that real rooms make rarely: a connection between its room, its handlers and a carrier that goes away.

The room here answers when the test says so; whole rooms are in tests/contract.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from structlog.testing import capture_logs

from rooms.core.codes import Code
from rooms.core.commands import AnyCommand, Leave
from rooms.core.events import QualityChanged, Reacted, RoleChanged
from rooms.core.model import Grant, Participant, Presence, Quality, Role, RoomView
from rooms.ports import (
    Delivery,
    Done,
    Listener,
    Outcome,
    OwnedElsewhere,
    Refused,
    RemoteRefused,
    RoomRecord,
    Seated,
    StoreUnavailable,
    Waiting,
)
from signaling import messages
from signaling.commands import TABLE
from signaling.connection import EARLY_EVENTS_MAX, Connection
from signaling.limits import DoorLimits
from signaling.ports import Admission, Identity, IdentityKind
from signaling.services import Line, Relayed, Services, Timing
from signaling.session import Session, State
from tests.support.wire import ROOM, AnyFiles, Door, Json, StillMedia, now_ms

ME = "p-me"
IDENTITY = Identity(id="i", name="Ann", kind=IdentityKind.GUEST, address="192.0.2.1")
GRANT = Grant(identity="i", name="Ann", role=Role.PARTICIPANT)


class TimedRoom:
    """A LiveRoom that answers `join` and `ask` when the test does."""

    def __init__(self) -> None:
        self.record: RoomRecord = ROOM
        self.listener: Listener | None = None
        self.joining: asyncio.Future[Seated | Waiting | Refused] = asyncio.get_running_loop().create_future()
        self.asking: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.asked: list[AnyCommand] = []
        self.detached: list[Listener] = []
        self.fault: Exception | None = None

    @property
    def view(self) -> RoomView:
        return RoomView(ROOM.id, ROOM.code, ROOM.title)

    async def ask(self, command: AnyCommand) -> Outcome:
        self.asked.append(command)
        if self.fault is not None:
            raise self.fault
        return await self.asking

    async def join(self, grant: Grant, resume: str, listener: Listener) -> Seated | Waiting | Refused:
        self.listener = listener
        return await self.joining

    def detach(self, listener: Listener) -> None:
        self.detached.append(listener)


class OneRoom:
    """A RoomManager of one room."""

    node = "n"

    def __init__(self, room: TimedRoom) -> None:
        self.room = room
        self.fault: Exception | None = None

    async def open(self, record: RoomRecord) -> TimedRoom:
        if self.fault is not None:
            raise self.fault
        return self.room

    def find(self, room_id: str) -> TimedRoom | None:
        return self.room


class FreeRates:
    """Rates are in test_limits."""

    async def take(self, rule: object, subject: str, cost: int = 1) -> int:
        return 0


class NoLines:
    """Lines are in tests/contract/test_websocket_relay.py."""

    async def open(
        self, node: str, identity: Identity, admission: Admission, request: bytes, to: Relayed
    ) -> Line | None:
        raise RemoteRefused(Code.UNAVAILABLE)


class Desk:
    def __init__(self, timing: Timing) -> None:
        self.room = TimedRoom()
        self.rooms = OneRoom(self.room)
        self.door = Door()
        self.door.add_room(ROOM)
        self.door.people["t"] = IDENTITY
        self.door.roles["i"] = Role.PARTICIPANT
        self.media = StillMedia()
        services = Services(
            doorkeeper=self.door,
            rooms=self.rooms,
            media=self.media,
            limits=DoorLimits(FreeRates()),  # type: ignore[arg-type]
            lines=NoLines(),
            clock_ms=now_ms,
            new_id=lambda: "m1",
            files=AnyFiles(),
            timing=timing,
        )
        session = Session(TABLE, int(asyncio.get_running_loop().time() * 1_000))
        self.connection = Connection(services, IDENTITY, session)
        self.connection.authenticated()

    def say(self, message: messages.AnyClientMessage) -> None:
        self.connection.receive(msgspec.json.encode(message))

    async def next(self) -> Json:
        async with asyncio.timeout(30):
            frame = await self.connection.outbox.take()
        assert frame is not None, self.connection.outbox.closing
        parsed: Json = msgspec.json.decode(frame)
        return parsed

    async def rest(self) -> list[Json]:
        """What is left up to the end."""
        found = []
        async with asyncio.timeout(30):
            while (frame := await self.connection.outbox.take()) is not None:
                found.append(msgspec.json.decode(frame))
        return found

    async def join(self) -> None:
        self.say(messages.Join(id=1, room=ROOM.code))
        self.room.joining.set_result(seated())
        assert (await self.next())["type"] == "joined"
        assert (await self.next())["type"] == "offer"


def seated(seq: int = 5) -> Seated:
    me = Participant(ME, "i", "Ann", Role.PARTICIPANT, "", Presence.HERE, 1)
    view = RoomView(ROOM.id, ROOM.code, ROOM.title, seq=seq, participants={ME: me})
    return Seated(ME, "resume", resumed=False, snapshot=view)


@asynccontextmanager
async def open_desk(timing: Timing) -> AsyncIterator[Desk]:
    desk = Desk(timing)
    yield desk
    desk.connection.lost()
    await desk.connection.finish()


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with open_desk(Timing(finish_max_ms=10)) as desk:
        yield desk


async def settle() -> None:
    """Let everything run that is ready to."""
    for _ in range(20):
        await asyncio.sleep(0)


# ---------------------------------------------------------------- joining


async def test_a_socket_that_ends_before_it_is_welcomed_is_no_fault(desk: Desk) -> None:
    session = Session(TABLE, int(asyncio.get_running_loop().time() * 1_000))
    connection = Connection(desk.connection.services, IDENTITY, session)
    with capture_logs() as logs:
        connection.receive(msgspec.json.encode(messages.Hello(id=1, protocol=messages.PROTOCOL_VERSION, token="t")))
        connection.lost()
        await settle()
        await connection.finish()
    assert session.state is State.CLOSED
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == []


async def test_events_that_come_before_the_snapshot_was_sent_follow_it(desk: Desk) -> None:
    desk.say(messages.Join(id=1, room=ROOM.code))
    await settle()
    assert desk.room.listener is desk.connection
    desk.connection.deliver(Delivery(6, Reacted(ME, "clap")))
    desk.room.joining.set_result(seated(seq=5))
    assert [(await desk.next())["type"] for _ in range(3)] == ["joined", "event", "offer"]


async def test_relay_credentials_are_renewed_while_the_seat_is_held() -> None:
    async with open_desk(Timing(finish_max_ms=10, relays_renew_ms=20)) as desk:
        await desk.join()
        for _ in range(2):
            renewed = await desk.next()
            assert renewed["type"] == "ice_servers"
            assert renewed["ice_servers"][0]["credential"] == "c"
        desk.connection.lost()
        before = len(await desk.rest())
        assert before <= 1


async def test_events_without_end_before_the_snapshot_close(desk: Desk) -> None:
    desk.say(messages.Join(id=1, room=ROOM.code))
    await settle()
    for seq in range(EARLY_EVENTS_MAX + 1):
        desk.connection.deliver(Delivery(seq, Reacted(ME, "clap")))
    assert desk.connection.outbox.closing == messages.Closing(code=Code.SLOW_CONSUMER, retry_after_ms=1_000)


async def test_an_admission_that_overtakes_its_waiting(desk: Desk) -> None:
    desk.say(messages.Join(id=1, room=ROOM.code))
    await settle()
    desk.connection.admitted(seated())
    desk.room.joining.set_result(Waiting(ME, "resume"))
    assert [(await desk.next())["type"] for _ in range(3)] == ["waiting", "joined", "offer"]


async def test_a_carrier_that_goes_while_joining_keeps_no_seat(desk: Desk) -> None:
    desk.say(messages.Join(id=1, room=ROOM.code))
    await settle()
    desk.connection.lost()
    desk.room.joining.set_result(seated())
    await settle()
    assert desk.room.detached == [desk.connection]
    assert desk.media.calls == []


async def test_a_room_that_closes_while_joining(desk: Desk) -> None:
    desk.say(messages.Join(id=1, room=ROOM.code))
    await settle()
    desk.connection.closed(Code.REMOVED)
    desk.room.joining.set_result(seated())
    assert await desk.rest() == []
    assert desk.connection.outbox.closing == messages.Closing(code=Code.REMOVED)
    assert desk.media.calls == []


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (StoreUnavailable("redis is away"), Code.UNAVAILABLE),
        (OwnedElsewhere("other"), Code.UNAVAILABLE),  # and there is no way there
        (RuntimeError("a fault of ours"), Code.INTERNAL),
        (TimeoutError(), Code.UNAVAILABLE),
    ],
)
async def test_a_join_that_cannot_be_done_is_refused_and_may_be_tried_again(
    desk: Desk, fault: Exception, code: Code
) -> None:
    desk.rooms.fault = fault
    desk.say(messages.Join(id=1, room=ROOM.code))
    refused = await desk.next()
    assert (refused["type"], refused["id"], refused["code"]) == ("error", 1, code.value)
    assert desk.connection.session.state is State.AUTHENTICATED
    desk.rooms.fault = None
    await desk.join()


async def test_media_that_cannot_take_the_seat_close_with_a_way_back(desk: Desk) -> None:
    desk.media.full = True
    desk.say(messages.Join(id=1, room=ROOM.code))
    desk.room.joining.set_result(seated())
    assert [message["type"] for message in await desk.rest()] == ["joined"]
    assert desk.connection.outbox.closing == messages.Closing(code=Code.UNAVAILABLE, retry_after_ms=1_000)
    assert desk.room.detached == [desk.connection]


# ---------------------------------------------------------------- handlers


async def test_a_handler_that_fails_answers_internal_and_the_next_runs(desk: Desk) -> None:
    await desk.join()
    desk.room.fault = RuntimeError("a fault of ours")
    desk.say(messages.RaiseHand(id=2, raised=True))
    assert await desk.next() == {"type": "error", "id": 2, "code": "internal", "retry_after_ms": 0}
    desk.room.fault = None
    desk.room.asking.set_result(Done())
    desk.say(messages.RaiseHand(id=3, raised=True))
    assert await desk.next() == {"type": "ok", "id": 3}


async def test_a_handler_without_end_is_given_up() -> None:
    async with open_desk(Timing(handler_max_ms=50)) as desk:
        await desk.join()
        desk.say(messages.RaiseHand(id=2, raised=True))
        assert (await desk.next())["code"] == "unavailable"
        assert desk.connection.session.state is State.JOINED


async def test_a_room_that_refuses_tracks_makes_media_forget_them(desk: Desk) -> None:
    await desk.join()
    desk.room.asking.set_result(Refused(Code.FORBIDDEN))
    desk.say(messages.Publish(id=2, sdp="v=0", media=()))
    assert (await desk.next())["code"] == "forbidden"
    assert desk.media.calls[-1] == ("tracks_refused", ME)


# ---------------------------------------------------------------- endings


async def test_the_reply_that_is_under_way_comes_before_closing(desk: Desk) -> None:
    """`end` closes its own room: first its ok, then the last word."""
    await desk.join()
    desk.say(messages.Leave(id=2))
    await settle()
    desk.connection.closed(Code.ROOM_ENDED)
    desk.room.asking.set_result(Refused(Code.ROOM_ENDED))
    assert [message.get("code") for message in await desk.rest()] == ["room_ended"]
    assert desk.connection.outbox.closing == messages.Closing(code=Code.ROOM_ENDED)


async def test_closing_does_not_wait_for_ever_for_a_reply() -> None:
    async with open_desk(Timing(last_reply_max_ms=10, finish_max_ms=10)) as desk:
        await desk.join()
        desk.say(messages.RaiseHand(id=2, raised=True))
        await settle()
        desk.connection.closed(Code.REMOVED)
        assert await desk.rest() == []
        assert desk.connection.outbox.closing == messages.Closing(code=Code.REMOVED)


async def test_after_the_end_nothing_is_heard_or_said(desk: Desk) -> None:
    await desk.join()
    desk.connection.closed(Code.REMOVED)
    desk.connection.deliver(Delivery(9, Reacted(ME, "clap")))
    desk.say(messages.RaiseHand(id=2, raised=True))
    assert await desk.rest() == []
    assert desk.room.asked == []


async def test_the_room_is_left_once_whoever_ends_first(desk: Desk) -> None:
    await desk.join()
    desk.connection.close(Code.INTERNAL)
    desk.connection.lost()
    desk.connection.closed(Code.REPLACED)
    assert desk.room.detached == [desk.connection]
    assert desk.media.calls.count(("detach", ME)) == 1
    assert desk.connection.outbox.closing == messages.Closing(code=Code.INTERNAL)


async def test_an_expelled_identity_gives_up_its_seat(desk: Desk) -> None:
    await desk.join()
    desk.room.asking.set_result(Done())
    desk.connection.expel(Code.UNAUTHENTICATED)
    await settle()
    assert desk.room.asked == [Leave(ME)]
    assert desk.connection.outbox.closing == messages.Closing(code=Code.UNAUTHENTICATED)


async def test_finish_waits_for_handlers_and_gives_up_on_the_stuck(desk: Desk) -> None:
    await desk.join()
    desk.say(messages.RaiseHand(id=2, raised=True))
    await settle()
    desk.connection.lost()
    async with asyncio.timeout(30):
        await desk.connection.finish()
    assert not desk.connection._tasks


# ---------------------------------------------------------------- events


async def test_an_event_is_encoded_by_the_first_listener_for_all(desk: Desk) -> None:
    await desk.join()
    delivery = Delivery(6, Reacted(ME, "clap"))
    desk.connection.deliver(delivery)
    assert delivery.encoded is not None
    assert msgspec.json.decode(delivery.encoded) == await desk.next()
    ready = Delivery(7, Reacted(ME, "wow"), encoded=b'{"as":"encoded before"}')
    desk.connection.deliver(ready)
    assert await desk.next() == {"as": "encoded before"}


async def test_only_the_latest_quality_of_each_waits(desk: Desk) -> None:
    await desk.join()
    for seq, (who, quality) in enumerate([("a", Quality.BAD), ("b", Quality.WEAK), ("a", Quality.GOOD)], 6):
        desk.connection.deliver(Delivery(seq, QualityChanged(who, quality, "")))
    assert [(await desk.next())["seq"] for _ in range(2)] == [7, 8]


async def test_ones_own_change_of_role_counts_at_once_and_others_do_not(desk: Desk) -> None:
    await desk.join()
    roles = []
    for changed, role in (("p-other", Role.HOST), (ME, Role.CO_HOST)):
        desk.connection.deliver(Delivery(6, RoleChanged(changed, role, by="")))
        roles.append(desk.connection.session.role)
    assert roles == [Role.PARTICIPANT, Role.CO_HOST]


async def test_speakers_and_offers_after_the_end_go_nowhere(desk: Desk) -> None:
    await desk.join()
    _, on_offer, on_speakers, on_notice = desk.media.attached[ME]
    desk.connection.closed(Code.REMOVED)
    on_offer(messages.Offer(revision=2, sdp="v", tracks=()))
    on_speakers(("a",))
    on_notice(messages.Bandwidth(state=messages.BandwidthState.REDUCED, estimate_bps=400_000))
    assert await desk.rest() == []


async def test_a_full_outbox_ends_the_connection_with_a_way_back(desk: Desk) -> None:
    await desk.join()
    for seq in range(2_000):
        desk.connection.deliver(Delivery(seq, Reacted(ME, "clap")))
    assert await desk.rest() == []
    assert desk.connection.outbox.closing == messages.Closing(code=Code.SLOW_CONSUMER, retry_after_ms=1_000)
    assert desk.room.detached == [desk.connection]
