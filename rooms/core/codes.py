"""The one closed set of codes that a client can be refused with or closed by.  Clients get codes, logs get causes."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    # protocol errors: the connection is closed
    BAD_MESSAGE = "bad_message"  # not JSON, unknown type or field, out of bounds
    TOO_LARGE = "too_large"
    UNSUPPORTED_PROTOCOL = "unsupported_protocol"
    SLOW_CONSUMER = "slow_consumer"  # the outbox overflowed; resume
    IDLE = "idle"  # nobody authenticated in time, or pings stopped
    # refused: the request fails, the connection stays
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    WRONG_STATE = "wrong_state"
    NOT_FOUND = "not_found"
    INVALID = "invalid"  # well-formed, but the value makes no sense here
    CONFLICT = "conflict"  # a stale revision
    TOO_MANY = "too_many"  # as many as there may be are there already
    BAD_FILE = "bad_file"  # not what it is said to be, or of a kind that is not taken
    RATE_LIMITED = "rate_limited"  # carries retry_after_ms
    MEDIA_REJECTED = "media_rejected"  # an SDP that cannot be accepted
    # a door that stays shut
    ROOM_NOT_FOUND = "room_not_found"
    ROOM_LOCKED = "room_locked"
    NOT_OPEN = "not_open"  # a scheduled meeting's room before its time; carries retry_after_ms
    ROOM_FULL = "room_full"
    ROOM_ENDED = "room_ended"
    LOBBY_FULL = "lobby_full"
    DENIED = "denied"
    REMOVED = "removed"
    ENCRYPTED = "encrypted"  # end to end: nothing that the server or a device without keys would have to see
    SIGN_IN_REQUIRED = "sign_in_required"  # the room takes no guests
    LINK_USED = "link_used"  # a one-time link that was opened in another browser
    LINK_EXPIRED = "link_expired"
    # the seat ended
    REPLACED = "replaced"  # the same seat was resumed elsewhere
    EXPIRED = "expired"  # the grant ran out
    # come back later, with retry_after_ms
    UNAVAILABLE = "unavailable"
    MOVED = "moved"  # the room's authority changed node: reconnect and resume
    # anything else
    INTERNAL = "internal"
