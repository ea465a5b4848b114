"""What is in a film: a clock that is seen and heard goes in, the film is decoded again; processes die meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import aiohttp
import pytest

from signaling.testguest import GuestRefused, TestGuest
from tests.support.api import PASSWORD, Browser, Json, Socket
from tests.support.film_clock import FRAME_MS, NUMBERS, FilmClock, Seen, seen_in
from tests.support.redis_servers import RedisServer
from tests.support.server import Tongxin
from tests.support.waiting import until, until_true

LOST_MAX_MS = 2_000
LIPS_MAX_MS = 40
PATIENCE_S = 60.0
LOOK_EVERY_S = 0.2  # the API lets nobody ask without end

pytestmark = pytest.mark.timeout(300)


@dataclass
class Filmed:
    """A meeting with a clock in it, recorded by a server process that may be killed."""

    server: Tongxin
    host: Browser
    code: str
    clock: FilmClock
    redis_url: str

    async def sit_down(self) -> Socket:
        self.host.base_url = self.server.url
        socket = await self.host.join(self.code)
        assert socket.reply["type"] == "joined", socket.reply
        return socket

    async def publish(self) -> None:
        """For as long as it is not cancelled, whichever server is there."""
        while True:
            guest = TestGuest(self.server.url, self.code, "Clock", media=self.clock.publish)
            with contextlib.suppress(GuestRefused, aiohttp.ClientError, ConnectionError, TimeoutError):
                await guest.run()
            await asyncio.sleep(0.1)

    async def recording(self) -> Json:
        [one] = (await self.host.get("/api/recordings")).json["recordings"]
        return dict(one)

    async def films(self, more_ms: int) -> None:
        """Until the film is longer by so much."""
        before = (await self.recording())["film_ms"]

        async with asyncio.timeout(PATIENCE_S + more_ms / 1_000):
            while (await self.recording())["film_ms"] < before + more_ms:  # noqa: ASYNC110 -- nobody tells
                await asyncio.sleep(LOOK_EVERY_S)

    def filming_process(self) -> int:
        """Of the children of the server, the one that has a part open."""
        children = Path(f"/proc/{self.server.program.pid}/task/{self.server.program.pid}/children").read_text()
        for child in children.split():
            for link in Path(f"/proc/{child}/fd").iterdir():
                with contextlib.suppress(FileNotFoundError):
                    if "/part-" in str(link.readlink()):
                        return int(child)
        raise AssertionError("nobody films")

    async def fall_and_rise(self) -> None:
        """The server is killed; another one starts on what it has left."""
        os.kill(self.server.program.pid, signal.SIGKILL)
        await until(lambda: not self.server.program.running)
        self.server = await asyncio.to_thread(_server, self.server.folder, self.redis_url)

    async def film(self, socket: Socket, folder: Path) -> Seen:
        await socket.ask("stop_recording")

        async def is_ready() -> bool:
            return str((await self.recording())["state"]) == "ready"

        await until_true(is_ready, PATIENCE_S)
        recording = await self.recording()
        answer = await self.host.get(recording["film_url"])
        path = folder / "film.mp4"
        await asyncio.to_thread(path.write_bytes, answer.body)
        seen = await asyncio.to_thread(seen_in, path)
        assert seen.film_ms == pytest.approx(recording["film_ms"], abs=100)
        return seen


def _server(folder: Path, redis_url: str) -> Tongxin:
    return Tongxin(folder, redis_url=redis_url, environment={"TONGXIN_NODE": "studio"})


@asynccontextmanager
async def recorded_meeting(folder: Path, redis_url: str) -> AsyncIterator[tuple[Filmed, Socket]]:
    server = await asyncio.to_thread(_server, folder, redis_url)
    host = Browser(server.url)
    token = (server.setup_link or "").partition("token=")[2]
    body = {"token": token, "name": "Lin", "email": "lin@park.example", "password": PASSWORD}
    assert (await host.post("/api/setup", {**body, "organization": "Optics Valley"})).status == 200
    filmed = Filmed(server, host, (await host.meeting("周会"))["code"], await asyncio.to_thread(FilmClock), redis_url)
    publishing = asyncio.create_task(filmed.publish())
    try:
        socket = await filmed.sit_down()
        await socket.until_event("tracks_changed")
        await socket.ask("start_recording")

        async def is_made() -> bool:
            return bool((await host.get("/api/recordings")).json["recordings"])

        await until_true(is_made, PATIENCE_S)
        yield filmed, socket
    finally:
        publishing.cancel()
        await asyncio.wait([publishing])
        await host.close()
        filmed.server.stop()


@pytest.mark.long
async def test_a_film_shows_what_was_sent_also_when_processes_were_killed(valkey: RedisServer, tmp_path: Path) -> None:
    # given a recording of which its process is killed, and then the whole server
    async with recorded_meeting(tmp_path / "server", valkey.url) as (filmed, first_seat):
        await filmed.films(4_000)
        os.kill(filmed.filming_process(), signal.SIGKILL)
        await filmed.films(4_000)
        killed_at = filmed.clock.picture
        await filmed.fall_and_rise()
        await first_seat.close()
        second_seat = await filmed.sit_down()
        await filmed.films(3_000)
        seen = await filmed.film(second_seat, tmp_path)

    # then the film is in order, keeps time, and little is lost: while there was no server nobody could send
    jumps = sorted(later.first - former.last for former, later in pairwise(seen.stretches))
    *small, _outage = [jump * FRAME_MS for jump in jumps]
    until_killed = next(former for former, later in pairwise(seen.stretches) if later.first - former.last == jumps[-1])
    at_the_end = ((killed_at - until_killed.last + NUMBERS // 2) % NUMBERS - NUMBERS // 2) * FRAME_MS
    print(f"lost with the process {small} ms, with the server {at_the_end} ms; lip sync {seen.lip_sync_ms:+.0f} ms")
    print("slips", [round(one.slip_ms) for one in seen.stretches], "lips", [round(lip) for lip in seen.lips_ms])
    assert max(small, default=0) <= LOST_MAX_MS  # less than JUMP pictures are no jump
    assert at_the_end <= LOST_MAX_MS
    assert max(abs(one.slip_ms) for one in seen.stretches) <= FRAME_MS
    assert abs(seen.lip_sync_ms) <= LIPS_MAX_MS


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_film_keeps_time(valkey: RedisServer, tmp_path: Path) -> None:
    async with recorded_meeting(tmp_path / "server", valkey.url) as (filmed, _):
        await filmed.films(180_000)
        seen = await filmed.film(await filmed.sit_down(), tmp_path)  # the first seat said nothing and was given up
    whole = seen.whole
    print(
        f"{seen.film_ms / 60_000:.2f} minutes: drift {whole.drift_ms_per_minute:+.1f} ms a minute, "
        f"longest hold {whole.longest_hold_ms:.0f} ms, jumps {len(seen.stretches) - 1}, "
        f"lip sync {seen.lip_sync_ms:+.1f} ms ({min(seen.lips_ms):+.0f} to {max(seen.lips_ms):+.0f}), "
        f"load {os.getloadavg()[1]:.1f}"
    )
    assert abs(whole.drift_ms_per_minute) <= FRAME_MS
    assert abs(seen.lip_sync_ms) <= LIPS_MAX_MS
