"""Files that people share in the chats of rooms, as values; and what their names may be.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from msgspec import Struct

from collab.files.models import MediaType, StoredFile
from rooms.core.model import ChatFile
from rooms.core.text import clean_name
from signaling.file_messages import FILE_NAME_MAX_CHARS

_ENDINGS: Final[Mapping[MediaType, tuple[str, ...]]] = {
    MediaType.JPEG: (".jpg", ".jpeg"),
    MediaType.PNG: (".png",),
    MediaType.PDF: (".pdf",),
}


class RoomFile(Struct, frozen=True):
    meeting_id: str
    key: str
    file: StoredFile
    file_name: str
    identity: str  # an account's id, or a guest's
    name: str  # of who brought it, as it was
    stored_at_ms: int

    @property
    def in_chat(self) -> ChatFile:
        return ChatFile(self.key, self.file_name, self.file.size_bytes, self.file.media_type)


class Usage(Struct, frozen=True):
    """What a room holds, and how much of it one person brought."""

    files: int
    size_bytes: int
    own_files: int


def file_name(raw: str, media_type: MediaType) -> str:
    """On one line, without folders, and ending as what it is: the name decides what opens it on somebody's computer."""
    endings = _ENDINGS[media_type]
    base = clean_name(raw.replace("\\", "/").rpartition("/")[2], FILE_NAME_MAX_CHARS).lstrip(".") or "file"
    if PurePosixPath(base).suffix.lower() in endings:
        return base
    return base[: FILE_NAME_MAX_CHARS - len(endings[0])] + endings[0]
