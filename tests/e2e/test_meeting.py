"""A meeting in real browsers: they see and hear each other, share, chat, and obey their host."""

from __future__ import annotations

import os

import pytest
from playwright.async_api import Browser

from tests.support.attendee import TIMEOUT_MS, Attendee, open_attendee
from tests.support.server import Tongxin
from tests.support.sides import DESK, Side

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

FRAMES = 60  # at five frames a second these take twelve seconds
PASSWORD = "a long enough passphrase 7"


async def administrator(browser: Browser, server: Tongxin, side: Side = DESK) -> Attendee:
    """Whoever opened the first link: the park's administrator, and so the host of every meeting."""
    host = await side.open(browser, "Host")
    setup = server.setup_link
    assert setup is not None
    body = {
        "token": setup.partition("token=")[2],
        "name": "Host",
        "email": "host@park.example",
        "password": PASSWORD,
        "organization": "Park",
    }
    answer = await host.page.request.post(f"{server.url}/api/setup", data=body)
    assert answer.ok, await answer.text()
    return host


async def test_three_people_meet(server: Tongxin, browser: Browser) -> None:
    # given three people in one room, one of them its host
    host = await administrator(browser, server)
    first, second = await open_attendee(browser, "Lin"), await open_attendee(browser, "Wei", locale="zh-CN")
    everyone = (host, first, second)
    for person in everyone:
        await person.join(server.meeting_link)

    # then each sees and hears both others
    for person in everyone:
        await person.see("tile", 2)
    for person in everyone:
        await person.receives("video", 2, frames=FRAMES)
        await person.receives("audio", 2, sound=True)

    # when the host shares a screen, it arrives
    await host.press("share")
    for person in (first, second):
        await person.page.locator("[data-testid=tile][data-source=screen]").wait_for(timeout=TIMEOUT_MS)
        await person.receives("video", 3, frames=2)
    picture = os.environ.get("TONGXIN_SCREENSHOTS")
    if picture:
        await first.page.screenshot(path=f"{picture}/meeting-share-en.png")
    await host.press("share")
    await first.page.locator("[data-testid=tile][data-source=screen]").wait_for(state="detached", timeout=TIMEOUT_MS)

    # when somebody writes, the others read it, as text and not as markup
    await first.chat("hello <b>everyone</b> https://example.org/x")
    await second.see("unread")
    await second.press("chat")
    await second.see_text("chat-message", "hello <b>everyone</b>")
    link = second.page.get_by_test_id("chat-message").locator("a")
    assert {"noopener", "noreferrer"} <= set((await link.get_attribute("rel") or "").split())

    # when the host mutes somebody, they are silent, and know it
    muted = await first.participant_id()
    await host.act_on(muted, "menu-mute")
    await first.page.locator("[data-testid=mic][data-off]").wait_for(timeout=TIMEOUT_MS)

    # when the host removes somebody, they are out at once and cannot return
    await host.act_on(await second.participant_id(), "menu-remove")
    await host.press("confirm")
    await second.page.locator("[data-testid=left-page][data-reason=removed]").wait_for(timeout=TIMEOUT_MS)
    await second.knock(server.meeting_link)
    await second.page.locator("[data-testid=left-page][data-reason=removed]").wait_for(timeout=TIMEOUT_MS)
    await first.page.wait_for_function("() => Object.keys(window.__tongxin.room.participants).length === 2")

    assert [fault for person in everyone for fault in person.faults] == []
    for person in everyone:
        await person.close()


async def test_host_admits_from_the_lobby(server: Tongxin, browser: Browser) -> None:
    # given a host who switched the lobby on
    host = await administrator(browser, server)
    await host.join(server.meeting_link)
    await host.press("people")
    await host.press("lobby-switch")

    # when a guest knocks
    guest = await open_attendee(browser, "Visitor")
    await guest.knock(server.meeting_link)
    await guest.see("waiting-room")
    await host.see_text("lobby-entry", "Visitor")
    # then they hear and see nothing of the room
    assert await guest.received() == []

    # when the host admits them, they are in
    await host.press("admit")
    await guest.see("meeting")
    await guest.receives("video", 1, frames=5)

    # a second one is denied
    other = await open_attendee(browser, "Stranger")
    await other.knock(server.meeting_link)
    await other.see("waiting-room")
    await host.see_text("lobby-entry", "Stranger")
    await host.press("deny")
    await other.page.locator("[data-testid=left-page][data-reason=denied]").wait_for(timeout=TIMEOUT_MS)
    for person in (host, guest, other):
        assert person.faults == []
        await person.close()


async def test_a_reload_takes_the_same_seat(server: Tongxin, browser: Browser) -> None:
    first, second = await open_attendee(browser, "Lin"), await open_attendee(browser, "Wei")
    await first.join(server.meeting_link)
    await second.join(server.meeting_link)
    await first.receives("video", 1, frames=5)
    seat = await second.participant_id()

    await second.page.reload()

    await second.see("meeting")
    await second.page.wait_for_function("() => window.__tongxin.participantId", timeout=TIMEOUT_MS)
    assert await second.participant_id() == seat
    await first.receives("video", 1, frames=5)
    await second.receives("video", 1, frames=5)
    assert await first.page.evaluate("() => Object.keys(window.__tongxin.room.participants).length") == 2
    for person in (first, second):
        assert person.faults == []
        await person.close()
