"""The audience of a livestream in browsers: registration by mail, chat, moderation, a poll, a hand; no media."""

from __future__ import annotations

import os
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, expect

from collab.app import LIVESTREAMS
from tests.support.api import eventually, open_park
from tests.support.livestream import livestream
from tests.support.mail import text_of
from tests.support.redis_servers import RedisServer

pytestmark = [pytest.mark.e2e, pytest.mark.pages]
PICTURES = os.environ.get("TONGXIN_LOOK", "")  # a folder, for whoever wants to look at the pages


async def look(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


async def test_a_viewer_registers_writes_votes_and_raises_a_hand(
    browser: Browser, tmp_path: Path, valkey: RedisServer
) -> None:
    async with open_park(tmp_path / "data", "", f"{valkey.url}?db=7") as park:
        host = await park.administrator()
        one = await livestream(
            host,
            title="开放日 Open day",
            description="Three halls, one robot.",
            registration={"enabled": True, "fields": [{"key": "company", "label": "公司 Company", "required": True}]},
            chat={"words": ["spam"]},
        )
        locale = os.environ.get("TONGXIN_LOOK_LOCALE", "en")
        context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale=locale)
        cookies = [{"name": each.key, "value": each.value, "url": park.base_url} for each in host.session.cookie_jar]
        await context.add_cookies(cookies)  # type: ignore[arg-type]
        desk = await context.new_page()
        phone = await (await browser.new_context(viewport={"width": 390, "height": 844}, locale=locale)).new_page()

        await phone.goto(one["link"])
        await phone.get_by_test_id("live-register-name").fill("Li")
        await phone.get_by_test_id("live-register-email").fill("li@x.example")
        await phone.get_by_test_id("live-register-company").fill("Han")
        await look(phone, "register-390")
        await phone.get_by_test_id("live-register").click()
        await expect(phone.get_by_test_id("live-registered")).to_be_visible()

        async def mail() -> bool:
            return any((park.data_folder / "outbox").glob("*.eml"))

        await eventually(mail, within_s=60)
        (letter,) = (park.data_folder / "outbox").glob("*.eml")
        text = text_of(message_from_bytes(letter.read_bytes(), policy=default))
        link = next(word for word in text.split() if "#registration=" in word and "/cancel" not in word)
        parts = urlsplit(link)
        await phone.goto(f"{park.base_url}{parts.path}?mail#{parts.fragment}")
        await expect(phone.get_by_test_id("live-countdown")).to_be_visible()
        await look(phone, "waiting-390")

        await desk.goto(one["link"])
        await expect(desk.get_by_test_id("live-moderation")).to_be_visible()
        await phone.get_by_test_id("live-say").fill("Good morning")
        await phone.get_by_test_id("live-say-send").click()
        await expect(desk.get_by_test_id("live-message")).to_contain_text("Good morning")
        await phone.get_by_test_id("live-say").fill("buy spam")
        await phone.get_by_test_id("live-say-send").click()
        await expect(desk.get_by_test_id("moderation-approve")).to_be_visible()
        await look(desk, "moderation-1440")
        await expect(phone.get_by_test_id("live-message")).to_have_count(1)
        await desk.get_by_test_id("moderation-approve").click()
        await expect(phone.get_by_test_id("live-message")).to_have_count(2)
        await desk.get_by_test_id("moderation-pin").first.click()
        await expect(phone.get_by_test_id("live-pinned")).to_contain_text("Good morning")

        await desk.get_by_test_id("moderation-tab-polls").click()
        await desk.get_by_test_id("moderation-poll-question").fill("Lunch?")
        await desk.get_by_test_id("moderation-poll-options").fill("Rice\nNoodles")
        await desk.get_by_test_id("moderation-poll-open").click()
        await phone.get_by_test_id("live-option-1").check()
        await look(phone, "poll-390")
        await phone.get_by_test_id("live-vote").click()
        await expect(desk.get_by_test_id("live-poll")).to_contain_text("100")

        await park.app[LIVESTREAMS].moved(one["id"], "rehearsal")
        await park.app[LIVESTREAMS].moved(one["id"], "live")
        await phone.get_by_test_id("live-hand").click()
        await desk.get_by_test_id("moderation-tab-hands").click()
        await desk.get_by_test_id("moderation-invite").click()
        await expect(phone.get_by_test_id("live-go-on-stage")).to_be_visible()
        await look(phone, "invited-390")
        await look(desk, "hands-1440")
        if PICTURES:
            await phone.keyboard.press("Escape")
            for name, path in (
                ("plan", f"/livestreams/{one['id']}"),
                ("list", "/livestreams"),
                ("numbers", f"/livestreams/{one['id']}/numbers"),
            ):
                await desk.goto(park.base_url + path)
                await desk.wait_for_load_state("networkidle")
                await look(desk, f"{name}-1440")
                await desk.set_viewport_size({"width": 390, "height": 844})
                await look(desk, f"{name}-390")
                await desk.set_viewport_size({"width": 1440, "height": 900})
            viewer = await (
                await browser.new_context(viewport={"width": 1440, "height": 900}, locale=locale)
            ).new_page()
            await viewer.goto(f"{park.base_url}{parts.path}?mail#{parts.fragment}")
            await expect(viewer.get_by_test_id("live-hand")).to_be_visible()
            await look(viewer, "live-1440")
            await look(phone, "live-390")
