"""The pages of assistance as their users see them: no accessibility violation, nothing that overflows."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext

from tests.e2e.test_appearance import Inspector
from tests.e2e.test_assist import come_in, open_link, start_session
from tests.support.api import Browser
from tests.support.attendee import TIMEOUT_MS, Attendee
from tests.support.manuals import manual
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(180)]
STEPS = [
    {"id": "step-torque", "title": "Tighten 拧紧", "kind": "torque", "low": 23.0, "target": 25.0, "high": 27.0},
    {"id": "step-photo1", "title": "Photograph the plate", "kind": "photo"},
]


@pytest.mark.parametrize(("locale", "width", "height"), [("zh-CN", 390, 844), ("en", 1440, 900)])
async def test_pages_of_assistance_hold_in_every_shape(
    server: Tongxin, browser: Chromium, tmp_path: Path, locale: str, width: int, height: int
) -> None:
    host, session = await start_session(server)
    machine = (await host.post("/api/assist/machines", {"make": "Han", "model": "L-20", "site": "Hall 3"})).json
    await host.post("/api/assist/sessions", {"machine_id": machine["id"], "title": "Spindle"})
    template = (await host.post("/api/assist/templates", {"title": "Commission 验收", "steps": STEPS})).json
    inspector = Inspector(f"{locale}-{width}")
    context = await browser.new_context(
        locale=locale, viewport={"width": width, "height": height}, bypass_csp=True, reduced_motion="reduce"
    )
    await _sign_in(context, host, server)
    person = Attendee(context, await context.new_page(), "Lin")
    page = person.page
    paths = {
        "assist": "/assist",
        "machine": f"/machines/{machine['id']}",
        "instructions": "/assist/instructions",
        "editor": f"/assist/instructions/{template['id']}",
        "editor-new": "/assist/instructions/new",
    }
    for name, path in paths.items():
        await page.goto(server.url + path)
        await page.locator("h1").first.wait_for(timeout=TIMEOUT_MS)
        await page.wait_for_load_state("networkidle")
        await inspector.look(page, name)

    (tmp_path / "Manual.pdf").write_bytes(manual())
    await come_in(person, server, await open_link(host, session, "expert", "Dr Li"))
    await person.see("expert")
    if width < 600:
        await person.press("more")
    await person.press("open-documents")
    async with page.expect_file_chooser() as chooser:
        await page.get_by_test_id("add-document").click()
    await (await chooser.value).set_files(tmp_path / "Manual.pdf")
    await page.locator("[data-testid=paper][data-page='1']").wait_for(timeout=TIMEOUT_MS)
    await inspector.look(page, "documents-page")
    for placement in ("show-beside", "show-over"):
        await person.press(placement)
        await person.see("hide-document")
        await inspector.look(page, f"documents-{placement}")
    await person.press("all-documents")
    await inspector.look(page, "documents-list")
    await person.press("close-documents")
    await page.locator("[data-testid=shown-document] [data-page='1']").wait_for(timeout=TIMEOUT_MS)
    await inspector.look(page, "documents-shown")
    assert inspector.found == []
    assert person.faults == []
    await host.close()
    await person.close()


async def _sign_in(context: BrowserContext, host: Browser, server: Tongxin) -> None:
    await context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "url": server.url} for cookie in host.session.cookie_jar]
    )
