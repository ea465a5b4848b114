"""The endpoints of files in chats.  Who may was asked in the room; here the slip counts, and nothing else."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final

from msgspec import Meta

from collab.accounts.schemas import Body
from collab.edge.endpoint import NO_CONTENT, Access, Call, Endpoint, Reply, Streamed
from collab.files.models import MediaType
from collab.files.store import Files
from collab.files.thumbnails import Thumbnails, in_part
from collab.limits import rate
from rooms.core.codes import Code
from signaling.file_messages import FILE_MAX_BYTES

from .service import RoomFileService

FILES: Final = "/api/room-files"
SLIPS_OF_ADDRESS = rate("file_slips_address", burst=600, per_minute=600)


class SlipQuery(Body, frozen=True, kw_only=True):
    slip: Annotated[str, Meta(min_length=1, max_length=64)]


class RoomFileEndpoints:
    def __init__(self, room_files: RoomFileService, files: Files) -> None:
        self._room_files = room_files
        self._files = files
        self._thumbnails = Thumbnails(files)

    def table(self) -> tuple[Endpoint, ...]:
        held = (Code.LINK_EXPIRED, Code.REMOVED)
        return (
            Endpoint(
                method="PUT",
                path=FILES,
                access=Access.ANYONE,
                handler=self.keep_room_file,
                input=SlipQuery,
                upload_max_bytes=FILE_MAX_BYTES,
                refusals=(*held, Code.ROOM_ENDED, Code.BAD_FILE, Code.TOO_MANY, Code.CONFLICT),
                rate=SLIPS_OF_ADDRESS,
                about="Bring a PDF, JPEG or PNG to the place that `bring_file` gave; then `share_file` it.",
            ),
            Endpoint(
                method="GET",
                path=FILES,
                access=Access.ANYONE,
                handler=self.room_file,
                input=SlipQuery,
                media_type="application/octet-stream",
                refusals=(*held, Code.NOT_FOUND),
                rate=SLIPS_OF_ADDRESS,
                about="The file of a link that `open_file` or a call's record gave, to be saved.",
            ),
            Endpoint(
                method="GET",
                path=f"{FILES}/small",
                access=Access.ANYONE,
                handler=self.small_room_file,
                input=SlipQuery,
                media_type="image/jpeg",
                refusals=(*held, Code.NOT_FOUND),
                rate=SLIPS_OF_ADDRESS,
                about="A picture for the chat: a JPEG of at most 480 pixels; the picture itself where there is none.",
            ),
        )

    async def keep_room_file(self, call: Call[SlipQuery]) -> Reply:
        place = await self._room_files.coming(call.input.slip)
        async with call.upload() as upload:
            await self._room_files.keep(place, upload)
        return NO_CONTENT

    async def room_file(self, call: Call[SlipQuery]) -> Reply:
        kept = await self._room_files.opened(call.input.slip)
        return self._streamed(kept.file.sha256, kept.file.media_type, kept.file.size_bytes, kept.file_name)

    async def small_room_file(self, call: Call[SlipQuery]) -> Reply:
        file = (await self._room_files.opened(call.input.slip)).file
        small = await self._thumbnails.of(file.sha256) if file.media_type.is_picture else None
        if small is None:
            return self._streamed(file.sha256, file.media_type, file.size_bytes)
        return Reply(Streamed(partial(in_part, small), MediaType.JPEG, len(small), f"{file.sha256}-small"))

    def _streamed(self, sha256: str, media_type: MediaType, size_bytes: int, name: str = "") -> Reply:
        return Reply(Streamed(partial(self._files.stream, sha256), media_type, size_bytes, sha256, name))
