"""Messages about files in the chat; messages.py says what all messages have in common.

The bytes go beside the socket: whoever may bring or open a file is given a path for a short time.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from rooms.core.model import FileSharing

from .message_types import ClientMessage, ServerMessage

FILE_NAME_MAX_CHARS = 200
FILE_MAX_BYTES = 30_000_000

FileKey = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{8,32}$")]  # made by the client


class BringFile(ClientMessage, frozen=True, tag="bring_file", kw_only=True):
    """Where to put a file.  It belongs to nothing until it is shared."""

    key: FileKey
    name: Annotated[str, Meta(min_length=1, max_length=FILE_NAME_MAX_CHARS)]
    size_bytes: Annotated[int, Meta(ge=1, le=FILE_MAX_BYTES)]


class ShareFile(ClientMessage, frozen=True, tag="share_file", kw_only=True):
    """Put the file that was brought under this key into the chat.  Sent again with the same nonce it is one message."""

    key: FileKey
    nonce: Annotated[str, Meta(min_length=1, max_length=64)]


class OpenFile(ClientMessage, frozen=True, tag="open_file", kw_only=True):
    """Where to get a file of the chat."""

    key: FileKey


class SetFileSharing(ClientMessage, frozen=True, tag="set_file_sharing", kw_only=True):
    sharing: FileSharing


class FilePath(ServerMessage, frozen=True, tag="file_path", kw_only=True):
    """Good for a short time: to PUT the file of `bring_file` once, or to GET that of `open_file`."""

    id: int
    path: str


AnyFileMessage = BringFile | ShareFile | OpenFile | SetFileSharing
