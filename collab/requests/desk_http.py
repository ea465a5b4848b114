"""The endpoints of the desk: batches, the board by clock, statistics, exports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from collab.accounts.models import Member
from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.repository import AuditRepository
from collab.edge.endpoint import Access, Call, Document, Endpoint, Nothing, Reply, Written
from collab.limits import Limits, rate
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_name

from . import desk_schemas as schemas
from .batches import BatchService
from .board import BoardRepository, Lane
from .definition import Definition
from .export import CSV_TYPE, XLSX_TYPE, RequestExport
from .hours import HoursService
from .http import states_of
from .parties import Reach
from .repository import Filter
from .service import RequestService
from .statistics import HOURS, StatisticsRepository
from .types import TypeService
from .values import Batch, BatchItem
from .views import request_view, type_brief
from .working_time import MINUTE_MS, Calendar

DAY_MS: Final = 86_400_000
SOON_WORK_MS: Final = 240 * MINUTE_MS
USUAL_DAYS: Final = 90
DAYS_MAX: Final = 800

EXPORTS_OF_ACCOUNT = rate("request_exports", burst=10, per_minute=4)


class Wanted(Struct, frozen=True):
    """What an export is of."""

    reach: Reach
    filter: Filter
    definition: Definition | None
    language: str
    zone: ZoneInfo
    at_ms: int
    day: str


class DeskEndpoints:
    def __init__(
        self,
        service: RequestService,
        batches: BatchService,
        board: BoardRepository,
        statistics: StatisticsRepository,
        export: RequestExport,
        types: TypeService,
        hours: HoursService,
        limits: Limits,
        clock_ms: Callable[[], int],
        audit: AuditRepository,
    ) -> None:
        self._audit = audit
        self._service = service
        self._batches = batches
        self._board = board
        self._statistics = statistics
        self._export = export
        self._types = types
        self._hours = hours
        self._limits = limits
        self._clock_ms = clock_ms

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="PUT",
                path="/api/requests/batches/{key}",
                access=Access.MEMBER,
                handler=self.start_batch,
                input=schemas.NewBatch,
                output=schemas.BatchView,
                refusals=(Code.FORBIDDEN,),
                about="One decision over up to 500 requests, each with a result of its own. For the park's staff.",
            ),
            Endpoint(
                method="GET",
                path="/api/requests/batches/{key}",
                access=Access.MEMBER,
                handler=self.show_batch,
                output=schemas.BatchView,
                refusals=(Code.NOT_FOUND,),
                about="How far one's own batch has come.",
            ),
            Endpoint(
                method="GET",
                path="/api/requests/board",
                access=Access.MEMBER,
                handler=self.show_board,
                input=schemas.BoardQuery,
                output=schemas.BoardView,
                refusals=(Code.FORBIDDEN,),
                about="What is open by its clock: late, due soon, later, waiting. For the park's staff.",
            ),
            Endpoint(
                method="GET",
                path="/api/requests/statistics",
                access=Access.MEMBER,
                handler=self.show_statistics,
                input=schemas.StatisticsQuery,
                output=schemas.StatisticsView,
                refusals=(Code.FORBIDDEN,),
                about="How many were filed, decided, in time and late; by type, day and company. For the park's staff.",
            ),
            Endpoint(
                method="GET",
                path="/api/requests/export.csv",
                access=Access.MEMBER,
                handler=self.export_csv,
                input=schemas.ExportQuery,
                media_type=CSV_TYPE,
                refusals=(Code.NOT_FOUND,),
                about="The list as CSV; with one type, its answers too.",
            ),
            Endpoint(
                method="GET",
                path="/api/requests/export.xlsx",
                access=Access.MEMBER,
                handler=self.export_xlsx,
                input=schemas.ExportQuery,
                media_type=XLSX_TYPE,
                refusals=(Code.NOT_FOUND, Code.TOO_MANY),
                about="The same as a workbook, up to 50,000 rows.",
            ),
        )

    # ------------------------------------------------------------ batches

    async def start_batch(self, call: Call[schemas.NewBatch]) -> Reply:
        body, by, key = call.input, call.caller.signed_in, call.path["key"]
        await self._batches.start(by, key, body.action, body.note, body.request_ids)
        return Reply(batch_view(*await self._batches.seen(by, key)))

    async def show_batch(self, call: Call[Nothing]) -> Reply:
        return Reply(batch_view(*await self._batches.seen(call.caller.signed_in, call.path["key"])))

    # ------------------------------------------------------------ board, statistics

    async def show_board(self, call: Call[schemas.BoardQuery]) -> Reply:
        reach, query, at_ms = await self._of_desk(call.caller.signed_in), call.input, self._clock_ms()
        soon_ms = (await self._hours.calendar()).after(at_ms, SOON_WORK_MS)
        rows = await self._board.board(reach, query.scope, query.type_id, at_ms, soon_ms)
        counts = rows.counts

        async def lane(which: Lane, count: int) -> schemas.LaneView:
            seen = await self._service.with_types(reach, rows.lanes[which])
            return schemas.LaneView(count, tuple(request_view(one, at_ms) for one in seen))

        return Reply(
            schemas.BoardView(
                late=await lane(Lane.LATE, counts.late),
                soon=await lane(Lane.SOON, counts.soon),
                later=await lane(Lane.LATER, counts.later),
                waiting=await lane(Lane.WAITING, counts.waiting),
                counts=counts,
                types=tuple(type_brief(one) for one in await self._types.published()),
                soon_ms=soon_ms,
                server_time_ms=at_ms,
            )
        )

    async def show_statistics(self, call: Call[schemas.StatisticsQuery]) -> Reply:
        reach, query, at_ms = await self._of_desk(call.caller.signed_in), call.input, self._clock_ms()
        to_ms = query.to_ms or at_ms + 1
        from_ms = query.from_ms or to_ms - USUAL_DAYS * DAY_MS
        first_day, last_day = _days(await self._hours.calendar(), from_ms, to_ms)
        found = await self._statistics.statistics(reach, query.type_id, query.organization_id, first_day, last_day)
        return Reply(
            schemas.StatisticsView(
                from_ms=from_ms,
                to_ms=to_ms,
                types=tuple(found.types),
                names=tuple(type_brief(one) for one in await self._types.published()),
                days=tuple(found.days),
                hour_edges=HOURS,
                hours=tuple(found.hours),
                companies=tuple(found.companies),
            )
        )

    async def _of_desk(self, by: Member) -> Reach:
        """Raises FORBIDDEN."""
        reach = await self._service.reach(by)
        if not (reach.desk or reach.groups):
            raise Refusal(Code.FORBIDDEN, "not of the desk")
        return reach

    # ------------------------------------------------------------ exports

    async def export_csv(self, call: Call[schemas.ExportQuery]) -> Reply:
        wanted = await self._wanted(call)
        return Reply(
            Written(
                lambda: self._export.csv(
                    wanted.reach, wanted.filter, wanted.definition, wanted.language, wanted.zone, wanted.at_ms
                ),
                CSV_TYPE,
                f"requests-{wanted.day}.csv",
            )
        )

    async def export_xlsx(self, call: Call[schemas.ExportQuery]) -> Reply:
        wanted = await self._wanted(call)
        made = await self._export.xlsx(
            wanted.reach, wanted.filter, wanted.definition, wanted.language, wanted.zone, wanted.at_ms
        )
        return Reply(Document(made, XLSX_TYPE))

    async def _wanted(self, call: Call[schemas.ExportQuery]) -> Wanted:
        """Raises NOT_FOUND for a type that nobody has published, INVALID, RATE_LIMITED."""
        by, query, at_ms = call.caller.signed_in, call.input, self._clock_ms()
        await self._limits.take(EXPORTS_OF_ACCOUNT, by.account.id)
        definition = None
        if query.type_id:
            known = {one.type_id: one for one in await self._types.published()}
            if query.type_id not in known:
                raise Refusal(Code.NOT_FOUND, "no such type")
            definition = known[query.type_id].definition
        calendar = await self._hours.calendar()
        wanted = Filter(
            scope=query.scope,
            states=states_of(query.state),
            type_id=query.type_id,
            organization_id=query.organization_id,
            search=clean_name(query.search),
            late_at_ms=at_ms if query.late else 0,
            filed_days=_days(calendar, query.from_ms, query.to_ms) if query.from_ms or query.to_ms else None,
        )
        reach = await self._service.reach(by)
        await self._audit.note(
            AuditAction.REQUESTS_EXPORTED,
            Subject(SubjectKind.NOTHING, query.type_id, definition.name.in_language("zh-CN") if definition else ""),
            organization_id="" if by.in_park else next(iter(by.organization_ids), ""),
            scope=query.scope.value,
        )
        return Wanted(
            reach, wanted, definition, query.language, calendar.zone, at_ms, calendar.day_of(at_ms).isoformat()
        )


def _days(calendar: Calendar, from_ms: int, to_ms: int) -> tuple[int, int]:
    """The first and the last day that lie wholly or in part in [from_ms, to_ms).  Raises INVALID."""
    if not 0 < to_ms - from_ms <= DAYS_MAX * DAY_MS:
        raise invalid(from_ms=FieldFault.INVALID)
    return calendar.day_number(from_ms), calendar.day_number(to_ms - 1)


def batch_view(batch: Batch, items: list[BatchItem]) -> schemas.BatchView:
    return schemas.BatchView(
        key=batch.client_key,
        action=batch.action,
        total=batch.total,
        done=batch.done,
        refused=batch.refused,
        created_at_ms=batch.created_at_ms,
        finished_at_ms=batch.finished_at_ms,
        items=tuple(schemas.BatchItemView(one.request_id, one.result, one.code) for one in items),
    )
