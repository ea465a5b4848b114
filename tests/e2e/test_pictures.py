"""The pictures of the product that its documents show, taken in a real meeting (`make pictures` keeps them)."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import pytest

from tests.support.attendee import Attendee, open_attendee
from tests.support.chromium import open_chromium
from tests.support.portrait import PORTRAITS, write_portrait
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(300)]

PEOPLE = (("李慧敏", "zh-CN"), ("周建国", "zh-CN"), ("Anna Berg", "en"), ("陈志远", "zh-CN"))


async def test_a_meeting_of_four(tmp_path: Path) -> None:
    folder = Path(os.environ.get("TONGXIN_PICTURES") or tmp_path)
    async with contextlib.AsyncExitStack() as stack:
        server = stack.enter_context(Tongxin(tmp_path / "server"))
        people: list[Attendee] = []
        for number, ((name, locale), portrait) in enumerate(zip(PEOPLE, PORTRAITS, strict=True)):
            home = tmp_path / str(number)
            home.mkdir()
            camera = await asyncio.to_thread(write_portrait, home / "portrait.y4m", portrait)
            flag = f"--use-file-for-fake-video-capture={camera}"
            browser = await stack.enter_async_context(open_chromium(home, flags=[flag]))
            people.append(await open_attendee(browser, name, locale=locale))
            await people[-1].join(server.meeting_link)
        viewer = people[2]
        await viewer.receives("video", 3, frames=3)
        await people[0].chat("早上好，三号线的激光器已经恢复。")
        await viewer.chat("Good. We look at the log together in ten minutes.")
        await viewer.page.wait_for_function("() => !document.querySelector('[data-testid=toast]')")
        await viewer.page.screenshot(path=folder / "meeting.png")
        assert (folder / "meeting.png").stat().st_size > 20_000
        for person in people:
            assert person.faults == []
