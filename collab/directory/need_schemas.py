"""Bodies and replies of needs."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from collab.accounts.schemas import AfterId, Body, OrganizationId
from collab.assist.schemas import Limit, NamedView

from .assignment import Unmet
from .matching import Rule
from .models import NEED_NOTE_MAX_CHARS, NOTE_MAX_CHARS, SITE_MAX_CHARS
from .need_states import NeedAction, NeedState, OfferAction, OfferState
from .needs import INVITED_MAX, PLANNED_MAX
from .schemas import CrewSize, CrewView, HomeRegion, Languages, Title
from .trades import CrewStatus, Language, Trade

NeededTrades = Annotated[tuple[Trade, ...], Meta(min_length=1, max_length=len(Trade))]
NeedNote = Annotated[str, Meta(max_length=NEED_NOTE_MAX_CHARS)]
Site = Annotated[str, Meta(max_length=SITE_MAX_CHARS)]
Note = Annotated[str, Meta(max_length=NOTE_MAX_CHARS)]


class NeedsQuery(Body, frozen=True, kw_only=True):
    state: NeedState | None = None
    organization_id: AfterId = ""
    before: AfterId = ""
    limit: Limit = 30


class NewNeed(Body, frozen=True, kw_only=True):
    """A draft.  `organization_id`: one's own company when it is left out."""

    title: Title
    organization_id: AfterId = ""
    machine_id: OrganizationId | None = None
    note: NeedNote = ""
    region: HomeRegion
    site: Site = ""
    trades: NeededTrades
    languages: Languages = ()
    starts_on: date
    ends_on: date
    crew_size: CrewSize = 1


class ChangeNeed(Body, frozen=True, kw_only=True):
    revision: Annotated[int, Meta(ge=1)]
    title: Title | UnsetType = UNSET
    machine_id: OrganizationId | UnsetType | None = UNSET
    note: NeedNote | UnsetType = UNSET
    region: HomeRegion | UnsetType = UNSET
    site: Site | UnsetType = UNSET
    trades: NeededTrades | UnsetType = UNSET
    languages: Languages | UnsetType = UNSET
    starts_on: date | UnsetType = UNSET
    ends_on: date | UnsetType = UNSET
    crew_size: CrewSize | UnsetType = UNSET


class MoveNeed(Body, frozen=True, kw_only=True):
    action: NeedAction
    note: Note = ""


class InviteCrews(Body, frozen=True, kw_only=True):
    crew_ids: Annotated[tuple[OrganizationId, ...], Meta(min_length=1, max_length=INVITED_MAX)]
    note: Note = ""


class MoveOffer(Body, frozen=True, kw_only=True):
    action: OfferAction
    note: Note = ""


class PlanNeeds(Body, frozen=True, kw_only=True):
    """None: all that are open."""

    need_ids: Annotated[tuple[OrganizationId, ...], Meta(max_length=PLANNED_MAX)] = ()


class NeedView(Struct, frozen=True):
    id: str
    organization: NamedView
    machine: NamedView | None
    title: str
    region: str
    site: str
    trades: tuple[Trade, ...]
    languages: tuple[Language, ...]
    starts_on: date
    ends_on: date
    crew_size: int
    state: NeedState
    job_id: str  # for those who see the job
    asked: int  # crews; for the factory's side
    offered: int
    created_at_ms: int
    changed_at_ms: int


class NeedList(Struct, frozen=True):
    needs: tuple[NeedView, ...]
    more: bool


class OfferView(Struct, frozen=True):
    id: str
    crew: NamedView
    installer: NamedView
    state: OfferState
    note: str
    actions: tuple[OfferAction, ...]  # that the asking person may take now
    invited_at_ms: int
    changed_at_ms: int


class NeedEventView(Struct, frozen=True):
    number: int
    action: str
    state: NeedState
    crew: str
    name: str
    note: str
    at_ms: int


class NeedCard(Struct, frozen=True):
    need: NeedView
    note: str
    revision: int
    job_called_off: bool
    within: bool  # the asking person stands on the factory's side
    actions: tuple[NeedAction, ...]
    offers: tuple[OfferView, ...]
    events: tuple[NeedEventView, ...]  # oldest first


class ReasonView(Struct, frozen=True):
    """Members that do not belong to the rule are null."""

    rule: Rule
    good: bool
    points: int
    trade: Trade | None
    language: Language | None
    status: CrewStatus | None
    since: date | None
    until: date | None
    number: int | None


class JudgementView(Struct, frozen=True):
    crew: CrewView
    fits: bool
    score: int
    reasons: tuple[ReasonView, ...]


class RankingView(Struct, frozen=True):
    candidates: tuple[JudgementView, ...]


class PairView(Struct, frozen=True):
    need: NeedView
    crew: NamedView
    installer: NamedView
    score: int


class LeftView(Struct, frozen=True):
    need: NeedView
    why: Unmet
    rules: tuple[Rule, ...]
    crews: tuple[NamedView, ...]


class PlanView(Struct, frozen=True):
    pairs: tuple[PairView, ...]
    left: tuple[LeftView, ...]
