"""Symposiums put together once for whoever runs them: the server, a worker, a test with its own clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from collab.accounts.repository import AccountRepository
from collab.clock import new_id
from collab.db.engine import Database
from collab.desk import Desk
from collab.jobs.jobs import Jobs
from collab.limits import Limits
from collab.meetings.live import LiveRooms
from collab.meetings.service import MeetingService
from collab.requests.engine import RequestEngine

from .afterwards import Afterwards
from .answering import Answering
from .repository import SymposiumRepository
from .service import SymposiumService

FILE_EVERY_S: Final = 60
_FILE: Final = "symposiums.file"


class SymposiumEngine:
    def __init__(
        self,
        database: Database,
        accounts: AccountRepository,
        requests: RequestEngine,
        nudge: Callable[[], None],
        clock_ms: Callable[[], int],
    ) -> None:
        """Learns from `requests` what is answered."""
        self.symposiums = SymposiumRepository(database)
        self.afterwards = Afterwards(self.symposiums, accounts, requests, nudge, clock_ms)
        requests.service.follow(Answering())
        self._accounts = accounts
        self._nudge = nudge
        self._clock_ms = clock_ms

    def work_by(self, jobs: Jobs) -> None:
        """Registers what is done in the background.  Before the jobs run."""

        async def file_requests() -> None:
            await self.afterwards.file_requests()

        jobs.register(_FILE, file_requests)
        jobs.every(_FILE, FILE_EVERY_S, file_requests)

    def service(
        self, meetings: MeetingService, live: LiveRooms, limits: Limits, soon: Callable[[], None]
    ) -> SymposiumService:
        """`soon` has the work done that a symposium leaves behind."""
        return SymposiumService(
            self.symposiums,
            self.afterwards,
            meetings,
            live,
            self._accounts,
            limits,
            self._nudge,
            self._clock_ms,
            soon,
        )


def symposiums_of(desk: Desk, accounts: AccountRepository, requests: RequestEngine) -> SymposiumEngine:
    """For the park's desk: tells people by its notices, works by its jobs."""
    engine = SymposiumEngine(desk.database, accounts, requests, desk.nudge, desk.clock_ms)
    engine.work_by(desk.jobs)
    return engine


def file_soon(desk: Desk) -> None:
    """Never fails and never waits: what this misses, the sweep finds."""
    desk.jobs.soon(_FILE, new_id())
