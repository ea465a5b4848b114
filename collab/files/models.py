"""Files by their content.  Who refers to them stands in the tables of the features; a file nobody refers to goes."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Hash64

ONE_MB = 1_000_000


class MediaType(StrEnum):
    """What is taken, and what content of that kind begins with is looked at (contents.py)."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    PDF = "application/pdf"
    MP4 = "video/mp4"  # made by ourselves only
    M4A = "audio/mp4"  # made by ourselves only
    WEBM = "video/webm"  # made by ourselves only
    WEBM_SOUND = "audio/webm"  # made by ourselves only
    HTML = "text/html"  # made by ourselves only
    KEYFRAME = "application/vnd.tongxin.keyframe"  # static/src/ar/storage.ts

    @property
    def is_picture(self) -> bool:
        return self in (MediaType.JPEG, MediaType.PNG)


class FileRow(Base):
    __tablename__ = "files"

    sha256: Mapped[Hash64] = mapped_column(primary_key=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(64))
    created_at_ms: Mapped[AtMs]

    def value(self) -> StoredFile:
        return StoredFile(self.sha256, self.size_bytes, MediaType(self.media_type))


class StoredFile(Struct, frozen=True):
    sha256: str  # hex
    size_bytes: int
    media_type: MediaType
