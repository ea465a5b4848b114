"""A node that hosts rooms, on a real Redis; its media plane and archive write down what they are asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from msgspec.structs import replace

from rooms.core.codes import Code
from rooms.core.events import AnyEvent
from rooms.core.events_apply import apply
from rooms.core.model import ChatMessage, FileSharing, Grant, Role, RoomView
from rooms.core.stage_model import Staging
from rooms.keeper import Timing
from rooms.manager import Manager, wall_clock_ms
from rooms.ports import Delivery, LiveRoom, Refused, RoomRecord, Seated, Waiting
from rooms.store.connection import RedisStore
from rooms.store.keys import LEASE_MS, Keys
from rooms.store.leases import RedisLeases
from rooms.store.presence import RedisPresence
from rooms.store.snapshots import RedisSnapshots

RECORD = RoomRecord("room-1", "abc-defg-hij", "Weekly")
QUICK = Timing(renew_every_ms=50, save_every_ms=20, tick_every_ms=20, empty_kept_ms=3_600_000)


class Person:
    """A connection that follows a room as a client does: a snapshot, then events."""

    def __init__(self, name: str, role: Role = Role.PARTICIPANT, **grant: object) -> None:
        self.grant = replace(Grant(f"id-{name}", name, role), **grant)
        self.view: RoomView | None = None
        self.seat = ""
        self.resume = ""
        self.events: list[AnyEvent] = []
        self.ended: Code | None = None
        self.resumed = False

    async def join(self, room: LiveRoom, resume: str = "") -> Seated | Waiting | Refused:
        outcome = await room.join(self.grant, resume, self)
        if isinstance(outcome, Seated):
            self._sit_down(outcome)
        elif isinstance(outcome, Waiting):
            self.seat, self.resume = outcome.entry_id, outcome.resume
        return outcome

    def deliver(self, delivery: Delivery) -> None:
        self.events.append(delivery.event)
        if self.view is not None and delivery.seq > self.view.seq:
            apply(self.view, delivery.seq, delivery.event)

    def admitted(self, seated: Seated) -> None:
        self._sit_down(seated)

    def closed(self, code: Code) -> None:
        assert self.ended is None, "told twice"
        self.ended = code

    def _sit_down(self, seated: Seated) -> None:
        self.view, self.seat, self.resume = seated.snapshot, seated.participant_id, seated.resume
        self.resumed = seated.resumed


@dataclass
class Media:
    """A media plane that writes down; `stuck` keeps its slow calls from returning."""

    calls: list[tuple[object, ...]] = field(default_factory=list)
    stuck: asyncio.Event | None = None

    async def close_participant(self, room_id: str, participant_id: str) -> None:
        self.calls.append(("close_participant", participant_id))
        if self.stuck is not None:
            await self.stuck.wait()

    async def close_room(self, room_id: str) -> None:
        self.calls.append(("close_room", room_id))

    def block_track(self, room_id: str, participant_id: str, track_id: str, blocked: bool) -> None:
        self.calls.append(("block_track", participant_id, track_id, blocked))

    def refresh_permissions(self, room_id: str, participant_id: str, grant: Grant) -> None:
        self.calls.append(("refresh_permissions", participant_id, grant.role))

    def arrange_stage(self, room_id: str, staging: Staging) -> None:
        self.calls.append(("arrange_stage", staging))


@dataclass
class Archive:
    chat: list[ChatMessage] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    sharing: list[FileSharing] = field(default_factory=list)
    attendance: list[str] = field(default_factory=list)
    removals: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    history: list[ChatMessage] = field(default_factory=list)
    failures_left: int = 0

    async def chat_sent(self, room_id: str, message: ChatMessage, identity: str) -> None:
        if self.failures_left:
            self.failures_left -= 1
            raise OSError("the database is away")
        self.chat.append(message)

    async def chat_deleted(self, room_id: str, message_id: str) -> None:
        self.deleted.append(message_id)

    async def file_sharing_set(self, room_id: str, sharing: FileSharing) -> None:
        self.sharing.append(sharing)

    async def removed(self, room_id: str, identity: str, at_ms: int) -> None:
        self.removals.append(identity)

    async def marks_removed(self, room_id: str, mark_ids: tuple[str, ...], at_ms: int) -> None:
        self.marks.append(f"removed {' '.join(mark_ids)}")

    async def mark_placed(self, room_id: str, mark_id: str) -> None:
        self.marks.append(f"placed {mark_id}")

    async def room_ended(self, room_id: str, at_ms: int) -> None:
        self.ended.append(room_id)

    async def recent_chat(self, room_id: str, limit: int) -> list[ChatMessage]:
        if self.failures_left:
            raise OSError("the database is away")
        return self.history[-limit:]

    async def attended(self, room_id: str, identity: str, name: str, joined_at_ms: int, left_at_ms: int) -> None:
        self.attendance.append(name)


@dataclass
class Clock:
    """A wall clock that a test can put forward."""

    ahead_ms: int = 0

    def __call__(self) -> int:
        return wall_clock_ms() + self.ahead_ms


@dataclass
class Host:
    manager: Manager
    media: Media
    archive: Archive
    clock: Clock
    presence: RedisPresence
    snapshots: RedisSnapshots
    store: RedisStore


@asynccontextmanager
async def hosting(
    url: str,
    keys: Keys,
    node: str = "one",
    *,
    timing: Timing = QUICK,
    lease_ms: int = LEASE_MS,
) -> AsyncIterator[Host]:
    store, clock, media, archive = RedisStore(url), Clock(), Media(), Archive()
    presence, snapshots = RedisPresence(store, keys, clock), RedisSnapshots(store, keys)
    manager = Manager(
        node,
        leases=RedisLeases(store, keys, lease_ms),
        snapshots=snapshots,
        presence=presence,
        media=media,
        archive=archive,
        clock=clock,
        timing=timing,
    )
    await manager.start()
    try:
        yield Host(manager, media, archive, clock, presence, snapshots, store)
    finally:
        await manager.close()
        await store.close()
