"""Imports and their rows.  They hold what the file says of people, so they go KEPT_DAYS after the upload."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Id

from .values import FILE_NAME_MAX_CHARS

KEPT_DAYS: Final = 30


class ImportTable(Base):
    __tablename__ = "imports"

    id: Mapped[Id]
    created_by: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    client_key: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    file_name: Mapped[str] = mapped_column(String(FILE_NAME_MAX_CHARS))
    invite: Mapped[bool]
    ignored: Mapped[list[str]] = mapped_column(JSON)
    created_at_ms: Mapped[AtMs]
    finished_at_ms: Mapped[AtMs]  # 0 = not yet
    fault: Mapped[str] = mapped_column(String(16), default="", server_default="")
    missing: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    # Of its rows, by fate, and how many are applied: counted as they are written, for whoever looks on.
    rows_created: Mapped[int] = mapped_column(default=0, server_default="0")
    rows_changed: Mapped[int] = mapped_column(default=0, server_default="0")
    rows_unchanged: Mapped[int] = mapped_column(default=0, server_default="0")
    rows_refused: Mapped[int] = mapped_column(default=0, server_default="0")
    rows_applied: Mapped[int] = mapped_column(default=0, server_default="0")
    # Who reads it, until when; another one begins anew after that.
    reader_until_ms: Mapped[AtMs] = mapped_column(default=0, server_default="0")
    tries: Mapped[int] = mapped_column(default=0, server_default="0")

    __table_args__ = (UniqueConstraint("created_by", "client_key"), Index(None, "state"), Index(None, "created_at_ms"))


class ImportRowTable(Base):
    __tablename__ = "import_rows"

    import_id: Mapped[str] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cells: Mapped[dict[str, str]] = mapped_column(JSON)
    fate: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(24))
    at_column: Mapped[str] = mapped_column(String(16))
    changes: Mapped[list[str]] = mapped_column(JSON)
    applied: Mapped[bool]

    __table_args__ = (Index(None, "import_id", "fate", "number"), Index(None, "import_id", "applied", "number"))
