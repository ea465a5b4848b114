"""Tables of the schedule.  What leaves the repositories stands in values.py.

A series is tied to its room by the room's code, which is what people have in their calendars: the meeting behind the
code is a new one after its room was ended for all (door.py), and `schedule_sittings` knows them all.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from collab.accounts.models import EMAIL_MAX_CHARS
from collab.db.base import AtMs, Base, Hash64, Id, Name64
from collab.meetings.models import ROOM_CODE_MAX_CHARS
from collab.organizations.models import ORGANIZATION_NAME_MAX_CHARS
from rooms.core.model import TITLE_MAX_CHARS

from .rules import RULE_MAX_CHARS

DESCRIPTION_MAX_CHARS = 8_000
ZONE_MAX_CHARS = 64
LOCAL_CHARS = 16  # 2026-11-25T10:00
KEY_CHARS = 15  # 20261125T100000
NOTE_MAX_CHARS = 500
MINUTES_MAX_CHARS = 20_000
ITEM_MAX_CHARS = 500
INVITEES_MAX = 1_000


class EventState(StrEnum):
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class InvitationAnswer(StrEnum):
    """PARTSTAT of RFC 5545 3.2.12."""

    NEEDS_ACTION = "needs_action"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


class MailingKind(StrEnum):
    REQUEST = "request"  # the whole series, with its exceptions
    REQUEST_ONE = "request_one"  # one occurrence that differs
    CANCEL = "cancel"
    CANCEL_ONE = "cancel_one"


class ScheduledEventRow(Base):
    """A meeting with a date, or a series of them."""

    __tablename__ = "schedule_events"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(ROOM_CODE_MAX_CHARS))
    organizer_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    organization_id: Mapped[str | None] = mapped_column(ForeignKey("organizations.id", ondelete="SET NULL"))
    title: Mapped[str] = mapped_column(String(TITLE_MAX_CHARS))
    description: Mapped[str] = mapped_column(Text)
    zone: Mapped[str] = mapped_column(String(ZONE_MAX_CHARS))
    starts: Mapped[str] = mapped_column(String(LOCAL_CHARS))
    minutes: Mapped[int]
    rule: Mapped[str] = mapped_column(String(RULE_MAX_CHARS))  # "" = once
    opens_before_min: Mapped[int]  # -1 = the room is always open
    remind_before_min: Mapped[int]  # -1 = never
    state: Mapped[str] = mapped_column(String(16))
    sequence: Mapped[int]
    first_at_ms: Mapped[AtMs]
    last_at_ms: Mapped[AtMs]
    next_reminder_at_ms: Mapped[AtMs] = mapped_column(default=0)  # 0 = none to come
    created_at_ms: Mapped[AtMs]
    changed_at_ms: Mapped[AtMs]

    __table_args__ = (
        Index(None, "code"),
        Index(None, "organizer_id", "last_at_ms"),
        Index(None, "next_reminder_at_ms"),
    )


class ScheduledOverrideRow(Base):
    """One occurrence that was moved, renamed or cancelled."""

    __tablename__ = "schedule_overrides"

    event_id: Mapped[str] = mapped_column(ForeignKey("schedule_events.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_CHARS), primary_key=True)
    cancelled: Mapped[bool]
    starts: Mapped[str] = mapped_column(String(LOCAL_CHARS))  # "" = as the series
    minutes: Mapped[int]
    title: Mapped[str] = mapped_column(String(TITLE_MAX_CHARS))
    sequence: Mapped[int]


class InviteeRow(Base):
    """A person with an account, a person with a mail address, or an organization."""

    __tablename__ = "schedule_invitees"

    id: Mapped[Id]
    event_id: Mapped[str] = mapped_column(ForeignKey("schedule_events.id", ondelete="CASCADE"))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    organization_id: Mapped[str | None] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(EMAIL_MAX_CHARS))
    name: Mapped[str] = mapped_column(String(ORGANIZATION_NAME_MAX_CHARS))
    named: Mapped[bool]  # written down by the organizer, not only with an organization
    removed: Mapped[bool] = mapped_column(default=False)  # until the cancellation was sent

    __table_args__ = (
        UniqueConstraint("event_id", "account_id"),
        UniqueConstraint("event_id", "organization_id"),
        Index(None, "account_id"),
        Index(None, "organization_id"),
    )


class EventAnswerRow(Base):
    __tablename__ = "schedule_answers"

    invitee_id: Mapped[str] = mapped_column(ForeignKey("schedule_invitees.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_CHARS), primary_key=True)  # "" = the whole series
    answer: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(NOTE_MAX_CHARS))
    answered_at_ms: Mapped[AtMs]


class ReplyLinkRow(Base):
    """The link of one mail; every mail has its own.  Only its SHA-256 is kept."""

    __tablename__ = "schedule_reply_links"

    token_hash: Mapped[Hash64] = mapped_column(primary_key=True)
    invitee_id: Mapped[str] = mapped_column(ForeignKey("schedule_invitees.id", ondelete="CASCADE"))
    made_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "invitee_id"),)


class MailingRow(Base):
    """Mails about a change that are still to be written; `after` is the invitee who got theirs last."""

    __tablename__ = "schedule_mailings"

    id: Mapped[Id]
    event_id: Mapped[str] = mapped_column(ForeignKey("schedule_events.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(KEY_CHARS))
    invitee_id: Mapped[str] = mapped_column(String(26))  # "" = everybody
    after: Mapped[str] = mapped_column(String(26))
    sequence: Mapped[int]
    at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "event_id"),)


class SittingRow(Base):
    """A meeting that the series' room code has led to."""

    __tablename__ = "schedule_sittings"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(ROOM_CODE_MAX_CHARS))

    __table_args__ = (Index(None, "code"),)


class PersonalScheduleRow(Base):
    """A person's time zone and working hours, and the secret of their feed."""

    __tablename__ = "schedule_people"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    zone: Mapped[str] = mapped_column(String(ZONE_MAX_CHARS))
    from_min: Mapped[int]
    to_min: Mapped[int]
    days: Mapped[int]
    feed_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    feed_made_at_ms: Mapped[AtMs]


class MinutesRow(Base):
    __tablename__ = "schedule_minutes"

    event_id: Mapped[str] = mapped_column(ForeignKey("schedule_events.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_CHARS), primary_key=True)
    starts_at_ms: Mapped[AtMs]
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    changed_by: Mapped[Name64]
    changed_at_ms: Mapped[AtMs]


class ActionItemRow(Base):
    __tablename__ = "schedule_action_items"

    id: Mapped[Id]
    event_id: Mapped[str] = mapped_column(ForeignKey("schedule_events.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(KEY_CHARS))
    text: Mapped[str] = mapped_column(String(ITEM_MAX_CHARS))
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    owner_name: Mapped[Name64]
    due: Mapped[str] = mapped_column(String(10))  # 2026-11-30, "" = no date
    done_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "event_id", "key"), Index(None, "owner_id"))


class AttendancePolicyRow(Base):
    """An organization whose meetings keep a record of who was there, since when."""

    __tablename__ = "schedule_attendance_policies"

    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    since_ms: Mapped[AtMs]
