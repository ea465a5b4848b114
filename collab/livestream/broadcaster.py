"""What a stage room says to its livestream (rooms.ports.RoomBroadcaster): its phase, and how the stage looks.

Rooms do not wait: words of one livestream are carried out one after the other, and of several looks only the last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from rooms.core.stage_audience import StageForAudience
from rooms.core.stage_model import StagePhase
from rooms.tasks import TaskOwner
from signaling.captions.listening import Line

from .hubs import HubsOfAllNodes
from .records import SpokenLine
from .service import LivestreamService

RETRY_S: Final = 2.0
ATTEMPTS_MAX: Final = 30
LINES_WAITING_MAX: Final = 50  # of one livestream, which are told; then the oldest is left out

log = structlog.get_logger("livestreams")


class LivestreamBroadcaster:
    """`also` hears of phases too: what films the stage."""

    def __init__(self, also: Callable[[str, str, StagePhase], None] | None = None) -> None:
        self._also = also
        self._service: LivestreamService | None = None
        self._hubs: HubsOfAllNodes | None = None
        self._looks: dict[str, StageForAudience] = {}
        self._phases: dict[str, list[StagePhase]] = {}
        self._lines: dict[str, dict[str, SpokenLine]] = {}  # by livestream and id
        self._tasks = TaskOwner()

    def connect(self, service: LivestreamService, hubs: HubsOfAllNodes) -> None:
        """Once they are made: they need what needs the rooms."""
        self._service, self._hubs = service, hubs

    async def close(self) -> None:
        await self._tasks.close()

    def broadcast(self, room_id: str, livestream_id: str, phase: StagePhase) -> None:
        if self._also is not None:
            self._also(room_id, livestream_id, phase)
        waiting = self._phases.get(livestream_id)
        if waiting is not None:
            waiting.append(phase)
            return
        self._phases[livestream_id] = [phase]
        self._tasks.start(self._move(livestream_id), f"phase of {livestream_id}")

    def staged(self, room_id: str, livestream_id: str, stage: StageForAudience) -> None:
        is_told = livestream_id in self._looks
        self._looks[livestream_id] = stage
        if not is_told:
            self._tasks.start(self._show(livestream_id), f"stage of {livestream_id}")

    def said(self, livestream_id: str, line: Line) -> None:
        is_told = livestream_id in self._lines
        waiting = self._lines.setdefault(livestream_id, {})
        waiting[line.id] = SpokenLine(
            id=line.id,
            speaker=line.speaker,
            text=line.text,
            begins_ms=line.begins_ms,
            ends_ms=line.ends_ms,
            final=line.final,
        )
        while len(waiting) > LINES_WAITING_MAX:
            del waiting[next(iter(waiting))]
        if not is_told:
            self._tasks.start(self._speak(livestream_id), f"captions of {livestream_id}")

    async def _speak(self, livestream_id: str) -> None:
        try:
            while lines := list(self._lines[livestream_id].values()):
                self._lines[livestream_id] = {}
                try:
                    if self._hubs is not None:
                        await self._hubs.spoken(livestream_id, lines)
                except Exception:
                    log.exception("captions_not_told", livestream=livestream_id)
        finally:
            del self._lines[livestream_id]

    async def _move(self, livestream_id: str) -> None:
        phases = self._phases[livestream_id]
        try:
            while phases:
                await self._once(livestream_id, phases[0])
                phases.pop(0)
        finally:
            self._phases.pop(livestream_id, None)

    async def _once(self, livestream_id: str, phase: StagePhase) -> None:
        for attempt in range(ATTEMPTS_MAX):
            try:
                if self._service is not None and self._hubs is not None:
                    await self._service.moved(livestream_id, phase)
                    if phase is StagePhase.ENDED:
                        await self._hubs.all_down(livestream_id)
                return
            except Exception:
                log.exception("livestream_not_moved", livestream=livestream_id, phase=phase, attempt=attempt)
                await asyncio.sleep(RETRY_S)

    async def _show(self, livestream_id: str) -> None:
        while (stage := self._looks.get(livestream_id)) is not None:
            try:
                if self._hubs is not None:
                    await self._hubs.stage(livestream_id, stage)
            except Exception:
                log.exception("stage_not_told", livestream=livestream_id)
            if self._looks.get(livestream_id) is stage:
                del self._looks[livestream_id]
