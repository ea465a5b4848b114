"""A `ports.Presence`, and the questions that others ask: what goes on in a room, where a person is, which nodes live.

Everything here runs out by itself when the beats of a node stop.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from rooms.ports import RoomSummary

from .connection import RedisStore
from .keys import IDENTITY_KEPT_MS, NODE_KEPT_MS, Keys

NODES_FORGOTTEN_MS = 10 * NODE_KEPT_MS
IDENTITY_BEAT_MS = IDENTITY_KEPT_MS // 3
BATCH_IDENTITIES = 256  # in one round trip: making thousands of commands at once would hold up the loop


class RedisPresence:
    def __init__(self, store: RedisStore, keys: Keys, clock: Callable[[], int]) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._beaten: dict[tuple[str, str], int] = {}  # (identity, room) -> when it was said last

    async def beat(self, node: str, identities_by_room: Mapping[str, Collection[str]]) -> None:
        now_ms = self._clock()
        async with self._store.pipeline() as pipeline:
            pipeline.set(self._keys.node(node), "1", px=NODE_KEPT_MS)
            pipeline.zadd(self._keys.nodes(), {node: now_ms + NODE_KEPT_MS})
            pipeline.zremrangebyscore(self._keys.nodes(), "-inf", now_ms - NODES_FORGOTTEN_MS)
            await pipeline.execute()
        present = {(identity, room_id) for room_id, people in identities_by_room.items() for identity in people}
        await self._withdraw([pair for pair in self._beaten if pair not in present])
        self._beaten = {pair: at for pair, at in self._beaten.items() if pair in present}
        due = [pair for pair in present if now_ms - self._beaten.get(pair, -IDENTITY_BEAT_MS) >= IDENTITY_BEAT_MS]
        for start in range(0, len(due), BATCH_IDENTITIES):
            await self._beat_identities(due[start : start + BATCH_IDENTITIES], now_ms)

    async def _beat_identities(self, due: Sequence[tuple[str, str]], now_ms: int) -> None:
        async with self._store.pipeline() as pipeline:
            for identity, room_id in due:
                key = self._keys.identity_rooms(identity)
                pipeline.zadd(key, {room_id: now_ms + IDENTITY_KEPT_MS})
                pipeline.zremrangebyscore(key, "-inf", now_ms)
                pipeline.pexpire(key, IDENTITY_KEPT_MS)
            await pipeline.execute()
        self._beaten.update(dict.fromkeys(due, now_ms))

    async def _withdraw(self, gone: Sequence[tuple[str, str]]) -> None:
        """Who has left is not in the room any more, though what was said of them would last longer."""
        for start in range(0, len(gone), BATCH_IDENTITIES):
            async with self._store.pipeline() as pipeline:
                for identity, room_id in gone[start : start + BATCH_IDENTITIES]:
                    pipeline.zrem(self._keys.identity_rooms(identity), room_id)
                await pipeline.execute()

    async def leave(self, node: str) -> None:
        async with self._store.pipeline() as pipeline:
            pipeline.delete(self._keys.node(node))
            pipeline.zrem(self._keys.nodes(), node)
            await pipeline.execute()

    async def summary(self, room_id: str) -> RoomSummary | None:
        """None when the room lives nowhere."""
        packed = await self._store.get(self._keys.summary(room_id))
        return None if packed is None else msgspec.msgpack.decode(packed, type=RoomSummary)

    async def summaries(self, room_ids: Collection[str]) -> dict[str, RoomSummary]:
        """Of those that live, in one round trip."""
        packed = await self._store.get_many([self._keys.summary(room_id) for room_id in room_ids])
        return {
            room_id: msgspec.msgpack.decode(value, type=RoomSummary)
            for room_id, value in zip(room_ids, packed, strict=True)
            if value is not None
        }

    async def rooms_of(self, identity: str) -> list[str]:
        """Where the person has a seat, as of the last beats: up to IDENTITY_KEPT_MS old."""
        return await self._store.members_from(self._keys.identity_rooms(identity), self._clock())

    async def seated(self, identities: Collection[str]) -> frozenset[str]:
        """Those who have a seat in some room, as of the last beats."""
        now_ms, asked = self._clock(), list(identities)
        counts: list[int] = []
        for start in range(0, len(asked), BATCH_IDENTITIES):
            async with self._store.pipeline() as pipeline:
                for identity in asked[start : start + BATCH_IDENTITIES]:
                    pipeline.zcount(self._keys.identity_rooms(identity), f"({now_ms}", "+inf")
                counts += await pipeline.execute()
        return frozenset(identity for identity, count in zip(asked, counts, strict=True) if count)

    async def nodes(self) -> list[str]:
        """The nodes whose beat has not run out."""
        return await self._store.members_from(self._keys.nodes(), self._clock())

    async def node_lives(self, node: str) -> bool:
        async with self._store.client() as redis:
            return bool(await redis.exists(self._keys.node(node)))
