"""Bodies and replies of policies."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from collab.accounts.schemas import AfterId, Body
from collab.assist.schemas import Limit, NamedView
from collab.requests.schemas import MaybeId, Search
from collab.requests.states import State
from collab.requests.words import Words

from .models import NUMBER_MAX_CHARS, SOURCE_MAX_CHARS, SUMMARY_MAX_CHARS, TITLE_MAX_CHARS, URL_MAX_CHARS
from .rules import Met, Rules
from .states import PolicyAction, PolicyState
from .values import Beginning

Title = Annotated[str, Meta(max_length=TITLE_MAX_CHARS)]
Summary = Annotated[str, Meta(max_length=SUMMARY_MAX_CHARS)]
# Shown as a link: of the web, or none.
Url = Annotated[str, Meta(max_length=URL_MAX_CHARS, pattern=r"^(https?://[^\s<>\"]{3,})?$")]
TypeKey = Annotated[str, Meta(pattern=r"^([a-z0-9_]{2,32})?$")]
ClientKey = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{8,32}$")]


class PoliciesQuery(Body, frozen=True, kw_only=True):
    """`state` is for whoever writes policies; `any` is every one.  `mine`: those that one's company may apply for."""

    state: Annotated[str, Meta(pattern=r"^(any|draft|published|withdrawn)$")] = PolicyState.PUBLISHED.value
    search: Search = ""
    open: bool = False
    mine: bool = False
    before: AfterId = ""
    limit: Limit = 30


class PolicyBody(Body, frozen=True, kw_only=True):
    """A title in one language is enough for a draft."""

    title_zh: Title = ""
    title_en: Title = ""
    summary_zh: Summary = ""
    summary_en: Summary = ""
    source: Annotated[str, Meta(max_length=SOURCE_MAX_CHARS)] = ""
    number: Annotated[str, Meta(max_length=NUMBER_MAX_CHARS)] = ""
    source_url: Url = ""
    issued_on: date | None = None
    apply_from: date | None = None
    apply_until: date | None = None
    request_type: TypeKey = ""
    rules: Rules = Rules()


class WritePolicy(PolicyBody, frozen=True, kw_only=True):
    revision: Annotated[int, Meta(ge=1)]


class MovePolicy(Body, frozen=True, kw_only=True):
    action: PolicyAction


class BeginRequest(Body, frozen=True, kw_only=True):
    """`key` is made by the page, so that beginning again after a lost connection begins nothing twice."""

    kind: Beginning
    key: ClientKey
    organization_id: MaybeId = ""  # "" is the first of one's own that may file it


class ClauseView(Struct, frozen=True):
    """One clause of the rules in words."""

    met: Met
    words: Words


class StandingView(Struct, frozen=True):
    """What the rules come to for a company of the asking person."""

    organization: NamedView
    met: Met
    reasons: tuple[ClauseView, ...]


class PolicyLine(Struct, frozen=True, kw_only=True):
    id: str
    state: PolicyState
    title: Words
    summary: Words  # its beginning
    source: str
    number: str
    issued_on: date | None
    apply_from: date | None
    apply_until: date | None
    published_at_ms: int
    changed_at_ms: int
    standings: tuple[StandingView, ...]


class TypeName(Struct, frozen=True):
    key: str
    name: Words


class PolicyList(Struct, frozen=True):
    policies: tuple[PolicyLine, ...]
    more: bool
    may_write: bool
    types: tuple[TypeName, ...]  # that a policy may lead to; none for whoever does not write
    today: date  # of the park


class TypeView(Struct, frozen=True):
    key: str
    name: Words
    may_file: bool


class BegunView(Struct, frozen=True, kw_only=True):
    id: str
    kind: Beginning
    number: str
    title: str
    state: State
    organization: str
    created_at_ms: int


class PolicyCard(Struct, frozen=True, kw_only=True):
    policy: PolicyLine
    summary: Words
    source_url: str
    request_type: str
    rules: Rules
    revision: int
    changed_by_name: str
    type: TypeView | None  # None also when it is not for the asking person
    takes: bool  # one may apply today
    begun: tuple[BegunView, ...]  # that the asking person may see
    may_write: bool
    types: tuple[TypeName, ...]  # as above
    actions: tuple[PolicyAction, ...]
    today: date


class BegunRequest(Struct, frozen=True):
    request_id: str


class PolicyCompanies(Struct, frozen=True):
    companies: tuple[StandingView, ...]
