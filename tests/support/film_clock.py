"""A camera and a microphone that tell the time, and what a film of them shows: order, length, and lips with voices.

Every picture is a row of black and white fields: eleven of its number and one of parity.  With every BEEP_EVERY-th a
beep begins.  Both are encoded once and sent in a circle, so that a busy machine sends them in time.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from aiortc import RTCPeerConnection
from aiortc.mediastreams import MediaStreamTrack
from av.audio.frame import AudioFrame
from av.packet import Packet
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from tests.support.rtc_client import prefer

WIDTH: Final = 384
HEIGHT: Final = 216
FIELDS: Final = 12
NUMBERS: Final = 1 << (FIELDS - 1)  # 82 seconds, then from the beginning
FRAME_MS: Final = 40
BEEP_EVERY: Final = 32  # pictures
KEY_EVERY: Final = 8  # pictures: as soon as a browser would answer who asks for a keyframe, which a film cannot
SOUND_MS: Final = 20
RATE: Final = 48_000
SAMPLES: Final = RATE * SOUND_MS // 1_000
BEEP_HZ: Final = 1_000
BEEP_SOUNDS: Final = 6
CYCLE_SOUNDS: Final = BEEP_EVERY * FRAME_MS // SOUND_MS
SEEN_AT: Final = 0.3  # of the height: above the names
LOUD: Final = 0.3  # of the loudest


def numbered(number: int) -> VideoFrame:
    bits = [number >> (FIELDS - 2 - field) & 1 for field in range(FIELDS - 1)]
    bits.append(1 - sum(bits) % 2)  # odd: a black picture is none of ours
    picture = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    picture[:HEIGHT] = np.repeat(np.array([235 if bit else 16 for bit in bits], np.uint8), WIDTH // FIELDS)
    return VideoFrame.from_ndarray(picture, format="yuv420p")


@cache
def _pictures() -> tuple[bytes, ...]:
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.time_base, encoder.bit_rate, encoder.gop_size = Fraction(FRAME_MS, 1_000), 400_000, KEY_EVERY
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "keyint_min": str(KEY_EVERY)}
    encoder.thread_count = 1
    packets: list[bytes] = []
    for number in range(NUMBERS):
        frame = numbered(number)
        frame.pts = number
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    packets += [bytes(packet) for packet in encoder.encode(None)]
    return tuple(packets)


@cache
def _sounds() -> tuple[bytes, ...]:
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "stereo", "s16"
    encoder.bit_rate, encoder.options = 64_000, {"application": "lowdelay"}
    times = np.arange(SAMPLES * BEEP_SOUNDS) / RATE
    beep = (12_000 * np.sin(2 * np.pi * BEEP_HZ * times)).astype(np.int16)
    cycle = np.zeros(SAMPLES * CYCLE_SOUNDS, np.int16)
    cycle[: len(beep)] = beep
    packets: list[bytes] = []
    for number in range(2 * CYCLE_SOUNDS):  # the first time round the encoder warms up
        at = number % CYCLE_SOUNDS * SAMPLES
        frame = AudioFrame.from_ndarray(np.repeat(cycle[at : at + SAMPLES], 2).reshape(1, -1), "s16", "stereo")
        frame.sample_rate, frame.pts = RATE, number * SAMPLES
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(packets[CYCLE_SOUNDS : 2 * CYCLE_SOUNDS])


class FilmClock:
    """Goes on from the moment it is made, however often it is published."""

    def __init__(self) -> None:
        _pictures(), _sounds()
        self._begun_s = time.monotonic()

    @property
    def picture(self) -> int:
        """The number, not wrapped, of the picture that is taken now."""
        return int((time.monotonic() - self._begun_s) * 1_000 / FRAME_MS)

    def publish(self, connection: RTCPeerConnection) -> None:
        """For TestGuest."""
        first = (self.picture // BEEP_EVERY + 1) * BEEP_EVERY  # a picture that stands for itself
        sound = _Circle("audio", _sounds(), SOUND_MS, first * FRAME_MS // SOUND_MS, self._begun_s)
        connection.addTransceiver(sound, direction="sendonly")
        camera = connection.addTransceiver(
            _Circle("video", _pictures(), FRAME_MS, first, self._begun_s), direction="sendonly"
        )
        prefer(camera, "VP8")


class _Circle(MediaStreamTrack):
    def __init__(self, kind: str, packets: Sequence[bytes], every_ms: int, first: int, begun_s: float) -> None:
        super().__init__()
        self.kind = kind
        self._packets = packets
        self._every_ms = every_ms
        self._next = first
        self._begun_s = begun_s

    async def recv(self) -> Packet[Any]:
        number = self._next
        self._next += 1
        await asyncio.sleep(self._begun_s + number * self._every_ms / 1_000 - time.monotonic())
        packet = av.Packet(self._packets[number % len(self._packets)])
        packet.pts, packet.time_base = number * self._every_ms, Fraction(1, 1_000)
        return packet


@dataclass(frozen=True)
class Stretch:
    """Pictures that follow each other without a jump: (when first shown in the film in ms, number not wrapped)."""

    pictures: tuple[tuple[float, int], ...]

    @property
    def first(self) -> int:
        return self.pictures[0][1]

    @property
    def last(self) -> int:
        return self.pictures[-1][1]

    @property
    def slip_ms(self) -> float:
        """By how much it has become longer from its beginning to its end than the clock that it shows."""
        late = [at - number * FRAME_MS for at, number in self.pictures]
        return statistics.median(late[-10:]) - statistics.median(late[:10])

    @property
    def drift_ms_per_minute(self) -> float:
        """By how much the film goes slower (+) or faster than the clock that it shows."""
        at, number = np.array(self.pictures).T
        slope = float(np.polyfit(number * FRAME_MS, at, 1)[0])
        return (slope - 1) * 60_000

    @property
    def longest_hold_ms(self) -> float:
        return max((later[0] - former[0] for former, later in pairwise(self.pictures)), default=0.0)


@dataclass(frozen=True)
class Seen:
    film_ms: float
    unread: int  # pictures without a number: before the first, and where a source was away
    stretches: tuple[Stretch, ...]
    lips_ms: tuple[float, ...]  # of each beep: how much later than its picture it is heard

    @property
    def whole(self) -> Stretch:
        """All of it: where a machine could not keep up, pictures are left out, but time goes on."""
        return Stretch(tuple(picture for stretch in self.stretches for picture in stretch.pictures))

    @property
    def lip_sync_ms(self) -> float:
        return statistics.median(self.lips_ms)


JUMP: Final = 15  # pictures: less is a line that was late


def seen_in(path: Path) -> Seen:
    """Decodes the whole film.  Raises AssertionError where the pictures go backwards."""
    read: list[tuple[float, int]] = []
    unread, end_ms, last = 0, 0.0, -1
    with av.open(str(path)) as film:
        for frame in film.decode(video=0):
            number = _number_of(frame)
            end_ms = (frame.time or 0.0) * 1_000
            if number is None:
                unread += 1
                continue
            if last >= 0:
                step = (number - last) % NUMBERS
                assert step < NUMBERS * 3 // 4, f"picture {number} after {last % NUMBERS} at {end_ms:.0f} ms"
                number = last + step
            if number != last:
                read.append((end_ms, number))
            last = number
    stretches, begun = [], 0
    for index in range(1, len(read) + 1):
        if index == len(read) or read[index][1] - read[index - 1][1] > JUMP:
            stretches.append(Stretch(tuple(read[begun:index])))
            begun = index
    return Seen(end_ms + FRAME_MS, unread, tuple(stretches), tuple(_lips(read, _beeps(path))))


def _number_of(frame: VideoFrame) -> int | None:
    luma = np.frombuffer(bytes(frame.planes[0]), np.uint8).reshape(-1, frame.planes[0].line_size)
    row = luma[int(frame.height * SEEN_AT)]
    bits = [int(row[int((field + 0.5) * frame.width / FIELDS)]) > 128 for field in range(FIELDS)]
    if sum(bits) % 2 == 0:
        return None
    return sum(bit << (FIELDS - 2 - field) for field, bit in enumerate(bits[:-1]))


def _beeps(path: Path) -> list[float]:
    """When each begins, in ms."""
    pieces: list[NDArray[np.float32]] = []
    first_ms: float | None = None
    with av.open(str(path)) as film:
        for frame in film.decode(audio=0):
            if first_ms is None:
                first_ms = (frame.time or 0.0) * 1_000
            pieces.append(np.asarray(frame.to_ndarray(), np.float32)[0])
    sound = np.abs(np.concatenate(pieces))
    loud = np.flatnonzero(sound > LOUD * sound.max())
    begins = loud[np.concatenate([[True], np.diff(loud) > RATE // 2])]
    return [float(at) * 1_000 / RATE + (first_ms or 0.0) for at in begins]


def _lips(pictures: list[tuple[float, int]], beeps: list[float]) -> list[float]:
    shown = {}
    for (_, before), (at, number) in pairwise(pictures):
        if number == before + 1 and number % BEEP_EVERY == 0:
            shown[at] = number
    found = []
    for at in shown:
        nearest = min(beeps, key=lambda beep: abs(beep - at), default=None)
        if nearest is not None and abs(nearest - at) < BEEP_EVERY * FRAME_MS / 2:
            found.append(nearest - at)
    return found
