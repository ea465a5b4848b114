"""What a member's open pages are told, inside a room or out of it: the count of the inbox, and that somebody calls."""

from __future__ import annotations

from enum import StrEnum

from .message_types import ServerMessage


class RingEnd(StrEnum):
    """Why a telephone stops ringing."""

    ACCEPTED = "accepted"  # on one of the person's own pages
    DECLINED = "declined"
    MISSED = "missed"
    CANCELLED = "cancelled"  # by the caller


class Inbox(ServerMessage, frozen=True, tag="inbox", kw_only=True):
    """How many notices this person has not read, and the id of the newest of them ("": none).  The latest counts."""

    unread: int
    newest: str


class Ring(ServerMessage, frozen=True, tag="ring", kw_only=True):
    """Somebody calls this person about something.  All pages ring until one of them answers or the time is over."""

    call_id: str
    from_name: str
    about: str  # what it is about, in words
    path: str  # the page of that thing
    expires_at_ms: int


class RingOver(ServerMessage, frozen=True, tag="ring_over", kw_only=True):
    """To the callee's pages and the caller's."""

    call_id: str
    end: RingEnd


DeskMessage = Inbox | Ring | RingOver
