"""The audience of a livestream in browsers: registration, the uninvited, chat, moderation, a poll, a hand; no media."""

from __future__ import annotations

import os
from collections.abc import Mapping
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, expect

from collab.app import LIVESTREAMS
from tests.support.api import Browser as Caller
from tests.support.api import Park, eventually, open_park
from tests.support.livestream import livestream
from tests.support.mail import text_of
from tests.support.redis_servers import RedisServer

pytestmark = [pytest.mark.e2e, pytest.mark.pages, pytest.mark.timeout(180)]
PICTURES = os.environ.get("TONGXIN_LOOK", "")  # a folder, for whoever wants to look at the pages


async def look(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


async def signed_in(browser: Browser, park: Park, person: Caller, locale: str) -> Page:
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale=locale)
    cookies = [{"name": each.key, "value": each.value, "url": park.base_url} for each in person.session.cookie_jar]
    await context.add_cookies(cookies)  # type: ignore[arg-type]
    return await context.new_page()


async def fill_registration(page: Page, link: str, name: str) -> None:
    await page.goto(link)
    await page.get_by_test_id("live-register-name").fill(name)
    await page.get_by_test_id("live-register-email").fill(f"{name.lower()}@x.example")
    await page.get_by_test_id("live-register-company").fill("Han")
    await look(page, f"register-{name}")
    await page.get_by_test_id("live-register").click()
    await expect(page.get_by_test_id("live-registered")).to_be_visible()


async def mailed_links(park: Park, names: tuple[str, ...]) -> Mapping[str, str]:
    """The way in, of the first letter to each of them."""
    found: dict[str, str] = {}

    async def came() -> bool:
        for path in sorted((park.data_folder / "outbox").glob("*.eml")):
            letter = message_from_bytes(path.read_bytes(), policy=default)
            words = text_of(letter).split()
            link = next((word for word in words if "#registration=" in word and "/cancel" not in word), "")
            name = str(letter["To"]).partition("@")[0].rpartition("<")[2]
            if link:
                found.setdefault(name, link)
        return all(name.lower() in found for name in names)

    await eventually(came, within_s=60)
    return found


async def open_mailed(page: Page, park: Park, link: str, step: str) -> None:
    """`step`: only another query makes the browser load the same address again."""
    parts = urlsplit(link)
    await page.goto(f"{park.base_url}{parts.path}?{step}#{parts.fragment}")


async def not_invited(browser: Browser, park: Park, host: Caller, locale: str) -> None:
    """Somebody of another company, at a livestream for one company."""
    works = await park.organization(host, "Laser Works")
    other = await park.organization(host, "Robots")
    member = await park.member(host, other, "Bo")
    closed = await livestream(host, tier="named", title="Works meeting")
    groups = [{"kind": "organization", "name": "Works", "organization_id": works}]
    changed = await host.send("PUT", f"/api/livestreams/{closed['id']}/groups", {"groups": groups})
    assert changed.status == 200, changed
    page = await signed_in(browser, park, member, locale)
    await page.goto(closed["link"])
    await expect(page.get_by_test_id("live-needs-invitation")).to_be_visible()
    await look(page, "not-invited-1440")
    await page.context.close()


async def test_a_viewer_registers_writes_votes_and_raises_a_hand(
    browser: Browser, tmp_path: Path, valkey: RedisServer
) -> None:
    async with open_park(tmp_path / "data", "", f"{valkey.url}?db=7") as park:
        host = await park.administrator()
        one = await livestream(
            host,
            title="开放日 Open day",
            description="Three halls, one robot.",
            registration={
                "enabled": True,
                "approval": True,
                "capacity": 1,
                "fields": [{"key": "company", "label": "公司 Company", "required": True}],
            },
            chat={"words": ["spam"]},
        )
        locale = os.environ.get("TONGXIN_LOOK_LOCALE", "en")
        await not_invited(browser, park, host, locale)
        desk = await signed_in(browser, park, host, locale)
        phone, late = [
            await (await browser.new_context(viewport={"width": 390, "height": 844}, locale=locale)).new_page()
            for _ in range(2)
        ]

        # two register for one seat, and a host approves both: the first has it
        for page, name in ((phone, "Li"), (late, "Wang")):
            await fill_registration(page, one["link"], name)
        mailed = await mailed_links(park, ("Li", "Wang"))
        await open_mailed(phone, park, mailed["li"], "asked")
        await expect(phone.get_by_test_id("live-needs-approval")).to_be_visible()
        await look(phone, "approval-390")
        await desk.goto(f"{park.base_url}/livestreams/{one['id']}")
        for address, state in (("li@x.example", "confirmed"), ("wang@x.example", "waiting")):
            row = desk.get_by_test_id("live-registration").filter(has_text=address)
            await row.get_by_test_id("live-registration-confirm").click()
            await expect(row).to_have_attribute("data-state", state)
        await look(desk, "registrations-1440")
        await open_mailed(phone, park, mailed["li"], "confirmed")
        await expect(phone.get_by_test_id("live-countdown")).to_be_visible()
        await look(phone, "waiting-390")
        await open_mailed(late, park, mailed["wang"], "confirmed")
        await expect(late.get_by_test_id("live-needs-seat")).to_be_visible()
        await late.context.close()

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
        await desk.get_by_test_id("live-message").filter(has_text="spam").get_by_test_id("moderation-delete").click()
        await expect(phone.get_by_test_id("live-message")).to_have_count(1)

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
                other = await desk.context.new_page()
                await other.goto(park.base_url + path)
                await other.wait_for_load_state("networkidle")
                await look(other, f"{name}-1440")
                await other.set_viewport_size({"width": 390, "height": 844})
                await look(other, f"{name}-390")
                await other.close()
            viewer = await (
                await browser.new_context(viewport={"width": 1440, "height": 900}, locale=locale)
            ).new_page()
            await open_mailed(viewer, park, mailed["li"], "looked")
            await expect(viewer.get_by_test_id("live-hand")).to_be_visible()
            await look(viewer, "live-1440")
            await look(phone, "live-390")

        # whoever is banned sees nothing of it any more, in the page that is open
        await desk.get_by_test_id("moderation-tab-chat").click()
        await desk.get_by_test_id("moderation-ban").first.click()
        await desk.get_by_test_id("confirm").click()
        await expect(phone.get_by_test_id("live-needs-banned")).to_be_visible()
        await look(phone, "banned-390")
        # until a moderator lets them
        await desk.get_by_test_id("moderation-banned").get_by_text("(1)").click()
        await look(desk, "banned-1440")
        await desk.get_by_test_id("moderation-unban").click()
        await expect(desk.get_by_test_id("moderation-banned")).to_have_count(0)
