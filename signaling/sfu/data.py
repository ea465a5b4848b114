"""Messages over data channels: `topic NUL payload` in, `topic NUL sender NUL payload` out.

A topic is a name, or `name@PARTICIPANT` for one seat; without it every other seat of the room gets the message.  The
sender is written by the server, so nobody can speak for another.
"""

from __future__ import annotations

import re
from typing import Final

import structlog
from msgspec import Struct

from signaling.session import TokenBucket

MESSAGES_PER_S: Final = 100
MESSAGES_BURST: Final = 200
BYTES_PER_S: Final = 262_144
BYTES_BURST: Final = 524_288
# One delivery costs some 100 us of the event loop, so a room may have so many of them, whoever sends.
DELIVERIES_PER_S: Final = 2_000
DELIVERIES_BURST: Final = 4_000

log = structlog.get_logger(__name__)

_TOPIC = re.compile(rb"[a-z][a-z0-9_.-]{0,47}")
_PARTICIPANT = re.compile(rb"[A-Za-z0-9_-]{1,64}")


class DataMessage(Struct, frozen=True):
    topic: bytes
    to: str  # participant id, "" = all others
    payload: bytes

    def as_from(self, sender: str) -> bytes:
        return b"\0".join((self.topic, sender.encode(), self.payload))


def parse(message: bytes) -> DataMessage | None:
    """None for what is no message; it is dropped, nobody is told (a broken sender would only be told to go on)."""
    address, separator, payload = message.partition(b"\0")
    topic, directed, to = address.partition(b"@")
    if not separator or not _TOPIC.fullmatch(topic) or (directed and not _PARTICIPANT.fullmatch(to)):
        return None
    return DataMessage(topic, to.decode("ascii"), payload)


class DataAllowance:
    """How much one seat may send: messages and bytes a second.  Overflow: the message is dropped."""

    def __init__(self, now_ms: int) -> None:
        self._messages = TokenBucket(MESSAGES_PER_S, MESSAGES_BURST, now_ms)
        self._bytes = TokenBucket(BYTES_PER_S, BYTES_BURST, now_ms)

    def take(self, size_bytes: int, now_ms: int) -> bool:
        return self._messages.take(1, now_ms) == 0 and self._bytes.take(size_bytes, now_ms) == 0


class RoomAllowance:
    """How many deliveries one room may cause.  Overflow: a message goes to nobody, and the first of a row is logged."""

    def __init__(self, now_ms: int) -> None:
        self._deliveries = TokenBucket(DELIVERIES_PER_S, DELIVERIES_BURST, now_ms)
        self._overflowing = False

    def take(self, receivers: int, now_ms: int) -> bool:
        fits = self._deliveries.take(receivers, now_ms) == 0
        if not fits and not self._overflowing:
            log.warning("a room sends more data than it may", receivers=receivers)
        self._overflowing = not fits
        return fits
