"""How a room answers one command."""

from __future__ import annotations

from msgspec import Struct

from .codes import Code


class Done(Struct, frozen=True):
    """Carried out, or already so."""


class Refused(Struct, frozen=True):
    code: Code
    retry_after_ms: int = 0


class TookSeat(Struct, frozen=True):
    participant_id: str
    resumed: bool


class TookPlace(Struct, frozen=True):
    """A place in the lobby's queue."""

    entry_id: str


RoomOutcome = Done | Refused | TookSeat | TookPlace
DONE = Done()
