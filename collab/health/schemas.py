"""Bodies and replies of health and prevention: these structs are the API."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from collab.accounts.schemas import AfterId, Body
from collab.assist.schemas import Limit, NamedView

from .concern_states import actions
from .models import (
    ADDRESS_MAX_CHARS,
    NOTE_MAX_CHARS,
    SOURCE_MAX_CHARS,
    ConcernAction,
    ConcernState,
    Origin,
    PlaceAction,
    PlaceState,
    Purpose,
    RiskLevel,
)
from .values import (
    AccessRecord,
    CompanyConcern,
    Concern,
    ConcernEvent,
    OwnConcern,
    Place,
    PlaceChange,
    PlaceFacts,
    Reason,
)

Address = Annotated[str, Meta(min_length=2, max_length=ADDRESS_MAX_CHARS)]
Source = Annotated[str, Meta(min_length=1, max_length=SOURCE_MAX_CHARS)]
Note = Annotated[str, Meta(max_length=NOTE_MAX_CHARS)]
Revision = Annotated[int, Meta(ge=0, le=1_000_000)]
ConcernIds = Annotated[tuple[Annotated[str, Meta(pattern=r"^[0-9a-z]{26}$")], ...], Meta(max_length=500)]


class PlacesQuery(Body, frozen=True, kw_only=True):
    """`all`: also what is over or was retracted."""

    all: bool = False
    before: AfterId = ""
    limit: Limit = 50


class NewPlace(Body, frozen=True, kw_only=True):
    """`ends_on` null: no end yet; both days count."""

    address: Address
    level: RiskLevel
    source: Source
    starts_on: date
    ends_on: date | None = None
    note: Note = ""


class ChangePlace(Body, frozen=True, kw_only=True):
    """What is left out stays.  `retract`: it was entered by mistake; with a note why."""

    revision: Revision
    address: Address | UnsetType = UNSET
    level: RiskLevel | UnsetType = UNSET
    source: Source | UnsetType = UNSET
    starts_on: date | UnsetType = UNSET
    ends_on: date | UnsetType | None = UNSET
    note: Note = ""
    retract: bool = False


class PeopleQuery(Body, frozen=True, kw_only=True):
    """`purpose` is kept with the names of whom one sees."""

    purpose: Purpose
    state: ConcernState | None = None
    after: AfterId = ""
    limit: Limit = 50


class PurposeQuery(Body, frozen=True, kw_only=True):
    purpose: Purpose


class NotifyPeople(Body, frozen=True, kw_only=True):
    """Empty: everybody who was not told yet."""

    concern_ids: ConcernIds = ()


class MoveConcern(Body, frozen=True, kw_only=True):
    revision: Revision
    action: ConcernAction
    note: Note = ""


class AccessesQuery(Body, frozen=True, kw_only=True):
    person_id: AfterId = ""
    reader_id: AfterId = ""
    before: AfterId = ""
    limit: Limit = 50


class PlaceView(Struct, frozen=True):
    id: str
    address: str
    level: RiskLevel
    source: str
    starts_on: date
    ends_on: date | None
    state: PlaceState
    revision: int
    created_at_ms: int
    changed_at_ms: int
    found: int
    notified: int
    contacted: int
    tested: int
    cleared: int


class PlaceList(Struct, frozen=True):
    places: tuple[PlaceView, ...]
    more: bool
    today: date


class PlaceFactsView(Struct, frozen=True):
    address: str
    level: RiskLevel
    source: str
    starts_on: date
    ends_on: date | None


class PlaceChangeView(Struct, frozen=True):
    number: int
    action: PlaceAction
    note: str
    former: PlaceFactsView | None
    name: str
    at_ms: int


class PlaceCard(Struct, frozen=True):
    place: PlaceView
    changes: tuple[PlaceChangeView, ...]  # oldest first


class ReasonView(Struct, frozen=True):
    request_id: str
    request_number: str
    origin: Origin
    text: str
    words: tuple[str, ...]  # that matched, from wide to narrow
    sure: bool  # city or district stood in both
    starts_on: date
    ends_on: date


class ConcernView(Struct, frozen=True):
    id: str
    place_id: str
    person: NamedView
    organization: NamedView
    state: ConcernState
    stands: bool
    revision: int
    found_at_ms: int
    notified_at_ms: int  # 0 = not yet
    changed_at_ms: int
    delete_at_ms: int
    reasons: tuple[ReasonView, ...]
    actions: tuple[ConcernAction, ...]


class PeopleList(Struct, frozen=True):
    people: tuple[ConcernView, ...]
    more: bool


class ConcernEventView(Struct, frozen=True):
    number: int
    action: ConcernAction
    state: ConcernState
    note: str
    name: str
    at_ms: int


class ConcernCard(Struct, frozen=True):
    concern: ConcernView
    events: tuple[ConcernEventView, ...]  # oldest first


class NotifiedView(Struct, frozen=True):
    people: int
    companies: int
    without_contact: tuple[str, ...]  # companies that have nobody to tell


class OwnConcernView(Struct, frozen=True):
    place: PlaceFactsView
    place_state: PlaceState
    state: ConcernState
    stands: bool
    reasons: tuple[ReasonView, ...]
    notified_at_ms: int
    delete_at_ms: int


class CompanyConcernView(Struct, frozen=True):
    organization: NamedView
    place: PlaceFactsView
    people: int
    cleared: int
    notified_at_ms: int


class AccessView(Struct, frozen=True):
    id: str
    reader: NamedView
    person: NamedView
    purpose: Purpose
    about_id: str
    at_ms: int


class OwnHealth(Struct, frozen=True):
    concerns: tuple[OwnConcernView, ...]
    companies: tuple[CompanyConcernView, ...]
    accesses: tuple[AccessView, ...]  # newest first
    may_work: bool  # is of the health group


class AccessList(Struct, frozen=True):
    accesses: tuple[AccessView, ...]
    more: bool


def place_view(one: Place) -> PlaceView:
    facts, counts = one.facts, one.counts
    return PlaceView(
        id=one.id,
        address=facts.address,
        level=facts.level,
        source=facts.source,
        starts_on=facts.starts_on,
        ends_on=facts.ends_on,
        state=one.state,
        revision=one.revision,
        created_at_ms=one.created_at_ms,
        changed_at_ms=one.changed_at_ms,
        found=counts.get(ConcernState.FOUND, 0),
        notified=counts.get(ConcernState.NOTIFIED, 0),
        contacted=counts.get(ConcernState.CONTACTED, 0),
        tested=counts.get(ConcernState.TESTED, 0),
        cleared=counts.get(ConcernState.CLEARED, 0),
    )


def facts_view(one: PlaceFacts) -> PlaceFactsView:
    return PlaceFactsView(one.address, one.level, one.source, one.starts_on, one.ends_on)


def change_view(one: PlaceChange) -> PlaceChangeView:
    former = facts_view(one.former) if one.former else None
    return PlaceChangeView(one.number, one.action, one.note, former, one.name, one.at_ms)


def reason_view(one: Reason) -> ReasonView:
    return ReasonView(
        one.request_id,
        one.request_number,
        one.origin,
        one.text,
        one.words,
        one.sure,
        one.starts_on,
        one.ends_on,
    )


def concern_view(one: Concern) -> ConcernView:
    return ConcernView(
        id=one.id,
        place_id=one.place_id,
        person=NamedView(one.person.id, one.person.name),
        organization=NamedView(one.organization.id, one.organization.name),
        state=one.state,
        stands=one.stands,
        revision=one.revision,
        found_at_ms=one.found_at_ms,
        notified_at_ms=one.notified_at_ms,
        changed_at_ms=one.changed_at_ms,
        delete_at_ms=one.delete_at_ms,
        reasons=tuple(map(reason_view, one.reasons)),
        actions=actions(one.state),
    )


def concern_card(concern: Concern, events: list[ConcernEvent]) -> ConcernCard:
    told = tuple(ConcernEventView(one.number, one.action, one.state, one.note, one.name, one.at_ms) for one in events)
    return ConcernCard(concern_view(concern), told)


def own_view(one: OwnConcern) -> OwnConcernView:
    return OwnConcernView(
        facts_view(one.place),
        one.place_state,
        one.state,
        one.stands,
        tuple(map(reason_view, one.reasons)),
        one.notified_at_ms,
        one.delete_at_ms,
    )


def company_view(one: CompanyConcern) -> CompanyConcernView:
    organization = NamedView(one.organization.id, one.organization.name)
    return CompanyConcernView(organization, facts_view(one.place), one.people, one.cleared, one.notified_at_ms)


def access_view(one: AccessRecord) -> AccessView:
    reader, person = NamedView(one.reader.id, one.reader.name), NamedView(one.person.id, one.person.name)
    return AccessView(one.id, reader, person, one.purpose, one.about_id, one.at_ms)
