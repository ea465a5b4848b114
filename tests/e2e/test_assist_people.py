"""Several at one machine: two experts who draw at once, somebody who watches, and a phone that changes its camera."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.test_assist import (
    MARK,
    NEAR_PX,
    SHARE,
    WATCH_PHONE,
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
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(300)]

# The other camera of a phone, which Chromium's fake device does not have: another picture in another shape.
FRONT_CAMERA = """() => {
  const { mediaDevices } = navigator;
  const rear = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (wanted) => {
    const facing = wanted?.video?.facingMode;
    if (facing !== "user" && facing?.exact !== "user" && facing?.ideal !== "user") return rear(wanted);
    const canvas = Object.assign(document.createElement("canvas"), { width: 480, height: 640 });
    const pen = canvas.getContext("2d");
    let step = 0;
    const draw = () => {
      step += 1;
      for (let k = 0; k < 300; k++) {
        pen.fillStyle = `hsl(${(k * 47) % 360} 40% ${20 + ((k * 31) % 60)}%)`;
        pen.fillRect(((k * 97) % 480) + 6 * Math.sin(step / 9), (k * 61) % 640, 34, 22);
      }
    };
    draw();
    const timer = setInterval(draw, 66);
    const [track] = canvas.captureStream(15).getVideoTracks();
    track.addEventListener("ended", () => clearInterval(timer));
    track.getSettings = () => ({ width: 480, height: 640, facingMode: "user", deviceId: "front", frameRate: 15 });
    return new MediaStream([track]);
  };
}"""


async def draw(expert: Attendee, tool: str, at: tuple[float, float]) -> None:
    """With the mouse, from a place in shares of the picture's overlay; the mark is in the expert's list afterwards."""
    before = await expert.page.get_by_test_id("mark").count()
    await expert.press(f"tool-{tool}")
    box = await expert.page.get_by_test_id("overlay").bounding_box()
    assert box is not None
    x, y = box["x"] + at[0] * box["width"], box["y"] + at[1] * box["height"]
    await expert.page.mouse.move(x, y)
    await expert.page.mouse.down()
    await expert.page.mouse.move(x + 70, y + 50, steps=5)
    await expert.page.mouse.up()
    await expert.see("mark", before + 1)


def row_of(person: Attendee, author: str) -> Locator:
    return person.page.get_by_test_id("mark").filter(has_text=author)


async def picture(person: Attendee, name: str) -> None:
    """To look at, where a folder is named."""
    if folder := os.environ.get("TONGXIN_LOOK"):
        await person.page.screenshot(path=Path(folder) / f"{name}.png")


async def test_two_experts_draw_at_once_and_each_undoes_what_is_theirs(tmp_path: Path) -> None:
    film_file = tmp_path / "machine.y4m"
    await asyncio.to_thread(write_machine_film, film_file)
    flags = [f"--use-file-for-fake-video-capture={film_file}"]
    with Tongxin(tmp_path / "server") as server:
        host, session = await start_session(server)
        passes = {
            name: await open_link(host, session, role, name)
            for name, role in (("王师傅", "on_site"), ("Dr Li", "expert"), ("Anna Berg", "expert"), ("Eve", "observer"))
        }
        async with open_chromium(tmp_path, flags=flags) as browser:
            phone = await open_attendee(browser, "phone", width=390, height=844)
            li, anna, eve = [await open_attendee(browser, name) for name in ("li", "anna", "eve")]
            await come_in(phone, server, passes["王师傅"])
            await phone.see("phone")
            for person, name in ((li, "Dr Li"), (anna, "Anna Berg"), (eve, "Eve")):
                await come_in(person, server, passes[name])
            for person in (li, anna):
                await person.until("() => window.__tongxinExpert?.frame()?.rtp != null", None, "the picture")

            # when both draw, at the same time
            await asyncio.gather(draw(li, "circle", (0.4, 0.4)), draw(anna, "arrow", (0.55, 0.5)))

            # then everybody has both, in a layer for each author and in a colour of their own
            for person in (li, anna, eve):
                await person.see("mark", 2)
                await expect(person.page.get_by_role("list", name="Layers").get_by_role("button")).to_have_count(2)
            marks: dict[str, Any] = await li.page.evaluate("() => window.__tongxin.room.marks")
            assert len({mark["color"] for mark in marks.values()}) == 2
            both = "() => window.__tongxinAssist.poses().filter(({ state }) => state === 'ok').length === 2"
            await phone.until(both, None, "both marks on the phone")
            await phone.see_text("line", "With Dr Li and 1 more")
            assert await eve.page.get_by_test_id("tool-arrow").count() == 0
            await picture(phone, "people-phone")
            await picture(eve, "people-observer")
            await picture(li, "people-expert")

            # a layer can be hidden for oneself alone
            await li.page.get_by_role("button", name="Anna Berg").first.click()
            await expect(row_of(li, "Anna Berg")).to_have_attribute("data-hidden", "true")
            assert await row_of(eve, "Anna Berg").get_attribute("data-hidden") is None
            await li.page.get_by_role("button", name="Anna Berg").first.click()

            # undo takes back one's own only, and redo has it again, in its place
            await li.press("undo")
            for person in (li, anna, eve):
                await expect(row_of(person, "Dr Li")).to_have_count(0, timeout=TIMEOUT_MS)
                await expect(row_of(person, "Anna Berg")).to_have_count(1)
            await expect(li.page.get_by_test_id("undo")).to_be_disabled()
            assert await row_of(li, "Anna Berg").get_by_test_id("remove-mark").count() == 0
            await li.press("redo")
            await eve.see("mark", 2)
            await phone.until(both, None, "both marks on the phone again")

            # whoever comes later can look at the very frame that a mark was drawn on
            late = await open_attendee(browser, "late")
            await come_in(late, server, await open_link(host, session, "expert", "Dr Sun"))
            await late.see("mark", 2)
            await row_of(late, "Anna Berg").get_by_role("button", name="Show the frame that it was drawn on").click()
            await late.until(STILL_IS_SHOWN, None, "the still of a mark that was drawn before")
            assert late.faults == []
            await late.close()

            # and what the phone removes is had back there, or gone for all
            mark_id = next(mark_id for mark_id, mark in marks.items() if mark["author_name"] == "Dr Li")
            await remove_on_phone(phone, mark_id)
            await phone.press("undo-remove")
            await phone.see_none("removed")
            assert mark_id in await li.page.evaluate("() => Object.keys(window.__tongxin.room.marks)")
            await remove_on_phone(phone, mark_id)
            await picture(phone, "people-removed")
            await expect(row_of(eve, "Dr Li")).to_have_count(0, timeout=TIMEOUT_MS)
            assert phone.faults + li.faults + anna.faults + eve.faults == []
        await host.close()


STILL_IS_SHOWN = """() => {
  const picture = document.querySelector("[data-testid=still] canvas");
  return picture !== null && picture.width > 300;
}"""


async def remove_on_phone(phone: Attendee, mark_id: str) -> None:
    """A tap on the mark, yes, another tap, and away with it."""
    for _ in range(2):
        await phone.until(TAP, mark_id, "the card of the mark")
        card = phone.page.get_by_test_id("this-one")
        await card.wait_for(timeout=TIMEOUT_MS)
        if await card.get_by_role("button", name="Remove the mark").count() > 0:
            await card.get_by_role("button", name="Remove the mark").click()
            break
        await card.get_by_test_id("confirm").click()
        is_confirmed = "(id) => window.__tongxin.room.marks[id].confirmed_at_ms > 0"
        await phone.until(is_confirmed, mark_id, "the confirmed mark")
    await phone.see("removed")


# Where the mark is on the screen now, as the page itself places the camera's picture: over all of it.
TAP = """(id) => {
  if (document.querySelector("[data-testid=this-one]")) return true;
  const pose = window.__tongxinAssist.poses().find((pose) => pose.id === id && pose.h);
  const mark = window.__tongxin.room.marks[id];
  const camera = document.querySelector("[data-testid=camera]");
  if (!pose || !mark) return false;
  const [x, y] = [(mark.points[0] + mark.points[2]) / 2, mark.points[1]];
  const h = pose.h;
  const w = h[6] * x + h[7] * y + h[8];
  const [px, py] = [(h[0] * x + h[1] * y + h[2]) / w, (h[3] * x + h[4] * y + h[5]) / w];
  const { width, height } = mark.frame;
  const scale = Math.max(camera.clientWidth / width, camera.clientHeight / height);
  const at = {
    clientX: camera.clientWidth / 2 + (px - width / 2) * scale,
    clientY: camera.clientHeight / 2 + (py - height / 2) * scale,
    bubbles: true,
  };
  document.elementFromPoint(at.clientX, at.clientY)?.dispatchEvent(new MouseEvent("click", at));
  return false;
}"""


async def test_a_mark_waits_while_the_phone_shows_its_other_camera(tmp_path: Path) -> None:
    film_file = tmp_path / "machine.y4m"
    film = await asyncio.to_thread(write_machine_film, film_file)
    flags = [f"--use-file-for-fake-video-capture={film_file}"]
    with Tongxin(tmp_path / "server") as server:
        host, session = await start_session(server)
        phone_pass = await open_link(host, session, "on_site", "王师傅")
        async with open_chromium(tmp_path, flags=flags) as browser:
            phone = await open_attendee(browser, "phone", width=WIDTH, height=HEIGHT)
            watcher = await open_attendee(browser, "watcher", width=800, height=600)
            await phone.context.add_init_script(f"({FRONT_CAMERA})()")
            await come_in(phone, server, phone_pass)
            await phone.see("phone")
            await come_in(watcher, server, await open_link(host, session, "expert", "Dr Li"))
            await watcher.receives("video", 1, frames=10)
            await phone.until("() => window.__tongxinAssist?.frame()?.rtpTimestamp != null", None, "known timestamps")
            await watcher.page.evaluate(WATCH_RECEIVED)
            expert = await host.join(session["code"], (await open_link(host, session, "expert", "Dr Chen"))["token"])

            # given a mark on a lamp
            seen = await newest_seen(watcher.page, "frame.code >= 0")
            await place_circle(expert, seen, film)
            await phone.until(STATE_IS, "ok", "the mark on its lamp")

            # when the phone turns to its other camera, which sees something else
            await phone.press("more")
            await phone.press("other-camera")
            await phone.until(STATE_IS, "lost", "the mark to be hidden")
            await phone.page.evaluate("() => { window.shown = []; }")
            await phone.page.evaluate(WATCH_STATES)
            await watcher.receives("video", 1, frames=20)
            states: list[str] = await phone.page.evaluate("() => [...new Set(window.shown)]")
            assert states == ["lost"]
            told = "(id) => window.__tongxin.room.marks[id].state === 'lost'"
            await watcher.until(told, MARK, "the expert to be told")

            # then it is on its lamp again when the first camera is back
            await phone.press("other-camera")
            await phone.until(STATE_IS, "ok", "the mark on its lamp again")
            await phone.page.keyboard.press("Escape")
            await phone.page.evaluate(WATCH_PHONE)
            await phone.until("() => window.drawn.length > 40", None, "frames with the mark")
            frames = [frame for frame in await drawn(phone.page) if frame.matrix]
            near = [frame for frame in frames if frame.error(film, seen) <= NEAR_PX]
            print(f"{len(near)} of {len(frames)} near after the change of cameras")
            assert len(near) >= SHARE * len(frames) > 0
            await expert.close()
            assert phone.faults + watcher.faults == []
        await host.close()


STATE_IS = f"""(state) => window.__tongxinAssist.poses().some((pose) => pose.id === "{MARK}" && pose.state === state)"""
WATCH_STATES = f"""() => {{
  const look = () => {{
    for (const pose of window.__tongxinAssist.poses()) if (pose.id === "{MARK}") window.shown.push(pose.state);
    requestAnimationFrame(look);
  }};
  requestAnimationFrame(look);
}}"""
