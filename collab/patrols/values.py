"""Spot checks as frozen values, and the ways of a finding.  Pure."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from msgspec import Struct

from .models import CheckKind, CheckState, FindingState, ItemResult


class FindingAction(StrEnum):
    REMEDY = "remedy"  # by the installer or the factory
    CLOSE = "close"  # by the park's staff, as the next
    REOPEN = "reopen"


# (former, action) -> (state, whether the park's staff take it)
FINDING_WAYS: dict[tuple[FindingState, FindingAction], tuple[FindingState, bool]] = {
    (FindingState.OPEN, FindingAction.REMEDY): (FindingState.REMEDIED, False),
    (FindingState.OPEN, FindingAction.CLOSE): (FindingState.CLOSED, True),
    (FindingState.REMEDIED, FindingAction.CLOSE): (FindingState.CLOSED, True),
    (FindingState.REMEDIED, FindingAction.REOPEN): (FindingState.OPEN, True),
    (FindingState.CLOSED, FindingAction.REOPEN): (FindingState.OPEN, True),
}


def finding_actions(state: FindingState, *, staff: bool, party: bool, check_open: bool) -> tuple[FindingAction, ...]:
    """What somebody can do: `party` belongs to one of the job's companies.  A closed check stays as it is."""
    if not check_open:
        return ()
    return tuple(
        action
        for (former, action), (_, by_staff) in FINDING_WAYS.items()
        if former is state and (staff if by_staff else party)
    )


class Item(Struct, frozen=True):
    position: int
    text: str
    result: ItemResult
    note: str


class Photo(Struct, frozen=True):
    key: str
    position: int  # of the item that it shows, -1 = none
    sha256: str
    account_id: str | None
    name: str
    stored_at_ms: int


class FindingEvent(Struct, frozen=True):
    action: str
    state: FindingState
    name: str
    note: str
    at_ms: int


class Finding(Struct, frozen=True):
    id: str
    text: str
    due_on: date
    state: FindingState
    created_at_ms: int
    closed_at_ms: int
    events: tuple[FindingEvent, ...] = ()


class CheckLine(Struct, frozen=True):
    """One of a list."""

    id: str
    job_id: str
    job_title: str
    enterprise: str
    installer: str
    kind: CheckKind
    state: CheckState
    note: str
    inspector_id: str | None
    inspector_name: str
    created_at_ms: int
    closed_at_ms: int
    items: int
    checked: int
    open_findings: int
    next_due_on: date | None  # of what is open


class Check(Struct, frozen=True):
    line: CheckLine
    items: tuple[Item, ...]
    photos: tuple[Photo, ...]
    findings: tuple[Finding, ...]
