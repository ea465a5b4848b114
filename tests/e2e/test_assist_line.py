"""A phone whose line becomes narrow goes on with stills, drawings and sound, says so, and comes back by itself."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.test_assist import (
    MARK,
    NEAR_PX,
    WATCH_EXPERT,
    WATCH_RECEIVED,
    come_in,
    drawn,
    newest_seen,
    open_link,
    place_circle,
    start_session,
)
from tests.support.attendee import TIMEOUT_MS, Attendee, open_attendee
from tests.support.chromium import open_chromium
from tests.support.machine_film import HEIGHT, WIDTH, write_machine_film
from tests.support.network import BadNetwork, Weather
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(240)]

NARROW = Weather(delay_ms=20, uplink_bps=130_000)
WIDE = Weather(delay_ms=20)
# The page judges the line every two seconds and wants three readings in a row, once the estimator has felt the limit.
NARROW_WITHIN_S = 25.0
WIDE_WITHIN_S = 25.0
STILLS = 1

FOLLOWED = f"""() => {{
  const pose = window.__tongxinAssist.poses().find(({{ id }}) => id === "{MARK}");
  return pose?.state === "ok" ? window.__tongxinAssist.frame().capturedMs : 0;
}}"""


async def in_mode(phone: Attendee, mode: str) -> float:
    """Seconds until the phone says that it is in this mode."""
    began = time.monotonic()
    await phone.until(
        "(mode) => document.querySelector('[data-testid=line]')?.dataset.mode === mode", mode, f"mode {mode}"
    )
    return time.monotonic() - began


async def follows(phone: Attendee) -> None:
    """The mark is on its lamp in a frame that is newer than all so far."""
    newest = await phone.page.evaluate("() => window.__tongxinAssist.frame().capturedMs")
    await phone.until(f"(newest) => ({FOLLOWED})() > newest", newest, "the mark to be followed")


async def test_a_narrow_line_brings_stills_and_a_wide_one_the_picture_again(tmp_path: Path) -> None:
    film_file = tmp_path / "machine.y4m"
    film = await asyncio.to_thread(write_machine_film, film_file)
    flags = [f"--use-file-for-fake-video-capture={film_file}"]
    with (
        Tongxin(tmp_path / "server", environment={"TONGXIN_PUBLIC_ADDRESS": "127.0.0.2"}) as server,
        BadNetwork(server.http_port, server.media_port) as network,
    ):
        network.weather = WIDE
        host, session = await start_session(server)
        phone_pass = await open_link(host, session, "on_site", "王师傅")
        expert_pass = await open_link(host, session, "expert", "Li")
        drawing_pass = await open_link(host, session, "expert", "Dr Chen")
        async with open_chromium(tmp_path, flags=flags) as browser:
            # given a phone behind the narrow part of the network, an expert who is not, and a mark on its lamp
            phone = await open_attendee(browser, "phone", width=WIDTH, height=HEIGHT)
            expert = await open_attendee(browser, "expert", width=1024, height=700)
            phone_url = server.url.replace("127.0.0.1", network.address)
            await come_in(phone, server, phone_pass, url=phone_url)
            await phone.see("phone")
            await come_in(expert, server, expert_pass)
            await expert.receives("video", 1, frames=10)
            await expert.page.evaluate(WATCH_RECEIVED)
            drawing = await host.join(session["code"], drawing_pass["token"])
            seen = await newest_seen(expert.page, "frame.code >= 0")
            await place_circle(drawing, seen, film)
            await drawing.close()
            await follows(phone)

            # when the line becomes narrow, then both read so, in words
            network.weather = NARROW
            narrow_s = await in_mode(phone, "stills")
            await expect(phone.page.get_by_test_id("line")).to_contain_text("Photos only")
            await expect(phone.page.get_by_test_id("notice")).to_contain_text("photos instead of a moving picture")
            chip = expert.page.get_by_text("Stills instead of video: the line is narrow")
            await expect(chip).to_be_visible(timeout=TIMEOUT_MS)

            # the mark goes on with the machine, on the phone and on the stills at the expert's; sound goes on
            await follows(phone)
            await expert.page.evaluate(WATCH_EXPERT)
            await expert.until("(stills) => window.drawn.length > stills", STILLS, "stills with the mark")
            stills = (await drawn(expert.page))[-STILLS:]
            assert [frame.state for frame in stills] == ["ok"] * STILLS
            errors_px = [frame.error(film, seen) for frame in stills]
            assert max(errors_px) <= NEAR_PX, errors_px
            await expert.receives("audio", 1, sound=True)

            # and a photo that the expert asks for arrives
            await expert.press("ask-still")
            await phone.press("ask-yes")
            await expert.see("photo")

            # when the line is wide again, then the picture is back by itself
            network.weather = WIDE
            wide_s = await in_mode(phone, "video")
            await expect(phone.page.get_by_test_id("notice")).to_contain_text("The moving picture is back")
            await expert.receives("video", 1, frames=10)
            await expect(chip).to_be_hidden(timeout=TIMEOUT_MS)
            await follows(phone)
            print(f"marks on stills {[round(error, 1) for error in errors_px]} px off", end=", ")
            print(f"stills after {narrow_s:.1f} s, video again after {wide_s:.1f} s")
            assert narrow_s < NARROW_WITHIN_S
            assert wide_s < WIDE_WITHIN_S
            assert phone.faults + expert.faults == []
        await host.close()
