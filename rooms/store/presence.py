"""A `ports.Presence`, and the questions that others ask: what goes on in a room, where a person is, which nodes live.

Everything here runs out by itself when the beats of a node stop.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import msgspec

from rooms.ports import RoomSummary

from .connection import RedisStore
from .keys import IDENTITY_KEPT_MS, NODE_KEPT_MS, Keys

NODES_FORGOTTEN_MS = 10 * NODE_KEPT_MS


class RedisPresence:
    def __init__(self, store: RedisStore, keys: Keys, clock: Callable[[], int]) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock

    async def beat(self, node: str, identities_by_room: Mapping[str, Collection[str]]) -> None:
        now_ms = self._clock()
        async with self._store.pipeline() as pipeline:
            pipeline.set(self._keys.node(node), "1", px=NODE_KEPT_MS)
            pipeline.zadd(self._keys.nodes(), {node: now_ms + NODE_KEPT_MS})
            pipeline.zremrangebyscore(self._keys.nodes(), "-inf", now_ms - NODES_FORGOTTEN_MS)
            for room_id, identities in identities_by_room.items():
                for identity in identities:
                    key = self._keys.identity_rooms(identity)
                    pipeline.zadd(key, {room_id: now_ms + IDENTITY_KEPT_MS})
                    pipeline.zremrangebyscore(key, "-inf", now_ms)
                    pipeline.pexpire(key, IDENTITY_KEPT_MS)
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

    async def nodes(self) -> list[str]:
        """The nodes whose beat has not run out."""
        return await self._store.members_from(self._keys.nodes(), self._clock())

    async def node_lives(self, node: str) -> bool:
        async with self._store.client() as redis:
            return bool(await redis.exists(self._keys.node(node)))
