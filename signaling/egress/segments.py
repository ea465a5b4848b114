"""A stream cut into HLS segments and their parts, as files, while it is encoded (RFC 8216bis 4.4.4).

Segments begin with a picture that stands for itself and last SEGMENT_MS; a part lasts PART_MS.  A part is written as
soon as the picture after it has come, which says how long its last one lasts.

    FOLDER/init-1.mp4   the head of an encoder; a process that goes on after another has one of its own
    FOLDER/12.3.m4s     part 3 of segment 12
    FOLDER/12.m4s       segment 12, as soon as it is whole: its parts one after the other
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec import Struct

from . import wire
from .fragments import AUDIO_TRACK, VIDEO_SCALE, VIDEO_TRACK, Run, Sample, fragment, length_prefixed

PART_MS: Final = 400
SEGMENT_MS: Final = 2_000
KEPT_SEGMENTS: Final = 45  # on the disk: a minute of them and what a slow viewer still asks for


class _Waiting(Struct, frozen=True):
    """The last picture: how long it lasts is not known yet."""

    frame: int
    sample: bytes
    key: bool
    shown_ms: float


class SegmentWriter:
    """`first`: the number of its first segment.  `on_part` hears of each part when its file is there, `on_data` is
    given its bytes.

    Raises OSError when a file cannot be written.
    """

    def __init__(
        self,
        folder: Path,
        rendition: str,
        first: int,
        frames_per_s: int,
        head: bytes,
        on_part: Callable[[wire.PartWritten], None],
        on_data: Callable[[bytes], None] = lambda _data: None,
    ) -> None:
        self._folder = folder / rendition
        self._rendition = rendition
        self._on_part = on_part
        self._on_data = on_data
        self._ticks = VIDEO_SCALE // frames_per_s
        self._part_frames = PART_MS * frames_per_s // 1_000
        self._segment_frames = SEGMENT_MS * frames_per_s // 1_000
        self._number = first
        self._part = 0
        self._sequence = 0
        self._waiting: _Waiting | None = None
        self._pictures: list[Sample] = []
        self._part_frame = 0  # the frame that the part begins with
        self._segment_frame = 0
        self._sounds: list[Sample] = []
        self._sounds_begin = 0
        self._whole: list[bytes] = []
        self._kept: deque[list[Path]] = deque()
        self._files: list[Path] = []
        self._shown_ms = 0.0
        self._folder.mkdir(parents=True, exist_ok=True)
        self.init = f"init-{first}.mp4"
        self._put(self.init, head)

    def sound(self, data: bytes, at: int, duration: int) -> None:
        """One packet, `at` in samples."""
        if at < 0:
            return  # what an encoder needs to warm up
        if not self._sounds:
            self._sounds_begin = at
        self._sounds.append(Sample(data, duration))

    def picture(self, access_unit: bytes, frame: int, key: bool, shown_ms: float) -> None:
        """One access unit with start codes.  `frame` counts from 0 and may leave some out; `shown_ms` is Unix time."""
        if self._waiting is None:
            self._part_frame = self._segment_frame = frame
        else:
            self._reach(frame)
            if key and frame - self._segment_frame >= self._segment_frames // 2:  # less: the former began late
                self._cut(frame, whole=True)
            elif frame - self._part_frame >= self._part_frames:
                self._cut(frame, whole=False)
        self._waiting = _Waiting(frame, length_prefixed(access_unit), key, shown_ms)

    def close(self, after: int = 0) -> None:
        """The rest, as a segment of its own length: the last picture stays on until frame `after`."""
        if self._waiting is not None:
            after = max(after, self._waiting.frame + 1)
            self._reach(after)
            self._cut(after, whole=True)

    @property
    def number(self) -> int:
        """Of the segment that comes next, or is being written."""
        return self._number

    # ------------------------------------------------------------ inside

    def _reach(self, frame: int) -> None:
        """Up to this frame everything is known."""
        if self._pictures and self._waiting is not None and frame - self._part_frame > self._part_frames:
            self._cut(self._waiting.frame, whole=False)  # some were left out: the last one stays on, in its own part
        self._take(frame)

    def _take(self, next_frame: int) -> None:
        """The picture that waits is known now: it lasts until `next_frame`."""
        if (one := self._waiting) is None:
            return
        if not self._pictures:
            self._shown_ms = one.shown_ms
        self._pictures.append(Sample(one.sample, (next_frame - one.frame) * self._ticks, one.key))
        self._waiting = None

    def _cut(self, next_frame: int, whole: bool) -> None:
        self._sequence += 1
        runs = [
            Run(VIDEO_TRACK, self._part_frame * self._ticks, self._pictures),
            Run(AUDIO_TRACK, self._sounds_begin, self._sounds),
        ]
        data = fragment(self._sequence, runs)
        self._files.append(self._put(f"{self._number}.{self._part}.m4s", data))
        self._on_data(data)
        self._whole.append(data)
        if whole:
            self._files.append(self._put(f"{self._number}.m4s", b"".join(self._whole)))
        self._on_part(
            wire.PartWritten(
                self._rendition,
                self.init,
                self._number,
                self._part,
                (next_frame - self._part_frame) * self._ticks * 1_000 / VIDEO_SCALE,
                self._pictures[0].sync,
                self._shown_ms,
                len(data),
                last=whole,
            )
        )
        self._part += 1
        self._part_frame = next_frame
        self._pictures, self._sounds = [], []
        if whole:
            self._number, self._part, self._segment_frame = self._number + 1, 0, next_frame
            self._whole = []
            self._kept.append(self._files)
            self._files = []
            if len(self._kept) > KEPT_SEGMENTS:
                for path in self._kept.popleft():
                    path.unlink(missing_ok=True)

    def _put(self, name: str, data: bytes) -> Path:
        """Whole or not at all: others read while we write."""
        path = self._folder / name
        unfinished = self._folder / f".{name}"
        unfinished.write_bytes(data)
        unfinished.replace(path)
        return path
