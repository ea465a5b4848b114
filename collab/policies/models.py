"""Policies, and the requests that were begun from them.  Days (`_on`, `_from`, `_until`) are days of the park."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Id, Name64

TITLE_MAX_CHARS: Final = 120
SUMMARY_MAX_CHARS: Final = 4_000
SOURCE_MAX_CHARS: Final = 120
NUMBER_MAX_CHARS: Final = 60
URL_MAX_CHARS: Final = 400
TYPE_KEY_MAX_CHARS: Final = 32

_MaybeAccount = Annotated[str | None, mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))]


class PolicyRow(Base):
    __tablename__ = "policies"

    id: Mapped[Id]
    state: Mapped[str] = mapped_column(String(12))
    title_zh: Mapped[str] = mapped_column(String(TITLE_MAX_CHARS))
    title_en: Mapped[str] = mapped_column(String(TITLE_MAX_CHARS))
    summary_zh: Mapped[str] = mapped_column(Text)
    summary_en: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(SOURCE_MAX_CHARS))  # who issued it
    number: Mapped[str] = mapped_column(String(NUMBER_MAX_CHARS))  # that the issuer gave it
    source_url: Mapped[str] = mapped_column(String(URL_MAX_CHARS))
    issued_on: Mapped[date | None]
    apply_from: Mapped[date | None]
    apply_until: Mapped[date | None]  # the last day
    request_type: Mapped[str] = mapped_column(String(TYPE_KEY_MAX_CHARS))  # its key; "": nothing to apply for here
    rules: Mapped[dict[str, Any]] = mapped_column(JSON)
    revision: Mapped[int]
    created_by: Mapped[_MaybeAccount]
    created_at_ms: Mapped[AtMs]
    published_at_ms: Mapped[AtMs]  # 0: never was
    changed_at_ms: Mapped[AtMs]
    changed_by_name: Mapped[Name64]

    __table_args__ = (Index(None, "state", "id"),)


class PolicyRequestRow(Base):
    """A request that was begun from a policy.  `kind`: application, question."""

    __tablename__ = "policy_requests"

    request_id: Mapped[str] = mapped_column(ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True)
    policy_id: Mapped[str] = mapped_column(ForeignKey("policies.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(12))

    __table_args__ = (Index(None, "policy_id", "request_id"),)
