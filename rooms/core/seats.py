"""Seats: taken, lost for a while, resumed, given up.

(nobody) --take--> here --disconnected--> away --resumed--> here
                    |                      |
                    +--left, removed,      +--SEAT_KEPT_MS passed, removed, expired--> (nobody)
                       expired--> (nobody)
"""

from __future__ import annotations

from msgspec.structs import replace

from . import assist
from .assist_model import AssistRole
from .codes import Code
from .commands import Join
from .effects import ArchiveAttendance, CloseConnection, CutMedia, RefreshPermissions
from .events import (
    AssistRoleChanged,
    LeaveReason,
    LobbyListed,
    ParticipantJoined,
    ParticipantLeft,
    PresenceChanged,
    RoleChanged,
)
from .model import (
    ENCRYPTED_PARTICIPANTS_MAX,
    HIDDEN_MAX,
    PARTICIPANTS_MAX,
    SEAT_KEPT_MS,
    SEATS_PER_IDENTITY_MAX,
    SEATS_RESERVED,
    Grant,
    Participant,
    Presence,
    Role,
)
from .outcomes import DONE, Done, Refused, TookSeat
from .state import RoomState, Seat, find_resumed, hash_resume
from .turn import Turn


def has_room_for(state: RoomState, grant: Grant) -> bool:
    """Whether one more seat with this grant keeps within the bounds."""
    if grant.hidden:
        return len(state.seats) - len(state.view.participants) < HIDDEN_MAX
    seats = ENCRYPTED_PARTICIPANTS_MAX if state.view.encrypted else PARTICIPANTS_MAX
    limit = seats if grant.role.moderates else seats - SEATS_RESERVED
    if len(state.view.participants) >= limit:
        return False
    own = sum(1 for seat in state.seats.values() if seat.grant.identity == grant.identity and not seat.grant.hidden)
    return own < SEATS_PER_IDENTITY_MAX


def take(turn: Turn, seat_id: str, resume_hash: bytes, grant: Grant, away_since_ms: int = 0) -> TookSeat | Refused:
    """A new seat.  The grant was made clean and checked before."""
    state = turn.state
    if not has_room_for(state, grant):
        return Refused(Code.ROOM_FULL)
    state.seats[seat_id] = Seat(seat_id, grant, resume_hash, turn.now_ms, away_since_ms)
    if not grant.hidden:
        turn.emit(
            ParticipantJoined(
                Participant(
                    id=seat_id,
                    identity=grant.identity,
                    name=grant.name,
                    role=grant.role,
                    organization=grant.organization,
                    presence=Presence.AWAY if away_since_ms else Presence.HERE,
                    joined_at_ms=turn.now_ms,
                    assist_role=grant.assist,
                )
            )
        )
    return TookSeat(seat_id, resumed=False)


def take_new(turn: Turn, command: Join, grant: Grant) -> TookSeat | Refused:
    return take(turn, command.candidate_id, hash_resume(command.candidate_resume), grant)


def resume(turn: Turn, command: Join, grant: Grant) -> TookSeat | None:
    """The kept seat again with its id, role, tracks and hand; None when the token fits none.

    A connection that still holds it is closed: whoever shows the token last has the seat.
    """
    seat = find_resumed(turn.state.seats.values(), command.resume, grant.identity)
    if seat is None or seat.grant.hidden != grant.hidden:
        return None
    if seat.away_since_ms == 0:
        turn.effect(CloseConnection(seat.id, Code.REPLACED))
    seat.away_since_ms = 0
    _show_presence(turn, seat, Presence.HERE)
    former = seat.grant
    seat.grant = grant
    if former.role is not grant.role:
        # What the identity may be was changed outside the room meanwhile; that counts more than the role it had here.
        change_role(turn, seat, grant.role, by="")
    if former.assist is not grant.assist and not grant.hidden:
        turn.emit(AssistRoleChanged(seat.id, grant.assist))
        if grant.assist is not AssistRole.ON_SITE:
            assist.give_up_lead(turn, seat.id)
    if replace(former, name="", address="", expires_at_ms=0) != replace(grant, name="", address="", expires_at_ms=0):
        refresh_permissions(turn, seat)
    return TookSeat(seat.id, resumed=True)


def disconnected(turn: Turn, seat: Seat) -> Done:
    if seat.away_since_ms == 0:
        seat.away_since_ms = turn.now_ms
        _show_presence(turn, seat, Presence.AWAY)
    return DONE


def free(turn: Turn, seat: Seat, reason: LeaveReason) -> None:
    """The seat is given up: its media is cut first, then the others hear of it."""
    turn.effect(CutMedia(seat.id))
    participant = turn.state.view.participants.get(seat.id)
    del turn.state.seats[seat.id]
    if participant is not None:
        turn.emit(ParticipantLeft(seat.id, reason))
        turn.effect(ArchiveAttendance(seat.grant.identity, participant.name, seat.attends_since_ms, turn.now_ms))


def settle_attendance(state: RoomState) -> list[ArchiveAttendance]:
    """Of all whom others see, since they came or since it was settled last."""
    settled = []
    for seat in state.seats.values():
        participant = state.view.participants.get(seat.id)
        if participant is not None and state.now_ms > seat.attends_since_ms:
            settled.append(
                ArchiveAttendance(seat.grant.identity, participant.name, seat.attends_since_ms, state.now_ms)
            )
            seat.attends_since_ms = state.now_ms
    return settled


def change_role(turn: Turn, seat: Seat, role: Role, by: str) -> None:
    """Also shows the lobby to a new moderator, and hides it from one who is none any more."""
    former = turn.state.role_of(seat)
    if former is role or seat.grant.hidden:
        return
    turn.emit(RoleChanged(seat.id, role, by))
    if former.moderates != role.moderates:
        entries = tuple(turn.state.view.lobby.values()) if role.moderates else ()
        turn.emit_only_to(seat.id, LobbyListed(entries))


def refresh_permissions(turn: Turn, seat: Seat) -> None:
    turn.effect(RefreshPermissions(seat.id, replace(seat.grant, role=turn.state.role_of(seat))))


def expire(turn: Turn) -> None:
    """Give up the seats whose connection did not come back, and those whose grant ran out."""
    for seat in list(turn.state.seats.values()):
        if 0 < seat.grant.expires_at_ms <= turn.now_ms:
            free(turn, seat, LeaveReason.EXPIRED)
            turn.effect(CloseConnection(seat.id, Code.EXPIRED))
        elif seat.away_since_ms and turn.now_ms - seat.away_since_ms >= SEAT_KEPT_MS:
            free(turn, seat, LeaveReason.TIMED_OUT)


def _show_presence(turn: Turn, seat: Seat, presence: Presence) -> None:
    participant = turn.state.view.participants.get(seat.id)
    if participant is not None and participant.presence is not presence:
        turn.emit(PresenceChanged(seat.id, presence))
