"""An administrator tries a table, applies it, sees it in the audit log, and makes a token; on a desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser as Chromium

from tests.e2e.test_meeting import administrator
from tests.support.attendee import TIMEOUT_MS
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.pages, pytest.mark.timeout(120)]

TABLE = "名称,类型\n光谷激光,企业\n华中数控,安装商\n没有类型,\n".encode("gb18030")


async def test_a_table_is_tried_and_applied_and_is_in_the_audit_log(server: Tongxin, browser: Chromium) -> None:
    park = await administrator(browser, server)
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
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert park.faults == []
