"""One film in several sizes for viewers: the first is the film's own pictures, the others are encoded beside it.

All sizes share the sound, begin their segments with the same picture and number them alike, so that a player changes
between them at any segment.  When the machine cannot keep up, the lower sizes rest before the film suffers.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation

from . import wire
from .film import Encoded, Head, add_audio, add_video, encode_picture, open_fragmented, plain
from .segments import SegmentWriter
from .wire import AUTO

log = structlog.get_logger(__name__)

_NEVER_MS: Final = 2_000_000  # heads are all that we take from these muxers


class _Size:
    def __init__(
        self,
        hls: wire.Hls,
        size: wire.Rendition,
        frames_per_s: int,
        on_part: Callable[[wire.PartWritten], None],
        encoder: str,
    ) -> None:
        head = Head()
        self.size = size
        self.container = open_fragmented(head, _NEVER_MS)
        self.video = add_video(self.container, size.width, size.height, frames_per_s, size.bps, encoder)
        add_audio(self.container)
        self.container.start_encoding()
        self.writer = SegmentWriter(Path(hls.folder), size.name, hls.first, frames_per_s, head.data, on_part)


class Renditions:
    def __init__(
        self, hls: wire.Hls, frames_per_s: int, on_part: Callable[[wire.PartWritten], None], encoder: str = AUTO
    ) -> None:
        """Raises OSError."""
        self._sizes = [_Size(hls, size, frames_per_s, on_part, encoder) for size in hls.renditions]

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
            smaller = picture.reformat(size.size.width, size.size.height, interpolation=Interpolation.FAST_BILINEAR)
            for packet in encode_picture(size.video, smaller, frame, key=key):
                data, at, _, is_key = plain(packet)
                size.writer.picture(data, at, is_key, shown_ms)

    def close(self, rest: Encoded, frames: int) -> int:
        """`rest` is what was still in the film's encoders, `frames` how long it is; the number of the next segment."""
        for size in self._sizes:
            for data, at, duration, _ in rest.audio:
                size.writer.sound(data, at, duration)
        for data, at, _, key in rest.video:
            self._sizes[0].writer.picture(data, at, key, 0.0)
        for size in self._sizes:
            size.writer.close(frames)
            size.container.close()
        return max(size.writer.number for size in self._sizes)
