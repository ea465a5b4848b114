"""Symposiums, the issues raised for them, and who stands behind an issue."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Id, Name64

TITLE_MAX_CHARS: Final = 120
NOTE_MAX_CHARS: Final = 4_000
PROBLEM_MAX_CHARS: Final = 3_000
WISH_MAX_CHARS: Final = 2_000
DECISION_MAX_CHARS: Final = 1_000

_MaybeAccount = Annotated[str | None, mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))]
_Word = Annotated[str, mapped_column(String(16))]


class SymposiumRow(Base):
    __tablename__ = "symposiums"

    id: Mapped[Id]
    state: Mapped[_Word]
    title: Mapped[str] = mapped_column(String(TITLE_MAX_CHARS))
    note: Mapped[str] = mapped_column(Text)
    starts_at_ms: Mapped[AtMs]
    collects_until_ms: Mapped[AtMs]
    meeting_id: Mapped[str | None] = mapped_column(ForeignKey("meetings.id", ondelete="SET NULL"))
    current_issue_id: Mapped[str] = mapped_column(String(26))  # "": none is talked about
    speaker: Mapped[Name64]  # who has the word, "" = nobody
    revision: Mapped[int]
    created_by: Mapped[_MaybeAccount]
    created_at_ms: Mapped[AtMs]
    changed_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "state", "id"), Index(None, "meeting_id"))


class IssueRow(Base):
    __tablename__ = "symposium_issues"

    id: Mapped[Id]
    symposium_id: Mapped[str] = mapped_column(ForeignKey("symposiums.id", ondelete="CASCADE"))
    state: Mapped[_Word]
    position: Mapped[int]  # on the agenda, from 1; 0 = not on it
    title: Mapped[str] = mapped_column(String(TITLE_MAX_CHARS))
    area: Mapped[_Word]
    problem: Mapped[str] = mapped_column(Text)
    wish: Mapped[str] = mapped_column(Text)
    scope: Mapped[_Word]
    publish: Mapped[_Word]
    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    account_id: Mapped[_MaybeAccount]
    name: Mapped[Name64]
    decision: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[_MaybeAccount]
    owner_name: Mapped[Name64]
    due_on: Mapped[date | None]
    request_id: Mapped[str | None] = mapped_column(ForeignKey("requests.id", ondelete="SET NULL"))
    answer: Mapped[str] = mapped_column(Text)
    answered_at_ms: Mapped[AtMs]
    created_at_ms: Mapped[AtMs]

    __table_args__ = (
        Index(None, "symposium_id", "position", "id"),
        Index(None, "request_id", unique=True),
        Index(None, "state", "id"),
    )


class IssueVoteRow(Base):
    """One account's voice for an issue."""

    __tablename__ = "symposium_votes"

    issue_id: Mapped[str] = mapped_column(ForeignKey("symposium_issues.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "account_id"),)
