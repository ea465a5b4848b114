"""Statistics: what they count, for whom, and that the counters never differ from the requests."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import delete, select, update

from collab.db.engine import Database
from collab.demo.write import Size, write_park
from collab.requests.models import RequestDayRow, RequestRow
from collab.requests.parties import Reach
from collab.requests.states import OPEN
from collab.requests.statistics import HOURS, Statistics
from collab.requests.visible import Scope, in_scope
from tests.support.databases import QueryCount

from .conftest import Desk
from .test_board import busy

DAY_MS = 86_400_000
HOUR_MS = 3_600_000


async def test_they_count_what_one_works_on(desk: Desk, queries: QueryCount) -> None:
    await busy(desk)
    reach = await desk.engine.service.reach(desk.officer)
    keys = {one.type_id: one.key for one in await desk.engine.types.published()}
    today = (await desk.engine.hours.calendar()).day_number(desk.now_ms)
    queries.reset()
    found = await desk.engine.statistics.statistics(reach, "", "", today - 1, today)
    assert len(queries.statements) == 5
    by_type = {keys[one.type_id]: one for one in found.types}
    question, access = by_type["policy_question"], by_type["temporary_access"]
    assert "daily_health" not in by_type
    assert (question.filed, question.open, question.answered, question.in_time, question.late) == (3, 2, 1, 1, 0)
    assert (question.decide_ms, question.take_ms, access.filed, access.open) == (120_000, 0, 2, 2)
    assert found.hours == [1, 0, 0, 0, 0, 0, 0]
    assert [(one.filed, one.decided) for one in found.days] == [(5, 1)]
    assert [(one.name, one.filed) for one in found.companies] == [("Laser Works", 5)]
    yesterday = await desk.engine.statistics.statistics(reach, "", "", today - 2, today - 1)
    assert yesterday == Statistics([], [], [0] * 7, [])


async def test_the_counters_are_what_the_requests_are(desk: Desk, database: Database) -> None:
    """After a park's year, and after requests were moved to another group, decided late and deleted."""
    cast = await write_park(database, Size(companies=9, people=60, requests=250), desk.now_ms)
    await busy(desk)
    async with database.write() as session:
        ids = sorted(await session.scalars(select(RequestRow.id).where(RequestRow.filed_day > 0)))
        await session.execute(update(RequestRow).where(RequestRow.id.in_(ids[:20])).values(asked_group="safety"))
        await session.execute(update(RequestRow).where(RequestRow.id.in_(ids[20:40])).values(decided_at_ms=desk.now_ms))
        await session.execute(update(RequestRow).where(RequestRow.id.in_(ids[40:50])).values(confidential=True))
        await session.execute(delete(RequestRow).where(RequestRow.id.in_(ids[50:80])))
    officer, company = cast.officers[0].id, cast.companies[0].id
    reaches = (
        Reach("", (), (), desk=True, administers_park=True),
        Reach(officer, (), (), desk=True, administers_park=False),
        Reach(officer, (), (), desk=True, administers_park=False, groups=frozenset({"health"})),
        Reach(cast.team[0].id, (), (), desk=False, administers_park=False, groups=frozenset({"health", "safety"})),
    )
    today = (await desk.engine.hours.calendar()).day_number(desk.now_ms)
    async with database.read() as session:
        a_type = str(await session.scalar(select(RequestRow.type_id).limit(1)))
        day_rows = list(await session.scalars(select(RequestDayRow)))
    assert min(one.filed for one in day_rows) >= 0
    counted = []
    for reach in reaches:
        for type_id, organization_id, span in (("", "", 730), ("", "", 40), (a_type, "", 730), ("", company, 730)):
            found = await desk.engine.statistics.statistics(reach, type_id, organization_id, today - span, today)
            async with database.read() as session:
                rows = [
                    row
                    for row in await session.scalars(select(RequestRow).where(in_scope(reach, Scope.DESK)))
                    if today - span <= row.filed_day <= today
                    and type_id in ("", row.type_id)
                    and organization_id in ("", row.organization_id)
                ]
            agrees(found, rows)
            counted.append(len(rows))
    assert len(set(counted)) > 8  # they do differ


def agrees(found: Statistics, rows: list[RequestRow]) -> None:
    decided = [row for row in rows if row.decided_at_ms]
    types = {one.type_id: one for one in found.types}
    assert {one: types[one].filed for one in types} == Counter(row.type_id for row in rows)
    for type_id, one in types.items():
        mine = [row for row in rows if row.type_id == type_id]
        taken = [row.taken_at_ms - row.submitted_at_ms for row in mine if row.taken_at_ms]
        took = [row.decided_at_ms - row.submitted_at_ms for row in mine if row.decided_at_ms]
        late = [row for row in mine if row.decided_at_ms and 0 < row.due_at_ms < row.decided_at_ms]
        outcomes = Counter(row.outcome for row in mine)
        assert one.open == sum(1 for row in mine if row.state in OPEN)
        assert (one.approved, one.rejected, one.answered) == tuple(
            outcomes[outcome] for outcome in ("approved", "rejected", "answered")
        )
        assert one.withdrawn == sum(1 for row in mine if row.state == "withdrawn")
        assert (one.late, one.in_time) == (len(late), len(took) - len(late))
        assert one.take_ms == (round(sum(taken) / len(taken)) if taken else 0)
        assert one.decide_ms == (round(sum(took) / len(took)) if took else 0)
    assert {one.day: (one.filed, one.decided) for one in found.days} == {
        day: (count, sum(1 for row in decided if row.filed_day == day))
        for day, count in Counter(row.filed_day for row in rows).items()
    }
    edges = [*(hours * HOUR_MS for hours in HOURS), 1 << 60]
    bins = Counter(
        next(number for number, edge in enumerate(edges) if row.decided_at_ms - row.submitted_at_ms <= edge)
        for row in decided
    )
    assert found.hours == [bins[number] for number in range(len(edges))]
    most = sorted(Counter(row.organization_id for row in rows).items(), key=lambda one: (-one[1], one[0]))[:10]
    assert [(one.id, one.filed) for one in found.companies] == most
