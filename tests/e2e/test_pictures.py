"""The pictures that the documents show, taken in a real meeting and real assistance (`make pictures` keeps them)."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.test_assist import come_in, open_link, start_session
from tests.support import cabinet
from tests.support.api import Browser, Json
from tests.support.attendee import Attendee, open_attendee
from tests.support.cabinet import View, write_cabinet
from tests.support.chromium import open_chromium
from tests.support.portrait import PORTRAITS, write_portrait
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(300)]

PEOPLE = (("李慧敏", "zh-CN"), ("周建国", "zh-CN"), ("Anna Berg", "en"), ("陈志远", "zh-CN"))


async def test_a_meeting_of_four(tmp_path: Path) -> None:
    folder = Path(os.environ.get("TONGXIN_PICTURES") or tmp_path)
    async with contextlib.AsyncExitStack() as stack:
        server = stack.enter_context(Tongxin(tmp_path / "server"))
        people: list[Attendee] = []
        for number, ((name, locale), portrait) in enumerate(zip(PEOPLE, PORTRAITS, strict=True)):
            home = tmp_path / str(number)
            home.mkdir()
            camera = await asyncio.to_thread(write_portrait, home / "portrait.y4m", portrait)
            flag = f"--use-file-for-fake-video-capture={camera}"
            browser = await stack.enter_async_context(open_chromium(home, flags=[flag]))
            people.append(await open_attendee(browser, name, locale=locale))
            await people[-1].join(server.meeting_link)
        viewer = people[2]
        await viewer.receives("video", 3, frames=3)
        await people[0].chat("早上好，三号线的激光器已经恢复。")
        await viewer.chat("Good. We look at the log together in ten minutes.")
        await viewer.page.wait_for_function("() => !document.querySelector('[data-testid=toast]')")
        await viewer.page.screenshot(path=folder / "meeting.png")
        assert (folder / "meeting.png").stat().st_size > 20_000
        for person in people:
            assert person.faults == []


# Tool, colour, where, and how far from there, in pixels of the cabinet.
MARKS = (
    ("circle", "red", cabinet.AIR_LAMP, 66),
    ("number", "amber", cabinet.KEY, 0),
    ("arrow", "green", cabinet.STOP, 120),
)
STEPS = [
    {"id": "step-power1", "title": "急停已复位", "kind": "yes_no"},
    {"id": "step-press1", "title": "减压阀出口压力", "kind": "value", "unit": "MPa", "low": 0.5, "high": 0.6},
    {"id": "step-photo1", "title": "拍下减压阀", "kind": "photo"},
]
COLORS = 256


async def test_help_from_afar(tmp_path: Path) -> None:
    folder = Path(os.environ.get("TONGXIN_PICTURES") or tmp_path)
    camera = await asyncio.to_thread(write_cabinet, tmp_path / "cabinet.y4m", cabinet.LANDSCAPE)
    flags = [f"--use-file-for-fake-video-capture={camera}"]
    async with contextlib.AsyncExitStack() as stack:
        server = stack.enter_context(Tongxin(tmp_path / "server"))
        host, session = await start_session(server)
        browser = await stack.enter_async_context(open_chromium(tmp_path, flags=flags))
        phone = await open_attendee(browser, "phone", locale="zh-CN", width=844, height=390)
        expert = await open_attendee(browser, "expert", locale="zh-CN")
        await come_in(phone, server, await open_link(host, session, "on_site", "王师傅"))
        await phone.see("phone")
        await come_in(expert, server, await open_link(host, session, "expert", "李工"))
        await expert.until("() => window.__tongxinExpert?.frame()?.rtp != null", None, "the phone's picture")
        for number, (tool, color, place, reach) in enumerate(MARKS, 1):
            await draw(expert, cabinet.LANDSCAPE, tool, color, place, reach)
            await expert.see("mark", number)
        found = "(count) => window.__tongxinAssist.poses().filter(({ state }) => state === 'ok').length >= count"
        await phone.until(found, len(MARKS), "the marks on the phone")
        await take(phone, folder, "assist-phone-landscape")
        await take(expert, folder, "assist-expert-zh")
        await begin_work(host, session)
        english = await open_attendee(browser, "English", locale="en")
        await come_in(english, server, await open_link(host, session, "expert", "Anna Berg"))
        await english.see("mark", len(MARKS))
        posed = "() => window.__tongxinExpert?.shown().filter(({ h }) => h).length >= 3"
        await english.until(posed, None, "the marks on its picture")
        await english.press("work")
        await english.page.get_by_text("气路检查").first.wait_for()
        await take(english, folder, "assist-expert-en")
        await phone.page.set_viewport_size({"width": 390, "height": 844})
        await phone.until(f"() => ({found})(2)", None, "the marks on the upright phone")
        await take(phone, folder, "assist-phone")
        assert phone.faults + expert.faults + english.faults == []
        await host.close()


async def draw(expert: Attendee, view: View, tool: str, color: str, place: cabinet.Point, reach: float) -> None:
    """Around a place on the cabinet, `reach` of its pixels; the picture stands whole in the middle of the overlay."""
    await expert.press(f"tool-{tool}")
    await expert.press(f"color-{color}")
    box = await expert.page.get_by_test_id("overlay").bounding_box()
    assert box is not None
    scale = min(box["width"] / view.width, box["height"] / view.height)
    x_share, y_share = view.place(place)
    x = box["x"] + box["width"] / 2 + (x_share - 0.5) * view.width * scale
    y = box["y"] + box["height"] / 2 + (y_share - 0.5) * view.height * scale
    far = reach * scale * view.width / view.across
    mouse = expert.page.mouse
    if tool == "arrow":
        await mouse.move(x + 1.8 * far, y - far)
        end = (x + 0.8 * far, y - 0.3 * far)
    else:
        await mouse.move(x - far, y - far)
        end = (x + far, y + far)
    await mouse.down()
    await mouse.move(*end, steps=6)
    await mouse.up()
    await expert.until("() => !window.__tongxinExpert.frozen()", None, "the picture to go on")


async def begin_work(host: Browser, session: Json) -> None:
    path = f"/api/assist/sessions/{session['id']}/runs/run-of-the-air"
    answer = await host.send("PUT", path, {"title": "气路检查", "steps": STEPS})
    assert answer.status < 300, answer


async def take(person: Attendee, folder: Path, name: str) -> None:
    """Without tooltips and toasts, in few colours, which the film of a camera hardly shows."""
    await person.page.mouse.move(2, 2)
    await person.page.wait_for_function("() => !document.querySelector('[data-testid=toast], [role=tooltip]')")
    path = folder / f"{name}.png"
    await person.page.screenshot(path=path)
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(COLORS).save(path, optimize=True)
    assert 20_000 < path.stat().st_size < 250_000
