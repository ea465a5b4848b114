"""The film of one egress process: stretches that are composed and stretches that are passed on, a file for each.

    FOLDER/part-001.mp4      the first
    FOLDER/part-001_02.mp4   the second, and so on: names sort as they follow

For viewers a new stretch is a discontinuity with a head of its own (RFC 8216 4.3.2.3); segments are numbered on.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from av.video.frame import VideoFrame

from . import wire
from .film import Film
from .passage import Passage, Unfit, open_head
from .renditions import Renditions
from .sound import Samples
from .units import Unit

Tell = Callable[[wire.PartWritten | wire.Spliced], None]


class Composition:
    """Pictures that are made here; as Passage."""

    def __init__(self, path: Path, begin: wire.Begin, hls: wire.Hls | None, tell: Tell) -> None:
        self._film = Film(path, begin.width, begin.height, begin.frames_per_s, begin.encoder)
        self._renditions = Renditions(hls, begin.frames_per_s, tell, begin.encoder) if hls is not None else None

    @property
    def film_ms(self) -> int:
        return self._film.film_ms

    @property
    def size_bytes(self) -> int:
        return self._film.size_bytes

    def add(self, picture: VideoFrame | None, sound: Samples, shown_ms: float) -> None:
        frame = self._film.frames
        encoded = self._film.add(picture, sound)
        if self._renditions is not None:
            self._renditions.add(encoded, picture, frame, shown_ms)

    def close(self) -> int:
        rest = self._film.close()
        return self._renditions.close(rest, self._film.frames) if self._renditions is not None else 0


class Reel:
    """Raises OSError when the film cannot be made, and later when it cannot be written."""

    def __init__(self, begin: wire.Begin, tell: Tell) -> None:
        self._begin = begin
        self._tell = tell
        self._hls = begin.hls
        self._path = Path(begin.path)
        self._number = 1
        self._stretch: Composition | Passage = Composition(self._path, begin, begin.hls, tell)
        self._closed = False
        self.chapters: list[tuple[int, str]] = []  # (at in this file, title)

    @property
    def can_pass(self) -> bool:
        """A film for viewers; another has names on its pictures."""
        return self._hls is not None

    @property
    def film_ms(self) -> int:
        """Of this file."""
        return self._stretch.film_ms

    @property
    def size_bytes(self) -> int:
        return self._stretch.size_bytes

    @property
    def passage(self) -> Passage | None:
        return self._stretch if isinstance(self._stretch, Passage) else None

    def compose(self, picture: VideoFrame | None, sound: Samples, shown_ms: float) -> None:
        """One step.  No picture: the last one stays on."""
        stretch = self._stretch
        if not isinstance(stretch, Composition):
            path, hls = self._turn()
            stretch = self._stretch = Composition(path, self._begin, hls, self._tell)
        stretch.add(picture, sound, shown_ms)

    def pass_on(self, units: list[Unit], sound: Samples, shown_ms: float) -> None:
        """One step.  Another stretch begins with a key when what was before is composed, or when the key's parameter
        sets are others: it is of another size, or another encoder's.  Raises Unfit, and nothing has changed then."""
        stretch = self.passage
        if stretch is not None:
            turned = next((at for at, unit in enumerate(units) if unit.key and unit.sets != stretch.sets), None)
            if turned is not None:
                stretch, units = None, units[turned:]
        if stretch is None:
            if not units or not units[0].key:
                raise Unfit("no key")
            opened = open_head(units[0], self._begin)
            path, hls = self._turn(passed=True)
            if hls is None:
                raise RuntimeError("a film that nobody watches is composed")
            stretch = self._stretch = Passage(path, self._begin, hls, opened, shown_ms, self._tell)
        stretch.add(units, sound)

    def close(self) -> None:
        """Idempotent."""
        if not self._closed:
            self._closed = True
            self._stretch.close()

    # ------------------------------------------------------------ inside

    def _turn(self, *, passed: bool = False) -> tuple[Path, wire.Hls | None]:
        """Where the next stretch is written; the last one is whole."""
        film_ms = self._stretch.film_ms
        number = self._stretch.close()
        if self._hls is not None:
            self._hls = msgspec.structs.replace(self._hls, first=number)
        self._number += 1
        path = self._path.with_name(f"{self._path.stem}_{self._number:02}{self._path.suffix}")
        self._tell(wire.Spliced(path.name, passed, film_ms, tuple(self.chapters)))
        self.chapters = []
        return path, self._hls
