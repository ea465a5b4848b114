"""A live room as a pure state machine: a command and the time go in, an outcome, events and effects come out."""

from __future__ import annotations

from typing import Self, assert_never

import msgspec

from . import (
    assist,
    assist_apply,
    chat,
    door,
    encryption,
    files,
    lobby,
    moderation,
    recording,
    seats,
    stage,
    stage_apply,
    tracks,
)
from .codes import Code
from .commands import (
    REACTIONS,
    Admit,
    AnswerDevice,
    AnyCommand,
    AskDevice,
    BringFile,
    ChangeMark,
    ConfirmMark,
    DeleteChat,
    Deny,
    Disconnected,
    End,
    Join,
    LeadCamera,
    Leave,
    LinkMark,
    LowerHand,
    MuteAll,
    MuteParticipant,
    NoteRecord,
    NoteRecording,
    PauseRecording,
    PlaceMark,
    RaiseHand,
    React,
    Remove,
    RemoveMark,
    RemoveMarks,
    Rename,
    ReportMark,
    SendChat,
    SendKeys,
    SetDevice,
    SetFileSharing,
    SetLobby,
    SetLocked,
    SetMuted,
    SetQuality,
    SetRole,
    SetStill,
    SetTracks,
    ShareFile,
    ShowDocument,
    ShowKey,
    StageBring,
    StageCountdown,
    StageEnd,
    StageGoLive,
    StageItem,
    StageLayout,
    StageName,
    StagePage,
    StageRun,
    StageSlides,
    StartRecording,
    StopRecording,
    Tick,
)
from .effects import ArchiveAttendance
from .events import HandRaised, LeaveReason, ParticipantRenamed, QualityChanged, Reacted, TracksChanged
from .model import CHAT_HISTORY_MAX_MESSAGES, ChatMessage, Phase, Role, RoomView
from .outcomes import DONE, Done, Refused, RoomOutcome
from .permissions import Permission, allowed
from .stage_model import StagePhase
from .state import STATE_VERSION, RoomState, Seat
from .text import clean_name
from .turn import Step, Turn

SYSTEM = ""  # the actor of commands that come from timers and from collab, not from a person
QUALITY_CAUSE_MAX_CHARS = 32

PersonalCommand = (
    Rename
    | SetTracks
    | SetMuted
    | RaiseHand
    | React
    | SetQuality
    | SendChat
    | BringFile
    | ShareFile
    | ShowKey
    | SendKeys
)
ModeratorCommand = (
    DeleteChat
    | SetFileSharing
    | MuteParticipant
    | MuteAll
    | LowerHand
    | Remove
    | SetRole
    | SetLocked
    | SetLobby
    | Admit
    | Deny
    | End
)

SeatCommand = (
    PersonalCommand | ModeratorCommand | assist.AssistCommand | recording.RecordingCommand | stage.StageCommand
)

# What the actor needs; the system needs nothing.  DeleteChat and RemoveMark ask further, about whose it is.
PERMISSION_NEEDED: dict[type[SeatCommand], Permission] = {
    Rename: Permission.RENAME_SELF,
    SetTracks: Permission.PUBLISH,
    SetMuted: Permission.PUBLISH,
    RaiseHand: Permission.RAISE_HAND,
    React: Permission.REACT,
    SetQuality: Permission.REPORT_QUALITY,
    SendChat: Permission.SEND_CHAT,
    BringFile: Permission.SHARE_FILES,
    ShareFile: Permission.SHARE_FILES,
    ShowKey: Permission.EXCHANGE_KEYS,
    SendKeys: Permission.EXCHANGE_KEYS,
    DeleteChat: Permission.READ_CHAT,
    SetFileSharing: Permission.MANAGE_FILES,
    MuteParticipant: Permission.MUTE_OTHERS,
    MuteAll: Permission.MUTE_OTHERS,
    LowerHand: Permission.LOWER_HANDS,
    Remove: Permission.REMOVE,
    SetRole: Permission.CHANGE_ROLES,
    SetLocked: Permission.LOCK,
    SetLobby: Permission.MANAGE_LOBBY,
    Admit: Permission.MANAGE_LOBBY,
    Deny: Permission.MANAGE_LOBBY,
    End: Permission.END,
    StartRecording: Permission.RECORD,
    PauseRecording: Permission.RECORD,
    StopRecording: Permission.RECORD,
    StageGoLive: Permission.DIRECT_STAGE,
    StageEnd: Permission.DIRECT_STAGE,
    StageBring: Permission.DIRECT_STAGE,
    StageLayout: Permission.DIRECT_STAGE,
    StageName: Permission.DIRECT_STAGE,
    StageRun: Permission.DIRECT_STAGE,
    StageItem: Permission.DIRECT_STAGE,
    StageCountdown: Permission.DIRECT_STAGE,
    StageSlides: Permission.PRESENT,
    StagePage: Permission.PRESENT,
    PlaceMark: Permission.ANNOTATE,
    ChangeMark: Permission.ANNOTATE,
    LinkMark: Permission.ANNOTATE,
    RemoveMark: Permission.ANNOTATE,
    RemoveMarks: Permission.ANNOTATE,
    ReportMark: Permission.TRACK_MARKS,
    ConfirmMark: Permission.TRACK_MARKS,
    SetStill: Permission.TRACK_MARKS,
    SetDevice: Permission.HOLD_DEVICE,
    AnswerDevice: Permission.HOLD_DEVICE,
    LeadCamera: Permission.LEAD_CAMERA,
    AskDevice: Permission.ASK_DEVICE,
    ShowDocument: Permission.SHOW_DOCUMENT,
}


class RoomFault(Exception):
    """A handler failed.  `step` holds what had moved the view before; it must be delivered like any other."""

    def __init__(self, step: Step) -> None:
        super().__init__("a command could not be handled")
        self.step = step


class UnreadableState(Exception):
    """A stored state that this version cannot read; the room starts anew from its record."""


class Room:
    def __init__(self, state: RoomState) -> None:
        self._state = state
        self._told = stage.StageTold()

    @classmethod
    def new(cls, view: RoomView, now_ms: int, chat_history: list[ChatMessage] | None = None) -> Self:
        """A room that starts a sitting now.  The room owns `view`, which tells what its record says."""
        view.started_at_ms = now_ms
        view.chat = (chat_history or [])[-CHAT_HISTORY_MAX_MESSAGES:]
        return cls(RoomState(view, now_ms=now_ms))

    @classmethod
    def restore(cls, stored: bytes, record: RoomView, now_ms: int) -> Self:
        """The room as another node (or an earlier life) left it.  Raises UnreadableState.

        No connection and no media survive the move, so every seat is away from now on and sends nothing.  A room
        without seats begins a new sitting: unlocked, its lobby as `record` says; whoever was removed stays removed.
        """
        state = _decode(stored)
        state.now_ms = max(state.now_ms, now_ms)
        view, turn = state.view, Turn(state)
        view.code, view.title = record.code, record.title
        view.encrypted, view.assist = record.encrypted, record.assist
        view.stage = (view.stage or record.stage) if record.stage is not None else None
        if record.phase is Phase.ENDED and view.phase is not Phase.ENDED:
            moderation.end(turn, End(SYSTEM))
        for seat in state.seats.values():
            seats.disconnected(turn, seat)
            seat.held.clear()
            participant = view.participants.get(seat.id)
            if participant is not None and participant.tracks:
                turn.emit(TracksChanged(seat.id, ()))
        for place in state.places.values():
            lobby.disconnected(turn, place)
        recording.restored(turn)
        if state.empty:
            view.locked, view.lobby_enabled, view.started_at_ms = False, record.lobby_enabled, now_ms
            view.file_sharing = record.file_sharing
            assist_apply.end(view)
            stage_apply.end(view)
        return cls(state)

    @property
    def view(self) -> RoomView:
        """The host's view, for reading only."""
        return self._state.view

    @property
    def empty(self) -> bool:
        """Nobody has a seat or waits, not even away or hidden."""
        return self._state.empty

    @property
    def on_air(self) -> bool:
        """Its stage is live, although perhaps nobody is in it for the moment."""
        return self.view.stage is not None and self.view.stage.phase is StagePhase.LIVE

    @property
    def identities(self) -> frozenset[str]:
        """Of those whom all can see."""
        return frozenset(participant.identity for participant in self.view.participants.values())

    def dump(self) -> bytes:
        """What `restore` reads."""
        return msgspec.msgpack.encode(self._state)

    def role_of(self, seat_id: str) -> Role | None:
        """None when nobody has the seat."""
        seat = self._state.seats.get(seat_id)
        return None if seat is None else self._state.role_of(seat)

    def holds(self, holder_id: str) -> bool:
        """Whether this is a seat or a place in the lobby."""
        return holder_id in self._state.seats or holder_id in self._state.places

    def settle_attendance(self, now_ms: int) -> list[ArchiveAttendance]:
        """What everyone has attended until now; what comes later counts as another stretch."""
        self._state.now_ms = max(self._state.now_ms, now_ms)
        return seats.settle_attendance(self._state)

    def handle(self, command: AnyCommand, now_ms: int) -> Step:
        """Carry out one command.  Never raises for what a command says; raises RoomFault for an error of ours."""
        self._state.now_ms = max(self._state.now_ms, now_ms)
        turn = Turn(self._state)
        try:
            outcome = self._outcome(turn, command)
            if not isinstance(outcome, Refused):
                self._told.tell(turn)
            return turn.step(outcome)
        except Exception as error:
            raise RoomFault(turn.step(Refused(Code.INTERNAL))) from error

    def _outcome(self, turn: Turn, command: AnyCommand) -> RoomOutcome:
        if self.view.phase is Phase.ENDED:
            return DONE if isinstance(command, Tick) else Refused(Code.ROOM_ENDED)
        match command:
            case Join():
                return door.join(turn, command)
            case Tick():
                seats.expire(turn)
                lobby.expire(turn)
                assist.expire(turn)
                recording.expire(turn)
                return moderation.end(turn, End(SYSTEM)) if stage.expire(turn) and self.empty else DONE
            case NoteRecording():
                return recording.note(turn, command) if command.actor == SYSTEM else Refused(Code.FORBIDDEN)
            case NoteRecord():
                return assist.note_record(turn, command) if command.actor == SYSTEM else Refused(Code.FORBIDDEN)
            case Leave() | Disconnected():
                return self._gone(turn, command)
            case _:
                return self._act(turn, command)

    def _gone(self, turn: Turn, command: Leave | Disconnected) -> Done | Refused:
        left = isinstance(command, Leave)
        seat = self._state.seats.get(command.actor)
        if seat is not None:
            if not left:
                return seats.disconnected(turn, seat)
            seats.free(turn, seat, LeaveReason.LEFT)
            return DONE
        place = self._state.places.get(command.actor)
        if place is not None:
            return lobby.withdraw(turn, place) if left else lobby.disconnected(turn, place)
        return Refused(Code.WRONG_STATE)

    def _act(
        self,
        turn: Turn,
        command: SeatCommand,
    ) -> Done | Refused:
        seat = self._state.seats.get(command.actor)
        if seat is None and command.actor != SYSTEM:
            return Refused(Code.WRONG_STATE)
        if seat is not None:
            needed = PERMISSION_NEEDED[type(command)]
            if not allowed(self._state.role_of(seat), seat.grant, needed):
                return Refused(Code.FORBIDDEN)
        if isinstance(command, assist.AssistCommand):
            return Refused(Code.INVALID) if seat is None else assist.act(turn, seat, command)
        if isinstance(command, recording.RecordingCommand):
            return recording.act(turn, seat, command)
        if isinstance(command, stage.StageCommand):
            return stage.act(turn, seat, command)
        match command:
            case (
                Rename()
                | SetTracks()
                | SetMuted()
                | RaiseHand()
                | React()
                | SetQuality()
                | SendChat()
                | BringFile()
                | ShareFile()
                | ShowKey()
                | SendKeys()
            ):
                return Refused(Code.INVALID) if seat is None else self._act_for_self(turn, seat, command)
            case _:
                return self._moderate(turn, seat, command)

    def _act_for_self(self, turn: Turn, seat: Seat, command: PersonalCommand) -> Done | Refused:
        participant = self.view.participants[seat.id]  # a hidden seat has none of these permissions
        match command:
            case Rename(_, raw):
                name = clean_name(raw)
                if not name:
                    return Refused(Code.INVALID)
                if name != participant.name:
                    turn.emit(ParticipantRenamed(seat.id, name))
            case SetTracks(_, wanted):
                return tracks.set_tracks(turn, seat, wanted)
            case SetMuted(_, track_id, muted):
                return tracks.set_muted(turn, seat, track_id, muted)
            case RaiseHand(_, raised):
                if raised is not (participant.hand_raised_at_ms != 0):
                    turn.emit(HandRaised(seat.id, turn.now_ms if raised else 0, seat.id))
            case React(_, reaction):
                if reaction not in REACTIONS:
                    return Refused(Code.INVALID)
                turn.emit(Reacted(seat.id, reaction))
            case SetQuality(_, quality, cause):
                if len(cause) > QUALITY_CAUSE_MAX_CHARS or not (cause.isascii() and cause.isprintable()):
                    return Refused(Code.INVALID)
                if (quality, cause) != (participant.quality, participant.quality_cause):
                    turn.emit(QualityChanged(seat.id, quality, cause))
            case SendChat():
                return chat.send(turn, seat, command)
            case BringFile():
                return files.may_share(turn, seat)
            case ShareFile():
                return files.share(turn, seat, command)
            case ShowKey():
                return encryption.show_key(turn, seat, command)
            case SendKeys():
                return encryption.send_keys(turn, seat, command)
            case _:
                assert_never(command)
        return DONE

    def _moderate(self, turn: Turn, seat: Seat | None, command: ModeratorCommand) -> Done | Refused:
        match command:
            case DeleteChat():
                return chat.delete(turn, seat, command)
            case SetFileSharing(_, sharing):
                return files.set_sharing(turn, sharing, command.actor)
            case MuteParticipant():
                return moderation.mute_participant(turn, seat, command)
            case MuteAll():
                return moderation.mute_all(turn, command.actor)
            case LowerHand():
                return moderation.lower_hand(turn, command)
            case Remove():
                return moderation.remove(turn, seat, command)
            case SetRole():
                return moderation.set_role(turn, seat, command)
            case SetLocked(_, locked):
                return moderation.set_locked(turn, locked, command.actor)
            case SetLobby(_, enabled):
                return lobby.switch(turn, enabled, command.actor)
            case Admit(_, entry_id):
                return lobby.admit(turn, entry_id)
            case Deny(_, entry_id):
                return lobby.deny(turn, entry_id)
            case End():
                return moderation.end(turn, command)
            case _:
                assert_never(command)


def _decode(stored: bytes) -> RoomState:
    try:
        state = msgspec.msgpack.decode(stored, type=RoomState)
    except msgspec.MsgspecError as error:
        raise UnreadableState(str(error)) from error
    if state.version != STATE_VERSION:
        raise UnreadableState(f"version {state.version}")
    return state
