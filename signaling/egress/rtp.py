"""RTP as an egress process receives it: packets in order, what is missing asked for, time unwrapped.

No I/O and no clock: packets and `now_ms` go in, packets in order come out.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from msgspec import Struct

HEADER_BYTES: Final = 12
WAIT_MS: Final = 250  # for a packet that was asked for again; then it is given up
ASK_EVERY_MS: Final = 60
ASKS_MAX: Final = 4
WAITING_MAX: Final = 1_024  # packets held back behind a gap
JUMP_MAX: Final = 3_000  # sequence numbers; a greater step is a stream begun anew
SEQUENCES: Final = 1 << 16
TIMESTAMPS: Final = 1 << 32


class Packet(NamedTuple):
    """`timestamp` and `sequence` as they stand in the packet; `gap`: packets before it are lost for good."""

    payload_type: int
    sequence: int
    timestamp: int
    marker: bool
    payload: bytes
    gap: bool = False


def parse(data: bytes) -> tuple[int, Packet] | None:
    """(SSRC, packet) of an RTP packet (RFC 3550 5.1), without CSRCs, extension and padding; None when malformed."""
    if len(data) < HEADER_BYTES or data[0] >> 6 != 2:
        return None
    first, second, sequence, timestamp, ssrc = struct.unpack_from("!BBHII", data)
    start, end = HEADER_BYTES + 4 * (first & 0x0F), len(data)
    if first & 0x10:
        if end < start + 4:
            return None
        start += 4 + 4 * struct.unpack_from("!H", data, start + 2)[0]
    if first & 0x20:
        end -= data[-1]
        if not data[-1]:
            return None
    if end < start:
        return None
    return ssrc, Packet(second & 0x7F, sequence, timestamp, bool(second & 0x80), data[start:end])


def original(packet: Packet, payload_type: int) -> Packet | None:
    """What an RTX packet carries (RFC 4588 4); None for padding."""
    if len(packet.payload) < 3:
        return None
    (sequence,) = struct.unpack_from("!H", packet.payload)
    return packet._replace(payload_type=payload_type, sequence=sequence, payload=packet.payload[2:])


class Unwrapped:
    """Counts on where a field of fixed width wraps around."""

    def __init__(self, modulo: int) -> None:
        self._modulo = modulo
        self._last: int | None = None

    def of(self, value: int) -> int:
        if self._last is None:
            self._last = value
            return value
        step = (value - self._last) % self._modulo
        if step >= self._modulo // 2:
            step -= self._modulo
        found = self._last + step
        if step > 0:
            self._last = found
        return found


class _Missing(Struct):
    since_ms: int
    asked_ms: int = -ASK_EVERY_MS
    asks: int = 0


class Ordered:
    """One RTP stream put back into order.

    A missing packet holds up those behind it for WAIT_MS at most; meanwhile it is asked for every ASK_EVERY_MS.
    """

    def __init__(self) -> None:
        self._sequences = Unwrapped(SEQUENCES)
        self._next: int | None = None
        self._newest = 0
        self._waiting: dict[int, Packet] = {}
        self._missing: dict[int, _Missing] = {}
        self._gap = False
        self.received = 0
        self.lost = 0

    @property
    def highest_sequence(self) -> int:
        """Extended highest sequence number received (RFC 3550 6.4.1)."""
        return self._newest % TIMESTAMPS

    def put(self, packet: Packet, now_ms: int) -> None:
        """`packet.sequence` is of 16 bits; duplicates and what came too late are dropped."""
        sequence = self._sequences.of(packet.sequence)
        self.received += 1
        if self._next is None or abs(sequence - self._newest) > JUMP_MAX:
            self._waiting.clear()
            self._missing.clear()
            self._gap = self._next is not None
            self._next = self._newest = sequence
        elif sequence > self._newest:
            for absent in range(self._newest + 1, sequence):
                self._missing[absent] = _Missing(now_ms)
            self._newest = sequence
        elif sequence < self._next or sequence in self._waiting:
            return
        self._missing.pop(sequence, None)
        self._waiting[sequence] = packet

    def take(self, now_ms: int) -> list[Packet]:
        """All that can be had in order by now."""
        if self._next is None:
            return []
        ready: list[Packet] = []
        while self._waiting:
            packet = self._waiting.pop(self._next, None)
            if packet is None:
                missing = self._missing.get(self._next)
                patient = missing is not None and now_ms - missing.since_ms < WAIT_MS
                if patient and len(self._waiting) < WAITING_MAX:
                    break
                self._missing.pop(self._next, None)
                self.lost += 1
                self._gap = True
            else:
                ready.append(packet._replace(gap=self._gap) if self._gap else packet)
                self._gap = False
            self._next += 1
        return ready

    def ask_for(self, now_ms: int) -> list[int]:
        """Sequence numbers, of 16 bits and in order, for a NACK that is due now."""
        due: list[int] = []
        for sequence, missing in self._missing.items():
            if missing.asks < ASKS_MAX and now_ms - missing.asked_ms >= ASK_EVERY_MS:
                missing.asked_ms = now_ms
                missing.asks += 1
                due.append(sequence % SEQUENCES)
        return due
