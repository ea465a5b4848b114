"""Being recorded, as everybody in the room is told it.

    off --start--> starting --its recorder writes--> on <--pause, resume--> paused
     ^_________________|______________________________|_____________________|   stop, room ended, nobody left, a fault

The recorder itself is outside: it is told what is wanted by effects, and tells by NoteRecording what it does.
"""

from __future__ import annotations

import re
from typing import Final

from .codes import Code
from .commands import NoteRecording, PauseRecording, StartRecording, StopRecording
from .effects import Record
from .encryption import refuse_server_media
from .events import RecordingChanged
from .model import Recording, RecordingEnd, RecordingState
from .outcomes import DONE, Done, Refused
from .state import Seat
from .turn import Turn

RecordingCommand = StartRecording | PauseRecording | StopRecording

_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")  # made by the server; it names a folder


def act(turn: Turn, seat: Seat | None, command: RecordingCommand) -> Done | Refused:
    now = turn.state.view.recording
    match command:
        case StartRecording(actor, recording_id, tracks):
            if refused := refuse_server_media(turn.state.view.encrypted):
                return refused
            if not _ID.fullmatch(recording_id):
                return Refused(Code.INVALID)
            if now.state is not RecordingState.OFF:
                return Refused(Code.WRONG_STATE)
            identity = seat.grant.identity if seat is not None else ""
            _move(turn, Recording(RecordingState.STARTING, recording_id, actor, tracks=tracks), identity)
        case PauseRecording(_, paused):
            if now.state is (RecordingState.ON if paused else RecordingState.PAUSED):
                state = RecordingState.PAUSED if paused else RecordingState.ON
                _move(turn, Recording(state, now.id, now.by, tracks=now.tracks))
            elif now.state is not (RecordingState.PAUSED if paused else RecordingState.ON):
                return Refused(Code.WRONG_STATE)
        case StopRecording():
            if now.state is RecordingState.OFF:
                return Refused(Code.WRONG_STATE)
            end(turn, RecordingEnd.STOPPED)
    return DONE


def note(turn: Turn, command: NoteRecording) -> Done | Refused:
    """What a recorder says that is not ours any more counts for nothing."""
    now = turn.state.view.recording
    if command.recording_id != now.id or now.state is RecordingState.OFF:
        return Refused(Code.WRONG_STATE)
    if command.state is RecordingState.OFF:
        turn.emit(RecordingChanged(Recording(id=now.id, since_ms=turn.now_ms, end=command.end)))
    elif command.state is RecordingState.ON and now.state is RecordingState.STARTING:
        turn.emit(RecordingChanged(Recording(RecordingState.ON, now.id, now.by, turn.now_ms, tracks=now.tracks)))
    return DONE


def end(turn: Turn, reason: RecordingEnd) -> None:
    now = turn.state.view.recording
    if now.state is not RecordingState.OFF:
        _move(turn, Recording(id=now.id, end=reason))


def expire(turn: Turn) -> None:
    """Nobody is left to be recorded."""
    if not turn.state.view.participants:
        end(turn, RecordingEnd.NOBODY)


def restored(turn: Turn) -> None:
    """Another node, or an earlier life, recorded: it goes on here, as soon as a recorder writes."""
    now = turn.state.view.recording
    if now.state is RecordingState.ON:
        starting = Recording(RecordingState.STARTING, now.id, now.by, turn.now_ms, tracks=now.tracks)
        turn.emit(RecordingChanged(starting))


def _move(turn: Turn, to: Recording, identity: str = "") -> None:
    turn.emit(RecordingChanged(Recording(to.state, to.id, to.by, turn.now_ms, to.end, to.tracks)))
    turn.effect(Record(to.id, to.state, identity, to.tracks))
