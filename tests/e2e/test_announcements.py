"""The park announces; somebody reads it on a phone; the park sees who has, and takes it back."""

from __future__ import annotations

import os

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import expect

from tests.e2e.test_calls import post
from tests.e2e.test_directory import link_for
from tests.e2e.test_meeting import administrator
from tests.support.api import PASSWORD
from tests.support.attendee import TIMEOUT_MS, Attendee, open_attendee
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.pages, pytest.mark.timeout(180)]
PICTURES = os.environ.get("TONGXIN_LOOK", "")  # a folder, for whoever wants to look at the pages


async def look(person: Attendee, name: str) -> None:
    if PICTURES:
        await person.page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


async def test_an_announcement_is_written_read_counted_and_withdrawn(server: Tongxin, browser: Chromium) -> None:
    # given the park's administrator, and somebody of a company with a phone
    park = await administrator(browser, server)
    page = park.page
    company = {"name": "华星激光", "kind": "enterprise"}
    works = (await post(page.request, server, "/api/organizations", company))["id"]
    reader = await open_attendee(browser, "Zhou", locale="zh-CN", width=390, height=844)
    try:
        accept = {"token": await link_for(park, server, works, "zhou"), "password": PASSWORD}
        await post(reader.page.request, server, "/api/invitations/accept", accept)

        # when the park writes to one company, and sees whom that reaches
        await page.goto(f"{server.url}/announcements/new")
        await page.wait_for_selector("[data-testid=reach][data-people='2']", timeout=TIMEOUT_MS)
        await page.get_by_test_id("announcement-title").fill("Water off on Saturday")
        await page.get_by_label("Text", exact=True).fill("From 8:00 to 12:00.\nSee https://park.example/water")
        await page.get_by_role("button", name="Who is told").click()
        await page.get_by_role("option", name="Chosen organizations").click()
        await page.get_by_role("checkbox", name="华星激光").check()
        await page.wait_for_selector("[data-testid=reach][data-people='1']", timeout=TIMEOUT_MS)
        await look(park, "write-en")
        await park.press("preview")
        await park.see("announcement-preview")
        await park.press("publish")
        await park.press("confirm")
        await page.wait_for_selector("[data-testid=announcement-card][data-state=published]", timeout=TIMEOUT_MS)
        await look(park, "published-en")

        # then it is unread on the phone, and read once it is open
        await reader.page.goto(f"{server.url}/announcements")
        row = reader.page.get_by_test_id("announcement").get_by_role("link")
        await expect(row).to_contain_text("Water off on Saturday", timeout=TIMEOUT_MS)
        await look(reader, "list-zh-phone")
        await row.click()
        await reader.see("is-read")
        await look(reader, "read-zh-phone")

        # and the park sees that
        await page.get_by_role("link", name="Who has read it").click()
        await expect(page.get_by_test_id("progress")).to_have_text("1 of 1 person have read it", timeout=TIMEOUT_MS)
        await look(park, "receipts-en")

        # when it is taken back, it is gone for the reader, who is told so
        await page.go_back()
        await park.press("withdraw")
        await park.press("confirm")
        await page.wait_for_selector("[data-testid=announcement-card][data-state=withdrawn]", timeout=TIMEOUT_MS)
        await reader.page.reload()
        await reader.see("withdrawn")
        await reader.see_none("announcement-text")
        await look(reader, "withdrawn-zh-phone")
        await page.goto(f"{server.url}/announcements")
        await park.press("tab-written")
        await park.see("announcement")
        await look(park, "written-en")
    finally:
        await reader.close()
        await park.close()
