"""Nobody gets past the lobby, the lock or the edge of the server: not by another door, another origin, or too many."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from collab.meetings.models import TokenKind
from tests.support.live_park import LivePark, open_live_park
from tests.support.redis_servers import RedisServer
from tests.support.rtc_client import StreamClient


@pytest.fixture
async def live(tmp_path: Path, valkey: RedisServer) -> AsyncIterator[LivePark]:
    async with open_live_park(tmp_path / "data", f"{valkey.url}?db=6") as opened:
        yield opened


@pytest.fixture
async def guarded(tmp_path: Path, valkey: RedisServer) -> AsyncIterator[LivePark]:
    async with open_live_park(tmp_path / "data", f"{valkey.url}?db=6", lobby_enabled=True) as opened:
        yield opened


async def offers() -> tuple[str, str]:
    async with StreamClient() as camera, StreamClient() as viewer:
        return await camera.offer_to_publish(), await viewer.offer_to_view()


@pytest.mark.parametrize("lobby", [False, True])
async def test_a_guests_token_opens_neither_whip_nor_whep(tmp_path: Path, valkey: RedisServer, lobby: bool) -> None:
    """A viewer by WHEP is seen by nobody: a guest who waits, or who was removed, must not become one."""
    async with open_live_park(tmp_path / "data", f"{valkey.url}?db=6", lobby_enabled=lobby) as live:
        publish, view = await offers()
        answers = [
            await live.post(kind, await live.guest_token(), offer)
            for kind, offer in (("whip", publish), ("whep", view))
        ]
        assert [(answer.status, answer.code) for answer in answers] == [(403, "forbidden")] * 2
        assert await live.transports() == 1  # the host's own
        assert len(live.people()) == 1
