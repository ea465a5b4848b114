"""What a worker does about announcements: those whose time has come go out, in the server or in `tongxin worker`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from collab.jobs.jobs import Jobs

from .repository import AnnouncementRepository

SWEEP_S: Final = 30
AT_ONCE: Final = 20

_PUBLISH: Final = "announcements.publish"

log = structlog.get_logger("announcements")


class AnnouncementClock:
    def __init__(
        self,
        announcements: AnnouncementRepository,
        jobs: Jobs,
        nudge: Callable[[], None],
        clock_ms: Callable[[], int],
    ) -> None:
        self._announcements = announcements
        self._jobs = jobs
        self._nudge = nudge
        self._clock_ms = clock_ms
        jobs.register(_PUBLISH, self._ring)
        jobs.every(_PUBLISH, SWEEP_S, self.work)

    def set(self, announcement_id: str, publish_at_ms: int) -> None:
        self._jobs.at(_PUBLISH, announcement_id, publish_at_ms, announcement_id=announcement_id)

    async def work(self) -> None:
        """All that are due.  Each is claimed, so that several may do this at once."""
        while due := await self._announcements.due(self._clock_ms(), AT_ONCE):
            for announcement_id in due:
                await self.publish(announcement_id)

    async def publish(self, announcement_id: str) -> None:
        """If its time has come and nobody else has done it."""
        if await self._announcements.publish(announcement_id, self._clock_ms()):
            self._nudge()
            log.info("announcement_published", announcement=announcement_id)

    async def _ring(self, announcement_id: str) -> None:
        await self.publish(announcement_id)
