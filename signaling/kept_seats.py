"""Seats of encoders that have lost their line: whoever comes with the same key takes the seat again.

The room keeps the seat and frees it by its own clock; here is only what is needed to ask for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum


class EncoderState(StrEnum):
    """What is known of whoever sends with a key."""

    IDLE = "idle"
    SENDING = "sending"
    AWAITED = "awaited"  # the line was lost, and the seat waits


class KeptSeats:
    """Resume tokens by the digest of the key; each for `kept_ms`, as the room keeps the seat."""

    def __init__(self, kept_ms: int, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._kept_s = kept_ms / 1_000
        self._clock_s = clock_s
        self._seats: dict[bytes, tuple[str, float]] = {}

    def keep(self, digest: bytes, resume: str) -> None:
        now = self._clock_s()
        self._seats = {key: seat for key, seat in self._seats.items() if seat[1] > now}
        self._seats[digest] = (resume, now + self._kept_s)

    def take(self, digest: bytes) -> str:
        """An empty text when none waits."""
        resume, until = self._seats.pop(digest, ("", 0.0))
        return resume if until > self._clock_s() else ""

    def waits(self, digest: bytes) -> bool:
        return self._seats.get(digest, ("", 0.0))[1] > self._clock_s()
