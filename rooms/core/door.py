"""Who comes in, who waits, who stays outside.  The order of the questions is the rule."""

from __future__ import annotations

from msgspec.structs import replace

from . import encryption, lobby, removed, seats
from .codes import Code
from .commands import Join
from .model import TITLE_MAX_CHARS, Grant
from .outcomes import Refused, TookPlace, TookSeat
from .text import clean_name, is_token
from .turn import Turn

ID_MAX_CHARS = 64
IDENTITY_MAX_CHARS = 128
ADDRESS_MAX_CHARS = 64


def join(turn: Turn, command: Join) -> TookSeat | TookPlace | Refused:
    """A seat, a place in the lobby, or the code that says why not.

    A kept seat or place is found before lock and bounds are asked: who was in comes back in.
    """
    state = turn.state
    grant = _clean(command.grant, state.view.assist)
    if grant is None or not is_token(command.candidate_id, ID_MAX_CHARS) or not is_token(command.candidate_resume):
        return Refused(Code.INVALID)
    if removed.is_removed(state, grant.identity):
        return Refused(Code.REMOVED)
    if 0 < grant.expires_at_ms <= turn.now_ms:
        return Refused(Code.EXPIRED)
    if grant.hidden and (refused := encryption.refuse_server_media(state.view.encrypted)):
        return refused
    if command.resume:
        resumed = seats.resume(turn, command, grant) or lobby.resume(turn, command, grant)
        if resumed is not None:
            return resumed
    if command.candidate_id in state.seats or command.candidate_id in state.places:
        return Refused(Code.CONFLICT)
    if state.view.locked and not grant.role.moderates:
        return Refused(Code.ROOM_LOCKED)
    if lobby.must_wait(state, grant):
        # Nobody could see whom they would admit, or that somebody waits.
        return Refused(Code.DENIED) if grant.hidden else lobby.ask(turn, command, grant)
    return seats.take_new(turn, command, grant)


def _clean(grant: Grant, assist: bool) -> Grant | None:
    """The grant with texts that can be shown and stored, and no part in what this room is not; None when it names
    nobody."""
    name = clean_name(grant.name)
    if not name or not is_token(grant.identity, IDENTITY_MAX_CHARS):
        return None
    address = grant.address if is_token(grant.address, ADDRESS_MAX_CHARS) else ""
    organization = clean_name(grant.organization, TITLE_MAX_CHARS)
    part = grant.assist if assist else None
    return replace(grant, name=name, organization=organization, address=address, assist=part)
