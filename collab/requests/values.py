"""What leaves the repositories of requests: frozen values."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field

from .answers import Answers
from .definition import Audience, Definition
from .states import Action, Outcome, Situation, State


class Named(Struct, frozen=True):
    id: str
    name: str


class RequestType(Struct, frozen=True):
    id: str
    key: str
    version: int
    draft: str  # JSON; "" = none
    draft_revision: int
    retired: bool
    shipped_version: int
    changed_at_ms: int


class Shipped(Struct, frozen=True):
    """A type that comes with the server."""

    key: str
    definition: str  # JSON
    digest: str


class TypeVersion(Struct, frozen=True):
    type_id: str
    key: str
    version: int
    definition: Definition
    name: str
    made_at_ms: int


class Request(Struct, frozen=True, kw_only=True):
    id: str
    number: str
    type_id: str
    type_version: int
    title: str
    organization: Named
    requester_id: str | None
    requester_name: str
    audience: Audience
    confidential: bool
    asked_group: str
    asked_id: str | None
    state: State
    outcome: Outcome | None
    step: int
    owner: Named | None
    offered_to: Named | None
    escalations: int
    escalated_to: str
    revision: int
    created_at_ms: int
    submitted_at_ms: int
    taken_at_ms: int
    due_at_ms: int
    left_ms: int
    decided_at_ms: int
    changed_at_ms: int
    alarm_at_ms: int
    filed_day: int  # in the park's zone, since the epoch; 0 = a draft

    @property
    def situation(self) -> Situation:
        return Situation(
            state=self.state,
            outcome=self.outcome,
            owner_id=self.owner.id if self.owner else None,
            offered_to_id=self.offered_to.id if self.offered_to else None,
            step=self.step,
            escalations=self.escalations,
        )


class EventDetails(Struct, frozen=True, omit_defaults=True):
    """What a move changed beside the state."""

    outcome: Outcome | None = None
    step: int = 0
    to_id: str = ""  # of an offer, or the new owner
    to_name: str = ""
    escalated_to: str = ""
    due_at_ms: int = 0  # as it is after the move, where the move changed it
    former: Answers = field(default_factory=dict)  # answers that were replaced


class Event(Struct, frozen=True):
    number: int
    action: Action
    state: State
    account_id: str
    name: str
    note: str
    details: EventDetails
    at_ms: int


class Comment(Struct, frozen=True):
    key: str
    internal: bool
    text: str
    name: str
    account_id: str
    at_ms: int


class RequestFile(Struct, frozen=True):
    key: str
    field_id: str
    document_id: str
    internal: bool
    sha256: str
    size_bytes: int
    media_type: str
    file_name: str
    name: str
    account_id: str
    stored_at_ms: int


class DocumentCheck(Struct, frozen=True):
    document_id: str
    accepted: bool
    note: str
    name: str
    at_ms: int


class BatchResult(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


class Batch(Struct, frozen=True):
    id: str
    created_by: str
    client_key: str
    action: Action
    note: str
    total: int
    done: int
    refused: int
    created_at_ms: int
    finished_at_ms: int


class BatchItem(Struct, frozen=True):
    position: int
    request_id: str
    result: BatchResult
    code: str


class DeskGroup(Struct, frozen=True):
    key: str
    name_zh: str
    name_en: str
    members: tuple[Named, ...]
