"""An administrator tries a table, applies it, sees it in the audit log, makes a token and a webhook, and gets in again

without the password; on a desk in English and on a phone in Chinese.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page, expect

from collab.webhooks.signing import signature
from tests.e2e.test_meeting import administrator
from tests.support.attendee import TIMEOUT_MS, Attendee, open_attendee
from tests.support.mail import read_back, text_of
from tests.support.server import Tongxin
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.pages, pytest.mark.timeout(120)]

TABLE = "名称,类型\n光谷激光,企业\n华中数控,安装商\n没有类型,\n".encode("gb18030")


class Receiver:
    """Of webhooks; gone for good when told so."""

    def __init__(self) -> None:
        self.got: asyncio.Queue[tuple[dict[str, str], bytes]] = asyncio.Queue()
        self.status = 204

    async def take(self, request: web.Request) -> web.Response:
        self.got.put_nowait((dict(request.headers), await request.read()))
        return web.Response(status=self.status)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Tongxin]:
    """Whose webhooks may lead to this machine."""
    with Tongxin(tmp_path / "server", environment={"TONGXIN_WEBHOOK_NETWORKS": "127.0.0.0/8"}) as server:
        yield server


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[Receiver, str]]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    async with TestServer(app) as server:
        yield receiver, str(server.make_url("/hook"))


async def test_a_park_is_administered(server: Tongxin, browser: Chromium, receiver: tuple[Receiver, str]) -> None:
    park = await administrator(browser, server)
    await _a_table_is_tried_and_applied(park, server)
    await _a_webhook_is_made_tried_and_given_up(park, server, *receiver)
    phone = await open_attendee(browser, "Host", locale="zh-CN", width=390, height=844)
    await _the_password_is_forgotten(phone, server)
    # then the desk's browser is signed out
    await park.page.goto(f"{server.url}/administration/audit")
    await expect(park.page.get_by_role("button", name="Sign in")).to_be_visible()
    assert park.faults + phone.faults == []


async def _a_table_is_tried_and_applied(park: Attendee, server: Tongxin) -> None:
    page = park.page
    await page.goto(f"{server.url}/administration/import")
    await page.get_by_role("button", name="What the table lists").click()
    await page.get_by_role("option", name="Organizations").click()
    await page.set_input_files(
        "[data-testid=import-file]", {"name": "park.csv", "mimeType": "text/csv", "buffer": TABLE}
    )

    # then it says what would become of each row, and nothing is changed
    await page.get_by_text("Nothing has been changed yet").wait_for(timeout=TIMEOUT_MS)
    await page.get_by_test_id("fate-refused").click()
    await page.get_by_text("Kind is empty").wait_for(timeout=TIMEOUT_MS)
    organizations = (await (await page.request.get(f"{server.url}/api/organizations")).json())["organizations"]
    assert len(organizations) == 1

    # when it is applied
    await park.press("import-apply")
    await page.get_by_text("Done.").wait_for(timeout=TIMEOUT_MS)
    organizations = (await (await page.request.get(f"{server.url}/api/organizations")).json())["organizations"]
    assert {"光谷激光", "华中数控"} < {one["name"] for one in organizations}

    # then the audit log says so
    await page.goto(f"{server.url}/administration/audit")
    lines = page.get_by_test_id("audit")
    await lines.get_by_text("Began an import").wait_for(timeout=TIMEOUT_MS)
    await page.get_by_test_id("audit-search").fill("光谷激光")
    await lines.get_by_text("Began an import").wait_for(state="hidden", timeout=TIMEOUT_MS)
    assert "Added an organization" in await lines.inner_text()

    # and a token is shown once, on a phone too
    await page.set_viewport_size({"width": 390, "height": 800})
    await page.goto(f"{server.url}/administration/tokens")
    await page.get_by_test_id("token-name").fill("Plant data")
    await page.get_by_role("checkbox", name="Meetings").first.check()
    await park.press("make-token")
    secret = await page.get_by_test_id("token-secret").inner_text()
    answer = await page.request.get(f"{server.url}/api/me", headers={"Authorization": f"Bearer {secret}", "Cookie": ""})
    assert answer.ok
    await fits(page)
    await page.set_viewport_size({"width": 1440, "height": 900})


async def _a_webhook_is_made_tried_and_given_up(park: Attendee, server: Tongxin, receiver: Receiver, url: str) -> None:
    page = park.page
    await page.goto(f"{server.url}/administration/webhooks")
    await page.get_by_test_id("webhook-name").fill("Plant data")
    await page.get_by_test_id("webhook-url").fill(url)
    await page.get_by_role("checkbox", name="a request is filed").check()
    await park.press("save-webhook")
    secret = await page.get_by_test_id("webhook-secret").input_value()
    await park.press("secret-copied")
    await page.get_by_role("link", name="Plant data").click()

    # when it is tried, the receiver has a message with the right signature, and the page says so
    await park.press("test-webhook")
    async with asyncio.timeout(60):
        headers, body = await receiver.got.get()
    signed = signature(secret, headers["webhook-id"], int(headers["webhook-timestamp"]), body)
    assert signed in headers["webhook-signature"]
    deliveries = page.get_by_test_id("deliveries")
    await expect(deliveries).to_contain_text("arrived")

    # when the receiver is gone for good, the webhook is switched off, and its administrator is told and led there
    receiver.status = 410
    await park.press("test-webhook")
    await page.goto(f"{server.url}/inbox")
    await page.get_by_role("link", name="A webhook was switched off: Plant data").click()
    await page.wait_for_url("**/administration/webhooks?of=*", timeout=TIMEOUT_MS)
    await expect(page.get_by_text("gone for good (410)")).to_be_visible()
    await page.set_viewport_size({"width": 390, "height": 844})
    await fits(page)
    await page.set_viewport_size({"width": 1440, "height": 900})
    await page.get_by_role("button", name="Resume").click()
    await expect(page.get_by_test_id("test-webhook")).to_be_enabled()


async def _the_password_is_forgotten(phone: Attendee, server: Tongxin) -> None:
    page = phone.page
    await page.goto(f"{server.url}/sign-in")
    await phone.press("forgot")
    await page.get_by_label("邮箱").fill("host@park.example")
    await page.get_by_role("button", name="发送链接").click()
    await expect(page.get_by_test_id("forgot-sent")).to_contain_text("host@park.example")
    await fits(page)

    # then the mail lies in the outbox folder, for there is no SMTP server, and its link sets a new password once
    def links() -> list[str]:
        mails = [read_back(one.read_bytes()) for one in (server.folder / "data" / "outbox").glob("*.eml")]
        found = [re.search(r"http\S+(/reset\?token=\S+)", text_of(one)) for one in mails]
        return [one[1] for one in found if one]

    await until(links)
    path = links()[0]
    for password in ("seven quiet cranes at dawn", "and another one"):
        await page.goto(server.url + path)
        await page.get_by_label("新密码").fill(password)
        await page.get_by_role("button", name="保存密码").click()
        if password.startswith("seven"):
            await page.wait_for_url("**/home", timeout=TIMEOUT_MS)
    await phone.press("forgot")  # the link is used up, the way to another is there
    await expect(page.get_by_role("heading", name="忘记密码")).to_be_visible()
    await page.goto(f"{server.url}/inbox")
    await expect(page.get_by_role("link", name="您的密码已更改")).to_be_visible()


async def fits(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
