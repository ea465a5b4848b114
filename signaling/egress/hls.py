"""A live stream as its viewers fetch it: playlists, segments and parts out of memory (RFC 8216, low latency: 8216bis).

Every change renders a playlist at most once, however many viewers ask for it, and all who wait for the next part wait
for one and the same thing.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct

from . import wire
from .segments import PART_MS, SEGMENT_MS
from .wire import AUDIO_BPS

KEPT_SEGMENTS: Final = 30  # a minute
HOLD_BACK_PARTS: Final = 3  # RFC 8216bis 4.4.3.8: at least three parts
SKIP_SEGMENTS: Final = 6  # of the newest are always told, older ones may be skipped
AHEAD_MAX: Final = 2  # segments that may be waited for before they exist
WAIT_MAX_S: Final = SEGMENT_MS * 3 / 1_000
CHAPTERS_KEPT: Final = 50
# Beyond the picture's own limit: sound, and what the boxes take.
_OVERHEAD: Final = 1.1

_NUMBER: Final = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,3}))?\.m4s")


class TooFarAhead(Exception):
    """Nobody knows of that part yet (RFC 8216bis 6.2.5.2: 400)."""


class NotThere(Exception):
    """It never was, or it is gone."""


class Gone(Exception):
    """It was waited for and did not come (RFC 8216bis 6.2.5.2: 503)."""


class _Part(Struct, frozen=True):
    duration_ms: float
    independent: bool
    data: bytes


class _Segment(Struct):
    number: int
    init: str
    fresh: bool  # of another encoder than the one before
    shown_ms: float
    parts: list[_Part]
    whole: bool = False

    @property
    def duration_ms(self) -> float:
        return sum(part.duration_ms for part in self.parts)

    @property
    def bps(self) -> int:
        return int(sum(len(part.data) for part in self.parts) * 8_000 / max(self.duration_ms, SEGMENT_MS / 2))


class Chapter(Struct, frozen=True):
    at_ms: int  # Unix time
    title: str


class Added(Struct, frozen=True):
    part: wire.PartWritten
    data: bytes


Happened = Added | tuple[Chapter, ...] | None  # a part, other chapters, or its end


class Playlist:
    """One size.  `add` is called in order; numbers only grow."""

    def __init__(self, size: wire.Rendition) -> None:
        self.size = size
        self._segments: deque[_Segment] = deque()
        self._inits: dict[str, bytes] = {}
        self._fresh_before = 0  # discontinuities in what is not told any more
        self._goes_on = False  # the first segment follows on those of a former life
        self._rendered: dict[tuple[bool, bool], bytes] = {}
        self._moved: asyncio.Event = asyncio.Event()
        self._ended = False
        self.chapters: tuple[Chapter, ...] = ()
        self.reports: tuple[Playlist, ...] = ()  # the other sizes

    # ------------------------------------------------------------ what happens

    def goes_on(self, encoders_before: int) -> None:
        """What a former life of the server has told ended with so many encoders (RFC 8216 6.2.1: counted on)."""
        if encoders_before > 0:
            self._goes_on, self._fresh_before = True, encoders_before - 1

    def add_init(self, name: str, data: bytes) -> None:
        self._inits[name] = data

    def knows_init(self, name: str) -> bool:
        return name in self._inits

    def add(self, part: wire.PartWritten, data: bytes) -> None:
        last = self._segments[-1] if self._segments else None
        if last is None or last.number != part.segment:
            if last is not None:
                last.whole = True  # a process died in the middle of it
            fresh = self._goes_on if last is None else last.init != part.init
            self._segments.append(_Segment(part.segment, part.init, fresh, part.shown_ms, []))
            while len(self._segments) > KEPT_SEGMENTS:
                self._fresh_before += self._segments.popleft().fresh
        newest = self._segments[-1]
        newest.parts.append(_Part(part.duration_ms, part.independent, data))
        newest.whole = part.last
        self._wake()

    def takes_up(self, fresh_before: int, *, fresh: bool) -> None:
        """It follows another one from the middle on (`tail`)."""
        self._fresh_before, self._goes_on = fresh_before, fresh

    def tail(self, segments: int) -> tuple[int, bool, list[tuple[wire.PartWritten, bytes]]]:
        """The newest segments, as `takes_up` and `add` take them."""
        kept = list(self._segments)[-segments:]
        before = self._fresh_before + sum(one.fresh for one in list(self._segments)[: len(self._segments) - len(kept)])
        parts = [(self._told(one, number), part.data) for one in kept for number, part in enumerate(one.parts)]
        return before, bool(kept) and kept[0].fresh, parts

    def _told(self, segment: _Segment, number: int) -> wire.PartWritten:
        part = segment.parts[number]
        return wire.PartWritten(
            self.size.name,
            segment.init,
            segment.number,
            number,
            part.duration_ms,
            part.independent,
            segment.shown_ms,
            len(part.data),
            last=segment.whole and number == len(segment.parts) - 1,
        )

    def end(self) -> None:
        """There will be no more."""
        if self._segments:
            self._segments[-1].whole = True
        self._ended = True
        self._wake()

    def set_chapters(self, chapters: tuple[Chapter, ...]) -> None:
        self.chapters = chapters[-CHAPTERS_KEPT:]
        self._rendered.clear()

    def _wake(self) -> None:
        self._rendered.clear()
        self._moved.set()
        self._moved = asyncio.Event()

    # ------------------------------------------------------------ what is asked

    @property
    def next(self) -> tuple[int, int]:
        """(segment, part) that comes next."""
        if not self._segments:
            return (0, 0)
        newest = self._segments[-1]
        return (newest.number + 1, 0) if newest.whole else (newest.number, len(newest.parts))

    @property
    def last(self) -> tuple[int, int]:
        newest = self._segments[-1]
        return newest.number, len(newest.parts) - 1

    @property
    def codec(self) -> str:
        """RFC 6381 3.3: profile, constraints and level stand in the head (ISO/IEC 14496-15 5.3.3.1)."""
        for init in self._inits.values():
            at = init.find(b"avcC")
            if at >= 0:
                return f"avc1.{init[at + 5 : at + 8].hex()}"
        return "avc1.64001f"

    @property
    def peak_bps(self) -> int:
        """Of what is told, and what it may come to: pictures that are passed on have a rate of their own."""
        own = int((self.size.bps + AUDIO_BPS) * _OVERHEAD)
        return max([own, *(segment.bps for segment in self._segments if segment.whole)])

    @property
    def has_ended(self) -> bool:
        return self._ended

    @property
    def is_empty(self) -> bool:
        return not self._segments

    async def until(self, segment: int, part: int | None) -> None:
        """Until that part is told (no part: until the segment is whole).  Raises TooFarAhead, Gone."""
        after = (segment, part + 1) if part is not None else (segment + 1, 0)  # what comes next then, or more
        if segment > self.next[0] + AHEAD_MAX:
            raise TooFarAhead
        try:
            async with asyncio.timeout(WAIT_MAX_S):
                while not self._ended and self.next < after:
                    await self._moved.wait()
        except TimeoutError:
            raise Gone from None

    def init(self, name: str) -> bytes:
        """Raises NotThere."""
        try:
            return self._inits[name]
        except KeyError:
            raise NotThere from None

    async def media(self, name: str) -> bytes:
        """A segment or a part; one that was announced is waited for.  Raises NotThere, Gone."""
        found = _NUMBER.fullmatch(name)
        if found is None:
            raise NotThere
        number, part = int(found[1]), int(found[2]) if found[2] is not None else None
        if part is not None and (number, part) == self.next and not self._ended:
            await self.until(number, part)
        segment = self._segment(number)
        if part is None:
            if not segment.whole:
                raise NotThere
            return b"".join(one.data for one in segment.parts)
        if part >= len(segment.parts):
            raise NotThere
        return segment.parts[part].data

    def _segment(self, number: int) -> _Segment:
        for segment in reversed(self._segments):  # most ask for the newest
            if segment.number == number:
                return segment
        raise NotThere

    async def follow(self) -> AsyncIterator[tuple[str, bytes]]:
        """(name of its head, part) from the newest segment on, until the stream ends.  Raises Gone when the reader is
        slower than segments go."""
        number, part = -1, 0
        while True:
            if number < 0 and self._segments:
                number = self._segments[-1].number
            segment = next((one for one in self._segments if one.number >= number), None) if number >= 0 else None
            if segment is not None and segment.number > number:
                if part:
                    raise Gone
                number = segment.number
            if segment is not None and part < len(segment.parts):
                part += 1
                yield segment.init, segment.parts[part - 1].data
            elif segment is not None and segment.whole:
                number, part = number + 1, 0
            elif self._ended:
                return
            else:
                await self._moved.wait()

    def render(self, *, low_latency: bool, skip: bool = False) -> bytes:
        key = (low_latency, skip)
        if key not in self._rendered:
            self._rendered[key] = "\n".join(self._lines(low_latency=low_latency, skip=skip)).encode() + b"\n"
        return self._rendered[key]

    def _lines(self, *, low_latency: bool, skip: bool) -> list[str]:
        told = [segment for segment in self._segments if segment.whole or low_latency]
        longest = max((round(segment.duration_ms / 1_000) for segment in told if segment.whole), default=0)
        first = told[0].number if told else 0
        lines = ["#EXTM3U", f"#EXT-X-VERSION:{9 if low_latency else 7}"]
        lines.append(f"#EXT-X-TARGETDURATION:{max(SEGMENT_MS // 1_000, longest)}")
        if low_latency:
            until = SKIP_SEGMENTS * max(SEGMENT_MS // 1_000, longest)
            hold = HOLD_BACK_PARTS * PART_MS / 1_000
            lines.append(
                f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={hold:.3f},CAN-SKIP-UNTIL={until:.1f}"
            )
            lines.append(f"#EXT-X-PART-INF:PART-TARGET={PART_MS / 1_000:.3f}")
        lines += [f"#EXT-X-MEDIA-SEQUENCE:{first}", f"#EXT-X-DISCONTINUITY-SEQUENCE:{self._fresh_before}"]
        if not low_latency:
            lines.append("#EXT-X-INDEPENDENT-SEGMENTS")
        skipped = max(0, len(told) - SKIP_SEGMENTS - 2) if skip else 0
        if skipped:
            lines.append(f"#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}")
        else:
            lines += [_daterange(number, chapter) for number, chapter in enumerate(self.chapters)]
        init = told[skipped - 1].init if skipped else ""
        for place, segment in enumerate(told[skipped:]):
            if segment.fresh:
                lines.append("#EXT-X-DISCONTINUITY")
            if segment.init != init:
                init = segment.init
                lines.append(f'#EXT-X-MAP:URI="{init}"')
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{_date(segment.shown_ms)}")
            # Parts are only told near the edge: who is further back plays whole segments (RFC 8216bis 6.2.2).
            if low_latency and place >= len(told) - skipped - 3:
                lines += [_part(segment, number) for number in range(len(segment.parts))]
            if segment.whole:
                lines += [f"#EXTINF:{segment.duration_ms / 1_000:.5f},", f"{segment.number}.m4s"]
        if self._ended:
            lines.append("#EXT-X-ENDLIST")
        elif low_latency and told:
            number, part = self.next
            lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{number}.{part}.m4s"')
            for other in self.reports:
                if not other.is_empty:
                    segment_number, part_number = other.last
                    lines.append(
                        f'#EXT-X-RENDITION-REPORT:URI="../{other.size.name}/live.m3u8",'
                        f"LAST-MSN={segment_number},LAST-PART={part_number}"
                    )
        return lines


class LiveStream:
    """All sizes of one broadcast."""

    def __init__(self, renditions: tuple[wire.Rendition, ...]) -> None:
        self.playlists = {size.name: Playlist(size) for size in renditions}
        for playlist in self.playlists.values():
            playlist.reports = tuple(one for one in self.playlists.values() if one is not playlist)
        self.chapters: tuple[Chapter, ...] = ()
        self.listeners: set[Callable[[Happened], None]] = set()  # told of everything; must neither block nor raise
        self._begun = asyncio.Event()

    def add(self, part: wire.PartWritten, init: bytes, data: bytes) -> None:
        playlist = self.playlists[part.rendition]
        if not playlist.knows_init(part.init):
            playlist.add_init(part.init, init)
        playlist.add(part, data)
        if all(not one.is_empty for one in self.playlists.values()):
            self._begun.set()
        self._tell(Added(part, data))

    def chapter(self, title: str, at_ms: int) -> None:
        self.set_chapters((*self.chapters, Chapter(at_ms, title)))

    def set_chapters(self, chapters: tuple[Chapter, ...]) -> None:
        self.chapters = chapters[-CHAPTERS_KEPT:]
        for playlist in self.playlists.values():
            playlist.set_chapters(self.chapters)
        self._tell(self.chapters)

    def goes_on(self, encoders_before: int) -> None:
        """Before the first part: as of Playlist."""
        for playlist in self.playlists.values():
            playlist.goes_on(encoders_before)

    def end(self) -> None:
        for playlist in self.playlists.values():
            playlist.end()
        self._tell(None)

    def _tell(self, happened: Happened) -> None:
        for listener in list(self.listeners):
            listener(happened)

    async def begun(self) -> None:
        """Until there is something to play.  Raises Gone."""
        try:
            async with asyncio.timeout(WAIT_MAX_S):
                await self._begun.wait()
        except TimeoutError:
            raise Gone from None

    def master(self, *, low_latency: bool) -> bytes:
        lines = ["#EXTM3U", "#EXT-X-VERSION:9" if low_latency else "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
        for playlist in self.playlists.values():
            size = playlist.size
            lines.append(
                f"#EXT-X-STREAM-INF:BANDWIDTH={playlist.peak_bps},RESOLUTION={size.width}x{size.height},FRAME-RATE=25.000,"
                f'CODECS="{playlist.codec},mp4a.40.2"'
            )
            lines.append(f"{size.name}/{'live' if low_latency else 'plain'}.m3u8")
        return "\n".join(lines).encode() + b"\n"


def _part(segment: _Segment, number: int) -> str:
    part = segment.parts[number]
    independent = ",INDEPENDENT=YES" if part.independent else ""
    return f'#EXT-X-PART:DURATION={part.duration_ms / 1_000:.5f},URI="{segment.number}.{number}.m4s"{independent}'


def _daterange(number: int, chapter: Chapter) -> str:
    title = chapter.title.replace('"', "\N{RIGHT DOUBLE QUOTATION MARK}")
    title = "".join(character for character in title if character.isprintable())
    return (
        f'#EXT-X-DATERANGE:ID="chapter-{chapter.at_ms}-{number}",START-DATE="{_date(chapter.at_ms)}",X-TITLE="{title}"'
    )


def _date(unix_ms: float) -> str:
    return datetime.fromtimestamp(unix_ms / 1_000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
