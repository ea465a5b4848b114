"""Imports put together once for whoever runs them: the server, a worker."""

from __future__ import annotations

from typing import Final

from collab.desk import Desk
from collab.files.store import Files
from collab.limits import Limits

from .repository import ImportRepository
from .service import ImportService
from .waiting import WaitingTables

SWEEP_S: Final = 60
OLD_EVERY_S: Final = 3_600
_READ: Final = "imports.read"
_APPLY: Final = "imports.apply"
_SWEEP: Final = "imports.sweep"
_OLD: Final = "imports.old"


def imports_of(desk: Desk, files: Files, limits: Limits) -> ImportService:
    """Registers what it does in the background: before the jobs run."""

    def soon(import_id: str) -> None:
        desk.jobs.soon(_APPLY, import_id, import_id=import_id)

    def soon_read(import_id: str) -> None:
        desk.jobs.soon(_READ, import_id, import_id=import_id)

    imports = ImportService(
        ImportRepository(desk.database),
        limits,
        desk.links_url,
        desk.clock_ms,
        WaitingTables(files),
        soon,
        soon_read,
        desk.nudge,
    )

    async def read(import_id: str) -> None:
        await imports.read(import_id)

    async def run(import_id: str) -> None:
        await imports.run(import_id)

    desk.jobs.register(_READ, read)
    desk.jobs.register(_APPLY, run)
    desk.jobs.every(_SWEEP, SWEEP_S, imports.run_all)
    desk.jobs.every(_OLD, OLD_EVERY_S, imports.delete_old)
    return imports
