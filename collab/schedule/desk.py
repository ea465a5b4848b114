"""What of the schedule works in the background: mails and reminders, in the server or in `tongxin worker`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from collab.clock import new_id
from collab.db.engine import Database
from collab.jobs.jobs import Jobs

from .mailer import ScheduleMailer
from .mailing_repository import MailingRepository
from .reminders import Reminders

SWEEP_S: Final = 60
_MAIL: Final = "schedule.mail"
_REMIND: Final = "schedule.remind"


class ScheduleDesk:
    def __init__(
        self, database: Database, jobs: Jobs, nudge: Callable[[], None], clock_ms: Callable[[], int], links_url: str
    ) -> None:
        self._jobs = jobs
        self.mailer = ScheduleMailer(MailingRepository(database), links_url, clock_ms, nudge)
        self.reminders = Reminders(database, clock_ms, nudge)
        jobs.register(_MAIL, self.mailer.work)
        jobs.every(_MAIL, SWEEP_S, self.mailer.work)
        jobs.every(_REMIND, SWEEP_S, self.reminders.work)

    def changed(self) -> None:
        """After a commit: mails are to be written."""
        self._jobs.soon(_MAIL, new_id())
