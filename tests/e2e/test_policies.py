"""An officer writes and publishes a policy; a company sees why it may apply and begins its request in one press."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import expect

from tests.e2e.test_calls import post
from tests.e2e.test_directory import link_for
from tests.e2e.test_meeting import administrator
from tests.support.api import PASSWORD
from tests.support.attendee import TIMEOUT_MS, open_attendee
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.pages, pytest.mark.timeout(180)]


async def test_from_the_editor_to_an_application(server: Tongxin, browser: Chromium) -> None:
    # given the park's administrator, and a company whose page says that it makes lasers
    park = await administrator(browser, server)
    company = (
        await post(park.page.request, server, "/api/organizations", {"name": "Laser Works", "kind": "enterprise"})
    )["id"]
    owner = await open_attendee(browser, "Owner", locale="zh-CN")
    token = await link_for(park, server, company, "zhou")
    await post(owner.page.request, server, "/api/invitations/accept", {"token": token, "password": PASSWORD})
    said = {"revision": 0, "industry": "laser", "headcount": "small", "founded_on": "2023-05-01"}
    me = await (await park.page.request.get(f"{server.url}/api/me")).json()
    headers = {"Origin": server.url, "X-CSRF-Token": me["csrf"]}
    written = await park.page.request.put(
        f"{server.url}/api/directory/organizations/{company}", data=said, headers=headers
    )
    assert written.ok

    # when a policy is written in the editor
    page = park.page
    await page.goto(f"{server.url}/policies")
    await park.press("write-policy")
    await page.get_by_test_id("policy-title-zh").fill("激光企业设备补贴")
    await page.get_by_test_id("policy-title-en").fill("Subsidy for laser machines")
    await page.get_by_label("Summary in Chinese").fill("购置设备补贴三成。")
    await page.get_by_label("Summary in English").fill("Three tenths of what a machine costs.")
    await page.get_by_role("button", name="Request it leads to").click()
    await page.get_by_role("option", name="Subsidy").click()
    await park.press("add-clause")
    await expect(page.get_by_test_id("save-policy")).to_be_disabled()
    await page.get_by_role("checkbox", name="Laser").check()
    await park.press("save-policy")
    await page.wait_for_url("**/policies/*", timeout=TIMEOUT_MS)
    await park.press("policy-publish")
    await park.press("confirm")
    await page.wait_for_selector("[data-testid=policy-state][data-state=published]", timeout=TIMEOUT_MS)
    await expect(page.get_by_test_id("policy-counts")).to_contain_text("1 may apply")

    # then the company finds it with the reasons, and its application is one press away
    theirs = owner.page
    await theirs.goto(f"{server.url}/policies")
    await expect(theirs.get_by_test_id("policy-met")).to_have_text("可以申请")
    await theirs.get_by_test_id("policy").click()
    await expect(theirs.get_by_test_id("policy-reasons")).to_have_text("行业为激光（现为：激光）")
    await owner.press("policy-apply")
    await theirs.wait_for_url("**/requests/new?draft=*", timeout=TIMEOUT_MS)
    await expect(theirs.get_by_role("heading", level=1)).to_be_visible()
    await theirs.goto(f"{server.url}/directory/{company}")
    await expect(theirs.get_by_text("2023年5月1日")).to_be_visible()
    assert park.faults + owner.faults == []
