"""Bodies and replies of the endpoints of requests.  Answers are JSON by field id: fields.py says what a kind takes."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

from collab.accounts.schemas import AfterId, Body, OrganizationId

from .definition import Definition
from .fields import FIELDS_MAX
from .models import NOTE_MAX_CHARS, TITLE_MAX_CHARS
from .repository import Sort
from .states import Action, Outcome, State
from .visible import Scope
from .words import Words

SEARCH_MAX_CHARS = 80

MaybeKey = Annotated[str, Meta(pattern=r"^([A-Za-z0-9_-]{8,32})?$")]
MaybeId = AfterId
Title = Annotated[str, Meta(max_length=TITLE_MAX_CHARS)]
Note = Annotated[str, Meta(max_length=NOTE_MAX_CHARS)]
Limit = Annotated[int, Meta(ge=1, le=100)]
Search = Annotated[str, Meta(max_length=SEARCH_MAX_CHARS)]
Answers = Annotated[dict[str, Raw], Meta(max_length=FIELDS_MAX)]
# A query has one value for each name, so several are joined: "submitted,taken".
StateList = Annotated[str, Meta(pattern=r"^([a-z_]{1,20}(,[a-z_]{1,20}){0,7})?$")]


class NewRequest(Body, frozen=True, kw_only=True):
    """`key` is made by the page, so that filing again after a lost connection files nothing twice."""

    type_id: OrganizationId
    title: Title = ""
    answers: Answers = field(default_factory=dict)
    organization_id: MaybeId = ""  # "" is the first of one's own that may file it
    key: MaybeKey = ""
    submit: bool = False


class ChangeDraft(Body, frozen=True, kw_only=True):
    title: Title = ""
    answers: Answers


class MoveRequest(Body, frozen=True, kw_only=True):
    """`note` may hold {number}, {title}, {requester}, {organization}, {owner}, {due}.

    `answers` and `title` come with `provide`, `to` with `offer`; with `revision` the move is refused (`conflict`) when
    the request is no longer as it was seen.
    """

    action: Action
    note: Note = ""
    to: MaybeId = ""
    title: Title = ""
    answers: Answers | UnsetType = UNSET
    revision: int | UnsetType = UNSET


class RequestsQuery(Body, frozen=True, kw_only=True):
    scope: Scope = Scope.MINE
    sort: Sort = Sort.NEWEST
    state: StateList = ""
    type_id: MaybeId = ""
    organization_id: MaybeId = ""
    search: Search = ""
    late: bool = False
    before: AfterId = ""
    limit: Limit = 50


class PrintQuery(Body, frozen=True, kw_only=True):
    language: Annotated[str, Meta(pattern=r"^(zh|en)$")] = "zh"


class NameView(Struct, frozen=True):
    id: str
    name: str


class TypeBrief(Struct, frozen=True):
    id: str
    key: str
    version: int
    name: Words


class RequestView(Struct, frozen=True, kw_only=True):
    id: str
    number: str
    type: TypeBrief
    title: str
    organization: NameView
    requester: NameView  # id "" when the account is gone
    state: State
    outcome: Outcome | None
    step: int
    steps: int
    owner: NameView | None
    offered_to: NameView | None
    escalations: int
    escalated_to: str  # "officers", "service_officer", "administrators", "group:KEY"; "" = nobody yet
    late: bool
    due_at_ms: int  # 0 = no clock runs
    left_ms: int  # of working time, while the clock is stopped
    revision: int
    created_at_ms: int
    submitted_at_ms: int
    taken_at_ms: int
    decided_at_ms: int
    changed_at_ms: int
    actions: tuple[Action, ...]  # that the asking person may take now
    internal: bool  # the asking person works on it for the park


class RequestEventView(Struct, frozen=True, kw_only=True):
    number: int
    action: Action
    state: State
    name: str  # "" = the clock
    note: str
    outcome: Outcome | None
    step: int
    to: NameView | None
    escalated_to: str
    due_at_ms: int  # where it was changed
    former: dict[str, Raw]  # answers that were replaced
    at_ms: int


class RequestCommentView(Struct, frozen=True):
    key: str
    internal: bool
    text: str
    name: str
    mine: bool
    at_ms: int


class RequestFileView(Struct, frozen=True, kw_only=True):
    key: str
    url: str
    field_id: str
    document_id: str
    internal: bool
    file_name: str
    media_type: str
    size_bytes: int
    name: str
    mine: bool
    stored_at_ms: int


class DocumentCheckView(Struct, frozen=True):
    document_id: str
    accepted: bool
    note: str
    name: str
    at_ms: int


class RequestCard(Struct, frozen=True, kw_only=True):
    request: RequestView
    definition: Definition  # of the version that it was filed with
    answers: dict[str, Raw]
    events: tuple[RequestEventView, ...]  # oldest first
    comments: tuple[RequestCommentView, ...]
    files: tuple[RequestFileView, ...]
    checks: tuple[DocumentCheckView, ...]
    server_time_ms: int


class RequestList(Struct, frozen=True):
    requests: tuple[RequestView, ...]
    more: bool
    server_time_ms: int  # what its clocks are read against


class StaffList(Struct, frozen=True):
    staff: tuple[NameView, ...]
