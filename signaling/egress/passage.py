"""One source's pictures sent on as they came, with the sound of all: nothing is decoded, only the sound is encoded.

What viewers fetch is also the file that is kept: its head, then part after part.  Sizes beside the first are made of
decoded pictures, at the same times and with the same keys, so that all begin their segments alike.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple

import av
import structlog
from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext

from . import wire
from .film import Head, SoundTrack, add_audio, open_fragmented, plain
from .fragments import VIDEO_SCALE
from .renditions import NEVER_MS, Pace, Size
from .rtp import TIMESTAMPS, Unwrapped
from .segments import PART_MS, SegmentWriter
from .sound import Samples
from .units import SPS, Unit

log = structlog.get_logger(__name__)

_TICKS_PER_MS: Final = VIDEO_SCALE // 1_000
# The source's own clock is followed while the server's says the same, give or take this.
SLACK_TICKS: Final = 20 * _TICKS_PER_MS
GAP_MAX_MS: Final = PART_MS - 60  # without a picture: a part must not last longer than it may
KEYS_MAX_MS: Final = 3_200  # from one key to the next, at most: segments begin with them
PASSED_MAX_BPS: Final = 6_000_000
PROFILES: Final = frozenset({66, 77, 100})  # baseline, main, high: what every player takes (A.2)
PACE: Final = Pace(VIDEO_SCALE, 100_000)  # keys are the source's, or segments would begin elsewhere
SHAPE_PIXELS: Final = 4  # of width by which a picture may be off the film's shape


class Unfit(Exception):
    """What comes cannot be passed on; the text says why."""


class Opened(NamedTuple):
    container: OutputContainer
    sound: SoundTrack
    head: bytes
    sets: tuple[bytes, ...]


class Passage:
    """`opened` is of the key that comes first.  Times begin at `begun_ms`; `frames` counts steps of 1/frames_per_s.

    Raises OSError when a file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        begin: wire.Begin,
        hls: wire.Hls,
        opened: Opened,
        begun_ms: float,
        on_part: Callable[[wire.PartWritten], None],
    ) -> None:
        self.sets = opened.sets
        self.frames = 0
        self._rate = begin.frames_per_s
        self._begun_ms = begun_ms
        self._timestamps = Unwrapped(TIMESTAMPS)
        self._source_ticks = 0  # where the newest picture is by the source's clock ...
        self._source_at = 0  # ... and what that clock said
        self._tick = -1
        self._last_ms = begun_ms
        self._key_ms = begun_ms
        self._key_bytes = 0
        self._container, self._sound = opened.container, opened.sound
        self._path = path
        self._file = path.open("wb")
        self._write(opened.head)
        self._sizes = [Size(hls, size, begin.frames_per_s, on_part, begin.encoder, PACE) for size in hls.renditions[1:]]
        self._writer = SegmentWriter(
            Path(hls.folder), hls.renditions[0].name, hls.first, VIDEO_SCALE, opened.head, on_part, self._write
        )
        self._decoder = _decoder() if self._sizes else None
        self._keys: set[int] = set()  # times of keys that the decoder has not given back yet

    @property
    def film_ms(self) -> int:
        return self.frames * 1_000 // self._rate

    @property
    def size_bytes(self) -> int:
        return self._path.stat().st_size

    def fits(self, units: list[Unit], ends_ms: float) -> str:
        """Why the step that `ends_ms` cannot be passed on; "" when it can."""
        last_ms, key_ms, size = self._last_ms, self._key_ms, self._key_bytes
        before = self._source_at if self._tick >= 0 else None
        for unit in units:
            if before is not None and not 0 < (unit.timestamp - before) % TIMESTAMPS < TIMESTAMPS // 2:
                return "order"
            before = unit.timestamp
            if unit.key and unit.captured_ms > key_ms:
                if size * 8_000 > PASSED_MAX_BPS * max(unit.captured_ms - key_ms, 1_000):
                    return "rate"
                key_ms, size = unit.captured_ms, 0
            size += len(unit.data)
            last_ms = unit.captured_ms
        if ends_ms - last_ms > GAP_MAX_MS:
            return "gap"
        if ends_ms - key_ms > KEYS_MAX_MS:
            return "keys"
        return "rate" if size * 8 > PASSED_MAX_BPS * KEYS_MAX_MS // 1_000 else ""

    def add(self, units: list[Unit], sound: Samples) -> None:
        """One step: what was captured meanwhile, in order, and 1/frames_per_s of sound."""
        self._add_sound(self._sound.add(sound))
        for unit in units:
            self._add_unit(unit)
        self.frames += 1

    def close(self) -> int:
        """The number of the next segment."""
        try:
            self._add_sound(self._sound.rest())
            self._decode(None)
            ends = self.frames * VIDEO_SCALE // self._rate
            self._writer.close(ends)
            for size in self._sizes:
                size.close(ends)
            return max([self._writer.number, *(size.writer.number for size in self._sizes)])
        finally:
            self._container.close()
            self._file.close()

    # ------------------------------------------------------------ inside

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._file.flush()

    def _add_sound(self, packets: list[Packet[AudioStream]]) -> None:
        for data, at, duration, _ in map(plain, packets):
            self._writer.sound(data, at, duration)
            for size in self._sizes:
                size.writer.sound(data, at, duration)

    def _add_unit(self, unit: Unit) -> None:
        tick = self._place(unit)
        shown_ms = self._begun_ms if not tick else unit.captured_ms
        self._writer.picture(unit.data, tick, unit.key, shown_ms)
        self._last_ms = unit.captured_ms
        if unit.key:
            self._key_ms, self._key_bytes = unit.captured_ms, 0
        self._key_bytes += len(unit.data)
        if self._decoder is not None:
            if unit.key:
                self._keys.add(tick)
            packet = av.Packet(unit.data)
            packet.pts = packet.dts = tick
            packet.time_base = Fraction(1, VIDEO_SCALE)
            self._decode(packet)

    def _place(self, unit: Unit) -> int:
        """Its time; the first is shown from the beginning on."""
        expected = round((unit.captured_ms - self._begun_ms) * _TICKS_PER_MS)
        at = self._timestamps.of(unit.timestamp)
        by_source = self._source_ticks + at - self._source_at if self._tick >= 0 else expected
        if abs(by_source - expected) > SLACK_TICKS:
            by_source = expected
        self._source_ticks, self._source_at = by_source, at
        self._tick = max(by_source, self._tick + _TICKS_PER_MS) if self._tick >= 0 else 0
        return self._tick

    def _decode(self, packet: Packet[Stream] | None) -> None:
        if self._decoder is None:
            return
        try:
            pictures = self._decoder.decode(packet)
        except av.FFmpegError as error:
            log.info("a picture could not be decoded", cause=str(error))
            return
        for picture in pictures:
            tick = picture.pts or 0
            for size in self._sizes:
                size.add(picture, tick, self._begun_ms + tick / _TICKS_PER_MS, key=tick in self._keys)
            self._keys.discard(tick)


def open_head(first: Unit, begin: wire.Begin) -> Opened:
    """The head of a file of this source's pictures and our sound.  Raises Unfit."""
    sequence = next((unit for unit in first.sets if unit[0] & 0x1F == SPS), b"")
    if len(sequence) < 4 or sequence[1] not in PROFILES:
        raise Unfit("profile")
    head = Head()
    try:
        with av.open(io.BytesIO(first.data), "r", format="h264") as source:
            pictures = source.streams.video[0]
            _check_shape(pictures.width, pictures.height, begin)
            container = open_fragmented(head, NEVER_MS)
            container.add_stream_from_template(pictures, opaque=True)
            audio = add_audio(container)
            container.start_encoding()
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise Unfit(f"head: {error}") from error
    return Opened(container, SoundTrack(audio), head.data, first.sets)


def _check_shape(width: int, height: int, begin: wire.Begin) -> None:
    """Smaller than the film it may be, half of it at least; cut or framed it must not be."""
    if not begin.height // 2 <= height <= begin.height or abs(width * begin.height - height * begin.width) > (
        begin.height * SHAPE_PIXELS
    ):
        raise Unfit(f"{width}x{height}")


def _decoder() -> VideoCodecContext:
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    decoder.flags |= Flags.low_delay
    return decoder
