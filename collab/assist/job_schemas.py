"""Bodies and replies of the endpoints of installation jobs."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from collab.accounts.schemas import AfterId, Body, OrganizationId

from .job_states import JobAction
from .models import EVENT_NOTE_MAX_CHARS, JOB_NOTE_MAX_CHARS, JOB_TITLE_MAX_CHARS, JobState
from .record_schemas import YEAR_3000_MS
from .schemas import Limit, MachineBrief, MaybeId, NamedView

At = Annotated[int, Meta(ge=0, le=YEAR_3000_MS)]


class NewJob(Body, frozen=True, kw_only=True):
    machine_id: OrganizationId
    installer_id: OrganizationId
    title: Annotated[str, Meta(min_length=1, max_length=JOB_TITLE_MAX_CHARS)]
    note: Annotated[str, Meta(max_length=JOB_NOTE_MAX_CHARS)] = ""


class JobsQuery(Body, frozen=True, kw_only=True):
    machine_id: MaybeId = ""
    open_only: bool = False
    before: AfterId = ""
    limit: Limit = 50


class JobStep(Body, frozen=True, kw_only=True):
    """The dates belong to `schedule`."""

    action: JobAction
    note: Annotated[str, Meta(max_length=EVENT_NOTE_MAX_CHARS)] = ""
    starts_at_ms: At = 0
    ends_at_ms: At = 0


class JobEventView(Struct, frozen=True):
    action: str
    state: JobState
    name: str
    note: str
    starts_at_ms: int
    ends_at_ms: int
    at_ms: int


class JobView(Struct, frozen=True):
    id: str
    title: str
    note: str
    machine: MachineBrief
    enterprise: NamedView
    installer: NamedView
    state: JobState
    actions: tuple[JobAction, ...]  # that the asking person may take now
    starts_at_ms: int  # as scheduled; 0 = no date yet
    ends_at_ms: int
    created_at_ms: int
    changed_at_ms: int


class JobCard(Struct, frozen=True):
    job: JobView
    events: tuple[JobEventView, ...]  # oldest first


class JobList(Struct, frozen=True):
    jobs: tuple[JobView, ...]
    more: bool


class InstallerList(Struct, frozen=True):
    installers: tuple[NamedView, ...]
