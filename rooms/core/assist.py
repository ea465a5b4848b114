"""Assistance in the room: marks on a machine, the phone that looks at it, what experts ask of it and show beside it.

The room keeps what all agree on and in which order.  Where a mark is now, only the phone knows: it tells of a change of
state here, and of every frame over the unreliable data channel (signaling/PROTOCOL.md, Assistance).
"""

from __future__ import annotations

import math
import re
from typing import assert_never

from msgspec.structs import replace

from .assist_model import (
    ASK_OPEN_MS,
    ASKS_MAX,
    DOCUMENT_PAGES_MAX,
    FRAME_SIDE_MAX,
    MARK_NUMBER_MAX,
    MARK_NUMBERS_MAX,
    MARK_POINTS_MAX,
    MARK_TEXT_MAX_CHARS,
    MARK_WIDTH_MAX,
    MARK_WIDTH_MIN,
    MARKS_MAX,
    AskKind,
    AssistRole,
    Device,
    DeviceAsk,
    DocumentRegion,
    Earlier,
    FrameRef,
    Mark,
    MarkKind,
    RecordKind,
)
from .codes import Code
from .commands import (
    AnswerDevice,
    AskDevice,
    ChangeMark,
    ConfirmMark,
    LeadCamera,
    LinkMark,
    NoteRecord,
    PlaceMark,
    RemoveMark,
    RemoveMarks,
    ReportMark,
    SetDevice,
    SetStill,
    ShowDocument,
)
from .effects import ArchiveMarkPlaced, ArchiveMarksRemoved
from .events import (
    DeviceAnswered,
    DeviceAsked,
    DeviceChanged,
    DocumentShown,
    MarkChanged,
    MarkConfirmed,
    MarkLinked,
    MarkPlaced,
    MarksRemoved,
    MarkStateChanged,
    MarkStill,
    RecordChanged,
)
from .model import NAME_MAX_CHARS
from .outcomes import DONE, Done, Refused
from .permissions import Permission, allowed
from .state import Seat
from .text import clean_name, is_token
from .turn import Turn

ID_MAX_CHARS = 64
NOBODY_HERE = ""
ZOOM_MAX = 100.0
RTP_TIMESTAMP_MAX = 2**32 - 1

_MARK_ID = re.compile(r"[A-Za-z0-9_-]{8,32}")
_POINTS = {MarkKind.TEXT: 1, MarkKind.NUMBER: 1}  # 2 for the others, but freehand

MarkCommand = PlaceMark | ChangeMark | LinkMark | RemoveMark | RemoveMarks | ReportMark | ConfirmMark | SetStill
AssistCommand = MarkCommand | SetDevice | LeadCamera | AskDevice | AnswerDevice | ShowDocument


def act(turn: Turn, seat: Seat, command: AssistCommand) -> Done | Refused:
    """The permission was asked before; the bounds are asked here."""
    if not turn.state.view.assist:
        return Refused(Code.WRONG_STATE)
    match command:
        case PlaceMark():
            return _place(turn, seat, command)
        case ChangeMark():
            return _change(turn, seat, command)
        case LinkMark():
            return _link(turn, seat, command)
        case RemoveMark():
            return _remove(turn, seat, command)
        case RemoveMarks(_, everyones):
            return _remove_all(turn, seat, everyones)
        case ReportMark() | ConfirmMark() | SetStill():
            return _track(turn, seat, command)
        case SetDevice(_, device):
            return _set_device(turn, seat, device)
        case LeadCamera(_, participant_id):
            return _lead(turn, participant_id)
        case AskDevice():
            return _ask(turn, seat, command)
        case AnswerDevice(_, ask_id, accepted):
            if ask_id not in turn.state.view.asks:
                return Refused(Code.NOT_FOUND)
            if not _leads(turn, seat):
                return Refused(Code.WRONG_STATE)
            turn.emit(DeviceAnswered(ask_id, accepted, seat.id))
            return DONE
        case ShowDocument():
            return _show(turn, seat, command)
        case _:
            assert_never(command)


def expire(turn: Turn) -> None:
    """What nobody has answered in time is asked no more."""
    for ask in list(turn.state.view.asks.values()):
        if turn.now_ms - ask.asked_at_ms >= ASK_OPEN_MS:
            turn.emit(DeviceAnswered(ask.id, accepted=False, by=""))


def note_record(turn: Turn, command: NoteRecord) -> Done | Refused:
    of_any_room = command.kind is RecordKind.SYMPOSIUM
    if not (turn.state.view.assist or of_any_room) or not is_token(command.record_id, ID_MAX_CHARS):
        return Refused(Code.INVALID)
    turn.emit(RecordChanged(command.kind, command.record_id))
    return DONE


# ---------------------------------------------------------------- marks


def _place(turn: Turn, seat: Seat, command: PlaceMark) -> Done | Refused:
    marks, earlier = turn.state.view.marks, command.earlier
    if earlier is not None and (refused := _refuse_earlier(turn, seat, earlier)):
        return refused
    author_id, author_name = seat.id, turn.state.view.participants[seat.id].name
    if earlier is not None:
        author_id, author_name = NOBODY_HERE, clean_name(earlier.author_name) or author_name
    former = marks.get(command.mark_id)
    if former is not None and former.author_id != author_id:
        return Refused(Code.CONFLICT)
    mark = Mark(
        id=command.mark_id,
        author_id=author_id,
        author_name=author_name,
        kind=command.kind,
        color=command.color,
        width=command.width,
        points=command.points,
        text=clean_name(command.text, MARK_TEXT_MAX_CHARS),
        number=command.number,
        frame=command.frame,
        made_at_ms=turn.now_ms if former is None else former.made_at_ms,
        earlier_at_ms=earlier.at_ms if earlier is not None else 0,
    )
    if not _makes_sense(mark) or len(command.text) > MARK_TEXT_MAX_CHARS:
        return Refused(Code.INVALID)
    kept = sum(len(other.points) for other in marks.values() if other is not former)
    if (former is None and len(marks) >= MARKS_MAX) or kept + len(mark.points) > MARK_NUMBERS_MAX:
        return Refused(Code.TOO_MANY)
    points = tuple(round(value, 1) for value in mark.points)
    turn.emit(MarkPlaced(replace(mark, points=points, width=round(mark.width, 1))))
    if former is None and earlier is None:
        turn.effect(ArchiveMarkPlaced(mark.id))
    return DONE


def _refuse_earlier(turn: Turn, seat: Seat, earlier: Earlier) -> Refused | None:
    """Only the phone that leads can have found it: others cannot draw in the name of somebody who is not here."""
    if not allowed(turn.state.role_of(seat), seat.grant, Permission.TRACK_MARKS):
        return Refused(Code.FORBIDDEN)
    if not _leads(turn, seat):
        return Refused(Code.WRONG_STATE)
    is_right = len(earlier.author_name) <= NAME_MAX_CHARS and 0 < earlier.at_ms <= turn.now_ms
    return None if is_right else Refused(Code.INVALID)


def _makes_sense(mark: Mark) -> bool:
    return (
        _MARK_ID.fullmatch(mark.id) is not None
        and MARK_WIDTH_MIN <= mark.width <= MARK_WIDTH_MAX  # false of a NaN as well
        and 0 <= mark.number <= MARK_NUMBER_MAX
        and _is_frame(mark.frame)
        and _are_points(mark.kind, mark.points, mark.frame)
    )


def _is_frame(frame: FrameRef) -> bool:
    return (
        0 <= frame.rtp_timestamp <= RTP_TIMESTAMP_MAX
        and 1 <= frame.width <= FRAME_SIDE_MAX
        and 1 <= frame.height <= FRAME_SIDE_MAX
    )


def _are_points(kind: MarkKind, points: tuple[float, ...], frame: FrameRef) -> bool:
    """As many as the kind has, all of them inside the frame."""
    count = len(points) / 2
    if kind is MarkKind.FREEHAND:
        if not 2 <= count <= MARK_POINTS_MAX or count != int(count):
            return False
    elif count != _POINTS.get(kind, 2):
        return False
    return all(0 <= value <= (frame.height if index % 2 else frame.width) for index, value in enumerate(points))


def _change(turn: Turn, seat: Seat, command: ChangeMark) -> Done | Refused:
    mark = turn.state.view.marks.get(command.mark_id)
    if mark is None:
        return Refused(Code.NOT_FOUND)
    if not _may_touch(turn, seat, mark):
        return Refused(Code.FORBIDDEN)
    if not 0 <= command.number <= MARK_NUMBER_MAX or len(command.text) > MARK_TEXT_MAX_CHARS:
        return Refused(Code.INVALID)
    text = clean_name(command.text, MARK_TEXT_MAX_CHARS)
    if (text, command.color, command.number) != (mark.text, mark.color, mark.number):
        turn.emit(MarkChanged(mark.id, text, command.color, command.number, seat.id))
    return DONE


def _link(turn: Turn, seat: Seat, command: LinkMark) -> Done | Refused:
    mark = turn.state.view.marks.get(command.mark_id)
    if mark is None:
        return Refused(Code.NOT_FOUND)
    if not _may_touch(turn, seat, mark):
        return Refused(Code.FORBIDDEN)
    if command.region is not None and not _is_region(command.region):
        return Refused(Code.INVALID)
    if command.region != mark.region:
        turn.emit(MarkLinked(mark.id, command.region, seat.id))
    return DONE


def _remove(turn: Turn, seat: Seat, command: RemoveMark) -> Done | Refused:
    mark = turn.state.view.marks.get(command.mark_id)
    if mark is None:
        return Refused(Code.NOT_FOUND)
    if not _may_touch(turn, seat, mark):
        return Refused(Code.FORBIDDEN)
    _take_away(turn, seat, (mark.id,))
    return DONE


def _remove_all(turn: Turn, seat: Seat, everyones: bool) -> Done | Refused:
    if everyones and not _removes_any(turn, seat):
        return Refused(Code.FORBIDDEN)
    marks = turn.state.view.marks.values()
    removed = tuple(mark.id for mark in marks if everyones or mark.author_id == seat.id)
    if removed:
        _take_away(turn, seat, removed)
    return DONE


def _take_away(turn: Turn, seat: Seat, mark_ids: tuple[str, ...]) -> None:
    turn.emit(MarksRemoved(mark_ids, seat.id))
    turn.effect(ArchiveMarksRemoved(mark_ids, turn.now_ms))


def _may_touch(turn: Turn, seat: Seat, mark: Mark) -> bool:
    return mark.author_id == seat.id or _removes_any(turn, seat)


def _removes_any(turn: Turn, seat: Seat) -> bool:
    return allowed(turn.state.role_of(seat), seat.grant, Permission.REMOVE_ANY_MARK)


def _track(turn: Turn, seat: Seat, command: ReportMark | ConfirmMark | SetStill) -> Done | Refused:
    mark = turn.state.view.marks.get(command.mark_id)
    if mark is None:
        return Refused(Code.NOT_FOUND)
    match command:
        case ReportMark(_, _, state):
            if not _leads(turn, seat):
                return Refused(Code.WRONG_STATE)
            if state is not mark.state:
                turn.emit(MarkStateChanged(mark.id, state))
        case ConfirmMark(_, _, confirmed):
            if confirmed is not (mark.confirmed_at_ms != 0):
                turn.emit(MarkConfirmed(mark.id, turn.now_ms if confirmed else 0, seat.id))
        case SetStill(_, _, still_id):
            if not is_token(still_id, ID_MAX_CHARS):
                return Refused(Code.INVALID)
            if still_id != mark.still_id:
                turn.emit(MarkStill(mark.id, still_id))
        case _:
            assert_never(command)
    return DONE


# ---------------------------------------------------------------- the phone


def _leads(turn: Turn, seat: Seat) -> bool:
    return turn.state.view.device.participant_id in (NOBODY_HERE, seat.id)


def _lead(turn: Turn, participant_id: str) -> Done | Refused:
    """The phone that led is asked nothing any more; the new one tells of itself and looks for the marks."""
    view = turn.state.view
    target = view.participants.get(participant_id)
    if target is None or target.assist_role is not AssistRole.ON_SITE:
        return Refused(Code.NOT_FOUND)
    if view.device.participant_id != participant_id:
        for ask_id in list(view.asks):
            turn.emit(DeviceAnswered(ask_id, accepted=False, by=""))
        turn.emit(DeviceChanged(Device(participant_id=participant_id)))
    return DONE


def give_up_lead(turn: Turn, participant_id: str) -> None:
    """They are not on site any more."""
    if turn.state.view.device.participant_id == participant_id:
        turn.emit(DeviceChanged(Device()))


def _set_device(turn: Turn, seat: Seat, told: Device) -> Done | Refused:
    if not _leads(turn, seat):
        return Refused(Code.WRONG_STATE)
    zooms = (told.zoom_min, told.zoom, told.zoom_max)
    if not all(0 < zoom <= ZOOM_MAX for zoom in zooms) or not told.zoom_min <= told.zoom <= told.zoom_max:
        return Refused(Code.INVALID)
    if not -1 <= told.battery_percent <= 100:
        return Refused(Code.INVALID)
    device = replace(told, participant_id=seat.id)
    if device != turn.state.view.device:
        turn.emit(DeviceChanged(device))
    return DONE


def _ask(turn: Turn, seat: Seat, command: AskDevice) -> Done | Refused:
    view = turn.state.view
    if not _is_value(command.ask, command.value) or not is_token(command.ask_id, ID_MAX_CHARS):
        return Refused(Code.INVALID)
    if command.ask_id in view.asks:
        return Refused(Code.CONFLICT)
    if len(view.asks) >= ASKS_MAX:
        return Refused(Code.TOO_MANY)
    name = view.participants[seat.id].name
    turn.emit(DeviceAsked(DeviceAsk(command.ask_id, seat.id, name, command.ask, command.value, turn.now_ms)))
    return DONE


def _is_value(ask: AskKind, value: float) -> bool:
    match ask:
        case AskKind.TORCH | AskKind.FREEZE:
            return value in (0.0, 1.0)
        case AskKind.ZOOM:
            return 0 < value <= ZOOM_MAX
        case AskKind.STILL | AskKind.SWITCH_CAMERA:
            return value == 0
        case _:
            assert_never(ask)


# ---------------------------------------------------------------- documents


def _show(turn: Turn, seat: Seat, command: ShowDocument) -> Done | Refused:
    shown = command.document
    if shown is not None:
        if not _is_region(shown.region):
            return Refused(Code.INVALID)
        shown = replace(shown, by=seat.id)
    if shown != turn.state.view.document:
        turn.emit(DocumentShown(shown, seat.id))
    return DONE


def _is_region(region: DocumentRegion) -> bool:
    sides = (region.x, region.y, region.width, region.height)
    return (
        is_token(region.document_id, ID_MAX_CHARS)
        and 1 <= region.page <= DOCUMENT_PAGES_MAX
        and all(math.isfinite(side) and 0 <= side <= 1 for side in sides)
        and region.width > 0
        and region.height > 0
        and region.x + region.width <= 1.001  # sums of decimals
        and region.y + region.height <= 1.001
    )
