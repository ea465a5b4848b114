"""Every page as its users see it: no accessibility violation, nothing that overflows, in both languages and widths."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.support.attendee import TIMEOUT_MS, Attendee, open_attendee
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.pages, pytest.mark.timeout(300)]

AXE = Path(__file__).parents[2] / "static" / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """async () => {
  const result = await axe.run(document, { resultTypes: ["violations"] });
  return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 200)).join(", ")}`);
}"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SHAPES = [
    ("en", 1440, 900),
    ("zh-CN", 390, 844),
    pytest.param("zh-CN", 1440, 900, marks=pytest.mark.long),
    pytest.param("en", 390, 844, marks=pytest.mark.long),
]


class Inspector:
    """Looks at a page and remembers what is wrong with it."""

    def __init__(self, label: str) -> None:
        self._label = label
        self.found: list[str] = []

    async def look(self, page: Page, name: str) -> None:
        # transitions end within 200 ms; colours in the middle of one are nobody's contrast
        await page.wait_for_function("() => document.getAnimations().every((a) => a.playState !== 'running')")
        if folder := os.environ.get("TONGXIN_SCREENSHOTS"):
            await page.screenshot(path=f"{folder}/{name}-{self._label}.png")
        if await page.evaluate("() => typeof axe") == "undefined":
            await page.add_script_tag(path=AXE)
        self.found += [f"{name} {self._label}: {line}" for line in await page.evaluate(VIOLATIONS)]
        if (wider := await page.evaluate(OVERFLOW)) > 0:
            self.found.append(f"{name} {self._label}: {wider} px wider than the screen")


@pytest.mark.parametrize(("locale", "width", "height"), SHAPES)
async def test_pages_hold_in_every_shape(
    server: Tongxin, browser: Browser, locale: str, width: int, height: int
) -> None:
    inspector = Inspector(f"{locale}-{width}")
    # the policy of our pages forbids the inspector's own script too
    context = await browser.new_context(
        locale=locale,
        viewport={"width": width, "height": height},
        bypass_csp=True,
        reduced_motion="reduce",
    )
    person = Attendee(context, await context.new_page(), "Lin")
    page = person.page
    for name, path in (("landing", "/"), ("sign-in", "/sign-in"), ("setup", server.setup_link or "")):
        await page.goto(path if path.startswith("http") else server.url + path)
        await page.locator("h1").first.wait_for(timeout=TIMEOUT_MS)
        await inspector.look(page, name)
    await page.goto(server.meeting_link)
    await page.get_by_test_id("join").wait_for(timeout=TIMEOUT_MS)
    await inspector.look(page, "pre-join")

    other = await open_attendee(browser, "王芳", locale="zh-CN")
    await other.join(server.meeting_link)
    await person.join(server.meeting_link)
    await person.see("tile")
    await person.receives("video", 1, frames=3)
    await inspector.look(page, "meeting")
    await other.chat("你好 https://example.org")
    await person.press("chat")
    await person.see("chat-message")
    await inspector.look(page, "chat")
    if width < 600:  # one panel at a time covers a phone; people are under "more"
        await page.keyboard.press("Escape")
        await person.press("more")
        await inspector.look(page, "more")
    else:
        await person.press("people")
        await person.see("participant-row", 2)
        await inspector.look(page, "people")
        await page.keyboard.press("Escape")
        await page.keyboard.press("?")
        await page.get_by_role("dialog").wait_for(timeout=TIMEOUT_MS)
        await inspector.look(page, "shortcuts")
    assert inspector.found == []
    assert person.faults == []
    await other.close()
    await person.close()
