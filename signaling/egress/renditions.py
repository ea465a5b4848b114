"""One film in several sizes for viewers: the first is the film's own pictures, the others are encoded beside it.

All sizes share the sound, begin their segments with the same picture and number them alike, so that a player changes
between them at any segment.  When the machine cannot keep up, the lower sizes rest before the film suffers.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Final

from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation
from msgspec import Struct

from . import wire
from .film import Encoded, Head, add_audio, add_video, encode_picture, open_fragmented, plain
from .segments import SegmentWriter
from .wire import AUTO

NEVER_MS: Final = 2_000_000  # heads are all that we take from these muxers


class Pace(Struct, frozen=True):
    scale: int  # units of time in a second
    keys_by_itself: int  # pictures after which an encoder would make a key: more than ever come


class Size:
    """One size of the picture: its encoder, and its segments.  Raises OSError.

    Pictures are numbered at `frames_per_s`; those of a source of its own `pace` come by that, with its keys only.
    """

    def __init__(
        self,
        hls: wire.Hls,
        size: wire.Rendition,
        frames_per_s: int,
        on_part: Callable[[wire.PartWritten], None],
        encoder: str,
        pace: Pace | None = None,
    ) -> None:
        head = Head()
        self._size = size
        self._container = open_fragmented(head, NEVER_MS)
        self._video = add_video(self._container, size.width, size.height, frames_per_s, size.bps, encoder)
        if pace is not None:
            self._video.codec_context.time_base = Fraction(1, pace.scale)
            self._video.codec_context.gop_size = pace.keys_by_itself
        add_audio(self._container)
        self._container.start_encoding()
        scale = pace.scale if pace is not None else frames_per_s
        self.writer = SegmentWriter(Path(hls.folder), size.name, hls.first, scale, head.data, on_part)

    def add(self, picture: VideoFrame, at: int, shown_ms: float, *, key: bool) -> None:
        size = self._size
        smaller = picture.reformat(size.width, size.height, "yuv420p", interpolation=Interpolation.FAST_BILINEAR)
        for packet in encode_picture(self._video, smaller, at, key=key):
            data, came_at, _, is_key = plain(packet)
            self.writer.picture(data, came_at, is_key, shown_ms)

    def close(self, ends: int) -> None:
        self.writer.close(ends)
        self._container.close()


class Renditions:
    def __init__(
        self, hls: wire.Hls, frames_per_s: int, on_part: Callable[[wire.PartWritten], None], encoder: str = AUTO
    ) -> None:
        """Raises OSError."""
        self._sizes = [Size(hls, size, frames_per_s, on_part, encoder) for size in hls.renditions]

    def add(self, encoded: Encoded, picture: VideoFrame | None, frame: int, shown_ms: float) -> None:
        """`encoded` is what the film made of `picture`, which is its number `frame`."""
        for size in self._sizes:
            for data, at, duration, _ in encoded.audio:
                size.writer.sound(data, at, duration)
        for data, at, _, key in encoded.video:
            self._sizes[0].writer.picture(data, at, key, shown_ms)
        if picture is None:
            return
        key = any(key for *_, key in encoded.video)
        for size in self._sizes[1:]:
            size.add(picture, frame, shown_ms, key=key)

    def close(self, rest: Encoded, frames: int) -> int:
        """`rest` is what was still in the film's encoders, `frames` how long it is; the number of the next segment."""
        for size in self._sizes:
            for data, at, duration, _ in rest.audio:
                size.writer.sound(data, at, duration)
        for data, at, _, key in rest.video:
            self._sizes[0].writer.picture(data, at, key, 0.0)
        for size in self._sizes:
            size.close(frames)
        return max(size.writer.number for size in self._sizes)
