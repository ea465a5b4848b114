"""Stream keys: by which an encoder (OBS, a hardware box, FFmpeg) sends to the stage of one livestream.

Only the digest of a key is kept: it is shown when it is made or renewed, and never again.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Hash64, Id, Name64

KEYS_MAX: Final = 10  # of one livestream, that are not revoked
KEY_BEGINS: Final = "txk_"
KEY_MAX_CHARS: Final = 64
SEALED_MAX_CHARS: Final = 400


class StreamKeyRow(Base):
    __tablename__ = "stream_keys"

    id: Mapped[Id]
    livestream_id: Mapped[str] = mapped_column(ForeignKey("livestreams.id", ondelete="CASCADE"))
    name: Mapped[Name64]  # as people on the stage see it
    key_hash: Mapped[Hash64] = mapped_column(unique=True)
    turn: Mapped[int]  # how often it was renewed: who was removed from the stage stays so until then
    srt_port: Mapped[int]  # that encoders reach by SRT with this key; 0 = none
    srt_passphrase: Mapped[str] = mapped_column(String(SEALED_MAX_CHARS))  # sealed; "" = none
    created_at_ms: Mapped[AtMs]
    used_at_ms: Mapped[AtMs]  # 0 = never; to the minute
    used_from: Mapped[str] = mapped_column(String(45))  # the address
    revoked_at_ms: Mapped[AtMs]  # 0 = not

    __table_args__ = (Index(None, "livestream_id", "id"),)


class StreamKey(Struct, frozen=True):
    id: str
    livestream_id: str
    name: str
    key_hash: str
    turn: int
    srt_port: int
    srt_passphrase: str
    created_at_ms: int
    used_at_ms: int
    used_from: str

    @property
    def identity(self) -> str:
        """In the stage's room."""
        return f"encoder_{self.id}_{self.turn}"

    @property
    def digest(self) -> bytes:
        """As the media edge knows the key."""
        return bytes.fromhex(self.key_hash)
