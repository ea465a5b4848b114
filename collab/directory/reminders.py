"""Tells installers that a certificate ends: 60, 30 and 7 days before.  A sweep; the notice's key says what was told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from collab.db.engine import Database
from collab.notices import outbox
from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice, Subject

from .dates import day_of
from .installer_repository import InstallerRepository
from .people import leads_of
from .values import Certificate

BEFORE_DAYS: Final = (60, 30, 7)
AT_ONCE: Final = 200


class CertificateReminders:
    def __init__(
        self,
        database: Database,
        installers: InstallerRepository,
        nudge: Callable[[], None],
        clock_ms: Callable[[], int],
    ) -> None:
        self._database = database
        self._installers = installers
        self._nudge = nudge
        self._clock_ms = clock_ms

    async def work(self) -> None:
        """Also what was missed while no process ran: who is 20 days before the end is told of the 30."""
        today = day_of(self._clock_ms())
        last = today + timedelta(days=max(BEFORE_DAYS))
        after, told = "", 0
        while found := await self._installers.ending(today, last, after, AT_ONCE):
            for one in found:
                left = (one.valid_until - today).days
                told += await self._tell(one, min(days for days in BEFORE_DAYS if days >= left))
            after = found[-1].id
        if told:
            self._nudge()

    async def _tell(self, certificate: Certificate, days: int) -> int:
        at_ms = self._clock_ms()
        async with self._database.read() as session:
            people = await leads_of(session, [certificate.organization_id])
        notice = Notice(
            kind=NoticeKind.CERTIFICATE_ENDS,
            account_ids=people,
            key=f"certificate:{certificate.id}:{certificate.valid_until}:{days}",
            about=Subject("certificate", certificate.id),
            path=f"/directory/{certificate.organization_id}",
            params={"title": certificate.title, "until": str(certificate.valid_until)},
        )
        if not people:
            return 0
        async with self._database.write() as session:
            return await outbox.put(session, notice, at_ms)
