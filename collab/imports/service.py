"""Imports by administrators of the park: a dry run that shows the fate of every row, then the run itself, by key.

What is applied is judged anew, row by row, in the transaction that writes it: what changed since the dry run counts,
and doing it again (by the same import after a crash, or by the same file) changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from collab.accounts.models import Member
from collab.apart import Apart
from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.repository import AuditRepository
from collab.edge.uploads import Received
from collab.limits import Limits, rate
from collab.problems import FieldFault, Refusal
from rooms.core.codes import Code
from rooms.core.text import clean_name

from .models import KEPT_DAYS
from .repository import ImportRepository
from .sheet import Sheet
from .values import FILE_NAME_MAX_CHARS, Fate, Import, ImportKind, ImportRow, ImportState, ReadTable

READ_MAX_S: Final = 60.0
READ_WAITING_MAX: Final = 4
DAY_MS: Final = 86_400_000
IMPORTS_OF_ACCOUNT = rate("imports", burst=20, per_minute=4)

log = structlog.get_logger("imports")


class ImportService:
    def __init__(
        self,
        imports: ImportRepository,
        audit: AuditRepository,
        limits: Limits,
        links_url: str,
        clock_ms: Callable[[], int],
        soon: Callable[[str], None],
        nudge: Callable[[], None],
    ) -> None:
        self._imports = imports
        self._audit = audit
        self._limits = limits
        self._links_url = links_url
        self._clock_ms = clock_ms
        self._soon = soon
        self._nudge = nudge
        self._apart = Apart(
            "collab.imports.sheet", waiting_max=READ_WAITING_MAX, max_s=READ_MAX_S, retry_after_ms=5_000
        )

    async def known(self, by: Member, key: str) -> Import | None:
        return await self._imports.by_key(by.account.id, key)

    async def plan(self, by: Member, key: str, kind: ImportKind, file_name: str, upload: Received) -> Import:
        """The dry run.  Raises BAD_FILE, INVALID (missing columns), TOO_MANY rows, UNAVAILABLE, RATE_LIMITED."""
        await self._limits.take(IMPORTS_OF_ACCOUNT, by.account.id)
        read = await self._apart.run(msgspec.msgpack.encode(Sheet(kind, await upload.content())))
        table = msgspec.msgpack.decode(read, type=ReadTable)
        if table.too_many:
            raise Refusal(Code.TOO_MANY, "rows of a table")
        if table.missing:
            raise Refusal(Code.INVALID, fields=dict.fromkeys(table.missing, FieldFault.REQUIRED))
        judged = await self._imports.judged(kind, table.rows)
        name = clean_name(file_name, FILE_NAME_MAX_CHARS)
        rows = list(zip(table.rows, judged, strict=True))
        await self._imports.add(by.account.id, key, kind, name, table.ignored, rows, self._clock_ms())
        log.info("import_planned", by=by.account.id, kind=kind.value, rows=len(rows))
        return await self.seen(by, key)

    async def seen(self, by: Member, key: str) -> Import:
        """One's own; raises NOT_FOUND."""
        found = await self._imports.by_key(by.account.id, key)
        if found is None:
            raise Refusal(Code.NOT_FOUND, "no such import")
        return found

    async def rows(
        self, by: Member, key: str, fate: Fate | None, after: int, limit: int
    ) -> tuple[list[ImportRow], bool]:
        found = await self._imports.rows((await self.seen(by, key)).id, fate, after, limit + 1)
        return found[:limit], len(found) > limit

    async def apply(self, by: Member, key: str, *, invite: bool) -> Import:
        """Begins it, once; a job does it in bites."""
        planned = await self.seen(by, key)
        if await self._imports.begin(planned.id, invite=invite):
            await self._audit.note(
                AuditAction.IMPORT_APPLIED,
                Subject(SubjectKind.IMPORT, planned.id, planned.file_name),
                of=planned.kind.value,
                rows=str(planned.total),
                created=str(planned.counts[Fate.CREATED]),
                changed=str(planned.counts[Fate.CHANGED]),
                refused=str(planned.counts[Fate.REFUSED]),
            )
            log.info("import_begun", by=by.account.id, kind=planned.kind.value, rows=planned.total)
        if planned.state is not ImportState.DONE:
            self._soon(planned.id)
        return await self.seen(by, key)

    # ------------------------------------------------------------ in the background

    async def run(self, import_id: str) -> None:
        """To its end.  Several may do this at once."""
        more = True
        while more:
            more = await self._imports.apply_bite(import_id, self._links_url, self._clock_ms())
            self._nudge()

    async def run_all(self) -> None:
        """Those whose process was killed."""
        for import_id in await self._imports.unfinished():
            await self.run(import_id)

    async def delete_old(self) -> None:
        if gone := await self._imports.purge(self._clock_ms() - KEPT_DAYS * DAY_MS):
            log.info("imports_deleted", imports=gone)
