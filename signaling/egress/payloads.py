"""RTP payloads to what decoders take: VP8 (RFC 7741), H264 (RFC 6184), VP9 (RFC 9628), AV1 (AOM's RTP specification).

Each assembler is given packets in order and returns whole pictures.  A picture of which a part is lost is dropped, and
everything after it until the next one that needs no other.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct

from . import wire
from .rtp import Packet

PICTURE_MAX_BYTES: Final = 4_000_000
OBUS_MAX: Final = 512
START_CODE: Final = b"\0\0\0\1"

# H.264 nal_unit_type (table 7-1) and RFC 6184 5.2
_SLICE_IDR, _SPS, _PPS, _STAP_A, _FU_A = 5, 7, 8, 24, 28
# AV1 5.3.2
_OBU_SEQUENCE_HEADER, _OBU_TEMPORAL_DELIMITER, _OBU_TILE_LIST = 1, 2, 8


class Picture(Struct, frozen=True):
    """One access unit."""

    timestamp: int
    data: bytes
    key: bool


class PayloadError(ValueError):
    """The payload breaks its format."""


class Assembler(ABC):
    def __init__(self) -> None:
        self._timestamp: int | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self._key = False
        self._begun = False  # the first packet of the picture is there
        self._spoiled = False  # a part of it is lost
        self._broken = True  # until a picture that needs no other
        self.wants_key = True

    def put(self, packet: Packet) -> Picture | None:
        """The picture that this packet completes.  `wants_key` says afterwards whether only a key picture will do."""
        if packet.gap:
            self._lose()
        if self._timestamp != packet.timestamp:
            if self._timestamp is not None and self._parts:
                self._lose()  # its last packet never came
            self._reset(packet.timestamp)
        if not packet.payload:
            return None
        try:
            self._add(packet)
        except (PayloadError, struct.error, IndexError):
            self._lose()
        if not packet.marker:
            return None
        found = self._finish()
        self._reset(None)
        return found

    def _finish(self) -> Picture | None:
        if self._spoiled or not self._begun or not self._parts or self._timestamp is None:
            self._lose()
            return None
        if self._broken and not self._key:
            return None
        self._broken = self.wants_key = False
        return Picture(self._timestamp, self._join(self._parts), self._key)

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > PICTURE_MAX_BYTES:
            raise PayloadError("a picture too large")
        self._parts.append(part)

    def _lose(self) -> None:
        self._broken = self.wants_key = self._spoiled = True
        self._parts.clear()

    def _reset(self, timestamp: int | None) -> None:
        self._timestamp = timestamp
        self._parts = []
        self._size = 0
        self._key = self._begun = self._spoiled = False

    def _join(self, parts: list[bytes]) -> bytes:
        return b"".join(parts)

    @abstractmethod
    def _add(self, packet: Packet) -> None:
        """Take one payload, which is not empty."""


class Vp8Assembler(Assembler):
    def _add(self, packet: Packet) -> None:
        """RFC 7741 4.2: the descriptor's optional fields follow their bits."""
        payload = packet.payload
        at = 1
        if payload[0] & 0x80:
            bits = payload[1]
            at = 2
            if bits & 0x80:
                at += 2 if payload[at] & 0x80 else 1
            at += bool(bits & 0x40) + bool(bits & 0x30)
        if at >= len(payload):
            raise PayloadError("a descriptor without payload")
        starts = payload[0] & 0x10 and not payload[0] & 0x07
        if starts:
            self._begun = True
            self._key = not payload[at] & 0x01  # RFC 6386 9.1
        self._keep(payload[at:])


class H264Assembler(Assembler):
    """Parameter sets are kept and put before a key picture that comes without them."""

    def __init__(self) -> None:
        super().__init__()
        self._sets: dict[int, bytes] = {}
        self._seen: set[int] = set()
        self._fragment: bytearray | None = None

    def _reset(self, timestamp: int | None) -> None:
        super()._reset(timestamp)
        self._seen = set()
        self._fragment = None

    def _add(self, packet: Packet) -> None:
        payload = packet.payload
        kind = payload[0] & 0x1F
        if kind == _FU_A:
            self._add_fragment(payload)
        elif kind == _STAP_A:
            at = 1
            while at + 2 < len(payload):
                (size,) = struct.unpack_from("!H", payload, at)
                if not size or at + 2 + size > len(payload):
                    raise PayloadError("a unit longer than its packet")
                self._unit(payload[at + 2 : at + 2 + size])
                at += 2 + size
        elif 0 < kind < _STAP_A:
            self._unit(payload)
        else:
            raise PayloadError("a packet type that was not agreed on")

    def _add_fragment(self, payload: bytes) -> None:
        if len(payload) < 3:
            raise PayloadError("an empty fragment")
        if payload[1] & 0x80:
            self._fragment = bytearray([payload[0] & 0xE0 | payload[1] & 0x1F])
        if self._fragment is None:
            raise PayloadError("a fragment without its beginning")
        self._fragment += payload[2:]
        if len(self._fragment) > PICTURE_MAX_BYTES:
            raise PayloadError("a unit too large")
        if payload[1] & 0x40:
            unit, self._fragment = bytes(self._fragment), None
            self._unit(unit)

    def _unit(self, unit: bytes) -> None:
        kind = unit[0] & 0x1F
        if kind in (_SPS, _PPS):
            self._sets[kind] = unit
            self._seen.add(kind)
        if kind == _SLICE_IDR:
            self._key = True
        self._begun = True
        self._keep(START_CODE + unit)

    def _join(self, parts: list[bytes]) -> bytes:
        absent = [START_CODE + unit for kind, unit in sorted(self._sets.items()) if kind not in self._seen]
        return b"".join([*absent, *parts] if self._key else parts)


class Vp9Assembler(Assembler):
    def _add(self, packet: Packet) -> None:
        """RFC 9628 4.2.  Layers of one picture share its timestamp and are handed over together."""
        payload = packet.payload
        first = payload[0]
        at = 1
        layer = 0
        if first & 0x80:
            at += 2 if payload[at] & 0x80 else 1
        if first & 0x20:
            layer = payload[at] >> 1 & 0x07
            at += 1 if first & 0x10 else 2
        if first & 0x10 and first & 0x40:
            for _ in range(3):
                at += 1
                if not payload[at - 1] & 0x01:
                    break
        if first & 0x02:
            at = _skip_vp9_structure(payload, at)
        if at >= len(payload):
            raise PayloadError("a descriptor without payload")
        if first & 0x08 and not self._begun:
            self._begun = True
            self._key = not first & 0x40 and layer == 0
        self._keep(payload[at:])


def _skip_vp9_structure(payload: bytes, at: int) -> int:
    head = payload[at]
    at += 1
    if head & 0x10:
        at += 4 * ((head >> 5) + 1)
    if head & 0x08:
        pictures = payload[at]
        at += 1
        for _ in range(pictures):
            at += 1 + (payload[at] >> 2 & 0x03)
    return at


class Av1Assembler(Assembler):
    """OBUs without size fields come in (4.3 to 4.5 of the RTP specification), OBUs with size fields go out."""

    def __init__(self) -> None:
        super().__init__()
        self._open = bytearray()  # an OBU that goes on in the next packet
        self._count = 0

    def _reset(self, timestamp: int | None) -> None:
        super()._reset(timestamp)
        self._open = bytearray()
        self._count = 0

    def _add(self, packet: Packet) -> None:
        head = packet.payload[0]
        continues, goes_on, count = bool(head & 0x80), bool(head & 0x40), head >> 4 & 0x03
        if head & 0x08:
            self._key = True  # N: the first packet of a coded video sequence
        elements = list(_obu_elements(packet.payload, count))
        if bool(self._open) != continues:
            raise PayloadError("a part of an OBU without the other")
        for number, element in enumerate(elements):
            if number == 0 and continues:
                self._open += element
            else:
                self._open = bytearray(element)
            if len(self._open) > PICTURE_MAX_BYTES:
                raise PayloadError("an OBU too large")
            if not (goes_on and number == len(elements) - 1):
                self._obu(bytes(self._open))
                self._open = bytearray()

    def _obu(self, obu: bytes) -> None:
        self._count += 1
        if not obu or self._count > OBUS_MAX:
            raise PayloadError("no OBU, or too many")
        head = obu[0]
        kind = head >> 3 & 0x0F
        if kind in (_OBU_TEMPORAL_DELIMITER, _OBU_TILE_LIST):
            return
        self._begun = True
        if head & 0x02:
            self._keep(obu)
            return
        size_at = 2 if head & 0x04 else 1
        if len(obu) < size_at:
            raise PayloadError("an OBU without its extension")
        self._keep(bytes([head | 0x02]) + obu[1:size_at] + leb128(len(obu) - size_at) + obu[size_at:])

    def _join(self, parts: list[bytes]) -> bytes:
        return b"\x12\x00" + b"".join(parts)  # a temporal delimiter begins a temporal unit (AV1 7.5)


def _obu_elements(payload: bytes, count: int) -> Iterator[bytes]:
    """`count` 0: every element says its length; else the last of `count` takes the rest."""
    at, number = 1, 0
    while at < len(payload):
        number += 1
        if number == count:
            yield payload[at:]
            return
        size, at = read_leb128(payload, at)
        if at + size > len(payload):
            raise PayloadError("an element longer than its packet")
        yield payload[at : at + size]
        at += size


def leb128(value: int) -> bytes:
    """AV1 4.10.5; of a value that is not negative."""
    out = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


def read_leb128(data: bytes, at: int) -> tuple[int, int]:
    """(value, where it ends)."""
    value = 0
    for shift in range(0, 35, 7):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
    raise PayloadError("a length of more than 32 bits")


ASSEMBLERS: Final[dict[int, Callable[[], Assembler]]] = {
    wire.VP8_TYPE: Vp8Assembler,
    wire.H264_TYPE: H264Assembler,
    wire.VP9_TYPE: Vp9Assembler,
    wire.AV1_TYPE: Av1Assembler,
}
