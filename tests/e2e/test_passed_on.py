"""A viewer by HLS while an encoder's own pictures give way to composed ones and come back: heads and sizes change."""

from __future__ import annotations

import os
from itertools import pairwise

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page

from tests.bench_live.clips import CAMERA, clip, publish
from tests.support.api import PASSWORD, Browser, Socket, eventually
from tests.support.attendee import TIMEOUT_MS, open_attendee, open_page
from tests.support.encoder import alone_on_stage
from tests.support.livestream import watch
from tests.support.rtc_client import PATIENCE_S, StreamClient
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(300)]

STALL_MAX_MS = 2_000
FOLLOWS_S = 60.0
# When each picture came, how far the film was then, and what its size was; and what went wrong.
WATCHED = """() => {
  window.__seen = [];
  window.__faults = [];
  const screen = document.querySelector("[data-testid=live-player] [data-hidden=false] video");
  screen.addEventListener("error", () => window.__faults.push(String(screen.error?.message)));
  const note = (now) => {
    window.__seen.push([now, screen.currentTime, screen.videoHeight]);
    screen.requestVideoFrameCallback(note);
  };
  screen.requestVideoFrameCallback(note);
}"""


async def _host(server: Tongxin) -> Browser:
    host = Browser(server.url)
    token = (server.setup_link or "").partition("token=")[2]
    body = {"token": token, "name": "Lin", "email": "lin@park.example", "password": PASSWORD}
    assert (await host.post("/api/setup", {**body, "organization": "Optics Valley"})).status == 200
    return host


async def _longest_stall_ms(page: Page) -> float:
    times: list[float] = await page.evaluate("() => window.__seen.map(([at]) => at)")
    return max((after - before for before, after in pairwise(times)), default=0.0)


async def _height_becomes(page: Page, height: int) -> None:
    await page.wait_for_function(
        "(height) => window.__seen.at(-1)?.[2] === height", arg=height, timeout=FOLLOWS_S * 1_000
    )


async def _named(socket: Socket, van: str, shown: bool) -> None:
    await socket.ask("stage_name", participant_id=van, name="Dr. Wei", line="Optics", shown=shown)


async def test_a_viewer_sees_no_seam_between_passed_on_and_composed(server: Tongxin, browser: Chromium) -> None:
    # given an encoder alone on a live stage, and a viewer whose way to the media port is shut
    host = await _host(server)
    async with StreamClient() as encoder:
        publish(encoder.connection, clip("H264", CAMERA))
        show, socket, van = await alone_on_stage(host, encoder)
        viewer = await open_attendee(browser, "Viewer")
        faults: list[str] = []
        viewer.page.on("pageerror", lambda error: faults.append(str(error)))
        await viewer.page.route("**/whep/**", lambda route: route.abort())
        await open_page(viewer.page, f"{server.url}/live/{show['id']}")
        await viewer.page.locator("[data-testid=live-player][data-tier=hls]").wait_for(timeout=TIMEOUT_MS)
        await viewer.page.evaluate(WATCHED)

        # when its pictures are passed on, get a name over them, and are alone again, twice
        stalls = []
        for shown in (False, True, False, True, False):
            await _named(socket, van, shown)
            await _height_becomes(viewer.page, 720 if shown else CAMERA[1])
            stalls.append(await _longest_stall_ms(viewer.page))
            await viewer.page.evaluate("() => { window.__seen.splice(0, window.__seen.length - 1); }")
        faults += await viewer.page.evaluate("() => window.__faults")
        print(f"longest holds {[round(stall) for stall in stalls]} ms, load {os.getloadavg()[0]:.1f}; faults {faults}")

        # then the viewer sees them one after the other
        assert faults == []
        assert max(stalls) <= STALL_MAX_MS

        # and the film of it plays through
        await socket.ask("stage_end")

        async def replay() -> str:
            return str((await watch(host, show["id"])).get("replay") or "")

        async def is_kept() -> bool:
            return bool(await replay())

        await eventually(is_kept, PATIENCE_S)
        film = await viewer.page.context.new_page()
        await film.goto(f"{server.url}/live/{show['id']}")
        await film.locator("[data-testid=film]").wait_for(timeout=TIMEOUT_MS)
        await film.evaluate(
            "() => { const film = document.querySelector('[data-testid=film]');"
            " film.muted = true; film.playbackRate = 8; return film.play(); }"
        )
        await film.wait_for_function(
            "() => { const film = document.querySelector('[data-testid=film]'); return film?.ended && !film.error; }",
            timeout=FOLLOWS_S * 1_000,
        )
        await socket.close()
    await host.close()
