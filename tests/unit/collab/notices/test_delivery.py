"""From a feature's transaction to mail, digest and the count on open pages: once each, whoever works and dies."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from collab.db.engine import Database
from collab.mail.models import MailRow
from collab.notices.delivery import Delivery
from collab.notices.kinds import Choice, MailChoice, NoticeKind
from collab.notices.models import KEY_MAX_CHARS, Notice, Outsider, Subject
from collab.notices.outbox import put
from collab.notices.repository import Count, NoticeRepository
from collab.notices.rules import Quiet, Settings
from collab.notices.word import Word
from tests.support.databases import QueryCount
from tests.unit.collab.people import People

SHANGHAI = ZoneInfo("Asia/Shanghai")
URL = "https://park.example"


class OpenPages:
    def __init__(self) -> None:
        self.counts: list[Count] = []

    async def count(self, counts: Sequence[Count]) -> None:
        self.counts.extend(counts)

    async def tell(self, words: Sequence[Word]) -> None:
        raise AssertionError(words)


class Clock:
    def __init__(self) -> None:
        self.at_ms = int(datetime(2026, 3, 2, 12, tzinfo=SHANGHAI).timestamp() * 1_000)

    def __call__(self) -> int:
        return self.at_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pages() -> OpenPages:
    return OpenPages()


@pytest.fixture
def notices(database: Database) -> NoticeRepository:
    return NoticeRepository(database)


@pytest.fixture
def delivery(notices: NoticeRepository, pages: OpenPages, clock: Clock) -> Delivery:
    return Delivery(notices, pages, URL, clock)


def missed(*account_ids: str, key: str = "call:1", **fields: object) -> Notice:
    return Notice(
        kind=NoticeKind.CALL_MISSED,
        account_ids=account_ids,
        key=key,
        about=Subject("request", "1"),
        path="/requests/1",
        params={"from": "Wang", "about": "Access to hall 3"},
        **fields,  # type: ignore[arg-type]
    )


async def write(database: Database, notice: Notice, at_ms: int) -> int:
    async with database.write() as session:
        return await put(session, notice, at_ms)


async def mails(database: Database) -> list[MailRow]:
    async with database.read() as session:
        return list((await session.scalars(select(MailRow).order_by(MailRow.id))).all())


async def test_a_notice_becomes_one_mail_and_one_count(
    database: Database, people: People, delivery: Delivery, pages: OpenPages, clock: Clock
) -> None:
    lin = (await people.administrator()).account
    assert await write(database, missed(lin.id), clock.at_ms) == 1
    assert await write(database, missed(lin.id), clock.at_ms) == 0
    await delivery.deliver()
    await delivery.deliver()
    (mail,) = await mails(database)
    assert mail.subject == "Missed call from Wang"
    assert "About: Access to hall 3" in mail.text
    assert f"{URL}/requests/1" in mail.text
    assert [(one.account_id, one.unread) for one in pages.counts] == [(lin.id, 1)]


async def test_several_workers_at_once_plan_each_notice_once(
    database: Database, people: People, notices: NoticeRepository, pages: OpenPages, clock: Clock
) -> None:
    lin = (await people.administrator()).account
    for number in range(20):
        await write(database, missed(lin.id, key=f"call:{number}"), clock.at_ms)
    workers = [Delivery(notices, pages, URL, clock) for _ in range(3)]
    await asyncio.gather(*(worker.deliver() for worker in workers))
    assert len(await mails(database)) == 20


async def test_quiet_hours_hold_the_mail_until_the_morning(
    database: Database, people: People, notices: NoticeRepository, delivery: Delivery, clock: Clock
) -> None:
    lin = (await people.administrator()).account
    await notices.save_settings(lin.id, Settings({}, Quiet(11 * 60, 14 * 60), 480), "Asia/Shanghai")
    await write(database, missed(lin.id), clock.at_ms)
    await write(database, missed(lin.id, key="urgent", urgent=True), clock.at_ms)
    await delivery.deliver()
    held, urgent = await mails(database)
    assert held.due_at_ms == clock.at_ms + 2 * 3_600_000
    assert urgent.due_at_ms == clock.at_ms


async def test_the_digest_is_one_mail_of_what_is_still_unread(
    database: Database, people: People, notices: NoticeRepository, delivery: Delivery, clock: Clock
) -> None:
    lin = (await people.administrator()).account
    choices = {NoticeKind.CALL_MISSED: Choice(mail=MailChoice.DIGEST, push=False)}
    await notices.save_settings(lin.id, Settings(choices, None, 480), "Asia/Shanghai")
    for number in range(3):
        await write(database, missed(lin.id, key=f"call:{number}"), clock.at_ms + number)
    await delivery.deliver()
    page = await notices.page(lin.id, "", 10, unread_only=True, kinds=())
    await notices.mark(lin.id, [page[0].id], read=True, at_ms=clock.at_ms)
    assert await delivery.send_digests() == 0
    clock.at_ms = int(datetime(2026, 3, 3, 8, 0, 1, tzinfo=SHANGHAI).timestamp() * 1_000)
    assert await delivery.send_digests() == 1
    assert await delivery.send_digests() == 0
    (mail,) = await mails(database)
    assert mail.subject == "Tongxin · Daily digest: 2 unread notices"


async def test_outsiders_get_a_mail_and_nobody_gets_two(database: Database, clock: Clock) -> None:
    stranger = Outsider("Li@Works.example", "李娜")
    for _ in range(2):
        await write(database, missed(email_to=(stranger,)), clock.at_ms)
    (mail,) = await mails(database)
    assert mail.subject == "未接来电：Wang"


async def test_read_and_unread_and_other_peoples_notices(
    database: Database, people: People, notices: NoticeRepository, clock: Clock
) -> None:
    lin = (await people.administrator()).account
    works = await people.organization()
    bo = (await people.employee(works, "Bo")).account
    for number in range(3):
        await write(database, missed(lin.id, bo.id, key=f"call:{number}"), clock.at_ms + number)
    mine = [kept.id for kept in await notices.page(lin.id, "", 10, unread_only=False, kinds=())]
    theirs = [kept.id for kept in await notices.page(bo.id, "", 10, unread_only=False, kinds=())]
    assert await notices.mark(lin.id, [*mine[:1], *theirs], read=True, at_ms=5) == mine[:1]
    assert await notices.mark_all_read(lin.id, mine[1], 6) == mine[1:]
    assert await notices.mark(lin.id, mine[1:], read=False, at_ms=7) == mine[1:]
    assert [(one.unread, one.newest) for one in await notices.counts([lin.id, bo.id])] == [
        (2, mine[1]),
        (3, theirs[0]),
    ]


async def test_an_announcement_to_hundreds_takes_few_statements(
    database: Database, people: People, queries: QueryCount, clock: Clock
) -> None:
    works = await people.organization()
    accounts = [(await people.employee(works, f"P{number}")).account.id for number in range(40)]
    queries.reset()
    assert await write(database, missed(*accounts), clock.at_ms) == 40
    assert len(queries.statements) == 1


@pytest.mark.parametrize("change", [{"key": ""}, {"key": "x" * (KEY_MAX_CHARS + 1)}, {"path": "//evil.example"}])
async def test_a_features_mistake_is_an_error(database: Database, change: dict[str, str]) -> None:
    fields = {"key": "k", "path": "/", **change}
    notice = Notice(
        kind=NoticeKind.CALL,
        account_ids=(),
        about=Subject("call", "1"),
        params={},
        key=fields["key"],
        path=fields["path"],
    )
    with pytest.raises(ValueError, match="notice"):
        await write(database, notice, 1)
