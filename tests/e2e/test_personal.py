"""Somebody takes their data along, asks to be erased and thinks better of it; an administrator sees it, on a phone."""

from __future__ import annotations

import os

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.test_calls import post
from tests.e2e.test_meeting import PASSWORD, administrator
from tests.support.attendee import TIMEOUT_MS, Attendee, open_attendee
from tests.support.server import Tongxin

PICTURES = os.environ.get("TONGXIN_LOOK", "")  # a folder, for whoever wants to look at the pages

pytestmark = [pytest.mark.e2e, pytest.mark.pages, pytest.mark.timeout(120)]


async def look(who: Attendee, name: str) -> None:
    assert await who.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    if PICTURES:
        await who.page.screenshot(path=f"{PICTURES}/personal-{name}.png", full_page=True)


async def test_an_export_is_made_and_an_erasure_is_planned_and_undone(server: Tongxin, browser: Browser) -> None:
    park = await administrator(browser, server)
    mei = await open_attendee(browser, "Mei", locale="zh-CN")
    try:
        request = park.page.request
        organization = await post(request, server, "/api/organizations", {"name": "光谷激光", "kind": "enterprise"})
        wish = {"email": "mei@works.example", "name": "Mei", "organization_id": organization["id"], "roles": ["member"]}
        token = (await post(request, server, "/api/invitations", wish))["link"].partition("token=")[2]
        accept = {"token": token, "password": PASSWORD}
        await post(mei.page.request, server, "/api/invitations/accept", accept)

        # when she asks for an archive, first with a wrong password
        page = mei.page
        await page.goto(f"{server.url}/settings/personal-data")
        await page.get_by_test_id("ask-export-password").fill("not the password")
        await mei.press("ask-export")
        await page.get_by_text("密码不正确。").wait_for(timeout=TIMEOUT_MS)
        await page.get_by_test_id("ask-export-password").fill(PASSWORD)
        await mei.press("ask-export")
        link = page.get_by_test_id("download-export")
        await link.wait_for(timeout=TIMEOUT_MS)
        archive = await page.request.get(f"{server.url}{await link.get_attribute('href')}")
        assert archive.ok
        assert (await archive.body())[:2] == b"PK"

        # and to be erased
        await page.get_by_test_id("ask-erasure-password").fill(PASSWORD)
        await mei.press("ask-erasure")
        await mei.press("confirm")
        await mei.see("erasure-planned")
        await look(mei, "zh")

        # then an administrator finds it, and she can undo it
        await park.page.set_viewport_size({"width": 390, "height": 800})
        await park.page.goto(f"{server.url}/administration/people")
        await expect(park.page.get_by_test_id("people")).to_be_visible(timeout=TIMEOUT_MS)
        await look(park, "people-en-phone")
        await park.page.get_by_role("button", name="Organization").click()
        await park.page.get_by_role("option", name="光谷激光").click()
        await park.page.get_by_test_id("people").get_by_role("button").click()
        await park.see("erasure-planned")
        await look(park, "en-phone")
        await mei.press("undo-erasure")
        await mei.see("ask-erasure")

        # and who administers the park alone has to find another first
        await park.page.goto(f"{server.url}/settings/personal-data")
        await park.see("obstacles")
        await park.page.set_viewport_size({"width": 1440, "height": 900})
        await look(park, "own-en")
    finally:
        await mei.close()
        await park.close()
