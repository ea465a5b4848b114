"""Live rooms of all nodes, asked about through presence and reached through the bus (live.LiveRooms)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Protocol

import msgspec
import structlog
from msgspec import Struct

from rooms.core.commands import AnyCommand, End, Leave, NoteRecord, SetLobby
from rooms.core.model import Presence, RoomView
from rooms.ports import Bus, LiveRoom, RemoteRefused, RoomManager, RoomSummary

from .live import NAMES_SHOWN_MAX, Inside, LivePeople

METHOD: Final = "collab.room_command"
SEND_AWAY: Final = "collab.room_send_away"
INSIDE: Final = "collab.room_inside"
CALL_MAX_MS = 3_000

log = structlog.get_logger("meetings")


class Summaries(Protocol):
    """rooms/store/presence.py."""

    async def summaries(self, room_ids: Collection[str]) -> dict[str, RoomSummary]: ...


Telling = SetLobby | End | NoteRecord


class Told(Struct, frozen=True):
    """What one node tells a room of another.  Closed: only what collab asks for."""

    room_id: str
    command: Telling


class SendAway(Struct, frozen=True):
    room_id: str
    identity: str


class LiveRoomsOfAllNodes:
    def __init__(self, rooms: RoomManager, summaries: Summaries, bus: Bus) -> None:
        self._rooms = rooms
        self._summaries = summaries
        self._bus = bus
        bus.serve(METHOD, self._told)
        bus.serve(SEND_AWAY, self._asked_to_send_away)
        bus.serve(INSIDE, self._asked_who_is_inside)

    async def people(self, room_ids: Sequence[str]) -> Mapping[str, LivePeople]:
        """Rooms of this node as they are now, others as of a second ago; one round trip whatever the number."""
        here = {room_id: room.view for room_id in room_ids if (room := self._rooms.find(room_id)) is not None}
        away = await self._summaries.summaries([room_id for room_id in room_ids if room_id not in here])
        found = {room_id: _seen_here(view) for room_id, view in here.items()}
        for room_id, summary in away.items():
            found[room_id] = LivePeople(
                summary.people_count, summary.lobby_enabled, summary.people[:NAMES_SHOWN_MAX], summary.locked
            )
        return {room_id: people for room_id, people in found.items() if people.count}

    async def inside(self, room_id: str) -> Sequence[Inside]:
        room = self._rooms.find(room_id)
        if room is not None:
            return _inside(room.view)
        summary = (await self._summaries.summaries([room_id])).get(room_id)
        if summary is None or summary.node == self._bus.node:
            return ()
        try:
            told = await self._bus.call(summary.node, INSIDE, room_id.encode(), CALL_MAX_MS)
        except (TimeoutError, RemoteRefused) as error:
            log.warning("inside_not_told", room=room_id, node=summary.node, cause=repr(error))
            return ()
        return msgspec.msgpack.decode(told, type=tuple[Inside, ...])

    async def tell(self, room_id: str, command: AnyCommand) -> None:
        if not isinstance(command, Telling):
            raise TypeError(f"{type(command).__name__} does not travel between nodes")
        room = self._rooms.find(room_id)
        if room is not None:
            await self._ask(room, command)
            return
        summary = (await self._summaries.summaries([room_id])).get(room_id)
        if summary is None or summary.node == self._bus.node:
            return
        try:
            await self._bus.call(summary.node, METHOD, msgspec.msgpack.encode(Told(room_id, command)), CALL_MAX_MS)
        except (TimeoutError, RemoteRefused) as error:
            # The meeting's record is changed already; the room reads it when it comes to life again.
            log.warning("room_not_told", room=room_id, node=summary.node, cause=repr(error))

    async def send_away(self, room_id: str, identity: str) -> None:
        """Their seats end as if they had left.  Whether they come back is for the doorkeeper to say."""
        room = self._rooms.find(room_id)
        if room is not None:
            for participant in list(room.view.participants.values()):
                if participant.identity == identity:
                    await room.ask(Leave(actor=participant.id))
            return
        summary = (await self._summaries.summaries([room_id])).get(room_id)
        if summary is None or summary.node == self._bus.node:
            return
        payload = msgspec.msgpack.encode(SendAway(room_id, identity))
        try:
            await self._bus.call(summary.node, SEND_AWAY, payload, CALL_MAX_MS)
        except (TimeoutError, RemoteRefused) as error:
            log.warning("not_sent_away", room=room_id, node=summary.node, cause=repr(error))

    async def _asked_to_send_away(self, payload: bytes) -> bytes:
        asked = msgspec.msgpack.decode(payload, type=SendAway)
        if self._rooms.find(asked.room_id) is not None:
            await self.send_away(asked.room_id, asked.identity)
        return b""

    async def _asked_who_is_inside(self, payload: bytes) -> bytes:
        room = self._rooms.find(payload.decode())
        return msgspec.msgpack.encode(_inside(room.view) if room is not None else ())

    async def _told(self, payload: bytes) -> bytes:
        told = msgspec.msgpack.decode(payload, type=Told)
        room = self._rooms.find(told.room_id)
        if room is not None:
            await self._ask(room, told.command)
        return b""

    @staticmethod
    async def _ask(room: LiveRoom, command: Telling) -> None:
        outcome = await room.ask(command)
        log.debug("room_told", room=room.record.id, outcome=repr(outcome))


def _seen_here(view: RoomView) -> LivePeople:
    names = [one.name for one in view.participants.values() if one.presence is Presence.HERE]
    return LivePeople(len(view.participants), view.lobby_enabled, tuple(names[:NAMES_SHOWN_MAX]), view.locked)


def _inside(view: RoomView) -> tuple[Inside, ...]:
    found = [Inside(one.identity, one.name, one.joined_at_ms) for one in view.participants.values()]
    return tuple(sorted(found, key=lambda one: one.joined_at_ms))
