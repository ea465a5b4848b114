"""The invented park: the same seed makes the same, and what it makes obeys the rules of the real one."""

from __future__ import annotations

import asyncio
from collections import defaultdict

import msgspec
import pytest
from sqlalchemy import func, select

from collab.assist.models import JobRow
from collab.db.engine import Database
from collab.demo.write import Size, write_park
from collab.health.models import HealthConcernRow, HealthPlaceRow
from collab.notices.repository import NoticeRepository
from collab.organizations.models import OrganizationRow
from collab.requests.answers import Answers, check_answers
from collab.requests.definition import Finish
from collab.requests.models import RequestContentRow, RequestEventRow, RequestRow
from collab.requests.states import OPEN, RUNNING, State
from collab.requests.type_repository import TypeRepository
from collab.requests.types import shipped_definitions
from collab.requests.values import Shipped
from collab.requests.working_time import WorkingHours, calendar_of
from collab.schedule.event_repository import EventRepository
from collab.schedule.models import MailingRow
from collab.schedule.parties import Reach
from collab.symposiums.repository import EVERYTHING, SymposiumRepository
from collab.symposiums.states import SymposiumState
from tests.support.databases import SqliteDatabases

NOW_MS = 1_795_401_000_000
DAY_MS = 86_400_000
SIZE = Size(companies=9, people=60, requests=200, days=40)


@pytest.fixture
def database_url(sqlite_databases: SqliteDatabases) -> str:
    """The statements are the ones of the repositories' own tests."""
    return sqlite_databases.url()


async def shipped(database: Database) -> TypeRepository:
    types = TypeRepository(database)
    shipped = [Shipped(key, packed, "digest") for key, packed in await asyncio.to_thread(shipped_definitions)]
    await types.ship(shipped, NOW_MS - 90 * 86_400_000)
    return types


async def test_what_it_makes_obeys_the_rules(database: Database) -> None:
    types = await shipped(database)
    await write_park(database, SIZE, NOW_MS)
    versions = {
        one.type_id: one.definition
        for one in await types.versions([(kept.id, kept.version) for kept in await types.all()])
    }
    calendar = await asyncio.to_thread(calendar_of, WorkingHours())
    events: dict[str, list[RequestEventRow]] = defaultdict(list)
    async with database.read() as session:
        rows = list(await session.scalars(select(RequestRow)))
        contents = {row.request_id: row.answers for row in await session.scalars(select(RequestContentRow))}
        for event in await session.scalars(select(RequestEventRow).order_by(RequestEventRow.number)):
            events[event.request_id].append(event)
        names = list(await session.scalars(select(OrganizationRow.name)))
    assert len(rows) > 200
    assert len(names) == 1 + 6 + 9
    for type_id, definition in versions.items():
        reached = {row.state for row in rows if row.type_id == type_id}
        never = {State.DECIDED} if definition.finish is Finish.AT_ONCE else set()
        assert reached == set(State) - never, definition.name.en
    for row in rows:
        happened = events[row.id]
        if row.state == State.DRAFT:
            assert (happened, row.submitted_at_ms) == ([], 0)
            continue
        assert [one.number for one in happened] == list(range(1, row.revision + 1))
        assert happened[-1].state == row.state
        assert [one.at_ms for one in happened] == sorted(one.at_ms for one in happened)
        assert happened[-1].at_ms <= NOW_MS
        assert (row.delete_at_ms > 0) == (row.state not in OPEN)
        assert row.alarm_at_ms == 0 or row.state in RUNNING
        answers = msgspec.json.decode(contents[row.id], type=Answers)
        fields = versions[row.type_id].fields
        today = calendar.day_of(row.created_at_ms)
        assert check_answers(fields, answers, today, complete=False).faults == {}


async def test_the_same_seed_makes_the_same_park(database: Database, sqlite_databases: SqliteDatabases) -> None:
    await shipped(database)
    other = await asyncio.to_thread(Database, sqlite_databases.url().replace("sqlite://", "sqlite+aiosqlite://"))
    try:
        await shipped(other)
        made = []
        for one in (database, other):
            await write_park(one, Size(companies=4, people=40, requests=50, days=30), NOW_MS)
            async with one.read() as session:
                rows = await session.execute(
                    select(RequestRow.id, RequestRow.number, RequestRow.title, RequestRow.state).order_by(RequestRow.id)
                )
                made.append([tuple(row)[1:] for row in rows])
        assert made[0] == made[1]
    finally:
        await other.close()


async def test_its_people_see_a_week_of_meetings_jobs_and_notices(database: Database) -> None:
    await shipped(database)
    cast = await write_park(database, SIZE, NOW_MS)
    emails = [one.email for one in cast.everybody]
    assert len(emails) == len(set(emails)) == 60
    events, answers = EventRepository(database), 0
    for one in (cast.officers[0], cast.of(cast.companies[0])[0]):
        reach = Reach(one.id, (one.organization_id,), (), administers_park=False)
        listed = await events.visible(reach, NOW_MS - 8 * DAY_MS, NOW_MS + 8 * DAY_MS)
        assert len(listed) >= 4
        answers += sum(1 for event in listed if event.own is not None and event.own.answers)
        assert (await NoticeRepository(database).counts([one.id]))[0].unread > 0
    assert answers > 0
    async with database.read() as session:
        assert set(await session.scalars(select(JobRow.state))) == {"in_progress", "scheduled", "signed_off"}
        assert await session.scalar(select(func.count()).select_from(MailingRow)) == 0  # nobody is written to


async def test_places_at_risk_concern_some_who_declared_where_they_live(database: Database) -> None:
    await shipped(database)
    await write_park(database, SIZE, NOW_MS)
    async with database.read() as session:
        concerned = await session.scalar(select(func.count()).select_from(HealthConcernRow)) or 0
        places = await session.scalar(select(func.count()).select_from(HealthPlaceRow))
    assert places == 3
    assert concerned > 0


async def test_one_symposium_has_answers_and_another_collects_issues(database: Database) -> None:
    await shipped(database)
    await write_park(database, SIZE, NOW_MS)
    symposiums = SymposiumRepository(database)
    collecting, held = await symposiums.listed(EVERYTHING, "", 9)
    assert (collecting.state, collecting.issues) == (SymposiumState.COLLECTING, 4)
    assert (held.state, held.issues, held.answered) == (SymposiumState.CLOSED, 2, 1)
    for issue in await symposiums.issues(EVERYTHING, held.id):
        assert issue.request is not None
        assert issue.decision
    assert await symposiums.without_request("", 9) == []
