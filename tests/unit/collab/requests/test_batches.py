"""Batches: a result for each item, whatever happens to the others, to the process, or beside it."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select, text

from collab.accounts.models import MemberRole
from collab.db.engine import Database
from collab.problems import Refusal
from collab.requests.models import RequestEventRow
from collab.requests.states import Action
from collab.requests.telling import News
from collab.requests.values import BatchResult
from rooms.core.codes import Code

from .conftest import ACCESS, QUESTION, Desk


async def filed(desk: Desk, count: int) -> tuple[str, ...]:
    return tuple([(await desk.file("temporary_access", ACCESS)).request.id for _ in range(count)])


async def run(desk: Desk, key: str, action: Action, note: str, ids: tuple[str, ...]) -> list[tuple[str, str]]:
    batch = await desk.engine.batches.start(desk.officer, key, action, note, ids)
    await desk.engine.batches.run(batch.id)
    _, items = await desk.engine.batches.seen(desk.officer, key)
    return [(item.result.value, item.code) for item in items]


async def test_one_bad_item_does_not_stop_the_rest(desk: Desk, database: Database) -> None:
    ids = await filed(desk, 5)
    others = await desk.file("temporary_access", ACCESS)
    await desk.move(desk.chief, others, Action.TAKE)  # somebody else's
    answered = await desk.file("policy_question", QUESTION)  # knows no approval
    own = await desk.file("temporary_access", ACCESS, by=desk.officer)
    broken = await desk.file("temporary_access", ACCESS)
    async with database.write() as session:  # what nobody foresaw
        await session.execute(
            text("INSERT INTO request_events VALUES (:id, 2, 'x', 'x', '', '', '', '{}', 1)"),
            {"id": broken.request.id},
        )
    bad = (others.request.id, answered.request.id, own.request.id, "0" * 26, broken.request.id)
    results = await run(desk, "batch-01", Action.APPROVE, "{number} may enter.", ids[:2] + bad + ids[2:])
    assert results == [
        ("done", ""),
        ("done", ""),
        ("refused", "forbidden"),
        ("refused", "wrong_state"),
        ("refused", "forbidden"),  # nobody decides what they filed
        ("refused", "not_found"),
        ("refused", "internal"),
        ("done", ""),
        ("done", ""),
        ("done", ""),
    ]
    batch, _ = await desk.engine.batches.seen(desk.officer, "batch-01")
    assert (batch.total, batch.done, batch.refused, batch.finished_at_ms) == (10, 5, 5, desk.now_ms)
    events = await desk.engine.requests.events(ids[0])
    assert [one.action for one in events] == [Action.SUBMIT, Action.TAKE, Action.APPROVE, Action.FINISH]
    request = (await desk.engine.service.seen(desk.requester, ids[0])).request
    assert events[2].note == f"{request.number} may enter."
    assert request.taken_at_ms == desk.now_ms
    approved = [one for one in desk.outbox.told if one.news is News.APPROVED]
    assert {one.account_ids for one in approved} == {(desk.requester.account.id,)}
    assert len(approved) == 5


async def test_run_again_and_beside_itself_it_does_nothing_twice(desk: Desk, database: Database) -> None:
    ids = await filed(desk, 12)
    batch = await desk.engine.batches.start(desk.officer, "batch-02", Action.APPROVE, "", ids)
    again = await desk.engine.batches.start(desk.officer, "batch-02", Action.REJECT, "No", ids[:1])
    assert again.id == batch.id
    await asyncio.gather(*(desk.engine.batches.run(batch.id) for _ in range(3)))
    await desk.engine.batches.run(batch.id)
    done, items = await desk.engine.batches.seen(desk.officer, "batch-02")
    assert (done.done, done.refused) == (12, 0)
    assert {item.result for item in items} == {BatchResult.DONE}
    async with database.read() as session:
        counts = await session.execute(
            select(RequestEventRow.request_id, func.count()).group_by(RequestEventRow.request_id)
        )
        assert {count for _, count in counts} == {4}


async def test_it_goes_on_where_a_process_was_killed(desk: Desk) -> None:
    ids = await filed(desk, 6)
    batch = await desk.engine.batches.start(desk.officer, "batch-03", Action.TAKE, "", ids)
    task = asyncio.create_task(desk.engine.batches.run(batch.id))
    async with asyncio.timeout(20):
        while (await desk.engine.batches.seen(desk.officer, "batch-03"))[0].done < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await desk.engine.batches.run_all() <= 1
    done, _ = await desk.engine.batches.seen(desk.officer, "batch-03")
    assert (done.done, done.refused) == (6, 0)
    assert await desk.engine.batches.run_all() == 0


async def test_who_left_the_desk_decides_nothing_any_more(desk: Desk) -> None:
    ids = await filed(desk, 2)
    park = desk.officer.memberships[0].organization
    batch = await desk.engine.batches.start(desk.officer, "batch-04", Action.APPROVE, "", ids)
    await desk.people.accounts.set_roles(desk.officer.account.id, park.id, (MemberRole.MEMBER,), desk.now_ms)
    await desk.engine.batches.run(batch.id)
    _, items = await desk.engine.batches.seen(desk.officer, "batch-04")
    assert {(item.result, item.code) for item in items} == {(BatchResult.REFUSED, "forbidden")}


async def test_batches_are_for_the_desk_and_ones_own(desk: Desk) -> None:
    ids = await filed(desk, 1)
    with pytest.raises(Refusal) as refused:
        await desk.engine.batches.start(desk.requester, "batch-05", Action.APPROVE, "", ids)
    assert refused.value.code is Code.FORBIDDEN
    with pytest.raises(Refusal) as refused:
        await desk.engine.batches.start(desk.officer, "batch-05", Action.REJECT, " ", ids)
    assert refused.value.fields.keys() == {"note"}
    with pytest.raises(Refusal) as refused:
        await desk.engine.batches.start(desk.officer, "batch-05", Action.WITHDRAW, "", ids)
    assert refused.value.fields.keys() == {"action"}
    await desk.engine.batches.start(desk.officer, "batch-05", Action.APPROVE, "", ids)
    with pytest.raises(Refusal) as refused:
        await desk.engine.batches.seen(desk.chief, "batch-05")
    assert refused.value.code is Code.NOT_FOUND
