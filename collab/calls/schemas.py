"""Bodies and replies of calls: these structs are the API."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from collab.organizations.models import OrganizationKind
from collab.recordings.models import RecordingState

from .chat import ChatForm
from .models import NOTE_MAX_CHARS, CallState

PAGE_MAX = 100

Id = Annotated[str, Meta(min_length=1, max_length=32, pattern="^[0-9A-Za-z_-]+$")]
AccountId = Annotated[str, Meta(pattern="^[0-9a-z]{26}$")]
MaybeId = Annotated[str, Meta(max_length=26, pattern="^([0-9a-z]{26})?$")]
Kind = Annotated[str, Meta(min_length=1, max_length=24, pattern="^[a-z_]+$")]


class About(Struct, frozen=True, forbid_unknown_fields=True):
    kind: Kind
    id: Id


class NewCall(Struct, frozen=True, forbid_unknown_fields=True):
    about: About
    to: AccountId


class AnswerCall(Struct, frozen=True, forbid_unknown_fields=True):
    accept: bool


class WriteNote(Struct, frozen=True, forbid_unknown_fields=True):
    revision: Annotated[int, Meta(ge=0, le=1_000_000)]
    text: Annotated[str, Meta(max_length=NOTE_MAX_CHARS)]


class CallsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    kind: Kind
    id: Id
    before: MaybeId = ""
    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = 20


class ChatQuery(Struct, frozen=True, forbid_unknown_fields=True):
    form: ChatForm = ChatForm.TEXT
    language: Annotated[str, Meta(pattern=r"^(zh|en)$")] = "zh"
    zone: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$")] = "Asia/Shanghai"


class PeopleQuery(Struct, frozen=True, forbid_unknown_fields=True):
    q: Annotated[str, Meta(max_length=64)] = ""
    kind: Annotated[str, Meta(max_length=24, pattern="^[a-z_]*$")] = ""  # of a thing: whom one may call about it
    id: Annotated[str, Meta(max_length=32, pattern="^[0-9A-Za-z_-]*$")] = ""


class ContactView(Struct, frozen=True):
    id: str
    name: str
    organization: str
    kind: OrganizationKind


class ContactList(Struct, frozen=True):
    people: tuple[ContactView, ...]


class PartyView(Struct, frozen=True):
    id: str
    name: str


class AttendeeView(Struct, frozen=True):
    name: str
    joined_at_ms: int
    left_at_ms: int


class CallNoteView(Struct, frozen=True):
    text: str
    revision: int
    by: str
    at_ms: int  # 0: nobody has written yet


class CallRecordingView(Struct, frozen=True):
    id: str
    state: RecordingState
    film_ms: int
    may_watch: bool


class CallFileView(Struct, frozen=True):
    key: str
    name: str
    size_bytes: int
    media_type: str
    by: str
    at_ms: int
    may_open: bool


class FileLinkView(Struct, frozen=True):
    path: str  # good for a minute


class CallView(Struct, frozen=True):
    id: str
    kind: str
    subject_id: str
    about: str
    path: str
    caller: PartyView
    callee: PartyView
    state: CallState
    code: str  # of the room, once it is accepted
    created_at_ms: int
    expires_at_ms: int
    ended_at_ms: int
    attendees: tuple[AttendeeView, ...]
    recordings: tuple[CallRecordingView, ...]
    files: tuple[CallFileView, ...]
    messages: int  # of its chat, for who may save it; else 0
    note: CallNoteView
    may_write: bool  # the note


class CallList(Struct, frozen=True):
    calls: tuple[CallView, ...]
    more: bool
