"""What a connection holds of a room: a seat, or a place in the queue before it."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.core.model import Grant
from rooms.ports import LiveRoom


@dataclass(frozen=True, slots=True)
class Seat:
    room: LiveRoom
    participant_id: str
    grant: Grant

    @property
    def room_id(self) -> str:
        return self.room.record.id


@dataclass(frozen=True, slots=True)
class LobbyPlace:
    room: LiveRoom
    entry_id: str
    grant: Grant
    request_id: int


class SeatGone(Exception):
    """The room closed this connection's seat while a request was on its way; there is nobody to answer."""
