"""Keeps the store in step with the live rooms: leases renewed, snapshots saved, presence beaten.

When the store does not answer, nothing happens to the rooms: they go on from local state.  When it answers again each
lease is one of three: still ours; free (it ran out, or the store came back empty), then it is acquired again under a
higher epoch; or taken by a node that could reach the store, then the room is lost here and its people move there.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import assert_never

import structlog
from msgspec import Struct

from .live import HostedRoom, Unsaved
from .ports import Leases, LeaseState, OwnedElsewhere, Presence, Snapshots, StoreUnavailable

log = structlog.get_logger(__name__)

RETRY_MS = 1_000  # while the store is away


class Timing(Struct, frozen=True):
    """The rhythm of a manager.  A lease outlives three missed renewals; its TTL is leases.LEASE_MS."""

    renew_every_ms: int = 3_000
    save_every_ms: int = 1_000
    tick_every_ms: int = 1_000
    empty_kept_ms: int = 30_000


class Keeper:
    def __init__(
        self,
        node: str,
        *,
        leases: Leases,
        snapshots: Snapshots,
        presence: Presence,
        timing: Timing,
        rooms: Callable[[], list[HostedRoom]],
        on_lost: Callable[[HostedRoom], None],
    ) -> None:
        self.store_reachable = True
        self._node = node
        self._leases = leases
        self._snapshots = snapshots
        self._presence = presence
        self._timing = timing
        self._rooms = rooms
        self._on_lost = on_lost
        self._urgent = asyncio.Event()
        self._doubt = asyncio.Event()  # a write was refused: look at the leases now

    def hurry(self) -> None:
        """Something that must not be forgotten happened: save without waiting for the next round."""
        self._urgent.set()

    async def run_leases(self) -> None:
        while True:
            try:
                await self._reconcile()
                beats = {room.record.id: room.identities for room in self._rooms()}
                await self._presence.beat(self._node, beats)
            except StoreUnavailable as error:
                self._note_unreachable(error)
                await asyncio.sleep(min(RETRY_MS, self._timing.renew_every_ms) / 1_000)
            except Exception:
                log.exception("leases_not_kept")
                await asyncio.sleep(RETRY_MS / 1_000)
            else:
                self._note_reachable()
                await _wait_at_most(self._doubt, self._timing.renew_every_ms)

    async def run_saving(self) -> None:
        loop = asyncio.get_running_loop()
        routine_at = loop.time()
        while True:
            # upwards: whole milliseconds that are too few are slept again and again until the moment has come
            await _wait_at_most(self._urgent, max(0, math.ceil(1_000 * (routine_at - loop.time()))))
            self._urgent.clear()
            routine = loop.time() >= routine_at
            if routine:
                routine_at = loop.time() + self._timing.save_every_ms / 1_000
            for room in self._rooms():
                if room.unsaved is Unsaved.URGENT or (routine and room.unsaved is Unsaved.SOME):
                    try:
                        await self._save(room)
                    except StoreUnavailable as error:
                        self._note_unreachable(error)
                        await asyncio.sleep(RETRY_MS / 1_000)
                        break
                    except Exception:
                        log.exception("room_not_saved", room=room.record.id)

    async def save_last(self, room: HostedRoom) -> None:
        """At the end of a room's life here; what cannot be saved is lost, and said."""
        if room.unsaved is not Unsaved.NOTHING:
            try:
                await self._save(room)
            except StoreUnavailable as error:
                log.warning("room_not_saved", room=room.record.id, cause=str(error))

    async def say_goodbye(self) -> None:
        try:
            await self._presence.leave(self._node)
        except StoreUnavailable as error:
            log.warning("presence_not_withdrawn", cause=str(error))

    async def _save(self, room: HostedRoom) -> None:
        former, room.unsaved = room.unsaved, Unsaved.NOTHING
        try:
            written = await self._snapshots.save(room.lease, room.dump(), room.summary())
        except BaseException:
            room.unsaved = former
            raise
        if not written:
            room.unsaved = former
            self._doubt.set()

    async def _reconcile(self) -> None:
        self._doubt.clear()
        rooms = self._rooms()
        if not rooms:
            return
        states = await self._leases.renew([room.lease for room in rooms])
        for room, state in zip(rooms, states, strict=True):
            match state:
                case LeaseState.HELD:
                    pass
                case LeaseState.FREE:
                    await self._take_again(room)
                case LeaseState.TAKEN:
                    self._on_lost(room)
                case _:
                    assert_never(state)

    async def _take_again(self, room: HostedRoom) -> None:
        if room.is_closed():  # retired meanwhile: the lease is free because we released it
            return
        try:
            room.lease = await self._leases.acquire(room.record.id, self._node, room.lease.epoch)
        except OwnedElsewhere:
            self._on_lost(room)
            return
        if room.is_closed():
            await self._leases.release(room.lease)
        else:
            log.warning("lease_taken_again", room=room.record.id, epoch=room.lease.epoch)
            room.unsaved = Unsaved.URGENT
            self.hurry()

    def _note_unreachable(self, error: StoreUnavailable) -> None:
        if self.store_reachable:
            log.error("store_unreachable", cause=str(error))
        self.store_reachable = False

    def _note_reachable(self) -> None:
        if not self.store_reachable:
            log.info("store_reachable")
        self.store_reachable = True


async def _wait_at_most(event: asyncio.Event, timeout_ms: int) -> None:
    try:
        async with asyncio.timeout(timeout_ms / 1_000):
            await event.wait()
    except TimeoutError:
        pass
