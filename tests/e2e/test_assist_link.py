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
# What a second browser reads of a used link, and everybody of one that has run out or was taken back.
SHUT = {
    "en": (
        "This link was opened in another browser already. Ask for a new link.",
        "This link has run out. Ask for a new link.",
    ),
    "zh-CN": ("这个链接已在另一个浏览器中打开过，请对方重新发送链接。", "这个链接已过期，请对方重新发送链接。"),
}


async def test_a_link_leads_one_phone_to_the_camera_and_tells_the_next_one(server: Tongxin, browser: Chromium) -> None:
    host = Browser(server.url)
    setup = server.setup_link
    assert setup is not None
    person = {"name": "Zhou", "email": "zhou@park.example", "password": PASSWORD, "organization": "Park"}
    assert (await host.post("/api/setup", {"token": setup.partition("token=")[2], **person})).status == 200
    session = (await host.post("/api/assist/sessions", {"title": "Look at it"})).json
    wish = {"role": "on_site", "name": "王师傅"}
    links = f"/api/assist/sessions/{session['id']}/links"
    link = (await host.post(links, wish)).json["url"]
    taken_back = (await host.post(links, wish)).json
    assert (await host.send("DELETE", f"{links}/{taken_back['link']['id']}")).json["state"] == "revoked"
    await host.close()

    phone = await open_attendee(browser, "phone", width=390, height=844)
    await phone.page.goto(link)
    await expect(phone.page.locator("input[name=name]")).to_have_value("王师傅", timeout=SLOW_MS)
    await phone.page.get_by_test_id("open-link").click()
    await phone.page.wait_for_url(f"**/assist/{session['code']}", timeout=SLOW_MS)
    await expect(phone.page.get_by_test_id("phone")).to_be_visible(timeout=SLOW_MS)

    for locale, sentences in SHUT.items():
        other = await open_attendee(browser, "other", locale=locale, width=390, height=844)
        for url, sentence in zip((link, taken_back["url"]), sentences, strict=True):
            await other.page.goto(url)
            await expect(other.page.get_by_text(sentence)).to_be_visible(timeout=SLOW_MS)
        assert other.faults == []
        await other.close()
