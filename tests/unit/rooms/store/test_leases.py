from __future__ import annotations

import pytest

from rooms.ports import Lease, LeaseState, OwnedElsewhere
from rooms.store.connection import RedisStore
from rooms.store.keys import Keys
from rooms.store.leases import RedisLeases
from tests.support.waiting import until_true


@pytest.fixture
def leases(store: RedisStore, keys: Keys) -> RedisLeases:
    return RedisLeases(store, keys)


async def test_one_holder_at_a_time(leases: RedisLeases) -> None:
    first = await leases.acquire("room", "one")
    with pytest.raises(OwnedElsewhere) as elsewhere:
        await leases.acquire("room", "two")
    assert elsewhere.value.node == "one"
    assert await leases.renew([first]) == [LeaseState.HELD]


async def test_every_holder_has_a_higher_epoch(leases: RedisLeases) -> None:
    first = await leases.acquire("room", "one")
    again = await leases.acquire("room", "one")
    await leases.release(again)
    other = await leases.acquire("room", "two")
    assert first.epoch < again.epoch < other.epoch
    assert (await leases.acquire("another", "one", above_epoch=41)).epoch == 42


async def test_what_a_former_holder_says_counts_no_more(leases: RedisLeases) -> None:
    first = await leases.acquire("room", "one")
    again = await leases.acquire("room", "one")
    await leases.release(first)
    assert await leases.renew([first, again]) == [LeaseState.TAKEN, LeaseState.HELD]
    await leases.release(again)
    assert await leases.renew([first, again]) == [LeaseState.TAKEN, LeaseState.FREE]


async def test_a_lease_that_nobody_renews_runs_out(store: RedisStore, keys: Keys) -> None:
    leases = RedisLeases(store, keys, lease_ms=50)
    lease = await leases.acquire("room", "one")

    async def is_free() -> bool:
        async with store.client() as redis:
            return not await redis.exists(keys.lease("room"))

    await until_true(is_free)
    assert await leases.renew([lease]) == [LeaseState.FREE]
    assert (await leases.acquire("room", "two")).node == "two"
    assert await leases.renew([lease]) == [LeaseState.TAKEN]


async def test_renewal_prolongs(store: RedisStore, keys: Keys) -> None:
    short, long = RedisLeases(store, keys, lease_ms=5_000), RedisLeases(store, keys, lease_ms=60_000)
    lease = await short.acquire("room", "one")
    assert await long.renew([lease]) == [LeaseState.HELD]
    async with store.client() as redis:
        assert await redis.pttl(keys.lease("room")) > 5_000


async def test_many_are_renewed_at_once_and_none_is_no_round_trip(leases: RedisLeases) -> None:
    held = [await leases.acquire(f"room-{number}", "one") for number in range(5)]
    assert await leases.renew([*held, Lease("nowhere", "one", 1)]) == [LeaseState.HELD] * 5 + [LeaseState.FREE]
    assert await leases.renew([]) == []


async def test_a_node_name_may_hold_spaces(leases: RedisLeases) -> None:
    await leases.acquire("room", "host 7 of hall 2")
    with pytest.raises(OwnedElsewhere) as elsewhere:
        await leases.acquire("room", "two")
    assert elsewhere.value.node == "host 7 of hall 2"
