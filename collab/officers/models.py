"""Service officers: who looks after which company, who stands in, and how far the company's jobs have come."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Final

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Id, Name64

NOTE_MAX_CHARS: Final = 500

_MaybeAccount = Annotated[str | None, mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))]


class OfficerAction(StrEnum):
    NAMED = "named"  # by an administrator of the park
    OFFERED = "offered"  # by the officer, to a colleague
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Milestone(StrEnum):
    """Of an installation job, in this order."""

    ARRIVED = "arrived"
    INSTALLED = "installed"
    COMMISSIONED = "commissioned"


class OfficerRow(Base):
    __tablename__ = "service_officers"

    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    offered_to_id: Mapped[_MaybeAccount]
    since_ms: Mapped[AtMs]
    revision: Mapped[int]

    __table_args__ = (Index(None, "account_id"), Index(None, "offered_to_id"))


class OfficerEventRow(Base):
    """Never changed."""

    __tablename__ = "service_officer_events"

    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action: Mapped[str] = mapped_column(String(12))
    account_id: Mapped[_MaybeAccount]
    name: Mapped[Name64]
    to_name: Mapped[Name64]
    note: Mapped[str] = mapped_column(String(NOTE_MAX_CHARS))
    at_ms: Mapped[AtMs]


class OfficerCoverRow(Base):
    """Somebody stands in for an officer, from the first day to the last."""

    __tablename__ = "officer_covers"

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    cover_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    created_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "account_id", "ends_on"), Index(None, "cover_id", "ends_on"))


class JobMilestoneRow(Base):
    __tablename__ = "job_milestones"

    job_id: Mapped[str] = mapped_column(ForeignKey("installation_jobs.id", ondelete="CASCADE"), primary_key=True)
    milestone: Mapped[str] = mapped_column(String(16), primary_key=True)
    planned_on: Mapped[date | None]
    done_at_ms: Mapped[AtMs]  # 0 = not yet
    name: Mapped[Name64]  # of who said so
