"""Nodes that host rooms on one real Redis: brought to life, handed over, fenced, reconciled."""

from __future__ import annotations

import asyncio
import os
import signal

import msgspec
import pytest

from rooms.core.codes import Code
from rooms.core.commands import End, Remove, SendChat, SetLocked
from rooms.core.model import SEAT_KEPT_MS, Phase, Presence, Role
from rooms.core.outcomes import DONE, Refused
from rooms.core.state import RoomState
from rooms.keeper import Timing
from rooms.live import HostedRoom, Unsaved
from rooms.ports import LeaseState, OwnedElsewhere, RoomRecord, Seated, StoreUnavailable
from rooms.store.keys import Keys
from rooms.store.leases import RedisLeases
from rooms.store.snapshots import RedisSnapshots
from tests.support.hosting import QUICK, RECORD, Host, Person, hosting
from tests.support.redis_servers import RedisServer
from tests.support.waiting import until, until_true


async def saved(host: Host, keys: Keys) -> None:
    """Wait until what people see now is in the store."""
    room = host.manager.find(RECORD.id)
    assert room is not None
    snapshots = RedisSnapshots(host.store, keys)

    async def in_store() -> bool:
        stored = await snapshots.load(RECORD.id)
        return stored is not None and msgspec.msgpack.decode(stored, type=RoomState).view == room.view

    await until_true(in_store)


async def test_people_meet_in_a_room(valkey: RedisServer, keys: Keys) -> None:
    async with hosting(valkey.url, keys) as host:
        room = await host.manager.open(RECORD)
        ann, bo = Person("Ann", Role.HOST), Person("Bo")
        await ann.join(room)
        await bo.join(room)
        assert await room.ask(SendChat(bo.seat, "hello", "n1", "m1")) == DONE
        await until(lambda: ann.view == bo.view == room.view)
        assert host.archive.chat[0].text == "hello"
        assert await host.manager.open(RECORD) is room


async def test_many_opening_at_once_get_one_room(valkey: RedisServer, keys: Keys) -> None:
    async with hosting(valkey.url, keys) as host:
        rooms = await asyncio.gather(*(host.manager.open(RECORD) for _ in range(20)))
        assert len({id(room) for room in rooms}) == 1


async def test_a_room_lives_on_one_node_only(valkey: RedisServer, keys: Keys) -> None:
    async with hosting(valkey.url, keys) as one, hosting(valkey.url, keys, "two") as two:
        await one.manager.open(RECORD)
        with pytest.raises(OwnedElsewhere) as elsewhere:
            await two.manager.open(RECORD)
        assert elsewhere.value.node == "one"
        assert two.manager.find(RECORD.id) is None


async def test_a_node_that_closes_hands_its_rooms_over(valkey: RedisServer, keys: Keys) -> None:
    async with hosting(valkey.url, keys, "two") as two:
        ann, bo = Person("Ann", Role.HOST), Person("Bo")
        async with hosting(valkey.url, keys) as one:
            room = await one.manager.open(RECORD)
            await ann.join(room)
            await bo.join(room)
            await room.ask(SendChat(ann.seat, "before", "n1", "m1"))
            seat, resume = ann.seat, ann.resume
            one.clock.ahead_ms += 60_000
        assert ann.ended is bo.ended is Code.MOVED
        assert ("close_room", RECORD.id) in one.media.calls
        assert sorted(one.archive.attendance) == ["Ann", "Bo"]
        moved = await two.manager.open(RECORD)
        assert {person.presence for person in moved.view.participants.values()} == {Presence.AWAY}
        back = Person("Ann", Role.HOST)
        await back.join(moved, resume)
        assert (back.seat, back.resumed) == (seat, True)
        assert back.view is not None
        assert [message.text for message in back.view.chat] == ["before"]
        assert back.view.participants[seat].presence is Presence.HERE


async def test_after_a_crash_another_node_takes_over_when_the_lease_ran_out(valkey: RedisServer, keys: Keys) -> None:
    async with hosting(valkey.url, keys, lease_ms=300) as one, hosting(valkey.url, keys, "two", lease_ms=300) as two:
        room = await one.manager.open(RECORD)
        ann = Person("Ann", Role.HOST)
        await ann.join(room)
        await saved(one, keys)
        await one.manager._tasks.close()  # as good as killed: nothing is renewed or saved any more
        with pytest.raises(OwnedElsewhere):
            await two.manager.open(RECORD)
        moved = await open_when_free(two)
        back = Person("Ann", Role.HOST)
        assert isinstance(await back.join(moved, ann.resume), Seated)
        assert back.seat == ann.seat


async def open_when_free(host: Host) -> HostedRoom:
    async with asyncio.timeout(30):
        while True:
            try:
                return await host.manager.open(RECORD)
            except OwnedElsewhere:
                await asyncio.sleep(0.01)


async def test_who_lost_the_lease_writes_nothing_and_lets_everyone_go(valkey: RedisServer, keys: Keys) -> None:
    async with hosting(valkey.url, keys) as one, hosting(valkey.url, keys, "two") as two:
        room = await one.manager.open(RECORD)
        ann = Person("Ann", Role.HOST)
        await ann.join(room)
        await saved(one, keys)
        # The lease ran out while node one could not reach the store, and node two took it.
        async with one.store.client() as redis:
            await redis.delete(keys.lease(RECORD.id))
        stale = room.lease
        moved = await two.manager.open(RECORD)
        assert moved.lease.epoch > stale.epoch
        snapshots = RedisSnapshots(one.store, keys)
        assert not await snapshots.save(stale, b"stale", room.summary())
        # node two goes on saving meanwhile, so only what must not be there is compared
        assert await snapshots.load(RECORD.id) not in (None, b"stale")
        await until(lambda: ann.ended is Code.MOVED)
        await until(lambda: one.manager.find(RECORD.id) is None)
        await until(lambda: ("close_room", RECORD.id) in one.media.calls)
        with pytest.raises(OwnedElsewhere):
            await one.manager.open(RECORD)


async def test_a_refused_write_is_noticed_before_the_next_renewal(valkey: RedisServer, keys: Keys) -> None:
    slow_renewal = Timing(renew_every_ms=60_000, save_every_ms=20, tick_every_ms=20, empty_kept_ms=3_600_000)
    async with hosting(valkey.url, keys, timing=slow_renewal) as one:
        room = await one.manager.open(RECORD)
        ann = Person("Ann", Role.HOST)
        await ann.join(room)
        leases = RedisLeases(one.store, keys)
        await leases.release(room.lease)
        await leases.acquire(RECORD.id, "two")
        await room.ask(SetLocked(ann.seat, True))
        await until(lambda: ann.ended is Code.MOVED)


async def test_live_rooms_go_on_while_redis_is_away_and_reconcile_when_it_is_back(
    own_redis: RedisServer, keys: Keys
) -> None:
    async with hosting(own_redis.url, keys) as host:
        room = await host.manager.open(RECORD)
        ann, bo = Person("Ann", Role.HOST), Person("Bo")
        await ann.join(room)
        first_epoch = room.lease.epoch
        await asyncio.to_thread(own_redis.stop)
        # People come, talk and go as ever.
        await bo.join(await host.manager.open(RECORD))
        assert await room.ask(SendChat(bo.seat, "nobody noticed", "n1", "m1")) == DONE
        assert await room.ask(SetLocked(ann.seat, True)) == DONE
        await until(lambda: not host.manager.store_reachable)
        assert ann.ended is bo.ended is None
        with pytest.raises(StoreUnavailable):
            await host.manager.open(RoomRecord("room-2", "xyz-xyzw-xyz", "Other"))
        await asyncio.to_thread(own_redis.start)  # and it has forgotten everything
        await until(lambda: host.manager.store_reachable and room.lease.epoch > first_epoch)
        await saved(host, keys)
        assert await RedisLeases(host.store, keys).renew([room.lease]) == [LeaseState.HELD]
        assert ann.ended is bo.ended is None
        assert ann.view == bo.view == room.view
        assert room.view.locked
        summary = await host.presence.summary(RECORD.id)
        assert summary is not None
        assert summary.people == ("Ann", "Bo")


async def test_who_came_back_first_after_an_outage_has_the_room(own_redis: RedisServer, keys: Keys) -> None:
    slow = Timing(renew_every_ms=2_000, save_every_ms=2_000, tick_every_ms=20, empty_kept_ms=3_600_000)
    async with hosting(own_redis.url, keys, timing=slow) as one, hosting(own_redis.url, keys, "two") as two:
        room = await one.manager.open(RECORD)
        ann = Person("Ann", Role.HOST)
        await ann.join(room)
        await asyncio.to_thread(own_redis.stop)
        await asyncio.to_thread(own_redis.start)
        await RedisLeases(two.store, keys).acquire(RECORD.id, "two")  # epoch 1 again: the counter was lost too
        await room.ask(SetLocked(ann.seat, True))
        await until(lambda: ann.ended is Code.MOVED)
        assert await RedisSnapshots(two.store, keys).load(RECORD.id) is None


async def test_an_empty_room_retires_and_comes_back_as_it_was(valkey: RedisServer, keys: Keys) -> None:
    timing = Timing(renew_every_ms=50, save_every_ms=20, tick_every_ms=20, empty_kept_ms=30_000)
    async with hosting(valkey.url, keys, timing=timing) as host:
        room = await host.manager.open(RECORD)
        ann, bo = Person("Ann", Role.HOST), Person("Bo")
        await ann.join(room)
        await bo.join(room)
        await room.ask(Remove(ann.seat, bo.seat))
        await room.ask(SendChat(ann.seat, "kept", "n1", "m1"))
        room.detach(ann)
        await until(lambda: room.view.participants[ann.seat].presence is Presence.AWAY)
        host.clock.ahead_ms += SEAT_KEPT_MS
        await until(lambda: not room.view.participants)
        assert host.manager.find(RECORD.id) is room
        host.clock.ahead_ms += timing.empty_kept_ms
        await until(lambda: host.manager.find(RECORD.id) is None)
        assert await room.ask(SetLocked("", True)) == Refused(Code.UNAVAILABLE, 500)
        assert host.archive.attendance == ["Bo", "Ann"]
        again = await host.manager.open(RECORD)
        assert again is not room
        assert again.lease.epoch > room.lease.epoch
        assert [message.text for message in again.view.chat] == ["kept"]
        assert await Person("Bo").join(again) == Refused(Code.REMOVED)


async def test_a_room_that_is_used_does_not_retire(valkey: RedisServer, keys: Keys) -> None:
    async with hosting(valkey.url, keys) as host:
        room = await host.manager.open(RECORD)
        await Person("Ann").join(room)
        host.clock.ahead_ms += 10 * QUICK.empty_kept_ms
        room.tick()
        await room.ask(SetLocked("", True))
        assert host.manager.find(RECORD.id) is room


async def test_an_ended_room_lets_nobody_in_even_on_another_node(valkey: RedisServer, keys: Keys) -> None:
    async with hosting(valkey.url, keys, "two") as two:
        async with hosting(valkey.url, keys) as one:
            room = await one.manager.open(RECORD)
            ann = Person("Ann", Role.HOST)
            await ann.join(room)
            assert await room.ask(End(ann.seat)) == DONE
            assert ann.ended is Code.ROOM_ENDED
            await until(lambda: one.archive.ended == [RECORD.id])
        # SQL may not say so yet.
        again = await two.manager.open(RECORD)
        assert again.view.phase is Phase.ENDED
        assert await Person("Ann", Role.HOST).join(again) == Refused(Code.ROOM_ENDED)


async def test_a_meeting_ended_in_sql_ends_for_those_inside(valkey: RedisServer, keys: Keys) -> None:
    async with hosting(valkey.url, keys) as host:
        room = await host.manager.open(RECORD)
        ann = Person("Ann", Role.HOST)
        await ann.join(room)
        ended = RoomRecord(RECORD.id, RECORD.code, RECORD.title, ended=True)
        await host.manager.open(ended)
        await until(lambda: ann.ended is Code.ROOM_ENDED)


async def test_a_room_without_a_snapshot_begins_with_its_archived_chat(valkey: RedisServer, keys: Keys) -> None:
    async with hosting(valkey.url, keys) as host:
        room = await host.manager.open(RECORD)
        await Person("Ann").join(room)
        await room.ask(SendChat(next(iter(room.view.participants)), "old", "n", "m"))
        await until(lambda: host.archive.chat)
        messages = host.archive.chat
    async with hosting(valkey.url, Keys("fresh-" + keys.bus_channel("")), "two") as two:
        two.archive.history = messages
        assert (await two.manager.open(RECORD)).view.chat == messages
        two.archive.failures_left = 1
        unlucky = await two.manager.open(RoomRecord("room-2", "xyz-xyzw-xyz", "Other"))
        assert unlucky.view.chat == []


async def test_closing_leaves_no_task_and_no_lease_behind(valkey: RedisServer, keys: Keys) -> None:
    before = asyncio.all_tasks()
    async with hosting(valkey.url, keys) as host:
        room = await host.manager.open(RECORD)
        await Person("Ann").join(room)
        lease = room.lease
    assert asyncio.all_tasks() == before
    async with hosting(valkey.url, keys, "two") as two:
        assert await RedisLeases(two.store, keys).renew([lease]) == [LeaseState.FREE]
        assert await two.presence.nodes() == ["two"]
        with pytest.raises(StoreUnavailable):
            await host.manager.open(RECORD)


async def test_closing_at_once_after_the_start_ends(valkey: RedisServer, keys: Keys) -> None:
    for _ in range(10):
        async with asyncio.timeout(30), hosting(valkey.url, keys):
            pass


async def test_presence_tells_every_node_who_is_where(valkey: RedisServer, keys: Keys) -> None:
    async with hosting(valkey.url, keys) as one, hosting(valkey.url, keys, "two") as two:
        room = await one.manager.open(RECORD)
        await Person("Ann", Role.HOST).join(room)
        await Person("Recorder", hidden=True).join(room)
        await until_true(lambda: two.presence.rooms_of("id-Ann"))
        assert await two.presence.rooms_of("id-Ann") == [RECORD.id]
        assert await two.presence.rooms_of("id-Recorder") == []
        await saved(one, keys)
        summaries = await two.presence.summaries([RECORD.id, "no such room"])
        assert list(summaries) == [RECORD.id]
        assert (summaries[RECORD.id].node, summaries[RECORD.id].people) == ("one", ("Ann",))
        assert sorted(await two.presence.nodes()) == ["one", "two"]
        assert await two.presence.node_lives("one")


async def test_a_redis_that_hangs_is_as_one_that_is_away(
    own_redis: RedisServer, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.store.connection.ANSWER_TIMEOUT_MS", 100)
    async with hosting(own_redis.url, keys) as host:
        room = await host.manager.open(RECORD)
        ann = Person("Ann", Role.HOST)
        await ann.join(room)
        await saved(host, keys)
        os.kill(own_redis.pid, signal.SIGSTOP)
        try:
            assert await room.ask(SetLocked(ann.seat, True)) == DONE
            await until(lambda: not host.manager.store_reachable)
            assert ann.ended is None
        finally:
            os.kill(own_redis.pid, signal.SIGCONT)
        await until(lambda: host.manager.store_reachable)
        await saved(host, keys)
        assert ann.ended is None


async def test_a_quiet_room_is_written_again_to_a_redis_that_forgot_it(own_redis: RedisServer, keys: Keys) -> None:
    async with hosting(own_redis.url, keys) as host:
        room = await host.manager.open(RECORD)
        await Person("Ann", Role.HOST).join(room)
        await saved(host, keys)
        await until(lambda: room.unsaved is Unsaved.NOTHING)
        await asyncio.to_thread(own_redis.stop)
        await asyncio.to_thread(own_redis.start)
        await saved(host, keys)


async def test_a_room_that_cannot_be_loaded_is_not_held(valkey: RedisServer, keys: Keys) -> None:
    async with hosting(valkey.url, keys) as one, hosting(valkey.url, keys, "two") as two:
        async with one.store.client() as redis:
            await redis.hset(keys.snapshot(RECORD.id), "not", "a string")
        with pytest.raises(StoreUnavailable):
            await one.manager.open(RECORD)
        async with one.store.client() as redis:
            await redis.delete(keys.snapshot(RECORD.id))
        assert (await two.manager.open(RECORD)).lease.node == "two"


async def test_a_snapshot_of_another_version_is_left_alone_and_the_room_starts_anew(
    valkey: RedisServer, keys: Keys
) -> None:
    async with hosting(valkey.url, keys) as host:
        async with host.store.client() as redis:
            await redis.set(keys.snapshot(RECORD.id), b"\x80")
        room = await host.manager.open(RECORD)
        assert isinstance(await Person("Ann").join(room), Seated)
