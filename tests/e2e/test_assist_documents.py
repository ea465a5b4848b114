"""A manual in a session: the expert brings it and shows a page, and the phone has the same page before its user."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page, Request, expect

from tests.e2e.test_assist import come_in, open_link, start_session
from tests.support.assist import PDF as BROKEN
from tests.support.attendee import Attendee, open_attendee
from tests.support.manuals import PAGE_COLORS, SQUARE, WORDS, encrypted_manual, manual, manual_without_its_font
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
SLOW_MS = 30_000
NOISE_BYTES = 1_500_000
NEAR = 24  # of a colour's 256, after scaling

# The colour in the middle of the page's square, and the share of dark pixels where its Chinese words stand.
LOOK = f"""(box) => {{
  const canvas = document.querySelector(`[data-testid=${{box}}] [data-testid=paper]`);
  if (!canvas || canvas.getAttribute("aria-busy") === "true") return null;
  const pen = canvas.getContext("2d");
  const [x, y] = [Math.floor({SQUARE[0]} * canvas.width), Math.floor({SQUARE[1]} * canvas.height)];
  const [left, top, right, bottom] = {list(WORDS)};
  const words = pen.getImageData(
    left * canvas.width, top * canvas.height, (right - left) * canvas.width, (bottom - top) * canvas.height,
  ).data;
  let dark = 0;
  for (let at = 0; at < words.length; at += 4) if (words[at] < 100) dark += 1;
  return {{ color: [...pen.getImageData(x, y, 1, 1).data].slice(0, 3), words: dark / (words.length / 4) }};
}}"""
IS_PAGE = f"""([box, color]) => {{
  const seen = ({LOOK})(box);
  return seen !== null && seen.words > 0.01
    && seen.color.every((value, channel) => Math.abs(value - color[channel]) < {NEAR});
}}"""


def _note(sent: list[Request], request: Request) -> None:
    """Playwright wants a function of Python."""
    sent.append(request)


async def sees_page(person: Attendee, box: str, page: int) -> None:
    await person.until(IS_PAGE, [box, list(PAGE_COLORS[page - 1])], f"page {page} in {box} of {person.name}")


async def bring(page: Page, file: Path) -> None:
    async with page.expect_file_chooser() as chooser:
        await page.get_by_test_id("add-document").click()
    await (await chooser.value).set_files(file)


async def back_to_the_list(page: Page) -> None:
    await page.get_by_test_id("all-documents").click()
    await page.get_by_test_id("add-document").wait_for()


async def draw_a_mark(expert: Attendee) -> None:
    await expert.until("() => window.__tongxinExpert?.frame() != null", None, "the phone's picture")
    await expert.page.get_by_test_id("tool-rectangle").click()
    box = await expert.page.get_by_test_id("overlay").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await expert.page.mouse.move(x - 40, y - 30)
    await expert.page.mouse.down()
    await expert.page.mouse.move(x + 40, y + 30, steps=4)
    await expert.page.mouse.up()
    await expert.see("mark")


async def test_a_page_of_a_manual_is_shown_to_the_phone_and_linked_to_a_mark(
    server: Tongxin, browser: Chromium, tmp_path: Path
) -> None:
    files = {
        "手册.pdf": manual(NOISE_BYTES),
        "broken.pdf": BROKEN,
        "locked.pdf": encrypted_manual("secret"),
        "font.pdf": manual_without_its_font(),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    huge = tmp_path / "huge.pdf"
    huge.write_bytes(b"%PDF-1.7\n")
    os.truncate(huge, 100_000_000)
    host, session = await start_session(server)
    phone = await open_attendee(browser, "phone", width=390, height=844)
    expert = await open_attendee(browser, "expert", width=1440, height=900)
    await come_in(phone, server, await open_link(host, session, "on_site", "王师傅"))
    await come_in(expert, server, await open_link(host, session, "expert", "Dr Li"))
    sent: list[Request] = []
    expert.page.on("request", lambda request: _note(sent, request))
    await phone.see("phone")
    await expert.press("open-documents")

    # what cannot be taken is said at once, and not a byte of it is sent
    await bring(expert.page, huge)
    await expect(expert.page.get_by_test_id("not-added")).to_contain_text("50 MB at most", timeout=SLOW_MS)
    assert [request for request in sent if request.method == "PUT"] == []

    # a manual is brought, and read: of a large one only what the page needs
    await bring(expert.page, tmp_path / "手册.pdf")
    await sees_page(expert, "documents", 1)
    await expert.press("next-page")
    await sees_page(expert, "documents", 2)

    # shown beside the picture, the phone has the same page, and follows when it is turned
    await expert.press("show-beside")
    await sees_page(phone, "document-sheet", 2)
    assert await _loaded_bytes(phone.page) < NOISE_BYTES / 2
    await phone.page.get_by_test_id("page-touch").dblclick()
    await expect(phone.page.get_by_test_id("page-touch")).to_have_attribute("data-scale", "2.50")
    await phone.press("page-back")
    await sees_page(phone, "document-sheet", 1)
    await phone.press("close-document")
    await expect(phone.page.get_by_test_id("document-chip")).to_contain_text("手册")
    await phone.press("document-chip")
    await sees_page(phone, "document-sheet", 2)
    await expert.press("close-documents")
    await sees_page(expert, "shown-document", 2)

    # a part of it is linked to a mark, which leads back to it
    await draw_a_mark(expert)
    await expert.press("read-shown")
    await sees_page(expert, "documents", 2)
    await expert.page.get_by_role("button", name="Choose a part of the page").click()
    await _drag(expert.page)
    await expert.press("link-mark")
    await expert.page.locator("[data-testid^=link-]:not([data-testid=link-mark])").first.click()
    await expert.press("close-documents")
    await expect(expert.page.get_by_test_id("linked")).to_have_text(re.compile(r"手册 p\. 2"))
    await expert.press("linked")
    await sees_page(expert, "documents", 2)
    await expert.see("part")

    # what cannot be opened says why, and what is shown stays
    for name, words in (("broken", "damaged"), ("locked", "password")):
        await back_to_the_list(expert.page)
        await bring(expert.page, tmp_path / f"{name}.pdf")
        await expect(expert.page.get_by_test_id("unreadable")).to_contain_text(words, timeout=SLOW_MS)
    assert await phone.page.get_by_test_id("document-sheet").is_visible()
    await back_to_the_list(expert.page)
    await bring(expert.page, tmp_path / "font.pdf")
    await expert.until(IS_INKED, None, "Chinese words in a font that the file does not bring")

    # and what was brought by mistake is taken away again, after it was asked once
    await back_to_the_list(expert.page)
    removing = expert.page.get_by_test_id("remove-document")
    kept = await removing.count()
    await expert.page.get_by_role("button", name=re.compile("Remove broken")).click()
    await expert.page.get_by_role("button", name="Remove", exact=True).click()
    await expect(removing).to_have_count(kept - 1, timeout=SLOW_MS)
    assert any("UniGB-UCS2-H" in request.url for request in sent)
    assert all(request.url.removeprefix("blob:").startswith(server.url) for request in sent)
    assert expert.faults + phone.faults == []
    await host.close()


IS_INKED = """() => {
  const canvas = document.querySelector("[data-testid=documents] [data-testid=paper]");
  if (!canvas || canvas.getAttribute("aria-busy") === "true") return false;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let dark = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at] < 100) dark += 1;
  return dark / (data.length / 4) > 0.01;
}"""


async def _loaded_bytes(page: Page) -> int:
    """Of documents, by the phone."""
    loaded: int = await page.evaluate(
        """() => performance.getEntriesByType("resource")
          .filter(({ name }) => name.includes("/api/assist/documents/"))
          .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)"""
    )
    return loaded


async def _drag(page: Page) -> None:
    box = await page.get_by_test_id("documents").get_by_test_id("paper").bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.1 * box["height"])
    await page.mouse.down()
    await page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.4 * box["height"], steps=4)
    await page.mouse.up()
