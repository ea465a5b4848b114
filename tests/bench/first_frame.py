"""Join click -> first remote frame on screen, in Chromium, as the page itself marks it (window.__tongxin.marks)."""

from __future__ import annotations

import asyncio
import statistics
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page

from tests.support.chromium import open_chromium
from tests.support.server import Tongxin

TIMEOUT_MS = 30_000
MARKS = "const marks = window.__tongxin?.marks;"
TOOK_MS = f"() => {{ {MARKS} return marks?.firstRemoteFrameAt && marks.firstRemoteFrameAt - marks.joinClickedAt; }}"


@dataclass(frozen=True)
class FirstFrame:
    joins: int
    p50_ms: float
    max_ms: float


async def _enter(context: BrowserContext, link: str, name: str) -> Page:
    """Pre-join filled in and its button pressed."""
    page = await context.new_page()
    await page.goto(link)
    await page.get_by_test_id("name-input").fill(name)
    join = page.get_by_test_id("join")
    await join.wait_for()
    # the preview runs: a person looks at it before joining, so its camera start is not part of the join
    await page.wait_for_function("() => document.querySelector('video')?.videoWidth > 0", timeout=TIMEOUT_MS)
    await join.click()
    return page


async def _join(browser: Browser, link: str, number: int) -> float:
    context = await browser.new_context()
    try:
        page = await _enter(context, link, f"Visitor {number}")
        took = await page.wait_for_function(TOOK_MS, timeout=TIMEOUT_MS)
        value = float(await took.json_value())
        await page.get_by_test_id("leave").click()
        return value
    finally:
        await context.close()


async def _measure(folder: Path, joins: int) -> FirstFrame:
    with Tongxin(folder / "server", environment={"TONGXIN_LOG_LEVEL": "warning"}) as server:
        async with open_chromium(folder) as browser:
            host = await browser.new_context()
            page = await _enter(host, server.meeting_link, "First")
            await page.get_by_test_id("leave").wait_for()
            times = [await _join(browser, server.meeting_link, number) for number in range(joins)]
            await host.close()
    return FirstFrame(joins, statistics.median(times), max(times))


def measure(folder: Path, joins: int) -> FirstFrame:
    """One person with a camera (160x120, 5 frames a second) is inside; `joins` others come one after the other."""
    return asyncio.run(_measure(folder, joins))
