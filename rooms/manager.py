"""The rooms that live on this node: brought to life under a lease, kept, handed over, retired.

    (not here) --open: lease acquired, snapshot loaded--> live
    live --empty for empty_kept_ms: saved, released--> (not here)
    live --lease taken by another node: everyone MOVED--> (not here)
    live --manager closed: everyone MOVED, saved, released--> (not here)

While the store is away live rooms go on as they are; keeper.py reconciles when it answers again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from weakref import WeakValueDictionary

import structlog
from msgspec import Struct

from .core.codes import Code
from .core.effects import Record
from .core.model import ChatMessage, Phase, RecordingState, RoomView
from .core.room import Room, UnreadableState
from .core.stage_model import StageView
from .keeper import Keeper, Timing
from .live import HostedRoom
from .outside import Outside
from .ports import (
    Lease,
    Leases,
    MediaPlane,
    NoBroadcaster,
    NoRecorder,
    Presence,
    RoomArchive,
    RoomBroadcaster,
    RoomRecord,
    RoomRecorder,
    Snapshots,
    StoreUnavailable,
)
from .tasks import TaskOwner

log = structlog.get_logger(__name__)

CHAT_HISTORY_TIMEOUT_MS = 2_000
CHAT_HISTORY_MESSAGES = 200
DRAIN_TIMEOUT_MS = 5_000


def wall_clock_ms() -> int:
    return time.time_ns() // 1_000_000


class Life(Struct):
    """A live room and its tasks."""

    room: HostedRoom
    outside: Outside
    tasks: TaskOwner


class Manager:
    """A `ports.RoomManager`.  `start` before the first `open`; `close` leaves no task behind.

    `archive_is_away` tells an outage of the archive, which is waited out, from an error that would only come again.
    """

    def __init__(
        self,
        node: str,
        *,
        leases: Leases,
        snapshots: Snapshots,
        presence: Presence,
        media: MediaPlane,
        archive: RoomArchive,
        recorder: RoomRecorder | None = None,
        broadcaster: RoomBroadcaster | None = None,
        archive_is_away: Callable[[Exception], bool] = lambda error: isinstance(error, OSError),
        clock: Callable[[], int] = wall_clock_ms,
        timing: Timing | None = None,
    ) -> None:
        self.node = node
        self._leases = leases
        self._snapshots = snapshots
        self._media = media
        self._archive = archive
        self._recorder = recorder or NoRecorder()
        self._broadcaster = broadcaster or NoBroadcaster()
        self._archive_is_away = archive_is_away
        self._clock = clock
        self._timing = timing or Timing()
        self._lives: dict[str, Life] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks = TaskOwner()
        self._retiring: set[str] = set()
        self._closing = False
        self._keeper = Keeper(
            node,
            leases=leases,
            snapshots=snapshots,
            presence=presence,
            timing=self._timing,
            rooms=lambda: self.rooms,
            on_lost=self._lost,
        )

    async def start(self) -> None:
        self._tasks.start(self._keeper.run_leases(), "room leases")
        self._tasks.start(self._keeper.run_saving(), "room snapshots")
        self._tasks.start(self._run_ticks(), "room ticks")

    async def close(self) -> None:
        """Hand every room over: everyone is told MOVED, states are saved, leases released, lanes drained."""
        self._closing = True
        await self._tasks.close()
        await asyncio.gather(*(self._end(room_id, Code.MOVED) for room_id in list(self._lives)))
        await self._keeper.say_goodbye()

    @property
    def store_reachable(self) -> bool:
        """Whether the store answered the last time it was asked."""
        return self._keeper.store_reachable

    @property
    def rooms(self) -> list[HostedRoom]:
        return [life.room for life in self._lives.values() if not life.room.is_closed()]

    def find(self, room_id: str) -> HostedRoom | None:
        life = self._lives.get(room_id)
        return None if life is None or life.room.is_closed() else life.room

    async def open(self, record: RoomRecord) -> HostedRoom:
        if (room := self.find(record.id)) is None:
            async with self._lock(record.id):
                if (room := self.find(record.id)) is None:
                    return await self._bring_to_life(record)
        room.opened_again(record)
        return room

    async def _bring_to_life(self, record: RoomRecord) -> HostedRoom:
        if self._closing:
            raise StoreUnavailable("this node is closing")
        if record.id in self._lives:  # closed: lost to another node a moment ago
            await self._dismantle(record.id)
        lease = await self._leases.acquire(record.id, self.node)
        try:
            room = await self._load(record)
            if self._closing:
                raise StoreUnavailable("this node is closing")
        except BaseException:
            await self._release(lease)
            raise
        outside, tasks = self._outside(record.id), TaskOwner()
        live = HostedRoom(record, room, lease, outside=outside, clock=self._clock, on_urgent=self._keeper.hurry)
        self._lives[record.id] = Life(live, outside, tasks)
        outside.start(tasks)
        tasks.start(live.run(), f"room {record.id}")
        if (made := room.view.recording).state is not RecordingState.OFF:
            # It was recorded when its former owner went.
            outside.record(Record(made.id, made.state, "", made.tracks))
        log.info("room_alive", room=record.id, epoch=lease.epoch)
        return live

    def _outside(self, room_id: str) -> Outside:
        return Outside(room_id, self._media, self._archive, self._recorder, self._broadcaster, self._archive_is_away)

    async def _load(self, record: RoomRecord) -> Room:
        now_ms = self._clock()
        phase = Phase.ENDED if record.ended else Phase.OPEN
        view = RoomView(
            record.id,
            record.code,
            record.title,
            phase,
            lobby_enabled=record.lobby_enabled,
            encrypted=record.encrypted,
            assist=record.assist,
            file_sharing=record.file_sharing,
            stage=StageView(record.livestream_id) if record.livestream_id else None,
        )
        stored = await self._snapshots.load(record.id)
        if stored is not None:
            try:
                return Room.restore(stored, view, now_ms)
            except UnreadableState as error:
                log.warning("snapshot_unreadable", room=record.id, cause=str(error))
        return Room.new(view, now_ms, await self._recent_chat(record.id))

    async def _recent_chat(self, room_id: str) -> list[ChatMessage]:
        """A room opens without its history rather than not at all."""
        try:
            async with asyncio.timeout(CHAT_HISTORY_TIMEOUT_MS / 1_000):
                return await self._archive.recent_chat(room_id, CHAT_HISTORY_MESSAGES)
        except Exception:
            log.exception("chat_history_unavailable", room=room_id)
            return []

    async def _run_ticks(self) -> None:
        while True:
            await asyncio.sleep(self._timing.tick_every_ms / 1_000)
            for room in self.rooms:
                room.tick()
            for room_id in [room.record.id for room in self.rooms if self._is_over(room)]:
                if room_id not in self._retiring:
                    self._retiring.add(room_id)
                    self._tasks.start(self._retire(room_id), f"retire {room_id}")

    def _is_over(self, room: HostedRoom) -> bool:
        return room.idle and self._clock() - room.used_at_ms >= self._timing.empty_kept_ms

    async def _retire(self, room_id: str) -> None:
        try:
            async with self._lock(room_id):
                if (room := self.find(room_id)) is not None and self._is_over(room):
                    await self._end(room_id, Code.UNAVAILABLE)
        finally:
            self._retiring.discard(room_id)

    async def _end(self, room_id: str, code: Code) -> None:
        """Close, save, let go of the lease and of the media, in this order; every step is bounded."""
        life = self._lives[room_id]
        life.room.hand_over(code)
        await self._keeper.save_last(life.room)
        await self._release(life.room.lease)
        await self._dismantle(room_id)

    def _lost(self, room: HostedRoom) -> None:
        """Another node is the authority now: nothing of ours may be written or forwarded any more."""
        if not room.is_closed():
            log.warning("room_lost", room=room.record.id, epoch=room.lease.epoch)
            room.close(Code.MOVED)
            self._tasks.start(self._dismantle_lost(room), f"lost {room.record.id}")

    async def _dismantle_lost(self, room: HostedRoom) -> None:
        async with self._lock(room.record.id):
            life = self._lives.get(room.record.id)
            if life is not None and life.room is room:
                await self._dismantle(room.record.id)

    async def _dismantle(self, room_id: str) -> None:
        life = self._lives[room_id]
        try:
            await life.outside.drained(DRAIN_TIMEOUT_MS)
            async with asyncio.timeout(DRAIN_TIMEOUT_MS / 1_000):
                await self._media.close_room(room_id)
        except Exception:
            log.exception("media_not_closed", room=room_id)
        finally:
            await life.tasks.close()
            del self._lives[room_id]
            log.info("room_gone", room=room_id)

    async def _release(self, lease: Lease) -> None:
        try:
            await self._leases.release(lease)
        except StoreUnavailable:
            log.warning("lease_not_released", room=lease.room_id)  # it runs out by itself

    def _lock(self, room_id: str) -> asyncio.Lock:
        lock = self._locks.get(room_id)
        if lock is None:
            lock = self._locks[room_id] = asyncio.Lock()
        return lock
