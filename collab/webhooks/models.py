"""Webhooks and what was sent to them, as tables and values.

Secrets are kept as they are, for each message is signed with one: whoever reads the database can sign.  A delivery is
a row until a server has taken it, so a lost Redis or a killed process loses none.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct
from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Id, Name64

from .events import WebhookEvent

URL_MAX_CHARS: Final = 500
FAULT_MAX_CHARS: Final = 200
KEY_MAX_CHARS: Final = 96
WEBHOOKS_MAX: Final = 20  # of one organization, and of the whole park's
WAITING_MAX: Final = 2_000  # of one webhook; what happens beyond that it is not told
KEPT_DAYS: Final = 30
FORMER_SECRET_MS: Final = 86_400_000  # for which a secret goes on counting after the next was made


class WebhookState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"  # by hand
    FAILING = "failing"  # given up after days without a success
    GONE = "gone"  # the receiver said 410


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class WebhookRow(Base):
    __tablename__ = "webhooks"

    id: Mapped[Id]
    organization_id: Mapped[str | None] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))  # None: all
    name: Mapped[Name64]
    url: Mapped[str] = mapped_column(String(URL_MAX_CHARS))
    events: Mapped[list[str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16))
    secret: Mapped[str] = mapped_column(String(80))
    former_secret: Mapped[str] = mapped_column(String(80))
    former_until_ms: Mapped[AtMs]
    failing_since_ms: Mapped[AtMs]  # 0 = the last try succeeded
    created_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    created_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "organization_id", "id"),)


class WebhookDeliveryRow(Base):
    __tablename__ = "webhook_deliveries"

    id: Mapped[Id]  # the message's id on the wire
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(KEY_MAX_CHARS))  # one message for each and webhook
    event: Mapped[str] = mapped_column(String(32))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(8))
    tries: Mapped[int]
    due_at_ms: Mapped[AtMs]
    created_at_ms: Mapped[AtMs]
    done_at_ms: Mapped[AtMs]
    status: Mapped[int]  # of the last answer; 0 = none came
    fault: Mapped[str] = mapped_column(String(FAULT_MAX_CHARS))
    took_ms: Mapped[int]

    __table_args__ = (
        UniqueConstraint("webhook_id", "key"),
        Index(None, "webhook_id", "id"),
        Index(None, "state", "due_at_ms"),
        Index(None, "created_at_ms"),
    )


class Webhook(Struct, frozen=True):
    id: str
    organization_id: str | None
    organization_name: str
    name: str
    url: str
    events: frozenset[WebhookEvent]
    state: WebhookState
    failing_since_ms: int
    created_at_ms: int


class Outgoing(Struct, frozen=True):
    """A message that one process has claimed, with what it needs to be sent."""

    id: str
    webhook_id: str
    url: str
    body: bytes
    tries: int  # this one included
    secrets: tuple[str, ...]


class Delivery(Struct, frozen=True):
    id: str
    event: WebhookEvent | str  # a word of a later release stays readable
    state: DeliveryState
    tries: int
    due_at_ms: int
    created_at_ms: int
    done_at_ms: int
    status: int
    fault: str
    took_ms: int
    body: str
