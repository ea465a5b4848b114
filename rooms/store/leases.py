"""A `ports.Leases`: who is a room's authority, with an epoch that grows with every holder."""

from __future__ import annotations

from collections.abc import Sequence

from rooms.ports import Lease, LeaseState, OwnedElsewhere

from .connection import Arguments, RedisStore, Script
from .keys import HOLDER_KEPT_MS, LEASE_MS, SUMMARY_KEPT_MS, Keys

ACQUIRE = Script("lease_acquire")
RENEW = Script("lease_renew")
RELEASE = Script("lease_release")


class RedisLeases:
    def __init__(self, store: RedisStore, keys: Keys, lease_ms: int = LEASE_MS) -> None:
        self._store = store
        self._keys = keys
        self._lease_ms = lease_ms

    async def acquire(self, room_id: str, node: str, above_epoch: int = 0) -> Lease:
        keys = [self._keys.lease(room_id), self._keys.holder(room_id)]
        match await self._store.run(ACQUIRE, keys, [node, self._lease_ms, above_epoch, HOLDER_KEPT_MS]):
            case [int(epoch)] if epoch > 0:
                return Lease(room_id, node, epoch)
            case [_, bytes(holder)]:
                raise OwnedElsewhere(holder.decode())
            case answer:
                raise RuntimeError(f"lease_acquire.lua answered {answer!r}")

    async def renew(self, leases: Sequence[Lease]) -> list[LeaseState]:
        calls: list[tuple[list[str], Arguments]] = [
            (
                [self._keys.lease(lease.room_id), self._keys.holder(lease.room_id), self._keys.summary(lease.room_id)],
                [lease.node, lease.epoch, self._lease_ms, HOLDER_KEPT_MS, SUMMARY_KEPT_MS],
            )
            for lease in leases
        ]
        answers = await self._store.run_many(RENEW, calls) if calls else []
        return [LeaseState(answer.decode()) for answer in answers if isinstance(answer, bytes)]

    async def release(self, lease: Lease) -> None:
        keys = [self._keys.lease(lease.room_id), self._keys.summary(lease.room_id)]
        await self._store.run(RELEASE, keys, [lease.node, lease.epoch])
