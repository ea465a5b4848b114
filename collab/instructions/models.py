"""Work instructions in SQL: templates and their versions, what was done by them in sessions, sign-offs, reports."""

from __future__ import annotations

from typing import Annotated

from msgspec import Struct
from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Hash64, Id, Name64
from rooms.core.assist_model import AssistRole

from .steps import TITLE_MAX_CHARS, Answer, Step, Stroke

CLIENT_ID_MAX_CHARS = 32
IDENTITY_MAX_CHARS = 64
ORGANIZATION_MAX_CHARS = 120
REPORT_NUMBER_MAX_CHARS = 40

_SessionId = Annotated[str, mapped_column(ForeignKey("assist_sessions.id", ondelete="CASCADE"), primary_key=True)]
_MaybeAccount = Annotated[str | None, mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))]
_Identity = Annotated[str, mapped_column(String(IDENTITY_MAX_CHARS))]
_Title = Annotated[str, mapped_column(String(TITLE_MAX_CHARS))]


class TemplateRow(Base):
    __tablename__ = "instruction_templates"

    id: Mapped[Id]
    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    title: Mapped[_Title]
    version: Mapped[int]  # the latest
    archived: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_by: Mapped[_MaybeAccount]
    created_at_ms: Mapped[AtMs]
    changed_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "organization_id", "id"),)


class TemplateVersionRow(Base):
    """Never changed: what was done by it must stay readable as it was asked."""

    __tablename__ = "instruction_versions"

    template_id: Mapped[str] = mapped_column(
        ForeignKey("instruction_templates.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    steps: Mapped[str] = mapped_column(Text)  # JSON list of steps.Step
    name: Mapped[Name64]  # of who wrote it, at that time
    made_at_ms: Mapped[AtMs]


class RunRow(Base):
    """A template, or steps made of marks, as worked through in a session.  It keeps the steps that it began with."""

    __tablename__ = "instruction_runs"

    session_id: Mapped[_SessionId]
    id: Mapped[str] = mapped_column(String(CLIENT_ID_MAX_CHARS), primary_key=True)
    template_id: Mapped[str | None] = mapped_column(ForeignKey("instruction_templates.id", ondelete="SET NULL"))
    version: Mapped[int]  # 0 without a template
    title: Mapped[_Title]
    steps: Mapped[str] = mapped_column(Text)
    identity: Mapped[_Identity]
    name: Mapped[Name64]
    started_at_ms: Mapped[AtMs]


class AnswerRow(Base):
    __tablename__ = "instruction_answers"

    session_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    run_id: Mapped[str] = mapped_column(String(CLIENT_ID_MAX_CHARS), primary_key=True)
    step_id: Mapped[str] = mapped_column(String(CLIENT_ID_MAX_CHARS), primary_key=True)
    answer: Mapped[str] = mapped_column(Text)  # JSON of steps.Answer
    identity: Mapped[_Identity]
    name: Mapped[Name64]
    stored_at_ms: Mapped[AtMs]

    __table_args__ = (
        ForeignKeyConstraint(
            ["session_id", "run_id"], ["instruction_runs.session_id", "instruction_runs.id"], ondelete="CASCADE"
        ),
    )


class SignatureRow(Base):
    """One side's signature under a session."""

    __tablename__ = "assist_signatures"

    session_id: Mapped[_SessionId]
    part: Mapped[str] = mapped_column(String(16), primary_key=True)  # on_site or expert
    name: Mapped[Name64]
    organization: Mapped[str] = mapped_column(String(ORGANIZATION_MAX_CHARS))
    strokes: Mapped[str] = mapped_column(Text)  # JSON
    identity: Mapped[_Identity]
    signed_at_ms: Mapped[AtMs]


class ReportRow(Base):
    __tablename__ = "assist_reports"

    id: Mapped[Id]
    session_id: Mapped[str] = mapped_column(ForeignKey("assist_sessions.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(String(REPORT_NUMBER_MAX_CHARS))
    language: Mapped[str] = mapped_column(String(8))
    pdf_sha256: Mapped[str] = mapped_column(ForeignKey("files.sha256"))
    html_sha256: Mapped[str] = mapped_column(ForeignKey("files.sha256"))
    chain: Mapped[Hash64]
    name: Mapped[Name64]  # of who asked for it
    made_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "session_id", "id"), Index(None, "pdf_sha256"), Index(None, "html_sha256"))


class Template(Struct, frozen=True):
    id: str
    organization_id: str
    organization: str
    of_park: bool  # for everybody
    title: str
    version: int
    archived: bool
    steps: tuple[Step, ...]  # of `version`
    changed_at_ms: int


class Version(Struct, frozen=True):
    version: int
    name: str
    made_at_ms: int
    steps: tuple[Step, ...]


class Answered(Struct, frozen=True):
    step_id: str
    answer: Answer
    name: str
    stored_at_ms: int


class Run(Struct, frozen=True):
    id: str
    template_id: str | None
    version: int
    title: str
    steps: tuple[Step, ...]
    answers: tuple[Answered, ...]
    name: str
    started_at_ms: int


class SignedBy(Struct, frozen=True):
    part: AssistRole
    name: str
    organization: str
    strokes: tuple[Stroke, ...]
    signed_at_ms: int


class KeptReport(Struct, frozen=True):
    id: str
    session_id: str
    number: str
    language: str
    pdf_sha256: str
    html_sha256: str
    chain: str
    name: str
    made_at_ms: int
