"""API tokens of accounts.  Only digests are kept: a token is shown once, when it is made."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Hash64, Id, Name64

from .scopes import ApiScope

TOKENS_MAX: Final = 20  # of one account, that are neither over nor revoked
TOKEN_BEGINS: Final = "txa_"  # noqa: S105 -- by which scanners for leaked secrets, and we, know one
TOKEN_MAX_CHARS: Final = 64


class ApiTokenRow(Base):
    __tablename__ = "api_tokens"

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    name: Mapped[Name64]
    token_hash: Mapped[Hash64] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at_ms: Mapped[AtMs]
    expires_at_ms: Mapped[AtMs]
    used_at_ms: Mapped[AtMs]  # 0 = never; to the minute
    used_from: Mapped[str] = mapped_column(String(45))  # the address
    revoked_at_ms: Mapped[AtMs]  # 0 = not

    __table_args__ = (Index(None, "account_id", "id"),)


class ApiToken(Struct, frozen=True):
    id: str
    account_id: str
    name: str
    scopes: frozenset[ApiScope]
    created_at_ms: int
    expires_at_ms: int
    used_at_ms: int
    used_from: str
    revoked_at_ms: int
