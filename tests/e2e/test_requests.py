"""Requests on the pages: filed on a phone, decided by the hundred at a desk, late by the clock, and of a new type."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page, expect
from sqlalchemy import insert, select

from collab.accounts.repository import AccountRepository
from collab.clock import new_id, now_ms
from collab.files.store import Files, open_store
from collab.limits import Limits
from collab.requests.engine import RequestEngine
from collab.requests.models import RequestContentRow, RequestEventRow, RequestRow
from collab.requests.notices import NoticeOutbox
from rooms.store.connection import RedisStore
from rooms.store.keys import Keys
from rooms.store.rate import RateLimiter
from tests.support.api import Browser, Park, open_park
from tests.support.desk import ACCESS, filed, open_desk
from tests.support.redis_servers import RedisServer
from tests.support.sides import SIDES, Side, look

pytestmark = [pytest.mark.e2e, pytest.mark.pages, pytest.mark.timeout(300)]

HOUR_MS = 3_600_000
PATIENCE_MS = 60_000
APPROVED = (
    "{organization} may return as applied for. Please keep the measures in place and tell {owner} about any change.",
    "同意 {organization} 按申请返园复工。请落实各项措施，如有变化请及时联系 {owner}。",
)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n"
PDF += b"trailer<</Root 1 0 R>>\n%%EOF\n"


class Hands:
    """A clock that goes, and that a test turns on."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def __call__(self) -> int:
        return now_ms() + self.ahead_ms


async def page_of(chromium: Chromium, who: Browser, side: Side) -> Page:
    """Their browser, at the size and in the language that they use."""
    context = await chromium.new_context(
        viewport={"width": side.shape["width"], "height": side.shape["height"]},
        has_touch=side.phone,
        is_mobile=side.phone,
        locale=side.locale,
        timezone_id="Asia/Shanghai",
    )
    context.set_default_timeout(PATIENCE_MS)
    cookies = [{"name": one.key, "value": one.value, "url": who.base_url} for one in who.session.cookie_jar]
    await context.add_cookies(cookies)  # type: ignore[arg-type]
    return await context.new_page()


async def file_return(page: Page, base_url: str, side: Side) -> str:
    """A company files a return-to-work application with its documents.  Gives its id."""
    await page.goto(f"{base_url}/requests/new")
    await page.get_by_test_id("type-return_to_work").click()
    await page.get_by_test_id("submit").click()
    await expect(page.get_by_test_id("fault-summary").get_by_role("link")).to_have_count(10)
    await page.get_by_test_id("fault-summary").get_by_role("link", name=side.says("Purpose", "申请事由")).click()
    await page.keyboard.type("激光车间恢复生产")  # the link led to the field
    await page.get_by_test_id("field-extent").get_by_text(side.says("All staff", "全部人员")).click()
    tomorrow = datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)
    await page.get_by_test_id("field-from_date").locator("input").fill(tomorrow.date().isoformat())
    for field, text in (("headcount", "0"), ("contact", "王芳"), ("contact_phone", "13800000000")):
        await page.get_by_test_id(f"field-{field}").locator("input").fill(text)
    await page.get_by_test_id("field-site").locator("input").last.fill("光谷一路 1 号")
    measure = side.says("Ventilation and disinfection", "场所通风与消毒")
    await page.get_by_test_id("field-measures").get_by_text(measure).click()
    fault = page.get_by_test_id("field-headcount").get_by_test_id("field-fault")
    await expect(fault).to_contain_text(side.says("1 to 5000", "1 至 5000"))
    await look(page, "form")
    await page.get_by_test_id("field-headcount").locator("input").fill("24")
    for document in ("plan", "commitment"):
        await page.get_by_test_id(f"file-{document}").set_input_files(
            {"name": f"{document}.pdf", "mimeType": "application/pdf", "buffer": PDF}
        )
        await expect(page.get_by_test_id(f"field-{document}").get_by_test_id("kept-file")).to_have_count(1)
    await expect(page.locator("[data-testid=saving][data-saving=saved]")).to_be_visible()
    await page.reload()
    await expect(page.get_by_test_id("field-contact").locator("input")).to_have_value("王芳")
    await expect(page.get_by_test_id("kept-file")).to_have_count(2)
    await page.get_by_test_id("submit").click()
    await expect(page.get_by_test_id("just-filed")).to_be_visible()
    await expect(page.get_by_test_id("state")).to_have_text(side.says("Waiting to be taken", "待领取"))
    await look(page, "filed")
    return page.url.partition("/requests/")[2][:26]


async def copy(park: Park, request_id: str, copies: int) -> None:
    """The same request again, as other companies' people filed it."""
    async with park.database.write() as session:
        row = (await session.execute(select(RequestRow.__table__).where(RequestRow.id == request_id))).mappings().one()
        content = await session.execute(
            select(RequestContentRow.__table__).where(RequestContentRow.request_id == request_id)
        )
        kept = dict(content.mappings().one())
        events = await session.execute(
            select(RequestEventRow.__table__).where(RequestEventRow.request_id == request_id)
        )
        history = [dict(one) for one in events.mappings()]
        ids = [new_id(int(row["created_at_ms"]) + number) for number in range(copies)]
        numbers = _numbers(str(row["number"]))
        rows = [{**row, "id": one, "number": next(numbers), "client_key": None} for one in ids]
        await session.execute(insert(RequestRow), rows)
        await session.execute(insert(RequestContentRow), [{**kept, "request_id": one} for one in ids])
        await session.execute(
            insert(RequestEventRow), [{**event, "request_id": one} for one in ids for event in history]
        )


def _numbers(like: str) -> Iterator[str]:
    return (f"{like[:11]}{number:06d}" for number in count(200_000))


async def decide_all(page: Page, base_url: str, side: Side) -> None:
    """An officer chooses all that wait and approves them in one go."""
    await page.goto(f"{base_url}/requests?state=submitted")
    await expect(page.get_by_test_id("request").first).to_be_visible()
    await page.get_by_test_id("choose-all").click()
    await expect(page.get_by_test_id("batch-bar")).to_contain_text(side.says("120 chosen", "已选 120 件"))
    await page.get_by_test_id("choose").nth(2).click()
    await page.get_by_test_id("choose").nth(5).click(modifiers=["Shift"])
    await expect(page.get_by_test_id("batch-bar")).to_contain_text(side.says("116 chosen", "已选 116 件"))
    await look(page, "chosen")
    await page.get_by_test_id("choose-all").click()
    await page.get_by_test_id("batch-decide").click()
    await page.get_by_test_id("batch-approve").click()
    await page.get_by_label(side.says("Reply template", "答复模板")).click()
    await page.get_by_role("option", name=side.says("Approved", "同意复工")).click()
    await expect(page.get_by_test_id("batch-note")).to_have_value(side.says(*APPROVED))
    await look(page, "batch")
    await page.get_by_test_id("batch-confirm").click()
    progress = page.locator("[data-testid=batch-progress][data-over=true]")
    await expect(progress).to_have_text(side.says("120 of 120 are done", "已完成 120 / 120 件"), timeout=PATIENCE_MS)
    await look(page, "batch-done")
    await page.get_by_test_id("batch-close").click()
    await expect(page.get_by_test_id("no-requests")).to_be_visible()


async def pass_an_hour(park: Park, hands: Hands, redis_url: str) -> None:
    """And do what the job does then, without waiting for its turn."""
    hands.ahead_ms += HOUR_MS + 60_000
    store = RedisStore(redis_url)
    try:
        files = Files(await asyncio.to_thread(open_store, "", park.data_folder / "files"), park.database)
        engine = RequestEngine(
            park.database,
            AccountRepository(park.database),
            files,
            Limits(RateLimiter(store, Keys())),
            outbox=NoticeOutbox(lambda: None, hands),
            clock_ms=hands,
        )
        await engine.alarm.escalate()
    finally:
        await store.close()


async def build_a_type(page: Page, base_url: str, side: Side) -> None:
    await page.goto(f"{base_url}/request-types")
    await page.get_by_test_id("new-type").click()
    await page.get_by_test_id("new-name-zh").fill("会议室预订")
    await page.get_by_test_id("new-name-en").fill("Booking of a hall")
    await page.get_by_test_id("new-key").fill("hall")
    await page.get_by_test_id("create-type").click()
    await page.get_by_test_id("type-summary-zh").fill("预订园区会议室")
    await page.get_by_test_id("type-summary-en").fill("Book one of the park's halls")
    await page.get_by_test_id("type-code").fill("hall")
    await page.get_by_test_id("section-fields").click()
    await expect(page.locator("[data-testid=fields-item][data-wrong=true]")).to_have_count(1)
    unnamed = side.says("number 1", "第 1 项")
    await page.get_by_test_id("fields-item").get_by_role("button", name=unnamed, exact=False).first.click()
    await page.get_by_test_id("field-label-zh").fill("用途")
    await page.get_by_test_id("field-label-en").fill("What for")
    await page.get_by_test_id("add-field").click()
    await page.get_by_test_id("add-date").click()
    await page.get_by_test_id("field-label-zh").fill("日期")
    await page.get_by_test_id("field-label-en").fill("Which day")
    await expect(page.get_by_test_id("preview")).to_contain_text(side.says("Which day", "日期"))
    await expect(page.locator("[data-testid=type-saving][data-saving=saved]")).to_be_visible()
    await look(page, "builder")
    await page.get_by_test_id("publish").click()
    published = side.says("Version 1 is published", "第 1 版已发布")
    await expect(page.get_by_test_id("type-saving")).to_contain_text(published)


@SIDES
async def test_requests_from_the_form_to_the_decision(
    browser: Chromium, tmp_path: Path, valkey: RedisServer, desk: Side, phone: Side
) -> None:
    hands, redis_url = Hands(), f"{valkey.url}?db=8"
    async with open_park(tmp_path / "data", "", redis_url, desk_clock_ms=hands) as park:
        people = await open_desk(park, await park.administrator())
        company = await page_of(browser, people.requester, phone)
        officer = await page_of(browser, people.officer, desk)

        # a company files an application with its documents; an officer decides 120 of them in one batch
        request_id = await file_return(company, park.base_url, phone)
        await copy(park, request_id, 119)
        await decide_all(officer, park.base_url, desk)
        await company.reload()
        await expect(company.get_by_test_id("state")).to_have_text(phone.says("Approved", "已批准"))
        await expect(company.get_by_test_id("timeline")).to_contain_text(
            desk.says("Laser Works may return as applied for", "同意 Laser Works 按申请返园复工")
        )
        await look(company, "decided")

        # temporary access goes late after an hour, and those above are told
        late = (await filed(people.requester, "temporary_access", ACCESS))["request"]
        await officer.goto(f"{park.base_url}/requests/board")
        await expect(officer.get_by_test_id("lane-soon").get_by_test_id("clock")).to_have_text(
            re.compile(desk.says(r"^5\d min left$", r"^剩余 5\d 分钟$"))
        )
        await pass_an_hour(park, hands, redis_url)
        card = officer.get_by_test_id("lane-late").locator(f"[data-id='{late['id']}']")
        await expect(card.get_by_test_id("clock")).to_have_text(
            re.compile(desk.says(r"^late \d+ min$", r"^逾期 \d+ 分钟$")), timeout=PATIENCE_MS
        )
        await expect(card.get_by_test_id("escalated")).to_contain_text(desk.says("Escalated to", "已升级至"))
        await look(officer, "board")
        await company.goto(f"{park.base_url}/requests/{late['id']}")
        await expect(company.get_by_test_id("clock").first).to_have_text(re.compile(phone.says("^late", "^逾期")))
        await expect(company.get_by_test_id("timeline")).to_contain_text(phone.says("escalated to", "逾期：已升级至"))
        await look(company, "late")

        # a new type is built and used
        chief = await page_of(browser, people.chief, desk)
        await build_a_type(chief, park.base_url, desk)
        await company.goto(f"{park.base_url}/requests/new?type=hall")
        await company.get_by_test_id("field-text").locator("input").fill("路演")
        await company.get_by_test_id("field-date").locator("input").fill("2027-01-05")
        await company.get_by_test_id("submit").click()
        await expect(company.get_by_test_id("answers")).to_contain_text(phone.says("Jan 5, 2027", "2027年1月5日"))
        await company.get_by_test_id("take-back").click()
        await expect(company.get_by_test_id("field-text").locator("input")).to_have_value("路演")
