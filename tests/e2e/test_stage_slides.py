"""A PDF and a film of the presenter's own device on the live stage: the audience sees them, page by page."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.bench_live.clips import write_file
from tests.e2e.test_calls import post
from tests.e2e.test_meeting import administrator
from tests.e2e.test_stage import PLAYED, WATCH, into_green_room, picture
from tests.support.attendee import TIMEOUT_MS, open_attendee, open_page
from tests.support.manuals import PAGE_COLORS, manual
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

# The colour in the widest picture that is played, where the square of a page of 300 x 400 is.
SEEN = """() => {
  const videos = [...document.querySelectorAll("video")].filter((video) => video.videoWidth > 0);
  if (videos.length === 0) return null;
  const shown = videos.reduce((best, video) => (video.videoWidth > best.videoWidth ? video : best));
  const canvas = new OffscreenCanvas(64, 36);
  const context = canvas.getContext("2d");
  context.drawImage(shown, 0, 0, 64, 36);
  return [...context.getImageData(26, 9, 1, 1).data].slice(0, 3);
}"""


# As far as a codec keeps it.
IS = f"""(wanted) => {{
  const seen = ({SEEN})();
  return seen !== null && wanted.every((part, i) => Math.abs(part - seen[i]) < 50);
}}"""
GREY = (125, 125, 125)  # the film: noise without colour


async def test_pages_and_a_film_of_ones_own_device_are_seen_by_the_audience(
    server: Tongxin, browser: Browser, tmp_path: Path
) -> None:
    # given a host on the live stage and somebody who watches
    host = await administrator(browser, server)
    wish = {"title": "Launch", "starts_at_ms": int(time.time() * 1_000) + 600_000, "zone": "Asia/Shanghai"}
    made = await post(host.page.request, server, "/api/livestreams", {**wish, "tier": "anyone"})
    one = made["id"]
    await post(host.page.request, server, f"/api/livestreams/{one}/acts", {"action": "schedule"})
    await into_green_room(host, server, one)
    await host.page.locator("[data-testid=behind-stage] [data-testid=bring-on]").click(timeout=TIMEOUT_MS)
    await host.see_text("my-place", "on stage")
    await host.press("go-live")
    await host.press("confirm")
    await host.see_text("stage-phase", "Live")
    viewer = await open_attendee(browser, "Viewer")
    await open_page(viewer.page, f"{server.url}/sign-in")
    watch = await (await viewer.page.request.get(f"{server.url}/api/livestreams/{one}/watch")).json()
    whep = [f"/whep/{one}", watch["token"]]
    await viewer.until(f"async (whep) => await ({WATCH})(whep) === 201", whep, "the door of the live stage")

    # when a PDF is chosen and turned, its pages are seen
    manual_path, film_path = tmp_path / "Launch.pdf", tmp_path / "Launch.mp4"
    manual_path.write_bytes(manual())
    await host.page.get_by_test_id("slides-file").set_input_files(manual_path)
    await host.see_text("slides-page", "1")
    await viewer.until(IS, PAGE_COLORS[0], "the first page")
    await host.press("next-page")
    await viewer.until(IS, PAGE_COLORS[1], "the second page")
    await picture(host.page, "stage-slides-en-1440")
    await host.page.set_viewport_size({"width": 390, "height": 844})
    await picture(host.page, "stage-slides-en-390")
    await host.page.set_viewport_size({"width": 1440, "height": 900})

    # and a film in their place goes on
    await asyncio.to_thread(write_file, film_path, 1_000_000)
    await host.press("stop-slides")
    await host.page.get_by_test_id("slides-file").set_input_files(film_path)
    await host.see("stop-slides")
    await host.press("play-film")
    await viewer.until(IS, GREY, "the film")
    await picture(host.page, "stage-film-en-1440")
    assert (await viewer.page.evaluate(PLAYED))["negotiations"] == 0
    assert not host.faults
