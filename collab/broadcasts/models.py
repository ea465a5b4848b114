"""Broadcasts: under which key the segments of a livestream can be fetched, and where they and its film are."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base

KEY_MAX_CHARS = 32


class BroadcastRow(Base):
    __tablename__ = "broadcasts"

    livestream_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    room_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(KEY_MAX_CHARS), unique=True)
    begun_at_ms: Mapped[AtMs]
    ended_at_ms: Mapped[AtMs] = mapped_column(default=0)


class Broadcast(Struct, frozen=True):
    livestream_id: str
    room_id: str
    key: str
    begun_at_ms: int
    ended_at_ms: int  # 0 = it is live
