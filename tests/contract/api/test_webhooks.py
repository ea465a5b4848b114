"""Webhooks over the API and out of it: a decision reaches a receiver, signed; secrets are shown once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from collab.webhooks.models import WEBHOOKS_MAX
from collab.webhooks.signing import signature
from tests.support.api import Browser, Json, Park, open_park
from tests.support.desk import QUESTION, filed, move

EVENTS = ["request.filed", "request.decided"]


class Receiver:
    def __init__(self) -> None:
        self.got: asyncio.Queue[tuple[dict[str, str], bytes]] = asyncio.Queue()
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.got.put_nowait((dict(request.headers), await request.read()))
        return web.Response(status=204)

    async def next(self, secret: str) -> Json:
        """The next message, whose signature is right."""
        async with asyncio.timeout(30):
            headers, body = await self.got.get()
        signed = signature(secret, headers["webhook-id"], int(headers["webhook-timestamp"]), body)
        assert signed in headers["webhook-signature"].split(" ")
        message: Json = json.loads(body)
        return {**message, "id": headers["webhook-id"]}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    async with TestServer(app) as server:
        receiver.url = str(server.make_url("/hook"))
        yield receiver


@pytest.fixture
async def park(tmp_path: Path, database_url: str, redis_url: str) -> AsyncIterator[Park]:
    """Whose webhooks may lead to this machine."""
    environment = {"TONGXIN_WEBHOOK_NETWORKS": "127.0.0.0/8"}
    async with open_park(tmp_path / "data", database_url, redis_url, environment) as opened:
        yield opened


async def made(by: Browser, url: str, organization_id: str = "", events: list[str] = EVENTS) -> Json:
    body = {"name": "ERP", "url": url, "events": events, "organization_id": organization_id}
    answer = await by.post("/api/webhooks", body)
    assert answer.status == 201, answer
    return answer.json


async def test_a_decision_reaches_the_receiver_signed(park: Park, admin: Browser, receiver: Receiver) -> None:
    works = await park.organization(admin, "Laser Works")
    host = await park.member(admin, works, "Host")
    hook = await made(admin, receiver.url)
    card = await filed(host, "policy_question", QUESTION)
    request_id = card["request"]["id"]
    message = await receiver.next(hook["secret"])
    assert (message["type"], message["data"]["request_id"]) == ("request.filed", request_id)
    assert QUESTION["question"] not in json.dumps(message)
    assert (await move(admin, request_id, "take")).status == 200
    assert (await move(admin, request_id, "answer", note="Until March.")).status == 200
    message = await receiver.next(hook["secret"])
    assert (message["type"], message["data"]["action"]) == ("request.decided", "answer")
    assert message["data"]["organization_id"] == works

    # then the page shows both deliveries, and one can be sent again under its id
    path = f"/api/webhooks/{hook['webhook']['id']}"
    listed = (await admin.get(f"{path}/deliveries")).json["deliveries"]
    assert [one["event"] for one in listed] == ["request.decided", "request.filed"]
    assert (await admin.post(f"{path}/deliveries/{message['id']}")).status == 204
    assert (await receiver.next(hook["secret"]))["id"] == message["id"]

    # and a new secret signs, beside the former one
    secret = (await admin.post(f"{path}/secret")).json["secret"]
    assert secret != hook["secret"]
    assert (await admin.post(f"{path}/test")).status == 204
    assert (await receiver.next(secret))["type"] == "test"
    assert secret not in str((await admin.get(path)).json)

    # and one that is paused sends nothing
    change = {"name": "ERP", "url": receiver.url, "events": EVENTS, "active": False}
    assert (await admin.send("PUT", path, change)).json["state"] == "paused"
    assert (await admin.post(f"{path}/test")).code == "wrong_state"
    lines = (await admin.get("/api/audit?search=ERP")).json["events"]
    assert [one["action"] for one in lines] == ["webhook_changed", "webhook_rotated", "webhook_made"]
    assert secret not in str(lines)


async def test_a_company_has_its_own_and_sees_no_other(park: Park, admin: Browser, receiver: Receiver) -> None:
    works, robots = await park.organization(admin, "Laser Works"), await park.organization(admin, "Robots")
    boss = await park.member(admin, works, "Boss", "administrator")
    rival = await park.member(admin, robots, "Rival", "administrator")
    host = await park.member(admin, works, "Host")
    mine = await made(boss, receiver.url, works)
    await made(rival, receiver.url, robots)
    assert [one["id"] for one in (await boss.get("/api/webhooks")).json["webhooks"]] == [mine["webhook"]["id"]]
    assert len((await admin.get("/api/webhooks")).json["webhooks"]) == 2
    assert (await rival.get(f"/api/webhooks/{mine['webhook']['id']}")).code == "not_found"
    assert (await boss.post("/api/webhooks", {"name": "x", "url": receiver.url, "events": EVENTS})).code == "forbidden"
    assert (await host.get("/api/webhooks")).code == "forbidden"
    await filed(host, "policy_question", QUESTION)
    assert (await receiver.next(mine["secret"]))["type"] == "request.filed"
    assert receiver.got.empty()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "ftp://erp.example/"),
        ("url", "https://user:word@erp.example/"),
        ("url", "https://erp.example/#part"),
        ("url", "https:///hook"),
        ("url", "https://erp.example:port/"),
        ("url", "https://erp.example/a b"),
        ("url", "javascript:alert(1)"),
        ("events", ["test"]),
        ("events", ["everything"]),
        ("events", []),
    ],
)
async def test_what_is_no_webhook_is_refused(admin: Browser, field: str, value: object) -> None:
    body = {"name": "ERP", "url": "https://erp.example/", "events": EVENTS, field: value}
    answer = await admin.post("/api/webhooks", body)
    assert (answer.code, field in str(answer.json.get("fields"))) == ("invalid", True), answer


async def test_there_is_a_bound(park: Park, admin: Browser) -> None:
    for _ in range(WEBHOOKS_MAX):
        await made(admin, "https://erp.example/")
    await park.forget_rates()
    body = {"name": "ERP", "url": "https://erp.example/", "events": EVENTS}
    assert (await admin.post("/api/webhooks", body)).code == "too_many"
    nowhere = await admin.post("/api/webhooks", {**body, "organization_id": "0" * 26})
    assert (nowhere.code, "organization_id" in nowhere.json["fields"]) == ("invalid", True), nowhere
