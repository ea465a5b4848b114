"""A livestream from its green room to its replay, for two groups: by WHEP and by HLS, and how far behind they are."""

from __future__ import annotations

import itertools
import os
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.test_calls import post
from tests.e2e.test_meeting import administrator
from tests.support.attendee import TIMEOUT_MS, Attendee, open_attendee, open_page
from tests.support.chromium import open_chromium
from tests.support.clock_camera import delay_ms, watch_clock, write_clock
from tests.support.playback import (
    SCREEN,
    falls_silent,
    hears_by_hls,
    hears_by_whep,
    keep_peers,
    pictures_go_on,
    share_a_small_screen,
)
from tests.support.server import Tongxin
from tests.support.speech_model import build_model

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

WHEP_MS = 400
LL_HLS_MS = 2_500
WITHIN_S = 60.0
SAID = re.compile("LOW|HIGH")


@pytest.fixture
async def clock_browser(tmp_path: Path) -> AsyncIterator[Browser]:
    camera = write_clock(tmp_path / "clock.y4m")
    async with open_chromium(tmp_path, flags=(f"--use-file-for-fake-video-capture={camera}",)) as browser:
        yield browser


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Tongxin]:
    model = build_model(tmp_path / "model")
    running = Tongxin(
        tmp_path / "server", environment={"TONGXIN_CAPTIONS_MODEL": str(model), "TONGXIN_LIVE_SIZES": "1"}
    )
    yield running
    running.stop()


async def announced(host: Attendee, server: Tongxin) -> tuple[str, list[str]]:
    """A livestream for two groups with a chat each: the link of the bare livestream, and those of the groups."""
    request = host.page.request
    wish = {"title": "Launch", "starts_at_ms": int(time.time() * 1_000) + 600_000, "zone": "Asia/Shanghai"}
    made = await post(request, server, "/api/livestreams", {**wish, "tier": "named"})
    path = f"/api/livestreams/{made['id']}"
    me = await (await request.get(f"{server.url}/api/me")).json()
    groups = [{"kind": "link", "name": name, "tier": "anyone", "own_chat": True} for name in ("Press", "Partners")]
    answer = await request.put(
        server.url + path + "/groups",
        data={"groups": groups},
        headers={"Origin": server.url, "X-CSRF-Token": me["csrf"]},
    )
    assert answer.ok, await answer.text()
    grouped: dict[str, Any] = await answer.json()
    await post(request, server, f"{path}/acts", {"action": "schedule"})
    return f"{server.url}/live/{made['id']}", [group["link"] for group in grouped["groups"]]


async def plan_two_items(host: Attendee) -> None:
    await host.press("edit-run")
    dialog = host.page.get_by_role("dialog")
    await dialog.get_by_label("Item", exact=True).fill("Welcome")
    await dialog.get_by_role("button", name="Add an item").click()
    await dialog.get_by_label("Item", exact=True).last.fill("Questions")
    await host.press("save-run")
    await take(host, "Welcome")


async def take(host: Attendee, item: str) -> None:
    await host.page.get_by_role("button", name=f"Start “{item}”").click(timeout=TIMEOUT_MS)


async def go_live(host: Attendee, link: str) -> None:
    """From the green room, with camera and a shared screen."""
    await open_page(host.page, f"{link}/stage")
    await host.press("enter-green-room")
    await host.see("stage-room")
    await host.page.locator("[data-testid=behind-stage] [data-testid=bring-on]").first.click(timeout=TIMEOUT_MS)
    await plan_two_items(host)
    await host.press("share")
    await host.press("preview")
    await host.page.locator("[data-testid=shown][data-place=screen]").wait_for(timeout=TIMEOUT_MS)
    await picture(host.page, "live-green-room-en-1440")
    await host.press("go-live")
    await host.press("confirm")


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


async def pictures(page: Page, name: str) -> None:
    """At a desk and on a phone."""
    if os.environ.get("TONGXIN_SCREENSHOTS"):
        await picture(page, f"{name}-1440")
        await page.set_viewport_size({"width": 390, "height": 844})
        await picture(page, f"{name}-390")
        await page.set_viewport_size({"width": 1440, "height": 900})


async def captions_are_read(*people: Attendee) -> None:
    """By who wants to: what the engine makes of the beeps of the host's microphone."""
    for person in people:
        await person.press("player-captions")
        lines = person.page.get_by_test_id("captions").filter(has_text=SAID)
        await lines.wait_for(timeout=TIMEOUT_MS)


async def chats_stay_apart(host: Attendee, *viewers: Attendee) -> None:
    """Each of another group: who leads reads all of them, and each reads their own."""
    for viewer in viewers:
        await viewer.page.get_by_test_id("live-name").fill(viewer.name)
        await viewer.press("live-name-use")
        await viewer.page.get_by_test_id("live-say").fill(f"{viewer.name} is here")
        await viewer.press("live-say-send")
    for viewer in viewers:
        await host.see_text("live-message", f"{viewer.name} is here")
    for viewer in viewers:
        messages = viewer.page.get_by_test_id("live-message")
        await expect(messages).to_have_count(1)
        await expect(messages).to_contain_text(f"{viewer.name} is here")


async def comes_up_speaks_and_goes_back(host: Attendee, viewer: Attendee, listener: Attendee) -> None:
    """All in the page that the viewer has loaded once.  While the host is muted, all that sounds is the viewer."""
    await viewer.page.evaluate("() => { window.__loadedOnce = true; }")
    await host.press("mic")
    await viewer.press("live-hand")
    await host.press("moderation-tab-hands")
    await host.press("moderation-invite")
    await picture(host.page, "live-hands-en-1440")
    await pictures(viewer.page, "live-invited-en")
    await viewer.press("live-go-on-stage")
    await viewer.see("device-check")
    await pictures(viewer.page, "live-device-check-en")
    await falls_silent(listener)
    await viewer.press("come-up")
    row = host.page.locator("[data-testid=behind-stage] [data-testid=stage-person]").filter(has_text=viewer.name)
    await row.get_by_test_id("bring-on").click(timeout=TIMEOUT_MS)
    await viewer.see_text("my-place", "on stage")
    await host.receives("audio", 1, sound=True)
    await host.receives("video", 1, frames=2)
    await hears_by_hls(listener)
    await pictures(viewer.page, "live-on-stage-en")
    await host.press("mic")
    row = host.page.locator("[data-testid=on-stage] [data-testid=stage-person]").filter(has_text=viewer.name)
    await row.get_by_test_id("send-back").click(timeout=TIMEOUT_MS)
    await plays_by(viewer, "whep")
    await pictures_go_on(viewer, 1)
    await hears_by_whep(viewer)
    assert await viewer.page.evaluate("() => window.__loadedOnce")


async def replay_plays(viewer: Attendee) -> None:
    """In the page that showed it live: it comes by itself, and goes on from the chapter that is pressed."""
    await viewer.see("film")
    chapters = viewer.page.locator("[data-testid=chapter]")
    await expect(chapters).to_have_count(2, timeout=TIMEOUT_MS)
    await pictures(viewer.page, "live-replay-zh")
    await chapters.filter(has_text="Questions").click()
    await viewer.until(
        """() => {
          const film = document.querySelector("[data-testid=film]");
          window.__from ??= film.currentTime > 1 ? film.currentTime : undefined;
          const goesOn = film.currentTime > window.__from + 0.5 && film.getVideoPlaybackQuality().totalVideoFrames > 10;
          return goesOn && !film.paused && film.webkitAudioDecodedByteCount > 0;
        }""",
        None,
        "the film from its second chapter",
    )
    await expect(chapters.last).to_have_attribute("aria-current", "true")
    assert await viewer.page.evaluate("() => document.querySelector('[data-testid=film]').error") is None


async def test_a_livestream_from_its_green_room_to_its_replay(server: Tongxin, clock_browser: Browser) -> None:
    # given a stage that is live with a camera and a screen, and two groups; the second's way to the media port is shut
    host = await administrator(clock_browser, server)
    await share_a_small_screen(host.context)
    link, (press, partners) = await announced(host, server)
    await go_live(host, link)
    direct = await open_attendee(clock_browser, "Ann")
    relayed = await open_attendee(clock_browser, "小李", locale="zh-CN")
    await keep_peers(direct.context)
    await relayed.page.route("**/whep/**", lambda route: route.abort())
    await open_page(direct.page, press)
    await open_page(relayed.page, partners)
    await plays_by(direct, "whep")
    await plays_by(relayed, "hls")

    # then both see it move and hear it, and read their own group's chat; by the bare link nobody comes in
    await pictures_go_on(direct, 2)
    await pictures_go_on(relayed, 1)
    await hears_by_whep(direct)
    await hears_by_hls(relayed)
    await chats_stay_apart(host, direct, relayed)
    await picture(host.page, "live-stage-en-1440")
    await pictures(direct.page, "live-whep-en")
    await pictures(relayed.page, "live-hls-zh")
    stranger = await open_attendee(clock_browser, "Stranger")
    await open_page(stranger.page, link)
    await stranger.see("live-needs-sign_in")
    await stranger.close()

    # and they are close behind it, once its clock is alone on it
    await host.press("share")
    await host.press("preview")
    await pictures_go_on(direct, 1)
    await watch_clock(host.page)
    for viewer in (direct, relayed):
        await watch_clock(viewer.page, SCREEN)
    by_whep = await behind(host, direct, WHEP_MS)
    by_hls = await behind(host, relayed, LL_HLS_MS)
    print(f"glass to glass: {by_whep:.0f} ms by WHEP, {by_hls:.0f} ms by HLS")
    await captions_are_read(host, direct, relayed)
    assert by_whep < WHEP_MS
    assert by_hls < LL_HLS_MS

    # when a viewer raises a hand, is brought up and sent back, all hear it, and the page is never loaded again
    await take(host, "Questions")
    await comes_up_speaks_and_goes_back(host, direct, relayed)

    # when the way is open again, the second one moves to it without a gap of more than two seconds
    await relayed.page.evaluate("() => { window.__seen.length = 0; }")
    await relayed.page.unroute("**/whep/**")
    await plays_by(relayed, "whep")
    await behind(host, relayed, WHEP_MS)
    times: list[float] = await relayed.page.evaluate("() => window.__seen.map(([at]) => at)")
    assert max(after - before for before, after in itertools.pairwise(times)) < 2_000

    # and when it is over, its film takes its place
    await host.press("end-live")
    await host.press("confirm")
    await replay_plays(relayed)
    assert not host.faults + direct.faults + relayed.faults
