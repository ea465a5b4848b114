"""An end-to-end encrypted meeting in real browsers: keys go between the devices, and the server reads nothing."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.e2e.test_meeting import administrator
from tests.support.attendee import TIMEOUT_MS, Attendee, open_attendee
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

FRAMES = 60

# A browser that lets nobody at frames.
WITHOUT_FRAMES = "delete window.RTCRtpScriptTransform; delete RTCRtpSender.prototype.createEncodedStreams;"
# What the server sees: frames as they come, past the worker that opens them.
WITHOUT_KEYS = """
Object.defineProperty(RTCRtpReceiver.prototype, "transform", { set() {}, get() { return null; } });
"""
# Frames of video that came, and those that a decoder took for pictures.
SEEN = """async () => {
  const report = [...(await window.__tongxin.sub.getStats()).values()];
  const video = report.filter((line) => line.type === "inbound-rtp" && line.kind === "video");
  return ["framesReceived", "framesDecoded"].map((name) => video.reduce((sum, line) => sum + line[name], 0));
}"""


async def encrypted_meeting(server: Tongxin, host: Attendee) -> str:
    """The link of a new one."""
    request = host.page.request
    me = await (await request.get(f"{server.url}/api/me")).json()
    answer = await request.post(
        f"{server.url}/api/meetings",
        data={"title": "Board", "encrypted": True},
        headers={"Origin": server.url, "X-CSRF-Token": me["csrf"]},
    )
    assert answer.ok, await answer.text()
    return f"{server.url}/m/{(await answer.json())['code']}"


async def phrase_of(person: Attendee, devices: int) -> str:
    """Once `devices` of them are in it."""
    shown = "() => document.documentElement && window.__tongxin?.phrase?.join(' ')"
    people = f"() => Object.values(window.__tongxin.room.participants).filter((p) => p.public_key).length === {devices}"
    await person.page.wait_for_function(people, timeout=TIMEOUT_MS)
    await person.page.wait_for_function(shown, timeout=TIMEOUT_MS)
    value: str = await person.page.evaluate(shown)
    return value


@pytest.mark.long
async def test_three_people_meet_and_keys_move_on_as_they_come_and_go(server: Tongxin, browser: Browser) -> None:
    # given two people in an encrypted room
    host = await administrator(browser, server)
    link = await encrypted_meeting(server, host)
    guest = await open_attendee(browser, "Lin", locale="zh-CN")
    await host.join(link)
    await guest.join(link)

    # then they see and hear each other, and share a phrase
    for person in (host, guest):
        await person.receives("video", 1, frames=FRAMES)
        await person.receives("audio", 1, sound=True)
    first = await phrase_of(host, 2)
    assert first == await phrase_of(guest, 2)

    # when a third comes, all three do, and the phrase is another
    third = await open_attendee(browser, "Wei")
    await third.join(link)
    for person in (host, guest, third):
        await person.receives("video", 2, frames=10)
    second = await phrase_of(third, 3)
    assert second == await phrase_of(host, 3) == await phrase_of(guest, 3) != first

    # when one leaves, the others go on under new keys
    await guest.page.keyboard.press("Escape")  # the phrase is still open
    await guest.press("leave")
    await host.page.wait_for_function("() => Object.keys(window.__tongxin.room.participants).length === 2")
    await guest.close()
    for person in (host, third):
        await person.receives("video", 1, frames=20)
        await person.receives("audio", 1, sound=True)
    assert await phrase_of(host, 2) == await phrase_of(third, 2) not in (first, second)

    assert [fault for person in (host, third) for fault in person.faults] == []
    for person in (host, third):
        await person.close()


async def test_without_keys_nothing_is_seen_and_chat_is_sealed(server: Tongxin, browser: Browser) -> None:
    # given somebody in an encrypted room, and an onlooker who has no more than the server has
    host = await administrator(browser, server)
    link = await encrypted_meeting(server, host)
    onlooker = await open_attendee(browser, "Onlooker")
    await onlooker.context.add_init_script(WITHOUT_KEYS)
    await host.join(link)
    await onlooker.join(link)

    # then frames come and no pictures of them: VP8 has no checksum, so a decoder takes noise for a picture now and
    # then, after such a one for several in a row; with the keys nearly every frame is one
    await onlooker.until(f"async () => (await ({SEEN})())[0] > {FRAMES}", None, "frames of the host's camera")
    received, decoded = await onlooker.page.evaluate(SEEN)
    assert decoded * 3 < received

    # when the host writes, who is there reads it, and the room holds no word of it
    await phrase_of(onlooker, 2)
    await host.chat("the offer is 4,200,000")
    await onlooker.press("chat")
    await onlooker.see_text("chat-message", "the offer is 4,200,000")
    room = await onlooker.room()
    assert "offer" not in str(room["chat"])
    assert len(str(room["chat"])) > 60

    # who comes later is told that there is something to read, and cannot
    late = await open_attendee(browser, "Late")
    await late.join(link)
    await late.press("chat")
    await late.see_text("chat-message", "Written before this page had the key")
    for person in (host, onlooker, late):
        await person.close()


async def test_a_browser_that_cannot_is_told_before_it_enters(server: Tongxin, browser: Browser) -> None:
    host = await administrator(browser, server)
    link = await encrypted_meeting(server, host)
    old = await open_attendee(browser, "Old")
    await old.context.add_init_script(WITHOUT_FRAMES)
    await old.page.goto(link)
    await old.see("encryption-impossible")
    assert await old.page.get_by_test_id("join").is_disabled()
    for person in (host, old):
        await person.close()
