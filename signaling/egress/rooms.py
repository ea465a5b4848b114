"""The recordings that this node makes: implements rooms.ports.RoomRecorder."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog
from msgspec import Struct

from rooms.core.commands import NoteRecording
from rooms.core.model import RecordingEnd
from rooms.core.model import RecordingState as Told
from rooms.core.room import SYSTEM
from rooms.ports import LiveRoom
from rooms.tasks import TaskOwner

from . import wire
from .recording import Part, Recording, RecordingEvents, RecordingState, Studio

log = structlog.get_logger(__name__)

_ENDS = {"disk": RecordingEnd.DISK, "fault": RecordingEnd.FAULT}


class RecordingLedger(Protocol):
    """Where collab writes down what is recorded."""

    async def begun(self, recording_id: str, room_id: str, by: str) -> tuple[Path, int]:
        """The folder for its parts, which is there, and how many it holds already: a recording goes on after its
        server died."""

    def progressed(self, recording_id: str, film_ms: int, size_bytes: int) -> None: ...

    async def ended(self, recording_id: str, parts: Sequence[Part]) -> None:
        """No part of it is written any more; `parts` are those of this life."""

    async def left(self, recording_id: str, parts: Sequence[Part]) -> None:
        """This node stops while it is made: its next life, or another node, goes on."""


class _Running(Struct):
    recording_id: str
    tracks: bool = False
    recording: Recording | None = None  # until its folder is there
    wanted: Told = Told.STARTING


class RecorderOfRooms:
    def __init__(self, ledger: RecordingLedger, studio: Studio) -> None:
        self._ledger = ledger
        self._studio = studio
        self._running: dict[str, _Running] = {}  # by room
        self._films = TaskOwner()
        self._notes = TaskOwner()
        self._leaving = False

    @property
    def process_ids(self) -> list[int]:
        return [pid for running in self._running.values() if running.recording for pid in running.recording.process_ids]

    async def close(self) -> None:
        """This node stops: what is being written is closed in order; its next life, or another node, goes on."""
        self._leaving = True
        for running in self._running.values():
            if running.recording is not None:
                running.recording.stop()
        await self._films.finish()
        await self._notes.close()

    def is_made(self, recording_id: str) -> bool:
        return any(running.recording_id == recording_id for running in self._running.values())

    # ------------------------------------------------------------ rooms.ports.RoomRecorder

    def record(self, room_id: str, recording_id: str, state: Told, by: str, *, tracks: bool = False) -> None:
        running = self._running.get(room_id)
        if running is not None and running.recording_id != recording_id:
            log.warning("a recording begins before another has ended", room=room_id)
            self._obey(running, Told.OFF)
            running = None
        if running is None:
            if state is Told.OFF:
                return
            running = self._running[room_id] = _Running(recording_id, tracks)
            self._films.start(self._make(room_id, running, by), f"recording {recording_id}")
        self._obey(running, state)

    # ------------------------------------------------------------ inside

    def _obey(self, running: _Running, state: Told) -> None:
        running.wanted = state
        if (recording := running.recording) is None:
            return
        match state:
            case Told.OFF:
                recording.stop()
            case Told.PAUSED:
                recording.pause()
            case Told.ON | Told.STARTING:
                recording.resume()

    async def _make(self, room_id: str, running: _Running, by: str) -> None:
        recording_id = running.recording_id
        try:
            folder, before = await self._ledger.begun(recording_id, room_id, by)
            events = RecordingEvents(
                partial(self._moved, room_id, recording_id),
                partial(self._progressed, running),
            )
            recording = running.recording = Recording(
                folder, self._studio, self._studio.sight(room_id), events, before, tracks=running.tracks
            )
            self._obey(running, running.wanted)
            await recording.run()
        except Exception:
            log.exception("a room could not be recorded", room=room_id, recording=recording_id)
            self._note(room_id, recording_id, Told.OFF, RecordingEnd.FAULT)
        finally:
            if self._running.get(room_id) is running:
                del self._running[room_id]
        parts = running.recording.parts if running.recording is not None else ()
        if self._leaving and running.wanted is not Told.OFF:
            await self._ledger.left(recording_id, parts)
        else:
            await self._ledger.ended(recording_id, parts)

    def _moved(self, room_id: str, recording_id: str, state: RecordingState, cause: str) -> None:
        if state is RecordingState.RUNNING:
            self._note(room_id, recording_id, Told.ON, None)
        elif state is RecordingState.OVER and cause:
            self._note(room_id, recording_id, Told.OFF, _ENDS.get(cause, RecordingEnd.FAULT))

    def _note(self, room_id: str, recording_id: str, state: Told, end: RecordingEnd | None) -> None:
        if (room := self._studio.find(room_id)) is not None:
            self._notes.start(self._ask(room, NoteRecording(SYSTEM, recording_id, state, end)), "note of a recording")

    async def _ask(self, room: LiveRoom, command: NoteRecording) -> None:
        await room.ask(command)

    def _progressed(self, running: _Running, progress: wire.Progress) -> None:
        recording = running.recording
        if recording is not None:
            self._ledger.progressed(running.recording_id, recording.film_ms, progress.bytes)
