"""Bodies and replies of the endpoints of work instructions."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from collab.accounts.schemas import AfterId, Body, OrganizationId
from rooms.core.assist_model import AssistRole
from rooms.core.model import NAME_MAX_CHARS

from .models import ORGANIZATION_MAX_CHARS
from .steps import STEPS_MAX, STROKES_MAX, TITLE_MAX_CHARS, Answer, Step, Stroke, Title

Steps = Annotated[tuple[Step, ...], Meta(min_length=1, max_length=STEPS_MAX)]


class TemplatesQuery(Body, frozen=True, kw_only=True):
    archived: bool = False
    before: AfterId = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class NewTemplate(Body, frozen=True, kw_only=True):
    """`organization_id` is one's own company when it is left out."""

    title: Title
    steps: Steps
    organization_id: OrganizationId | None = None


class NewVersion(Body, frozen=True, kw_only=True):
    based_on: Annotated[int, Meta(ge=1, le=10_000)]  # the version that was edited
    title: Title
    steps: Steps


class ChangeTemplate(Body, frozen=True, kw_only=True):
    archived: bool


class TemplateView(Struct, frozen=True):
    id: str
    organization: str
    title: str
    version: int
    archived: bool
    may_change: bool
    changed_at_ms: int
    steps: tuple[Step, ...]


class TemplateList(Struct, frozen=True):
    templates: tuple[TemplateView, ...]
    more: bool


class VersionView(Struct, frozen=True):
    version: int
    name: str
    made_at_ms: int
    steps: tuple[Step, ...]


class VersionList(Struct, frozen=True):
    versions: tuple[VersionView, ...]


class BeginRun(Body, frozen=True, kw_only=True):
    """By a template, or with steps of its own."""

    template_id: AfterId = ""
    title: Annotated[str, Meta(max_length=TITLE_MAX_CHARS)] = ""
    steps: Annotated[tuple[Step, ...], Meta(max_length=STEPS_MAX)] = ()


class AnswerStep(Body, frozen=True, kw_only=True):
    answer: Answer


class AnsweredView(Struct, frozen=True):
    step_id: str
    answer: Answer
    name: str
    stored_at_ms: int


class RunView(Struct, frozen=True):
    id: str
    template_id: str | None
    version: int  # 0 without a template
    title: str
    steps: tuple[Step, ...]
    answers: tuple[AnsweredView, ...]
    name: str
    started_at_ms: int


class SignatureView(Struct, frozen=True):
    part: AssistRole
    name: str
    organization: str
    strokes: tuple[Stroke, ...]
    signed_at_ms: int


class RunList(Struct, frozen=True):
    """`signatures`: of both sides when all is signed off."""

    runs: tuple[RunView, ...]
    signatures: tuple[SignatureView, ...]


class Sign(Body, frozen=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=NAME_MAX_CHARS)]
    organization: Annotated[str, Meta(max_length=ORGANIZATION_MAX_CHARS)] = ""
    strokes: Annotated[tuple[Stroke, ...], Meta(min_length=1, max_length=STROKES_MAX)]


class Signatures(Struct, frozen=True):
    signatures: tuple[SignatureView, ...]
