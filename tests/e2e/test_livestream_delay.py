"""How far behind the stage its viewers are, by WHEP and by HLS, and how they move from one to the other."""

from __future__ import annotations

import itertools
import os
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.e2e.test_calls import post
from tests.e2e.test_meeting import administrator
from tests.support.attendee import TIMEOUT_MS, Attendee, open_attendee, open_page
from tests.support.chromium import open_chromium
from tests.support.clock_camera import delay_ms, watch_clock, write_clock
from tests.support.server import Tongxin
from tests.support.speech_model import build_model

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

WHEP_MS = 400
LL_HLS_MS = 2_500
WITHIN_S = 60.0
SAID = re.compile("LOW|HIGH")
OF_SCREEN = "[data-testid=live-player] [data-hidden=false] video"


@pytest.fixture
async def clock_browser(tmp_path: Path) -> AsyncIterator[Browser]:
    camera = write_clock(tmp_path / "clock.y4m")
    async with open_chromium(tmp_path, flags=(f"--use-file-for-fake-video-capture={camera}",)) as browser:
        yield browser


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Tongxin]:
    model = build_model(tmp_path / "model")
    running = Tongxin(tmp_path / "server", environment={"TONGXIN_CAPTIONS_MODEL": str(model)})
    yield running
    running.stop()


async def live_stage(browser: Browser, server: Tongxin) -> tuple[Attendee, str]:
    """A host who is live alone, and the livestream's id."""
    host = await administrator(browser, server)
    wish = {"title": "Launch", "starts_at_ms": int(time.time() * 1_000) + 600_000, "zone": "Asia/Shanghai"}
    made = await post(host.page.request, server, "/api/livestreams", {**wish, "tier": "anyone"})
    await post(host.page.request, server, f"/api/livestreams/{made['id']}/acts", {"action": "schedule"})
    await open_page(host.page, f"{server.url}/live/{made['id']}/stage")
    await host.press("enter-green-room")
    await host.see("stage-room")
    await host.page.locator("[data-testid=behind-stage] [data-testid=bring-on]").first.click(timeout=TIMEOUT_MS)
    await host.press("go-live")
    await host.press("confirm")
    return host, made["id"]


async def plays_by(viewer: Attendee, tier: str) -> None:
    await viewer.page.locator(f"[data-testid=live-player][data-tier={tier}]").wait_for(timeout=TIMEOUT_MS)


async def behind(host: Attendee, viewer: Attendee, at_most_ms: float) -> float:
    """The delay as soon as it is as small as it has to be; what it was last, when it never is."""
    until = time.monotonic() + WITHIN_S
    while (now := await delay_ms(host.page, viewer.page)) > at_most_ms and time.monotonic() < until:
        await viewer.page.wait_for_timeout(250)
    return now


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("TONGXIN_SCREENSHOTS"):
        await page.screenshot(path=f"{folder}/{name}.png")


async def captions_are_read(*people: Attendee) -> None:
    """By who wants to: what the engine makes of the beeps of the host's microphone."""
    for person in people:
        await person.press("player-captions")
        lines = person.page.get_by_test_id("captions").filter(has_text=SAID)
        await lines.wait_for(timeout=TIMEOUT_MS)


async def test_viewers_are_close_behind_the_stage(server: Tongxin, clock_browser: Browser) -> None:
    # given a stage that is live, a viewer, and one whose way to the media port is shut
    host, livestream_id = await live_stage(clock_browser, server)
    await watch_clock(host.page)
    direct = await open_attendee(clock_browser, "Direct")
    relayed = await open_attendee(clock_browser, "Relayed", locale="zh-CN")
    await relayed.page.route("**/whep/**", lambda route: route.abort())
    for viewer in (direct, relayed):
        await open_page(viewer.page, f"{server.url}/live/{livestream_id}")
        await watch_clock(viewer.page, OF_SCREEN)
    await plays_by(direct, "whep")
    await plays_by(relayed, "hls")

    # then both are close behind it
    by_whep = await behind(host, direct, WHEP_MS)
    by_hls = await behind(host, relayed, LL_HLS_MS)
    print(f"glass to glass: {by_whep:.0f} ms by WHEP, {by_hls:.0f} ms by HLS")
    await captions_are_read(host, direct, relayed)
    await picture(host.page, "live-stage-en-1440")
    await picture(direct.page, "live-whep-en-1440")
    await picture(relayed.page, "live-hls-zh-1440")
    await relayed.page.set_viewport_size({"width": 390, "height": 844})
    await picture(relayed.page, "live-hls-zh-390")
    assert by_whep < WHEP_MS
    assert by_hls < LL_HLS_MS

    # and when the way is open again, the second one moves to it without a gap of more than two seconds
    await relayed.page.evaluate("() => { window.__seen.length = 0; }")
    await relayed.page.unroute("**/whep/**")
    await plays_by(relayed, "whep")
    await behind(host, relayed, WHEP_MS)
    times: list[float] = await relayed.page.evaluate("() => window.__seen.map(([at]) => at)")
    assert max(after - before for before, after in itertools.pairwise(times)) < 2_000
