"""All that a room knows: the view that people see, and beside it what nobody is shown.

The whole of it is one value that can be written to the store and read again on another node.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import TypeVar

from msgspec import Struct, field

from .model import Grant, Role, RoomView

STATE_VERSION = 1


class Seat(Struct):
    """A place at the table, of a participant that all see or of a hidden one.

    `attends_since_ms` is when the stretch of attendance began that is not archived yet.  `held` names the tracks that
    somebody else muted: publishing them again does not unmute them, only SetMuted does.
    """

    id: str
    grant: Grant
    resume_hash: bytes
    attends_since_ms: int
    away_since_ms: int = 0  # 0 = the connection stands
    held: set[str] = field(default_factory=set)


class Place(Struct):
    """A place in the lobby's queue; its id becomes the seat's when it is admitted."""

    id: str
    grant: Grant
    resume_hash: bytes
    away_since_ms: int = 0


class RoomState(Struct):
    view: RoomView
    seats: dict[str, Seat] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    removed_identities: dict[str, int] = field(default_factory=dict)  # -> when, oldest first
    removed_networks: dict[str, int] = field(default_factory=dict)
    stage_left_at_ms: int = 0  # when the last one left the stage room; 0 = somebody is there
    now_ms: int = 0  # the latest time seen: a clock that is set back does not make the room younger
    version: int = STATE_VERSION

    def role_of(self, seat: Seat) -> Role:
        """The role that counts now.  A hidden seat has the one of its grant: nobody can see it to change it."""
        participant = self.view.participants.get(seat.id)
        return seat.grant.role if participant is None else participant.role

    @property
    def empty(self) -> bool:
        return not self.seats and not self.places


Holder = TypeVar("Holder", Seat, Place)


def hash_resume(token: str) -> bytes:
    """What is kept of a resume token: who reads the store cannot take a seat with it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def find_resumed(holders: Iterable[Holder], token: str, identity: str) -> Holder | None:
    """The seat or place that this token of this identity resumes, in a time that tells nothing about the hashes."""
    wanted = hash_resume(token)
    found: Holder | None = None
    for holder in holders:
        if hmac.compare_digest(holder.resume_hash, wanted) and holder.grant.identity == identity:
            found = holder
    return found
