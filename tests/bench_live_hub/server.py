"""The server of the bench, in a process of its own."""

from __future__ import annotations

import asyncio
import time
from multiprocessing.connection import Connection
from pathlib import Path

from collab.clock import now_ms
from collab.livestream.repository import LivestreamRepository
from collab.livestream.tokens import Viewer, ViewerKind, sign
from tests.support.api import Park, open_park
from tests.support.livestream import livestream


async def tokens(park: Park, livestream_id: str, count: int) -> list[str]:
    """As `watch` makes them; a park behind one address would not ask for so many in a minute."""
    found = await LivestreamRepository(park.database).get(livestream_id)
    assert found is not None
    return [
        sign(
            Viewer(
                livestream_id=livestream_id,
                id=f"anon_{number}",
                kind=ViewerKind.ANONYMOUS,
                name=f"Viewer {number}",
                expires_at_ms=now_ms() + 3_600_000,
            ),
            found.token_key,
        )
        for number in range(count)
    ]


def serve(pipe: Connection, redis_url: str, folder: str, viewers: int) -> None:
    async def run() -> None:
        async with open_park(Path(folder), "", redis_url) as park:
            host = await park.administrator()
            made = await livestream(host, chat={"slow_s": 0})
            pipe.send((park.base_url, made["id"], await tokens(park, made["id"], viewers)))
            loop = asyncio.get_running_loop()
            while True:
                word = await loop.run_in_executor(None, pipe.recv)
                if word == "cpu":
                    pipe.send(time.process_time())
                else:
                    return

    asyncio.run(run())
