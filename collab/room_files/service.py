"""Files in the chats of rooms (signaling.ports.RoomFiles): where to bring one, what came, and where to get it.

    bring_file -> a slip -> PUT -> checked by its content, kept -> share_file -> a message -> open_file -> a slip -> GET

The room says who may (rooms/core/files.py); a slip says that it did.  It lives in Redis for a short time and names who
holds it: whoever is removed, or whose meeting ends, has no use of it any more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from collab.clock import new_secret
from collab.edge.uploads import Received
from collab.files.documents import keep_document
from collab.files.store import Files
from collab.limits import Limits, rate
from collab.meetings.repository import MeetingRepository
from collab.problems import Refusal
from collab.unavailable import answered
from rooms.core.codes import Code
from rooms.core.model import ChatFile, Phase
from rooms.core.text import clean_name
from rooms.ports import Refused
from rooms.store.once import OnceStore
from signaling.ports import Identity

from .repository import RoomFileRepository
from .values import RoomFile, Usage, file_name

ROOM_MOST: Final = Usage(files=300, size_bytes=1_000_000_000, own_files=100)
PLACE_KEPT_MS: Final = 600_000  # to begin an upload
LINK_KEPT_MS: Final = 60_000  # to begin a download
UNSHARED_KEPT_MS: Final = 3_600_000

FILES_OF_PERSON = rate("room_files_person", burst=30, per_minute=20)
FILES_OF_ROOM = rate("room_files_room", burst=120, per_minute=120)
LINKS_OF_PERSON = rate("room_links_person", burst=200, per_minute=200)

_PLACE: Final = "file_place"
_LINK: Final = "file_link"
T = TypeVar("T")


class PlaceSlip(Struct, frozen=True):
    """May bring this one file."""

    room_id: str
    key: str
    file_name: str
    identity: str
    name: str


class LinkSlip(Struct, frozen=True):
    """May get this one file."""

    room_id: str
    key: str
    identity: str


class RoomFileService:
    def __init__(
        self,
        kept: RoomFileRepository,
        meetings: MeetingRepository,
        files: Files,
        slips: OnceStore,
        limits: Limits,
        clock_ms: Callable[[], int],
    ) -> None:
        self._kept = kept
        self._meetings = meetings
        self._files = files
        self._slips = slips
        self._limits = limits
        self._clock_ms = clock_ms

    # ------------------------------------------------------------ for the room

    async def place(self, room_id: str, by: Identity, key: str, name: str, size_bytes: int) -> str | Refused:
        async def place() -> str:
            await self._limits.take(FILES_OF_PERSON, room_id, by.id)
            await self._limits.take(FILES_OF_ROOM, room_id)
            held = await self._kept.usage(room_id, by.id)
            full = held.files >= ROOM_MOST.files or held.own_files >= ROOM_MOST.own_files
            if full or held.size_bytes + size_bytes > ROOM_MOST.size_bytes:
                raise Refusal(Code.TOO_MANY, "files of a room")
            slip = new_secret()
            packed = msgspec.msgpack.encode(PlaceSlip(room_id, key, name, by.id, by.name))
            await self._slips.put(_PLACE, slip, packed, PLACE_KEPT_MS)
            return f"/api/room-files?slip={slip}"

        return await answered(place())

    async def brought(self, room_id: str, identity: str, key: str) -> ChatFile | Refused:
        async def brought() -> ChatFile:
            file = await self._kept.get(room_id, key, shared=False)
            if file is None or file.identity != identity:
                raise Refusal(Code.NOT_FOUND, "no file of theirs")
            return file.in_chat

        return await answered(brought())

    async def link(self, room_id: str, identity: str, key: str, *, seen: bool) -> str | Refused:
        return await answered(self.link_to(room_id, identity, key, seen=seen))

    async def link_to(self, room_id: str, identity: str, key: str, *, seen: bool = False) -> str:
        """For who was let in by whoever asks.  Raises NOT_FOUND, RATE_LIMITED."""
        await self._limits.take(LINKS_OF_PERSON, room_id, identity)
        if await self._kept.get(room_id, key, shared=not seen) is None:
            raise Refusal(Code.NOT_FOUND, "no such file in the chat")
        slip = new_secret()
        await self._slips.put(_LINK, slip, msgspec.msgpack.encode(LinkSlip(room_id, key, identity)), LINK_KEPT_MS)
        return f"/api/room-files?slip={slip}"

    # ------------------------------------------------------------ for who holds a slip

    async def coming(self, slip: str) -> PlaceSlip:
        """Asked before a byte is read; the slip is used up.  Raises LINK_EXPIRED, REMOVED, ROOM_ENDED."""
        packed = await self._slips.take(_PLACE, slip)
        if packed is None:
            raise Refusal(Code.LINK_EXPIRED, "no place for a file")
        place = msgspec.msgpack.decode(packed, type=PlaceSlip)
        meeting = await self._meetings.get(place.room_id)
        if meeting is None or meeting.phase is Phase.ENDED:
            raise Refusal(Code.ROOM_ENDED, "the meeting has ended")
        await self._refuse_removed(place.room_id, place.identity)
        return place

    async def keep(self, place: PlaceSlip, upload: Received) -> RoomFile:
        """The same key again gives what it kept.  Raises BAD_FILE, TOO_LARGE, TOO_MANY, CONFLICT for another's key."""
        stored = await keep_document(self._files, upload)
        file = RoomFile(
            place.room_id,
            place.key,
            stored,
            file_name(place.file_name, stored.media_type),
            place.identity,
            clean_name(place.name),
            self._clock_ms(),
        )
        if not await self._kept.add(file, ROOM_MOST):
            raise Refusal(Code.TOO_MANY, "files of a room")
        kept = await self._kept.get(place.room_id, place.key, shared=False)
        if kept is None or kept.identity != place.identity:
            raise Refusal(Code.CONFLICT, "another's key")
        return kept

    async def opened(self, slip: str) -> RoomFile:
        """Raises LINK_EXPIRED, REMOVED; NOT_FOUND once it was deleted."""
        packed = await self._slips.look(_LINK, slip)
        if packed is None:
            raise Refusal(Code.LINK_EXPIRED, "no link to a file")
        link = msgspec.msgpack.decode(packed, type=LinkSlip)
        await self._refuse_removed(link.room_id, link.identity)
        file = await self._kept.get(link.room_id, link.key, shared=False)
        if file is None:
            raise Refusal(Code.NOT_FOUND, "deleted meanwhile")
        return file

    async def purge(self, at_ms: int, stored_before_ms: int) -> int:
        """What nobody shared, and what is too old; how many went.  Once an hour (housekeeping.py)."""
        return await self._kept.purge(at_ms - UNSHARED_KEPT_MS, stored_before_ms)

    # ------------------------------------------------------------ inside

    async def _refuse_removed(self, room_id: str, identity: str) -> None:
        if await self._meetings.is_removed(room_id, identity):
            raise Refusal(Code.REMOVED, "removed by a moderator")
