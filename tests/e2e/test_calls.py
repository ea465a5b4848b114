"""Somebody calls: the page rings, one accepts and stands before the room's door; a missed call is in the inbox."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import APIRequestContext
from playwright.async_api import Browser as Chromium

from tests.e2e.test_meeting import administrator
from tests.support.api import PASSWORD, Browser
from tests.support.attendee import TIMEOUT_MS
from tests.support.server import Tongxin
from tests.support.sides import EVERY_SIDE, Side, look

pytestmark = [pytest.mark.e2e, pytest.mark.pages, pytest.mark.timeout(180)]


async def post(request: APIRequestContext, server: Tongxin, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """As the page does it."""
    me = await (await request.get(f"{server.url}/api/me")).json()
    headers = {"Origin": server.url, "X-CSRF-Token": me["csrf"]}
    answer = await request.post(f"{server.url}{path}", data=body, headers=headers)
    assert answer.ok, await answer.text()
    value: dict[str, Any] = await answer.json()
    return value


@EVERY_SIDE
async def test_a_call_rings_on_the_page_and_opens_a_room(server: Tongxin, browser: Chromium, side: Side) -> None:
    # given an administrator at the inbox, and a colleague
    callee = await administrator(browser, server, side)
    request = callee.page.request
    me = await (await request.get(f"{server.url}/api/me")).json()
    park_id = me["memberships"][0]["organization"]["id"]
    wish = {"email": "bo@park.example", "name": "Bo", "organization_id": park_id, "roles": ["member"]}
    token = (await post(request, server, "/api/invitations", wish))["link"].partition("token=")[2]
    caller = Browser(server.url)
    try:
        await caller.post("/api/invitations/accept", {"token": token, "password": PASSWORD})
        await callee.page.goto(f"{server.url}/inbox")
        await callee.see("inbox-empty")
        callee_id = me["account"]["id"]
        wanted = {"about": {"kind": "account", "id": callee_id}, "to": callee_id}

        # when the colleague calls and gives up
        call = (await caller.post("/api/calls", wanted)).json
        await callee.see("ringing")
        await look(callee.page, "ringing")
        await caller.post(f"/api/calls/{call['id']}/cancel")

        # then it rings no more, and what was missed is counted and in the list
        await callee.see_none("ringing")
        await callee.page.wait_for_selector("[data-testid=bell][data-unread='1']", timeout=TIMEOUT_MS)
        await callee.see("notice")
        await look(callee.page, "missed")

        # when the colleague calls again and it is accepted
        await caller.post("/api/calls", wanted)
        await callee.press("accept-call")

        # then there is a room, and the record says so
        await callee.page.wait_for_url("**/m/*", timeout=TIMEOUT_MS)
        calls = (await caller.get(f"/api/calls?kind=account&id={callee_id}")).json["calls"]
        assert [one["state"] for one in calls] == ["accepted", "cancelled"]
        assert callee.page.url.endswith(calls[0]["code"])
        assert callee.faults == []
    finally:
        await caller.close()
