"""Assistance as frozen values, as they leave the repositories."""

from __future__ import annotations

from msgspec import Struct

from rooms.core.assist_model import AssistRole
from rooms.core.model import Phase

from .models import JobState


class Named(Struct, frozen=True):
    """An organization or an account, as far as a page names it."""

    id: str
    name: str


class Machine(Struct, frozen=True):
    id: str
    label: str
    organization: Named
    make: str
    model: str
    serial: str
    site: str
    created_at_ms: int
    changed_at_ms: int

    @property
    def title(self) -> str:
        return " ".join(part for part in (self.make, self.model) if part)


class Job(Struct, frozen=True):
    id: str
    title: str
    note: str
    machine: Machine
    enterprise: Named
    installer: Named
    state: JobState
    starts_at_ms: int
    ends_at_ms: int
    created_at_ms: int
    changed_at_ms: int


class Session(Struct, frozen=True):
    """A session of assistance: a meeting, what it is about, and who takes part by which right."""

    id: str
    meeting_id: str
    code: str
    title: str
    phase: Phase
    maker: Named | None
    maker_role: AssistRole
    organization_id: str | None  # of the maker
    machine: Machine | None
    job_id: str | None
    enterprise_id: str | None  # of the job, or whose machine it is
    installer_ids: tuple[str, ...]  # of the job, or with a job in hand on the machine
    created_at_ms: int
    started_at_ms: int
    ended_at_ms: int


class Link(Struct, frozen=True):
    id: str
    session_id: str
    role: AssistRole
    name: str
    one_time: bool
    bound_to: str
    opened_at_ms: int
    created_at_ms: int
    expires_at_ms: int


class JobEvent(Struct, frozen=True):
    """One step of a job."""

    action: str
    state: JobState  # that it led to
    account_id: str | None
    name: str
    note: str
    starts_at_ms: int  # as scheduled from then on; 0 = no date
    ends_at_ms: int
    at_ms: int
