"""Other platforms that a livestream is sent on to, by RTMP."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Id, Name64

TARGETS_MAX: Final = 8  # of one livestream
URL_MAX_CHARS: Final = 300
KEY_MAX_CHARS: Final = 300
SEALED_MAX_CHARS: Final = 1_700  # a key of four-byte characters, sealed


class RestreamTargetRow(Base):
    __tablename__ = "restream_targets"

    id: Mapped[Id]
    livestream_id: Mapped[str] = mapped_column(ForeignKey("livestreams.id", ondelete="CASCADE"))
    name: Mapped[Name64]
    url: Mapped[str] = mapped_column(String(URL_MAX_CHARS))
    key: Mapped[str] = mapped_column(String(SEALED_MAX_CHARS))  # sealed (sealing.py)
    enabled: Mapped[bool]
    created_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "livestream_id", "id"),)


class RestreamTarget(Struct, frozen=True):
    id: str
    livestream_id: str
    name: str
    url: str
    key: str
    enabled: bool
