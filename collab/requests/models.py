"""Types of requests with their versions, requests with their events, and what is kept with them, in SQL.

A row of `requests` is narrow, because boards and statistics read many; what people wrote stands in `request_contents`.
Triggers keep what happened, and when, as it was written.
"""

from __future__ import annotations

from typing import Annotated, Final

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Id, Name64

NUMBER_MAX_CHARS: Final = 24
TITLE_MAX_CHARS: Final = 120
NOTE_MAX_CHARS: Final = 4_000
KEY_MAX_CHARS: Final = 32
FILE_NAME_MAX_CHARS: Final = 160

_Key = Annotated[str, mapped_column(String(KEY_MAX_CHARS))]
_MaybeAccount = Annotated[str | None, mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))]
_RequestId = Annotated[str, mapped_column(ForeignKey("requests.id", ondelete="CASCADE"))]
_RequestKey = Annotated[str, mapped_column(ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True)]
_State = Annotated[str, mapped_column(String(20))]
_Outcome = Annotated[str, mapped_column(String(12))]  # "" until it is decided
_Count = Annotated[int, mapped_column(BigInteger)]
_AccountId = Annotated[str, mapped_column(String(26))]  # as it was then: no key, so that a record outlives an account


class RequestTypeRow(Base):
    __tablename__ = "request_types"

    id: Mapped[Id]
    key: Mapped[_Key] = mapped_column(unique=True)
    version: Mapped[int]  # the latest that is published; 0 = none yet
    draft: Mapped[str] = mapped_column(Text)  # JSON of a definition; "" = nothing that is not published
    draft_revision: Mapped[int]
    retired: Mapped[bool] = mapped_column(server_default=false())  # takes no new requests
    shipped_version: Mapped[int]  # the version that came with the server; 0 = made here
    shipped_digest: Mapped[str] = mapped_column(String(64))
    created_at_ms: Mapped[AtMs]
    changed_at_ms: Mapped[AtMs]


class RequestTypeVersionRow(Base):
    """Never changed."""

    __tablename__ = "request_type_versions"

    type_id: Mapped[str] = mapped_column(ForeignKey("request_types.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    definition: Mapped[str] = mapped_column(Text)  # JSON
    name: Mapped[Name64]  # of who published it
    made_at_ms: Mapped[AtMs]


class RequestRow(Base):
    __tablename__ = "requests"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(NUMBER_MAX_CHARS), unique=True)
    type_id: Mapped[str] = mapped_column(ForeignKey("request_types.id"))
    type_version: Mapped[int]
    title: Mapped[str] = mapped_column(String(TITLE_MAX_CHARS))
    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    requester_id: Mapped[_MaybeAccount]
    requester_name: Mapped[Name64]
    client_key: Mapped[str | None] = mapped_column(String(KEY_MAX_CHARS))
    audience: Mapped[str] = mapped_column(String(20))  # definition.Audience
    confidential: Mapped[bool]
    asked_group: Mapped[_Key]  # "" = the park's officers
    asked_id: Mapped[_MaybeAccount]  # the company's service officer, when it was filed
    state: Mapped[_State]
    outcome: Mapped[_Outcome]
    step: Mapped[int]
    owner_id: Mapped[_MaybeAccount]
    offered_to_id: Mapped[_MaybeAccount]
    escalations: Mapped[int]
    escalated_to: Mapped[str] = mapped_column(String(48))  # kind, or group:key; "" = nobody yet
    revision: Mapped[int]  # the number of its last event
    created_at_ms: Mapped[AtMs]
    submitted_at_ms: Mapped[AtMs]  # 0 = a draft
    taken_at_ms: Mapped[AtMs]
    due_at_ms: Mapped[AtMs]  # 0 = no clock runs
    left_ms: Mapped[AtMs]  # of working time, while the clock is stopped
    decided_at_ms: Mapped[AtMs]
    changed_at_ms: Mapped[AtMs]
    alarm_at_ms: Mapped[AtMs]  # when the clock has something to do; 0 = nothing
    delete_at_ms: Mapped[AtMs]  # by retention; 0 = it is open
    # Day of filing in the park's zone, since the epoch; 0 = a draft.
    filed_day: Mapped[int] = mapped_column(default=0, server_default="0")

    __table_args__ = (
        UniqueConstraint("requester_id", "client_key"),
        Index(None, "requester_id", "id"),
        Index(None, "organization_id", "id"),
        Index(None, "owner_id", "state", "due_at_ms"),
        Index(None, "owner_id", "id"),
        Index(None, "organization_id", "filed_day", "confidential", "asked_group"),  # who filed how many
        Index(None, "title", "id"),  # read through as a whole when a word is searched: a tenth of the table
        Index(None, "state", "due_at_ms"),
        Index(None, "state", "id"),
        Index(None, "type_id", "id"),
        Index(None, "offered_to_id"),
        Index(None, "asked_id"),
        Index(None, "alarm_at_ms"),
        Index(None, "delete_at_ms"),
    )


class RequestDayRow(Base):
    """How many were filed that day, and what became of them.  Kept by triggers (migration 0015), so that no way of
    changing a request goes past it; statistics read these, not the requests."""

    __tablename__ = "request_days"

    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    type_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    confidential: Mapped[bool] = mapped_column(primary_key=True)
    asked_group: Mapped[_Key] = mapped_column(primary_key=True)
    filed: Mapped[_Count]
    open: Mapped[_Count]
    approved: Mapped[_Count]
    rejected: Mapped[_Count]
    answered: Mapped[_Count]
    withdrawn: Mapped[_Count]
    in_time: Mapped[_Count]
    late: Mapped[_Count]
    taken: Mapped[_Count]
    take_ms: Mapped[_Count]
    decided: Mapped[_Count]
    decide_ms: Mapped[_Count]
    hours_1: Mapped[_Count]
    hours_4: Mapped[_Count]
    hours_8: Mapped[_Count]
    hours_24: Mapped[_Count]
    hours_72: Mapped[_Count]
    hours_168: Mapped[_Count]
    hours_more: Mapped[_Count]


class RequestContentRow(Base):
    __tablename__ = "request_contents"

    request_id: Mapped[_RequestKey]
    answers: Mapped[str] = mapped_column(Text)  # JSON by field id (answers.py)


class RequestEventRow(Base):
    __tablename__ = "request_events"

    request_id: Mapped[_RequestKey]
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # from 1, without gaps
    action: Mapped[str] = mapped_column(String(16))
    state: Mapped[_State]  # after it
    account_id: Mapped[_AccountId]  # "" = the clock
    name: Mapped[Name64]
    note: Mapped[str] = mapped_column(Text)
    details: Mapped[str] = mapped_column(Text)  # JSON of values.EventDetails
    at_ms: Mapped[AtMs]


class RequestCommentRow(Base):
    __tablename__ = "request_comments"

    request_id: Mapped[_RequestKey]
    key: Mapped[_Key] = mapped_column(primary_key=True)  # made by the client
    internal: Mapped[bool]  # for the park's staff only
    text: Mapped[str] = mapped_column(Text)
    account_id: Mapped[_AccountId]
    name: Mapped[Name64]
    at_ms: Mapped[AtMs]


class RequestFileRow(Base):
    __tablename__ = "request_files"

    request_id: Mapped[_RequestKey]
    key: Mapped[_Key] = mapped_column(primary_key=True)
    field_id: Mapped[_Key]  # "" = of no field
    document_id: Mapped[_Key]  # line of the checklist; "" = of none
    internal: Mapped[bool]
    sha256: Mapped[str] = mapped_column(ForeignKey("files.sha256"))
    file_name: Mapped[str] = mapped_column(String(FILE_NAME_MAX_CHARS))
    account_id: Mapped[_AccountId]
    name: Mapped[Name64]
    stored_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "sha256"),)


class RequestCheckRow(Base):
    """What the park's staff found about one line of the checklist."""

    __tablename__ = "request_checks"

    request_id: Mapped[_RequestKey]
    document_id: Mapped[_Key] = mapped_column(primary_key=True)
    accepted: Mapped[bool]
    note: Mapped[str] = mapped_column(String(400))
    name: Mapped[Name64]
    at_ms: Mapped[AtMs]


class RequestBatchRow(Base):
    __tablename__ = "request_batches"

    id: Mapped[Id]
    created_by: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    client_key: Mapped[_Key]
    action: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text)
    total: Mapped[int]
    created_at_ms: Mapped[AtMs]
    finished_at_ms: Mapped[AtMs]  # 0 = under way

    __table_args__ = (UniqueConstraint("created_by", "client_key"), Index(None, "finished_at_ms"))


class RequestBatchItemRow(Base):
    __tablename__ = "request_batch_items"

    batch_id: Mapped[str] = mapped_column(ForeignKey("request_batches.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    request_id: Mapped[_AccountId]  # as it was named: it may not exist
    result: Mapped[str] = mapped_column(String(12))  # values.BatchResult
    code: Mapped[str] = mapped_column(String(32))  # why it was refused
    at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "batch_id", "result"),)


class DeskGroupRow(Base):
    """A named group of the park's staff, to be asked first or to review."""

    __tablename__ = "desk_groups"

    key: Mapped[_Key] = mapped_column(primary_key=True)
    name_zh: Mapped[Name64]
    name_en: Mapped[Name64]


class DeskGroupMemberRow(Base):
    __tablename__ = "desk_group_members"

    group_key: Mapped[str] = mapped_column(ForeignKey("desk_groups.key", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)

    __table_args__ = (Index(None, "account_id"),)


class ParkHoursRow(Base):
    """One row: the park's working hours and holidays."""

    __tablename__ = "park_hours"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hours: Mapped[str] = mapped_column(Text)  # JSON of working_time.WorkingHours
    revision: Mapped[int]
    changed_at_ms: Mapped[AtMs]
