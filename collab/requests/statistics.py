"""How many requests were filed, and what became of them, in SQL.

A year of a large park is a hundred thousand requests: they are counted day by day as they change (RequestDayRow), by
what decides who may see them.  What somebody works on beyond that, because it names them, is counted from the requests
themselves, which are few.  Within a Reach, as everything of the desk.
"""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Final

from msgspec import Struct
from msgspec.structs import astuple
from sqlalchemy import ColumnElement, Select, and_, case, func, not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from collab.db.engine import Database
from collab.organizations.models import OrganizationRow

from .models import RequestDayRow, RequestRow
from .parties import Reach
from .states import OPEN, State
from .visible import Scope, in_scope, named_in, of_kinds

COMPANIES_MAX: Final = 10
HOURS: Final = (1, 4, 8, 24, 72, 168)  # upper edges of the histogram of how long decisions took
HOUR_MS: Final = 3_600_000


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
    day: int  # since the epoch, in the park's zone
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


class _Counts(Struct, frozen=True):
    """The columns of RequestDayRow after its key, in their order."""

    filed: int = 0
    open: int = 0
    approved: int = 0
    rejected: int = 0
    answered: int = 0
    withdrawn: int = 0
    in_time: int = 0
    late: int = 0
    taken: int = 0
    take_ms: int = 0
    decided: int = 0
    decide_ms: int = 0
    hours_1: int = 0
    hours_4: int = 0
    hours_8: int = 0
    hours_24: int = 0
    hours_72: int = 0
    hours_168: int = 0
    hours_more: int = 0

    @property
    def hours(self) -> tuple[int, ...]:
        return astuple(self)[-len(HOURS) - 1 :]

    def __add__(self, other: _Counts) -> _Counts:
        return _Counts(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))


class _Tally:
    def __init__(self) -> None:
        self.types: dict[str, _Counts] = {}
        self.days: dict[int, tuple[int, int]] = {}
        self.companies: Counter[str] = Counter()

    def add_type(self, type_id: str, counts: _Counts) -> None:
        self.types[type_id] = self.types.get(type_id, _Counts()) + counts

    def add_day(self, day: int, filed: int, decided: int) -> None:
        before = self.days.get(day, (0, 0))
        self.days[day] = (before[0] + filed, before[1] + decided)


class StatisticsRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def statistics(
        self, reach: Reach, type_id: str, organization_id: str, first_day: int, last_day: int
    ) -> Statistics:
        """Of what was filed from one day to the other, both included.  At most five queries."""
        tally = _Tally()
        filed = [RequestRow.filed_day.between(first_day, last_day), RequestRow.filed_day > 0]
        if type_id:
            filed.append(RequestRow.type_id == type_id)
        async with self._database.read() as session:
            if organization_id:
                filed += [RequestRow.organization_id == organization_id, in_scope(reach, Scope.DESK)]
                await _count_rows(session, tally, filed)
            else:
                await _count_days(session, tally, reach, type_id, first_day, last_day)
                every = await session.execute(_by_company(and_(*filed, of_kinds(reach, RequestRow))))
                tally.companies.update({company: count for company, count in every if count})
                if not reach.administers_park:
                    await _count_rows(session, tally, [*filed, named_in(reach), not_(of_kinds(reach, RequestRow))])
            first = sorted(tally.companies.items(), key=lambda one: (-one[1], one[0]))[:COMPANIES_MAX]
            known = select(OrganizationRow.id, OrganizationRow.name).where(OrganizationRow.id.in_(dict(first)))
            names = {row.id: row.name for row in await session.execute(known)}
        hours = [counts.hours for counts in tally.types.values()]
        return Statistics(
            types=[_type_count(one, counts) for one, counts in sorted(tally.types.items()) if counts.filed],
            days=[DayCount(day, *counts) for day, counts in sorted(tally.days.items()) if counts[0]],
            hours=[sum(column) for column in zip(*hours, strict=True)] or [0] * (len(HOURS) + 1),
            companies=[CompanyCount(one, names[one], count) for one, count in first if one in names],
        )


async def _count_days(
    session: AsyncSession, tally: _Tally, reach: Reach, type_id: str, first_day: int, last_day: int
) -> None:
    """From the counters."""
    within = [RequestDayRow.day.between(first_day, last_day), of_kinds(reach, RequestDayRow)]
    if type_id:
        within.append(RequestDayRow.type_id == type_id)
    sums = [func.sum(getattr(RequestDayRow, name)) for name in _Counts.__struct_fields__]
    types = select(RequestDayRow.type_id, *sums).where(*within).group_by(RequestDayRow.type_id)
    for one, *numbers in await session.execute(types):
        tally.add_type(one, _Counts(*map(int, numbers)))
    days = select(RequestDayRow.day, func.sum(RequestDayRow.filed), func.sum(RequestDayRow.decided)).where(*within)
    for day, filed, decided in await session.execute(days.group_by(RequestDayRow.day)):
        tally.add_day(day, int(filed), int(decided))


async def _count_rows(session: AsyncSession, tally: _Tally, within: list[ColumnElement[bool]]) -> None:
    """From the requests, where they are few."""
    key = (RequestRow.type_id, RequestRow.filed_day, RequestRow.organization_id)
    for one, day, company, *numbers in await session.execute(select(*key, *_counters()).where(*within).group_by(*key)):
        counts = _Counts(*map(int, numbers))
        tally.add_type(one, counts)
        tally.add_day(day, counts.filed, counts.decided)
        tally.companies[company] += counts.filed


def _by_company(within: ColumnElement[bool]) -> Select[str, int]:
    """Company by company in the index that begins with it: grouping would sort a year's requests first."""
    count = select(func.count()).where(RequestRow.organization_id == OrganizationRow.id, within).scalar_subquery()
    return select(OrganizationRow.id, count)


def _counters() -> list[ColumnElement[int]]:
    """As the triggers count, in the order of _Counts."""
    taken, decided = RequestRow.taken_at_ms > 0, RequestRow.decided_at_ms > 0
    due, took = RequestRow.due_at_ms, RequestRow.decided_at_ms - RequestRow.submitted_at_ms
    edges = [0, *(hours * HOUR_MS for hours in HOURS)]
    return [
        func.count(),
        _sum(RequestRow.state.in_(OPEN)),
        _sum(RequestRow.outcome == "approved"),
        _sum(RequestRow.outcome == "rejected"),
        _sum(RequestRow.outcome == "answered"),
        _sum(RequestRow.state == State.WITHDRAWN),
        _sum(and_(decided, (due == 0) | (RequestRow.decided_at_ms <= due))),
        _sum(and_(decided, due > 0, RequestRow.decided_at_ms > due)),
        _sum(taken),
        func.sum(case((taken, RequestRow.taken_at_ms - RequestRow.submitted_at_ms), else_=0)),
        _sum(decided),
        func.sum(case((decided, took), else_=0)),
        *(
            _sum(and_(decided, took > low, took <= high) if low else and_(decided, took <= high))
            for low, high in itertools.pairwise(edges)
        ),
        _sum(and_(decided, took > edges[-1])),
    ]


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _type_count(type_id: str, counts: _Counts) -> TypeCount:
    return TypeCount(
        type_id=type_id,
        filed=counts.filed,
        open=counts.open,
        approved=counts.approved,
        rejected=counts.rejected,
        answered=counts.answered,
        withdrawn=counts.withdrawn,
        in_time=counts.in_time,
        late=counts.late,
        take_ms=round(counts.take_ms / counts.taken) if counts.taken else 0,
        decide_ms=round(counts.decide_ms / counts.decided) if counts.decided else 0,
    )
