"""A nameplate before the phone's camera becomes make, model and serial number, and the machine is opened by them."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from playwright.async_api import expect

from collab.nameplates.reader import is_installed
from tests.e2e.test_assist import come_in, open_link
from tests.support.api import PASSWORD, Browser
from tests.support.assist import PDF
from tests.support.attendee import TIMEOUT_MS, open_attendee
from tests.support.cabinet import FONT
from tests.support.chromium import open_chromium
from tests.support.server import Tongxin

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.long,
    pytest.mark.timeout(400),
    pytest.mark.skipif(not is_installed(), reason="text recognition is not installed: `make ocr` installs it"),
]

WIDTH, HEIGHT = 1280, 720
LINES = (
    "Manufacturer: Han's Laser",
    "Laser cutting machine",
    "Model: L-20",
    "Serial No.: HL20-004217",
    "380 V  50 Hz  42 kVA",
)
READ_MS = 60_000  # the server gives up after half of it
TRIES = 3


def write_plate(path: Path) -> Path:
    """One frame is enough for a camera that stands still: a YUV4MPEG2 file of a few of the same."""
    picture = Image.new("L", (WIDTH, HEIGHT), 96)
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((240, 120, 1040, 600), 16, fill=214, outline=60, width=4)
    for corner in ((270, 150), (1010, 150), (270, 570), (1010, 570)):
        pen.ellipse([corner[0] - 9, corner[1] - 9, corner[0] + 9, corner[1] + 9], fill=120)
    for row, line in enumerate(LINES):
        font = ImageFont.truetype(str(FONT), 52 if row == 0 else 40)
        pen.text((310, 190 + 84 * row), line, font=font, fill=24, anchor="lm")
    picture = picture.rotate(2, resample=Image.Resampling.BICUBIC, fillcolor=96)
    frame = b"FRAME\n" + picture.tobytes() + bytes([128]) * (WIDTH * HEIGHT // 2)
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode() + 10 * frame)
    return path


async def test_a_photographed_nameplate_opens_its_machine_and_manual(tmp_path: Path) -> None:
    camera = await asyncio.to_thread(write_plate, tmp_path / "plate.y4m")
    with Tongxin(tmp_path / "server") as server:
        host = Browser(server.url)
        setup = server.setup_link
        assert setup is not None
        person = {"name": "周建国", "email": "zhou@park.example", "password": PASSWORD, "organization": "Laser Works"}
        assert (await host.post("/api/setup", {"token": setup.partition("token=")[2], **person})).status == 200
        about = {"make": "Han's Laser", "model": "L-20", "serial": "HL20-004217", "site": "Hall 3"}
        machine = (await host.post("/api/assist/machines", about)).json
        manual = f"/api/assist/machines/{machine['id']}/documents/manual-of-l20?title=Manual&for_model=true&page=1"
        assert (await host.send("PUT", manual, raw=PDF)).status == 200
        session = (await host.post("/api/assist/sessions", {"title": "Which one?", "role": "expert"})).json
        flags = [f"--use-file-for-fake-video-capture={camera}"]
        async with open_chromium(tmp_path, flags=flags) as browser:
            expert = await open_attendee(browser, "expert")
            await expert.context.add_cookies(
                [{"name": morsel.key, "value": morsel.value, "url": server.url} for morsel in host.session.cookie_jar]
            )
            phone = await open_attendee(browser, "phone", width=390, height=844)
            await come_in(phone, server, await open_link(host, session, "on_site", "王师傅"))
            await phone.see("phone")
            await expert.page.goto(f"{server.url}/assist/{session['code']}")
            await expert.see("expert")

            # given a photo of the plate
            await phone.press("photo")
            await expert.see("photo-picture")

            # when the expert has it read, again where the server had no time for it
            await expert.press("work")
            panel = expert.page.get_by_role("region", name="Nameplate")
            plate, fault = panel.get_by_test_id("plate"), panel.get_by_role("alert")
            for _ in range(TRIES):
                await expert.press("read-plate")
                await plate.or_(fault).wait_for(timeout=READ_MS)
                if await plate.is_visible():
                    break
                print(await fault.inner_text())

            # then its words are there, and the machine that they name can be chosen and opened, with its manual
            print(await plate.inner_text())
            for words in (re.compile("han.?s laser", re.IGNORECASE), "L-20", "HL20-004217"):
                await expect(plate).to_contain_text(words)
            await expect(expert.page.get_by_test_id("open-manual")).to_contain_text("Manual")
            await panel.get_by_role("button", name="This session is about it").click()
            await expect(panel.get_by_text("about this machine now")).to_be_visible(timeout=TIMEOUT_MS)
            chosen = (await host.get(f"/api/assist/sessions/{session['id']}")).json
            assert chosen["machine"]["id"] == machine["id"]
            await panel.get_by_role("link", name="Open the machine").click()
            await expect(expert.page).to_have_url(re.compile(f"/machines/{machine['id']}"), timeout=TIMEOUT_MS)
            await expect(expert.page.locator("h1").first).to_contain_text("L-20", timeout=TIMEOUT_MS)
            assert phone.faults + expert.faults == []
        await host.close()
