"""Health put together once for whoever runs it: the server, a worker, a test with its own clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from collab.db.engine import Database
from collab.desk import Desk
from collab.jobs.jobs import Jobs
from collab.limits import Limits
from collab.requests.engine import RequestEngine

from .accesses import AccessRepository
from .concern_repository import ConcernRepository
from .declarations import Declarations
from .matching import Matcher
from .place_repository import PlaceRepository
from .service import HealthService

SWEEP_EVERY_S: Final = 120
OLD_EVERY_S: Final = 3_600
_SWEEP: Final = "health.match"
_OLD: Final = "health.old"


class HealthEngine:
    def __init__(
        self,
        database: Database,
        requests: RequestEngine,
        limits: Limits,
        nudge: Callable[[], None],
        clock_ms: Callable[[], int],
    ) -> None:
        """Learns from `requests` what is declared."""
        self.matcher = Matcher(database, clock_ms)
        requests.service.follow(Declarations(database, self.matcher, clock_ms))
        self.service = HealthService(
            PlaceRepository(database),
            ConcernRepository(database),
            AccessRepository(database),
            self.matcher,
            requests.people,
            limits,
            nudge,
            clock_ms,
        )

    def work_by(self, jobs: Jobs) -> None:
        """Registers what is done in the background.  Before the jobs run."""

        async def delete_old() -> None:
            await self.service.delete_old()

        jobs.every(_SWEEP, SWEEP_EVERY_S, self.matcher.sweep)
        jobs.every(_OLD, OLD_EVERY_S, delete_old)


def health_of(desk: Desk, requests: RequestEngine, limits: Limits) -> HealthService:
    """For the park's desk: tells people by its notices, works by its jobs."""
    engine = HealthEngine(desk.database, requests, limits, desk.nudge, desk.clock_ms)
    engine.work_by(desk.jobs)
    return engine.service
