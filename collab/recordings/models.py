"""Recordings of meetings: what was recorded, by whom, and the film that came of it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Hash64, Id
from collab.files.models import MediaType
from collab.meetings.models import IDENTITY_MAX_CHARS
from rooms.core.model import NAME_MAX_CHARS, TITLE_MAX_CHARS, Source, TrackKind


class RecordingState(StrEnum):
    """recording -> finishing -> ready | empty; finishing again after a crash."""

    RECORDING = "recording"
    FINISHING = "finishing"
    READY = "ready"
    EMPTY = "empty"  # nothing was written


class RecordingRow(Base):
    __tablename__ = "recordings"

    id: Mapped[Id]
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(TITLE_MAX_CHARS))
    state: Mapped[str] = mapped_column(String(16))
    started_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    started_at_ms: Mapped[AtMs]
    film_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    chapters: Mapped[list[list[object]]] = mapped_column(JSON, default=list)  # [at in ms, title]
    sha256: Mapped[str | None] = mapped_column(ForeignKey("files.sha256"))
    sound_sha256: Mapped[str | None] = mapped_column(ForeignKey("files.sha256"))
    sound_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    share_hash: Mapped[Hash64 | None] = mapped_column(unique=True)
    share_expires_at_ms: Mapped[AtMs] = mapped_column(default=0)
    trashed_at_ms: Mapped[AtMs] = mapped_column(default=0)

    __table_args__ = (Index(None, "meeting_id", "id"), Index(None, "state"))


class RecordingTrackRow(Base):
    """Somebody's microphone, camera or screen by itself, for as long as it lasted."""

    __tablename__ = "recording_tracks"

    id: Mapped[Id]
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    participant_id: Mapped[str] = mapped_column(String(64))
    identity: Mapped[str] = mapped_column(String(IDENTITY_MAX_CHARS))
    name: Mapped[str] = mapped_column(String(NAME_MAX_CHARS))
    source: Mapped[str] = mapped_column(String(16))
    codec: Mapped[str] = mapped_column(String(16))
    begins_ms: Mapped[int] = mapped_column(BigInteger)  # in the film; a little before it is below 0
    length_ms: Mapped[int] = mapped_column(BigInteger)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(ForeignKey("files.sha256"))

    __table_args__ = (Index(None, "recording_id", "id"),)


class Chapter(Struct, frozen=True):
    at_ms: int
    title: str


class RecordedTrack(Struct, frozen=True):
    id: str
    participant_id: str
    identity: str
    name: str
    source: Source
    codec: str
    begins_ms: int
    length_ms: int
    size_bytes: int
    sha256: str

    @property
    def suffix(self) -> str:
        return "mp4" if self.codec == "h264" else "webm"

    @property
    def media_type(self) -> MediaType:
        if self.suffix == "mp4":
            return MediaType.MP4
        return MediaType.WEBM if self.source.kind is TrackKind.VIDEO else MediaType.WEBM_SOUND


class Recording(Struct, frozen=True):
    id: str
    meeting_id: str
    title: str
    state: RecordingState
    started_by: str | None
    started_at_ms: int
    film_ms: int
    size_bytes: int
    chapters: tuple[Chapter, ...]
    sha256: str | None
    sound_sha256: str | None  # its sound by itself, once somebody asked for it
    sound_bytes: int
    share_expires_at_ms: int  # 0 = not shared
    trashed_at_ms: int
