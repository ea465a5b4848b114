"""What meetings need of rooms that are live now, on whichever node (live_rooms.py has it, by presence and bus)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from rooms.core.commands import AnyCommand


class LivePeople(Struct, frozen=True):
    """Who is inside.  `names` holds at most NAMES_SHOWN_MAX."""

    count: int
    lobby_enabled: bool  # as a moderator may have switched it inside
    names: tuple[str, ...] = ()
    locked: bool = False


NAMES_SHOWN_MAX = 5


class Inside(Struct, frozen=True):
    """One who is in the room now."""

    identity: str
    name: str
    joined_at_ms: int


class LiveRooms(Protocol):
    async def people(self, room_ids: Sequence[str]) -> Mapping[str, LivePeople]:
        """Rooms without anybody are left out."""

    async def inside(self, room_id: str) -> Sequence[Inside]:
        """Everybody who is in the room now, in the order of coming; nobody where its node does not answer."""

    async def tell(self, room_id: str, command: AnyCommand) -> None:
        """Ask the room, as the system, if it is live; nothing otherwise."""
