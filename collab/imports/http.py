"""The endpoints of imports."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from collab.accounts.schemas import Body
from collab.edge.endpoint import Access, Call, Endpoint, Nothing, Reply
from rooms.core.codes import Code

from .service import ImportService
from .values import FILE_MAX_BYTES, Fate, Import, ImportFault, ImportKind, ImportRow, ImportState

ONE: Final = "/api/imports/{key}"


class UploadQuery(Body, frozen=True, kw_only=True):
    kind: ImportKind
    file_name: Annotated[str, Meta(max_length=255)] = ""


class RowsQuery(Body, frozen=True, kw_only=True):
    fate: Fate | None = None
    after: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Meta(ge=1, le=500)] = 100


class ApplyImport(Body, frozen=True, kw_only=True):
    invite: bool = False  # mail to those who have no way in yet


class CountsView(Struct, frozen=True):
    created: int
    changed: int
    unchanged: int
    refused: int


class ImportView(Struct, frozen=True):
    key: str
    kind: ImportKind
    state: ImportState
    file_name: str
    total: int
    done: int
    counts: CountsView
    ignored: tuple[str, ...]  # columns that mean nothing here
    invite: bool
    created_at_ms: int
    finished_at_ms: int
    fault: ImportFault | None  # why it is unreadable
    missing: tuple[str, ...]  # columns, of one that is


class ImportRowView(Struct, frozen=True):
    number: int
    cells: dict[str, str]
    fate: Fate
    reason: str
    column: str
    changes: tuple[str, ...]
    applied: bool


class ImportRows(Struct, frozen=True):
    rows: tuple[ImportRowView, ...]
    more: bool


class ImportEndpoints:
    def __init__(self, imports: ImportService) -> None:
        self._imports = imports

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="PUT",
                path=ONE,
                access=Access.PARK_ADMINISTRATOR,
                handler=self.plan_import,
                input=UploadQuery,
                upload_max_bytes=FILE_MAX_BYTES,
                output=ImportView,
                refusals=(Code.BAD_FILE, Code.INVALID, Code.TOO_MANY, Code.UNAVAILABLE, Code.RATE_LIMITED),
                about="A dry run over a CSV or XLSX: nothing is changed, each row has its fate. `invalid` names "
                "missing columns. A large file is `reading` until a job has read it. The same key again: the import "
                "that it made.",
            ),
            Endpoint(
                method="GET",
                path=ONE,
                access=Access.PARK_ADMINISTRATOR,
                handler=self.get_import,
                output=ImportView,
                refusals=(Code.NOT_FOUND,),
                about="How far one's own import is.",
            ),
            Endpoint(
                method="GET",
                path=f"{ONE}/rows",
                access=Access.PARK_ADMINISTRATOR,
                handler=self.list_import_rows,
                input=RowsQuery,
                output=ImportRows,
                refusals=(Code.NOT_FOUND,),
                about="Its rows with what becomes of them; `after` is the number of the last row of the page before.",
            ),
            Endpoint(
                method="POST",
                path=f"{ONE}/apply",
                access=Access.PARK_ADMINISTRATOR,
                handler=self.apply_import,
                input=ApplyImport,
                output=ImportView,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE),
                about="Do it, in the background; again is harmless. `invite` mails a link that sets a password to "
                "those who can neither use one yet nor the sign-in provider.",
            ),
        )

    async def plan_import(self, call: Call[UploadQuery]) -> Reply:
        by, key, asked = call.caller.signed_in, call.path["key"], call.input
        if found := await self._imports.known(by, key):
            return Reply(_view(found))
        async with call.upload() as upload:
            return Reply(_view(await self._imports.plan(by, key, asked.kind, asked.file_name, upload)))

    async def get_import(self, call: Call[Nothing]) -> Reply:
        return Reply(_view(await self._imports.seen(call.caller.signed_in, call.path["key"])))

    async def list_import_rows(self, call: Call[RowsQuery]) -> Reply:
        asked = call.input
        rows, more = await self._imports.rows(
            call.caller.signed_in, call.path["key"], asked.fate, asked.after, asked.limit
        )
        return Reply(ImportRows(tuple(map(_row_view, rows)), more))

    async def apply_import(self, call: Call[ApplyImport]) -> Reply:
        begun = await self._imports.apply(call.caller.signed_in, call.path["key"], invite=call.input.invite)
        return Reply(_view(begun))


def _view(one: Import) -> ImportView:
    return ImportView(
        key=one.key,
        kind=one.kind,
        state=one.state,
        file_name=one.file_name,
        total=one.total,
        done=one.done,
        counts=CountsView(**one.counts),
        ignored=one.ignored,
        invite=one.invite,
        created_at_ms=one.created_at_ms,
        finished_at_ms=one.finished_at_ms,
        fault=one.fault,
        missing=one.missing,
    )


def _row_view(row: ImportRow) -> ImportRowView:
    judged = row.judged
    return ImportRowView(row.number, row.cells, judged.fate, judged.reason, judged.column, judged.changes, row.applied)
