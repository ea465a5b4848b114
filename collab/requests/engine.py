"""The request engine put together once for whoever runs it: the server, a worker, a test with its own clock."""

from __future__ import annotations

from collections.abc import Callable

from collab.accounts.repository import AccountRepository
from collab.clock import now_ms
from collab.db.engine import Database
from collab.edge.endpoint import Endpoint
from collab.files.store import Files
from collab.limits import Limits

from .alarm import RequestAlarm
from .checking import Checker
from .filing import FilingService
from .hours import HoursService
from .http import RequestEndpoints
from .paper_http import PaperEndpoints
from .papers import PaperService
from .people import DeskPeople, NoServiceOfficers, ServiceOfficers
from .records import RecordRepository
from .repository import RequestRepository
from .service import RequestService
from .telling import NoOutbox, Outbox
from .type_http import TypeEndpoints
from .type_repository import TypeRepository
from .types import TypeService


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
        clock_ms: Callable[[], int] = now_ms,
    ) -> None:
        self._files = files
        self._clock_ms = clock_ms
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

    def table(self) -> tuple[Endpoint, ...]:
        return (
            *TypeEndpoints(self.types, self.people, self.hours, self._clock_ms).table(),
            *RequestEndpoints(
                self.service, self.filing, self.requests, self.records, self.people, self._clock_ms
            ).table(),
            *PaperEndpoints(self.papers, self._files).table(),
        )
