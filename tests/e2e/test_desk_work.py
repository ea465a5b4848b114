"""What an officer does between requests: looks after companies, patrols their jobs, arranges a call, and leads a room

that keeps who was there, with files dropped into its chat and the chat saved.  By hand: each takes a minute.
"""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import expect

from tests.e2e.test_calls import post
from tests.e2e.test_directory import link_for
from tests.e2e.test_meeting import administrator
from tests.support.api import PASSWORD
from tests.support.assist import PNG
from tests.support.attendee import TIMEOUT_MS, Attendee
from tests.support.desk import QUESTION
from tests.support.server import Tongxin
from tests.support.sides import SIDES, Side, look

pytestmark = [pytest.mark.e2e, pytest.mark.pages, pytest.mark.long, pytest.mark.timeout(400)]

TODAY = date.today()  # noqa: DTZ011 -- the tests' zone is the browser's
DROP = """([name, type, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, { type }));
  return carried;
}"""


async def invite(by: Attendee, server: Tongxin, who: Attendee, kind: str, name: str) -> str:
    """`who` administers a new organization from now on.  Gives its id."""
    made = await post(by.page.request, server, "/api/organizations", {"name": name, "kind": kind})
    token = await link_for(by, server, made["id"], who.name.lower())
    await post(who.page.request, server, "/api/invitations/accept", {"token": token, "password": PASSWORD})
    return str(made["id"])


@SIDES
async def test_a_job_is_patrolled_and_its_company_looked_after(
    server: Tongxin, browser: Chromium, desk: Side, phone: Side
) -> None:
    # given a company with a running job, and the installer's people on a phone
    officer = await administrator(browser, server, desk)
    owner, fitter = await desk.open(browser, "Zhou"), await phone.open(browser, "Wu")
    page = officer.page
    company = await invite(officer, server, owner, "enterprise", "Laser Works")
    installer = await invite(officer, server, fitter, "installer", "Fitters")
    machine = await post(owner.page.request, server, "/api/assist/machines", {"make": "Han", "model": "L-20"})
    wish = {"machine_id": machine["id"], "installer_id": installer, "title": "Set up the cutter"}
    job = (await post(owner.page.request, server, "/api/assist/jobs", wish))["job"]
    begin_ms = int(datetime.now(UTC).timestamp()) * 1_000
    for step in (
        {"action": "accept"},
        {"action": "schedule", "starts_at_ms": begin_ms, "ends_at_ms": begin_ms + 3 * 86_400_000},
        {"action": "start"},
    ):
        await post(fitter.page.request, server, f"/api/assist/jobs/{job['id']}/steps", step)

    # when the park names an officer for the company, it is on that officer's board with its job
    await page.goto(f"{server.url}/officers")
    await officer.press("tab-all")
    row = page.get_by_test_id("officer-companies").get_by_role("listitem").filter(has_text="Laser Works")
    await row.get_by_test_id("name-officer").click()
    await officer.press("save")
    await expect(row).to_contain_text("Host")
    await officer.press("tab-board")
    board = page.get_by_test_id("officer-board")
    await expect(board).to_contain_text("Laser Works")
    await expect(board).to_contain_text(desk.says("No contact yet", "尚未联系"))
    await look(page, "officers")

    # and its milestones are set on the job's page
    await board.get_by_role("link", name="Set up the cutter").click()
    await officer.press("milestone-arrived")
    await page.get_by_role("dialog").get_by_role("checkbox").first.check()
    await officer.press("save")
    await expect(page.locator("[data-done=true]")).to_have_count(1)

    # when the job is checked online
    await officer.press("begin-check")
    lines = page.get_by_role("dialog").get_by_role("textbox")
    await expect(lines).not_to_have_value("")
    await lines.fill("Fenced off\nHelmets worn")
    await officer.press("save")
    items = page.get_by_test_id("check-items").get_by_role("listitem")
    await expect(items).to_have_count(2)
    for place, result in ((0, desk.says("In order", "合格")), (1, desk.says("Not in order", "不合格"))):
        await items.nth(place).get_by_role("button").click()
        await page.get_by_role("option", name=result, exact=True).click()
        await expect(items.nth(place)).to_contain_text(result)
    await officer.press("add-finding")
    await page.get_by_role("dialog").get_by_role("textbox").first.fill("No helmets at the crane")
    await page.get_by_role("dialog").locator("input[type=date]").fill((TODAY + timedelta(days=2)).isoformat())
    await officer.press("save")
    await expect(page.get_by_test_id("findings")).to_contain_text("No helmets at the crane")
    await expect(page.get_by_test_id("close-check")).to_be_disabled()
    await look(page, "patrol")

    # then the installer finds it in the inbox, shows a photo and says what was done
    theirs = fitter.page
    await theirs.goto(f"{server.url}/inbox")
    await theirs.get_by_test_id("notice").get_by_role("link").filter(has_text="Set up the cutter").first.click()
    await theirs.wait_for_url("**/patrols/*", timeout=TIMEOUT_MS)
    await theirs.locator("input[type=file]").set_input_files(
        {"name": "helmets.png", "mimeType": "image/png", "buffer": PNG}
    )
    await expect(theirs.locator("img[src*='/photos/']")).to_have_count(1)
    await fitter.press("finding-remedy")
    await expect(theirs.get_by_test_id("save")).to_be_disabled()
    await theirs.get_by_role("dialog").get_by_role("textbox").fill("Six helmets handed out")
    await fitter.press("save")
    await expect(theirs.get_by_test_id("findings")).to_contain_text("Six helmets handed out")
    await look(theirs, "patrol")

    # and the officer closes the finding, and the check
    await page.reload()
    await expect(page.get_by_test_id("findings")).to_contain_text("Six helmets handed out")
    await officer.press("finding-close")
    await officer.press("save")
    await officer.press("close-check")
    await expect(page.get_by_test_id("close-check")).to_have_count(0)
    await page.goto(f"{server.url}/patrols")
    await expect(page.get_by_test_id("checks")).to_contain_text("Set up the cutter")
    await look(page, "patrols")
    assert company
    assert officer.faults + fitter.faults == []


@SIDES
async def test_a_call_is_arranged_and_a_room_keeps_who_was_there(
    server: Tongxin, browser: Chromium, desk: Side, phone: Side
) -> None:
    # given a question of a company that the park's officer has taken
    officer, asker = await administrator(browser, server, desk), await phone.open(browser, "Zhou")
    page = officer.page
    await invite(officer, server, asker, "enterprise", "Laser Works")
    theirs = asker.page.request
    types = (await (await theirs.get(f"{server.url}/api/request-types")).json())["types"]
    question = next(one["id"] for one in types if one["key"] == "policy_question")
    wish = {"type_id": question, "answers": QUESTION, "submit": True}
    request_id = (await post(theirs, server, "/api/requests", wish))["request"]["id"]
    await post(page.request, server, f"/api/requests/{request_id}/moves", {"action": "take"})

    # when the company arranges a call on the phone, at a time that suits both
    await asker.page.goto(f"{server.url}/requests/{request_id}")
    await asker.press("arrange")
    await asker.press("suggest")
    await expect(asker.page.get_by_test_id("suggestion").first).to_be_visible()
    await look(asker.page, "arrange")
    await asker.press("suggestion")
    await asker.press("event-submit")

    # then it stands on the request for both, and in the officer's calendar
    said = re.compile(phone.says("A call is arranged for", "已预约通话"))
    await expect(asker.page.get_by_text(said).first).to_be_visible()
    await expect(asker.page.locator("a[href*='/m/']").first).to_be_visible()
    await look(asker.page, "arranged")
    await page.goto(f"{server.url}/requests/{request_id}")
    await expect(page.get_by_text(said).first).to_be_visible()
    await page.goto(f"{server.url}/calendar")
    await officer.press("view-agenda")
    await page.get_by_test_id("occurrence").first.click()
    await expect(page.get_by_text("Zhou").first).to_be_visible()

    # when the park decides to keep who was there, a room of a planned meeting says so to everybody
    me = await (await page.request.get(f"{server.url}/api/me")).json()
    await page.goto(f"{server.url}/directory/{me['memberships'][0]['organization']['id']}")
    await officer.press("attendance-switch")
    await expect(page.get_by_test_id("attendance-state")).to_contain_text(re.compile(r"\d"))
    await look(page, "attendance")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M")
    plan = {"title": "Daily", "starts": now, "zone": "UTC", "minutes": 60}
    event = await post(page.request, server, "/api/schedule/events", plan)
    for person in (officer, asker):
        await person.join(server.url + "/m/" + str(event["code"]))
        await expect(person.page.get_by_test_id("attendance").first).to_be_visible()

    # when a file is dropped on the chat, everybody has it
    await officer.chat("=1+1")
    carried = await page.evaluate_handle(DROP, ["现场.png", "image/png", base64_of(PNG)])
    zone = page.get_by_test_id("chat-zone")
    await zone.dispatch_event("dragover", {"dataTransfer": carried})
    await expect(page.get_by_text(desk.says("Drop files here", "拖放到这里"))).to_be_visible()
    await zone.dispatch_event("drop", {"dataTransfer": carried})
    await asker.press("chat")
    await expect(asker.page.get_by_test_id("chat-file")).to_contain_text("现场.png", timeout=TIMEOUT_MS)
    await look(page, "dropped")
    await look(asker.page, "chat")

    # and both can save what was written
    for person, form, lines in ((officer, "csv", ["'=1+1"]), (asker, "text", ["Host: =1+1"])):
        async with person.page.expect_download(timeout=TIMEOUT_MS) as download:
            await person.press("save-chat")
            await person.press(f"save-chat-{form}")
        kept = (await (await download.value).path()).read_text("utf-8-sig")
        assert all(line in kept for line in [*lines, "现场.png"]), kept
    assert officer.faults + asker.faults == []


def base64_of(content: bytes) -> str:
    return b64encode(content).decode()
