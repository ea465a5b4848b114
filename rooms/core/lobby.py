"""The lobby: who must wait, who is let in, who is turned away.

Those who wait hold a place, not a seat: no event and no part of the view reaches them.

    (nobody) --ask--> waiting --admitted--> a seat with the same id and resume token
                        |
                        +--denied, withdrawn, SEAT_KEPT_MS without a connection, grant expired--> (nobody)
"""

from __future__ import annotations

from . import removed, seats
from .codes import Code
from .commands import Join
from .effects import Admitted, CloseConnection
from .events import LobbyAsked, LobbyChanged, LobbyLeft
from .model import LOBBY_MAX, PLACES_PER_IDENTITY_MAX, SEAT_KEPT_MS, Grant, LobbyEntry
from .outcomes import DONE, Done, Refused, TookPlace
from .state import Place, RoomState, find_resumed, hash_resume
from .turn import Turn


def must_wait(state: RoomState, grant: Grant) -> bool:
    """Moderators and those whose grant says so enter at once.  To be hidden is no right to enter."""
    if grant.role.moderates:
        return False
    if removed.is_suspect(state, grant):
        return True
    return state.view.lobby_enabled and not grant.skip_lobby


def ask(turn: Turn, command: Join, grant: Grant) -> TookPlace | Refused:
    state = turn.state
    own = sum(1 for place in state.places.values() if place.grant.identity == grant.identity)
    if len(state.places) >= LOBBY_MAX or own >= PLACES_PER_IDENTITY_MAX:
        return Refused(Code.LOBBY_FULL)
    place = Place(command.candidate_id, grant, hash_resume(command.candidate_resume))
    state.places[place.id] = place
    turn.emit(
        LobbyAsked(
            LobbyEntry(
                id=place.id,
                name=grant.name,
                organization=grant.organization,
                role=grant.role,
                asked_at_ms=turn.now_ms,
                note=removed.SAME_NETWORK if removed.is_suspect(state, grant) else "",
            )
        )
    )
    return TookPlace(place.id)


def resume(turn: Turn, command: Join, grant: Grant) -> TookPlace | None:
    """The same place in the queue again after a lost connection; None when the token fits none."""
    place = find_resumed(turn.state.places.values(), command.resume, grant.identity)
    if place is None:
        return None
    if place.away_since_ms == 0:
        turn.effect(CloseConnection(place.id, Code.REPLACED))
    place.away_since_ms = 0
    place.grant = grant
    return TookPlace(place.id)


def disconnected(turn: Turn, place: Place) -> Done:
    if place.away_since_ms == 0:
        place.away_since_ms = turn.now_ms
    return DONE


def withdraw(turn: Turn, place: Place) -> Done:
    _vacate(turn, place)
    return DONE


def switch(turn: Turn, enabled: bool, by: str) -> Done:
    """Switching the lobby off lets in all who wait, as far as there are seats."""
    if turn.state.view.lobby_enabled is not enabled:
        turn.emit(LobbyChanged(enabled, by))
        if not enabled:
            _admit_all(turn)
    return DONE


def admit(turn: Turn, entry_id: str) -> Done | Refused:
    if not entry_id:
        waiting = len(turn.state.places)
        return Refused(Code.ROOM_FULL) if _admit_all(turn) == 0 and waiting else DONE
    place = turn.state.places.get(entry_id)
    if place is None:
        return Refused(Code.NOT_FOUND)
    return DONE if _admit_one(turn, place) else Refused(Code.ROOM_FULL)


def deny(turn: Turn, entry_id: str) -> Done | Refused:
    if entry_id and entry_id not in turn.state.places:
        return Refused(Code.NOT_FOUND)
    denied = [turn.state.places[entry_id]] if entry_id else list(turn.state.places.values())
    for place in denied:
        _vacate(turn, place)
        turn.effect(CloseConnection(place.id, Code.DENIED))
    return DONE


def turn_away(turn: Turn, identity: str) -> None:
    """Somebody was removed: where else they wait they are turned away."""
    for place in list(turn.state.places.values()):
        if place.grant.identity == identity:
            _vacate(turn, place)
            turn.effect(CloseConnection(place.id, Code.REMOVED))


def expire(turn: Turn) -> None:
    for place in list(turn.state.places.values()):
        if 0 < place.grant.expires_at_ms <= turn.now_ms:
            _vacate(turn, place)
            turn.effect(CloseConnection(place.id, Code.EXPIRED))
        elif place.away_since_ms and turn.now_ms - place.away_since_ms >= SEAT_KEPT_MS:
            _vacate(turn, place)


def _admit_all(turn: Turn) -> int:
    return sum(_admit_one(turn, place) for place in list(turn.state.places.values()))


def _admit_one(turn: Turn, place: Place) -> bool:
    if not seats.has_room_for(turn.state, place.grant):
        return False
    _vacate(turn, place)
    # Who is just away is admitted too: the seat is kept from now on, as any seat is.
    away_since_ms = turn.now_ms if place.away_since_ms else 0
    seats.take(turn, place.id, place.resume_hash, place.grant, away_since_ms)
    if not away_since_ms:
        turn.effect(Admitted(place.id))
    return True


def _vacate(turn: Turn, place: Place) -> None:
    del turn.state.places[place.id]
    turn.emit(LobbyLeft(place.id))
