"""What synthetic participants send and how they judge what they receive.

A picture is one VP8 frame (RFC 7741) whose payload tells which encoding and frame it is and which frame it refers to,
so that a receiver knows, without a decoder, whether a decoder would have stalled.
"""

from __future__ import annotations

import secrets
import struct
import zlib
from dataclasses import dataclass, field
from typing import Final

from .srtp import SrtpKeys, header_bytes

AUDIO_PAYLOAD_TYPE: Final = 111
VIDEO_PAYLOAD_TYPE: Final = 96
RTX_PAYLOAD_TYPE: Final = 97
LEVEL_ID: Final = 1
TRANSPORT_CC_ID: Final = 3
MID_ID: Final = 4
RID_ID: Final = 10
SILENCE_DBOV: Final = 127
FRAMES_KEPT: Final = 16

# encoding, frame, the frame it refers to (0: none, a keyframe), part, parts
_MARK: Final = struct.Struct("!BIIBB")


@dataclass
class Outgoing:
    """One RTP stream that is sent."""

    payload_type: int
    mid: str
    clock_rate: int
    rid: str = ""
    ssrc: int = field(default_factory=lambda: secrets.randbits(32) | 1)
    index: int = field(default_factory=lambda: secrets.randbelow(0x8000))  # 48-bit packet index; ROC 0 at first
    timestamp: int = field(default_factory=lambda: secrets.randbits(32))
    packets: int = 0

    def packet(self, keys: SrtpKeys, payload: bytes, transport_seq: int, *, marker: bool, level: int = -1) -> bytes:
        elements = [(MID_ID, self.mid.encode()), (TRANSPORT_CC_ID, struct.pack("!H", transport_seq & 0xFFFF))]
        if self.rid:
            elements.append((RID_ID, self.rid.encode()))
        if level >= 0:
            elements.append((LEVEL_ID, bytes([level if level == SILENCE_DBOV else 0x80 | level])))
        extension = b"".join(bytes([number << 4 | len(value) - 1]) + value for number, value in elements)
        extension += bytes(-len(extension) % 4)
        header = struct.pack(
            "!BBHIIHH",
            0x90,
            self.payload_type | (0x80 if marker else 0),
            self.index & 0xFFFF,
            self.timestamp & 0xFFFF_FFFF,
            self.ssrc,
            0xBEDE,
            len(extension) // 4,
        )
        sealed = keys.protect(header + extension, payload, self.ssrc, self.index)
        self.index += 1
        self.packets += 1
        return sealed


class Pictures:
    """One encoding of a camera: frames in two temporal layers, the upper of which nothing refers to."""

    def __init__(self, encoding: int, size: tuple[int, int], parts: int, part_bytes: int, stream: Outgoing) -> None:
        self.encoding = encoding
        self.stream = stream
        self._size = size
        self._parts = parts
        self._part_bytes = part_bytes
        self._frame = 0
        self._base = 0  # the last frame of the lower temporal layer
        self._picture = secrets.randbits(15)
        self._base_picture = secrets.randbits(8)
        self.keyframe_wanted = True

    def frame(self, keys: SrtpKeys, transport_seq: int, timestamp: int) -> list[bytes]:
        self._frame += 1
        key, self.keyframe_wanted = self.keyframe_wanted, False
        lower = key or self._frame - self._base > 1
        refers_to = 0 if key else self._base
        self._picture = (self._picture + 1) & 0x7FFF
        if lower:
            self._base, self._base_picture = self._frame, (self._base_picture + 1) & 0xFF
        self.stream.timestamp = timestamp
        packets = []
        for part in range(self._parts):
            descriptor = struct.pack(
                "!BBHBB", 0x90 if part == 0 else 0x80, 0xE0, 0x8000 | self._picture, self._base_picture,
                0x20 if lower else 0x40,
            )  # fmt: skip
            head = b"" if part else _frame_header(key, self._size)
            mark = _MARK.pack(self.encoding, self._frame, refers_to, part, self._parts)
            filler = bytes([self._frame & 0xFF]) * (self._part_bytes - len(head) - len(mark))
            body = head + filler + mark
            payload = descriptor + body + struct.pack("!I", zlib.crc32(body))
            last = part == self._parts - 1
            packets.append(self.stream.packet(keys, payload, transport_seq + part, marker=last))
        return packets


def _frame_header(key: bool, size: tuple[int, int]) -> bytes:
    """RFC 6386 9.1: the frame tag, and start code with sizes behind that of a keyframe."""
    return bytes([0x10, 0, 0, 0x9D, 0x01, 0x2A]) + struct.pack("<HH", *size) if key else bytes([0x11, 0, 0])


@dataclass
class Incoming:
    """One RTP stream as it arrives: counted from the readable header; `inspect` opens and judges it."""

    track_id: str
    video: bool
    ssrc: int
    offered_at: float  # loop time
    packets: int = 0
    gaps: int = 0
    at: float = 0.0  # of the last packet, loop time
    index: int = -1
    damaged: int = 0
    frozen_since: float = 0.0  # a decoder waits for a keyframe; 0: it does not
    freezes: int = 0
    encoding: int = -1
    _base: int = 0  # the last frame that could be decoded and may be referred to
    _got: dict[int, int] = field(default_factory=dict)  # frame -> parts that came

    def silent_s(self, now: float) -> float:
        """Since its last packet, or since it was offered."""
        return now - max(self.at, self.offered_at)

    def count(self, packet: bytes, now: float) -> int:
        """How many packets are missing before this one; -1 for an old one."""
        seq = packet[2] << 8 | packet[3]
        self.at = now
        if self.index < 0:
            self.index, self.packets = seq, 1
            return 0
        step = (seq - self.index) & 0xFFFF
        if step == 0 or step >= 0x8000:
            return -1
        self.index += step
        self.packets += 1
        self.gaps += step - 1
        return step - 1

    def inspect(self, packet: bytes, keys: SrtpKeys, now: float) -> bool:
        """Open the newest packet.  True when a keyframe has to be asked for."""
        payload = keys.unprotect(packet, self.index)
        if payload is not None and packet[0] & 0x20:
            payload = payload[: -payload[-1]] if payload and 0 < payload[-1] <= len(payload) else b""
        if payload is None:
            self.damaged += 1
            return False
        if not payload:
            return False  # only padding
        body = payload[vp8_descriptor_bytes(payload) : -4]
        if len(body) < _MARK.size or zlib.crc32(body) != int.from_bytes(payload[-4:], "big"):
            self.damaged += 1
            return False
        encoding, frame, refers_to, part, parts = _MARK.unpack(body[-_MARK.size :])
        return self._judge(encoding, frame, refers_to, part, parts, now)

    def _judge(self, encoding: int, frame: int, refers_to: int, part: int, parts: int, now: float) -> bool:
        """Follow a decoder: a frame is decodable when all of it came and what it refers to was decoded."""
        if encoding != self.encoding:
            if refers_to:
                return self._freeze(now)
            self.encoding = encoding
            self._got.clear()
        came = self._got.get(frame, 0) | 1 << part
        self._got[frame] = came
        if len(self._got) > FRAMES_KEPT:
            del self._got[min(self._got)]
        if came != (1 << parts) - 1:
            return False
        if refers_to == 0:
            self._base, self.frozen_since = frame, 0.0
        elif refers_to != self._base:
            return self._freeze(now)
        elif frame - refers_to > 1:  # of the lower layer: frames of the upper refer to the one right before them
            self._base = frame
        return False

    def _freeze(self, now: float) -> bool:
        if not self.frozen_since:
            self.frozen_since = now
            self.freezes += 1
        return True


def vp8_descriptor_bytes(payload: bytes) -> int:
    """RFC 7741 4.2."""
    at = 1
    if payload[0] & 0x80 and len(payload) > 1:
        flags = payload[1]
        at = 2
        if flags & 0x80:
            at += 2 if len(payload) > at and payload[at] & 0x80 else 1
        at += (1 if flags & 0x40 else 0) + (1 if flags & 0x30 else 0)
    return at


def transport_seq(packet: bytes) -> int:
    """The transport-wide number in a one-byte extension (RFC 8285 4.2); -1 when there is none."""
    if not packet[0] & 0x10:
        return -1
    at = 12 + 4 * (packet[0] & 15)
    end = header_bytes(packet)
    if packet[at : at + 2] != b"\xbe\xde":
        return -1
    at += 4
    while at < end:
        number, length = packet[at] >> 4, (packet[at] & 15) + 1
        if packet[at] == 0:
            at += 1
            continue
        if number == TRANSPORT_CC_ID and length == 2:
            return packet[at + 1] << 8 | packet[at + 2]
        at += 1 + length
    return -1


class Feedback:
    """Transport-wide feedback of a receiver (draft-holmer-rmcat-transport-wide-cc-extensions-01 3.1)."""

    def __init__(self) -> None:
        self._arrived: dict[int, int] = {}  # number, unwrapped -> arrival in units of 250 us
        self._last = -1
        self._count = 0

    def note(self, number: int, now: float) -> None:
        if self._last < 0:
            self._last = number
        unwrapped = self._last + ((number - self._last + 0x8000) & 0xFFFF) - 0x8000
        self._last = max(self._last, unwrapped)
        self._arrived[unwrapped] = int(now * 4_000)

    def packet(self, sender: int, media: int) -> bytes:
        """One RTCP packet over what arrived since the last; b"" when nothing did."""
        arrived, self._arrived = self._arrived, {}
        if not arrived:
            return b""
        first = max(min(arrived), max(arrived) - 500)
        reference = arrived[min(arrived, key=lambda number: (number < first, number))] // 256
        clock = reference * 256
        symbols, deltas = [], b""
        for number in range(first, max(arrived) + 1):
            at = arrived.get(number)
            delta = 0 if at is None else at - clock
            if at is None or not -0x8000 <= delta < 0x8000:
                symbols.append(0)
                continue
            clock = at
            symbols.append(1 if 0 <= delta <= 255 else 2)
            deltas += bytes([delta]) if 0 <= delta <= 255 else struct.pack("!h", delta)
        count = len(symbols)
        symbols += [0] * (-count % 7)
        chunks = b"".join(_vector(symbols[at : at + 7]) for at in range(0, len(symbols), 7))
        body = struct.pack("!HHI", first & 0xFFFF, count, (reference & 0xFF_FFFF) << 8 | self._count & 0xFF)
        self._count += 1
        return _rtcp(205, 15, struct.pack("!II", sender, media) + body + chunks + deltas)


def _vector(symbols: list[int]) -> bytes:
    """Seven two-bit symbols."""
    value = 0b11
    for symbol in symbols:
        value = value << 2 | symbol
    return struct.pack("!H", value)


def _rtcp(payload_type: int, count: int, body: bytes) -> bytes:
    padding = -len(body) % 4
    body += bytes(padding - 1) + bytes([padding]) if padding else b""
    return struct.pack("!BBH", 0x80 | (0x20 if padding else 0) | count, payload_type, len(body) // 4) + body


def keyframe_request(sender: int, media: int) -> bytes:
    """PLI (RFC 4585 6.3.1)."""
    return _rtcp(206, 1, struct.pack("!II", sender, media))


def negative_acknowledgement(sender: int, media: int, first: int, count: int) -> bytes:
    """Generic NACK (RFC 4585 6.2.1) of up to 17 packets."""
    mask = (1 << (min(count, 17) - 1)) - 1
    return _rtcp(205, 1, struct.pack("!IIHH", sender, media, first & 0xFFFF, mask))


def receiver_report(sender: int, streams: list[Incoming]) -> bytes:
    """RFC 3550 6.4.2, with at most 31 blocks."""
    blocks = b"".join(
        struct.pack("!IIIIII", one.ssrc, min(one.gaps, 0x7F_FFFF), max(one.index, 0) & 0xFFFF_FFFF, 0, 0, 0)
        for one in streams[:31]
    )
    return _rtcp(201, min(len(streams), 31), struct.pack("!I", sender) + blocks)


def keyframes_asked(compound: bytes) -> set[int]:
    """SSRCs for which a compound packet asks a keyframe: PLI (RFC 4585 6.3.1) and FIR (RFC 5104 4.3.1)."""
    asked: set[int] = set()
    at = 0
    while at + 4 <= len(compound):
        count, kind, words = compound[at] & 31, compound[at + 1], int.from_bytes(compound[at + 2 : at + 4], "big")
        end = at + 4 + 4 * words
        if kind == 206 and count == 1:
            asked.add(int.from_bytes(compound[at + 8 : at + 12], "big"))
        elif kind == 206 and count == 4:
            asked |= {int.from_bytes(compound[entry : entry + 4], "big") for entry in range(at + 12, end, 8)}
        at = end
    return asked
