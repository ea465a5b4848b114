"""Mail on its way out: written in the transaction of what it is about, sent afterwards, kept as proof that it was."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct
from sqlalchemy import Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from collab.accounts.models import EMAIL_MAX_CHARS
from collab.db.base import AtMs, Base, Id

KEY_MAX_CHARS: Final = 190
NAME_MAX_CHARS: Final = 120
SUBJECT_MAX_CHARS: Final = 300
FAULT_MAX_CHARS: Final = 200


class MailState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"  # refused for good, or tried too often


class MailMethod(StrEnum):
    """What the calendar part asks for (RFC 5546 1.4)."""

    NONE = ""
    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    REPLY = "REPLY"
    CANCEL = "CANCEL"


class MailRow(Base):
    __tablename__ = "mail_outbox"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(KEY_MAX_CHARS), unique=True)  # one mail for a key, for ever
    to_address: Mapped[str] = mapped_column(String(EMAIL_MAX_CHARS))
    to_name: Mapped[str] = mapped_column(String(NAME_MAX_CHARS))
    reply_to: Mapped[str] = mapped_column(String(EMAIL_MAX_CHARS))
    subject: Mapped[str] = mapped_column(String(SUBJECT_MAX_CHARS))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    calendar: Mapped[bytes] = mapped_column(LargeBinary)
    method: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(8))
    attempts: Mapped[int]
    due_at_ms: Mapped[AtMs]  # while somebody sends it: when another may try
    created_at_ms: Mapped[AtMs]
    done_at_ms: Mapped[AtMs] = mapped_column(default=0)
    fault: Mapped[str] = mapped_column(String(FAULT_MAX_CHARS), default="")

    __table_args__ = (Index(None, "state", "due_at_ms"),)


class Mail(Struct, frozen=True, kw_only=True):
    """What a feature wants sent to one address.  `key`: the same key again is the same mail, sent once."""

    key: str
    to_address: str
    subject: str
    text: str
    to_name: str = ""
    html: str = ""  # beside the text, for those who show it
    calendar: bytes = b""  # an iCalendar object in UTF-8 (RFC 5545), with its `method`
    method: MailMethod = MailMethod.NONE
    reply_to: str = ""
    not_before_ms: int = 0


class Waiting(Struct, frozen=True):
    """A mail that the caller has claimed: nobody else sends it before its lease is over."""

    id: str
    attempts: int  # this one included
    created_at_ms: int
    mail: Mail
