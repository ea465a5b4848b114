"""Notices, what people chose about them, and push subscriptions, as tables and values."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Struct
from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Hash64, Id

from .kinds import NoticeKind

KEY_MAX_CHARS: Final = 128
PATH_MAX_CHARS: Final = 200
PARAM_MAX_CHARS: Final = 1_000
PARAMS_MAX: Final = 16
ZONE_MAX_CHARS: Final = 64

_AccountKey = Annotated[str, mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))]


class NoticeRow(Base):
    """One notice to one account.  Its words are made from `kind` and `params` when it is shown."""

    __tablename__ = "notices"

    id: Mapped[Id]
    account_id: Mapped[_AccountKey]
    key: Mapped[str] = mapped_column(String(KEY_MAX_CHARS))
    kind: Mapped[str] = mapped_column(String(40))
    about_kind: Mapped[str] = mapped_column(String(24))
    about_id: Mapped[str] = mapped_column(String(32))
    path: Mapped[str] = mapped_column(String(PATH_MAX_CHARS))
    params: Mapped[dict[str, str]] = mapped_column(JSON)
    urgent: Mapped[bool]
    created_at_ms: Mapped[AtMs]
    read_at_ms: Mapped[AtMs] = mapped_column(default=0)
    planned_at_ms: Mapped[AtMs] = mapped_column(default=0)  # 0: nobody has seen to mail and push yet
    digest_at_ms: Mapped[AtMs] = mapped_column(default=0)  # 0: in no digest, or in one that was sent

    __table_args__ = (
        UniqueConstraint("account_id", "key"),
        Index(None, "account_id", "read_at_ms", "id"),
        Index(None, "planned_at_ms"),
        Index(None, "digest_at_ms"),
        Index(None, "about_kind", "about_id"),
    )


class NoticeSettingsRow(Base):
    __tablename__ = "notice_settings"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    choices: Mapped[dict[str, object]] = mapped_column(JSON)
    quiet_from_minute: Mapped[int]  # -1: none
    quiet_until_minute: Mapped[int]
    digest_minute: Mapped[int]
    time_zone: Mapped[str] = mapped_column(String(ZONE_MAX_CHARS))


class PushSubscriptionRow(Base):
    """One browser of an account (RFC 8030, 8291)."""

    __tablename__ = "push_subscriptions"

    id: Mapped[Id]
    account_id: Mapped[_AccountKey]
    endpoint: Mapped[str] = mapped_column(Text)
    endpoint_hash: Mapped[Hash64] = mapped_column(unique=True)
    p256dh: Mapped[str] = mapped_column(String(128))
    auth: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(16))
    created_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "account_id"),)


class PushRow(Base):
    """A push that waits to be sent; gone when it was, or cannot be."""

    __tablename__ = "push_outbox"

    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True)
    subscription_id: Mapped[str] = mapped_column(
        ForeignKey("push_subscriptions.id", ondelete="CASCADE"), primary_key=True
    )
    attempts: Mapped[int]
    due_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "due_at_ms"), Index(None, "subscription_id"))


class Subject(Struct, frozen=True):
    """What a notice or a call is about: a request, a meeting, a machine, a person."""

    kind: str
    id: str


class Outsider(Struct, frozen=True):
    """Somebody without an account: gets a mail."""

    address: str
    name: str
    locale: str = "zh-CN"


class Notice(Struct, frozen=True, kw_only=True):
    """What a feature tells people.  `key`: once for each of them, for ever.  `path`: the page where one acts."""

    kind: NoticeKind
    account_ids: tuple[str, ...]
    key: str
    about: Subject
    path: str
    params: dict[str, str]
    urgent: bool = False  # quiet hours do not hold it
    email_to: tuple[Outsider, ...] = ()


class Kept(Struct, frozen=True):
    """A notice as its owner has it."""

    id: str
    account_id: str
    kind: NoticeKind
    about: Subject
    path: str
    params: dict[str, str]
    urgent: bool
    created_at_ms: int
    read_at_ms: int
