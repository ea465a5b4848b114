"""What tests of the media worker set up on it: tracks, subscriptions, and packets to send."""

from __future__ import annotations

import struct

from signaling.sfu import _sfu
from tests.unit.signaling.sfu.media_peer import AUDIO_LEVEL, DOWN_EXTENSIONS, EXTENSIONS, Packet, Peer

VIDEO_SSRC, VIDEO_RTX_SSRC, AUDIO_SSRC = 111, 112, 113
OUT_SSRC, OUT_RTX_SSRC = 5001, 5002


def vp8(keyframe: bool, size: int = 1100, first: bool = True, mark: int = 0) -> bytes:
    """VP8 payload (RFC 7741): descriptor with a 15-bit picture id, then a payload header."""
    descriptor = bytes([0x80 | (0x10 if first else 0), 0x80, 0x80 | (mark >> 8) & 0x7F, mark & 0xFF])
    header = bytes([0x10 if keyframe else 0x11, 0, 0])
    sync = b"\x9d\x01\x2a" + struct.pack("<HH", 640, 480) if keyframe and first else b""
    body = descriptor + (header if first else b"\xaa\xaa\xaa") + sync
    return body + bytes(i & 0xFF for i in range(size - len(body)))


def frames(
    ssrc: int, count: int, *, start: int = 1000, timestamp: int = 90_000, per_frame: int = 2, key_every: int = 0,
    payload_type: int = 96,
) -> list[Packet]:  # fmt: skip
    """`count` VP8 frames of `per_frame` packets; the first is a keyframe, then every `key_every`-th."""

    def part_of(frame: int, part: int) -> Packet:
        keyframe = frame == 0 or bool(key_every and frame % key_every == 0)
        return Packet(
            ssrc=ssrc,
            sequence=start + frame * per_frame + part,
            timestamp=timestamp + frame * 3000,
            payload=vp8(keyframe, first=part == 0, mark=frame),
            payload_type=payload_type,
            marker=part == per_frame - 1,
        )

    return [part_of(frame, part) for frame in range(count) for part in range(per_frame)]


def add_video(peer: Peer, *, ssrc: int = VIDEO_SSRC, rtx_ssrc: int = VIDEO_RTX_SSRC, mid: bytes = b"0") -> int:
    return peer.worker.add_track(
        peer.handle, 0, _sfu.VIDEO, _sfu.CODEC_VP8, 90_000, 96, 97, ssrc, rtx_ssrc, mid, EXTENSIONS
    )


def add_audio(peer: Peer, *, ssrc: int = AUDIO_SSRC, room: int = 0, red: int = 0, mid: bytes = b"1") -> int:
    return peer.worker.add_track(
        peer.handle, room, _sfu.AUDIO, _sfu.CODEC_OPUS, 48_000, 111, 0, ssrc, 0, mid, EXTENSIONS, red_payload_type=red
    )


def subscribe(peer: Peer, track: int, *, ssrc: int = OUT_SSRC, rtx: bool = True, active: bool = True) -> int:
    return peer.worker.add_subscription(
        peer.handle, track, ssrc, ssrc + 1 if rtx else 0, 100, 101 if rtx else 0, b"v", DOWN_EXTENSIONS, active=active
    )


def subscribe_audio(peer: Peer, track: int, *, ssrc: int = OUT_SSRC, red: int = 0) -> int:
    return peer.worker.add_subscription(
        peer.handle, track, ssrc, 0, 120, 0, b"a", DOWN_EXTENSIONS, red_payload_type=red
    )


def opus(sequence: int, level: int | None = None, *, ssrc: int = AUDIO_SSRC, size: int = 80) -> Packet:
    return Packet(
        ssrc=ssrc,
        sequence=sequence,
        timestamp=sequence * 960,
        payload=bytes([0x78]) + sequence.to_bytes(4, "big") + bytes(size),
        payload_type=111,
        extensions={} if level is None else {AUDIO_LEVEL: bytes([level])},
    )


def assert_gapless(packets: list[Packet]) -> None:
    numbers = [p.sequence for p in packets]
    assert [(n - numbers[0]) & 0xFFFF for n in numbers] == list(range(len(numbers)))
