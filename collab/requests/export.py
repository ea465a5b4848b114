"""Requests as tables: CSV written while it goes out, XLSX made in a process of its own.

A cell that a spreadsheet would take for a formula is made text: in CSV by an apostrophe in front of it (what begins
with = + - @, a tab or a line's end), in XLSX by its type.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from collab.apart import Apart
from collab.problems import Refusal
from rooms.core.codes import Code

from .answers import Answers, shown
from .definition import Definition
from .export_words import heads, outcome_name, state_name, yes_no
from .parties import Reach
from .repository import Filter, RequestRepository
from .service import RequestService, Seen
from .workbook import Row, Workbook

PAGE_ROWS: Final = 500
XLSX_ROWS_MAX: Final = 50_000
XLSX_MAX_S: Final = 60.0
XLSX_WAITING_MAX: Final = 4

CSV_TYPE: Final = "text/csv; charset=utf-8"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_FORMULA_BEGINS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


class RequestExport:
    def __init__(self, service: RequestService, requests: RequestRepository) -> None:
        self._service = service
        self._requests = requests
        self._apart = Apart(
            "collab.requests.workbook", waiting_max=XLSX_WAITING_MAX, max_s=XLSX_MAX_S, retry_after_ms=5_000
        )

    async def csv(
        self, reach: Reach, wanted: Filter, definition: Definition | None, language: str, zone: ZoneInfo, at_ms: int
    ) -> AsyncIterator[bytes]:
        """With a byte order mark, by which spreadsheets know UTF-8."""
        yield "\ufeff".encode()
        async for rows in self._rows(reach, wanted, definition, language, zone, at_ms):
            yield csv_of(rows)

    async def xlsx(
        self, reach: Reach, wanted: Filter, definition: Definition | None, language: str, zone: ZoneInfo, at_ms: int
    ) -> bytes:
        """Raises TOO_MANY for what is too long for it (CSV is not), UNAVAILABLE."""
        kept: list[Row] = []
        async for rows in self._rows(reach, wanted, definition, language, zone, at_ms):
            kept += rows
            if len(kept) > XLSX_ROWS_MAX + 1:
                raise Refusal(Code.TOO_MANY, "rows of a workbook")
        return await self._apart.run(msgspec.msgpack.encode(Workbook("Requests", kept)))

    async def _rows(
        self, reach: Reach, wanted: Filter, definition: Definition | None, language: str, zone: ZoneInfo, at_ms: int
    ) -> AsyncIterator[list[Row]]:
        """The names of the columns, then pages of rows, newest first.  `definition`: with its answers."""
        fields = definition.fields if definition else ()
        yield [[*heads(language), *(one.label.in_language(language) for one in fields)]]
        before = wanted.before
        while True:
            page = msgspec.structs.replace(wanted, before=before)
            found = await self._service.with_types(reach, await self._requests.listed(reach, page, PAGE_ROWS))
            if not found:
                return
            if definition:
                await self._service.opened(reach.account_id, *found)
            answers = await self._requests.answers_of([one.request.id for one in found]) if definition else {}
            yield [
                [
                    *_cells(one, language, zone, at_ms),
                    *_answer_cells(one, fields_of(one, definition), answers.get(one.request.id, {}), language),
                ]
                for one in found
            ]
            before = found[-1].request.id
            if len(found) < PAGE_ROWS:
                return


def fields_of(seen: Seen, definition: Definition | None) -> list[str]:
    """The columns of the newest version; answers of older ones stand under the same names."""
    return [one.id for one in definition.fields] if definition else []


def _answer_cells(seen: Seen, ids: list[str], answers: Answers, language: str) -> Row:
    own = {one.id: one for one in seen.version.definition.fields}
    return [shown(own[one], answers[one], language) if one in own and one in answers else "" for one in ids]


def _cells(seen: Seen, language: str, zone: ZoneInfo, at_ms: int) -> Row:
    request = seen.request
    decided = request.decided_at_ms or at_ms
    late = bool(request.due_at_ms) and request.due_at_ms < decided
    return [
        request.number,
        seen.version.definition.name.in_language(language),
        request.title,
        request.organization.name,
        request.requester_name,
        state_name(request.state, language),
        outcome_name(request.outcome, language),
        request.owner.name if request.owner else "",
        *(
            _moment(moment, zone)
            for moment in (request.submitted_at_ms, request.taken_at_ms, request.due_at_ms, request.decided_at_ms)
        ),
        yes_no(late, language),
    ]


def _moment(at_ms: int, zone: ZoneInfo) -> str:
    if not at_ms:
        return ""
    return datetime.fromtimestamp(at_ms / 1_000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def csv_of(rows: Sequence[Row]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([guarded(cell) for cell in row] for row in rows)
    return written.getvalue().encode("utf-8", "replace")


def guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_BEGINS) else cell
