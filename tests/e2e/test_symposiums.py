"""A symposium from collection to published answers: a company on a phone, the park at its desk."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import expect

from tests.e2e.test_calls import post
from tests.e2e.test_directory import link_for
from tests.e2e.test_meeting import administrator
from tests.support.api import PASSWORD, Browser, Json
from tests.support.attendee import TIMEOUT_MS
from tests.support.server import Tongxin
from tests.support.sides import SIDES, Side, look

pytestmark = [pytest.mark.e2e, pytest.mark.pages, pytest.mark.timeout(180)]
DUST: Json = {"title": "Dust from the building site", "area": "facilities", "problem": "Optics.", "wish": "Water it."}
IN_A_MONTH = date.today() + timedelta(days=30)  # noqa: DTZ011 -- any day far enough ahead


@SIDES
async def test_from_collection_to_published_answers(
    server: Tongxin, browser: Chromium, desk: Side, phone: Side
) -> None:
    # given the park's desk, a company on its phone, and another by its program
    park = await administrator(browser, server, desk)
    page, ask = park.page, park.page.request
    boss = await phone.open(browser, "Boss")
    theirs, rival = boss.page, Browser(server.url)
    try:
        for who, name in ((boss.page.request, "Laser Works"), (rival, "Robots")):
            company = (await post(ask, server, "/api/organizations", {"name": name, "kind": "enterprise"}))["id"]
            wish = {"token": await link_for(park, server, company, name[:5].lower()), "password": PASSWORD}
            if isinstance(who, Browser):
                await who.post("/api/invitations/accept", wish)
            else:
                await post(who, server, "/api/invitations/accept", wish)

        # when an officer plans a symposium, and the companies bring and back issues
        await page.goto(f"{server.url}/symposiums")
        await park.press("add-symposium")
        await page.get_by_test_id("symposium-title").fill("December symposium")
        await park.press("save-symposium")
        await page.wait_for_url("**/symposiums/*", timeout=TIMEOUT_MS)
        path = page.url.removeprefix(server.url)
        await theirs.goto(page.url)
        await expect(theirs.get_by_test_id("symposium-state")).to_have_text(phone.says("Collecting issues", "征集议题"))
        await boss.press("raise-issue")
        await theirs.get_by_test_id("issue-title").fill("缺少装卸平台")
        await theirs.get_by_label(phone.says("What is wrong", "存在的问题")).fill("货车排队等候。")
        await theirs.get_by_label(phone.says("What would help", "希望如何解决")).fill("增加一个平台。")
        await look(theirs, "raise")
        await boss.press("send-issue")
        await expect(theirs.get_by_test_id("issue")).to_have_count(1)
        await rival.post(f"/api{path}/issues", DUST)
        dock = (await rival.get(f"/api{path}")).json["issues"][0]
        await rival.send("PUT", f"/api{path}/issues/{dock['id']}/vote", {"up": True})

        # then the desk sees it without asking again, and makes the agenda: with keys, undone, and by dragging
        first = page.get_by_test_id("issue").first
        await expect(first.get_by_test_id("votes")).to_have_text("2", timeout=TIMEOUT_MS)
        items = page.get_by_test_id("agenda-item")
        for count in (1, 2):
            await page.get_by_test_id("on-agenda").first.press("Enter")
            await expect(items).to_have_count(count)
        await page.get_by_test_id("agenda-up").nth(1).press("Enter")
        await expect(items.first).to_contain_text("Dust")
        await park.press("undo-agenda")
        await expect(items.first).to_contain_text("缺少装卸平台")
        await page.get_by_test_id("agenda-grip").nth(1).drag_to(items.first)
        await expect(items.first).to_contain_text("Dust")

        await look(page, "agenda")

        # when it is live, and led from its room
        await park.press("symposium-begin")
        await park.press("confirm")
        room = page.locator("a[href^='/m/']")
        link = server.url + str(await room.get_attribute("href"))
        await park.join(link)
        await park.press("symposium")
        await park.see("symposium-panel")
        await park.press("next-issue")
        await expect(page.get_by_test_id("current-issue")).to_contain_text("Dust")
        await page.get_by_test_id("talk-about").click()
        await expect(page.get_by_test_id("current-issue")).to_have_text("缺少装卸平台")
        await page.get_by_test_id("speaker-name").fill("Sun Wei")
        await park.press("give-word")
        await page.get_by_label(desk.says("Decision", "会议决定")).fill("A second dock at the east gate.")
        await page.get_by_role("button", name=desk.says("Who sees to it", "负责人")).click()
        await page.get_by_role("option").nth(1).click()
        await page.get_by_test_id("decision-due").fill(IN_A_MONTH.isoformat())
        await park.press("decide")

        # then the phone follows
        await expect(theirs.get_by_test_id("current-issue")).to_have_text("缺少装卸平台", timeout=TIMEOUT_MS)
        await expect(theirs.get_by_test_id("speaker")).to_have_text(phone.says("Sun Wei speaks", "Sun Wei 正在发言"))
        board = theirs.get_by_test_id("symposium-board")
        await expect(board.get_by_test_id("decision")).to_contain_text("A second dock", timeout=TIMEOUT_MS)
        await boss.join(link)
        await boss.press("symposium")
        panel = theirs.get_by_test_id("symposium-panel")
        await expect(panel.get_by_test_id("current-issue")).to_have_text("缺少装卸平台")
        await expect(panel.get_by_test_id("decision")).to_contain_text("A second dock")
        await look(theirs, "panel")
        await look(page, "panel")

        # when it is closed, and its owner answers the request that it became
        await page.goto(server.url + path)
        await park.press("symposium-close")
        await park.press("confirm")
        await expect(page.get_by_test_id("issue-request")).to_have_count(2, timeout=TIMEOUT_MS)
        await look(page, "closed")
        issues = (await (await ask.get(f"{server.url}/api{path}")).json())["issues"]
        request_id = next(one["request"]["id"] for one in issues if one["title"] == "缺少装卸平台")
        answer = {"action": "answer", "note": "东门平台五月投用。"}
        await post(ask, server, f"/api/requests/{request_id}/moves", answer)

        # then the answer stands on the page, and whoever raised it is led there
        await theirs.goto(f"{server.url}/inbox")
        await theirs.get_by_role("link", name=phone.says("Answered: 缺少装卸平台", "议题已答复：缺少装卸平台")).click()
        await theirs.wait_for_url(f"**{path}?issue=*", timeout=TIMEOUT_MS)
        await expect(theirs.get_by_test_id("answer")).to_contain_text("东门平台五月投用。")
        await look(theirs, "answered")
        assert park.faults + boss.faults == []
    finally:
        await rival.close()
