"""The desk's board by clock, and its statistics, in SQL.  Every method is one transaction.

All of it is within a Reach: what somebody does not work on is neither listed nor counted for them.
"""

from __future__ import annotations

import itertools
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import InstrumentedAttribute

from collab.db.engine import Database
from collab.organizations.models import OrganizationRow

from .models import RequestRow
from .parties import Reach
from .repository import request_value, requests
from .states import OPEN, RUNNING, State
from .values import Request
from .visible import Scope, in_scope

DAY_MS: Final = 86_400_000
LANE_MAX: Final = 30
COMPANIES_MAX: Final = 10
HOURS: Final = (1, 4, 8, 24, 72, 168)  # upper edges of the histogram of how long decisions took


class Lane(StrEnum):
    LATE = "late"
    SOON = "soon"
    LATER = "later"
    WAITING = "waiting"  # for the requester; the clock stands


class Counts(Struct, frozen=True):
    late: int
    soon: int
    later: int
    waiting: int
    unowned: int
    escalated: int
    mine: int


class BoardRows(Struct, frozen=True):
    counts: Counts
    lanes: dict[Lane, list[Request]]  # at most LANE_MAX of each, the most urgent first


class TypeCount(Struct, frozen=True):
    type_id: str
    filed: int
    open: int
    approved: int
    rejected: int
    answered: int
    withdrawn: int
    in_time: int  # of those decided
    late: int
    take_ms: int  # mean from filing to being taken; 0 = none was
    decide_ms: int


class DayCount(Struct, frozen=True):
    day: int  # days since the epoch, in the park's zone
    filed: int
    decided: int  # of those filed that day


class CompanyCount(Struct, frozen=True):
    id: str
    name: str
    filed: int


class Statistics(Struct, frozen=True):
    types: list[TypeCount]
    days: list[DayCount]
    hours: list[int]  # how many decisions took at most so many hours (HOURS), the rest last
    companies: list[CompanyCount]  # with the most requests


class BoardRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def board(self, reach: Reach, scope: Scope, type_id: str, at_ms: int, soon_ms: int) -> BoardRows:
        """`soon_ms`: until when something is due soon.  Five queries."""
        within = [in_scope(reach, scope), RequestRow.state.in_(OPEN)]
        if type_id:
            within.append(RequestRow.type_id == type_id)
        lanes = lane_conditions(at_ms, soon_ms)
        counts = [*(_count(lanes[lane]) for lane in Lane)]
        counts += [
            _count(RequestRow.owner_id.is_(None)),
            _count(RequestRow.escalations > 0),
            _count(RequestRow.owner_id == reach.account_id),
        ]
        async with self._database.read() as session:
            row = (await session.execute(select(*counts).where(*within))).one()
            found = {}
            for lane in Lane:
                rows = await session.execute(
                    requests.where(*within, lanes[lane]).order_by(RequestRow.due_at_ms, RequestRow.id).limit(LANE_MAX)
                )
                found[lane] = [request_value(*one) for one in rows]
        return BoardRows(Counts(*(int(value or 0) for value in row)), found)

    async def statistics(
        self, reach: Reach, type_id: str, organization_id: str, from_ms: int, to_ms: int, offset_ms: int
    ) -> Statistics:
        """Of what was filed in [from_ms, to_ms).  `offset_ms`: of the park's clock from UTC.  Four queries."""
        within = [
            in_scope(reach, Scope.DESK),
            RequestRow.submitted_at_ms >= from_ms,
            RequestRow.submitted_at_ms < to_ms,
        ]
        if type_id:
            within.append(RequestRow.type_id == type_id)
        if organization_id:
            within.append(RequestRow.organization_id == organization_id)
        async with self._database.read() as session:
            types = [
                TypeCount(row[0], *(round(value or 0) for value in row[1:]))
                for row in await session.execute(_by_type().where(*within))
            ]
            days = [DayCount(*row) for row in await session.execute(_by_day(offset_ms).where(*within))]
            hours = (await session.execute(_by_hours().where(*within))).one()
            counted = _by_company().where(*within).subquery()
            companies = await session.execute(
                select(OrganizationRow.id, OrganizationRow.name, counted.c.filed)
                .join(counted, counted.c.organization_id == OrganizationRow.id)
                .order_by(counted.c.filed.desc(), OrganizationRow.name)
            )
            return Statistics(
                types=types,
                days=days,
                hours=[int(value or 0) for value in hours],
                companies=[CompanyCount(*row) for row in companies],
            )


def lane_conditions(at_ms: int, soon_ms: int) -> dict[Lane, ColumnElement[bool]]:
    """Each open request is in one of them."""
    due = RequestRow.due_at_ms
    late = and_(due > 0, due < at_ms)
    running = and_(RequestRow.state.in_(RUNNING), due >= at_ms)
    return {
        Lane.LATE: late,
        Lane.SOON: and_(running, due < soon_ms),
        Lane.LATER: and_(running, due >= soon_ms),
        Lane.WAITING: and_(RequestRow.state == State.NEEDS_INFORMATION, due == 0),
    }


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _by_company() -> Select[str, int]:
    company = _by_span(RequestRow.organization_id)
    return (
        select(company.label("organization_id"), func.count().label("filed"))
        .group_by(company)
        .order_by(func.count().desc(), company)
        .limit(COMPANIES_MAX)
    )


def _by_span(column: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """To group by, as an expression: SQLite would else walk the column's own index, which is the whole table in the
    order of the groups, where the index of the span of time leads to a tenth of it (200 ms of CPU against 10)."""
    return column.concat("")


def _by_type() -> Select[Any]:
    decided = RequestRow.decided_at_ms > 0
    in_time = and_(decided, (RequestRow.due_at_ms == 0) | (RequestRow.decided_at_ms <= RequestRow.due_at_ms))
    taken = RequestRow.taken_at_ms > 0
    type_id = _by_span(RequestRow.type_id)
    return select(
        type_id,
        func.count(),
        _count(RequestRow.state.in_(OPEN)),
        _count(RequestRow.outcome == "approved"),
        _count(RequestRow.outcome == "rejected"),
        _count(RequestRow.outcome == "answered"),
        _count(RequestRow.state == State.WITHDRAWN),
        _count(in_time),
        _count(and_(decided, RequestRow.due_at_ms > 0, RequestRow.decided_at_ms > RequestRow.due_at_ms)),
        func.avg(case((taken, RequestRow.taken_at_ms - RequestRow.submitted_at_ms))),
        func.avg(case((decided, RequestRow.decided_at_ms - RequestRow.submitted_at_ms))),
    ).group_by(type_id)


def _by_day(offset_ms: int) -> Select[int, int, int]:
    day = (RequestRow.submitted_at_ms + offset_ms) // DAY_MS
    return select(day, func.count(), _count(RequestRow.decided_at_ms > 0)).group_by(day).order_by(day)


def _by_hours() -> Select[*tuple[Any, ...]]:
    took = RequestRow.decided_at_ms - RequestRow.submitted_at_ms
    decided = RequestRow.decided_at_ms > 0
    edges = [0, *(hours * 3_600_000 for hours in HOURS)]
    columns = [
        _count(and_(decided, took > low, took <= high) if low else and_(decided, took <= high))
        for low, high in itertools.pairwise(edges)
    ]
    return select(*columns, _count(and_(decided, took > edges[-1])))
