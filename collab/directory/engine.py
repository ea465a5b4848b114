"""The directory put together once for whoever runs it: the server, a worker, a test with its own clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from collab.accounts.repository import AccountRepository
from collab.assist.machines import MachineService
from collab.db.engine import Database
from collab.desk import Desk
from collab.edge.endpoint import Endpoint
from collab.files.store import Files
from collab.limits import Limits
from collab.organizations.repository import OrganizationRepository
from collab.patrols.repository import PatrolRepository
from collab.patrols.service import LateFindings

from .http import DirectoryEndpoints
from .installer_http import InstallerEndpoints
from .installer_repository import InstallerRepository
from .installers import InstallerService
from .need_http import NeedEndpoints
from .need_repository import NeedRepository
from .needs import NeedService
from .organization_repository import DirectoryRepository
from .pages import PageService
from .reminders import CertificateReminders

REMIND_EVERY_S: Final = 3_600
_REMIND: Final = "directory.certificates"
_LATE: Final = "patrols.late"


class DirectoryEngine:
    def __init__(
        self,
        database: Database,
        accounts: AccountRepository,
        machines: MachineService,
        files: Files,
        limits: Limits,
        nudge: Callable[[], None],
        clock_ms: Callable[[], int],
    ) -> None:
        self._files = files
        organizations = OrganizationRepository(database)
        self.installers_sql = InstallerRepository(database)
        self.pages = PageService(DirectoryRepository(database), accounts, files, database, limits, clock_ms)
        self.installers = InstallerService(self.installers_sql, organizations, files, limits, clock_ms)
        self.needs_sql = NeedRepository(database)
        self.needs = NeedService(
            database, self.needs_sql, self.installers_sql, machines, organizations, limits, nudge, clock_ms
        )

    def table(self) -> tuple[Endpoint, ...]:
        return (
            *DirectoryEndpoints(self.pages, self.installers, self._files).table(),
            *InstallerEndpoints(self.installers, self._files).table(),
            *NeedEndpoints(self.needs).table(),
        )


def directory_of(
    desk: Desk, accounts: AccountRepository, machines: MachineService, files: Files, limits: Limits
) -> DirectoryEngine:
    """For the park's desk: tells people by its notices."""
    return DirectoryEngine(desk.database, accounts, machines, files, limits, desk.nudge, desk.clock_ms)


def remind_by(desk: Desk) -> None:
    """What of the directory and of spot checks works in the background.  Before the jobs run."""
    installers = InstallerRepository(desk.database)
    reminders = CertificateReminders(desk.database, installers, desk.nudge, desk.clock_ms)
    desk.jobs.every(_REMIND, REMIND_EVERY_S, reminders.work)
    late = LateFindings(desk.database, PatrolRepository(desk.database), desk.nudge, desk.clock_ms)
    desk.jobs.every(_LATE, REMIND_EVERY_S, late.work)
