"""Moving pictures encoded beforehand, so that who publishes them costs next to nothing, and sent in time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from aiortc import RTCPeerConnection
from aiortc.mediastreams import MediaStreamTrack
from av.audio.frame import AudioFrame
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from signaling.testcard import SAMPLE_RATE, Tone, draw
from tests.support.rtc_client import prefer

FRAMES_PER_S: Final = 25
SECONDS: Final = 4  # then from the beginning
KEY_EVERY_S: Final = 2
FULL: Final = (1_280, 720, 2_500_000)
CAMERA: Final = (640, 360, 800_000)


@dataclass(frozen=True)
class Clip:
    codec: str  # as SDP says it
    pictures: tuple[bytes, ...]


@cache
def clip(codec: str, size: tuple[int, int, int]) -> Clip:
    width, height, bps = size
    encoder: Any = av.CodecContext.create({"VP8": "libvpx", "H264": "libx264"}[codec], "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.bit_rate = Fraction(1, FRAMES_PER_S), bps
    encoder.gop_size, encoder.thread_count = KEY_EVERY_S * FRAMES_PER_S, 1
    encoder.options = {
        "VP8": {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"},
        "H264": {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "level": "3.1"},
    }[codec]
    pictures: list[bytes] = []
    for number in range(SECONDS * FRAMES_PER_S):
        frame = draw(width, height, number)
        frame.pts = number
        pictures += [bytes(packet) for packet in encoder.encode(frame)]
    pictures += [bytes(packet) for packet in encoder.encode(None)]
    return Clip(codec, tuple(pictures))


class _Player(MediaStreamTrack):
    kind = "video"

    def __init__(self, pictures: Sequence[bytes]) -> None:
        super().__init__()
        self._pictures = pictures
        self._next = 0
        self._begun_s = time.monotonic()

    async def recv(self) -> Packet[Any]:
        number = self._next
        self._next += 1
        await asyncio.sleep(self._begun_s + number / FRAMES_PER_S - time.monotonic())
        packet = av.Packet(self._pictures[number % len(self._pictures)])
        packet.pts, packet.time_base = number, Fraction(1, FRAMES_PER_S)
        return packet


def publish(connection: RTCPeerConnection, shown: Clip) -> None:
    connection.addTransceiver(Tone(), direction="sendonly")
    camera = connection.addTransceiver(_Player(shown.pictures), direction="sendonly")
    prefer(camera, shown.codec)


def write_file(path: Path, bps: int) -> None:
    """MP4 of H.264 at a steady rate and AAC, for programs that read files."""
    source = np.random.default_rng(1)
    with av.open(str(path), "w") as out:
        rate = {
            "preset": "ultrafast",
            "x264-params": f"nal-hrd=cbr:vbv-maxrate={bps // 1_000}:vbv-bufsize={bps // 1_000}",
        }
        video: VideoStream = out.add_stream("libx264", rate=FRAMES_PER_S, options=rate)
        video.width, video.height, video.pix_fmt, video.bit_rate = FULL[0], FULL[1], "yuv420p", bps
        video.gop_size = KEY_EVERY_S * FRAMES_PER_S
        audio = out.add_stream("aac", rate=SAMPLE_RATE)
        for number in range(SECONDS * FRAMES_PER_S):
            planes = np.full((FULL[1] * 3 // 2, FULL[0]), 128, np.uint8)
            planes[: FULL[1]] = np.kron(
                source.integers(60, 190, (FULL[1] // 8, FULL[0] // 8), np.uint8), np.ones((8, 8))
            )
            frame = VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts = number
            out.mux(video.encode(frame))
            sound = AudioFrame(format="fltp", layout="stereo", samples=SAMPLE_RATE // FRAMES_PER_S)
            sound.sample_rate, sound.pts = SAMPLE_RATE, number * sound.samples
            for plane in sound.planes:
                plane.update(bytes(plane.buffer_size))
            out.mux(audio.encode(sound))
        out.mux(video.encode(None))
        out.mux(audio.encode(None))
