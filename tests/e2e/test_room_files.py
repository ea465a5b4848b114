"""Files in the chat: several at once, a picture seen small, one refused by its content, one saved without leaving."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, FilePayload, expect

from tests.e2e.test_meeting import administrator
from tests.support.assist import PDF, PNG
from tests.support.attendee import TIMEOUT_MS
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(200)]


async def test_files_are_shared_in_the_chat_and_saved_from_it(server: Tongxin, browser: Browser) -> None:
    host = await administrator(browser, server)
    page = host.page
    meetings = (await (await page.request.get(f"{server.url}/api/meetings")).json())["meetings"]
    await page.goto(f"{server.url}/m/{meetings[0]['code']}")
    await host.press("join")
    await host.see("meeting")
    await host.press("chat")
    await page.get_by_test_id("share-file").set_input_files(
        [
            FilePayload(name="现场.png", mimeType="image/png", buffer=PNG),
            FilePayload(name="plan.pdf", mimeType="application/pdf", buffer=PDF),
            FilePayload(name="bad.pdf", mimeType="application/pdf", buffer=b"no PDF"),
        ]
    )
    files = page.get_by_test_id("chat-file")
    await expect(files).to_have_count(2, timeout=TIMEOUT_MS)
    await expect(page.get_by_test_id("file-picture").locator("img")).to_have_count(1, timeout=TIMEOUT_MS)
    refused = page.get_by_test_id("uploads").locator("[data-state=failed]")
    await expect(refused).to_contain_text("bad.pdf", timeout=TIMEOUT_MS)
    async with page.expect_download(timeout=TIMEOUT_MS) as download:
        await files.nth(1).click()
    assert (await download.value).suggested_filename == "plan.pdf"
    await host.see("meeting")
    assert host.faults == []
