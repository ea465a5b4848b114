"""A published camera in several encodings, as a browser sends it: VP8 with three temporal layers in each."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from aiortc import rtp

from signaling.sfu import _sfu
from tests.unit.signaling.sfu.media_peer import Packet, Peer

MID_ID, RID_ID, REPAIRED_RID_ID = 1, 2, 3
EXTENSIONS: Final = _sfu.Extensions(mid=MID_ID, rid=RID_ID, repaired_rid=REPAIRED_RID_ID)
RIDS: Final = ("q", "h", "f")
SIZES: Final = {"q": (160, 90), "h": (320, 180), "f": (640, 360)}
TICKS: Final = 3_000  # 30 frames a second
TEMPORAL_PATTERN: Final = (0, 2, 1, 2)
SYNC_POINTS: Final = frozenset({1, 2})  # positions in the pattern whose frames need only the base layer


@dataclass(frozen=True)
class Vp8:
    """What the payload says."""

    picture_id: int
    tl0picidx: int
    temporal_id: int
    keyframe: bool
    first: bool
    encoding: str
    capture: int

    @classmethod
    def read(cls, payload: bytes) -> Vp8:
        assert payload[0] & 0x80
        assert payload[1] == 0xE0
        picture_id = struct.unpack_from("!H", payload, 2)[0] & 0x7FFF
        body = payload[6:]
        first = bool(payload[0] & 0x10)
        where = body[10:] if first and not body[0] & 1 else body[3:]
        return cls(
            picture_id,
            payload[4],
            payload[5] >> 6,
            first and not body[0] & 1,
            first,
            chr(where[0]),
            where[1] << 8 | where[2],
        )

    def write(self, *, sync: bool, size: int) -> bytes:
        descriptor = struct.pack(
            "!BBHBB", 0x80 | (0x10 if self.first else 0), 0xE0, 0x8000 | self.picture_id & 0x7FFF,
            self.tl0picidx & 0xFF, self.temporal_id << 6 | (0x20 if sync else 0),
        )  # fmt: skip
        body = bytes([0x10 if self.keyframe else 0x11, 0, 0])
        if self.keyframe and self.first:
            body += b"\x9d\x01\x2a" + struct.pack("<HH", *SIZES[self.encoding])
        body += self.encoding.encode() + self.capture.to_bytes(2, "big")
        return descriptor + body + bytes(size)


@dataclass
class Encoding:
    rid: str
    ssrc: int
    handle: int
    sequence: int
    timestamp: int  # of capture 0
    picture_id: int
    tl0picidx: int
    position: int = 0
    announced: bool = False
    plis: int = 0
    sent: list[Packet] = field(default_factory=list)


class LayeredSource:
    """Numbers of its encodings have nothing in common but the time of capture."""

    def __init__(self, peer: Peer, rids: Iterable[str] = RIDS, seed: int = 1, mid: bytes = b"0") -> None:
        self.peer = peer
        self.capture = 0
        draw = random.Random(seed)
        self.encodings: dict[str, Encoding] = {}
        for index, rid in enumerate(rids):
            handle = peer.worker.add_track(
                peer.handle, 0, _sfu.VIDEO, _sfu.CODEC_VP8, 90_000, 96, 97, 0, 0, mid, EXTENSIONS, rid=rid.encode()
            )
            self.encodings[rid] = Encoding(
                rid, 3_000 + index, handle, draw.randrange(65_536), draw.randrange(2**32), draw.randrange(2**15),
                draw.randrange(256),
            )  # fmt: skip
        self.mid = mid

    def __getitem__(self, rid: str) -> int:
        return self.encodings[rid].handle

    def frame(self, rid: str, *, keyframe: bool = False, parts: int = 2) -> list[Packet]:
        """The packets of the next picture of one encoding, at the present capture."""
        encoding = self.encodings[rid]
        if keyframe:
            encoding.position = 0
        step = encoding.position % len(TEMPORAL_PATTERN)
        temporal = TEMPORAL_PATTERN[step]
        encoding.picture_id += 1
        encoding.tl0picidx += temporal == 0
        packets = []
        for part in range(parts):
            said = Vp8(encoding.picture_id, encoding.tl0picidx, temporal, keyframe, part == 0, rid, self.capture)
            names = {} if encoding.announced else {MID_ID: self.mid, RID_ID: rid.encode()}
            packets.append(
                Packet(
                    ssrc=encoding.ssrc,
                    sequence=encoding.sequence,
                    timestamp=encoding.timestamp + self.capture * TICKS,
                    payload=said.write(sync=step in SYNC_POINTS, size=200),
                    marker=part == parts - 1,
                    extensions=names,
                )
            )
            encoding.sequence += 1
        encoding.announced = True
        encoding.position += 1
        encoding.sent += packets
        return packets

    def send(self, count: int = 1, *, rids: Iterable[str] | None = None, keyframe: bool = False) -> None:
        """`count` captures in all (or these) encodings, low to high."""
        for _ in range(count):
            for rid in self.encodings if rids is None else rids:
                self.peer.send(*self.frame(rid, keyframe=keyframe))
            self.peer.round_trip()
            self.capture += 1
            keyframe = False

    def report(self, unix_s: float, skew_s: float = 0.0) -> None:
        """Sender reports of all encodings: the present capture was sampled at this time of the publisher's clock."""
        ntp = int((unix_s + skew_s + 2_208_988_800) * 2**32)
        for encoding in self.encodings.values():
            timestamp = (encoding.timestamp + self.capture * TICKS) & 0xFFFFFFFF
            info = rtp.RtcpSenderInfo(ntp_timestamp=ntp, rtp_timestamp=timestamp, packet_count=1, octet_count=1)
            self.peer.send_rtcp(rtp.RtcpSrPacket(ssrc=encoding.ssrc, sender_info=info))
        self.peer.round_trip()

    def asked_for_keyframe(self, rid: str) -> bool:
        """Since the last time that it was asked here."""
        self.peer.receive()
        encoding = self.encodings[rid]
        count = sum(
            isinstance(p, rtp.RtcpPsfbPacket) and p.fmt == rtp.RTCP_PSFB_PLI and p.media_ssrc == encoding.ssrc
            for p in self.peer.rtcp
        )
        asked = count > encoding.plis
        encoding.plis = count
        return asked
