"""One live room: its inbox, its listeners, and what happens when those around it misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from rooms.core.codes import Code
from rooms.core.commands import (
    Admit,
    Deny,
    End,
    Join,
    Leave,
    MuteParticipant,
    RaiseHand,
    Remove,
    Rename,
    SendChat,
    SetLobby,
    SetRole,
    SetTracks,
)
from rooms.core.effects import AnyEffect
from rooms.core.events import LobbyAsked, ParticipantJoined, ParticipantLeft, RoomEnded
from rooms.core.model import SEAT_KEPT_MS, Grant, Presence, Role, Source, Track
from rooms.core.outcomes import DONE, Refused
from rooms.live import INBOX_MAX, HostedRoom
from rooms.ports import Delivery, Seated, Waiting
from rooms.store.keys import Keys
from tests.support.hosting import RECORD, Host, Person, hosting
from tests.support.redis_servers import RedisServer
from tests.support.waiting import until


@pytest.fixture
async def host(valkey: RedisServer, keys: Keys) -> AsyncIterator[Host]:
    async with hosting(valkey.url, keys) as host:
        yield host


@pytest.fixture
async def room(host: Host) -> HostedRoom:
    return await host.manager.open(RECORD)


async def seated(room: HostedRoom, name: str, role: Role = Role.PARTICIPANT) -> Person:
    person = Person(name, role)
    assert isinstance(await person.join(room), Seated)
    return person


async def test_everyone_follows_by_events_alone(room: HostedRoom) -> None:
    ann, bo = await seated(room, "Ann", Role.HOST), await seated(room, "Bo")
    for number in range(50):
        await room.ask(SendChat(bo.seat, f"line {number}", f"n{number}", f"m{number}"))
        await room.ask(RaiseHand(ann.seat, number % 2 == 0))
    assert ann.view == bo.view == room.view
    await room.ask(SetRole(ann.seat, bo.seat, Role.CO_HOST))
    assert ann.view is not None
    assert replace(ann.view, seq=0) == replace(room.view, seq=0)  # the last event was for Bo only
    assert bo.view == room.view


async def test_the_newcomer_is_in_its_own_snapshot_and_hears_nothing_twice(room: HostedRoom) -> None:
    ann = await seated(room, "Ann")
    assert ann.view is not None
    assert ann.seat in ann.view.participants
    assert ann.events == []
    bo = await seated(room, "Bo")
    assert [type(event) for event in ann.events] == [ParticipantJoined]
    assert bo.events == []


async def test_one_event_is_one_object_for_all_listeners(room: HostedRoom) -> None:
    deliveries: list[Delivery] = []

    class Collector(Person):
        def deliver(self, delivery: Delivery) -> None:
            deliveries.append(delivery)

    for name in ("Ann", "Bo", "Cy"):
        assert isinstance(await Collector(name).join(room), Seated)
    deliveries.clear()
    await room.ask(SetLobby("", True))
    assert len(deliveries) == 3
    assert len({id(delivery) for delivery in deliveries}) == 1


async def test_who_waits_hears_nothing_until_admitted(room: HostedRoom) -> None:
    ann = await seated(room, "Ann", Role.HOST)
    bo = await seated(room, "Bo")
    await room.ask(SetLobby(ann.seat, True))
    late = Person("Late", Role.GUEST)
    assert isinstance(await late.join(room), Waiting)
    await room.ask(SendChat(ann.seat, "among us", "n1", "m1"))
    assert late.events == []
    assert any(isinstance(event, LobbyAsked) for event in ann.events)
    assert not any(isinstance(event, LobbyAsked) for event in bo.events)
    entry, resume = late.seat, late.resume
    await room.ask(Admit(ann.seat, entry))
    assert (late.seat, late.resume) == (entry, resume)
    assert late.view == bo.view
    await room.ask(SendChat(late.seat, "hello", "n1", "m2"))
    assert late.view == bo.view


async def test_the_denied_and_the_removed_are_closed_with_their_code(room: HostedRoom) -> None:
    ann, bo = await seated(room, "Ann", Role.HOST), await seated(room, "Bo")
    await room.ask(SetLobby(ann.seat, True))
    late = Person("Late", Role.GUEST)
    await late.join(room)
    await room.ask(Deny(ann.seat, late.seat))
    await room.ask(Remove(ann.seat, bo.seat))
    assert (late.ended, bo.ended) == (Code.DENIED, Code.REMOVED)
    heard = len(bo.events)
    await room.ask(SendChat(ann.seat, "at last", "n1", "m1"))
    assert len(bo.events) == heard


async def test_the_removed_lose_their_media_at_once(host: Host, room: HostedRoom) -> None:
    ann, bo = await seated(room, "Ann", Role.HOST), await seated(room, "Bo")
    await room.ask(Remove(ann.seat, bo.seat))
    await until(lambda: ("close_participant", bo.seat) in host.media.calls)


async def test_a_muted_track_is_blocked_before_the_answer(host: Host, room: HostedRoom) -> None:
    ann, bo = await seated(room, "Ann", Role.HOST), await seated(room, "Bo")
    await room.ask(SetTracks(bo.seat, (Track("mic", Source.MICROPHONE, "opus", muted=True),)))
    assert host.media.calls == [("block_track", bo.seat, "mic", True)]
    await room.ask(SetTracks(bo.seat, (Track("cam", Source.CAMERA, "VP8"),)))
    await room.ask(MuteParticipant(ann.seat, bo.seat, Source.CAMERA))
    assert ("block_track", bo.seat, "cam", True) in host.media.calls
    await room.ask(SetRole(ann.seat, bo.seat, Role.CO_HOST))
    assert ("refresh_permissions", bo.seat, Role.CO_HOST) in host.media.calls


async def test_the_end_is_heard_before_the_close(room: HostedRoom) -> None:
    ann, bo = await seated(room, "Ann", Role.HOST), await seated(room, "Bo")
    await room.ask(End(ann.seat))
    for person in (ann, bo):
        assert isinstance(person.events[-1], RoomEnded)
        assert person.ended is Code.ROOM_ENDED


async def test_a_detached_seat_is_away_and_then_gone(host: Host, room: HostedRoom) -> None:
    ann, bo = await seated(room, "Ann", Role.HOST), await seated(room, "Bo")
    room.detach(bo)
    room.detach(bo)
    await until(lambda: room.view.participants[bo.seat].presence is Presence.AWAY)
    host.clock.ahead_ms += SEAT_KEPT_MS
    await until(lambda: bo.seat not in room.view.participants)
    assert isinstance(ann.events[-1], ParticipantLeft)
    assert bo.ended is None


async def test_a_late_detach_does_not_push_out_the_newer_connection(room: HostedRoom) -> None:
    first = await seated(room, "Ann")
    second = Person("Ann")
    await second.join(room, first.resume)
    assert (second.seat, second.resumed, first.ended) == (first.seat, True, Code.REPLACED)
    room.detach(first)
    await room.ask(Rename(second.seat, "Ann Lee"))
    assert room.view.participants[second.seat].presence is Presence.HERE
    assert second.view == room.view.for_role(Role.PARTICIPANT)


async def test_after_leaving_nothing_is_heard_and_no_close_comes(room: HostedRoom) -> None:
    ann, bo = await seated(room, "Ann"), await seated(room, "Bo")
    assert await room.ask(Leave(bo.seat)) == DONE
    heard = len(bo.events)
    room.detach(bo)
    await room.ask(Rename(ann.seat, "Ann Lee"))
    assert (len(bo.events), bo.ended) == (heard, None)
    assert await room.ask(Leave(bo.seat)) == Refused(Code.WRONG_STATE)


async def test_a_connection_holds_one_seat(room: HostedRoom) -> None:
    ann = await seated(room, "Ann")
    assert await ann.join(room) == Refused(Code.WRONG_STATE)
    assert len(room.view.participants) == 1


async def test_a_join_whose_caller_is_gone_before_it_was_handled_is_not_done(room: HostedRoom) -> None:
    unheard = Person("Ann")
    join = asyncio.ensure_future(room.join(unheard.grant, "", unheard))
    await asyncio.sleep(0)  # the request is in the inbox, not yet handled
    join.cancel()
    await asyncio.wait([join])
    assert await room.ask(SetLobby("", True)) == DONE
    assert room.connections == 0
    assert room.view.participants == {}


async def test_a_join_whose_caller_goes_while_it_is_handled_leaves_an_away_seat(room: HostedRoom) -> None:
    class Witness(Person):
        """Hears of the newcomer inside the room's task, before the newcomer's own caller does."""

        def deliver(self, delivery: Delivery) -> None:
            super().deliver(delivery)
            if isinstance(delivery.event, ParticipantJoined):
                join.cancel()

    witness, newcomer = Witness("Witness"), Person("Ann")
    await witness.join(room)
    join = asyncio.ensure_future(room.join(newcomer.grant, "", newcomer))
    await asyncio.wait([join])
    assert join.cancelled()
    await until(lambda: room.connections == 1)
    (seat,) = set(room.view.participants) - {witness.seat}
    await until(lambda: room.view.participants[seat].presence is Presence.AWAY)


async def test_a_full_inbox_refuses_and_recovers(room: HostedRoom) -> None:
    ann = await seated(room, "Ann")
    bo = await seated(room, "Bo")
    asked = [asyncio.ensure_future(room.ask(RaiseHand(ann.seat, bool(number % 2)))) for number in range(INBOX_MAX + 10)]
    room.detach(bo)  # has no limit: a lost connection must not be forgotten
    outcomes = await asyncio.gather(*asked)
    assert outcomes.count(Refused(Code.UNAVAILABLE, 500)) == 10
    assert outcomes.count(DONE) == INBOX_MAX
    assert await room.ask(Rename(ann.seat, "Ann Lee")) == DONE
    await until(lambda: room.view.participants[bo.seat].presence is Presence.AWAY)


async def test_a_listener_that_raises_harms_nobody_but_itself(room: HostedRoom) -> None:
    class Broken(Person):
        def deliver(self, delivery: Delivery) -> None:
            raise RuntimeError("a bug in a session")

        def closed(self, code: Code) -> None:
            raise RuntimeError("another")

    ann = await seated(room, "Ann", Role.HOST)
    broken = Broken("Broken")
    await broken.join(room)
    assert await room.ask(SendChat(ann.seat, "hello", "n1", "m1")) == DONE
    await until(lambda: room.view.participants[broken.seat].presence is Presence.AWAY)
    again = Broken("Broken")
    await again.join(room, broken.resume)
    assert await room.ask(Remove(ann.seat, again.seat)) == DONE
    assert ann.view == room.view


async def test_a_fault_in_a_handler_is_an_internal_error_and_the_room_goes_on(
    room: HostedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bo = await seated(room, "Ann", Role.HOST), await seated(room, "Bo")

    def fail_halfway(turn: object, seat: object, command: object) -> None:
        from rooms.core.events import LockChanged
        from rooms.core.turn import Turn

        assert isinstance(turn, Turn)
        turn.emit(LockChanged(True, "a fault"))
        raise KeyError("ours")

    with monkeypatch.context() as patched:
        patched.setattr("rooms.core.chat.send", fail_halfway)
        assert await room.ask(SendChat(ann.seat, "hello", "n1", "m1")) == Refused(Code.INTERNAL)
    assert await room.ask(SendChat(ann.seat, "hello", "n1", "m1")) == DONE
    assert ann.view == bo.view == room.view
    assert room.view.locked


async def test_a_stuck_media_plane_does_not_stop_the_room(host: Host, room: HostedRoom) -> None:
    ann, bo = await seated(room, "Ann", Role.HOST), await seated(room, "Bo")
    host.media.stuck = asyncio.Event()
    await room.ask(Leave(bo.seat))
    await until(lambda: ("close_participant", bo.seat) in host.media.calls)
    cy = await seated(room, "Cy")
    await room.ask(SetTracks(cy.seat, (Track("mic", Source.MICROPHONE, "opus", muted=True),)))
    assert await room.ask(SendChat(cy.seat, "we go on", "n1", "m1")) == DONE
    assert ann.view == room.view
    # What came later is done in its order once the plane answers.
    assert ("block_track", cy.seat, "mic", True) not in host.media.calls
    host.media.stuck.set()
    await until(lambda: ("block_track", cy.seat, "mic", True) in host.media.calls)


async def test_the_archive_is_tried_again(host: Host, room: HostedRoom) -> None:
    ann = await seated(room, "Ann")
    host.archive.failures_left = 2
    await room.ask(SendChat(ann.seat, "kept", "n1", "m1"))
    await room.ask(SendChat(ann.seat, "in order", "n2", "m2"))
    await until(lambda: [message.text for message in host.archive.chat] == ["kept", "in order"])


async def test_joining_is_not_a_command_to_ask(room: HostedRoom) -> None:
    command = Join("", Grant("id", "Name", Role.HOST), "seat", "token")
    assert await room.ask(command) == Refused(Code.INVALID)
    assert room.view.participants == {}


async def test_a_closed_room_answers_everyone(room: HostedRoom) -> None:
    ann = await seated(room, "Ann")
    pending = asyncio.ensure_future(room.ask(Rename(ann.seat, "Ann Lee")))
    await asyncio.sleep(0)
    room.close(Code.MOVED)
    room.close(Code.REMOVED)
    assert await pending == Refused(Code.UNAVAILABLE, 500)
    assert ann.ended is Code.MOVED
    assert await room.ask(Rename(ann.seat, "Ann Lee")) == Refused(Code.UNAVAILABLE, 500)
    assert await Person("Bo").join(room) == Refused(Code.UNAVAILABLE, 500)
    room.detach(ann)


async def test_a_thousand_joins_and_leaves_leave_nothing_behind(host: Host, room: HostedRoom) -> None:
    for number in range(1_000):
        person = await seated(room, f"person-{number}")
        await room.ask(Leave(person.seat))
    assert room.connections == 0
    assert room.idle
    assert room._holders == {}
    await until(lambda: len(host.archive.attendance) == 1_000)


def test_no_effect_is_forgotten() -> None:
    from typing import get_args

    from rooms.core.effects import ArchiveEffect, BroadcastEffect, ConnectionEffect, MediaEffect, Record

    groups = (MediaEffect, BroadcastEffect, ArchiveEffect, ConnectionEffect)
    parts = [Record, *(effect for group in groups for effect in get_args(group))]
    assert sorted(map(repr, parts)) == sorted(map(repr, get_args(AnyEffect)))
