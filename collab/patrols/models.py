"""Spot checks of installation jobs, what was found, and what became of it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Final

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Id, Name64

ITEM_MAX_CHARS: Final = 200
NOTE_MAX_CHARS: Final = 500
FINDING_MAX_CHARS: Final = 1_000
FILE_NAME_MAX_CHARS: Final = 200

_MaybeAccount = Annotated[str | None, mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))]


class CheckKind(StrEnum):
    VISIT = "visit"  # on site
    PHOTOS = "photos"  # online, by photos that the crew brings
    CALL = "call"  # online, by a call


class CheckState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class ItemResult(StrEnum):
    UNCHECKED = "unchecked"
    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"


class FindingState(StrEnum):
    OPEN = "open"
    REMEDIED = "remedied"  # as the installer says
    CLOSED = "closed"  # as the park's staff has seen


class SpotCheckRow(Base):
    __tablename__ = "spot_checks"

    id: Mapped[Id]
    job_id: Mapped[str] = mapped_column(ForeignKey("installation_jobs.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(NOTE_MAX_CHARS))
    inspector_id: Mapped[_MaybeAccount]
    inspector_name: Mapped[Name64]
    created_at_ms: Mapped[AtMs]
    closed_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "job_id", "id"), Index(None, "state", "id"))


class SpotCheckItemRow(Base):
    __tablename__ = "spot_check_items"

    check_id: Mapped[str] = mapped_column(ForeignKey("spot_checks.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(String(ITEM_MAX_CHARS))
    result: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(NOTE_MAX_CHARS))


class SpotCheckPhotoRow(Base):
    __tablename__ = "spot_check_photos"

    check_id: Mapped[str] = mapped_column(ForeignKey("spot_checks.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(32), primary_key=True)  # of whoever brings it
    position: Mapped[int]  # of the item that it shows, -1 = none
    file_sha256: Mapped[str] = mapped_column(ForeignKey("files.sha256"))
    account_id: Mapped[_MaybeAccount]
    name: Mapped[Name64]
    stored_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "file_sha256"),)


class FindingRow(Base):
    __tablename__ = "spot_check_findings"

    id: Mapped[Id]
    check_id: Mapped[str] = mapped_column(ForeignKey("spot_checks.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(String(FINDING_MAX_CHARS))
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(12))
    created_at_ms: Mapped[AtMs]
    closed_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "check_id", "id"), Index(None, "state", "due_on"))


class FindingEventRow(Base):
    """Never changed."""

    __tablename__ = "spot_check_finding_events"

    finding_id: Mapped[str] = mapped_column(ForeignKey("spot_check_findings.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    account_id: Mapped[_MaybeAccount]
    name: Mapped[Name64]
    note: Mapped[str] = mapped_column(String(NOTE_MAX_CHARS))
    at_ms: Mapped[AtMs]
