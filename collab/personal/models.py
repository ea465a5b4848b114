"""Exports and erasures of people's data, as tables and values."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Id

PSEUDONYM_MAX_CHARS = 32


class ExportState(StrEnum):
    WAITING = "waiting"  # for a worker, or in its hands
    READY = "ready"
    FAILED = "failed"
    GONE = "gone"  # its time is over: the file is deleted


class ErasureState(StrEnum):
    PLANNED = "planned"  # until its day comes: can be undone
    RUNNING = "running"  # cannot
    DONE = "done"
    UNDONE = "undone"
    REFUSED = "refused"  # when its day came: nobody else administers the park


class ExportRow(Base):
    __tablename__ = "personal_exports"

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    asked_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(String(8))
    done: Mapped[int]  # areas and files that are in it, of `total`
    total: Mapped[int]
    files_left_out: Mapped[int]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    tries: Mapped[int]
    worker_until_ms: Mapped[AtMs]  # who makes it, until when; another one begins anew after that
    created_at_ms: Mapped[AtMs]
    expires_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "account_id", "id"), Index(None, "state", "expires_at_ms"))

    def value(self) -> Export:
        return Export(
            self.id,
            self.account_id,
            self.asked_by,
            ExportState(self.state),
            self.done,
            self.total,
            self.files_left_out,
            self.size_bytes,
            self.created_at_ms,
            self.expires_at_ms,
        )


class ErasureRow(Base):
    """One for each account at most at a time that is neither undone nor refused; no name of the person is in it."""

    __tablename__ = "erasures"

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(String(26))  # no foreign key: proves that it was done, whatever is deleted
    asked_by: Mapped[str] = mapped_column(String(26))
    state: Mapped[str] = mapped_column(String(8))
    pseudonym: Mapped[str] = mapped_column(String(PSEUDONYM_MAX_CHARS))
    done: Mapped[int]  # rules that have been carried out, of `total`
    total: Mapped[int]
    created_at_ms: Mapped[AtMs]
    due_at_ms: Mapped[AtMs]
    finished_at_ms: Mapped[AtMs]  # 0 = not yet

    __table_args__ = (Index(None, "account_id", "id"), Index(None, "state", "due_at_ms"))

    def value(self) -> Erasure:
        return Erasure(
            self.id,
            self.account_id,
            self.asked_by,
            ErasureState(self.state),
            self.pseudonym,
            self.done,
            self.total,
            self.created_at_ms,
            self.due_at_ms,
            self.finished_at_ms,
        )


class Export(Struct, frozen=True):
    id: str
    account_id: str
    asked_by: str | None
    state: ExportState
    done: int
    total: int
    files_left_out: int
    size_bytes: int
    created_at_ms: int
    expires_at_ms: int


class Erasure(Struct, frozen=True):
    id: str
    account_id: str
    asked_by: str
    state: ErasureState
    pseudonym: str
    done: int
    total: int
    created_at_ms: int
    due_at_ms: int
    finished_at_ms: int


class Obstacles(Struct, frozen=True):
    """What somebody has to hand over before they can be erased."""

    requests: int  # open ones that they own
    companies: int  # whose service officer they are
    only_administrator: bool  # nobody else administers the park

    @property
    def stand(self) -> bool:
        return bool(self.requests or self.companies or self.only_administrator)
