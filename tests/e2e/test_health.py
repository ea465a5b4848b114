"""A declared address falls into a place at risk: the list says who and why, and the notice reaches the person."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser as Chromium

from tests.e2e.test_calls import post
from tests.e2e.test_directory import link_for
from tests.e2e.test_meeting import administrator
from tests.support.api import PASSWORD, Json
from tests.support.attendee import TIMEOUT_MS, Attendee
from tests.support.server import Tongxin
from tests.support.sides import SIDES, Side, look

pytestmark = [pytest.mark.e2e, pytest.mark.pages, pytest.mark.timeout(180)]

TODAY = str(datetime.now(ZoneInfo("Asia/Shanghai")).date())
DECLARATION: Json = {
    "day": TODAY,
    "home": {"region": "湖北省武汉市洪山区", "detail": "关山大道１号光谷软件园A座1201室"},
    "temperature": 36.5,
    "symptoms": ["none"],
    "moved": "no",
    "contact": "no",
}


async def declare(person: Attendee, server: Tongxin) -> None:
    request = person.page.request
    types = await (await request.get(f"{server.url}/api/request-types")).json()
    type_id = next(one["id"] for one in types["types"] if one["key"] == "daily_health")
    await post(request, server, "/api/requests", {"type_id": type_id, "answers": DECLARATION, "submit": True})


@SIDES
async def test_a_declared_address_falls_into_a_risk_place(
    server: Tongxin, browser: Chromium, desk: Side, phone: Side
) -> None:
    # given somebody of the health group, and a person of a company, on a phone, who declared where they live
    nurse = await administrator(browser, server, desk)
    ask, page = nurse.page.request, nurse.page
    company = (await post(ask, server, "/api/organizations", {"name": "Laser Works", "kind": "enterprise"}))["id"]
    person = await phone.open(browser, "Zhou")
    token = await link_for(nurse, server, company, "zhou")
    await post(person.page.request, server, "/api/invitations/accept", {"token": token, "password": PASSWORD})
    me = await (await ask.get(f"{server.url}/api/me")).json()
    await page.goto(f"{server.url}/health")
    await page.get_by_text(desk.says("Only the health group sees this", "仅健康专员可见")).wait_for(timeout=TIMEOUT_MS)
    headers = {"Origin": server.url, "X-CSRF-Token": me["csrf"]}
    group = {"key": "health", "name_zh": "健康专员", "name_en": "Health", "account_ids": [me["account"]["id"]]}
    assert (await ask.put(f"{server.url}/api/requests/groups", data=group, headers=headers)).ok
    await declare(person, server)

    # when a place is entered
    await page.goto(f"{server.url}/health")
    await nurse.press("add-place")
    await page.get_by_test_id("place-address").fill("武汉市洪山区光谷软件园A栋")
    await page.get_by_test_id("place-from").fill(TODAY)
    await page.get_by_test_id("place-source").fill("District health office")
    await nurse.press("save")
    await page.wait_for_url("**/health/*", timeout=TIMEOUT_MS)

    # then the list says who and why, once one says what for
    await nurse.press("look")
    await nurse.see("person")
    told = await page.get_by_test_id("reasons").inner_text()
    assert "光谷软件园A座" in told
    assert desk.says("Matched: 武汉", "匹配：武汉") in told
    await look(page, "place")

    # when they are notified
    await nurse.press("notify")
    await nurse.press("confirm")
    await nurse.see_text("notified", desk.says("Told: 1 person", "已通知 1 人"))
    await page.wait_for_selector("[data-testid=person][data-state=notified]", timeout=TIMEOUT_MS)

    # then the notice reaches the person and leads to what was matched, and to who looked
    await person.page.goto(f"{server.url}/inbox")
    await person.page.get_by_text(
        phone.says("The park's health desk asks you to look", "园区健康提醒：请您查看")
    ).first.wait_for(timeout=TIMEOUT_MS)
    await person.page.goto(f"{server.url}/health/mine")
    await person.see_text("own-concerns", "光谷软件园A栋")
    await person.see_text("own-accesses", phone.says("Tracing", "排查"))
    await look(person.page, "mine")

    # and they are followed up until they are cleared
    await nurse.press("move-clear")
    await page.get_by_role("dialog").get_by_role("textbox").fill("Two tests were negative")
    await nurse.press("save")
    await page.wait_for_selector("[data-testid=person][data-state=cleared]", timeout=TIMEOUT_MS)
    await person.page.reload()
    await person.see_text("own-concerns", phone.says("Cleared", "已解除"))
    await page.goto(f"{server.url}/health")
    await nurse.see("places")
    await look(page, "places")
    assert nurse.faults == person.faults == []
