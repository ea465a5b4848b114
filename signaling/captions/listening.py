"""One room that is listened to, as the server holds it: the process, its tap, and whose words they are.

A process that ends by itself is replaced, later and later, up to AGAIN_MAX_S; one whose model is none is not.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Final

import structlog
from msgspec import Struct

from signaling.child import ChildProcess
from signaling.egress import wire as egress
from signaling.egress.room_tap import RoomSight, RoomTap

from . import wire
from .speakers import Speakers

LOOK_EVERY_S: Final = 0.1
STOP_WITHIN_S: Final = 5.0  # to say the last words; then it is killed
AGAIN_AFTER_S: Final = 1.0
AGAIN_MAX_S: Final = 30.0
STEADY_S: Final = 60.0  # a process that lived so long has done its work
SILENT_S: Final = 60.0  # without a report: the process is stuck (large models take their time to load)

log = structlog.get_logger(__name__)


class Line(Struct, frozen=True):
    """What somebody said; the same `id` again replaces it, until it is `final`."""

    id: str
    speaker: str  # "" unknown
    text: str
    begins_ms: int  # Unix time
    ends_ms: int
    final: bool


class Listening:
    """`run` is its life, in a task of the owner's.  `said` must neither block nor raise."""

    def __init__(self, sight: RoomSight, host: str, model: str, said: Callable[[Line], None]) -> None:
        """`host` is where the process reaches the media worker."""
        self._sight = sight
        self._tap = RoomTap(sight, host, lambda streams: self._tell(egress.Streams(streams)))
        self._model = model
        self._said = said
        self._speakers = Speakers()
        self._child: ChildProcess | None = None
        self._ending = asyncio.Event()
        self._life = ""
        self._failed = False
        self._dropped_ms = 0

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None else None

    def stop(self) -> None:
        """`run` returns soon after."""
        self._ending.set()

    async def run(self) -> None:
        pause_s = AGAIN_AFTER_S
        loop = asyncio.get_running_loop()
        try:
            while not self._ending.is_set() and not self._failed:
                began_s = loop.time()
                try:
                    code = await self._listen()
                except OSError as error:
                    log.error("no captions process could be started", cause=str(error))
                    code = -1
                if self._ending.is_set() or self._failed:
                    break
                log.warning("a captions process ended by itself", code=code)
                pause_s = AGAIN_AFTER_S if loop.time() - began_s > STEADY_S else min(pause_s * 2, AGAIN_MAX_S)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._ending.wait(), pause_s)
        finally:
            self._tap.close()

    # ------------------------------------------------------------ inside

    async def _listen(self) -> int:
        child = self._child = await ChildProcess.open("signaling.captions", wire.LINE_MAX_BYTES)
        self._life = f"{time.time_ns() // 1_000_000:x}"
        self._dropped_ms = 0
        self._tap.close()
        self._tell(wire.Begin(self._model))
        hearing = asyncio.create_task(child.hear(wire.decode_report, self._on_report))
        try:
            while not hearing.done() and not self._ending.is_set():
                self._look(child)
                await asyncio.wait([hearing], timeout=LOOK_EVERY_S)
            if not hearing.done():
                self._tell(egress.Stop())
                child.stdin.close()
                await asyncio.wait([hearing], timeout=STOP_WITHIN_S)
            return hearing.result() if hearing.done() else -1
        finally:
            self._child = None
            hearing.cancel()
            await asyncio.wait([hearing])

    def _look(self, child: ChildProcess) -> None:
        """Follow the room: where its media is, and who is the loudest."""
        if child.kill_if_silent(SILENT_S):
            return
        if (connect := self._tap.follow()) is not None:
            self._tell(connect)
            self._tap.show({})
        view, media = self._sight.view(), self._tap.media
        if media is not None and view is not None:
            names = (view.participants[one].name for one in media.speakers if one in view.participants)
            self._speakers.note(time.time() * 1_000, next(names, ""))

    def _on_report(self, report: wire.Report) -> None:
        match report:
            case wire.Ready():
                log.info("a room is listened to for captions")
            case wire.Heard():
                self._hear(report)
            case wire.Load():
                if report.dropped_ms > self._dropped_ms:
                    log.warning("captions do not keep up", left_out_ms=report.dropped_ms - self._dropped_ms)
                    self._dropped_ms = report.dropped_ms
            case wire.Failed():
                log.error("no captions", cause=report.cause, model=self._model)
                self._failed = True

    def _hear(self, heard: wire.Heard) -> None:
        of = f"{self._life}-{heard.number:06}"
        if not heard.final:
            speaker = self._speakers.at(heard.ends_ms)
            self._said(Line(of, speaker, heard.text, round(heard.begins_ms), round(heard.ends_ms), final=False))
            return
        for number, (speaker, text, begins_ms, ends_ms) in enumerate(self._speakers.split(heard)):
            id_ = f"{of}.{number}" if number else of
            self._said(Line(id_, speaker, text, round(begins_ms), round(ends_ms), final=True))

    def _tell(self, instruction: wire.Instruction) -> None:
        if self._child is not None:
            self._child.write(wire.line_of(instruction))
