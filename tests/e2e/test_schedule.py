"""A weekly meeting made on the page, moved by hand, and answered by a guest from the link of the mail."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.support.api import eventually, open_park
from tests.support.mail import text_of
from tests.support.redis_servers import RedisServer
from tests.support.sides import SIDES, Side, look

pytestmark = [pytest.mark.e2e, pytest.mark.pages, pytest.mark.timeout(300)]


@SIDES
async def test_a_weekly_meeting_is_made_moved_and_answered(
    browser: Browser, tmp_path: Path, valkey: RedisServer, desk: Side, phone: Side
) -> None:
    async with open_park(tmp_path / "data", "", f"{valkey.url}?db=7") as park:
        host = await park.administrator()
        context = await browser.new_context(
            viewport={"width": 1440, "height": 900}, locale=desk.locale, timezone_id="Asia/Shanghai"
        )
        cookies = [{"name": one.key, "value": one.value, "url": park.base_url} for one in host.session.cookie_jar]
        await context.add_cookies(cookies)  # type: ignore[arg-type]
        page = await context.new_page()
        await page.goto(f"{park.base_url}/calendar")
        await page.get_by_test_id("later").click()
        await page.get_by_test_id("new-event").click()
        day = datetime.now(UTC).date()
        tuesday = day + timedelta(days=8 - day.weekday())
        weekly = desk.says("Every week on Tuesday", "每周星期二")
        await page.get_by_test_id("event-title").fill("Line meeting")
        await page.get_by_test_id("event-date").fill(tuesday.isoformat())
        await page.get_by_test_id("event-from").fill("10:00")
        await page.get_by_role("button", name=desk.says("Repeats", "重复")).first.click()
        await page.get_by_role("option", name=weekly).click()
        await expect(page.get_by_test_id("rule-words")).to_have_text(weekly)
        await page.get_by_test_id("invite-field").fill("anna@keller.example")
        await page.get_by_test_id("offer").click()
        await look(page, "event-dialog")
        await page.get_by_test_id("event-submit").click()

        block = page.get_by_test_id("occurrence")
        await expect(block).to_have_count(1)
        box = await block.bounding_box()
        assert box is not None
        x, y = box["x"] + 20, box["y"] + 12
        await page.mouse.move(x, y)
        await page.mouse.down()
        await page.mouse.move(x, y + 96, steps=4)  # two hours later
        await page.mouse.up()
        await page.get_by_test_id("save-move").click()
        await expect(page.get_by_test_id("move-bar")).to_have_count(0)
        await expect(block).to_contain_text("12:00")
        await page.reload()
        await page.get_by_test_id("later").click()
        await expect(block).to_contain_text("12:00")

        outbox = park.data_folder / "outbox"

        async def two_mails() -> bool:
            return len(list(outbox.glob("*.eml"))) == 2

        await eventually(two_mails, within_s=240)
        mails = [message_from_bytes(one.read_bytes(), policy=default) for one in sorted(outbox.glob("*.eml"))]
        found = re.search(r"answer\?token=(\w+)", text_of(mails[-1]))
        assert found is not None
        guest = (await phone.open(browser, "Anna")).page
        await guest.goto(f"{park.base_url}/calendar/answer?token={found[1]}")
        await guest.get_by_test_id("answer-accepted").click()
        await expect(guest.get_by_test_id("answered")).to_be_visible()
        await look(guest, "answered")
        await block.click()
        await expect(page.get_by_text(desk.says("Coming", "参加"), exact=True)).to_be_visible()
        await look(page, "week")

        # and on a phone the calendar is a list of what comes
        await page.set_viewport_size({"width": 390, "height": 844})
        await page.goto(f"{park.base_url}/calendar")
        await expect(page.get_by_test_id("agenda").get_by_test_id("occurrence").first).to_contain_text("Line meeting")
        await look(page, "agenda")
