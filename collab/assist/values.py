"""Assistance as frozen values, as they leave the repositories."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from collab.files.models import StoredFile
from rooms.core.assist_model import (
    MARK_NUMBER_MAX,
    MARK_POINTS_MAX,
    MARK_TEXT_MAX_CHARS,
    AssistRole,
    FrameRef,
    Mark,
    MarkColor,
    MarkKind,
)
from rooms.core.model import NAME_MAX_CHARS, Phase

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


Share = Annotated[float, Meta(ge=-1.0, le=2.0)]  # of a picture's side; a mark may reach over the edge


class StillMark(Struct, frozen=True, forbid_unknown_fields=True):
    """A mark as it was seen on a still."""

    kind: MarkKind
    color: MarkColor
    points: Annotated[tuple[Share, ...], Meta(min_length=2, max_length=2 * MARK_POINTS_MAX)]  # x0, y0, x1, y1, ..
    width: Annotated[float, Meta(gt=0, le=0.1)] = 0.006  # of the longer side
    text: Annotated[str, Meta(max_length=MARK_TEXT_MAX_CHARS)] = ""
    number: Annotated[int, Meta(ge=0, le=MARK_NUMBER_MAX)] = 0
    author_name: Annotated[str, Meta(max_length=NAME_MAX_CHARS)] = ""


class LinkState(StrEnum):
    FRESH = "fresh"  # nobody has opened it yet
    OPENED = "opened"
    REVOKED = "revoked"  # taken back
    SHUT = "shut"  # somebody who came by it was removed: it may have reached others, too
    EXPIRED = "expired"


class Opening(Struct, frozen=True):
    """Who came by a link, and when first."""

    name: str
    at_ms: int


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
    revoked_at_ms: int = 0
    shut: bool = False
    maker: str = ""  # the name of who made it
    openings: tuple[Opening, ...] = ()  # the first of them

    def state(self, at_ms: int) -> LinkState:
        if self.revoked_at_ms:
            return LinkState.REVOKED
        if self.shut:
            return LinkState.SHUT
        if self.expires_at_ms <= at_ms:
            return LinkState.EXPIRED
        return LinkState.OPENED if self.opened_at_ms else LinkState.FRESH


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


class Still(Struct, frozen=True):
    id: str
    session_id: str
    file: StoredFile
    width: int
    height: int
    frame: FrameRef | None  # that it shows, in whose pixels marks are drawn
    marks: tuple[StillMark, ...]
    identity: str
    name: str
    taken_at_ms: int
    stored_at_ms: int


class DocumentFile(Struct, frozen=True):
    id: str
    machine_id: str | None
    session_id: str | None
    file: StoredFile
    title: str
    name: str
    stored_at_ms: int
    for_model: bool = False  # a manual: for every machine of this make and model in the same organization
    page: int = 1  # that it opens at
    identity: str = ""  # who brought it


class Keyframe(Struct, frozen=True):
    id: str
    session_id: str
    machine_id: str | None
    file: StoredFile
    stored_at_ms: int


class KeptMark(Struct, frozen=True):
    session_id: str
    mark: Mark
    keyframe_id: str | None  # None: drawn on a still only, or its keyframe has given way to later ones
    stored_at_ms: int


class OpenItem(Struct, frozen=True):
    id: str
    machine_id: str | None
    session_id: str | None
    text: str
    name: str
    created_at_ms: int
    done_at_ms: int
    done_by_name: str
