"""The stages of this node that are live: each is filmed, and what is filmed can be fetched while it is made (hls.py).

A broadcast is a recording that is shown while it is made: the same process, the same spare one, the same film to keep.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, Protocol

import structlog
from msgspec import Struct

from rooms.core.stage_model import StagePhase
from rooms.tasks import TaskOwner
from signaling.captions.listening import Line, Listening

from . import wire
from .hls import LiveStream
from .recording import HEIGHT, WIDTH, Part, Recording, RecordingEvents, RecordingState, Studio
from .room_tap import RoomSight
from .wire import DELAY_MS

log = structlog.get_logger(__name__)

UNREAD_PARTS_MAX: Final = 64
UNKEPT_LINES_MAX: Final = 64
KEPT_AFTER_S: Final = 60.0  # of a broadcast that is over: viewers play to its end


class Place(Struct, frozen=True):
    """Where a broadcast writes.  The folders are there; a former life may have left `parts_before` and segments."""

    film: Path
    parts_before: int
    hls: Path
    first_segment: int
    encoders_before: int


class BroadcastLedger(Protocol):
    """Where collab writes down what is broadcast."""

    async def begun(self, livestream_id: str, room_id: str) -> Place: ...

    def progressed(self, livestream_id: str, film_ms: int, size_bytes: int) -> None: ...

    def said(self, livestream_id: str, line: Line) -> None:
        """What is understood of what somebody says."""

    async def kept(self, livestream_id: str, line: Line, part: str, at_ms: int) -> None:
        """A line that will not change any more, and where in the film it begins."""

    async def ended(self, livestream_id: str, parts: Sequence[Part]) -> None:
        """No part of it is written any more."""

    async def left(self, livestream_id: str, parts: Sequence[Part]) -> None:
        """This node stops while it is live: its next life, or another node, goes on."""


def sizes(*, second: bool) -> tuple[wire.Rendition, ...]:
    """What viewers choose from; the second costs a third of the first."""
    film = wire.Rendition("720", WIDTH, HEIGHT, wire.VIDEO_BPS)
    return (film, wire.Rendition("360", WIDTH // 2, HEIGHT // 2, 700_000)) if second else (film,)


class Broadcast:
    """One live stage.  `run` is its life; `stream` is what viewers fetch."""

    def __init__(
        self, livestream_id: str, renditions: tuple[wire.Rendition, ...], ledger: BroadcastLedger, captions: str
    ) -> None:
        self.livestream_id = livestream_id
        self._ledger = ledger
        self._captions = captions
        self._lines: asyncio.Queue[tuple[Line, str, int]] = asyncio.Queue(UNKEPT_LINES_MAX)
        self.stream = LiveStream(renditions)
        self._renditions = renditions
        self._parts: asyncio.Queue[wire.PartWritten] = asyncio.Queue(UNREAD_PARTS_MAX)
        self._folder = Path()
        self.recording: Recording | None = None
        self.listening: Listening | None = None
        self._stopped = False
        self.left = False

    async def run(
        self, place: Place, room_id: str, studio: Studio, progressed: Callable[[wire.Progress], None]
    ) -> None:
        self._folder = place.hls
        self.stream.goes_on(place.encoders_before)
        sight = studio.sight(room_id, audience=True)
        events = RecordingEvents(self._moved, progressed, self._written, self._chapter)
        hls = wire.Hls(str(place.hls), place.first_segment, self._renditions)
        self.recording = Recording(place.film, studio, sight, events, place.parts_before, hls)
        beside = [asyncio.create_task(self._read()), asyncio.create_task(self._keep())]
        try:
            if not self._stopped:
                await self._film(studio, sight)
            await self._parts.join()
            await self._lines.join()
        finally:
            for task in beside:
                task.cancel()
            await asyncio.wait(beside)
            if not self.left:
                self.stream.end()

    def stop(self) -> None:
        """It is over: players are told so."""
        self._stopped = True
        if self.recording is not None:
            self.recording.stop()

    def leave(self) -> None:
        """This node stops: players ask on, and find what goes on elsewhere or later."""
        self.left = not self._stopped
        self._stopped = True
        if self.recording is not None:
            self.recording.stop()

    # ------------------------------------------------------------ inside

    async def _film(self, studio: Studio, sight: RoomSight) -> None:
        if self.recording is None:
            return
        if not self._captions:
            await self.recording.run()
            return
        self.listening = Listening(sight, studio.host, self._captions, self._said)
        hearing = asyncio.create_task(self.listening.run())
        try:
            await self.recording.run()
            self.listening.stop()
            await hearing  # for the last words
        finally:
            hearing.cancel()
            await asyncio.wait([hearing])
            self.listening = None

    def _said(self, line: Line) -> None:
        self._ledger.said(self.livestream_id, line)
        place = self.recording.place_of(line.begins_ms) if self.recording is not None and line.final else None
        if place is not None:
            try:
                self._lines.put_nowait((line, *place))
            except asyncio.QueueFull:
                log.error("captions are said faster than they are kept", livestream=self.livestream_id)

    async def _keep(self) -> None:
        while True:
            line, part, at_ms = await self._lines.get()
            try:
                await self._ledger.kept(self.livestream_id, line, part, at_ms)
            except OSError as error:
                log.error("captions cannot be kept", livestream=self.livestream_id, cause=str(error))
            finally:
                self._lines.task_done()

    def _moved(self, state: RecordingState, cause: str) -> None:
        if cause:
            log.error("a broadcast has ended by itself", livestream=self.livestream_id, state=state, cause=cause)

    def _chapter(self, title: str, ago_s: float) -> None:
        self.stream.chapter(title, round(time.time() * 1_000 - DELAY_MS - ago_s * 1_000))

    def _written(self, part: wire.PartWritten) -> None:
        try:
            self._parts.put_nowait(part)
        except asyncio.QueueFull:
            log.error("parts are written faster than they are read", livestream=self.livestream_id)

    async def _read(self) -> None:
        while True:
            part = await self._parts.get()
            try:
                folder = self._folder / part.rendition
                init = b""
                if not self.stream.playlists[part.rendition].knows_init(part.init):
                    init = await asyncio.to_thread((folder / part.init).read_bytes)
                data = await asyncio.to_thread((folder / f"{part.segment}.{part.part}.m4s").read_bytes)
                self.stream.add(part, init, data)
            except OSError as error:
                log.error("a part cannot be read", livestream=self.livestream_id, cause=str(error))
            finally:
                self._parts.task_done()


class Broadcasts:
    """Films stages when rooms.ports.RoomBroadcaster is told of their phases."""

    def __init__(
        self, ledger: BroadcastLedger, studio: Studio, renditions: tuple[wire.Rendition, ...], captions: str = ""
    ) -> None:
        """`captions`: the folder of the model for captions; "" makes none."""
        self._ledger = ledger
        self._captions = captions
        self._studio = studio
        self._renditions = renditions
        self._running: dict[str, Broadcast] = {}  # by livestream
        self._films = TaskOwner()
        self._forgetting = TaskOwner()

    @property
    def live(self) -> dict[str, Broadcast]:
        """Those that go on, by livestream."""
        return {
            id_: one
            for id_, one in self._running.items()
            if not any(playlist.has_ended for playlist in one.stream.playlists.values())
        }

    def find(self, livestream_id: str) -> Broadcast | None:
        """One that is live here, or has just ended."""
        return self._running.get(livestream_id)

    def parts_of(self, livestream_id: str) -> Sequence[Part]:
        """Of its film, in this life of the node."""
        running = self._running.get(livestream_id)
        return running.recording.parts if running is not None and running.recording is not None else ()

    @property
    def process_ids(self) -> list[int]:
        return [pid for one in self._running.values() if one.recording is not None for pid in one.recording.process_ids]

    def follow(self, room_id: str, livestream_id: str, phase: StagePhase) -> None:
        """The stage is in this phase now; the same again changes nothing."""
        live = phase is StagePhase.LIVE
        running = self._running.get(livestream_id)
        if live and running is None:
            running = Broadcast(livestream_id, self._renditions, self._ledger, self._captions)
            self._running[livestream_id] = running
            self._films.start(self._make(room_id, running), f"broadcast {livestream_id}")
        elif not live and running is not None:
            running.stop()

    async def close(self) -> None:
        """This node stops; its next life, or another node, goes on with what is live."""
        for running in self._running.values():
            running.leave()
        await self._films.finish()
        await self._forgetting.close()

    # ------------------------------------------------------------ inside

    async def _make(self, room_id: str, broadcast: Broadcast) -> None:
        id_ = broadcast.livestream_id
        try:
            place = await self._ledger.begun(id_, room_id)
            await broadcast.run(place, room_id, self._studio, partial(self._progressed, broadcast))
        except Exception:
            log.exception("a stage could not be broadcast", room=room_id, livestream=id_)
        parts = broadcast.recording.parts if broadcast.recording is not None else ()
        if broadcast.left:
            await self._ledger.left(id_, parts)
            return
        await self._ledger.ended(id_, parts)
        self._forgetting.start(self._forget(broadcast), f"forget {id_}")

    async def _forget(self, broadcast: Broadcast) -> None:
        await asyncio.sleep(KEPT_AFTER_S)
        if self._running.get(broadcast.livestream_id) is broadcast:
            del self._running[broadcast.livestream_id]

    def _progressed(self, broadcast: Broadcast, progress: wire.Progress) -> None:
        if broadcast.recording is not None:
            self._ledger.progressed(broadcast.livestream_id, broadcast.recording.film_ms, progress.bytes)
