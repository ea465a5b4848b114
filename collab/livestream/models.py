"""Livestreams in SQL: what was planned, who may do what, who registered, and what is kept of the audience."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from collab.accounts.models import EMAIL_MAX_CHARS
from collab.db.base import AtMs, Base, Hash64, Id, Name64
from rooms.core.model import TITLE_MAX_CHARS

VIEWER_ID_MAX_CHARS = 64
ROOM_MAX_CHARS = 26  # a chat room is "" (shared by all) or the id of the group whose own it is
MESSAGE_MAX_CHARS = 1_000
GROUP_NAME_MAX_CHARS = 120


class Tier(StrEnum):
    """Who may watch by the bare link."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    NAMED = "named"  # only who is of one of the groups, or registered


class GroupKind(StrEnum):
    ORGANIZATION = "organization"
    LIST = "list"  # addresses: a department, a course, guests
    LINK = "link"  # whoever has this group's own link


class StaffRole(StrEnum):
    HOST = "host"
    PRESENTER = "presenter"
    MODERATOR = "moderator"


class RegistrationState(StrEnum):
    PENDING = "pending"  # somebody has to approve
    CONFIRMED = "confirmed"
    WAITING = "waiting"  # there are no seats left
    DECLINED = "declined"
    CANCELLED = "cancelled"


class MessageState(StrEnum):
    SHOWN = "shown"
    HELD = "held"  # for a moderator
    GONE = "gone"  # refused or deleted


class QuestionState(StrEnum):
    HELD = "held"
    OPEN = "open"
    ANSWERED = "answered"
    GONE = "gone"


class PollState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class HandState(StrEnum):
    RAISED = "raised"
    INVITED = "invited"
    ON_STAGE = "on_stage"
    DOWN = "down"


class LivestreamRow(Base):
    __tablename__ = "livestreams"

    id: Mapped[Id]
    organization_id: Mapped[str | None] = mapped_column(ForeignKey("organizations.id", ondelete="SET NULL"))
    created_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    room_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(TITLE_MAX_CHARS))
    description: Mapped[str] = mapped_column(Text)
    cover_sha256: Mapped[str | None] = mapped_column(ForeignKey("files.sha256"))
    cover_type: Mapped[str] = mapped_column(String(32))
    cover_bytes: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    tier: Mapped[str] = mapped_column(String(16))
    starts_at_ms: Mapped[AtMs]
    minutes: Mapped[int]
    zone: Mapped[str] = mapped_column(String(64))
    chat: Mapped[dict[str, Any]] = mapped_column(JSON)  # values.ChatSettings
    registration: Mapped[dict[str, Any]] = mapped_column(JSON)  # values.RegistrationSettings
    keep_replay: Mapped[bool]
    token_key: Mapped[Hash64]  # viewers' tokens and registrants' links are signed with it
    version: Mapped[int]  # of what people write: who changes an older one is told
    sequence: Mapped[int]  # of the calendar object (RFC 5545 3.8.7.4)
    live_at_ms: Mapped[AtMs] = mapped_column(default=0)
    ended_at_ms: Mapped[AtMs] = mapped_column(default=0)
    created_at_ms: Mapped[AtMs]
    trashed_at_ms: Mapped[AtMs] = mapped_column(default=0)

    __table_args__ = (
        Index(None, "organization_id", "starts_at_ms"),
        Index(None, "room_id"),
        Index(None, "state", "starts_at_ms"),
    )


class LivestreamPersonRow(Base):
    __tablename__ = "livestream_people"

    livestream_id: Mapped[str] = mapped_column(ForeignKey("livestreams.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))

    __table_args__ = (Index(None, "account_id"),)


class LivestreamGroupRow(Base):
    __tablename__ = "livestream_groups"

    id: Mapped[Id]
    livestream_id: Mapped[str] = mapped_column(ForeignKey("livestreams.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(GROUP_NAME_MAX_CHARS))
    organization_id: Mapped[str | None] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    tier: Mapped[str] = mapped_column(String(16))  # of a link
    link: Mapped[str | None] = mapped_column(String(32), unique=True)
    own_chat: Mapped[bool]

    __table_args__ = (Index(None, "livestream_id"), Index(None, "organization_id"))


class LivestreamInviteeRow(Base):
    __tablename__ = "livestream_invitees"

    group_id: Mapped[str] = mapped_column(ForeignKey("livestream_groups.id", ondelete="CASCADE"), primary_key=True)
    email: Mapped[str] = mapped_column(String(EMAIL_MAX_CHARS), primary_key=True)  # lower case


class LivestreamRegistrationRow(Base):
    __tablename__ = "livestream_registrations"

    id: Mapped[Id]
    livestream_id: Mapped[str] = mapped_column(ForeignKey("livestreams.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(EMAIL_MAX_CHARS))
    name: Mapped[Name64]
    locale: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    answers: Mapped[dict[str, str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16))
    created_at_ms: Mapped[AtMs]
    changed_at_ms: Mapped[AtMs]
    reminded_at_ms: Mapped[AtMs] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("livestream_id", "email"),
        Index(None, "livestream_id", "state", "id"),
        Index(None, "account_id"),
    )


class LivestreamMessageRow(Base):
    __tablename__ = "livestream_messages"

    id: Mapped[Id]
    livestream_id: Mapped[str] = mapped_column(ForeignKey("livestreams.id", ondelete="CASCADE"))
    room: Mapped[str] = mapped_column(String(ROOM_MAX_CHARS))
    viewer_id: Mapped[str] = mapped_column(String(VIEWER_ID_MAX_CHARS))
    name: Mapped[Name64]
    role: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8))
    pinned: Mapped[bool] = mapped_column(default=False)
    at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "livestream_id", "room", "id"),)


class LivestreamQuestionRow(Base):
    __tablename__ = "livestream_questions"

    id: Mapped[Id]
    livestream_id: Mapped[str] = mapped_column(ForeignKey("livestreams.id", ondelete="CASCADE"))
    room: Mapped[str] = mapped_column(String(ROOM_MAX_CHARS))
    viewer_id: Mapped[str] = mapped_column(String(VIEWER_ID_MAX_CHARS))
    name: Mapped[Name64]
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8))
    answer: Mapped[str] = mapped_column(Text)  # "" with state answered: answered live
    at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "livestream_id", "id"),)


class LivestreamVoteRow(Base):
    __tablename__ = "livestream_votes"

    question_id: Mapped[str] = mapped_column(
        ForeignKey("livestream_questions.id", ondelete="CASCADE"), primary_key=True
    )
    viewer_id: Mapped[str] = mapped_column(String(VIEWER_ID_MAX_CHARS), primary_key=True)


class LivestreamPollRow(Base):
    __tablename__ = "livestream_polls"

    id: Mapped[Id]
    livestream_id: Mapped[str] = mapped_column(ForeignKey("livestreams.id", ondelete="CASCADE"))
    question: Mapped[str] = mapped_column(Text)
    options: Mapped[list[str]] = mapped_column(JSON)
    multiple: Mapped[bool]
    state: Mapped[str] = mapped_column(String(8))
    at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "livestream_id", "id"),)


class LivestreamAnswerRow(Base):
    __tablename__ = "livestream_answers"

    poll_id: Mapped[str] = mapped_column(ForeignKey("livestream_polls.id", ondelete="CASCADE"), primary_key=True)
    viewer_id: Mapped[str] = mapped_column(String(VIEWER_ID_MAX_CHARS), primary_key=True)
    name: Mapped[Name64]
    choices: Mapped[list[int]] = mapped_column(JSON)
    at_ms: Mapped[AtMs]


class LivestreamHandRow(Base):
    __tablename__ = "livestream_hands"

    livestream_id: Mapped[str] = mapped_column(ForeignKey("livestreams.id", ondelete="CASCADE"), primary_key=True)
    viewer_id: Mapped[str] = mapped_column(String(VIEWER_ID_MAX_CHARS), primary_key=True)
    name: Mapped[Name64]
    state: Mapped[str] = mapped_column(String(16))
    identity: Mapped[str] = mapped_column(String(VIEWER_ID_MAX_CHARS))  # in the stage room, once there is a ticket
    at_ms: Mapped[AtMs]


class LivestreamBanRow(Base):
    __tablename__ = "livestream_bans"

    livestream_id: Mapped[str] = mapped_column(ForeignKey("livestreams.id", ondelete="CASCADE"), primary_key=True)
    viewer_id: Mapped[str] = mapped_column(String(VIEWER_ID_MAX_CHARS), primary_key=True)
    name: Mapped[Name64]
    by: Mapped[str] = mapped_column(String(VIEWER_ID_MAX_CHARS))
    at_ms: Mapped[AtMs]


class LivestreamVisitRow(Base):
    """One stay of one viewer.  `left_at_ms` 0: still there, or the node died: then its last beat counts."""

    __tablename__ = "livestream_visits"

    id: Mapped[Id]
    livestream_id: Mapped[str] = mapped_column(ForeignKey("livestreams.id", ondelete="CASCADE"))
    viewer_id: Mapped[str] = mapped_column(String(VIEWER_ID_MAX_CHARS))
    name: Mapped[Name64]
    group_id: Mapped[str] = mapped_column(String(ROOM_MAX_CHARS))
    node: Mapped[str] = mapped_column(String(80))
    joined_at_ms: Mapped[AtMs]
    left_at_ms: Mapped[AtMs] = mapped_column(default=0)

    __table_args__ = (Index(None, "livestream_id", "joined_at_ms"),)


class LivestreamBeatRow(Base):
    """When a node was last heard to serve this audience."""

    __tablename__ = "livestream_beats"

    livestream_id: Mapped[str] = mapped_column(ForeignKey("livestreams.id", ondelete="CASCADE"), primary_key=True)
    node: Mapped[str] = mapped_column(String(80), primary_key=True)
    at_ms: Mapped[AtMs]


class LivestreamCaptionRow(Base):
    """Uploaded captions (WebVTT) of a replay."""

    __tablename__ = "livestream_captions"

    livestream_id: Mapped[str] = mapped_column(ForeignKey("livestreams.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    label: Mapped[Name64]
    text: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    at_ms: Mapped[AtMs]
