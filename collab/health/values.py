"""What leaves the repositories of health: frozen values."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from collab.requests.values import Named

from .models import ConcernAction, ConcernState, Origin, PlaceAction, PlaceState, Purpose, RiskLevel


class PlaceFacts(Struct, frozen=True, kw_only=True):
    """What is entered about a place, and corrected."""

    address: str
    level: RiskLevel
    source: str
    starts_on: date
    ends_on: date | None


class Place(Struct, frozen=True, kw_only=True):
    id: str
    facts: PlaceFacts
    state: PlaceState
    revision: int
    created_at_ms: int
    changed_at_ms: int
    counts: dict[ConcernState, int]


class PlaceChange(Struct, frozen=True):
    number: int
    action: PlaceAction
    note: str
    former: PlaceFacts | None
    name: str
    at_ms: int


class Spot(Struct, frozen=True, kw_only=True):
    """One declared address and its days."""

    request_id: str
    position: int
    account_id: str
    organization_id: str
    origin: Origin
    text: str
    starts_on: date
    ends_on: date


class Reason(Struct, frozen=True, kw_only=True):
    request_id: str
    request_number: str
    origin: Origin
    text: str
    words: tuple[str, ...]
    sure: bool
    starts_on: date
    ends_on: date


class Concern(Struct, frozen=True, kw_only=True):
    id: str
    place_id: str
    person: Named
    organization: Named
    state: ConcernState
    stands: bool
    revision: int
    found_at_ms: int
    notified_at_ms: int
    changed_at_ms: int
    delete_at_ms: int
    reasons: tuple[Reason, ...]


class ConcernEvent(Struct, frozen=True):
    number: int
    action: ConcernAction
    state: ConcernState
    note: str
    name: str
    at_ms: int


class Reader(Struct, frozen=True):
    """Who looks, and what for."""

    id: str
    name: str
    purpose: Purpose


class AccessRecord(Struct, frozen=True):
    id: str
    reader: Named
    person: Named
    purpose: Purpose
    about_id: str
    at_ms: int


class OwnConcern(Struct, frozen=True):
    """What a person is told of themselves."""

    place: PlaceFacts
    place_state: PlaceState
    state: ConcernState
    stands: bool
    reasons: tuple[Reason, ...]
    notified_at_ms: int
    delete_at_ms: int


class CompanyConcern(Struct, frozen=True):
    """What a company's officers are told: how many, not who."""

    organization: Named
    place: PlaceFacts
    people: int
    cleared: int
    notified_at_ms: int


class Notified(Struct, frozen=True):
    people: int
    companies: int
    without_contact: tuple[str, ...]  # names of companies that have nobody to tell
