"""Reminders, rooms that come back, and records, with a clock that the test turns, on a real database."""

# ruff: noqa: DTZ001 -- local times are what they are
from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from collab.assist.removed_marks import SqlRemovedMarks
from collab.clock import new_room_code
from collab.db.engine import Database
from collab.meetings.archive import SqlRoomArchive
from collab.meetings.repository import MeetingRepository, new_meeting_row
from collab.notices.kinds import NoticeKind
from collab.notices.models import NoticeRow
from collab.problems import Refusal
from collab.schedule.answers import AnswerRepository
from collab.schedule.door import ScheduleDoor
from collab.schedule.event_repository import Draft, EventRepository
from collab.schedule.expand import Series, at_ms, span
from collab.schedule.models import EventState, InvitationAnswer
from collab.schedule.record_repository import ScheduleRecordRepository
from collab.schedule.reminders import Reminders
from collab.schedule.rules import parse_rule
from collab.schedule.service import next_reminder
from collab.schedule.values import InviteeWish
from rooms.core.model import Phase
from tests.unit.collab.people import People

TUESDAY = at_ms(datetime(2026, 11, 24, 10), "Asia/Shanghai")
MINUTE_MS = 60_000
WEEK_MS = 7 * 86_400_000


class Clock:
    now = TUESDAY - 86_400_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def scheduled(database: Database, people: People, clock: Clock) -> tuple[str, str, str, str]:
    """(event, code, organizer, invitee)."""
    company = await people.organization()
    host, guest = await people.employee(company, "Host"), await people.employee(company, "Wang")
    series = Series(
        datetime(2026, 11, 24, 10), "Asia/Shanghai", 60, parse_rule("FREQ=WEEKLY;BYDAY=TU", ZoneInfo("UTC"))
    )
    code = new_room_code()

    def add_meeting(session: object) -> str:
        row = new_meeting_row(code, "Weekly", host.account.id, company.id, False, True, clock.now)
        session.add(row)  # type: ignore[attr-defined]
        return row.id

    event_id = await EventRepository(database).add(
        Draft(
            title="Weekly",
            description="",
            series=series,
            opens_before_min=15,
            remind_before_min=10,
            state=EventState.CONFIRMED,
            span=span(series),
            next_reminder_at_ms=next_reminder(series, 10, clock.now),
        ),
        code=code,
        organizer_id=host.account.id,
        organization_id=company.id,
        meeting=add_meeting,
        invitees=[InviteeWish(account_id=guest.account.id)],
        at_ms=clock.now,
    )
    return event_id, code, host.account.id, guest.account.id


async def reminded(database: Database) -> list[str]:
    async with database.read() as session:
        rows = await session.scalars(select(NoticeRow).where(NoticeRow.kind == NoticeKind.MEETING_REMINDER))
        return sorted(row.account_id for row in rows)


async def test_everybody_who_comes_is_reminded_once_for_each_occurrence(database: Database, clock: Clock) -> None:
    event_id, _, host, guest = await scheduled(database, People(database), clock)
    nudged: list[int] = []
    reminders = Reminders(database, clock, lambda: nudged.append(1))
    clock.now = TUESDAY - 10 * MINUTE_MS - 1
    await reminders.work()
    assert await reminded(database) == []
    clock.now += 1
    await reminders.work()
    await reminders.work()
    assert await reminded(database) == sorted([host, guest])
    assert nudged == [1]
    found = await EventRepository(database).get(event_id)
    assert found is not None
    assert await AnswerRepository(database).give(found[1][0].id, "", InvitationAnswer.DECLINED, "", clock.now)
    clock.now += WEEK_MS
    await reminders.work()
    assert await reminded(database) == sorted([host, host, guest])
    clock.now += 10 * WEEK_MS + 3_600_000 * 5  # the server was down: nobody is reminded of what is over
    await reminders.work()
    assert len(await reminded(database)) == 3


async def test_a_room_that_was_ended_is_new_when_the_next_occurrence_opens(database: Database, clock: Clock) -> None:
    _, code, *_ = await scheduled(database, People(database), clock)
    meetings, door = MeetingRepository(database), ScheduleDoor(database, clock)
    first = await meetings.by_code(code)
    assert first is not None
    clock.now = TUESDAY + 50 * MINUTE_MS
    await meetings.ended(first.id, clock.now)
    assert not await door.renew(code)  # ended is ended, for this time
    clock.now = TUESDAY + WEEK_MS - 16 * MINUTE_MS
    assert not await door.renew(code)
    assert await door.wait_ms(code) == MINUTE_MS
    clock.now += MINUTE_MS
    assert await door.renew(code)
    assert not await door.renew(code)
    second = await meetings.by_code(code)
    assert second is not None
    assert (second.phase, second.host) == (Phase.OPEN, first.host)
    assert second.id != first.id
    clock.now += 4_000
    assert await door.wait_ms(code) == 0
    old = await meetings.get(first.id)
    assert old is not None
    assert (old.phase, old.code == code) == (Phase.ENDED, False)


async def test_attendance_is_kept_of_all_sittings_since_it_was_switched_on(database: Database, clock: Clock) -> None:
    people = People(database)
    _, code, *_ = await scheduled(database, people, clock)
    meetings, door, records = (
        MeetingRepository(database),
        ScheduleDoor(database, clock),
        ScheduleRecordRepository(database),
    )
    archive = SqlRoomArchive(database, meetings, SqlRemovedMarks(database))
    first = await meetings.by_code(code)
    assert first is not None
    assert first.organization_id is not None
    assert not await door.keeps_attendance(code, first.organization_id)
    await archive.attended(first.id, "early", "Early", TUESDAY, TUESDAY + MINUTE_MS)
    await records.set_attendance(first.organization_id, TUESDAY + 5 * MINUTE_MS)
    await records.set_attendance(first.organization_id, TUESDAY + 9 * MINUTE_MS)  # on stays on
    assert await door.keeps_attendance(code, first.organization_id)
    await archive.attended(first.id, "wang", "Wang", TUESDAY + 6 * MINUTE_MS, TUESDAY + 30 * MINUTE_MS)
    clock.now = TUESDAY + 40 * MINUTE_MS
    await meetings.ended(first.id, clock.now)
    clock.now = TUESDAY + WEEK_MS
    assert await door.renew(code)
    second = await meetings.by_code(code)
    assert second is not None
    await archive.attended(second.id, "li", "Li", clock.now, clock.now + MINUTE_MS)
    since = await records.attendance_since(first.organization_id)
    assert [one.name for one in await records.stays(code, TUESDAY, TUESDAY + WEEK_MS - 1, since)] == ["Wang"]
    assert [one.name for one in await records.stays(code, clock.now, clock.now + WEEK_MS, since)] == ["Li"]
    await records.set_attendance(first.organization_id, 0)
    assert await records.attendance_since(first.organization_id) == 0


async def test_two_who_write_the_minutes_do_not_overwrite_each_other(database: Database, clock: Clock) -> None:
    event_id, *_ = await scheduled(database, People(database), clock)
    records, key = ScheduleRecordRepository(database), "20261124T100000"
    await records.write_minutes(event_id, key, "One", 0, "Host", TUESDAY, clock.now)
    with pytest.raises(Refusal):
        await records.write_minutes(event_id, key, "Two", 0, "Wang", TUESDAY, clock.now)
    await records.write_minutes(event_id, key, "Two", 1, "Wang", TUESDAY, clock.now)
    with pytest.raises(Refusal):
        await records.write_minutes(event_id, key, "Three", 1, "Host", TUESDAY, clock.now)
    assert (await records.minutes(event_id, key)).text == "Two"
