"""Calls: who rang whom about what, and the room that came of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct
from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Id, Name64
from collab.notices.models import Subject
from collab.organizations.models import OrganizationKind
from collab.recordings.models import RecordingState
from signaling.desk_messages import RingEnd

ABOUT_MAX_CHARS: Final = 200
NOTE_MAX_CHARS: Final = 4_000


class CallState(StrEnum):
    RINGING = "ringing"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    MISSED = "missed"
    CANCELLED = "cancelled"


# A call rings once and ends in one way for ever.
ENDS: Mapping[CallState, RingEnd] = {
    CallState.ACCEPTED: RingEnd.ACCEPTED,
    CallState.DECLINED: RingEnd.DECLINED,
    CallState.MISSED: RingEnd.MISSED,
    CallState.CANCELLED: RingEnd.CANCELLED,
}


class CallRow(Base):
    __tablename__ = "calls"

    id: Mapped[Id]
    about_kind: Mapped[str] = mapped_column(String(24))
    about_id: Mapped[str] = mapped_column(String(32))
    about: Mapped[str] = mapped_column(String(ABOUT_MAX_CHARS))  # in words, as they were
    path: Mapped[str] = mapped_column(String(200))
    from_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    from_name: Mapped[Name64]
    to_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    to_name: Mapped[Name64]
    state: Mapped[str] = mapped_column(String(16))
    meeting_id: Mapped[str | None] = mapped_column(ForeignKey("meetings.id", ondelete="SET NULL"))
    created_at_ms: Mapped[AtMs]
    expires_at_ms: Mapped[AtMs]
    ended_at_ms: Mapped[AtMs] = mapped_column(default=0)  # the ringing, not the talk
    # What came of the talk, by whoever took part.
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    note_revision: Mapped[int] = mapped_column(default=0, server_default="0")
    note_by: Mapped[Name64] = mapped_column(default="", server_default="")
    note_at_ms: Mapped[AtMs] = mapped_column(default=0, server_default="0")

    __table_args__ = (
        Index(None, "about_kind", "about_id", "id"),
        Index(None, "state", "expires_at_ms"),
        Index(None, "to_id", "state"),
        Index(None, "from_id", "state"),
        Index(None, "meeting_id"),
    )


class Party(Struct, frozen=True):
    """`id` "": the account is gone, the name stays."""

    id: str
    name: str


class Contact(Struct, frozen=True):
    """Somebody whom one may call."""

    id: str
    name: str
    organization: str
    kind: OrganizationKind


class Attendee(Struct, frozen=True):
    identity: str  # an account's id, or a guest's
    name: str
    joined_at_ms: int
    left_at_ms: int


class CallNote(Struct, frozen=True):
    text: str
    revision: int
    by: str
    at_ms: int


class CallRecording(Struct, frozen=True):
    id: str
    state: RecordingState
    film_ms: int


class CallFile(Struct, frozen=True):
    """What somebody put into the chat of the room."""

    key: str
    name: str
    size_bytes: int
    media_type: str
    by: str
    stored_at_ms: int


class Call(Struct, frozen=True):
    id: str
    subject: Subject
    about: str
    path: str
    caller: Party
    callee: Party
    state: CallState
    code: str  # of the room; "" before it is accepted
    created_at_ms: int
    expires_at_ms: int
    ended_at_ms: int
    note: CallNote
    attendees: tuple[Attendee, ...] = ()  # those who have left; in the order of their coming
    recordings: tuple[CallRecording, ...] = ()
    files: tuple[CallFile, ...] = ()
    messages: int = 0  # in the chat
    meeting_id: str = ""  # of the room; "" before it is accepted, or once the meeting is deleted

    def concerns(self, account_id: str) -> bool:
        return account_id in (self.caller.id, self.callee.id)

    def took_part(self, account_id: str) -> bool:
        return self.concerns(account_id) or any(one.identity == account_id for one in self.attendees)
