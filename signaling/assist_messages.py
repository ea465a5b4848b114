"""What is said in a room of assistance: marks, the phone on site, documents.  rooms/core/assist.py carries it out."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from rooms.core.assist_model import (
    DOCUMENT_PAGES_MAX,
    FRAME_SIDE_MAX,
    MARK_NUMBER_MAX,
    MARK_POINTS_MAX,
    MARK_TEXT_MAX_CHARS,
    MARK_WIDTH_MAX,
    MARK_WIDTH_MIN,
    AskKind,
    CameraMode,
    MarkColor,
    MarkKind,
    MarkState,
    Placement,
)
from rooms.core.model import NAME_MAX_CHARS

from .message_types import ClientMessage, ShortText

MarkId = Annotated[str, Meta(min_length=8, max_length=32, pattern="^[A-Za-z0-9_-]*$")]
MarkText = Annotated[str, Meta(max_length=MARK_TEXT_MAX_CHARS)]
MarkNumber = Annotated[int, Meta(ge=0, le=MARK_NUMBER_MAX)]
Side = Annotated[int, Meta(ge=1, le=FRAME_SIDE_MAX)]
Coordinate = Annotated[float, Meta(ge=0, le=FRAME_SIDE_MAX)]
Share = Annotated[float, Meta(ge=0, le=1)]
Zoom = Annotated[float, Meta(gt=0, le=100)]


class SeenFrame(Struct, frozen=True, forbid_unknown_fields=True):
    """The frame that the author saw: its RTP timestamp on their side, its size in pixels."""

    rtp_timestamp: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    width: Side
    height: Side


class PageRegion(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a document's page, in 0..1 of its width and height."""

    document_id: ShortText
    page: Annotated[int, Meta(ge=1, le=DOCUMENT_PAGES_MAX)]
    x: Share = 0
    y: Share = 0
    width: Share = 1
    height: Share = 1


class FoundAgain(Struct, frozen=True, forbid_unknown_fields=True):
    """Of an earlier session: who drew it and when."""

    author_name: Annotated[str, Meta(max_length=NAME_MAX_CHARS)]
    at_ms: Annotated[int, Meta(ge=1, le=2**53)]


class PlaceMark(ClientMessage, frozen=True, tag="place_mark", kw_only=True):
    """A new mark; one's own of this id again is the same mark, drawn anew (undo, redo)."""

    mark_id: MarkId
    kind: MarkKind
    color: MarkColor
    width: Annotated[float, Meta(ge=MARK_WIDTH_MIN, le=MARK_WIDTH_MAX)]
    points: Annotated[tuple[Coordinate, ...], Meta(min_length=2, max_length=2 * MARK_POINTS_MAX)]
    frame: SeenFrame
    text: MarkText = ""
    number: MarkNumber = 0
    earlier: FoundAgain | None = None


class ChangeMark(ClientMessage, frozen=True, tag="change_mark", kw_only=True):
    mark_id: MarkId
    text: MarkText
    color: MarkColor
    number: MarkNumber


class LinkMark(ClientMessage, frozen=True, tag="link_mark", kw_only=True):
    """To a part of a document's page; null takes the link away."""

    mark_id: MarkId
    region: PageRegion | None


class RemoveMark(ClientMessage, frozen=True, tag="remove_mark", kw_only=True):
    mark_id: MarkId


class RemoveMarks(ClientMessage, frozen=True, tag="remove_marks", kw_only=True):
    """One's own, or everyone's by who may remove any."""

    everyones: bool = False


class ReportMark(ClientMessage, frozen=True, tag="report_mark", kw_only=True):
    mark_id: MarkId
    state: MarkState


class ConfirmMark(ClientMessage, frozen=True, tag="confirm_mark", kw_only=True):
    mark_id: MarkId
    confirmed: bool


class SetStill(ClientMessage, frozen=True, tag="set_still", kw_only=True):
    mark_id: MarkId
    still_id: Annotated[str, Meta(min_length=1, max_length=64)]


class SetDevice(ClientMessage, frozen=True, tag="set_device", kw_only=True):
    """The whole state of the phone, at every change."""

    mode: CameraMode
    torch: bool
    has_torch: bool
    zoom: Zoom
    zoom_min: Zoom
    zoom_max: Zoom
    frozen: bool
    battery_percent: Annotated[int, Meta(ge=-1, le=100)] = -1
    warm: bool = False


class LeadCamera(ClientMessage, frozen=True, tag="lead_camera", kw_only=True):
    """Somebody on site whose phone leads from now on."""

    participant_id: ShortText


class AskDevice(ClientMessage, frozen=True, tag="ask_device", kw_only=True):
    ask: AskKind
    value: Annotated[float, Meta(ge=0, le=100)] = 0


class AnswerDevice(ClientMessage, frozen=True, tag="answer_device", kw_only=True):
    ask_id: ShortText
    accepted: bool


class ShowDocument(ClientMessage, frozen=True, tag="show_document", kw_only=True):
    region: PageRegion
    placement: Placement


class HideDocument(ClientMessage, frozen=True, tag="hide_document", kw_only=True):
    pass


AnyAssistMessage = (
    PlaceMark
    | ChangeMark
    | LinkMark
    | RemoveMark
    | RemoveMarks
    | ReportMark
    | ConfirmMark
    | SetStill
    | SetDevice
    | LeadCamera
    | AskDevice
    | AnswerDevice
    | ShowDocument
    | HideDocument
)
