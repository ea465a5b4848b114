"""The background work of exports and erasures, by whichever process comes to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from collab.files.store import Files
from collab.jobs.jobs import for_each
from collab.ports import Connections, Sessions
from rooms.core.codes import Code

from .archive import archive_of
from .exporting import ExportReader
from .repository import PersonalRepository
from .service import DAY_MS, KEPT_DAYS, archive_name, drop_archive
from .table import RULES

ADVANCE_EVERY: Final = 10  # entries between two marks of progress

log = structlog.get_logger("personal")


class PersonalWork:
    def __init__(
        self,
        personal: PersonalRepository,
        reader: ExportReader,
        files: Files,
        sessions: Sessions,
        connections: Connections,
        clock_ms: Callable[[], int],
    ) -> None:
        self._personal = personal
        self._reader = reader
        self._files = files
        self._sessions = sessions
        self._connections = connections
        self._clock_ms = clock_ms

    async def export(self, export_id: str) -> None:
        """Makes the archive; one that was cut off is made anew, in a few tries."""
        claimed = await self._personal.claim_export(export_id, self._clock_ms())
        person = await self._personal.person(claimed.account_id) if claimed else None
        if claimed is None or person is None:
            return

        async def advance(done: int, total: int) -> None:
            if done % ADVANCE_EVERY == 0 or done == total:
                await self._personal.advance_export(export_id, done, total)

        try:
            async with archive_of(person, self._reader, self._files, self._clock_ms(), advance) as (path, made):
                await drop_archive(self._files, export_id)  # of a try that was cut off
                await self._files.put_aside(archive_name(export_id), path)
                expires_at_ms = self._clock_ms() + KEPT_DAYS * DAY_MS
                if not await self._personal.end_export(export_id, made.size_bytes, made.left_out, expires_at_ms):
                    await drop_archive(self._files, export_id)
        except BaseException:
            await self._personal.let_go(export_id)
            raise
        log.info("personal_export_made", export=export_id, size_bytes=made.size_bytes, left_out=made.left_out)

    async def erase(self, erasure_id: str) -> None:
        """To its end; again is harmless, and after a cut it goes on.  Several may do it at once."""
        erasure = await self._personal.begin_erasure(erasure_id, self._clock_ms())
        person = await self._personal.person(erasure.account_id) if erasure else None
        if erasure is None or person is None:
            return
        await self._sessions.revoke_all(person.id)
        await self._connections.close_identity(person.id, Code.EXPIRED)
        for export_id in await self._personal.exports_with_files(person.id):
            await drop_archive(self._files, export_id)
        begun = erasure.done if erasure.total == len(RULES) else 0  # rules of another release: from the beginning
        for number, rule in enumerate(RULES[begun:], begun + 1):
            await self._personal.do_rule(rule, person, erasure.pseudonym, self._clock_ms())
            await self._personal.advance_erasure(erasure_id, number)
        await self._personal.end_erasure(erasure, self._clock_ms())
        await self._connections.close_identity(person.id, Code.EXPIRED)  # who remembered them forgets them now
        log.info("erased", erasure=erasure_id)

    async def run_all(self) -> None:
        """What is due, and what was cut off."""
        at_ms = self._clock_ms()
        await for_each(await self._personal.due_erasures(at_ms), self.erase)
        await for_each(await self._personal.waiting_exports(at_ms), self.export)

    async def delete_old(self) -> None:
        for export_id in await self._personal.expired_exports(self._clock_ms()):
            await drop_archive(self._files, export_id)
            await self._personal.forget_export(export_id)
