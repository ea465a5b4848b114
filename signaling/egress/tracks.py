"""Each participant's tracks as files of their own beside the film: what was received, nothing decoded or encoded.

    FOLDER/part-001.tracks             lines of JSON, TrackBegun: one for each file, written when it begins
    FOLDER/track-part-001-01.webm      VP8, VP9, AV1 or Opus in WebM; H.264 in MP4

Whatever is written can be played to where it ends: a process that is killed takes FRAGMENT_MS and DELAY_MS with it.
A track has another file after a pause, and when its codec or (H.264) its parameter sets change.
"""

from __future__ import annotations

import io
import math
from collections import deque
from fractions import Fraction
from pathlib import Path
from typing import Final, cast

import av
import msgspec
import structlog
from av.container import OutputContainer
from av.packet import Packet as MediaPacket
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from msgspec import Struct

from rooms.core.model import Source, TrackKind

from . import wire
from .film import FRAGMENT_MS, open_fragmented
from .payloads import ASSEMBLERS, Assembler
from .pictures import DECODERS, SIDE_MAX
from .rtp import Packet
from .sender_clock import SenderClock
from .sound import RATE
from .units import Unit

log = structlog.get_logger(__name__)

LIST: Final = ".tracks"
FILES_MAX: Final = 200  # of one process
WAITING_MAX: Final = 1_024  # packets or pictures that wait for their time
WAITING_MAX_BYTES: Final = 16_000_000
SLACK_MS: Final = 20  # a track's own clock is followed while the server's says the same, give or take this
_VIDEO_RATE: Final = 90_000
_TICK: Final = Fraction(1, 1_000)
_NAMES: Final = {wire.VP8_TYPE: "vp8", wire.VP9_TYPE: "vp9"}


class TrackBegun(Struct, frozen=True):
    """`at_ms`: where it begins in the part of the film that has the same name; a little before it is below 0."""

    file: str
    participant_id: str
    identity: str
    name: str
    source: Source
    at_ms: int


class Shelf:
    """The files of one process.  Raises OSError when the list cannot be written."""

    def __init__(self, film: Path, files_max: int = FILES_MAX) -> None:
        self._film = film
        self._files_max = files_max
        self._list = film.with_suffix(LIST)
        self._count = 0

    @property
    def full(self) -> bool:
        return self._count >= self._files_max

    def begin(self, stream: wire.Stream, suffix: str, at_ms: int) -> Path:
        self._count += 1
        path = self._film.with_name(f"track-{self._film.stem}-{self._count:02}{suffix}")
        begun = TrackBegun(path.name, stream.owner_id, stream.owner_identity, stream.owner_name, stream.source, at_ms)
        with self._list.open("ab") as file:
            file.write(msgspec.json.encode(begun) + b"\n")
        return path


class _Sample(Struct, frozen=True):
    payload_type: int
    place: int
    data: bytes
    key: bool
    timestamp: int


class KeptTrack:
    """One track.  `wants_key`: nothing more can be kept without one."""

    def __init__(self, stream: wire.Stream, shelf: Shelf) -> None:
        self.stream = stream
        self._shelf = shelf
        self._video = stream.source.kind is TrackKind.VIDEO
        self._rate = _VIDEO_RATE if self._video else RATE
        self._clock = SenderClock(self._rate)
        self._payload_type = 0
        self._assembler: Assembler | None = None
        self._waiting: deque[_Sample] = deque()
        self._bytes = 0
        self._file: _File | None = None
        self._film_began_ms: float | None = None  # Unix time at which the film would have begun without its pauses
        self._failed = False
        self._paused = False
        self._starved = self._video

    @property
    def wants_key(self) -> bool:
        assembler = self._assembler
        return (
            self._video
            and not (self._failed or self._paused)
            and (self._starved or (assembler is not None and assembler.wants_key))
        )

    def report(self, timestamp: int, unix_ms: float) -> None:
        self._clock.report(timestamp, unix_ms)

    def put(self, packet: Packet, arrival_ms: float) -> None:
        if self._failed or self._paused:
            return
        if not self._video:
            if packet.payload and packet.payload_type == wire.OPUS_TYPE:
                self._wait(packet.payload_type, packet.timestamp, packet.payload, arrival_ms, key=True)
            return
        if packet.payload_type != self._payload_type:
            make = ASSEMBLERS.get(packet.payload_type)
            if make is None:
                return  # padding of a type that was not agreed on
            self._payload_type, self._assembler = packet.payload_type, make()
        picture = self._assembler.put(packet) if self._assembler is not None else None
        if picture is not None:
            self._wait(packet.payload_type, picture.timestamp, picture.data, arrival_ms, key=picture.key)

    def write(self, until_ms: float, film_ms: float) -> None:
        """What was taken before `until_ms`, in Unix time, which is `film_ms` in the film."""
        self._film_began_ms = until_ms - film_ms
        self._write(until_ms, self._film_began_ms)

    def pause(self) -> None:
        """What comes meanwhile is dropped; afterwards another file begins."""
        self.close()
        self._paused = True

    def resume(self) -> None:
        self._paused = False

    def close(self) -> None:
        """With what still waits for its time.  Idempotent."""
        if self._film_began_ms is not None:
            self._write(math.inf, self._film_began_ms)
        self._forget()
        self._close()

    # ------------------------------------------------------------ inside

    def _write(self, until_ms: float, film_began_ms: float) -> None:
        while self._waiting and self._clock.taken_ms(self._waiting[0].place) < until_ms:
            sample = self._waiting.popleft()
            self._bytes -= len(sample.data)
            taken_ms = self._clock.taken_ms(sample.place)
            if sample.key:
                self._starved = False
            if self._starved:
                continue
            try:
                if self._file is None or not self._file.takes(sample):
                    self._turn(sample, taken_ms, taken_ms - film_began_ms)
                if self._file is not None:
                    self._file.add(sample, taken_ms)
            except (av.FFmpegError, OSError, ValueError, IndexError) as error:
                log.warning("a track is not kept by itself any more", cause=str(error), track=self.stream.track_id)
                self._fail()

    def _wait(self, payload_type: int, timestamp: int, data: bytes, arrival_ms: float, *, key: bool) -> None:
        place = self._clock.arrived(timestamp, arrival_ms)
        self._waiting.append(_Sample(payload_type, place, data, key, timestamp))
        self._bytes += len(data)
        if len(self._waiting) > WAITING_MAX or self._bytes > WAITING_MAX_BYTES:
            self._forget()

    def _forget(self) -> None:
        self._waiting.clear()
        self._bytes = 0
        self._starved = self._video

    def _turn(self, sample: _Sample, taken_ms: float, at_ms: float) -> None:
        self._close()
        if not sample.key:
            self._starved = True
            return
        if self._shelf.full:
            log.warning("too many tracks to keep them all", track=self.stream.track_id)
            self._failed = True
            return
        path = self._shelf.begin(self.stream, _File.suffix(sample.payload_type), round(at_ms))
        self._file = _File(path, sample, taken_ms, self._rate)

    def _fail(self) -> None:
        self._failed = True
        self._forget()
        self._close()

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is None:
            return
        try:
            file.close()
        except (av.FFmpegError, OSError) as error:
            log.warning("a track could not be closed", cause=str(error), track=self.stream.track_id)


class _File:
    """Raises OSError (av.FFmpegError is one where the disk is the cause) and ValueError for what no container takes."""

    def __init__(self, path: Path, first: _Sample, taken_ms: float, rate: int) -> None:
        self._payload_type = first.payload_type
        self._sets = _sets_of(first)
        self._rate = rate
        self._begun_ms = taken_ms
        self._place, self._place_ms = first.place, 0.0
        self._last = -1
        self._container = _open(path)
        self._stream = _add_stream(self._container, first)

    @staticmethod
    def suffix(payload_type: int) -> str:
        return ".mp4" if payload_type == wire.H264_TYPE else ".webm"

    def takes(self, sample: _Sample) -> bool:
        if sample.payload_type != self._payload_type:
            return False
        return not sample.key or _sets_of(sample) == self._sets

    def add(self, sample: _Sample, taken_ms: float) -> None:
        packet: MediaPacket[Stream] = MediaPacket(sample.data)
        packet.pts = packet.dts = self._last = max(round(self._at(sample, taken_ms)), self._last + 1)
        packet.time_base = _TICK
        packet.is_keyframe = sample.key
        packet.stream = self._stream
        self._container.mux(packet)

    def close(self) -> None:
        self._container.close()

    def _at(self, sample: _Sample, taken_ms: float) -> float:
        """After its beginning, by its own clock as long as that goes right."""
        expected = taken_ms - self._begun_ms
        at = self._place_ms + (sample.place - self._place) * 1_000 / self._rate
        self._place_ms = expected if abs(at - expected) > SLACK_MS else at
        self._place = sample.place
        return self._place_ms


def _sets_of(sample: _Sample) -> tuple[bytes, ...]:
    if sample.payload_type != wire.H264_TYPE or not sample.key:
        return ()
    return Unit(0, sample.timestamp, sample.data, sample.key).sets


def _open(path: Path) -> OutputContainer:
    if path.suffix == ".mp4":
        return open_fragmented(str(path), FRAGMENT_MS)
    return av.open(
        str(path), "w", format="webm", options={"cluster_time_limit": str(FRAGMENT_MS), "flush_packets": "1"}
    )


def _add_stream(container: OutputContainer, first: _Sample) -> Stream:
    if first.payload_type == wire.OPUS_TYPE:
        sound = container.add_stream("libopus", rate=RATE, layout="stereo")
        container.start_encoding()
        return sound
    if first.payload_type in _NAMES:
        decoder = cast(VideoCodecContext, av.CodecContext.create(DECODERS[first.payload_type], "r"))
        sizes = [(frame.width, frame.height) for frame in decoder.decode(MediaPacket(first.data))]
        if not sizes or max(sizes[-1]) > SIDE_MAX:
            raise ValueError("a picture of no size")
        width, height = sizes[-1]
        return container.add_mux_stream(_NAMES[first.payload_type], width=width, height=height, time_base=_TICK)
    # What a decoder has to know beforehand stands in the first picture; it is read as a file would be.
    with av.open(io.BytesIO(first.data), "r", format="h264" if first.payload_type == wire.H264_TYPE else "obu") as read:
        pictures = container.add_stream_from_template(read.streams.video[0], opaque=True)
        pictures.time_base = _TICK
        return pictures
