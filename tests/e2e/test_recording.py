"""A meeting that is recorded, in real browsers: everybody is told, and the film plays on its page and behind a link."""

from __future__ import annotations

import os

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.test_meeting import administrator
from tests.support.attendee import TIMEOUT_MS, open_attendee
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


async def plays(page: Page) -> None:
    await page.locator("[data-testid=film]").wait_for(timeout=TIMEOUT_MS)
    await page.evaluate("document.querySelector('[data-testid=film]').play()")
    await page.wait_for_function(
        "() => { const film = document.querySelector('[data-testid=film]');"
        " const { totalVideoFrames } = film.getVideoPlaybackQuality();"
        " return film.videoWidth === 1280 && film.currentTime > 1 && totalVideoFrames > 10; }",
        timeout=TIMEOUT_MS,
    )


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("TONGXIN_SCREENSHOTS"):
        await page.screenshot(path=f"{folder}/{name}.png")


async def test_a_meeting_is_recorded_and_watched(server: Tongxin, browser: Browser) -> None:
    # given two people in a meeting
    host = await administrator(browser, server)
    guest = await open_attendee(browser, "Wei", locale="zh-CN")
    for person in (host, guest):
        await person.join(server.meeting_link)
    await host.receives("video", 1, frames=2)

    # when the host records it, both see that it is so
    await host.press("more")
    await host.press("recording-start")
    await host.press("keep-tracks")
    await picture(host.page, "record-dialog-en")
    await host.press("record")
    for person in (host, guest):
        await person.page.locator("[data-testid=recording][data-state=on]").wait_for(timeout=TIMEOUT_MS)
    await picture(host.page, "recording-on-en")
    await guest.press("more")
    assert await guest.page.get_by_test_id("recording-stop").count() == 0
    await guest.page.keyboard.press("Escape")

    # and when it has ended, the film plays on its page
    lasts = "() => fetch('/api/recordings').then(r => r.json()).then(b => b.recordings[0].film_ms)"
    while await host.page.evaluate(lasts) < 3_000:
        await host.page.wait_for_timeout(100)
    await host.press("more")
    await host.press("recording-stop")
    await guest.page.locator("[data-testid=recording]").wait_for(state="detached", timeout=TIMEOUT_MS)
    await host.page.goto(f"{server.url}/recordings")
    watch = host.page.locator("[data-testid=recordings] a")
    await watch.wait_for(timeout=TIMEOUT_MS)
    await picture(host.page, "recordings-en")
    await watch.click()
    await plays(host.page)
    await expect(host.page.locator("[data-testid=tracks] li")).to_have_count(4, timeout=TIMEOUT_MS)
    await picture(host.page, "recording-page-en")

    # it goes to the trash and comes back on its page
    await host.press("trash")
    await host.page.get_by_test_id("restore").wait_for(timeout=TIMEOUT_MS)
    await host.page.set_viewport_size({"width": 390, "height": 844})
    await picture(host.page, "recording-trashed-en")
    await host.press("restore")

    # and behind a link, for somebody without an account
    await host.press("share")
    await host.press("make-link")
    link = await host.page.locator("[role=dialog] input[readonly]").input_value(timeout=TIMEOUT_MS)
    await guest.page.set_viewport_size({"width": 390, "height": 844})
    await guest.page.goto(link)
    await plays(guest.page)
    await picture(guest.page, "recording-shared-zh")
