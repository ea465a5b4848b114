"""RTP of one stream as it is sent: H.264 in packets (RFC 6184), Opus (RFC 7587), sender reports (RFC 3550 6.4.1)."""

from __future__ import annotations

import secrets
import struct
from collections.abc import Iterator
from typing import Final

PAYLOAD_MAX_BYTES: Final = 1_160
NTP_UNIX_MS: Final = 2_208_988_800_000
UNITS_MAX: Final = 4_096  # in one picture
_FU_A: Final = 28
_IDR, _SPS, _PPS = 5, 7, 8
_SENT: Final = frozenset({1, 2, 3, 4, _IDR, _SPS, _PPS})  # slices and parameter sets; no delimiters, no filler, no SEI
_START: Final = b"\x00\x00\x01"


class RtpStream:
    """Numbers what is sent; times are milliseconds of one clock for all streams of a source."""

    def __init__(self, payload_type: int, rate: int) -> None:
        self.ssrc = secrets.randbits(31) + 1
        self._type = payload_type
        self._rate = rate
        self._sequence = secrets.randbits(15)
        self._base = secrets.randbits(31)
        self._last: int | None = None
        self.packets = 0
        self.bytes = 0

    def timestamp(self, at_ms: float) -> int:
        """Of 32 bits."""
        return (self._base + round(at_ms * self._rate / 1_000)) & 0xFFFFFFFF

    def advance(self, at_ms: float) -> float:
        """The time itself, or a little after the last one where the source goes back."""
        units = round(at_ms * self._rate / 1_000)
        if self._last is not None and units <= self._last:
            units = self._last + 1
        self._last = units
        return units * 1_000 / self._rate

    def packet(self, payload: bytes, at_ms: float, *, marker: bool) -> tuple[int, bytes]:
        """(sequence number, packet)."""
        sequence = self._sequence
        self._sequence = (sequence + 1) & 0xFFFF
        self.packets += 1
        self.bytes += len(payload)
        head = struct.pack(
            "!BBHII", 0x80, self._type | (0x80 if marker else 0), sequence, self.timestamp(at_ms), self.ssrc
        )
        return sequence, head + payload

    def report(self, at_ms: float, unix_ms: float) -> bytes:
        """A sender report, with the SDES that RFC 3550 6.1 asks for in every compound packet."""
        ntp = round((unix_ms + NTP_UNIX_MS) * (1 << 32) / 1_000)
        sender = struct.pack(
            "!BBHIQIII",
            *(0x80, 200, 6, self.ssrc, ntp & 0xFFFFFFFFFFFFFFFF, self.timestamp(at_ms)),
            *(self.packets & 0xFFFFFFFF, self.bytes & 0xFFFFFFFF),
        )
        name = struct.pack("!BBHIBB", 0x81, 202, 3, self.ssrc, 1, 4) + b"feed" + b"\0\0"
        return sender + name


def units_of(picture: bytes) -> Iterator[bytes]:
    """The NAL units of an access unit in Annex B form (H.264 B.1), UNITS_MAX at most."""
    for unit in picture.split(_START, UNITS_MAX + 1)[1 : UNITS_MAX + 1]:
        bare = unit.rstrip(b"\0")
        if bare:
            yield bare


class H264Packets:
    """From access units to payloads.  Parameter sets are kept and sent before every picture that stands for itself."""

    def __init__(self) -> None:
        self._sets: dict[int, bytes] = {}

    def learn(self, header: bytes) -> None:
        """Parameter sets in Annex B form that come beside the pictures."""
        for unit in units_of(header):
            if unit[0] & 0x1F in (_SPS, _PPS):
                self._sets[unit[0] & 0x1F] = unit

    def payloads(self, picture: bytes) -> tuple[bool, list[bytes]]:
        """(whether it stands for itself, payloads in order; the last one ends the picture)."""
        units = [unit for unit in units_of(picture) if unit[0] & 0x1F in _SENT and len(unit) > 1]
        kinds = {unit[0] & 0x1F for unit in units}
        for unit in units:
            if unit[0] & 0x1F in (_SPS, _PPS):
                self._sets[unit[0] & 0x1F] = unit
        if _IDR in kinds:
            units = [self._sets[kind] for kind in (_SPS, _PPS) if kind in self._sets and kind not in kinds] + units
        return _IDR in kinds, [part for unit in units for part in _split(unit)]


def _split(unit: bytes) -> Iterator[bytes]:
    """RFC 6184 5.6 and 5.8."""
    if len(unit) <= PAYLOAD_MAX_BYTES:
        yield unit
        return
    indicator, kind = unit[0] & 0xE0 | _FU_A, unit[0] & 0x1F
    size = PAYLOAD_MAX_BYTES - 2
    for at in range(1, len(unit), size):
        part = unit[at : at + size]
        bits = (0x80 if at == 1 else 0) | (0x40 if at + size >= len(unit) else 0)
        yield bytes((indicator, bits | kind)) + part
