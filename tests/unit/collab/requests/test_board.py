"""The board by clock, lists: what they show, that others' things do not count, and what they ask of SQL."""

from __future__ import annotations

from msgspec.structs import replace

from collab.accounts.models import MemberRole
from collab.requests.board import Lane
from collab.requests.parties import sees
from collab.requests.repository import Filter, Sort
from collab.requests.states import Action
from collab.requests.visible import Scope
from tests.support.databases import QueryCount

from .conftest import ACCESS, QUESTION, Desk

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


async def busy(desk: Desk) -> None:
    """One late and escalated, one due soon and taken, one waiting, one later, one decided, one confidential."""
    await desk.file("temporary_access", ACCESS)
    desk.now_ms += HOUR_MS + 1
    await desk.engine.alarm.escalate()
    soon = await desk.file("temporary_access", ACCESS)
    await desk.move(desk.officer, soon, Action.TAKE)
    waiting = await desk.file("policy_question", QUESTION)
    waiting = await desk.move(desk.officer, waiting, Action.TAKE)
    await desk.move(desk.officer, waiting, Action.ASK, "Which?")
    await desk.file("policy_question", QUESTION)
    done = await desk.file("policy_question", QUESTION)
    done = await desk.move(desk.officer, done, Action.TAKE)
    desk.now_ms += 2 * 60_000
    await desk.move(desk.officer, done, Action.ANSWER, "So it is")
    health = {
        "day": "2026-11-23",
        "home": {"region": "武汉市", "detail": "光谷 1 号"},
        "temperature": 36.5,
        "symptoms": ["none"],
        "moved": "no",
        "contact": "no",
    }
    await desk.file("daily_health", health)


async def test_the_board_sorts_what_is_open_by_its_clock(desk: Desk, queries: QueryCount) -> None:
    await busy(desk)
    reach = await desk.engine.service.reach(desk.officer)
    queries.reset()
    rows = await desk.engine.board.board(reach, Scope.DESK, "", desk.now_ms, desk.now_ms + 4 * HOUR_MS)
    assert len(queries.statements) == 5
    lanes = {lane: len(found) for lane, found in rows.lanes.items()}
    assert lanes == {Lane.LATE: 1, Lane.SOON: 1, Lane.LATER: 1, Lane.WAITING: 1}
    counts = rows.counts
    assert (counts.late, counts.soon, counts.later, counts.waiting) == (1, 1, 1, 1)
    assert (counts.unowned, counts.escalated, counts.mine) == (2, 1, 2)
    chief = await desk.engine.service.reach(desk.chief)
    whole = await desk.engine.board.board(chief, Scope.DESK, "", desk.now_ms, desk.now_ms + 4 * HOUR_MS)
    assert whole.counts.unowned == 3  # with the confidential one
    mine = await desk.engine.board.board(reach, Scope.OWNED, "", desk.now_ms, desk.now_ms + 4 * HOUR_MS)
    assert (mine.counts.soon, mine.counts.waiting, mine.counts.late) == (1, 1, 0)


async def test_lists_ask_the_same_however_long_they_are(desk: Desk, queries: QueryCount) -> None:
    await busy(desk)
    asked = []
    for limit in (1, 5):
        queries.reset()
        found, _ = await desk.engine.service.listed(desk.officer, Filter(scope=Scope.DESK), limit)
        assert len(found) == limit
        asked.append(len(queries.statements))
    assert asked == [2, 2]  # one's groups, and the list; versions of types are remembered


async def test_every_scope_shows_what_can_be_opened_and_nothing_else(desk: Desk) -> None:
    """The filter of SQL and the rule in Python agree for everybody."""
    await busy(desk)
    park = desk.chief.memberships[0].organization
    boss = await desk.people.employee(desk.company, "Sun", MemberRole.ADMINISTRATOR)
    rival = await desk.people.employee(await desk.people.organization("Robots"), "Qian", MemberRole.ADMINISTRATOR)
    clerk = await desk.people.employee(park, "He")
    await desk.engine.people.set_group("health", "健康", "Health", (clerk.account.id,))
    ids = [one.request.id for one in (await desk.engine.service.listed(desk.chief, Filter(scope=Scope.DESK), 100))[0]]
    assert len(ids) == 6
    for member in (desk.chief, desk.officer, desk.requester, boss, rival, clerk):
        reach = await desk.engine.service.reach(member)
        listed = set()
        for scope in Scope:
            found = (await desk.engine.service.listed(member, Filter(scope=scope), 100))[0]
            listed |= {one.request.id for one in found}
        opened = {one for one in ids if await desk.engine.requests.get(reach, one) is not None}
        ruled = set()
        for one in ids:
            request = await desk.engine.requests.unseen(one)
            assert request is not None
            if sees(reach, request):
                ruled.add(one)
        assert listed == opened == ruled, member.account.name


async def test_what_is_open_is_listed_by_its_clock_page_by_page(desk: Desk) -> None:
    await busy(desk)
    whole = Filter(scope=Scope.DESK, sort=Sort.DUE)
    all_of_it, _ = await desk.engine.service.listed(desk.officer, whole, 50)
    dues = [one.request.due_at_ms for one in all_of_it]
    assert len(dues) == 4  # without what is decided, and what is confidential
    assert dues == [*sorted(due for due in dues if due), 0]  # what waits has no clock, and is last
    paged, before = [], ""
    for _page in range(4):
        found, more = await desk.engine.service.listed(desk.officer, replace(whole, before=before), 1)
        paged += [one.request.id for one in found]
        before = paged[-1]
    assert (paged, more) == ([one.request.id for one in all_of_it], False)
    foreign, _ = await desk.engine.service.listed(desk.chief, replace(whole, before=before), 50)
    hidden = next(
        one for one in (await desk.engine.service.listed(desk.chief, whole, 50))[0] if one.request.confidential
    )
    nothing, _ = await desk.engine.service.listed(desk.officer, replace(whole, before=hidden.request.id), 50)
    assert (foreign, nothing) == ([], [])
