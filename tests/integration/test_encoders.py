"""Encoders that people really have: Debian's ffmpeg by RTMP through Debian's nginx-rtmp, and by SRT."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from collab.certificates import self_signed_certificate
from rooms.core.model import Presence, RoomView
from tests.support.api import Browser, Json, Park, empty_redis, open_park
from tests.support.livestream import livestream
from tests.support.nginx_rtmp import SECRET, NginxRtmp, free_port
from tests.support.redis_servers import RedisServer
from tests.support.rtc_client import StreamClient
from tests.support.tls_front import tls_front
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(180)

SOURCE = ("-re", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-re", "-f", "lavfi", "-i", "sine=frequency=440")
CODECS = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac")
PATIENCE_S = 40.0


class Ffmpeg:
    """An encoder; ended by the test, or because it was refused."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def start(cls, form: str, url: str) -> Ffmpeg:
        found = shutil.which("ffmpeg")
        assert found is not None, "`make test` installs ffmpeg"
        command = (found, "-nostdin", "-v", "error", *SOURCE, *CODECS, "-f", form, url)
        return cls(await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL))

    async def is_refused(self) -> bool:
        return await asyncio.wait_for(self.process.wait(), PATIENCE_S) != 0

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def encoder(form: str, url: str) -> AsyncIterator[Ffmpeg]:
    running = await Ffmpeg.start(form, url)
    try:
        yield running
    finally:
        await running.stop()


@asynccontextmanager
async def opened(folder: Path, redis_url: str, environment: dict[str, str]) -> AsyncIterator[tuple[Park, Browser]]:
    await empty_redis(redis_url)
    async with open_park(folder / "data", "", redis_url, environment) as park:
        yield park, await park.administrator()


async def made(host: Browser, livestream_id: str) -> Json:
    answer = await host.post(f"/api/livestreams/{livestream_id}/stream-keys", {"name": "Camera van"})
    assert answer.status == 201, answer
    return answer.json


def stage(park: Park) -> RoomView | None:
    return next((room.view for room in park.rooms.rooms if room.view.stage is not None), None)


def presences(park: Park) -> list[Presence]:
    view = stage(park)
    return [one.presence for one in view.participants.values()] if view is not None else []


async def seen(park: Park, host: Browser, code: str) -> None:
    """Somebody in the stage's room sees and hears it: a program that watches by WHEP."""
    token = (await host.post(f"/api/rooms/{code}/tokens", {"publish": False, "subscribe": True})).json["token"]
    async with StreamClient() as viewer:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
        offer = (await viewer.offer_to_view()).encode()
        answer = await park.browser().ask("POST", f"/whep/{code}", raw=offer, headers=headers)
        assert answer.status == 201, answer
        await viewer.accept(answer.body.decode())
        await viewer.received.decodes(pictures=25, sounds=25)


async def test_rtmp_comes_to_the_stage_and_nobody_without_the_key_does(valkey: RedisServer, tmp_path: Path) -> None:
    port, tls_port = free_port(), free_port()
    plain, base = f"rtmp://127.0.0.1:{port}/live", f"rtmps://127.0.0.1:{tls_port}/live"  # nginx-rtmp itself has no TLS
    settings = {"TONGXIN_RTMP_URL": base, "TONGXIN_RTMP_FROM": plain, "TONGXIN_RTMP_SECRET": SECRET}
    certificate = await asyncio.to_thread(self_signed_certificate, tmp_path)
    async with (
        opened(tmp_path, valkey.url, settings) as (park, host),
        tls_front(certificate, tls_port, port),
    ):
        show = await livestream(host)
        key = await made(host, show["id"])
        assert key["addresses"]["rtmp"] == base
        code = key["addresses"]["whip"].rpartition("/")[2]
        backend = int(park.base_url.rpartition(":")[2])
        with await asyncio.to_thread(NginxRtmp, tmp_path / "nginx", port, backend):
            async with encoder("flv", f"{base}/txk_{'A' * 43}") as stranger:
                assert await stranger.is_refused()
            async with encoder("flv", f"{base}/{key['secret']}"):
                await until(lambda: presences(park) == [Presence.HERE], PATIENCE_S)
                await seen(park, host, code)
                view = stage(park)
                assert view is not None
                (person,) = view.participants
                (told,) = (await host.get(f"/api/livestreams/{show['id']}/stream-keys")).json["keys"]
                assert (told["state"], told["stream"]["copied"], told["stream"]["audio"]) == ("sending", True, "aac")
                async with encoder("flv", f"{plain}/{key['secret']}") as second:
                    assert await second.is_refused()
                assert presences(park) == [Presence.HERE]

            # its line breaks, it comes again, and has its seat
            await until(lambda: presences(park) == [Presence.AWAY], PATIENCE_S)
            async with encoder("flv", f"{plain}/{key['secret']}") as again:
                await until(lambda: presences(park) == [Presence.HERE], PATIENCE_S)
                view = stage(park)
                assert view is not None
                assert list(view.participants) == [person]

                # and without its key the connection ends
                await host.send("DELETE", f"/api/livestreams/{show['id']}/stream-keys/{key['key']['id']}")
                assert await again.is_refused()
                assert presences(park) == []

        # nobody else may say who publishes
        for path in ("/ingest/rtmp/another-secret-of-theirs", f"/ingest/rtmp/{SECRET}"):
            headers = {"X-Forwarded-For": "203.0.113.7", "Content-Type": "application/x-www-form-urlencoded"}
            answer = await park.browser().ask("POST", path, raw=b"call=publish&name=x&clientid=1", headers=headers)
            assert answer.status == 404


async def test_srt_has_a_port_and_a_passphrase_for_each_key(valkey: RedisServer, tmp_path: Path) -> None:
    port = free_port(socket.SOCK_DGRAM)
    async with opened(tmp_path, valkey.url, {"TONGXIN_SRT_PORTS": str(port)}) as (park, host):
        show = await livestream(host)
        key = await made(host, show["id"])
        assert f":{port}?mode=caller&passphrase=" in key["srt"]
        assert (await made(host, show["id"]))["srt"] == ""  # there are no more ports
        code = key["addresses"]["whip"].rpartition("/")[2]

        wrong = key["srt"].replace("passphrase=", "passphrase=x")
        async with encoder("mpegts", wrong) as stranger:
            assert await stranger.is_refused()
        assert stage(park) is None

        running = await _until_sending(park, key["srt"])
        try:
            await seen(park, host, code)
            async with encoder("mpegts", key["srt"]) as second:
                assert await second.is_refused()
            assert presences(park) == [Presence.HERE]
        finally:
            await running.stop()


async def _until_sending(park: Park, url: str) -> Ffmpeg:
    """An encoder tries until the listener is there, as they all do."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            running = await Ffmpeg.start("mpegts", url)
            ended = asyncio.ensure_future(running.process.wait())
            try:
                await until(lambda: ended.done() or Presence.HERE in presences(park), PATIENCE_S)  # noqa: B023
            except BaseException:
                await running.stop()
                raise
            if not ended.done():
                return running


@pytest.mark.long
async def test_rtmp_to_one_node_comes_to_a_stage_of_another(valkey: RedisServer, tmp_path: Path) -> None:
    port = free_port()
    base = f"rtmp://127.0.0.1:{port}/live"
    settings = {
        "TONGXIN_RTMP_URL": base,
        "TONGXIN_RTMP_FROM": base,
        "TONGXIN_RTMP_SECRET": SECRET,
    }
    database = f"sqlite+aiosqlite:///{tmp_path}/park.db"
    await empty_redis(valkey.url)
    async with (
        open_park(tmp_path / "data", database, valkey.url, settings) as park,
        open_park(tmp_path / "other", database, valkey.url, settings) as other,
    ):
        host = await park.administrator()
        show = await livestream(host)
        key = await made(host, show["id"])
        code = key["addresses"]["whip"].rpartition("/")[2]
        socket = await host.join(code)  # the room is there
        assert socket.reply["type"] == "joined"
        backend = int(other.base_url.rpartition(":")[2])
        with await asyncio.to_thread(NginxRtmp, tmp_path / "nginx", port, backend):
            async with encoder("flv", f"{base}/{key['secret']}"):
                await until(lambda: presences(park) == [Presence.HERE] * 2, PATIENCE_S)
                assert presences(other) == []
                await seen(park, host, code)
                async with encoder("flv", f"{base}/{key['secret']}") as second:
                    assert await second.is_refused()
            await until(lambda: presences(park) == [Presence.HERE, Presence.AWAY], PATIENCE_S)
            async with encoder("flv", f"{base}/{key['secret']}") as again:
                await until(lambda: presences(park) == [Presence.HERE] * 2, PATIENCE_S)
                await host.send("DELETE", f"/api/livestreams/{show['id']}/stream-keys/{key['key']['id']}")
                assert await again.is_refused()
                assert presences(park) == [Presence.HERE]
