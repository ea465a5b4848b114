"""Web Push to a local receiver that decrypts it, and the guard that keeps it out of private networks."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import http_ece
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, select

from collab.db.engine import Database
from collab.edge.outward import AddressRefused, PublicResolver, is_public
from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice, PushRow, Subject
from collab.notices.outbox import put
from collab.notices.push import BACK_OFF_MS, Outcome, Push, PushSender, PushSubscriptions, plausible_endpoint
from collab.notices.push_http import KEY_FILE, HttpPushWay, VapidKey
from collab.notices.repository import NoticeRepository
from collab.notices.rules import Plan
from tests.unit.collab.people import People

PRIVATE = """
127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1
::1 :: fe80::1%eth0 fc00::1 ::ffff:10.0.0.1 ff02::1 2002:0a00:0001::1 2001:db8::1
"""
NO_BROWSERS = """
http://push.example/x https://10.0.0.1/x https://[::1]/x https://localhost/x https://a.local/x https://intranet/x
https://u:p@push.example/x https://push.example:8443/x https://push.example:port/x https://[bad/x ftp://push.example x
https://vault.internal/
"""


class Receiver:
    """A push service and the browser behind it."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = secrets.token_bytes(16)
        self.got: list[dict[str, object]] = []
        self.headers: list[dict[str, str]] = []
        self.statuses: list[int] = []
        self.url = ""

    @property
    def p256dh(self) -> str:
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return _text(point)

    @property
    def auth(self) -> str:
        return _text(self.secret)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        status = self.statuses.pop(0) if self.statuses else 201
        if status == 201:
            plain = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
            self.got.append(json.loads(plain))
            self.headers.append(dict(request.headers))
        return web.Response(status=status, headers={"Location": "/elsewhere"})


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/push", receiver.take)
    async with TestServer(app) as server:
        receiver.url = str(server.make_url("/push"))
        yield receiver


@pytest.fixture
def key() -> VapidKey:
    return VapidKey(ec.generate_private_key(ec.SECP256R1()), "noreply@park.example")


@pytest.fixture
async def way(key: VapidKey) -> AsyncIterator[HttpPushWay]:
    """One that may reach this machine."""
    way = HttpPushWay(key, lambda address: address == "127.0.0.1")
    yield way
    await way.close()


class Clock:
    at_ms = 1_000_000

    def __call__(self) -> int:
        return self.at_ms


async def waiting(database: Database, people: People, receiver: Receiver, *, urgent: bool = False) -> str:
    """A push to one browser of one person that is due; the account's id."""
    account = (await people.administrator()).account
    await PushSubscriptions(database).add(account.id, receiver.url, receiver.p256dh, receiver.auth, "zh-CN", 1, 20)
    notice = Notice(
        kind=NoticeKind.CALL_MISSED,
        account_ids=(account.id,),
        key="k",
        about=Subject("request", "1"),
        path="/requests/1",
        params={"from": "王小明", "about": "三号厂房"},
        urgent=urgent,
    )
    async with database.write() as session:
        await put(session, notice, 1)
    notices = NoticeRepository(database)
    (kept,) = await notices.unplanned(5)
    await notices.plan([(kept, Plan(None, None, 1), None)], 1)
    return account.id


async def pushes_left(database: Database) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(PushRow)) or 0


async def test_the_browser_reads_what_was_sent_and_gets_it_once(
    database: Database, people: People, receiver: Receiver, way: HttpPushWay, key: VapidKey
) -> None:
    await waiting(database, people, receiver)
    sender = PushSender(PushSubscriptions(database), way, Clock())
    assert await sender.send_due() == 1
    assert await sender.send_due() == 0
    (message,) = receiver.got
    assert message["title"] == "未接来电：王小明"
    assert message["path"] == "/requests/1"
    assert receiver.headers[0]["Content-Encoding"] == "aes128gcm"
    assert receiver.headers[0]["Authorization"].endswith(f"k={key.public}")


async def test_what_was_read_meanwhile_is_not_pushed(
    database: Database, people: People, receiver: Receiver, way: HttpPushWay
) -> None:
    account_id = await waiting(database, people, receiver)
    notices = NoticeRepository(database)
    (kept,) = await notices.page(account_id, "", 5, unread_only=True, kinds=())
    await notices.mark(account_id, [kept.id], read=True, at_ms=2)
    assert await PushSender(PushSubscriptions(database), way, Clock()).send_due() == 0
    assert receiver.got == []
    assert await pushes_left(database) == 0


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_gone_is_forgotten(
    database: Database, people: People, receiver: Receiver, way: HttpPushWay, status: int
) -> None:
    account_id = await waiting(database, people, receiver)
    receiver.statuses = [status]
    subscriptions = PushSubscriptions(database)
    assert await PushSender(subscriptions, way, Clock()).send_due() == 0
    assert await subscriptions.count(account_id) == 0
    assert await pushes_left(database) == 0


async def test_a_busy_service_is_asked_again_and_not_for_ever(
    database: Database, people: People, receiver: Receiver, way: HttpPushWay
) -> None:
    await waiting(database, people, receiver)
    receiver.statuses = [503, 429]
    clock = Clock()
    sender = PushSender(PushSubscriptions(database), way, clock)
    for pause_ms in BACK_OFF_MS[:2]:
        assert await sender.send_due() == 0
        assert await sender.send_due() == 0  # not before its time
        clock.at_ms += pause_ms
    assert await sender.send_due() == 1
    assert await pushes_left(database) == 0


@pytest.mark.parametrize("status", [301, 307, 400, 413])
async def test_a_redirect_is_not_followed(receiver: Receiver, way: HttpPushWay, status: int) -> None:
    receiver.statuses = [status]
    assert await way.send(push(receiver, receiver.url)) is Outcome.REFUSED
    assert receiver.got == []


def push(receiver: Receiver, endpoint: str) -> Push:
    return Push(endpoint, receiver.p256dh, receiver.auth, b"{}", urgent=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_the_usual_way_does_not_reach_this_machine(receiver: Receiver, key: VapidKey, host: str) -> None:
    way = HttpPushWay(key)
    try:
        assert await way.send(push(receiver, receiver.url.replace("127.0.0.1", host))) is Outcome.GONE
    finally:
        await way.close()
    assert receiver.got == []


async def test_a_name_with_one_private_address_is_refused() -> None:
    with pytest.raises(AddressRefused):
        await PublicResolver().resolve("localhost", 443)


@pytest.mark.parametrize("address", PRIVATE.split())
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("endpoint", NO_BROWSERS.split())
def test_endpoints_that_no_browser_has(endpoint: str) -> None:
    assert not plausible_endpoint(endpoint)


def test_endpoints_of_browsers() -> None:
    assert plausible_endpoint("https://push.example.com/wpush/v2/gAAAA")
    assert plausible_endpoint("https://push.example.com:443/x")


def test_the_key_is_made_once_and_nobody_else_reads_it(tmp_path: Path) -> None:
    first, again = (VapidKey.read(tmp_path, "a@b.example") for _ in range(2))
    assert first.public == again.public
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o077 == 0


async def test_a_browser_that_changes_hands_is_not_taken_over(database: Database, people: People) -> None:
    lin = (await people.administrator()).account
    bo = (await people.employee(await people.organization(), "Bo")).account
    subscriptions = PushSubscriptions(database)
    assert await subscriptions.add(lin.id, "https://push.example/1", "p", "a", "en", 1, 2)
    assert not await subscriptions.add(bo.id, "https://push.example/1", "p", "a", "en", 2, 2)
    for number in range(2, 5):
        assert await subscriptions.add(lin.id, f"https://push.example/{number}", "p", "a", "en", number, 2)
    assert await subscriptions.count(lin.id) == 2
    assert await subscriptions.count(bo.id) == 0
