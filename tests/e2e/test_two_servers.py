"""Two server processes on one Redis and one database serve one park."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.attendee import open_attendee
from tests.support.chromium import open_chromium
from tests.support.redis_servers import RedisServer
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


async def test_people_on_two_servers_meet(tmp_path: Path, valkey: RedisServer, postgres_url: str) -> None:
    with (
        Tongxin(tmp_path / "one", database_url=postgres_url, redis_url=valkey.url) as one,
        Tongxin(tmp_path / "two", database_url=postgres_url, redis_url=valkey.url) as two,
    ):
        async with open_chromium(tmp_path) as browser:
            # given somebody in a room by way of the first server
            near = await open_attendee(browser, "Near")
            await near.join(one.meeting_link)
            # when another comes by way of the second
            far = await open_attendee(browser, "Far")
            await far.join(one.meeting_link.replace(one.url, two.url))
            # then they see and hear each other and read what is written
            for person in (near, far):
                await person.see("tile")
                await person.receives("video", 1, frames=10)
                await person.receives("audio", 1, sound=True)
            await far.chat("from the other side")
            await near.press("chat")
            await near.see_text("chat-message", "from the other side")
            for person in (near, far):
                assert person.faults == []
                await person.close()
