"""A `ports.Snapshots`: the last state of every room, fenced by the epoch of its lease."""

from __future__ import annotations

import msgspec

from rooms.ports import Lease, RoomSummary

from .connection import Arguments, RedisStore, Script
from .keys import SNAPSHOT_KEPT_MS, SUMMARY_KEPT_MS, Keys

SAVE = Script("snapshot_save")


class RedisSnapshots:
    def __init__(self, store: RedisStore, keys: Keys) -> None:
        self._store = store
        self._keys = keys

    async def load(self, room_id: str) -> bytes | None:
        return await self._store.get(self._keys.snapshot(room_id))

    async def save(self, lease: Lease, snapshot: bytes, summary: RoomSummary) -> bool:
        room_id = lease.room_id
        keys = [self._keys.holder(room_id), self._keys.snapshot(room_id), self._keys.summary(room_id)]
        packed = msgspec.msgpack.encode(summary)
        arguments: Arguments = [lease.node, lease.epoch, snapshot, SNAPSHOT_KEPT_MS, packed, SUMMARY_KEPT_MS]
        return await self._store.run(SAVE, keys, arguments) == 1
