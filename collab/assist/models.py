"""Assistance in SQL: machines, installation jobs, sessions, the links into them, and what is kept of them.

Ids of what a phone makes while it is offline are the phone's own (`ClientId`), so that sending twice stores once.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Hash64, Id, Name64

MACHINE_TEXT_MAX_CHARS = 80
SITE_MAX_CHARS = 120
LABEL_CHARS = 10
JOB_TITLE_MAX_CHARS = 120
JOB_NOTE_MAX_CHARS = 4_000
EVENT_NOTE_MAX_CHARS = 500
FILE_NAME_MAX_CHARS = 200
ITEM_MAX_CHARS = 500
CLIENT_ID_MAX_CHARS = 32
IDENTITY_MAX_CHARS = 64

ClientId = Annotated[str, mapped_column(String(CLIENT_ID_MAX_CHARS), primary_key=True)]
_Identity = Annotated[str, mapped_column(String(IDENTITY_MAX_CHARS))]
_File = Annotated[str, mapped_column(ForeignKey("files.sha256"))]
_MaybeAccount = Annotated[str | None, mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))]


class JobState(StrEnum):
    """Of an installation job; jobs.py has the ways between them."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    SIGNED_OFF = "signed_off"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class MachineRow(Base):
    __tablename__ = "machines"

    id: Mapped[Id]
    label: Mapped[str] = mapped_column(String(LABEL_CHARS), unique=True)  # what the QR code on it leads to
    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    make: Mapped[str] = mapped_column(String(MACHINE_TEXT_MAX_CHARS))
    model: Mapped[str] = mapped_column(String(MACHINE_TEXT_MAX_CHARS))
    serial: Mapped[str] = mapped_column(String(MACHINE_TEXT_MAX_CHARS))
    site: Mapped[str] = mapped_column(String(SITE_MAX_CHARS))
    created_by: Mapped[_MaybeAccount]
    created_at_ms: Mapped[AtMs]
    changed_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "organization_id", "id"),)


class JobRow(Base):
    __tablename__ = "installation_jobs"

    id: Mapped[Id]
    title: Mapped[str] = mapped_column(String(JOB_TITLE_MAX_CHARS))
    note: Mapped[str] = mapped_column(Text)
    machine_id: Mapped[str] = mapped_column(ForeignKey("machines.id", ondelete="CASCADE"))
    enterprise_id: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    installer_id: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(16))
    starts_at_ms: Mapped[AtMs] = mapped_column(default=0)  # as scheduled; 0 = not yet
    ends_at_ms: Mapped[AtMs] = mapped_column(default=0)
    created_by: Mapped[_MaybeAccount]
    created_at_ms: Mapped[AtMs]
    changed_at_ms: Mapped[AtMs]

    __table_args__ = (
        Index(None, "enterprise_id", "id"),
        Index(None, "installer_id", "id"),
        Index(None, "machine_id", "id"),
    )


class JobEventRow(Base):
    """One step of a job, by whom and when.  Never changed."""

    __tablename__ = "installation_job_events"

    id: Mapped[Id]
    job_id: Mapped[str] = mapped_column(ForeignKey("installation_jobs.id", ondelete="CASCADE"))
    action: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))  # that it led to
    account_id: Mapped[_MaybeAccount]
    name: Mapped[Name64]  # at that time
    note: Mapped[str] = mapped_column(String(EVENT_NOTE_MAX_CHARS))
    starts_at_ms: Mapped[AtMs]
    ends_at_ms: Mapped[AtMs]
    at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "job_id", "id"),)


class AssistSessionRow(Base):
    """A meeting with `assist`.  Title, code, times and whether it has ended are the meeting's."""

    __tablename__ = "assist_sessions"

    id: Mapped[Id]
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), unique=True)
    job_id: Mapped[str | None] = mapped_column(ForeignKey("installation_jobs.id", ondelete="SET NULL"))
    machine_id: Mapped[str | None] = mapped_column(ForeignKey("machines.id", ondelete="SET NULL"))
    created_by: Mapped[_MaybeAccount]
    maker_role: Mapped[str] = mapped_column(String(16))  # as what its maker takes part
    created_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "job_id", "id"), Index(None, "machine_id", "id"), Index(None, "created_by", "id"))


class AssistLinkRow(Base):
    """A way into a session without an account.  Only the token's SHA-256 is kept."""

    __tablename__ = "assist_links"

    id: Mapped[Id]
    session_id: Mapped[str] = mapped_column(ForeignKey("assist_sessions.id", ondelete="CASCADE"))
    token_hash: Mapped[Hash64] = mapped_column(unique=True)
    role: Mapped[str] = mapped_column(String(16))
    name: Mapped[Name64]  # of the person it is meant for, "" when unknown
    one_time: Mapped[bool]
    bound_to: Mapped[Hash64] = mapped_column(default="")  # digest of the browser's key, when it is one-time and used
    opened_at_ms: Mapped[AtMs] = mapped_column(default=0)  # first
    created_by: Mapped[_MaybeAccount]
    created_at_ms: Mapped[AtMs]
    expires_at_ms: Mapped[AtMs]
    revoked_at_ms: Mapped[AtMs] = mapped_column(default=0, server_default="0")  # 0 = it still leads in

    __table_args__ = (Index(None, "session_id", "id"), Index(None, "expires_at_ms"))


class LinkOpeningRow(Base):
    """Who came by a link: one browser in one room is one identity."""

    __tablename__ = "assist_link_openings"

    link_id: Mapped[str] = mapped_column(ForeignKey("assist_links.id", ondelete="CASCADE"), primary_key=True)
    identity: Mapped[str] = mapped_column(String(IDENTITY_MAX_CHARS), primary_key=True)
    name: Mapped[Name64]  # as they called themselves last
    opened_at_ms: Mapped[AtMs]  # first


class StillRow(Base):
    __tablename__ = "assist_stills"

    id: Mapped[ClientId]
    session_id: Mapped[str] = mapped_column(ForeignKey("assist_sessions.id", ondelete="CASCADE"))
    file_sha256: Mapped[_File]
    width: Mapped[int]
    height: Mapped[int]
    # The frame of the track that it shows, in whose pixels marks are drawn; all 0 when it shows none.
    rtp_timestamp: Mapped[int] = mapped_column(BigInteger)
    frame_width: Mapped[int]
    frame_height: Mapped[int]
    marks: Mapped[str] = mapped_column(
        Text
    )  # as seen on it: a JSON list of StillMark, positions in 0..1 of the picture
    identity: Mapped[_Identity]
    name: Mapped[Name64]
    taken_at_ms: Mapped[AtMs]  # by the clock of whoever took it
    stored_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "session_id", "stored_at_ms"), Index(None, "file_sha256"))


class AssistDocumentRow(Base):
    """Of a machine, of a session, or of both when it was shown in a session about the machine."""

    __tablename__ = "assist_documents"

    id: Mapped[ClientId]
    machine_id: Mapped[str | None] = mapped_column(ForeignKey("machines.id", ondelete="CASCADE"))
    session_id: Mapped[str | None] = mapped_column(ForeignKey("assist_sessions.id", ondelete="CASCADE"))
    file_sha256: Mapped[_File]
    title: Mapped[str] = mapped_column(String(FILE_NAME_MAX_CHARS))
    for_model: Mapped[bool] = mapped_column(default=False, server_default=false())  # of all its make and model
    page: Mapped[int] = mapped_column(default=1, server_default="1")  # that it opens at, from 1
    identity: Mapped[_Identity]
    name: Mapped[Name64]  # of who brought it
    stored_at_ms: Mapped[AtMs]

    __table_args__ = (
        Index(None, "machine_id", "stored_at_ms"),
        Index(None, "session_id", "stored_at_ms"),
        Index(None, "file_sha256"),
    )


class KeyframeRow(Base):
    """What a phone finds marks again by, in a later session on the same machine."""

    __tablename__ = "assist_keyframes"

    id: Mapped[ClientId]
    session_id: Mapped[str] = mapped_column(ForeignKey("assist_sessions.id", ondelete="CASCADE"))
    machine_id: Mapped[str | None] = mapped_column(ForeignKey("machines.id", ondelete="SET NULL"))
    file_sha256: Mapped[_File]
    stored_at_ms: Mapped[AtMs]

    __table_args__ = (
        Index(None, "machine_id", "stored_at_ms"),
        Index(None, "session_id", "stored_at_ms"),
        Index(None, "file_sha256"),
    )


class AssistMarkRow(Base):
    """A mark as it was when the phone last said so."""

    __tablename__ = "assist_marks"

    session_id: Mapped[str] = mapped_column(ForeignKey("assist_sessions.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[ClientId]
    machine_id: Mapped[str | None] = mapped_column(ForeignKey("machines.id", ondelete="SET NULL"))
    keyframe_id: Mapped[str | None] = mapped_column(ForeignKey("assist_keyframes.id", ondelete="SET NULL"))
    mark: Mapped[str] = mapped_column(Text)  # rooms.core.assist_model.Mark as JSON
    stored_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "machine_id", "stored_at_ms"), Index(None, "keyframe_id"))


class RemovedMarkRow(Base):
    """A mark that was removed in a session: whatever is kept of it counts no more (removed_marks.py)."""

    __tablename__ = "assist_removed_marks"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True)
    mark_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    removed_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "mark_id"),)


class OpenItemRow(Base):
    """Something that is left to do."""

    __tablename__ = "assist_open_items"

    id: Mapped[ClientId]
    machine_id: Mapped[str | None] = mapped_column(ForeignKey("machines.id", ondelete="CASCADE"))
    session_id: Mapped[str | None] = mapped_column(ForeignKey("assist_sessions.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(String(ITEM_MAX_CHARS))
    identity: Mapped[_Identity]
    name: Mapped[Name64]
    created_at_ms: Mapped[AtMs]
    done_at_ms: Mapped[AtMs] = mapped_column(default=0)  # 0 = open
    done_by_name: Mapped[Name64] = mapped_column(default="")

    __table_args__ = (Index(None, "machine_id", "created_at_ms"), Index(None, "session_id"))
