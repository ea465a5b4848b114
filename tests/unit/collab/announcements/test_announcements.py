"""Announcements on both databases: out once, to whom they were meant for, read, changed, reminded of, withdrawn."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from collab.accounts.models import Member, MemberRole
from collab.announcements.clock import AnnouncementClock
from collab.announcements.models import AnnouncementState, Audience, Scope
from collab.announcements.receipts import ReceiptRepository
from collab.announcements.repository import AnnouncementRepository
from collab.announcements.service import DAY_MS, AnnouncementService, Seen
from collab.clock import now_ms
from collab.db.engine import Database
from collab.files.store import Files, open_store
from collab.jobs.jobs import Jobs
from collab.notices.models import NoticeRow
from collab.problems import Refusal
from rooms.core.codes import Code
from tests.support.databases import QueryCount
from tests.unit.collab.people import People
from tests.unit.collab.requests.conftest import NoLimits

ALL = Audience(Scope.PARK)


class Inboxes:
    """Whose other pages were told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def tell(self, account_ids: Sequence[str]) -> None:
        self.told += account_ids


class NoAlarm:
    """Nobody works: the test looks at the clock itself."""

    async def put(self, job: object) -> None:
        """Not asked for."""

    async def work(self, run: object) -> None:
        """Not asked for."""


@dataclass
class Board:
    database: Database
    service: AnnouncementService
    clock: AnnouncementClock
    inboxes: Inboxes
    chief: Member  # administers the park
    boss: Member  # administers the works
    hand: Member  # of the works
    rival: Member  # administers the robots
    park_id: str
    works_id: str
    robots_id: str
    now_ms: int = field(default_factory=now_ms)

    async def out(self, title: str = "Water", audience: Audience = ALL) -> Seen:
        draft = await self.service.draft(self.chief, self.park_id, title, "It is off on Monday.", audience)
        return await self.service.publish(self.chief, draft.announcement.id, 1, 0)

    async def notices(self, of: Member) -> list[tuple[str, str, bool]]:
        """(kind, title, unread), the oldest first."""
        query = select(NoticeRow).where(NoticeRow.account_id == of.account.id).order_by(NoticeRow.id)
        async with self.database.read() as session:
            rows = (await session.scalars(query)).all()
        return [(row.kind, row.params["title"], row.read_at_ms == 0) for row in rows]


@pytest.fixture
async def board(database: Database, people: People, tmp_path: Path) -> Board:
    chief = await people.administrator()
    works, robots = await people.organization("Laser Works"), await people.organization("Robots")
    sql = AnnouncementRepository(database)
    inboxes = Inboxes()
    files = Files(open_store("", tmp_path / "files"), database)

    def time() -> int:
        return made.now_ms

    clock = AnnouncementClock(sql, Jobs(NoAlarm()), lambda: None, time)
    service = AnnouncementService(
        sql, ReceiptRepository(database), clock, files, inboxes, NoLimits(), lambda: None, time
    )
    made = Board(
        database,
        service,
        clock,
        inboxes,
        chief,
        await people.employee(works, "Zhou", MemberRole.ADMINISTRATOR),
        await people.employee(works, "Wu"),
        await people.employee(robots, "Ma", MemberRole.ADMINISTRATOR),
        chief.memberships[0].organization.id,
        works.id,
        robots.id,
    )
    return made


async def refused(work: Coroutine[Any, Any, object]) -> Code:
    with pytest.raises(Refusal) as caught:
        await work
    return caught.value.code


async def test_it_goes_out_once_to_everybody_and_its_author_has_read_it(board: Board, queries: QueryCount) -> None:
    service = board.service
    reach = await service.reach(board.chief, board.park_id, ALL)
    assert (reach.people, reach.organizations) == (4, 3)
    one = (await board.out()).announcement
    assert (one.state, one.people, one.version) == (AnnouncementState.PUBLISHED, 4, 1)
    await asyncio.gather(*(board.clock.publish(one.id) for _ in range(2)))
    assert await board.notices(board.hand) == [("announcement", "Water", True)]
    assert await board.notices(board.chief) == []
    await board.out("Parking")
    queries.reset()
    found, more, unread = await service.page(board.hand, "", 1, unread_only=False)
    assert len(queries.statements) == 2
    assert ([line.title for line in found], more, unread) == (["Parking"], True, 2)
    rest, more, _ = await service.page(board.hand, found[0].id, 1, unread_only=False)
    assert ([line.title for line in rest], more) == (["Water"], False)
    assert (await service.page(board.chief, "", 10, unread_only=True))[2] == 0
    queries.reset()
    written, _ = await service.written(board.chief, None, "", 10)
    assert len(queries.statements) == 1
    assert [(line.title, line.people, line.read) for line in written] == [("Parking", 4, 1), ("Water", 4, 1)]
    assert await service.written(board.hand, None, "", 10) == ([], False)


async def test_it_reaches_the_chosen_organizations_and_roles_only(board: Board, people: People) -> None:
    service = board.service
    bosses = Audience(Scope.ORGANIZATIONS, (board.works_id, board.robots_id), (MemberRole.ADMINISTRATOR,))
    assert (await service.reach(board.chief, board.park_id, bosses)).people == 2
    one = (await board.out(audience=bosses)).announcement
    assert await board.notices(board.hand) == []
    assert await refused(service.seen(board.hand, one.id)) is Code.NOT_FOUND
    works = (await service.seen(board.boss, one.id)).announcement
    assert [named.name for named in works.organizations] == ["Laser Works", "Robots"]
    late = await people.employee(board.boss.memberships[0].organization, "Late", MemberRole.ADMINISTRATOR)
    assert await refused(service.seen(late, one.id)) is Code.NOT_FOUND
    nobody = Audience(Scope.ORGANIZATIONS, (board.works_id,), (MemberRole.OFFICER,))
    draft = await service.draft(board.chief, board.park_id, "x", "y", nobody)
    assert await refused(service.publish(board.chief, draft.announcement.id, 1, 0)) is Code.INVALID
    unknown = Audience(Scope.ORGANIZATIONS, ("0" * 26,))
    assert await refused(service.draft(board.chief, board.park_id, "x", "y", unknown)) is Code.INVALID


async def test_a_companys_own_is_nobody_elses(board: Board) -> None:
    service, own = board.service, Audience(Scope.ORGANIZATIONS, (board.works_id,))
    draft = (await service.draft(board.boss, board.works_id, "Party", "On Friday.", own)).announcement
    for stranger in (board.chief, board.rival, board.hand):
        assert await refused(service.seen(stranger, draft.id)) is Code.NOT_FOUND
    one = (await service.publish(board.boss, draft.id, 1, 0)).announcement
    assert one.people == 2
    for stranger in (board.chief, board.rival):
        for work in (
            service.seen(stranger, one.id),
            service.read(stranger, one.id, 1),
            service.receipts(stranger, one.id, "", 10, read=None),
            service.withdraw(stranger, one.id, one.revision),
        ):
            assert await refused(work) is Code.NOT_FOUND
    assert await refused(service.withdraw(board.hand, one.id, one.revision)) is Code.FORBIDDEN
    assert await refused(service.draft(board.boss, board.works_id, "x", "y", ALL)) is Code.INVALID
    assert await refused(service.draft(board.boss, board.park_id, "x", "y", ALL)) is Code.FORBIDDEN
    foreign = Audience(Scope.ORGANIZATIONS, (board.robots_id,))
    assert await refused(service.reach(board.boss, board.works_id, foreign)) is Code.INVALID


async def test_at_its_time_it_goes_out_and_not_before(board: Board) -> None:
    service = board.service
    draft = (await service.draft(board.chief, board.park_id, "Water", "Off.", ALL)).announcement
    at_ms = board.now_ms + DAY_MS
    for wrong in (board.now_ms - 1, board.now_ms + 400 * DAY_MS):
        assert await refused(service.publish(board.chief, draft.id, 1, wrong)) is Code.INVALID
    one = (await service.publish(board.chief, draft.id, 1, at_ms)).announcement
    assert one.state is AnnouncementState.SCHEDULED
    assert await refused(service.edit(board.chief, one.id, 2, "x", "y", ALL)) is Code.WRONG_STATE
    one = (await service.unschedule(board.chief, one.id, 2)).announcement
    one = (await service.edit(board.chief, one.id, one.revision, "Gas", "Off.", ALL)).announcement
    assert await refused(service.edit(board.chief, one.id, 1, "Old", "Off.", ALL)) is Code.CONFLICT
    await service.publish(board.chief, one.id, one.revision, at_ms)
    await board.clock.work()
    assert await refused(service.seen(board.hand, one.id)) is Code.NOT_FOUND
    board.now_ms = at_ms
    await asyncio.gather(*(board.clock.work() for _ in range(2)))
    assert await board.notices(board.hand) == [("announcement", "Gas", True)]
    assert (await service.seen(board.hand, one.id)).announcement.published_at_ms == at_ms


async def test_who_read_is_counted_by_person_and_company(board: Board, queries: QueryCount) -> None:
    service = board.service
    one = (await board.out()).announcement
    board.now_ms += 5_000
    await service.read(board.hand, one.id, 1)
    await service.read(board.hand, one.id, 1)
    assert board.inboxes.told == [board.hand.account.id]
    assert await board.notices(board.hand) == [("announcement", "Water", False)]
    assert await refused(service.read(board.hand, one.id, 2)) is Code.WRONG_STATE
    queries.reset()
    _, readers, tallies = await service.receipts(board.chief, one.id, "", 10, read=None)
    assert len(queries.statements) == 5
    assert {(reader.name, reader.at_ms) for reader in readers if reader.at_ms} == {
        ("Lin", one.published_at_ms),
        ("Wu", board.now_ms),
    }
    counts = {tally.name: (tally.people, tally.read) for tally in tallies}
    assert counts == {"Laser Works": (2, 1), "Robots": (1, 0), "Park": (1, 1)}
    _, unread, _ = await service.receipts(board.chief, one.id, "", 1, read=False)
    assert len(unread) == 2  # one more than asked for
    _, rest, _ = await service.receipts(board.chief, one.id, unread[0].id, 1, read=False)
    assert {unread[0].name, *(reader.name for reader in rest)} == {"Zhou", "Ma"}


async def test_those_who_have_not_read_are_reminded_once_a_day(board: Board) -> None:
    service = board.service
    one = (await board.out()).announcement
    await service.read(board.hand, one.id, 1)
    assert await refused(service.remind(board.chief, one.id)) is Code.RATE_LIMITED
    board.now_ms += DAY_MS
    counts = await asyncio.gather(*(service.remind(board.chief, one.id) for _ in range(2)), return_exceptions=True)
    assert sorted(count for count in counts if isinstance(count, int)) == [2]
    assert await board.notices(board.boss) == [
        ("announcement", "Water", False),
        ("announcement_reminder", "Water", True),
    ]
    assert len(await board.notices(board.hand)) == 1
    assert await refused(service.remind(board.chief, one.id)) is Code.RATE_LIMITED
    board.now_ms += DAY_MS
    assert await service.remind(board.chief, one.id) == 2


async def test_a_new_version_is_unread_again_and_a_small_correction_is_not(board: Board) -> None:
    service = board.service
    one = (await board.out()).announcement
    await service.read(board.hand, one.id, 1)
    one = (await service.revise(board.chief, one.id, one.revision, "Water off", "Monday.", tell=False)).announcement
    assert (await service.page(board.hand, "", 10, unread_only=True))[2] == 0
    assert await board.notices(board.boss) == [("announcement", "Water off", True)]
    one = (await service.revise(board.chief, one.id, one.revision, "Water", "Tuesday.", tell=True)).announcement
    assert (one.version, one.told_version) == (3, 3)
    assert (await service.page(board.hand, "", 10, unread_only=True))[2] == 1
    assert await board.notices(board.boss) == [
        ("announcement", "Water off", False),
        ("announcement_changed", "Water", True),
    ]
    await service.read(board.hand, one.id, 2)  # of a page that was open meanwhile
    assert (await service.page(board.hand, "", 10, unread_only=True))[2] == 1
    await service.read(board.hand, one.id, 3)
    assert (await service.page(board.hand, "", 10, unread_only=True))[2] == 0
    versions = await service.versions(board.chief, one.id)
    assert [(version.number, version.title, version.told) for version in versions] == [
        (3, "Water", True),
        (2, "Water off", False),
        (1, "Water", True),
    ]
    assert await refused(service.versions(board.hand, one.id)) is Code.FORBIDDEN
    stale = service.revise(board.chief, one.id, one.revision - 1, "x", "y", tell=True)
    assert await refused(stale) is Code.CONFLICT


async def test_what_is_withdrawn_is_gone_and_its_readers_know(board: Board) -> None:
    service = board.service
    one = (await board.out()).announcement
    await service.read(board.hand, one.id, 1)
    await service.withdraw(board.chief, one.id, one.revision)
    assert await board.notices(board.boss) == []
    assert await board.notices(board.hand) == [("announcement_withdrawn", "Water", True)]
    assert (await service.page(board.hand, "", 10, unread_only=False))[0] == []
    assert await refused(service.read(board.boss, one.id, 1)) is Code.WRONG_STATE
    assert await refused(service.remind(board.chief, one.id)) is Code.WRONG_STATE
    draft = (await service.draft(board.chief, board.park_id, "x", "y", ALL)).announcement
    await service.remove(board.chief, draft.id)
    assert await refused(service.seen(board.chief, draft.id)) is Code.NOT_FOUND
    assert await refused(service.remove(board.chief, one.id)) is Code.WRONG_STATE


async def test_who_leaves_a_company_sees_no_more_what_it_was_told(board: Board, people: People) -> None:
    service, own = board.service, Audience(Scope.ORGANIZATIONS, (board.works_id,))
    one = (await board.out(audience=own)).announcement
    await board.out("Parking")
    assert await people.accounts.set_roles(board.hand.account.id, board.works_id, (), board.now_ms)
    gone = await people.member_of(board.hand.account.id)
    assert await refused(service.seen(gone, one.id)) is Code.NOT_FOUND
    found, _, unread = await service.page(gone, "", 10, unread_only=False)
    assert ([line.title for line in found], unread) == (["Parking"], 1)
    await service.revise(board.chief, one.id, one.revision, "Water", "Secret.", tell=True)
    board.now_ms += DAY_MS
    assert await service.remind(board.chief, one.id) == 1
    kinds = [kind for kind, _, _ in await board.notices(gone)]
    assert kinds == ["announcement", "announcement"]
