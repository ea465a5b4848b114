"""A factory posts a need, asks the crew that fits, chooses its offer: there is an installation job."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import expect

from tests.e2e.test_calls import post
from tests.e2e.test_meeting import administrator
from tests.support.api import PASSWORD, Browser, Json
from tests.support.attendee import TIMEOUT_MS, Attendee
from tests.support.server import Tongxin
from tests.support.sides import SIDES, Side, look

pytestmark = [pytest.mark.e2e, pytest.mark.pages, pytest.mark.timeout(180)]


async def link_for(park: Attendee, server: Tongxin, organization_id: str, name: str) -> str:
    """The token of an invitation as administrator."""
    body: Json = {"email": f"{name}@x.example", "name": name, "organization_id": organization_id}
    made = await post(park.page.request, server, "/api/invitations", {**body, "roles": ["administrator"]})
    return str(made["link"].partition("token=")[2])


@SIDES
async def test_a_need_is_matched_to_a_crew_and_becomes_a_job(
    server: Tongxin, browser: Chromium, desk: Side, phone: Side
) -> None:
    # given a factory with a machine, and an installer with a crew that has the certificate and one that has not
    park = await administrator(browser, server, desk)
    ask = park.page.request
    factory = (await post(ask, server, "/api/organizations", {"name": "Laser Works", "kind": "enterprise"}))["id"]
    fitters = (await post(ask, server, "/api/organizations", {"name": "Fitters", "kind": "installer"}))["id"]
    installer, owner = Browser(server.url), await desk.open(browser, "Owner")
    page = owner.page
    try:
        token = await link_for(park, server, fitters, "wu")
        await installer.post("/api/invitations/accept", {"token": token, "password": PASSWORD})
        pages = f"/api/directory/organizations/{fitters}"
        paper = {"trade": "laser", "title": "Laser safety", "valid_from": "2020-01-01", "valid_until": "2999-12-31"}
        assert (await installer.post(f"{pages}/certificates", paper)).status == 201
        for name, trades in (("Light", ["laser"]), ("Heavy", ["rigging"])):
            crew = {"name": name, "size": 4, "region": "HB", "trades": trades, "languages": ["zh"]}
            assert (await installer.post(f"{pages}/crews", crew)).status == 201
        token = await link_for(park, server, factory, "zhou")
        await post(page.request, server, "/api/invitations/accept", {"token": token, "password": PASSWORD})
        await post(page.request, server, "/api/assist/machines", {"make": "Han", "model": "L-20"})

        # when the factory posts what it needs
        await page.goto(f"{server.url}/needs")
        await owner.press("post-need")
        await page.get_by_test_id("need-title").fill("Set up the cutter")
        await page.get_by_role("button", name=desk.says("Machine", "设备")).click()
        await page.get_by_role("option", name="Han L-20").click()
        start = date.today() + timedelta(days=30)  # noqa: DTZ011 -- any day far enough ahead
        await page.get_by_test_id("need-from").fill(start.isoformat())
        await page.get_by_test_id("need-until").fill((start + timedelta(days=4)).isoformat())
        await page.get_by_role("checkbox", name=desk.says("Laser", "激光")).check()
        await look(page, "need-dialog")
        await owner.press("save")
        await page.wait_for_url("**/needs/*", timeout=TIMEOUT_MS)
        await owner.press("need-publish")
        await page.wait_for_selector("[data-testid=need-state][data-state=open]", timeout=TIMEOUT_MS)

        # then the crew that fits is ranked with its reasons, and the other one says what it lacks
        await owner.see("candidate")
        await look(page, "need")
        assert desk.says("certificate until", "证书有效至") in await page.get_by_test_id("candidate").inner_text()
        await owner.press("show-unfit")
        await page.wait_for_selector("[data-testid=candidate][data-fits=false]", timeout=TIMEOUT_MS)

        # when it is asked, offers, and is chosen
        await owner.press("invite-crew")
        await page.wait_for_selector("[data-testid=offer-state][data-state=invited]", timeout=TIMEOUT_MS)
        fitter = await phone.open(browser, "Wu")
        kept = [{"name": one.key, "value": one.value, "url": server.url} for one in installer.session.cookie_jar]
        await fitter.context.add_cookies(kept)  # type: ignore[arg-type]
        await fitter.page.goto(f"{server.url}/inbox")
        await fitter.page.get_by_role("link", name="Set up the cutter").click()
        await fitter.press("offer-offer")
        await fitter.page.get_by_role("dialog").get_by_role("textbox").fill("六人，自带吊具")
        await look(fitter.page, "offer")
        await fitter.press("send-answer")
        await expect(fitter.page.get_by_test_id("offer-state")).to_have_text(phone.says("Offers", "已应邀"))
        await page.reload()
        await expect(page.get_by_test_id("offers")).to_contain_text("六人，自带吊具")
        await owner.press("offer-accept")
        await owner.press("confirm")

        # then there is a job, scheduled for these days, which both have
        await page.get_by_role("link", name=desk.says("Open the installation job", "打开安装任务")).click()
        await page.wait_for_url("**/jobs/*", timeout=TIMEOUT_MS)
        await owner.see("milestone-arrived")
        await look(page, "job")
        jobs = (await installer.get("/api/assist/jobs")).json["jobs"]
        assert [(one["title"], one["state"]) for one in jobs] == [("Set up the cutter", "scheduled")]
        crews = (await installer.get(pages)).json["crews"]
        assert [one["busy"][0]["starts_on"] for one in crews if one["busy"]] == [start.isoformat()]

        # and the factory's page says who of it is in, to nobody but its own
        for person, seen in ((owner, 1), (park, 0)):
            await person.page.goto(f"{server.url}/directory/{factory}")
            await person.see("contacts")
            await expect(person.page.get_by_test_id("presence")).to_have_count(seen)
        present = page.get_by_test_id("present")
        await expect(present).to_have_attribute("data-state", "here")
        await page.set_viewport_size({"width": 390, "height": 844})
        await look(page, "company")
        assert owner.faults + fitter.faults == []
    finally:
        await installer.close()
