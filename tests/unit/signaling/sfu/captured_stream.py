"""Streams with layers that Chromium sent (tests/capture/scalable.py), and real decoders for what becomes of them."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Final

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from signaling.sfu import _sfu
from tests.unit.signaling.sfu import dependency
from tests.unit.signaling.sfu.media_peer import Packet, Peer

STREAMS: Final = Path(__file__).with_name("captured")
MID_ID, DEPENDENCY_ID = 4, 12
CODECS: Final = {"av1": _sfu.CODEC_AV1, "vp9": _sfu.CODEC_VP9, "h264": _sfu.CODEC_H264}
DECODERS: Final = {"av1": ("libdav1d", {"alllayers": "1"}), "vp9": ("libvpx-vp9", {}), "h264": ("h264", {})}
OBU_TEMPORAL_DELIMITER: Final = b"\x12\x00"

Picture = tuple[int, int, str]  # RTP timestamp, height, hash of its luma


@dataclass(frozen=True)
class Frame:
    """One layer of one picture."""

    packets: tuple[Packet, ...]
    said: dependency.Descriptor

    @property
    def number(self) -> int:
        return self.said.number

    @property
    def timestamp(self) -> int:
        return self.packets[0].timestamp


@cache
def load(name: str) -> tuple[bytes, ...]:
    """The packets, in the clear."""
    data, at, found = (STREAMS / f"{name}.rtp").read_bytes(), 0, []
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        found.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    return tuple(found)


def codec_of(name: str) -> str:
    return name.partition("_")[0]


def pictures_of(name: str) -> list[list[bytes]]:
    """The packets of each picture, with all its layers."""
    return [list(group) for _, group in groupby(load(name), key=lambda packet: packet[4:8])]


def publish(peer: Peer, name: str, *, described: bool = True) -> int:
    """The stream's track; without `described` the core does not know of its dependency descriptors."""
    first = load(name)[0]
    ids = _sfu.Extensions(mid=MID_ID, dependency_descriptor=DEPENDENCY_ID if described else 0)
    return peer.worker.add_track(
        peer.handle, 0, _sfu.VIDEO, CODECS[codec_of(name)], 90_000, first[1] & 0x7F, 0,
        int.from_bytes(first[8:12], "big"), 0, b"1", ids,
    )  # fmt: skip


@cache
def _element_by_payload(name: str) -> dict[bytes, bytes]:
    packets = map(Packet.decode, load(name))
    return {packet.payload: packet.extensions[DEPENDENCY_ID] for packet in packets}


def from_source(packet: bytes, ssrc: int) -> bytes:
    return packet[:8] + ssrc.to_bytes(4, "big") + packet[12:]


def frames_of(packets: Iterable[Packet], name: str) -> list[Frame]:
    """Grouped by frame number, as they came.  A packet without its descriptor is known by its payload."""
    structure: dependency.Structure | None = None
    read = []
    for packet in packets:
        element = packet.extensions.get(DEPENDENCY_ID) or _element_by_payload(name)[packet.payload]
        said = dependency.read(element, structure)
        structure = said.structure
        read.append((packet, said))
    groups = [list(group) for _, group in groupby(read, key=lambda item: item[1].number)]
    return [Frame(tuple(packet for packet, _ in group), group[0][1]) for group in groups]


# ---- decoding ----


class Decoder:
    """Frame by frame; what cannot be decoded raises."""

    def __init__(self, codec: str) -> None:
        name, options = DECODERS[codec]
        self._codec = codec
        context = av.CodecContext.create(name, "r")
        assert isinstance(context, VideoCodecContext)
        self._context = context
        self._context.options = options
        self._context.thread_count = 1

    def decode(self, timestamp: int, data: bytes) -> list[Picture]:
        packet = av.Packet(data)
        packet.pts = timestamp
        return [_picture(frame) for frame in self._context.decode(packet)]

    def flush(self) -> list[Picture]:
        return [_picture(frame) for frame in self._context.decode(None)]


def _picture(frame: VideoFrame) -> Picture:
    plane = frame.planes[0]
    luma = bytes(plane)
    rows = b"".join(luma[row * plane.line_size :][: frame.width] for row in range(frame.height))
    assert frame.pts is not None
    return frame.pts, frame.height, hashlib.sha256(rows).hexdigest()[:16]


def decode(codec: str, packets: Iterable[Packet]) -> list[Picture]:
    """All layers' pictures, in order."""
    decoder = Decoder(codec)
    found: list[Picture] = []
    for timestamp, group in groupby(packets, key=lambda packet: packet.timestamp):
        for data in UNITS[codec]([packet.payload for packet in group]):
            found += decoder.decode(timestamp, data)
    return found + decoder.flush()


@cache
def decoded_whole(name: str) -> frozenset[Picture]:
    """Every layer of every picture as it is when nothing is left out."""
    return frozenset(decode(codec_of(name), (Packet.decode(packet) for packet in load(name))))


def _av1_units(payloads: list[bytes]) -> Iterator[bytes]:
    """One temporal unit, its OBUs with sizes ("RTP Payload Format for AV1" 4.4)."""
    obus: list[bytes] = []
    for payload in payloads:
        elements = list(_elements(payload))
        if payload[0] & 0x80 and obus:  # Z
            obus[-1] += elements.pop(0)
        obus += elements
    yield OBU_TEMPORAL_DELIMITER + b"".join(map(_sized, obus))


def _elements(payload: bytes) -> Iterator[bytes]:
    count, at, number = payload[0] >> 4 & 3, 1, 0
    while at < len(payload):
        number += 1
        length = len(payload) - at
        if number != count:
            length, at = _leb128(payload, at)
        yield payload[at : at + length]
        at += length


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _sized(obu: bytes) -> bytes:
    if obu[0] & 0x02:
        return obu
    head = 2 if obu[0] & 0x04 else 1
    left, size = len(obu) - head, b""
    while left >= 0x80:
        size, left = size + bytes([left & 0x7F | 0x80]), left >> 7
    return bytes([obu[0] | 0x02]) + obu[1:head] + size + bytes([left]) + obu[head:]


def _vp9_units(payloads: list[bytes]) -> Iterator[bytes]:
    """Layer by layer, without the descriptors (RFC 9628 4.2)."""
    frame = b""
    for payload in payloads:
        if payload[0] & 0x08:
            assert not frame
        frame += payload[_vp9_descriptor_bytes(payload) :]
        if payload[0] & 0x04:
            yield frame
            frame = b""
    assert not frame


def _vp9_descriptor_bytes(payload: bytes) -> int:
    first, at = payload[0], 1
    if first & 0x80:
        at += 2 if payload[at] & 0x80 else 1
    if first & 0x20:
        at += 1 if first & 0x10 else 2
    if first & 0x50 == 0x50:
        while payload[at] & 1:
            at += 1
        at += 1
    if first & 0x02:
        structure, at = payload[at], at + 1
        if structure & 0x10:
            at += 4 * ((structure >> 5) + 1)
        if structure & 0x08:
            pictures, at = payload[at], at + 1
            for _ in range(pictures):
                at += 1 + (payload[at] >> 2 & 3)
    return at


def _h264_units(payloads: list[bytes]) -> Iterator[bytes]:
    """RFC 6184 5.6 to 5.8, with start codes."""
    data = b""
    for payload in payloads:
        kind = payload[0] & 0x1F
        if kind == 28:
            if payload[1] & 0x80:
                data += b"\0\0\0\1" + bytes([payload[0] & 0xE0 | payload[1] & 0x1F])
            data += payload[2:]
        elif kind == 24:
            at = 1
            while at < len(payload):
                (length,) = struct.unpack_from("!H", payload, at)
                data += b"\0\0\0\1" + payload[at + 2 : at + 2 + length]
                at += 2 + length
        else:
            data += b"\0\0\0\1" + payload
    yield data


UNITS: Final = {"av1": _av1_units, "vp9": _vp9_units, "h264": _h264_units}
