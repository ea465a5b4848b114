"""Bodies and replies of the endpoints of what is kept: stills, documents, marks, open items, history."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from collab.accounts.schemas import Body
from rooms.core.assist_model import DOCUMENT_PAGES_MAX, FRAME_SIDE_MAX, MARKS_MAX, FrameRef, Mark

from .models import FILE_NAME_MAX_CHARS, ITEM_MAX_CHARS
from .schemas import MachineView, SessionView
from .values import StillMark

FILE_TITLE = Annotated[str, Meta(min_length=1, max_length=FILE_NAME_MAX_CHARS)]
Side = Annotated[int, Meta(ge=0, le=FRAME_SIDE_MAX)]
KeyOrNothing = Annotated[str, Meta(pattern=r"^([A-Za-z0-9_-]{8,32})?$")]
YEAR_3000_MS = 32_503_680_000_000


class StillQuery(Body, frozen=True, kw_only=True):
    """The frame that the still shows: its RTP timestamp and the size in whose pixels marks are drawn; 0: of none."""

    rtp_timestamp: Annotated[int, Meta(ge=0, le=0xFFFF_FFFF)] = 0
    width: Side = 0
    height: Side = 0
    taken_at_ms: Annotated[int, Meta(ge=0, le=YEAR_3000_MS)] = 0


class StillMarks(Body, frozen=True, kw_only=True):
    marks: Annotated[tuple[StillMark, ...], Meta(max_length=MARKS_MAX)]


class StillView(Struct, frozen=True):
    id: str
    session_id: str
    url: str
    small_url: str
    media_type: str
    size_bytes: int
    sha256: str
    width: int
    height: int
    frame: FrameRef | None
    marks: tuple[StillMark, ...]
    name: str
    taken_at_ms: int
    stored_at_ms: int


class StillList(Struct, frozen=True):
    stills: tuple[StillView, ...]


class DocumentQuery(Body, frozen=True, kw_only=True):
    title: FILE_TITLE


class MachineDocumentQuery(DocumentQuery, frozen=True, kw_only=True):
    """`for_model`: a manual of every machine of this make and model; `page`: that it opens at."""

    for_model: bool = False
    page: Annotated[int, Meta(ge=1, le=DOCUMENT_PAGES_MAX)] = 1


class DocumentView(Struct, frozen=True):
    id: str
    url: str
    title: str
    media_type: str
    size_bytes: int
    machine_id: str | None
    session_id: str | None
    name: str
    stored_at_ms: int
    for_model: bool  # a manual of the make and model
    page: int  # that it opens at
    may_remove: bool  # whoever asks


class DocumentList(Struct, frozen=True):
    documents: tuple[DocumentView, ...]


class KeyframeView(Struct, frozen=True):
    id: str
    url: str
    size_bytes: int
    stored_at_ms: int


class KeepMark(Body, frozen=True, kw_only=True):
    """`keyframe_id` "": the phone has none for it."""

    mark: Mark
    keyframe_id: KeyOrNothing = ""


class MarkView(Struct, frozen=True):
    session_id: str
    mark: Mark
    keyframe_id: str | None
    stored_at_ms: int


class MarkList(Struct, frozen=True):
    marks: tuple[MarkView, ...]


class NewItem(Body, frozen=True, kw_only=True):
    text: Annotated[str, Meta(min_length=1, max_length=ITEM_MAX_CHARS)]


class TickItem(Body, frozen=True, kw_only=True):
    done: bool


class ItemView(Struct, frozen=True):
    id: str
    text: str
    name: str
    machine_id: str | None
    session_id: str | None
    created_at_ms: int
    done_at_ms: int  # 0 = open
    done_by_name: str


class ItemList(Struct, frozen=True):
    items: tuple[ItemView, ...]


class HistoryView(Struct, frozen=True):
    machine: MachineView
    sessions: tuple[SessionView, ...]
    stills: tuple[StillView, ...]
    documents: tuple[DocumentView, ...]
    marks: tuple[MarkView, ...]
    items: tuple[ItemView, ...]
