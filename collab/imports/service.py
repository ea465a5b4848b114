"""Imports by administrators of the park: a dry run that shows the fate of every row, then the run itself, by key.

What is applied is judged anew, row by row, in the transaction that writes it: what changed since the dry run counts,
and doing it again (by the same import after a crash, or by the same file) changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Final

import msgspec
import structlog
from msgspec import Struct

from collab.accounts.models import Member
from collab.apart import Apart
from collab.edge.uploads import Received
from collab.jobs.jobs import for_each
from collab.limits import Limits, rate
from collab.problems import FieldFault, Refusal
from rooms.core.codes import Code
from rooms.core.text import clean_name

from .judging import Known
from .models import KEPT_DAYS
from .repository import Claim, ImportRepository
from .sheet import Sheet
from .values import (
    AT_ONCE_MAX_BYTES,
    FILE_NAME_MAX_CHARS,
    Fate,
    Import,
    ImportFault,
    ImportKind,
    ImportRow,
    ImportState,
    ReadPiece,
)
from .waiting import WaitingTables

READ_MAX_S: Final = 60.0
READ_IN_JOB_MAX_S: Final = 240.0  # below jobs.HANDLER_MAX_S
CLAIMED_MS: Final = 330_000  # above it
READ_WAITING_MAX: Final = 4
TRIES_MAX: Final = 3
RETRY_MS: Final = 5_000
DAY_MS: Final = 86_400_000
IMPORTS_OF_ACCOUNT = rate("imports", burst=20, per_minute=4)

log = structlog.get_logger("imports")


class Outcome(Struct, frozen=True):
    """Of reading a table."""

    fault: ImportFault | None
    missing: tuple[str, ...] = ()
    cause: str = ""  # for the log


class ImportService:
    def __init__(
        self,
        imports: ImportRepository,
        limits: Limits,
        links_url: str,
        clock_ms: Callable[[], int],
        waiting: WaitingTables,
        soon: Callable[[str], None],
        soon_read: Callable[[str], None],
        nudge: Callable[[], None],
    ) -> None:
        self._imports = imports
        self._limits = limits
        self._links_url = links_url
        self._clock_ms = clock_ms
        self._waiting = waiting
        self._soon = soon
        self._soon_read = soon_read
        self._nudge = nudge
        # One each: who brings a small table does not wait for a large one.
        self._apart, self._apart_in_jobs = (
            Apart("collab.imports.sheet", waiting_max=READ_WAITING_MAX, max_s=max_s, retry_after_ms=RETRY_MS)
            for max_s in (READ_MAX_S, READ_IN_JOB_MAX_S)
        )

    async def known(self, by: Member, key: str) -> Import | None:
        return await self._imports.by_key(by.account.id, key)

    async def plan(self, by: Member, key: str, kind: ImportKind, file_name: str, upload: Received) -> Import:
        """The dry run: of a small table at once, of a large one by a job, which `seen` shows.

        Raises BAD_FILE, INVALID (missing columns), TOO_MANY rows, UNAVAILABLE, RATE_LIMITED; they leave nothing.
        """
        await self._limits.take(IMPORTS_OF_ACCOUNT, by.account.id)
        name = clean_name(file_name, FILE_NAME_MAX_CHARS)
        import_id = await self._imports.add(by.account.id, key, kind, name, self._clock_ms())
        if import_id is None:
            return await self.seen(by, key)
        try:
            if upload.size_bytes > AT_ONCE_MAX_BYTES:
                await self._waiting.put(import_id, upload.path)
                self._soon_read(import_id)
            else:
                await self._plan_now(import_id, upload.path)
        except BaseException:
            await self._imports.drop(import_id)
            raise
        log.info("import_planned", by=by.account.id, kind=kind.value, size_bytes=upload.size_bytes)
        return await self.seen(by, key)

    async def _plan_now(self, import_id: str, path: Path) -> None:
        claim = await self._claim(import_id)
        if claim is None:
            raise Refusal(Code.UNAVAILABLE, "another one reads it", retry_after_ms=RETRY_MS)
        outcome = await self._read(self._apart, import_id, claim, path)
        match outcome.fault:
            case None:
                await self._imports.end_reading(import_id, claim)
            case ImportFault.MISSING_COLUMNS:
                raise Refusal(Code.INVALID, fields=dict.fromkeys(outcome.missing, FieldFault.REQUIRED))
            case ImportFault.TOO_MANY:
                raise Refusal(Code.TOO_MANY, "rows of a table")
            case ImportFault.BAD_FILE:
                raise Refusal(Code.BAD_FILE, outcome.cause)
            case ImportFault.UNAVAILABLE:
                raise Refusal(Code.UNAVAILABLE, outcome.cause, retry_after_ms=RETRY_MS)

    async def _claim(self, import_id: str) -> Claim | None:
        at_ms = self._clock_ms()
        return await self._imports.claim(import_id, at_ms, at_ms + CLAIMED_MS)

    async def _read(self, apart: Apart, import_id: str, claim: Claim, path: Path) -> Outcome:
        """Piece by piece, each written before the next is read.  Raises what is nobody's fault."""
        known = Known()
        asked = msgspec.msgpack.encode(Sheet(claim.kind, str(path)))
        try:
            async with aclosing(apart.frames(asked)) as frames:
                async for frame in frames:
                    piece = msgspec.msgpack.decode(frame, type=ReadPiece)
                    if piece.too_many:
                        return Outcome(ImportFault.TOO_MANY)
                    if piece.missing:
                        return Outcome(ImportFault.MISSING_COLUMNS, tuple(piece.missing))
                    if not await self._imports.read_piece(import_id, claim, piece, known):
                        raise Refusal(Code.UNAVAILABLE, "another one reads it", retry_after_ms=RETRY_MS)
        except Refusal as refusal:
            if refusal.code is Code.BAD_FILE:
                return Outcome(ImportFault.BAD_FILE, cause=str(refusal))
            if refusal.code is Code.UNAVAILABLE:
                return Outcome(ImportFault.UNAVAILABLE, cause=str(refusal))
            raise
        return Outcome(None)

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
        """Begins it, once; a job does it in bites.  Raises WRONG_STATE while it is read, or when it cannot be."""
        planned = await self.seen(by, key)
        if planned.state in (ImportState.READING, ImportState.UNREADABLE):
            raise Refusal(Code.WRONG_STATE, f"an import that is {planned.state}")
        if await self._imports.begin(planned, invite=invite):
            log.info("import_begun", by=by.account.id, kind=planned.kind.value, rows=planned.total)
        if planned.state is not ImportState.DONE:
            self._soon(planned.id)
        return await self.seen(by, key)

    # ------------------------------------------------------------ in the background

    async def read(self, import_id: str) -> None:
        """A large table, by whoever comes first; in TRIES_MAX tries."""
        claim = await self._claim(import_id)
        if claim is None:
            return
        try:
            async with self._waiting.fetched(import_id) as path:
                outcome = await self._read(self._apart_in_jobs, import_id, claim, path)
        except FileNotFoundError:
            outcome = Outcome(ImportFault.UNAVAILABLE, cause="its file is not there")
        except BaseException:
            await self._imports.let_go(import_id, claim)
            raise
        if outcome.fault is ImportFault.UNAVAILABLE and claim.tries < TRIES_MAX:
            log.warning("import_not_read", import_id=import_id, tries=claim.tries, cause=outcome.cause)
            await self._imports.let_go(import_id, claim)
            return
        await self._imports.end_reading(import_id, claim, outcome.fault, outcome.missing)
        await self._waiting.drop(import_id)
        log.info("import_read", import_id=import_id, fault=outcome.fault, cause=outcome.cause)

    async def run(self, import_id: str) -> None:
        """To its end.  Several may do this at once."""
        more = True
        while more:
            more = await self._imports.apply_bite(import_id, self._links_url, self._clock_ms())
            self._nudge()

    async def run_all(self) -> None:
        """Those whose process was killed, and those that nobody could read yet."""
        await for_each(await self._imports.unread(), self.read)
        await for_each(await self._imports.unfinished(), self.run)

    async def delete_old(self) -> None:
        gone = await self._imports.purge(self._clock_ms() - KEPT_DAYS * DAY_MS)
        for import_id in gone:
            await self._waiting.drop(import_id)
        if gone:
            log.info("imports_deleted", imports=len(gone))
