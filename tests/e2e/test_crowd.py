"""A room of many on one page: tiles on pages, a list that scrolls, and nothing asked for that is not on the screen."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import Browser, WebSocket

from tests.e2e.test_appearance import Inspector
from tests.support.attendee import TIMEOUT_MS, Attendee
from tests.support.crowd import crowd
from tests.support.server import Tongxin
from tests.support.waiting import until_true

pytestmark = [pytest.mark.e2e, pytest.mark.pages, pytest.mark.timeout(300)]

PEOPLE = 60
CAMERAS = 25
TILES = """() => [...document.querySelectorAll("[data-testid=tile], section [data-testid=self-tile]")]
  .filter((tile) => { const box = tile.getBoundingClientRect(); return box.width > 0 && box.height > 0; })
  .map((tile) => tile.dataset.participantId)"""


class Asked:
    """The last list of wants that a page has sent."""

    def __init__(self, person: Attendee) -> None:
        self.visible: list[dict[str, Any]] = []
        person.page.on("websocket", self._follow)

    def _follow(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: self._take(str(frame)))

    def _take(self, frame: str) -> None:
        message = json.loads(frame)
        if message["type"] == "subscribe":
            self.visible = [want for want in message["wants"] if want["visible"] and want["width"]]


@pytest.mark.parametrize(("locale", "width", "height", "per_page"), [("en", 1440, 900, 49), ("zh-CN", 390, 844, 8)])
async def test_sixty_people_take_pages(
    server: Tongxin, browser: Browser, locale: str, width: int, height: int, per_page: int
) -> None:
    async with crowd(server, PEOPLE, cameras=CAMERAS):
        phone = width < 600
        inspector = Inspector(f"{locale}-{width}")
        context = await browser.new_context(
            locale=locale,
            viewport={"width": width, "height": height},
            bypass_csp=True,  # the policy of our pages forbids the inspector's script too
            reduced_motion="reduce",
            has_touch=phone,
            is_mobile=phone,
        )
        person = Attendee(context, await context.new_page(), "Lin")
        asked = Asked(person)
        await person.join(server.meeting_link)
        page = person.page
        # the first page is full, and has those with a picture
        pages = -(-(PEOPLE + 1 - phone) // per_page)
        await person.see_text("page", f"1 / {pages}")
        first: list[str] = await page.evaluate(TILES)
        assert len(first) == per_page + phone  # on a phone the own picture floats over the page
        shown = await _cameras_of(person, first)
        assert len(shown) == min(CAMERAS, per_page)
        # a picture is asked for where it is shown, as large as it is shown there, and nowhere else
        await _asks_for(person, asked, set(first))
        await inspector.look(page, "crowd")

        # when the page is turned by key, arrow or finger, others are shown and asked for
        await page.keyboard.press("PageDown")
        await person.see_text("page", f"2 / {pages}")
        second: list[str] = await page.evaluate(TILES)
        me = await person.participant_id()
        assert not (set(first) & set(second)) - {me}
        await _asks_for(person, asked, set(second))
        await inspector.look(page, "crowd-second")
        await page.keyboard.press("PageUp")
        await person.see_text("page", f"1 / {pages}")
        assert set(await page.evaluate(TILES)) == set(first)
        if phone:
            await _swipe(person)
        else:
            await person.press("page-on")
        await person.see_text("page", f"2 / {pages}")

        # the list of people has everybody, though it draws only those that can be seen
        if phone:
            await person.press("more")
        await person.press("people")
        await person.see("participant-row", 5)
        rows = page.get_by_test_id("participant-row")
        assert await rows.count() < 40
        assert await rows.first.get_attribute("aria-setsize") == str(PEOPLE + 1)
        await page.locator("input[type=search]").fill("figure 059")
        await person.see_text("participant-row", "Figure 059")
        await page.wait_for_function(
            "() => document.querySelectorAll('[data-testid=participant-row]').length === 1", timeout=TIMEOUT_MS
        )
        await inspector.look(page, "crowd-people")

        # sound only: no picture is asked for, and the page says so
        await page.keyboard.press("Escape")
        await person.press("more")
        await person.press("audio-only")
        await page.locator("[data-testid=video-chip][data-state=own]").wait_for(timeout=TIMEOUT_MS)
        await _asks_for(person, asked, set())
        await inspector.look(page, "crowd-audio-only")
        assert inspector.found == []
        assert person.faults == []
        await person.close()


async def _cameras_of(person: Attendee, ids: list[str]) -> dict[str, str]:
    """Track ids of the live cameras among these participants, with their owner."""
    found: dict[str, str] = await person.page.evaluate(
        """(ids) => Object.fromEntries(ids.flatMap((id) => (window.__tongxin.room.participants[id]?.tracks ?? [])
            .filter((track) => track.source === "camera" && !track.muted && id !== window.__tongxin.participantId)
            .map((track) => [track.id, id])))""",
        ids,
    )
    return found


async def _asks_for(person: Attendee, asked: Asked, ids: set[str]) -> None:
    """Wait until the pictures that are asked for are those of these participants."""
    room = await person.room()
    people: Any = room["participants"]
    owner = {track["id"]: id_ for id_, one in people.items() for track in one["tracks"]}
    me = await person.participant_id()

    async def fits() -> bool:
        owners = {owner.get(want["track_id"], "") for want in asked.visible}
        return owners == ids - {me}

    try:
        await until_true(fits)
    except TimeoutError:
        raise AssertionError(f"{len(asked.visible)} pictures are asked for, {len(ids)} tiles are shown") from None


async def _swipe(person: Attendee) -> None:
    """A finger from right to left over the middle of the stage."""
    session = await person.context.new_cdp_session(person.page)
    for kind, x in (("touchStart", 320), ("touchMove", 200), ("touchMove", 80)):
        points = [{"x": x, "y": 300}]
        await session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    await session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
