from __future__ import annotations

import pytest

from rooms.core.model import Phase
from rooms.ports import RoomSummary
from rooms.store.connection import RedisStore
from rooms.store.keys import SNAPSHOT_KEPT_MS, SUMMARY_KEPT_MS, Keys
from rooms.store.leases import RedisLeases
from rooms.store.snapshots import RedisSnapshots

SUMMARY = RoomSummary("one", Phase.OPEN, False, False, 1, 0, ())


@pytest.fixture
def leases(store: RedisStore, keys: Keys) -> RedisLeases:
    return RedisLeases(store, keys)


@pytest.fixture
def snapshots(store: RedisStore, keys: Keys) -> RedisSnapshots:
    return RedisSnapshots(store, keys)


async def test_the_holder_writes_and_anyone_reads(leases: RedisLeases, snapshots: RedisSnapshots) -> None:
    assert await snapshots.load("room") is None
    lease = await leases.acquire("room", "one")
    assert await snapshots.save(lease, b"\x00state\xff", SUMMARY)
    assert await snapshots.load("room") == b"\x00state\xff"


async def test_a_former_holder_writes_nothing(leases: RedisLeases, snapshots: RedisSnapshots) -> None:
    former = await leases.acquire("room", "one")
    await leases.release(former)
    holder = await leases.acquire("room", "two")
    assert await snapshots.save(holder, b"new", SUMMARY)
    assert not await snapshots.save(former, b"old", SUMMARY)
    assert await snapshots.load("room") == b"new"


async def test_the_same_epoch_of_another_node_is_not_the_same(
    store: RedisStore, keys: Keys, leases: RedisLeases, snapshots: RedisSnapshots
) -> None:
    former = await leases.acquire("room", "one")
    async with store.client() as redis:  # Redis loses its data
        await redis.delete(keys.lease("room"), keys.holder("room"))
    holder = await leases.acquire("room", "two")
    assert holder.epoch == former.epoch
    assert not await snapshots.save(former, b"old", SUMMARY)
    assert await snapshots.save(holder, b"new", SUMMARY)


async def test_a_lease_that_ran_out_but_was_not_given_on_still_writes(
    store: RedisStore, keys: Keys, leases: RedisLeases, snapshots: RedisSnapshots
) -> None:
    lease = await leases.acquire("room", "one")
    async with store.client() as redis:
        await redis.delete(keys.lease("room"))
    assert await snapshots.save(lease, b"late", SUMMARY)


async def test_what_is_written_runs_out(
    store: RedisStore, keys: Keys, leases: RedisLeases, snapshots: RedisSnapshots
) -> None:
    await snapshots.save(await leases.acquire("room", "one"), b"state", SUMMARY)
    async with store.client() as redis:
        assert 0 < await redis.pttl(keys.snapshot("room")) <= SNAPSHOT_KEPT_MS
        assert 0 < await redis.pttl(keys.summary("room")) <= SUMMARY_KEPT_MS
