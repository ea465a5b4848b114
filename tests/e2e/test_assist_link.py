"""The way into assistance without an account: a link, a name, one button; on one device."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import expect

from tests.support.api import PASSWORD, Browser
from tests.support.attendee import open_attendee
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
SLOW_MS = 30_000


async def test_a_link_leads_one_phone_to_the_camera_and_tells_the_next_one(server: Tongxin, browser: Chromium) -> None:
    host = Browser(server.url)
    setup = server.setup_link
    assert setup is not None
    person = {"name": "Zhou", "email": "zhou@park.example", "password": PASSWORD, "organization": "Park"}
    assert (await host.post("/api/setup", {"token": setup.partition("token=")[2], **person})).status == 200
    session = (await host.post("/api/assist/sessions", {"title": "Look at it"})).json
    wish = {"role": "on_site", "name": "王师傅"}
    link = (await host.post(f"/api/assist/sessions/{session['id']}/links", wish)).json["url"]
    await host.close()

    phone = await open_attendee(browser, "phone", width=390, height=844)
    await phone.page.goto(link)
    await expect(phone.page.locator("input[name=name]")).to_have_value("王师傅", timeout=SLOW_MS)
    await phone.page.get_by_test_id("open-link").click()
    await phone.page.wait_for_url(f"**/assist/{session['code']}", timeout=SLOW_MS)
    await expect(phone.page.get_by_test_id("phone")).to_be_visible(timeout=SLOW_MS)

    other = await open_attendee(browser, "other")
    await other.page.goto(link)
    await expect(other.page.get_by_text("opened in another browser")).to_be_visible(timeout=SLOW_MS)
