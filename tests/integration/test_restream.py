"""A broadcast sent on to other platforms: Debian's nginx-rtmp stands for them, its ffprobe for their viewers."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from collab.app import BROADCASTS, MEDIA, ROOMS
from collab.certificates import self_signed_certificate
from rooms.core.stage_model import Layout, StagePhase, Staging
from tests.contract.test_recording import guest_in
from tests.support.api import Json, empty_redis, open_park
from tests.support.livestream import livestream
from tests.support.nginx_rtmp import NginxRtmp, free_port
from tests.support.redis_servers import RedisServer
from tests.support.tls_front import tls_front
from tests.support.waiting import until_true

pytestmark = pytest.mark.timeout(180)

PATIENCE_S = 60.0


async def probed(url: str) -> list[Json]:
    process = await asyncio.create_subprocess_exec(
        *("ffprobe", "-v", "error", "-of", "json", "-show_entries", "stream=codec_name,width,height", url),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    found: list[Json] = json.loads(out)["streams"]
    return sorted(found, key=lambda one: str(one["codec_name"]))


async def test_several_platforms_get_it_and_one_that_refuses_harms_no_other(
    valkey: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await empty_redis(valkey.url)
    port, tls_port = free_port(), free_port()
    certificate = await asyncio.to_thread(self_signed_certificate, tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))  # whom this machine trusts
    settings = {"TONGXIN_RESTREAM_NETWORKS": "127.0.0.0/8", "TONGXIN_LIVE_SIZES": "1"}
    async with (
        open_park(tmp_path / "data", "", valkey.url, settings) as park,
        guest_in(park, "李工程师"),
        tls_front(certificate, tls_port, port),
    ):
        host = await park.administrator()
        show = await livestream(host)
        targets = f"/api/livestreams/{show['id']}/restreams"
        with await asyncio.to_thread(NginxRtmp, tmp_path / "nginx", port, free_port()):
            base = f"rtmp://127.0.0.1:{port}"
            secure = f"rtmps://127.0.0.1:{tls_port}"
            for name, url, key in (
                ("One", f"{base}/sink", "one"),
                ("Two", f"{secure}/sink", "two"),
                ("Three", f"{base}/live", "not-let-in"),
            ):
                answer = await host.post(targets, {"name": name, "url": url, "key": key})
                assert answer.status == 201, answer
                assert key not in answer.body.decode().replace(name, "")
            assert (
                await host.post(targets, {"name": "Inside", "url": "rtmp://10.0.0.1/x", "key": "k"})
            ).code == "invalid"

            view = park.app[ROOMS].rooms[0].view
            staging = Staging(True, tuple(view.participants), Layout.SOLO, "", "")
            park.app[MEDIA].arrange_stage(view.id, staging)
            park.app[BROADCASTS].follow(view.id, show["id"], StagePhase.LIVE)

            async def told() -> list[Json]:
                listed: list[Json] = (await host.get(targets)).json["restreams"]
                return listed

            async def reach(*states: str) -> None:
                async def are() -> bool:
                    return [one["state"] for one in await told()] == list(states)

                await until_true(are, PATIENCE_S)

            async def third_retries() -> bool:
                first, second, third = await told()
                sending = [first["state"], second["state"]] == ["sending", "sending"]
                return sending and third["cause"] in ("refused", "lost")

            await until_true(third_retries, PATIENCE_S)
            for key in ("one", "two"):
                audio, video = await probed(f"{base}/sink/{key}")
                assert (audio["codec_name"], video["codec_name"], video["height"]) == ("aac", "h264", 720)

            # taken off and switched off while it is live
            first, second, third = await told()
            assert (await host.send("DELETE", f"{targets}/{third['id']}")).status == 204
            off = await host.send("PATCH", f"{targets}/{second['id']}", {"enabled": False})
            assert off.status == 204
            await reach("sending", "idle")

            # the platform goes away, and comes back
        await reach("retrying", "idle")
        with await asyncio.to_thread(NginxRtmp, tmp_path / "again", port, free_port()):
            await reach("sending", "idle")
            park.app[BROADCASTS].follow(view.id, show["id"], StagePhase.ENDED)
            await reach("idle", "idle")
        assert first["id"] in {one["id"] for one in await told()}
