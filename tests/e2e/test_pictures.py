"""The pictures that the documents show, taken in a real meeting and real assistance (`make pictures` keeps them)."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import pytest
import typst
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


MANUAL = """
#set page(paper: "a4", margin: 22mm)
#set text(font: "Noto Sans SC", size: 12pt)
#text(18pt, weight: 700)[7.3 减压阀的调节]
#v(4mm)
辅助气压低于 0.45 MPa 时，控制柜上的 H3 灯亮，激光器停止出光。
#v(3mm)
#align(center, block(stroke: 0.6pt, inset: 10mm, stack(dir: ltr, spacing: 14mm,
  circle(radius: 22mm, stroke: 2pt, align(center + horizon)[#text(20pt, weight: 700)[0.55 \\ MPa]]),
  stack(spacing: 6mm, rect(width: 46mm, height: 18mm, stroke: 2pt, align(center + horizon)[R1 减压阀]),
    rect(width: 18mm, height: 30mm, stroke: 2pt, align(center + horizon)[旋钮])))))
#v(4mm)
+ 确认急停 S3 已复位，气源阀已打开。
+ 拉起旋钮，顺时针慢慢转动，压力表升到 0.50 至 0.60 MPa。
+ 按下旋钮锁定，等待 30 秒，压力不应下降。
+ 按 S1 启动，H3 灯应熄灭。
#v(4mm)
#table(columns: (1fr, 1fr, 1fr), inset: 8pt, [*项目*], [*额定值*], [*允许范围*],
  [辅助气压], [0.55 MPa], [0.50 至 0.60 MPa], [冷却水温], [21 °C], [19 至 24 °C])
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the pictures are kept."""
    return Path(os.environ.get("TONGXIN_PICTURES") or tmp_path)


async def test_a_meeting_of_four(server: Tongxin, folder: Path, tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
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
# The machine that takes pictures does the work of several; its heat is not a phone's.
COOL = "delete window.PressureObserver"
VALVE_TEXT = (750, 455)  # on the cabinet: "check the pressure reducer"
# Yellow is the lamp and blue the glove.
LAMP_IS_SEEN = """([x, y, wanted]) => {
  const video = [...document.querySelectorAll("video")].find(({ videoWidth }) => videoWidth > 600);
  if (!video) return false;
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const pen = canvas.getContext("2d");
  pen.drawImage(video, x * video.videoWidth, y * video.videoHeight, 1, 1, 0, 0, 1, 1);
  const [red, , blue] = pen.getImageData(0, 0, 1, 1).data;
  return (red > blue + 60) === wanted;
}"""
ONE_IS_LOST = "() => window.__tongxinAssist.poses().filter(({ state }) => state === 'lost').length === 1"
SAID_LOST = """() => document.querySelector('[data-testid=mark][data-state=lost]') !== null
  && window.__tongxinExpert.shown().filter(({ h }) => h).length === 1"""
IS_MARKED = "() => window.__tongxinExpert.shown().filter(({ h }) => h).length === 2"
IS_PRINTED = "() => document.querySelector('[data-testid=paper]')?.getAttribute('aria-busy') === 'false'"


async def test_help_from_afar(server: Tongxin, folder: Path, tmp_path: Path) -> None:
    camera = await asyncio.to_thread(write_cabinet, tmp_path / "cabinet.y4m", cabinet.LANDSCAPE)
    flags = [f"--use-file-for-fake-video-capture={camera}"]
    async with contextlib.AsyncExitStack() as stack:
        host, session = await start_session(server)
        browser = await stack.enter_async_context(open_chromium(tmp_path, flags=flags))
        phone = await open_attendee(browser, "phone", locale="zh-CN", width=844, height=390)
        await phone.context.add_init_script(COOL)
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


async def test_a_manual_beside_the_picture_and_a_part_under_a_glove(
    server: Tongxin, folder: Path, tmp_path: Path
) -> None:
    paper = await asyncio.to_thread(write_manual, tmp_path / "减压阀.pdf")
    camera = await asyncio.to_thread(
        write_cabinet, tmp_path / "cabinet.y4m", cabinet.LANDSCAPE, gloved=range(cabinet.FRAMES // 2)
    )
    flags = [f"--use-file-for-fake-video-capture={camera}"]
    async with contextlib.AsyncExitStack() as stack:
        host, session = await start_session(server)
        browser = await stack.enter_async_context(open_chromium(tmp_path, flags=flags))
        phone = await open_attendee(browser, "phone", locale="en", width=390, height=844)
        await phone.context.add_init_script(COOL)
        expert = await open_attendee(browser, "expert", locale="zh-CN")
        await come_in(phone, server, await open_link(host, session, "on_site", "王师傅"))
        await phone.see("phone")
        await come_in(expert, server, await open_link(host, session, "expert", "李工"))
        await expert.until("() => window.__tongxinExpert?.frame()?.rtp != null", None, "the phone's picture")
        await draw(expert, cabinet.LANDSCAPE, "arrow", "green", VALVE_TEXT, 110)
        await expert.see("mark", 1)
        place = cabinet.LANDSCAPE.place(cabinet.AIR_LAMP)
        for is_free in (False, True):
            await expert.until(LAMP_IS_SEEN, [*place, is_free], "the glove to come and to go")
        await draw(expert, cabinet.LANDSCAPE, "circle", "red", cabinet.AIR_LAMP, 40)
        await expert.see("mark", 2)
        await phone.until(ONE_IS_LOST, None, "the mark under the glove to be hidden")
        await take(phone, folder, "assist-phone-lost")
        await expert.until(SAID_LOST, None, "the mark to be hidden at the expert's as well")
        await take(expert, folder, "assist-expert-lost")
        await expert.press("open-documents")
        async with expert.page.expect_file_chooser() as chooser:
            await expert.page.get_by_test_id("add-document").click()
        await (await chooser.value).set_files(paper)
        await expert.press("show-beside")
        await phone.until(IS_PRINTED, None, "the page on the phone")
        await take(phone, folder, "assist-phone-document")
        await expert.until(IS_PRINTED, None, "the page at the expert's")
        await expert.until(IS_MARKED, None, "the marks beside it")
        await take(expert, folder, "assist-expert-document")
        assert phone.faults + expert.faults == []
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


def write_manual(path: Path) -> Path:
    """One page of a manual, A4."""
    source = path.with_suffix(".typ")
    source.write_text(MANUAL, "utf-8")
    typst.compile(source, output=path, font_paths=[cabinet.FONT.parent])
    return path


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
