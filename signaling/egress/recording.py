"""One recording of one room: a tap of its media, the process that films it, and the scene that the film shows.

    starting --the first picture is written--> running <--> paused
        \\________________________\\________________\\--> over

When a process dies another takes over in a file of its own, at most RESTARTS_MAX times: what was written remains
(film.py), and the finished film is put together of all parts (finish.py).  That other one is started beforehand and
waits, because starting takes longer than may be lost.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
import structlog
from msgspec import Struct

from rooms.core.model import RoomView
from rooms.ports import LiveRoom
from signaling.sfu.room import MediaRoom

from . import wire
from .chapters import Chapters
from .process import STOP_WITHIN_S, EgressProcess
from .room_tap import RoomSight, RoomTap
from .scene import compose_scene, heights_of
from .stage_scene import stage_scene
from .wire import AUTO, DELAY_MS

log = structlog.get_logger(__name__)

WIDTH: Final = 1_280
HEIGHT: Final = 720
FRAMES_PER_S: Final = 25
LOOK_EVERY_S: Final = 0.25
RESTARTS_MAX: Final = 20
SILENT_S: Final = 10.0  # without a report: the process is stuck


class RecordingState(StrEnum):
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    OVER = "over"


TRANSITIONS: Final[Mapping[RecordingState, frozenset[RecordingState]]] = {
    RecordingState.STARTING: frozenset({RecordingState.RUNNING, RecordingState.PAUSED, RecordingState.OVER}),
    RecordingState.RUNNING: frozenset({RecordingState.PAUSED, RecordingState.OVER}),
    RecordingState.PAUSED: frozenset({RecordingState.RUNNING, RecordingState.OVER}),
    RecordingState.OVER: frozenset(),
}


class Part(Struct, frozen=True):
    """One file.  `chapters` are times in this part."""

    name: str
    film_ms: int = 0
    chapters: tuple[tuple[int, str], ...] = ()


class RecordingEvents(Struct, frozen=True):
    """What the owner of a recording is told; none of these may block or raise."""

    moved: Callable[[RecordingState, str], None]  # and the cause, "" where there is none
    progress: Callable[[wire.Progress], None]
    part: Callable[[wire.PartWritten], None] = lambda _part: None
    chapter: Callable[[str, float], None] = lambda _title, _ago_s: None


class Studio(Struct, frozen=True):
    """What all films of this node are made with.  `host` is where egress processes reach the media workers, `font`
    draws names, `encoder` is one of wire.ENCODERS."""

    find: Callable[[str], LiveRoom | None]
    media_of: Callable[[str], MediaRoom | None]
    host: str
    font: str
    encoder: str = AUTO

    def sight(self, room_id: str, *, audience: bool = False) -> RoomSight:
        return RoomSight(partial(self._view, room_id), partial(self.media_of, room_id), audience)

    def _view(self, room_id: str) -> RoomView | None:
        room = self.find(room_id)
        return None if room is None else room.view


class Recording:
    """`run` is its life, in a task of the owner's."""

    def __init__(
        self,
        folder: Path,
        studio: Studio,
        sight: RoomSight,
        events: RecordingEvents,
        parts_before: int = 0,
        hls: wire.Hls | None = None,
        *,
        tracks: bool = False,
    ) -> None:
        """`parts_before`: how many parts a former life has left in the folder.  `hls`: it is shown while it is made.
        `tracks`: everybody's are kept by themselves too."""
        self._folder = folder
        self._studio = studio
        self._sight = sight
        self._tap = RoomTap(sight, studio.host, self._on_streams, everything=tracks)
        self._events = events
        self._parts_before = parts_before
        self._hls = hls
        self._tracks = tracks
        self.state = RecordingState.STARTING
        self.parts: list[Part] = []
        self._process: EgressProcess | None = None
        self._spare: EgressProcess | None = None
        self._scene: wire.Scene | None = None
        self._chapters = Chapters()
        self._shown: tuple[str, ...] = ()
        self._ending = asyncio.Event()
        self._failed = ""
        self._shown_ms = 0.0  # Unix time of what stands at the end of the newest part, as it was noted last

    @property
    def film_ms(self) -> int:
        """Of all parts of this life."""
        return sum(part.film_ms for part in self.parts)

    def place_of(self, unix_ms: float) -> tuple[str, int] | None:
        """(part, at in this part in ms) where the film shows that time, which is not long ago.  None while it rests."""
        if not self.parts or self.state is RecordingState.PAUSED:
            return None
        newest = self.parts[-1]
        return newest.name, max(0, round(newest.film_ms + unix_ms - self._shown_ms))

    @property
    def process_ids(self) -> list[int]:
        """The one that films, and the one that waits."""
        return [process.pid for process in (self._process, self._spare) if process is not None]

    async def run(self) -> None:
        """Until stopped, or until nothing can be written any more."""
        try:
            for attempt in range(RESTARTS_MAX + 1):
                code = await self._film(attempt)
                if self._ending.is_set() or self._failed:
                    break
                log.warning("an egress process ended by itself", code=code, attempt=attempt)
        finally:
            if self._spare is not None:
                self._spare.kill()
                await self._spare.run()
            self._tap.close()
            cause = self._failed or ("" if self._ending.is_set() else "fault")
            self._move(RecordingState.OVER, cause)

    def pause(self) -> None:
        if self.state in (RecordingState.RUNNING, RecordingState.STARTING):
            self._tell(wire.Pause())
            self._move(RecordingState.PAUSED)

    def resume(self) -> None:
        if self.state is RecordingState.PAUSED:
            self._tell(wire.Resume())
            self._move(RecordingState.RUNNING)

    def chapter(self, title: str, ago_s: float = 0.0) -> None:
        self._tell(wire.Chapter(title, round(ago_s * 1_000)))
        self._events.chapter(title, ago_s)

    def stop(self) -> None:
        """`run` returns soon after."""
        self._ending.set()

    # ------------------------------------------------------------ inside

    async def _film(self, attempt: int) -> int:
        name = f"part-{self._parts_before + attempt + 1:03}.mp4"
        path = str(self._folder / name)
        font, encoder = self._studio.font, self._studio.encoder
        begin = wire.Begin(path, font, WIDTH, HEIGHT, FRAMES_PER_S, self._hls, self._tracks, encoder)
        try:
            process = self._spare or await EgressProcess.start(self._on_report)
            self._spare = None
            process.tell(begin)
        except OSError as error:
            log.error("no egress process could be started", cause=str(error))
            self._failed = "fault"
            return -1
        self.parts.append(Part(name))
        self._shown_ms = _unix_ms()
        self._process, self._scene = process, None
        self._tap.close()
        if self.state is RecordingState.PAUSED:
            process.tell(wire.Pause())
        running = asyncio.create_task(process.run())
        try:
            while not running.done() and not self._ending.is_set():
                self._look(process)
                await asyncio.wait([running], timeout=LOOK_EVERY_S)
                if self._spare is None and self.state is not RecordingState.STARTING:
                    self._spare = await EgressProcess.start(self._on_report)
            if not running.done():
                process.stop()
                await asyncio.wait([running], timeout=STOP_WITHIN_S)
            return running.result() if running.done() else -1
        finally:
            self._process = None
            process.kill()
            await asyncio.wait([running])

    def _look(self, process: EgressProcess) -> None:
        """Follow the room: who is on the picture, and where its media is."""
        if process.kill_if_silent(SILENT_S):
            return
        if (connect := self._tap.follow()) is not None:
            process.tell(connect)
            self._scene = None
        view, media = self._sight.view(), self._tap.media
        if view is None:
            return
        speakers = media.speakers if media is not None else ()
        if self.state is RecordingState.RUNNING:
            begun = self._chapters.look(view, speakers, asyncio.get_running_loop().time())
            if begun is not None:
                self.chapter(begun.title, begun.ago_s)
        if self._sight.audience and view.stage is not None:
            scene = stage_scene(view, view.stage, WIDTH, HEIGHT)
        else:
            scene, self._shown = compose_scene(view, speakers, self._shown, WIDTH, HEIGHT)
        if scene != self._scene:
            self._scene = scene
            self._tell(scene)
            self._tap.show(heights_of(scene))

    def _on_streams(self, streams: tuple[wire.Stream, ...]) -> None:
        view = self._sight.view()
        if self._tracks and view is not None:
            streams = tuple(_named(stream, view) for stream in streams)
        self._tell(wire.Streams(streams))

    def _on_report(self, report: wire.Report) -> None:
        match report:
            case wire.Started():
                if self.state is RecordingState.STARTING:
                    self._move(RecordingState.RUNNING)
            case wire.Progress():
                self._note(report.film_ms, report.chapters)
                self._events.progress(report)
            case wire.PartWritten():
                if self._hls is not None:  # where another process would go on
                    self._hls = msgspec.structs.replace(self._hls, first=report.segment + 1)
                self._events.part(report)
            case wire.Spliced():
                log.info("a film goes on in another way", passed=report.passed, file=report.name)
                self._note(report.film_ms, report.chapters)
                self.parts.append(Part(report.name))
            case wire.Ended():
                self._note(report.film_ms, report.chapters)
            case wire.Failed():
                self._failed = report.cause

    def _note(self, film_ms: int, chapters: tuple[tuple[int, str], ...]) -> None:
        self.parts[-1] = Part(self.parts[-1].name, film_ms, chapters)
        self._shown_ms = _unix_ms() - DELAY_MS

    def _tell(self, instruction: wire.Instruction) -> None:
        if self._process is not None:
            self._process.tell(instruction)

    def _move(self, to: RecordingState, cause: str = "") -> None:
        if to not in TRANSITIONS[self.state]:
            raise AssertionError(f"a recording cannot go from {self.state} to {to}")
        log.info("a recording moved", before=self.state, after=to, cause=cause)
        self.state = to
        self._events.moved(to, cause)


def _unix_ms() -> float:
    return time.time_ns() / 1_000_000


def _named(stream: wire.Stream, view: RoomView) -> wire.Stream:
    owner = view.participants.get(stream.owner_id)
    if owner is None:
        return stream
    return msgspec.structs.replace(stream, owner_identity=owner.identity, owner_name=owner.name)
