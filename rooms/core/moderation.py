"""What moderators do to others, and the rules that bound it.

* A co-host acts on people below a co-host (and on themselves); only their microphone can be muted for anybody.
* A host cannot be removed by people; another host may make them something else first.
* Who is host by identity is made something else only by another host by identity.
* The last host stays host.
"""

from __future__ import annotations

from . import lobby, recording, removed, seats, stage, tracks
from .codes import Code
from .commands import End, LowerHand, MuteParticipant, Remove, SetRole
from .effects import ArchiveEnd, ArchiveRemoval, CloseConnection, CutRoom
from .events import HandRaised, LeaveReason, LockChanged, RoomEnded
from .model import Grant, RecordingEnd, Role, Source
from .outcomes import DONE, Done, Refused
from .state import RoomState, Seat
from .turn import Turn

RANK = {Role.HOST: 2, Role.CO_HOST: 1, Role.PARTICIPANT: 0, Role.GUEST: 0}
SYSTEM_RANK = 3


def mute_participant(turn: Turn, actor: Seat | None, command: MuteParticipant) -> Done | Refused:
    target = _visible(turn.state, command.participant_id)
    if target is None:
        return Refused(Code.NOT_FOUND)
    if command.source is not Source.MICROPHONE and _rank(turn.state, actor) < _rank(turn.state, target):
        return Refused(Code.FORBIDDEN)
    tracks.mute_source(turn, target, command.source, command.actor)
    return DONE


def mute_all(turn: Turn, by: str) -> Done:
    for participant in list(turn.state.view.participants.values()):
        if not participant.role.moderates:
            tracks.mute_source(turn, turn.state.seats[participant.id], Source.MICROPHONE, by)
    return DONE


def lower_hand(turn: Turn, command: LowerHand) -> Done | Refused:
    participant = turn.state.view.participants.get(command.participant_id)
    if participant is None:
        return Refused(Code.NOT_FOUND)
    if participant.hand_raised_at_ms:
        turn.emit(HandRaised(participant.id, 0, command.actor))
    return DONE


def remove(turn: Turn, actor: Seat | None, command: Remove) -> Done | Refused:
    """The identity cannot come back, and whatever else it holds in this room is taken from it too."""
    state = turn.state
    target = _visible(state, command.participant_id)
    if target is None:
        return Refused(Code.NOT_FOUND)
    if target is actor:
        return Refused(Code.INVALID)
    held = [seat for seat in state.seats.values() if seat.grant.identity == target.grant.identity]
    if actor is not None and any(RANK[state.role_of(seat)] >= _rank(state, actor) for seat in held):
        return Refused(Code.FORBIDDEN)
    removed.remember(state, target.grant)
    turn.effect(ArchiveRemoval(target.grant.identity, turn.now_ms))
    for seat in held:
        seats.free(turn, seat, LeaveReason.REMOVED)
        turn.effect(CloseConnection(seat.id, Code.REMOVED))
    lobby.turn_away(turn, target.grant.identity)
    return DONE


def set_role(turn: Turn, actor: Seat | None, command: SetRole) -> Done | Refused:
    """Moderator roles are given; without one, a person is what the identity is: participant or guest."""
    state = turn.state
    target = _visible(state, command.participant_id)
    if target is None:
        return Refused(Code.NOT_FOUND)
    former = state.role_of(target)
    wanted = command.role if command.role.moderates else _role_without_office(target.grant)
    if wanted is former:
        return DONE
    rank = _rank(state, actor)
    if rank < RANK[Role.HOST] and (RANK[wanted] > rank or (RANK[former] >= rank and target is not actor)):
        return Refused(Code.FORBIDDEN)
    if former is Role.HOST:
        if actor is not None and target.grant.role is Role.HOST and actor.grant.role is not Role.HOST:
            return Refused(Code.FORBIDDEN)
        if sum(1 for participant in state.view.participants.values() if participant.role is Role.HOST) == 1:
            return Refused(Code.CONFLICT)
    seats.change_role(turn, target, wanted, command.actor)
    seats.refresh_permissions(turn, target)
    return DONE


def set_locked(turn: Turn, locked: bool, by: str) -> Done:
    if turn.state.view.locked is not locked:
        turn.emit(LockChanged(locked, by))
    return DONE


def end(turn: Turn, command: End) -> Done | Refused:
    """For all: media first, then everyone hears it and is let go.  The room takes nobody in any more."""
    if command.actor and not stage.may_end_room(turn):
        return Refused(Code.WRONG_STATE)
    state = turn.state
    turn.effect(CutRoom())
    for attendance in seats.settle_attendance(state):
        turn.effect(attendance)
    holders = [*state.seats, *state.places]
    state.seats.clear()
    state.places.clear()
    recording.end(turn, RecordingEnd.ROOM_ENDED)
    stage.end(turn, command.actor)
    turn.emit(RoomEnded(command.actor))
    turn.effect(ArchiveEnd(turn.now_ms))
    for holder_id in holders:
        turn.effect(CloseConnection(holder_id, Code.ROOM_ENDED))
    return DONE


def _visible(state: RoomState, participant_id: str) -> Seat | None:
    return state.seats.get(participant_id) if participant_id in state.view.participants else None


def _rank(state: RoomState, seat: Seat | None) -> int:
    return SYSTEM_RANK if seat is None else RANK[state.role_of(seat)]


def _role_without_office(grant: Grant) -> Role:
    return Role.GUEST if grant.role is Role.GUEST else Role.PARTICIPANT
