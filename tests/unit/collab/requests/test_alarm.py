"""The clock's own work: what is late is escalated once, the clock stands while somebody is asked, old things go."""

from __future__ import annotations

import asyncio

from sqlalchemy import func, select

from collab.db.engine import Database
from collab.notices.models import NoticeRow
from collab.requests.alarm import RequestAlarm
from collab.requests.models import RequestEventRow, RequestRow
from collab.requests.notices import NoticeOutbox
from collab.requests.states import Action, State
from collab.requests.telling import News

from .conftest import ACCESS, QUESTION, Desk

HOUR_MS = 3_600_000


async def test_temporary_access_goes_late_after_an_hour_and_escalates(desk: Desk) -> None:
    seen = await desk.file("temporary_access", ACCESS)
    assert seen.request.due_at_ms == desk.now_ms + HOUR_MS
    desk.now_ms += HOUR_MS - 1
    assert await desk.engine.alarm.escalate() == 0
    desk.now_ms += 1
    assert await desk.engine.alarm.escalate() == 1
    assert await desk.engine.alarm.escalate() == 0
    desk.now_ms += HOUR_MS // 2
    assert await desk.engine.alarm.escalate() == 1  # half an hour later the administrators
    desk.now_ms += 100 * HOUR_MS
    assert await desk.engine.alarm.escalate() == 0
    request = (await desk.engine.service.seen(desk.chief, seen.request.id)).request
    assert (request.escalations, request.escalated_to, request.state) == (2, "administrators", State.SUBMITTED)
    late = [one for one in desk.outbox.told if one.news is News.LATE]
    assert [set(one.account_ids) for one in late] == [
        {desk.chief.account.id, desk.officer.account.id},
        {desk.chief.account.id},
    ]
    assert len({one.key for one in desk.outbox.told}) == len(desk.outbox.told)
    assert all(one.urgent for one in late)


async def test_an_owner_is_reminded_once_before_it_is_due(desk: Desk, database: Database) -> None:
    """An hour before, or in the last quarter of a short clock; again when the clock was stopped and goes on."""
    engine = desk.engine
    alarm = RequestAlarm(
        database,
        engine.service,
        engine.requests,
        engine.types,
        engine.hours,
        engine.people,
        NoticeOutbox(lambda: None, lambda: desk.now_ms),
        lambda: desk.now_ms,
    )
    await desk.file("temporary_access", ACCESS)  # nobody owns it: nobody is reminded
    seen = await desk.move(desk.officer, await desk.file("temporary_access", ACCESS), Action.TAKE)
    desk.now_ms += HOUR_MS * 3 // 4 - 1
    assert await alarm.remind() == 0
    desk.now_ms += 1
    assert sorted(await asyncio.gather(alarm.remind(), alarm.remind())) == [0, 1]
    assert await alarm.remind() == 0
    async with database.read() as session:
        (notice,) = await session.scalars(select(NoticeRow).where(NoticeRow.kind == "request_due"))
    assert (notice.account_id, notice.about_id) == (desk.officer.account.id, seen.request.id)
    desk.now_ms = seen.request.due_at_ms
    assert await alarm.remind() == 0  # it is late now, which others tell


async def test_two_processes_escalate_once(desk: Desk, database: Database) -> None:
    for _ in range(5):
        await desk.file("temporary_access", ACCESS)
    desk.now_ms += HOUR_MS
    made = await asyncio.gather(*(desk.engine.alarm.escalate() for _ in range(3)))
    assert sum(made) == 5
    async with database.read() as session:
        count = await session.scalar(
            select(func.count()).select_from(RequestEventRow).where(RequestEventRow.action == Action.ESCALATE)
        )
    assert count == 5


async def test_the_clock_stands_while_the_requester_is_asked(desk: Desk) -> None:
    seen = await desk.file("policy_question", QUESTION)
    assert seen.request.due_at_ms > 0
    desk.at("2026-11-24 10:00")
    seen = await desk.move(desk.officer, seen, Action.TAKE)
    seen = await desk.move(desk.officer, seen, Action.ASK, "Which building?")
    left_ms = seen.request.left_ms
    assert (seen.request.due_at_ms, left_ms) == (0, (2 + 4.5 + 3 + 4.5) * HOUR_MS)  # to Wednesday at six
    desk.at("2026-12-02 10:00")
    assert await desk.engine.alarm.escalate() == 0
    seen = await desk.move(desk.requester, seen, Action.PROVIDE, "B")
    desk.at("2026-12-03 18:00")
    assert (seen.request.due_at_ms, seen.request.left_ms) == (desk.now_ms, 0)  # as much working time as was left


async def test_what_is_late_stays_late_when_something_is_asked(desk: Desk) -> None:
    seen = await desk.file("temporary_access", ACCESS)
    seen = await desk.move(desk.officer, seen, Action.TAKE)
    due_at_ms = seen.request.due_at_ms
    desk.now_ms = due_at_ms + 1
    seen = await desk.move(desk.officer, seen, Action.ASK, "Who?")
    assert (seen.request.due_at_ms, seen.request.left_ms) == (due_at_ms, 0)


async def test_what_has_been_kept_long_enough_goes_with_all_of_it(desk: Desk, database: Database) -> None:
    old = await desk.file("temporary_access", ACCESS)
    running = await desk.file("temporary_access", ACCESS)
    old = await desk.move(desk.officer, old, Action.TAKE)
    old = await desk.move(desk.officer, old, Action.APPROVE)
    assert old.request.state is State.DONE
    desk.now_ms += 180 * 86_400_000 - 1
    assert await desk.engine.alarm.delete_old() == 0
    desk.now_ms += 1
    assert await desk.engine.alarm.delete_old() == 1
    async with database.read() as session:
        assert list(await session.scalars(select(RequestRow.id))) == [running.request.id]
        assert set(await session.scalars(select(RequestEventRow.request_id))) == {running.request.id}


async def test_who_is_told_what(desk: Desk) -> None:
    seen = await desk.file("policy_question", QUESTION)
    seen = await desk.move(desk.officer, seen, Action.TAKE)
    seen = await desk.move(desk.officer, seen, Action.ASK, "Which?")
    seen = await desk.move(desk.requester, seen, Action.PROVIDE, "That")
    seen = await desk.move(desk.officer, seen, Action.OFFER, to=desk.chief.account.id)
    seen = await desk.move(desk.chief, seen, Action.ACCEPT)
    await desk.move(desk.chief, seen, Action.ANSWER, "So it is")
    names = {one.account.id: one.account.name for one in (desk.chief, desk.officer, desk.requester)}
    assert [(one.news, sorted(names[who] for who in one.account_ids)) for one in desk.outbox.told] == [
        (News.FILED, ["Chen", "Lin"]),
        (News.TAKEN, ["Zhou"]),
        (News.ASKED, ["Zhou"]),
        (News.PROVIDED, ["Chen"]),
        (News.OFFERED, ["Lin"]),
        (News.ACCEPTED, ["Chen"]),
        (News.ANSWERED, ["Zhou"]),
    ]
