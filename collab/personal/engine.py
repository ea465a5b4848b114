"""Exports and erasures put together once for whoever does them: the server, a worker."""

from __future__ import annotations

from typing import Final

from collab.accounts.passwords import Passwords
from collab.accounts.repository import AccountRepository
from collab.audit.repository import AuditRepository
from collab.desk import Desk
from collab.files.store import Files
from collab.limits import Limits
from collab.ports import Connections, Sessions

from .exporting import ExportReader
from .repository import PersonalRepository
from .service import PersonalService
from .work import PersonalWork

SWEEP_S: Final = 60
OLD_EVERY_S: Final = 3_600
EXPORT: Final = "personal.export"
ERASE: Final = "personal.erase"
_SWEEP: Final = "personal.sweep"
_OLD: Final = "personal.old"


def personal_work(desk: Desk, files: Files, sessions: Sessions, connections: Connections) -> PersonalWork:
    """Registers what it does in the background: before the jobs run."""
    work = PersonalWork(
        PersonalRepository(desk.database), ExportReader(desk.database), files, sessions, connections, desk.clock_ms
    )

    async def export(export_id: str) -> None:
        await work.export(export_id)

    async def erase(erasure_id: str) -> None:
        await work.erase(erasure_id)

    desk.jobs.register(EXPORT, export)
    desk.jobs.register(ERASE, erase)
    desk.jobs.every(_SWEEP, SWEEP_S, work.run_all)
    desk.jobs.every(_OLD, OLD_EVERY_S, work.delete_old)
    return work


def personal_of(
    desk: Desk, accounts: AccountRepository, passwords: Passwords, files: Files, limits: Limits
) -> PersonalService:
    """For the server: what people ask for.  `personal_work` does it."""

    def soon(export_id: str) -> None:
        desk.jobs.soon(EXPORT, export_id, export_id=export_id)

    def erase_at(erasure_id: str, at_ms: int) -> None:
        desk.jobs.at(ERASE, erasure_id, at_ms, erasure_id=erasure_id)

    return PersonalService(
        PersonalRepository(desk.database),
        accounts,
        passwords,
        AuditRepository(desk.database),
        files,
        limits,
        desk.links_url,
        desk.clock_ms,
        soon,
        erase_at,
        desk.nudge,
    )
