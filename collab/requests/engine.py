"""The request engine put together once for whoever runs it: the server, a worker, a test with its own clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from collab.accounts.repository import AccountRepository
from collab.audit.repository import AuditRepository
from collab.clock import now_ms
from collab.db.engine import Database
from collab.desk import Desk
from collab.edge.endpoint import Endpoint
from collab.files.store import Files
from collab.jobs.jobs import Jobs
from collab.limits import Limits
from collab.officers.repository import OfficersInSql

from .alarm import RequestAlarm
from .batch_repository import BatchRepository
from .batches import BatchService
from .board import BoardRepository
from .checking import Checker
from .desk_http import DeskEndpoints
from .export import RequestExport
from .filing import FilingService
from .hours import HoursService
from .http import RequestEndpoints
from .notices import NoticeOutbox
from .paper_http import PaperEndpoints
from .papers import PaperService
from .people import DeskPeople, NoServiceOfficers, ServiceOfficers
from .records import RecordRepository
from .repository import RequestRepository
from .service import RequestService
from .statistics import StatisticsRepository
from .telling import NoOutbox, Outbox
from .type_http import TypeEndpoints
from .type_repository import TypeRepository
from .types import TypeService

_BATCH: Final = "requests.batch"
_BATCHES: Final = "requests.batches"
_LATE: Final = "requests.late"
_DUE: Final = "requests.due"
_OLD: Final = "requests.old"
BATCHES_EVERY_S: Final = 60  # for those whose process was killed
LATE_EVERY_S: Final = 60
DUE_EVERY_S: Final = 60
OLD_EVERY_S: Final = 3_600


def nothing_soon(_batch_id: str) -> None:
    """Where no jobs are done."""


class RequestEngine:
    def __init__(
        self,
        database: Database,
        accounts: AccountRepository,
        files: Files,
        limits: Limits,
        *,
        officers: ServiceOfficers | None = None,
        outbox: Outbox | None = None,
        soon: Callable[[str], None] = nothing_soon,
        clock_ms: Callable[[], int] = now_ms,
    ) -> None:
        self._audit = AuditRepository(database)
        self._files = files
        self._clock_ms = clock_ms
        self._limits = limits
        outbox = outbox or NoOutbox()
        self.hours = HoursService(database)
        self.people = DeskPeople(database)
        self.requests = RequestRepository(database)
        self.records = RecordRepository(database)
        self.types = TypeService(TypeRepository(database), limits)
        checker = Checker(self.hours, self.records, clock_ms)
        self.service = RequestService(
            self.requests,
            checker,
            self.types,
            self.hours,
            self.people,
            accounts,
            officers or NoServiceOfficers(),
            outbox,
            limits,
            clock_ms,
        )
        self.filing = FilingService(self.service, self.requests, self.types, checker, limits, clock_ms)
        self.papers = PaperService(self.service, self.records, self.people, files, database, outbox, limits, clock_ms)
        self.alarm = RequestAlarm(
            database, self.service, self.requests, self.types, self.hours, self.people, outbox, clock_ms
        )

        self.batches = BatchService(
            database,
            BatchRepository(database),
            self.requests,
            self.service,
            accounts,
            outbox,
            limits,
            clock_ms,
            soon,
        )
        self.board = BoardRepository(database)
        self.statistics = StatisticsRepository(database)

    def table(self) -> tuple[Endpoint, ...]:
        return (
            *TypeEndpoints(self.types, self.people, self.hours, self._clock_ms).table(),
            *RequestEndpoints(
                self.service,
                self.filing,
                self.requests,
                self.records,
                self.people,
                self.hours,
                self._limits,
                self._clock_ms,
                self._audit,
            ).table(),
            *PaperEndpoints(self.papers, self._files).table(),
            *DeskEndpoints(
                self.service,
                self.batches,
                self.board,
                self.statistics,
                RequestExport(self.service, self.requests),
                self.types,
                self.hours,
                self._limits,
                self._clock_ms,
                self._audit,
            ).table(),
        )

    def work_by(self, jobs: Jobs) -> None:
        """Registers what is done in the background: batches at once, and by sweeps all that the clock brings."""

        async def run_batch(batch_id: str) -> None:
            await self.batches.run(batch_id)

        async def run_batches() -> None:
            await self.batches.run_all()

        async def escalate() -> None:
            await self.alarm.escalate()

        async def remind() -> None:
            await self.alarm.remind()

        async def delete_old() -> None:
            await self.alarm.delete_old()

        jobs.register(_BATCH, run_batch)
        jobs.every(_BATCHES, BATCHES_EVERY_S, run_batches)
        jobs.every(_LATE, LATE_EVERY_S, escalate)
        jobs.every(_DUE, DUE_EVERY_S, remind)
        jobs.every(_OLD, OLD_EVERY_S, delete_old)


def requests_of(desk: Desk, accounts: AccountRepository, files: Files, limits: Limits) -> RequestEngine:
    """For the park's desk: tells people by its notices, works by its jobs.  Before the jobs run."""
    jobs = desk.jobs
    engine = RequestEngine(
        desk.database,
        accounts,
        files,
        limits,
        officers=OfficersInSql(desk.database, desk.clock_ms),
        outbox=NoticeOutbox(desk.nudge, desk.clock_ms),
        soon=lambda batch_id: jobs.soon(_BATCH, batch_id, batch_id=batch_id),
        clock_ms=desk.clock_ms,
    )
    engine.work_by(jobs)
    return engine
