"""From a request to a call: it rings at the owner's page, both talk, and what came of it stands on the request."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import expect

from tests.e2e.test_calls import post
from tests.e2e.test_meeting import administrator
from tests.support.api import PASSWORD
from tests.support.attendee import TIMEOUT_MS, Attendee
from tests.support.desk import QUESTION
from tests.support.server import Tongxin
from tests.support.sides import SIDES, Side, look

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(300)]


async def come_in(person: Attendee) -> None:
    await person.press("join")
    await person.see("meeting")


@SIDES
async def test_a_request_becomes_a_call_and_its_outcome_is_on_record(
    server: Tongxin, browser: Chromium, desk: Side, phone: Side
) -> None:
    # given a question of a company that an officer of the park has taken
    officer = await administrator(browser, server, desk)
    requester = await phone.open(browser, "Zhou")
    park = officer.page.request
    company = await post(park, server, "/api/organizations", {"name": "Laser Works", "kind": "enterprise"})
    wish = {"email": "zhou@laser.example", "name": "Zhou", "organization_id": company["id"], "roles": ["member"]}
    token = (await post(park, server, "/api/invitations", wish))["link"].partition("token=")[2]
    theirs = requester.page.request
    await post(theirs, server, "/api/invitations/accept", {"token": token, "password": PASSWORD})
    types = (await (await theirs.get(f"{server.url}/api/request-types")).json())["types"]
    question = next(one["id"] for one in types if one["key"] == "policy_question")
    wanted = {"type_id": question, "answers": QUESTION, "submit": True}
    request_id = (await post(theirs, server, "/api/requests", wanted))["request"]["id"]
    await post(park, server, f"/api/requests/{request_id}/moves", {"action": "take"})

    # when the requester calls from the page of the request, and the owner accepts
    page = f"{server.url}/requests/{request_id}"
    await officer.page.goto(page)
    await officer.see("actions")
    await requester.page.goto(page)
    await requester.press("call-now")
    await officer.see("accept-call")
    await look(officer.page, "rings")
    await look(requester.page, "calling")
    await officer.press("accept-call")
    await requester.page.wait_for_url("**/m/*", timeout=TIMEOUT_MS)
    await come_in(officer)
    await come_in(requester)
    await officer.receives("video", 1, frames=5)

    # and the officer, who administers the park, ends it for both
    await officer.press("leave")
    await officer.press("end-for-all")
    await officer.press("confirm")
    for person in (requester, officer):
        await person.see_none("meeting")
        await person.page.goto(page)

    # then who talked is on the request's record
    call = officer.page.get_by_test_id("call")
    await expect(call).to_have_attribute("data-state", "accepted", timeout=TIMEOUT_MS)
    await expect(call).to_contain_text(desk.says("Zhou called Host", "Zhou 呼叫 Host"))
    await expect(call).to_contain_text(desk.says("In the room: ", "参加："), timeout=TIMEOUT_MS)
    for name in ("Zhou", "Host"):
        await expect(call).to_contain_text(name)
    await look(officer.page, "request-with-call")
    await look(requester.page, "request-with-call")
    assert officer.faults == requester.faults == []
