"""Work on a machine from the written instruction to the verified report, with a phone that loses its line meanwhile."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import Locator, Page, Response, expect

from tests.e2e.test_assist import come_in, open_link
from tests.support import load
from tests.support.api import PASSWORD, Browser, Json
from tests.support.attendee import TIMEOUT_MS, Attendee, open_attendee
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

REPORT_WITHIN_S = 5.0
BUSY_REPORT_S = 30.0  # where others work too
TITLE = "Put the laser into operation"
STEPS = (("The guard is closed", "Yes or no"), ("Tighten the screws", "Torque"), ("The nameplate", "Photo"))


async def choose(page: Page, label: str, option: str) -> None:
    await page.get_by_role("button", name=label).click()
    await page.get_by_role("option", name=option, exact=True).click()


async def write_instruction(page: Page, url: str) -> None:
    """In the editor, as its author does."""
    await page.goto(f"{url}/assist/instructions/new")
    await page.get_by_test_id("title").fill(TITLE)
    for title, kind in STEPS:
        await page.get_by_test_id("add-step").click()
        await page.get_by_test_id("step-title").fill(title)
        await choose(page, "What it asks for", kind)
    await page.get_by_text(STEPS[1][0]).first.click()
    for name, value in (("low", "23"), ("target", "25"), ("high", "27")):
        await page.get_by_test_id(f"step-{name}").fill(value)
    await expect(page.get_by_test_id("expected")).to_contain_text("25 ± 2 N·m")
    await page.get_by_test_id("save").click()
    await expect(page).to_have_url(re.compile(r"/instructions/(?!new)"), timeout=TIMEOUT_MS)
    await expect(page.get_by_role("status").filter(has_text="Saved as version 1")).to_be_visible(timeout=TIMEOUT_MS)
    await expect(page.get_by_test_id("undo")).to_be_enabled()


async def sign(person: Attendee) -> None:
    await person.press("sign-off")
    pad = person.page.get_by_test_id("signature-pad")
    box = await pad.bounding_box()
    assert box is not None
    mouse = person.page.mouse
    await mouse.move(box["x"] + 20, box["y"] + box["height"] / 2)
    await mouse.down()
    await mouse.move(box["x"] + box["width"] / 2, box["y"] + 15, steps=4)
    await mouse.move(box["x"] + box["width"] - 20, box["y"] + box["height"] / 2, steps=4)
    await mouse.up()
    await person.press("sign")
    await pad.wait_for(state="detached", timeout=TIMEOUT_MS)


async def make_report(page: Page, reports: int) -> float:
    """Seconds until the report can be opened."""
    began = time.monotonic()
    await page.get_by_test_id("make-report").click()
    await expect(page.get_by_test_id("report")).to_have_count(reports, timeout=TIMEOUT_MS)
    return time.monotonic() - began


async def download(link: Locator, page: Page, path: Path) -> Path:
    async with page.expect_download() as started:
        await link.click()
    await (await started.value).save_as(path)
    return path


def refused(server: Tongxin, path: Path) -> str:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        server.command("verify-report", str(path))
    return str(failed.value.stdout) + str(failed.value.stderr)


async def test_answers_without_a_line_are_kept_and_end_in_a_report_that_shows_a_change(
    server: Tongxin, browser: Chromium, tmp_path: Path
) -> None:
    host = Browser(server.url)
    person = {"name": "周建国", "email": "zhou@park.example", "password": PASSWORD, "organization": "Laser Works"}
    setup = server.setup_link
    assert setup is not None
    assert (await host.post("/api/setup", {"token": setup.partition("token=")[2], **person})).status == 200
    session = (await host.post("/api/assist/sessions", {"title": "Laser 3", "role": "expert"})).json
    phone_pass = await open_link(host, session, "on_site", "王师傅")
    expert = await open_attendee(browser, "expert")
    await expert.context.add_cookies(
        [{"name": morsel.key, "value": morsel.value, "url": server.url} for morsel in host.session.cookie_jar]
    )

    # given an instruction that was written in the editor, and begun in a session with a phone on site
    await write_instruction(expert.page, server.url)
    phone = await open_attendee(browser, "phone", width=390, height=844)
    await come_in(phone, server, phone_pass)
    await phone.see("phone")
    await expert.page.goto(f"{server.url}/assist/{session['code']}")
    await expert.press("work")
    await expert.press("begin-run")
    await expert.page.get_by_role("menuitem", name=TITLE).click()
    await phone.press("open-checklist")
    await phone.see("step", len(STEPS))
    taken: list[str] = []
    phone.page.on("response", lambda response: note_answer(response, taken))
    await phone.page.get_by_role("radio", name="Yes").click()
    await phone.press("step-done")
    await expect(expert.page.get_by_text("1 of 3 done").first).to_be_visible(timeout=TIMEOUT_MS)

    # when the phone goes on without a line: a value with its tolerance, and a photo that is required
    await phone.context.set_offline(True)
    await phone.page.get_by_test_id("step-value").fill("25.3")
    await phone.press("step-done")
    await phone.press("step-done")
    await expect(phone.page.get_by_text("Take a photo first.")).to_be_visible()
    await phone.press("step-photo")
    await expect(phone.page.get_by_text("1 photo", exact=True)).to_be_visible(timeout=TIMEOUT_MS)
    await phone.press("step-done")

    # then it says what it keeps, and nobody else has it yet
    await expect(phone.page.get_by_text("2 answers are kept on this device")).to_be_visible(timeout=TIMEOUT_MS)
    assert await phone.page.locator("[data-testid=step][data-waiting=true]").count() == 2
    assert await expert.page.get_by_text("1 of 3 done").count() > 0

    # and when the line is back, everything is there, in order and once
    await phone.context.set_offline(False)
    await expect(expert.page.get_by_text("3 of 3 done").first).to_be_visible(timeout=TIMEOUT_MS)
    await expect(phone.page.locator("[data-testid=step][data-waiting=true]")).to_have_count(0, timeout=TIMEOUT_MS)
    work: Json = (await host.get(f"/api/assist/sessions/{session['id']}/runs")).json
    (run,) = work["runs"]
    order = [step["id"] for step in run["steps"]]
    answers = {one["step_id"]: one["answer"] for one in run["answers"]}
    assert len(run["answers"]) == len(answers) == len(STEPS)
    assert taken == order
    assert sorted(order, key=lambda step_id: answers[step_id]["at_ms"]) == order
    assert (answers[order[0]]["yes"], answers[order[1]]["number"]) == (True, 25.3)

    async def stills() -> list[str]:
        kept = await host.get(f"/api/assist/sessions/{session['id']}/stills")
        return [still["id"] for still in kept.json["stills"]]

    await expert.see("photo")
    assert await stills() == answers[order[2]]["still_ids"]

    # and when both sides have signed, the report is there at once, in both languages
    await sign(phone)
    await sign(expert)
    for one in (phone, expert):
        await expect(one.page.get_by_text("Signed off by both sides")).to_be_visible(timeout=TIMEOUT_MS)
    before = await load.look()
    waits_s = [await make_report(expert.page, 1)]
    await choose(expert.page, "Language of the report", "Chinese")
    waits_s.append(await make_report(expert.page, 2))
    others = load.others(before, await load.look())
    figures = f"reports after {[round(wait, 1) for wait in waits_s]} s, others use {others:.0%}"
    print(figures)
    assert max(waits_s) < (REPORT_WITHIN_S if others < load.TOO_BUSY else BUSY_REPORT_S), figures

    # then it opens, is verified, and shows a change of one byte
    rows = expert.page.get_by_test_id("report")
    pdf = await download(rows.last.get_by_role("link", name="as PDF"), expert.page, tmp_path / "report.pdf")
    html = await download(rows.first.get_by_role("link", name="as HTML"), expert.page, tmp_path / "report.html")
    assert pdf.read_bytes().startswith(b"%PDF-")
    text = html.read_text()
    assert all(word in text for word in ("王师傅", "周建国", "25.3", STEPS[0][0], "签"))
    for path in (pdf, html):
        print(server.command("verify-report", str(path)).strip())
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        changed = path.with_stem("changed")
        changed.write_bytes(content)
        said = refused(server, changed)
        print(said.strip())
        assert "changed" in said.lower()
    await host.close()
    assert phone.faults + expert.faults == []


def note_answer(response: Response, taken: list[str]) -> None:
    if "/answers/" in response.url and response.ok:
        taken.append(response.url.rpartition("/")[2])
