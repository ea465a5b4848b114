"""Meetings and what is kept of their rooms: chat, attendance, tokens.  A meeting's id is its room's id."""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Hash64, Id, Name64
from rooms.core.assist_model import AssistRole
from rooms.core.model import TITLE_MAX_CHARS, FileSharing, Phase
from signaling.file_messages import FILE_NAME_MAX_CHARS

# Ours are abc-defg-hij; operators may name a room by the command line.
ROOM_CODE_MAX_CHARS = 32
ROOM_CODE = re.compile(r"[a-z0-9][a-z0-9-]{2,31}")
IDENTITY_MAX_CHARS = 64


class TokenKind(StrEnum):
    GUEST = "guest"
    PROGRAM = "program"


class MeetingRow(Base):
    __tablename__ = "meetings"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(ROOM_CODE_MAX_CHARS), unique=True)
    title: Mapped[str] = mapped_column(String(TITLE_MAX_CHARS))
    # The ready meeting of the first start has no host until the first administrator takes it over.
    host_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    organization_id: Mapped[str | None] = mapped_column(ForeignKey("organizations.id", ondelete="SET NULL"))
    lobby_enabled: Mapped[bool]
    guests_allowed: Mapped[bool]
    encrypted: Mapped[bool] = mapped_column(default=False, server_default=false())  # fixed when it is made
    assist: Mapped[bool] = mapped_column(default=False, server_default=false())  # so is this; never both
    livestream_id: Mapped[str] = mapped_column(String(26), default="", server_default="")  # whose stage it is
    file_sharing: Mapped[str] = mapped_column(
        String(16), default=FileSharing.EVERYONE, server_default=FileSharing.EVERYONE
    )
    phase: Mapped[str] = mapped_column(String(16))
    created_at_ms: Mapped[AtMs]
    started_at_ms: Mapped[AtMs] = mapped_column(default=0)
    ended_at_ms: Mapped[AtMs] = mapped_column(default=0)
    trashed_at_ms: Mapped[AtMs] = mapped_column(default=0)

    __table_args__ = (Index(None, "host_id", "id"),)


class ChatMessageRow(Base):
    __tablename__ = "chat_messages"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    sender_id: Mapped[str] = mapped_column(String(64))  # their seat's id
    sender_name: Mapped[Name64]
    identity: Mapped[str] = mapped_column(String(IDENTITY_MAX_CHARS))  # "": of before it was kept
    text: Mapped[str] = mapped_column(Text)
    nonce: Mapped[str] = mapped_column(String(64))
    sent_at_ms: Mapped[AtMs]
    deleted: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index(None, "meeting_id", "sent_at_ms", "id"), Index(None, "identity"))


class RoomFileRow(Base):
    """A file that somebody brought into a room; in its chat once a message has it."""

    __tablename__ = "room_files"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    message_id: Mapped[str | None] = mapped_column(String(64))
    sha256: Mapped[Hash64] = mapped_column(ForeignKey("files.sha256"))
    file_name: Mapped[str] = mapped_column(String(FILE_NAME_MAX_CHARS))
    identity: Mapped[str] = mapped_column(String(IDENTITY_MAX_CHARS))
    name: Mapped[Name64]
    stored_at_ms: Mapped[AtMs]

    __table_args__ = (
        UniqueConstraint("meeting_id", "message_id"),
        Index(None, "sha256"),
        Index(None, "stored_at_ms"),
    )


class AttendanceRow(Base):
    """One stay of one person in one room."""

    __tablename__ = "attendance"

    id: Mapped[Id]
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"))
    identity: Mapped[str] = mapped_column(String(IDENTITY_MAX_CHARS))
    name: Mapped[Name64]
    joined_at_ms: Mapped[AtMs]
    left_at_ms: Mapped[AtMs]

    __table_args__ = (
        UniqueConstraint("meeting_id", "identity", "joined_at_ms"),
        Index(None, "identity", "joined_at_ms"),
    )


class RemovalRow(Base):
    """Somebody whom a moderator removed.  Their identity stays outside, whatever token it shows."""

    __tablename__ = "room_removals"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True)
    identity: Mapped[str] = mapped_column(String(IDENTITY_MAX_CHARS), primary_key=True)
    removed_at_ms: Mapped[AtMs]


class RoomTokenRow(Base):
    """A bearer token for one room.  Only its SHA-256 is kept."""

    __tablename__ = "room_tokens"

    id: Mapped[Id]
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"))
    token_hash: Mapped[Hash64] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    identity: Mapped[str] = mapped_column(String(IDENTITY_MAX_CHARS))
    name: Mapped[Name64]
    publish: Mapped[bool]
    subscribe: Mapped[bool]
    assist_role: Mapped[str] = mapped_column(String(16), default="", server_default="")  # in a session of assistance
    created_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    created_at_ms: Mapped[AtMs]
    expires_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "meeting_id"), Index(None, "expires_at_ms"))


class InstallationRow(Base):
    """One row: what was made at the first start."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    created_at_ms: Mapped[AtMs]
    ready_meeting_id: Mapped[str | None] = mapped_column(ForeignKey("meetings.id", ondelete="SET NULL"))


class Host(Struct, frozen=True):
    id: str
    name: str


class Meeting(Struct, frozen=True):
    id: str
    code: str
    title: str
    host: Host | None
    organization_id: str | None
    lobby_enabled: bool
    guests_allowed: bool
    encrypted: bool
    assist: bool
    livestream_id: str
    file_sharing: FileSharing
    phase: Phase
    created_at_ms: int
    started_at_ms: int
    ended_at_ms: int
    trashed_at_ms: int


class RoomToken(Struct, frozen=True):
    meeting_id: str
    kind: TokenKind
    identity: str
    name: str
    publish: bool
    subscribe: bool
    expires_at_ms: int
    assist_role: AssistRole | None = None
    removed: bool = False  # a moderator has shut its holder out
