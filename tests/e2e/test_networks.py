"""Browsers on another host than the server: a cut line, and Firefox with Chromium.  Namespaces need root."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support import namespaces
from tests.support.attendee import RECEIVED, open_attendee
from tests.support.chromium import open_chromium
from tests.support.firefox import open_firefox
from tests.support.server import Tongxin

REASON = namespaces.available()
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.network_namespaces,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(REASON), reason=REASON),
]

HTTP_PORT = 8443
CUT_S = 10


def serve(folder: Path, host: namespaces.Host) -> Tongxin:
    """A server inside `host`, with HTTPS so that pages may use cameras."""
    return Tongxin(
        folder, address=host.address, http_port=HTTP_PORT, arguments=("--self-signed",), command=host.command
    )


async def test_a_line_cut_for_ten_seconds_keeps_the_seat(tmp_path: Path) -> None:
    with namespaces.pair(51) as (near, far), serve(tmp_path / "server", near) as server:
        async with (
            open_chromium(tmp_path / "a", command=near.command) as steady_browser,
            open_chromium(tmp_path / "b", command=far.command) as cut_browser,
        ):
            # given two people in a meeting
            steady = await open_attendee(steady_browser, "Steady")
            cut = await open_attendee(cut_browser, "Cut")
            await steady.join(server.meeting_link)
            await cut.join(server.meeting_link)
            await steady.receives("video", 1, frames=5)
            await cut.receives("video", 1, frames=5)
            seat = await cut.participant_id()
            # when the line of one is dead for ten seconds
            far.run("ip", "link", "set", far.link, "down")
            await cut.see("reconnecting")
            await asyncio.sleep(CUT_S)  # the length of the cut is what is tested
            far.run("ip", "link", "set", far.link, "up")
            # then the page comes back by itself to the same seat, and media flows again both ways
            await cut.see_none("reconnecting")
            assert await cut.participant_id() == seat
            await cut.receives("video", 1, frames=5)
            await steady.receives("video", 1, frames=5)
            await cut.chat("back again")
            await steady.press("chat")
            await steady.see_text("chat-message", "back again")
            assert len(await steady.page.evaluate("() => Object.keys(window.__tongxin.room.participants)")) == 2
            await steady.close()
            await cut.close()


async def test_firefox_and_chromium_meet(tmp_path: Path) -> None:
    with namespaces.pair(52) as (near, far), serve(tmp_path / "server", near) as server:
        async with (
            open_chromium(tmp_path / "a", command=near.command) as browser,
            open_firefox(far.command) as firefox,
        ):
            chromium = await open_attendee(browser, "Chromium")
            await chromium.join(server.meeting_link)
            await firefox.ask("goto", server.meeting_link)
            await firefox.ask("type", ["[data-testid=name-input]", "Firefox"])
            await firefox.ask("click", "[data-testid=join]")
            await firefox.ask("until", "!!document.querySelector('[data-testid=meeting]')")
            await chromium.receives("video", 1, frames=60)
            await chromium.receives("audio", 1, sound=True)
            enough = (
                f"({RECEIVED})().then((lines) => lines.some((line) => line.kind === 'video' && line.frames > 60)"
                " && lines.some((line) => line.kind === 'audio' && line.energy > 1e-4))"
            )
            await firefox.ask("until", enough)
            await chromium.close()
