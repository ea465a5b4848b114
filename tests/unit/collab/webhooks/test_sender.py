"""Webhooks to a real receiver on this machine: signed, tried again, given up; and to addresses where none may lead."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import func, select

from collab.db.engine import Database
from collab.notices.kinds import NoticeKind
from collab.notices.models import NoticeRow
from collab.webhooks.events import WebhookEvent
from collab.webhooks.models import (
    FORMER_SECRET_MS,
    KEPT_DAYS,
    WAITING_MAX,
    WEBHOOKS_MAX,
    DeliveryState,
    WebhookDeliveryRow,
    WebhookState,
)
from collab.webhooks.outbox import put, tell
from collab.webhooks.push_http import HttpWay
from collab.webhooks.repository import LEASE_MS, OF_ONE_MAX, WebhookRepository
from collab.webhooks.sender import BACK_OFF_MS, DAY_MS, GIVE_UP_AFTER_MS, WebhookSender
from collab.webhooks.signing import secret_of, signature
from tests.unit.collab.people import People

SECRET = secret_of(b"s" * 32)
DECIDED = WebhookEvent.REQUEST_DECIDED


class Receiver:
    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.url = ""
        self.port = 0
        self.hold = asyncio.Event()
        self.hold.set()

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        await self.hold.wait()
        status = self.statuses.pop(0) if self.statuses else 204
        return web.Response(status=status, headers={"Location": "/elsewhere"} if 300 <= status < 400 else {})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.take)
    async with TestServer(app) as server:
        receiver.url, receiver.port = str(server.make_url("/hook")), server.port or 0
        yield receiver


class Clock:
    at_ms = 1_800_000_000_000

    def __call__(self) -> int:
        return self.at_ms


class Sending:
    """A sender with a clock of its own, and a webhook of the whole park to the receiver."""

    def __init__(
        self, database: Database, webhooks: WebhookRepository, way: HttpWay, account_id: str, webhook_id: str
    ) -> None:
        self.database = database
        self.webhooks = webhooks
        self.account_id = account_id
        self.webhook_id = webhook_id
        self.clock = Clock()
        self.woken_at: list[int] = []
        self.nudges = 0
        self.sender = WebhookSender(
            webhooks, way, self.clock, lambda _id, when_ms: self.woken_at.append(when_ms), self._nudge
        )

    def _nudge(self) -> None:
        self.nudges += 1

    async def notices(self) -> list[tuple[str, str, dict[str, str]]]:
        async with self.database.read() as session:
            rows = await session.scalars(select(NoticeRow).where(NoticeRow.kind == NoticeKind.WEBHOOK_OFF))
            return [(row.account_id, row.path, row.params) for row in rows]

    async def happens(self, key: str, event: WebhookEvent = DECIDED, *organizations: str) -> None:
        async with self.database.write() as session:
            await tell(session, event, key, organizations, {"request_id": key})
        self.clock.at_ms = max(self.clock.at_ms, await self._last_ms())

    async def _last_ms(self) -> int:
        async with self.database.read() as session:
            return await session.scalar(select(func.max(WebhookDeliveryRow.created_at_ms))) or 0

    async def state(self) -> WebhookState:
        found = await self.webhooks.get(self.webhook_id, None)
        assert found is not None
        return found.state


@pytest.fixture
async def sending(database: Database, people: People, receiver: Receiver) -> AsyncIterator[Sending]:
    account = (await people.administrator()).account
    webhooks = WebhookRepository(database)
    made = await webhooks.add(None, "ERP", receiver.url, [DECIDED], SECRET, account.id, 1)
    assert made is not None
    way = HttpWay(lambda address: address == "127.0.0.1", answer_max_s=2.0)
    yield Sending(database, webhooks, way, account.id, made.id)
    await way.close()


async def test_a_message_is_signed_and_sent_once(sending: Sending, receiver: Receiver) -> None:
    await sending.happens("one")
    await sending.happens("one")  # the same thing told again
    await sending.happens("two", WebhookEvent.REQUEST_FILED)  # not asked for
    assert await sending.sender.send_due() == 1
    assert await sending.sender.send_due() == 0
    ((headers, body),) = receiver.got
    assert json.loads(body)["data"] == {"request_id": "one"}
    assert headers["Content-Type"] == "application/json"
    at_s = int(headers["webhook-timestamp"])
    assert at_s == sending.clock.at_ms // 1_000
    assert headers["webhook-signature"] == signature(SECRET, headers["webhook-id"], at_s, body)
    (delivery,) = await sending.webhooks.deliveries(sending.webhook_id, "", 10)
    assert (delivery.id, delivery.state, delivery.tries, delivery.status) == (headers["webhook-id"], "sent", 1, 204)


async def test_what_fails_is_tried_again_later_and_later(sending: Sending, receiver: Receiver) -> None:
    await sending.happens("one")
    receiver.statuses = [500, 429, 302, 404]
    for pause_ms in BACK_OFF_MS[:4]:
        assert await sending.sender.send_due() == 0
        assert sending.woken_at.pop() == sending.clock.at_ms + pause_ms
        sending.clock.at_ms += pause_ms - 1
        assert await sending.sender.send_due() == 0
        sending.clock.at_ms += 1
    assert await sending.sender.send_due() == 1
    assert len(receiver.got) == 5  # the redirect was not followed
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in receiver.got}) == 5
    assert list(BACK_OFF_MS) == sorted(BACK_OFF_MS)


async def test_tries_are_bounded_and_it_can_be_sent_again_by_hand(sending: Sending, receiver: Receiver) -> None:
    await sending.happens("one")
    tries = len(BACK_OFF_MS) + 1
    receiver.statuses = [500] * tries
    for pause_ms in (*BACK_OFF_MS, DAY_MS):
        await sending.sender.send_due()
        sending.clock.at_ms += pause_ms
    assert len(receiver.got) == tries
    (delivery,) = await sending.webhooks.deliveries(sending.webhook_id, "", 10)
    assert (delivery.state, delivery.status, delivery.fault) == ("failed", 500, "HTTP 500")
    assert await sending.webhooks.again(sending.webhook_id, delivery.id, sending.clock.at_ms)
    assert await sending.sender.send_due() == 1
    assert receiver.got[-1][0]["webhook-id"] == receiver.got[0][0]["webhook-id"]
    assert not await sending.webhooks.again("0" * 26, delivery.id, sending.clock.at_ms)  # another's


async def test_a_receiver_that_says_gone_is_left_alone(sending: Sending, receiver: Receiver) -> None:
    await sending.happens("one")
    receiver.statuses = [410]
    await sending.sender.send_due()
    assert await sending.state() is WebhookState.GONE
    await sending.happens("two")
    sending.clock.at_ms += DAY_MS
    assert await sending.sender.send_due() == 0
    assert len(receiver.got) == 1
    told = (
        sending.account_id,
        f"/administration/webhooks?of={sending.webhook_id}",
        {"name": "ERP", "host": "127.0.0.1"},
    )
    assert (await sending.notices(), sending.nudges) == ([told], 1)


async def test_days_without_a_success_end_it(sending: Sending, receiver: Receiver) -> None:
    receiver.statuses = [500, 204, 500, 500]
    await sending.happens("one")
    await sending.sender.send_due()
    sending.clock.at_ms += GIVE_UP_AFTER_MS
    assert await sending.sender.send_due() == 1  # a success: it counts from the beginning
    await sending.happens("two")
    await sending.sender.send_due()
    assert (await sending.state(), await sending.notices()) == (WebhookState.ACTIVE, [])
    sending.clock.at_ms += GIVE_UP_AFTER_MS
    await sending.sender.send_due()
    assert await sending.state() is WebhookState.FAILING
    assert len(await sending.notices()) == 1
    delivery = (await sending.webhooks.deliveries(sending.webhook_id, "", 1))[0]
    assert delivery.state is DeliveryState.FAILED


async def test_the_former_secret_signs_as_well_for_a_day(sending: Sending, receiver: Receiver) -> None:
    fresh = secret_of(b"f" * 32)
    await sending.happens("one")
    assert await sending.webhooks.rotate(sending.webhook_id, fresh, sending.clock.at_ms)
    await sending.sender.send_due()
    sending.clock.at_ms += FORMER_SECRET_MS
    await sending.happens("two")
    await sending.sender.send_due()
    for (headers, body), secrets in zip(receiver.got, ((fresh, SECRET), (fresh,)), strict=True):
        at_s = int(headers["webhook-timestamp"])
        wanted = [signature(one, headers["webhook-id"], at_s, body) for one in secrets]
        assert headers["webhook-signature"].split(" ") == wanted


async def test_two_senders_send_it_once_and_a_dead_one_loses_nothing(sending: Sending, receiver: Receiver) -> None:
    await sending.happens("one")
    assert len(await sending.webhooks.claim(sending.clock(), 10)) == 1
    assert await sending.webhooks.claim(sending.clock(), 10) == []
    sending.clock.at_ms += LEASE_MS
    assert await sending.sender.send_due() == 1
    assert len(receiver.got) == 1


async def test_an_organization_is_told_only_what_concerns_it(
    sending: Sending, people: People, receiver: Receiver
) -> None:
    mine, other = await people.organization(), await people.organization("Robots")
    await sending.webhooks.delete(sending.webhook_id)
    assert await sending.webhooks.add(mine.id, "Ours", receiver.url, [DECIDED], SECRET, sending.account_id, 1)
    await sending.happens("mine", DECIDED, mine.id)
    await sending.happens("theirs", DECIDED, other.id)
    await sending.happens("nobody's", DECIDED)
    await sending.sender.send_due()
    assert [json.loads(body)["data"]["request_id"] for _, body in receiver.got] == ["mine"]


async def test_a_receiver_with_much_to_take_holds_up_no_other(sending: Sending, receiver: Receiver) -> None:
    for number in range(2 * OF_ONE_MAX):
        await sending.happens(f"much {number}")
    other = await sending.webhooks.add(None, "Other", receiver.url, [DECIDED], SECRET, sending.account_id, 1)
    assert other is not None
    await sending.happens("one more")
    claimed = [one.webhook_id for one in await sending.webhooks.claim(sending.clock(), 2 * OF_ONE_MAX)]
    assert claimed == [sending.webhook_id] * OF_ONE_MAX + [other.id]


async def test_no_more_are_made_at_once_than_there_may_be(sending: Sending) -> None:
    made = await asyncio.gather(
        *(
            sending.webhooks.add(None, f"{number}", "https://erp.example/", [DECIDED], SECRET, sending.account_id, 1)
            for number in range(WEBHOOKS_MAX + 5)
        )
    )
    assert sum(one is not None for one in made) == WEBHOOKS_MAX - 1  # there was one


async def test_what_waits_is_bounded(sending: Sending) -> None:
    async with sending.database.write() as session:
        for number in range(WAITING_MAX):
            await put(session, sending.webhook_id, DECIDED, f"old {number}", b"{}", 1)
    await sending.happens("one more")
    async with sending.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(WebhookDeliveryRow)) == WAITING_MAX


async def test_old_deliveries_are_deleted_but_none_that_waits(sending: Sending) -> None:
    await sending.happens("sent")
    await sending.sender.send_due()
    await sending.happens("waits")
    sending.clock.at_ms += (KEPT_DAYS + 1) * DAY_MS
    await sending.sender.delete_old()
    (left,) = await sending.webhooks.deliveries(sending.webhook_id, "", 10)
    assert left.state is DeliveryState.WAITING


async def test_a_receiver_that_never_answers_is_left(receiver: Receiver) -> None:
    receiver.hold.clear()
    way = HttpWay(lambda _address: True, answer_max_s=0.3)
    try:
        answer = await way.post(receiver.url, b"{}", {})
    finally:
        receiver.hold.set()
        await way.close()
    assert (answer.status, answer.fault) == (0, "timeout")


HOSTILE = """
http://127.0.0.1:PORT/ http://localhost:PORT/ http://2130706433:PORT/ http://0x7f000001:PORT/ http://0x7f.1:PORT/
http://0177.0.0.1:PORT/ http://127.1:PORT/ http://0:PORT/ http://[::1]:PORT/ http://[::]:PORT/
http://[::ffff:127.0.0.1]:PORT/ http://[::ffff:7f00:1]:PORT/ http://[::127.0.0.1]:PORT/ http://[64:ff9b::7f00:1]:PORT/
http://169.254.169.254/latest/meta-data/ http://[fd00:ec2::254]/
"""


@pytest.mark.parametrize("url", HOSTILE.split())
async def test_no_spelling_of_this_machine_is_reached(receiver: Receiver, url: str) -> None:
    way = HttpWay()
    try:
        answer = await way.post(url.replace("PORT", str(receiver.port)), b"{}", {})
    finally:
        await way.close()
    assert (answer.status, answer.fault) in ((0, "address_refused"), (0, "InvalidUrlClientError"))
    assert receiver.got == []
