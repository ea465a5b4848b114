"""A laptop is closed in a meeting and opened again: the page comes back by itself, to its seat or to a new one."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.support import namespaces
from tests.support.attendee import open_attendee
from tests.support.chromium import open_chromium
from tests.support.server import Tongxin

REASON = namespaces.available()
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.long,
    pytest.mark.network_namespaces,
    pytest.mark.timeout(400),
    pytest.mark.skipif(bool(REASON), reason=REASON),
]

HTTP_PORT = 8443
SEAT_KEPT_S = 60
FRAMES = (
    "async () => [...(await window.__tongxin.sub.getStats()).values()]"
    ".reduce((sum, line) => sum + (line.type === 'inbound-rtp' ? (line.framesDecoded ?? 0) : 0), 0)"
)


def tell_all(host: namespaces.Host, number: signal.Signals) -> None:
    """To every process of the host, which is a browser's."""
    found = subprocess.run(["ip", "netns", "pids", host.name], check=True, capture_output=True, text=True)
    for pid in found.stdout.split():
        os.kill(int(pid), number)


@pytest.mark.parametrize("slept_s", [20, 90])
async def test_a_page_that_slept_comes_back(tmp_path: Path, slept_s: int) -> None:
    with (
        namespaces.pair(59) as (near, far),
        Tongxin(
            tmp_path / "server",
            address=near.address,
            http_port=HTTP_PORT,
            arguments=("--self-signed",),
            command=near.command,
        ) as server,
    ):
        async with (
            open_chromium(tmp_path / "a", command=near.command) as near_browser,
            open_chromium(tmp_path / "b", command=far.command) as far_browser,
        ):
            # given two people in a call
            awake, asleep = await open_attendee(near_browser, "Awake"), await open_attendee(far_browser, "Asleep")
            await awake.join(server.meeting_link)
            await asleep.join(server.meeting_link)
            await awake.receives("video", 1, frames=5)
            await asleep.receives("video", 1, frames=5)
            seat = await asleep.participant_id()
            seats = "() => Object.keys(window.__tongxin.room.participants).length"
            # when the one's machine sleeps, as long as is tested here
            tell_all(far, signal.SIGSTOP)
            try:
                await asyncio.sleep(slept_s)
                if slept_s > SEAT_KEPT_S:  # the other is told that this seat is gone
                    await awake.until(f"() => ({seats})() === 1", None, "one seat")
            finally:
                tell_all(far, signal.SIGCONT)
            # then the page comes back by itself, to its own seat if that was kept, and media flows both ways
            await awake.until(f"() => ({seats})() === 2", None, "two seats")
            await asleep.until("() => window.__tongxin.line === 'joined'", None, "a line that stands")
            await asleep.see_none("reconnecting")
            assert (await asleep.participant_id() == seat) is (slept_s < SEAT_KEPT_S)
            for person in (awake, asleep):
                before = await person.page.evaluate(FRAMES)
                moved = f"async (before) => (await ({FRAMES})()) > before + 5"
                await person.until(moved, before, f"moving pictures at {person.name}")
            for person in (awake, asleep):
                await person.close()
