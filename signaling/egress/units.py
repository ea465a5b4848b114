"""Access units of H.264 as one source sends them, kept until their time: they are passed on, or decoded after all."""

from __future__ import annotations

from collections import deque
from typing import Final

from msgspec import Struct

from .fragments import units_of

WAITING_MAX: Final = 512
WAITING_MAX_BYTES: Final = 16_000_000
SPS: Final = 7
PPS: Final = 8


class Unit(Struct, frozen=True):
    """`data` with start codes; `timestamp` of 32 bits at 90 kHz, as it came."""

    captured_ms: float  # Unix time
    timestamp: int
    data: bytes
    key: bool

    @property
    def sets(self) -> tuple[bytes, ...]:
        """Its parameter sets: what a decoder, and the head of a file, has to know (7.3.2.1, 7.3.2.2)."""
        return tuple(unit for unit in units_of(self.data) if unit[0] & 0x1F in (SPS, PPS))


class Units:
    """Those that wait, and, while `keeps`, those that were taken since the last key: with them a decoder can go on.

    Too many are all given up: what is left cannot be decoded without a key, and there is none (`last` is None then).
    """

    def __init__(self) -> None:
        self._waiting: deque[Unit] = deque()
        self._taken: list[Unit] = []
        self._bytes = 0
        self.keeps = False
        self.last: Unit | None = None
        self.key_ms = 0.0  # when the newest key was taken by its camera

    def put(self, unit: Unit) -> None:
        self._waiting.append(unit)
        self._bytes += len(unit.data)
        self.last = unit
        if unit.key:
            self.key_ms = unit.captured_ms
        if len(self._waiting) + len(self._taken) > WAITING_MAX or self._bytes > WAITING_MAX_BYTES:
            self.clear()

    def take(self, before_ms: float) -> list[Unit]:
        """Those captured before that, in order."""
        due: list[Unit] = []
        while self._waiting and self._waiting[0].captured_ms < before_ms:
            due.append(self._waiting.popleft())
        self._keep(due)
        return due

    def keep(self, units: list[Unit]) -> None:
        """From now on, beginning with these, which were taken already."""
        self.keeps = True
        self._bytes += sum(len(unit.data) for unit in units)
        self._keep(units)

    def all(self) -> list[Unit]:
        """What a decoder needs to go on, in order: from a key, or nothing.  Nothing is kept any more."""
        found = [*self._taken, *self._waiting]
        self.keeps = False
        self._bytes -= sum(len(unit.data) for unit in self._taken)
        self._taken = []
        return found if found and found[0].key else []

    def clear(self) -> None:
        self._waiting.clear()
        self._taken = []
        self._bytes = 0
        self.last = None

    def _keep(self, units: list[Unit]) -> None:
        for unit in units:
            if not self.keeps:
                self._bytes -= len(unit.data)
                continue
            if unit.key:
                self._bytes -= sum(len(one.data) for one in self._taken)
                self._taken = []
            self._taken.append(unit)
