"""Symposiums and their issues as frozen values, as they leave the repository."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from msgspec import Struct

from collab.requests.states import State

from .states import IssueState, SymposiumState


class Area(StrEnum):
    """As the shipped type "issue for a symposium" has them, like the next two."""

    PRODUCTION = "production"
    STAFF = "staff"
    FINANCE = "finance"
    LOGISTICS = "logistics"
    FACILITIES = "facilities"
    POLICY = "policy"
    OTHER = "other"


class Scope(StrEnum):
    OWN = "own"
    SEVERAL = "several"
    PARK = "park"


class Publish(StrEnum):
    YES = "yes"
    ANONYMOUS = "anonymous"  # without the company
    NO = "no"  # it stays between its company and the park


class Named(Struct, frozen=True):
    id: str
    name: str


class Symposium(Struct, frozen=True, kw_only=True):
    id: str
    state: SymposiumState
    title: str
    note: str
    starts_at_ms: int
    collects_until_ms: int
    room: str  # its code, "" = none
    meeting_id: str  # "" = none
    current_issue_id: str
    speaker: str
    revision: int
    created_at_ms: int
    issues: int = 0  # that the asking person sees, as the next
    answered: int = 0


class Planned(Struct, frozen=True, kw_only=True):
    """Issues are collected until `collects_until_ms`, which is not after `starts_at_ms`."""

    title: str
    note: str
    starts_at_ms: int
    collects_until_ms: int


class Raised(Struct, frozen=True, kw_only=True):
    """What a company brings."""

    title: str
    area: Area
    problem: str
    wish: str
    scope: Scope = Scope.OWN
    publish: Publish = Publish.YES


class RequestOfIssue(Struct, frozen=True):
    id: str  # "" for whoever may not open it
    state: State
    due_at_ms: int  # 0 = no clock runs


class Issue(Struct, frozen=True, kw_only=True):
    id: str
    symposium_id: str
    state: IssueState
    position: int
    raised: Raised
    organization: Named
    account_id: str | None
    name: str
    decision: str
    owner: Named | None
    due_on: date | None
    request: RequestOfIssue | None
    answer: str
    answered_at_ms: int
    created_at_ms: int
    votes: int = 0
    voted: bool = False  # the asking person


class Outcome(Struct, frozen=True, kw_only=True):
    """What was decided about an issue."""

    decision: str
    owner_id: str = ""
    owner_name: str = ""
    due_on: date | None = None
