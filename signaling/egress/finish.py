"""Parts of a recording made into one film to keep: nothing is encoded again, the index goes to the front, chapters in.

Parts may be of several encoders (reel.py): then each key has its parameter sets with it, so that it is decoded alone.

Parts are read until they end, wherever that is: the last fragment of one whose process was killed may be cut.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

import av
import structlog
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream
from msgspec import Struct

if TYPE_CHECKING:
    from av.container.core import Chapter

log = structlog.get_logger(__name__)

CHAPTERS_MAX: Final = 500
CHAPTER_TITLE_MAX_CHARS: Final = 200
_MS: Final = Fraction(1, 1_000)
_SPS: Final = 7  # ITU-T H.264 table 7-1


class Source(Struct, frozen=True):
    """`chapters`: (at in this part in ms, title)."""

    path: Path
    chapters: tuple[tuple[int, str], ...] = ()


class Finished(Struct, frozen=True):
    film_ms: int
    bytes: int
    width: int
    height: int
    chapters: tuple[tuple[int, str], ...]
    begins: dict[str, int]  # of each part by its name: at in the film in ms


class NothingToKeep(Exception):
    """No part holds a picture or a sound."""


def finish(
    sources: Sequence[Source],
    film: Path,
    title: str,
    on_progress: Callable[[float], None] = lambda _share: None,
    *,
    audio_only: bool = False,
) -> Finished:
    """Write `film` (MP4; with `audio_only` M4A).  Blocks; meant for a process or thread of its own.

    `title` names what comes before the first chapter.  `on_progress` hears a share from 0 to 1.  Raises NothingToKeep,
    and OSError when it cannot be written; `film` is whole or not there.
    """
    unfinished = film.with_name(film.name + ".part")
    total = sum(source.path.stat().st_size for source in sources if source.path.exists()) or 1
    options = {"movflags": "faststart"}
    try:
        with av.open(str(unfinished), "w", format="mp4", options=options) as out:
            joined = _Joined(out, _head_of(sources), audio_only=audio_only)
            read = 0
            for source in sources:
                if not source.path.exists():
                    continue
                joined.add(source, lambda size, before=read: on_progress(min(1.0, (before + size) / total)))  # type: ignore[misc]
                read += source.path.stat().st_size
            if not joined.film_ms:
                raise NothingToKeep
            chapters = joined.chapters[: CHAPTERS_MAX - 1]
            if chapters and chapters[0][0] > 0:
                chapters.insert(0, (0, title))  # players take the first chapter for the beginning, wherever it is
            if chapters and not audio_only:
                out.set_chapters(list(_chapters(chapters, joined.film_ms)))
        unfinished.replace(film)
    finally:
        unfinished.unlink(missing_ok=True)
    on_progress(1.0)
    return Finished(joined.film_ms, film.stat().st_size, joined.width, joined.height, tuple(chapters), joined.begins)


def _chapters(found: Sequence[tuple[int, str]], film_ms: int) -> Iterator[Chapter]:
    for number, (at_ms, title) in enumerate(found):
        end_ms = found[number + 1][0] if number + 1 < len(found) else film_ms
        yield {
            "id": number,
            "start": at_ms,
            "end": max(end_ms, at_ms + 1),
            "time_base": _MS,
            "metadata": {"title": title[:CHAPTER_TITLE_MAX_CHARS]},
        }


class _Head(Struct, frozen=True):
    """Whose head the film has.  `several`: parts are of different encoders, and each key says by which it is read."""

    path: Path
    several: bool


def _head_of(sources: Sequence[Source]) -> _Head | None:
    """That of the largest picture: players lay out by it."""
    found: list[tuple[int, Path, bytes]] = []
    for source in sources:
        with contextlib.suppress(av.FFmpegError), av.open(str(source.path)) as part:
            found += [
                (video.height, source.path, video.codec_context.extradata or b"") for video in part.streams.video[:1]
            ]
    if not found:
        return None
    path = max(found, key=lambda one: one[0])[1]
    return _Head(path, len({extradata for *_, extradata in found}) > 1)


class _Joined:
    def __init__(self, out: OutputContainer, head: _Head | None, *, audio_only: bool) -> None:
        self._out = out
        self._head = head
        self._sets = b""  # of the part that is being read, as a key needs them
        self._audio_only = audio_only
        self._streams: dict[str, Stream] = {}
        self._ends: dict[str, Fraction] = {}  # of each kind, in seconds
        self.chapters: list[tuple[int, str]] = []
        self.begins: dict[str, int] = {}
        self.width = self.height = 0

    @property
    def film_ms(self) -> int:
        return int(max(self._ends.values(), default=Fraction(0)) * 1_000)

    def add(self, source: Source, on_read: Callable[[int], None]) -> None:
        begins = max(self._ends.values(), default=Fraction(0))
        self.begins[source.path.name] = int(begins * 1_000)
        try:
            part = av.open(str(source.path))
        except av.FFmpegError as error:
            log.warning("a part of a recording cannot be read", path=str(source.path), cause=str(error))
            return
        with part:
            if not self._streams:
                self._begin(part)
            self._sets = b""
            if self._head is not None and self._head.several and part.streams.video:
                self._sets = parameter_sets(part.streams.video[0].codec_context.extradata or b"")
            for packet in packets_of(part, audio_only=self._audio_only):
                self._take(packet, begins)
                on_read(packet.pos or 0)
        self.chapters += [(int(begins * 1_000) + at_ms, title) for at_ms, title in source.chapters]

    def _begin(self, part: InputContainer) -> None:
        if self._head is None:
            self._prepare(part)
            return
        with av.open(str(self._head.path)) as head:
            self._prepare(head)

    def _prepare(self, part: InputContainer) -> None:
        """All streams are there before the first packet: the file's head lists them."""
        for stream in _wanted(part, audio_only=self._audio_only):
            self._streams[stream.type] = self._out.add_stream_from_template(stream)
            if isinstance(stream, VideoStream):
                self.width, self.height = stream.width, stream.height

    def _take(self, packet: Packet[Stream], begins: Fraction) -> None:
        kind = packet.stream.type
        if kind not in self._streams:
            return
        base = packet.time_base
        moved = int(begins / base)
        pts = packet.pts if packet.pts is not None else packet.dts
        if pts is None or packet.dts is None:
            return
        packet.pts, packet.dts = pts + moved, packet.dts + moved
        end = (packet.pts + (packet.duration or 0)) * base
        if end <= self._ends.get(kind, Fraction(-1)):
            return  # encoders begin a little before 0: the part before goes on until there
        self._ends[kind] = end
        if kind == "video" and packet.is_keyframe and self._sets and not _has_sets(bytes(packet)):
            packet = _with_sets(packet, self._sets)
        packet.stream = self._streams[kind]
        self._out.mux(packet)


def parameter_sets(avcc: bytes) -> bytes:
    """Those of a decoder configuration record (ISO/IEC 14496-15 5.3.3.1), each with its length in four bytes; b"" when
    it is none."""
    out: list[bytes] = []
    try:
        at = 5
        for mask in (0x1F, 0xFF):
            count = avcc[at] & mask
            at += 1
            for _ in range(count):
                size = int.from_bytes(avcc[at : at + 2], "big")
                unit = avcc[at + 2 : at + 2 + size]
                out += (len(unit).to_bytes(4, "big"), unit)
                at += 2 + size
    except IndexError:
        return b""
    return b"".join(out)


def _has_sets(sample: bytes) -> bool:
    at = 0
    while at + 4 < len(sample):
        if sample[at + 4] & 0x1F == _SPS:
            return True
        at += 4 + int.from_bytes(sample[at : at + 4], "big")
    return False


def _with_sets(packet: Packet[Stream], sets: bytes) -> Packet[Stream]:
    whole: Packet[Stream] = Packet(sets + bytes(packet))
    whole.pts, whole.dts, whole.duration = packet.pts, packet.dts, packet.duration
    whole.time_base, whole.is_keyframe = packet.time_base, True
    return whole


def _wanted(part: InputContainer, *, audio_only: bool) -> list[AudioStream | VideoStream]:
    return [*part.streams.audio] if audio_only else [*part.streams.video, *part.streams.audio]


def packets_of(part: InputContainer, *, audio_only: bool = False) -> Iterator[Packet[Stream]]:
    """In order, to where it was cut."""
    wanted = _wanted(part, audio_only=audio_only)
    # The end of a part that was cut: what was whole has been read.
    with contextlib.suppress(av.FFmpegError):
        for packet in part.demux(wanted):
            if packet.dts is not None:
                yield packet
