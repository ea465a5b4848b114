from __future__ import annotations

import pytest

from rooms.core.model import Phase
from rooms.ports import RoomSummary
from rooms.store.connection import RedisStore
from rooms.store.keys import IDENTITY_KEPT_MS, NODE_KEPT_MS, Keys
from rooms.store.leases import RedisLeases
from rooms.store.presence import BATCH_IDENTITIES, IDENTITY_BEAT_MS, RedisPresence
from rooms.store.snapshots import RedisSnapshots
from tests.support.rooms import NOW_MS


class Hands:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now_ms = NOW_MS

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def presence(store: RedisStore, keys: Keys, hands: Hands) -> RedisPresence:
    return RedisPresence(store, keys, hands)


async def test_people_are_where_the_last_beats_said(presence: RedisPresence, hands: Hands) -> None:
    await presence.beat("one", {"red": {"ann", "bo"}, "blue": {"ann"}})
    assert sorted(await presence.rooms_of("ann")) == ["blue", "red"]
    assert await presence.rooms_of("bo") == ["red"]
    assert await presence.rooms_of("nobody") == []
    hands.now_ms += IDENTITY_KEPT_MS
    await presence.beat("one", {"red": {"ann"}})
    hands.now_ms += 1
    assert await presence.rooms_of("ann") == ["red"]
    assert await presence.rooms_of("bo") == []


async def test_who_leaves_is_not_seated_any_more_from_the_next_beat_on(presence: RedisPresence, hands: Hands) -> None:
    people = {f"p{number}" for number in range(BATCH_IDENTITIES + 1)}
    await presence.beat("one", {"red": people, "blue": {"ann"}})
    assert await presence.seated([*people, "ann", "nobody"]) == people | {"ann"}
    await presence.beat("one", {"red": {"p1"}, "blue": {"ann"}})
    assert await presence.seated([*people, "ann"]) == {"p1", "ann"}
    hands.now_ms += IDENTITY_KEPT_MS
    assert await presence.seated(["p1", "ann"]) == frozenset()  # of a node that died


async def test_a_node_lives_while_it_beats(presence: RedisPresence, hands: Hands) -> None:
    await presence.beat("one", {})
    hands.now_ms += NODE_KEPT_MS
    await presence.beat("two", {})
    hands.now_ms += 1
    assert await presence.nodes() == ["two"]
    await presence.leave("two")
    assert await presence.nodes() == []
    assert not await presence.node_lives("two")
    assert await presence.node_lives("one")  # its own key has its own life in Redis


async def test_summaries_are_those_of_rooms_that_live(presence: RedisPresence, store: RedisStore, keys: Keys) -> None:
    summary = RoomSummary("one", Phase.OPEN, True, False, NOW_MS, 2, ("Ann", "Bo"))
    leases = RedisLeases(store, keys)
    lease = await leases.acquire("room", "one")
    await RedisSnapshots(store, keys).save(lease, b"", summary)
    assert await presence.summary("room") == summary
    assert await presence.summaries(["none", "room"]) == {"room": summary}
    assert await presence.summaries([]) == {}
    await leases.release(lease)
    assert await presence.summary("room") is None


async def test_a_crowd_is_told_in_parts_and_not_at_every_beat(
    presence: RedisPresence, store: RedisStore, keys: Keys, hands: Hands
) -> None:
    crowd = {f"person-{number}" for number in range(2 * BATCH_IDENTITIES + 1)}
    await presence.beat("one", {"hall": crowd})
    assert await presence.rooms_of("person-0") == ["hall"]
    async with store.client() as redis:
        await redis.delete(keys.identity_rooms("person-0"))
    hands.now_ms += IDENTITY_BEAT_MS - 1
    await presence.beat("one", {"hall": crowd})
    assert await presence.rooms_of("person-0") == []
    hands.now_ms += 1
    await presence.beat("one", {"hall": crowd})
    assert await presence.rooms_of("person-0") == ["hall"]
    # Who goes and comes is told at once.
    await presence.beat("one", {"hall": set()})
    async with store.client() as redis:
        await redis.delete(keys.identity_rooms("person-0"))
    await presence.beat("one", {"hall": {"person-0"}})
    assert await presence.rooms_of("person-0") == ["hall"]
