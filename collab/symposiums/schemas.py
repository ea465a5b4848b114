"""Bodies and replies of symposiums."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from collab.accounts.schemas import AfterId, Body, OrganizationId
from collab.assist.schemas import Limit, NamedView
from collab.requests.schemas import MaybeId
from collab.requests.states import State
from rooms.core.model import NAME_MAX_CHARS

from .models import DECISION_MAX_CHARS, NOTE_MAX_CHARS, PROBLEM_MAX_CHARS, TITLE_MAX_CHARS, WISH_MAX_CHARS
from .service import AGENDA_MAX
from .states import IssueState, SymposiumAction, SymposiumState
from .values import Area, Publish, Scope

Title = Annotated[str, Meta(max_length=TITLE_MAX_CHARS)]
AtMs = Annotated[int, Meta(ge=0, le=253_402_300_799_000)]
Revision = Annotated[int, Meta(ge=1)]


class SymposiumsQuery(Body, frozen=True, kw_only=True):
    before: AfterId = ""
    limit: Limit = 30


class NewSymposium(Body, frozen=True, kw_only=True):
    """Issues are collected until `collects_until_ms`, which is not after `starts_at_ms`."""

    title: Title
    note: Annotated[str, Meta(max_length=NOTE_MAX_CHARS)] = ""
    starts_at_ms: AtMs
    collects_until_ms: AtMs


class PlanSymposium(NewSymposium, frozen=True, kw_only=True):
    revision: Revision


class MoveSymposium(Body, frozen=True, kw_only=True):
    action: SymposiumAction


class SetAgenda(Body, frozen=True, kw_only=True):
    revision: Revision
    issue_ids: Annotated[tuple[OrganizationId, ...], Meta(max_length=AGENDA_MAX)]


class ShowIssue(Body, frozen=True, kw_only=True):
    """The issue that is talked about, "" for none, and who has the word."""

    revision: Revision
    issue_id: MaybeId = ""
    speaker: Annotated[str, Meta(max_length=NAME_MAX_CHARS)] = ""


class RaiseIssue(Body, frozen=True, kw_only=True):
    title: Title
    area: Area
    problem: Annotated[str, Meta(max_length=PROBLEM_MAX_CHARS)]
    wish: Annotated[str, Meta(max_length=WISH_MAX_CHARS)]
    scope: Scope = Scope.OWN
    publish: Publish = Publish.YES
    organization_id: MaybeId = ""


class VoteIssue(Body, frozen=True, kw_only=True):
    up: bool


class WithdrawIssue(Body, frozen=True, kw_only=True):
    withdrawn: bool


class DecideIssue(Body, frozen=True, kw_only=True):
    decision: Annotated[str, Meta(max_length=DECISION_MAX_CHARS)]
    owner_id: MaybeId = ""
    due_on: date | None = None


class SymposiumView(Struct, frozen=True, kw_only=True):
    id: str
    state: SymposiumState
    title: str
    note: str
    starts_at_ms: int
    collects_until_ms: int
    room: str
    current_issue_id: str
    speaker: str
    revision: int
    issues: int
    answered: int


class SymposiumList(Struct, frozen=True):
    symposiums: tuple[SymposiumView, ...]
    more: bool
    leads: bool
    server_time_ms: int


class IssueRequestView(Struct, frozen=True):
    """What became of an issue."""

    id: str  # "" for whoever may not open it
    state: State
    due_at_ms: int  # 0 = no clock runs


class IssueView(Struct, frozen=True, kw_only=True):
    id: str
    state: IssueState
    position: int
    title: str
    area: Area
    problem: str
    wish: str
    scope: Scope
    publish: Publish
    organization: NamedView  # without name where it asked for that
    name: str
    votes: int
    voted: bool
    decision: str
    owner: NamedView | None
    due_on: date | None
    request: IssueRequestView | None
    may_withdraw: bool
    answer: str
    answered_at_ms: int
    created_at_ms: int


class SymposiumCard(Struct, frozen=True, kw_only=True):
    symposium: SymposiumView
    issues: tuple[IssueView, ...]  # the agenda first, then by voices
    leads: bool
    actions: tuple[SymposiumAction, ...]
    raises_for: tuple[NamedView, ...]  # one's companies for which one may bring an issue now
    server_time_ms: int
