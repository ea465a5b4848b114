"""A moving picture and a tone, made without a camera or a microphone: what the test guest sends."""

from __future__ import annotations

import asyncio
import math
import struct
from fractions import Fraction
from typing import Final

from aiortc.mediastreams import MediaStreamTrack
from av import AudioFrame, VideoFrame

WIDTH: Final = 640
HEIGHT: Final = 360
FRAMES_PER_S: Final = 15
BAR_WIDTH: Final = 80
SQUARE: Final = 48
SAMPLE_RATE: Final = 48_000
SAMPLES_PER_FRAME: Final = 960  # 20 ms
TONE_HZ: Final = 440
# A second of tone and a second of silence: one hears that sound arrives, and the speaker's frame comes and goes.
TONE_CYCLE_FRAMES: Final = 100
AMPLITUDE: Final = 6_000
FADE_SAMPLES: Final = 480

# Y, U, V of the seven bars at 75 % (ITU-R BT.601): white, yellow, cyan, green, magenta, red, blue.
_COLOURS: Final = (
    (180, 128, 128),
    (162, 44, 142),
    (131, 156, 44),
    (112, 72, 58),
    (84, 184, 198),
    (65, 100, 212),
    (35, 212, 114),
)


class _Clock:
    """When the next frame is due; a late start does not make a burst."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._next_s = 0.0

    async def tick(self) -> None:
        now_s = asyncio.get_running_loop().time()
        self._next_s = max(self._next_s + self._interval_s, now_s)
        await asyncio.sleep(self._next_s - now_s)


class TestCard(MediaStreamTrack):
    """Colour bars that travel sideways behind a white square that goes up and down."""

    __test__ = False  # no case for pytest
    kind = "video"

    def __init__(self, width: int = WIDTH, height: int = HEIGHT, frames_per_s: int = FRAMES_PER_S) -> None:
        super().__init__()
        self._width = width
        self._height = height
        self._frames_per_s = frames_per_s
        self._clock = _Clock(1 / frames_per_s)
        self._count = 0

    async def recv(self) -> VideoFrame:
        await self._clock.tick()
        frame = draw(self._width, self._height, self._count)
        frame.pts = self._count * 90_000 // self._frames_per_s
        frame.time_base = Fraction(1, 90_000)
        self._count += 1
        return frame


class Tone(MediaStreamTrack):
    """TONE_HZ, a second on and a second off, with soft edges."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._clock = _Clock(SAMPLES_PER_FRAME / SAMPLE_RATE)
        self._count = 0

    async def recv(self) -> AudioFrame:
        await self._clock.tick()
        frame = AudioFrame(format="s16", layout="mono", samples=SAMPLES_PER_FRAME)
        position = self._count % TONE_CYCLE_FRAMES
        frame.planes[0].update(_TONE[position] if position < len(_TONE) else _SILENCE)
        frame.sample_rate = SAMPLE_RATE
        frame.pts = self._count * SAMPLES_PER_FRAME
        frame.time_base = Fraction(1, SAMPLE_RATE)
        self._count += 1
        return frame


def draw(width: int, height: int, count: int) -> VideoFrame:
    """The `count`-th picture, yuv420p; width and height are even and above SQUARE."""
    frame = VideoFrame(width, height, "yuv420p")
    shift = count * 4
    top = abs((count * 6) % (2 * (height - SQUARE)) - (height - SQUARE)) // 2 * 2
    left = (width - SQUARE) // 4 * 2
    for component, plane in enumerate(frame.planes):
        scale = 1 if component == 0 else 2
        row = bytearray(
            _COLOURS[(x * scale + shift) // BAR_WIDTH % len(_COLOURS)][component] for x in range(width // scale)
        )
        padding = bytes(plane.line_size - len(row))
        plain = bytes(row) + padding
        row[left // scale : (left + SQUARE) // scale] = bytes([235 if component == 0 else 128]) * (SQUARE // scale)
        marked = bytes(row) + padding
        before, inside = top // scale, SQUARE // scale
        plane.update(plain * before + marked * inside + plain * (height // scale - before - inside))
    return frame


def _tone_frames() -> list[bytes]:
    total = TONE_CYCLE_FRAMES // 2 * SAMPLES_PER_FRAME
    frames: list[bytes] = []
    for start in range(0, total, SAMPLES_PER_FRAME):
        samples = []
        for position in range(start, start + SAMPLES_PER_FRAME):
            edge = min(1.0, position / FADE_SAMPLES, (total - position) / FADE_SAMPLES)
            samples.append(int(AMPLITUDE * edge * math.sin(2 * math.pi * TONE_HZ * position / SAMPLE_RATE)))
        frames.append(struct.pack(f"<{SAMPLES_PER_FRAME}h", *samples))
    return frames


_TONE: Final = _tone_frames()
_SILENCE: Final = bytes(2 * SAMPLES_PER_FRAME)
