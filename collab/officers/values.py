"""Service officers as frozen values."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from msgspec import Struct

from collab.assist.models import JobState

from .models import Milestone, OfficerAction
from .standing import Person


class Company(Struct, frozen=True):
    """A company and who looks after it."""

    id: str
    name: str
    officer: Person | None
    offered_to: Person | None
    since_ms: int
    revision: int  # 0: nobody was ever named


class OfficerEvent(Struct, frozen=True):
    number: int
    action: OfficerAction
    name: str
    to_name: str
    note: str
    at_ms: int


class Cover(Struct, frozen=True):
    id: str
    officer: Person
    cover: Person
    starts_on: date
    ends_on: date


class MilestoneState(Struct, frozen=True):
    milestone: Milestone
    planned_on: date | None
    done_at_ms: int
    name: str


class Late(StrEnum):
    """What is late with a company."""

    REQUESTS = "requests"
    MILESTONE = "milestone"
    JOB = "job"  # its days are over, or it should have begun
    CONTACT = "contact"  # nobody has spoken with them for long


class ContactKind(StrEnum):
    CALL = "call"
    MEETING = "meeting"
    COMMENT = "comment"


class LastContact(Struct, frozen=True):
    kind: ContactKind
    at_ms: int


class JobLine(Struct, frozen=True):
    id: str
    title: str
    installer: str
    state: JobState
    starts_at_ms: int
    ends_at_ms: int
    milestones: tuple[MilestoneState, ...]
    late: bool


class CompanyLine(Struct, frozen=True):
    """One company on an officer's board."""

    company: Company
    covered_for: str  # the officer's name while one stands in; "" = one's own
    open_requests: int
    late_requests: int
    last_contact: LastContact | None
    jobs: tuple[JobLine, ...]
    late: tuple[Late, ...]


class Board(Struct, frozen=True):
    lines: tuple[CompanyLine, ...]
    offers: tuple[Company, ...]  # that the officer was asked to take over
    at_ms: int
