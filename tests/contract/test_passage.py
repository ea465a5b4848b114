"""An encoder that fills the stage: viewers fetch what it sent, byte for byte; with a name over it they get a composed
picture.  A real server, an encoder with a stream key (aiortc), a real egress process."""

from __future__ import annotations

import asyncio
import io
import re
from pathlib import Path

import av
import pytest

from collab.recordings.models import RecordingState
from collab.recordings.repository import RecordingRepository
from signaling.egress.fragments import units_of
from signaling.egress.segments import PART_MS
from tests.bench_live.clips import CAMERA, FRAMES_PER_S, clip, publish
from tests.support.api import Browser, empty_redis, eventually, open_park
from tests.support.encoder import alone_on_stage
from tests.support.livestream import watch
from tests.support.redis_servers import RedisServer
from tests.support.rtc_client import PATIENCE_S, StreamClient

pytestmark = pytest.mark.timeout(180)

SLICES = {1, 5}


def slices(units: list[bytes]) -> tuple[bytes, ...]:
    return tuple(unit for unit in units if unit[0] & 0x1F in SLICES)


def pictures_of(media: bytes) -> list[tuple[float, tuple[bytes, ...]]]:
    """(time in ms, slices) of each."""
    found = []
    with av.open(io.BytesIO(media), "r") as film:
        for packet in film.demux(video=0):
            sample, at, units = bytes(packet), 0, []
            while at < len(sample):
                size = int.from_bytes(sample[at : at + 4], "big")
                units.append(sample[at + 4 : at + 4 + size])
                at += 4 + size
            if packet.pts is not None:
                found.append((float(packet.pts * packet.time_base) * 1_000, slices(units)))
    return found


async def stretches(viewer: Browser, url: str) -> list[tuple[str, list[str]]]:
    """(head, whole segments) as the playlist tells them."""
    answer = await viewer.get(url)
    found: list[tuple[str, list[str]]] = []
    for line in answer.body.decode().splitlines() if answer.status == 200 else ():
        if (head := re.match(r'#EXT-X-MAP:URI="(.+)"', line)) is not None:
            found.append((head[1], []))
        elif re.fullmatch(r"\d+\.m4s", line):
            found[-1][1].append(line)
    return found


async def test_viewers_get_an_encoders_own_pictures_until_there_is_more_to_see(
    valkey: RedisServer, tmp_path: Path
) -> None:
    await empty_redis(valkey.url)
    shown = clip("H264", CAMERA)
    numbers = {slices(list(units_of(picture))): number for number, picture in enumerate(shown.pictures)}
    environment = {"TONGXIN_LIVE_SIZES": "1"}
    async with (
        open_park(tmp_path / "data", f"sqlite+aiosqlite:///{tmp_path}/park.db", valkey.url, environment) as park,
        StreamClient() as encoder,
    ):
        host = await park.administrator()
        publish(encoder.connection, shown)
        show, socket, van = await alone_on_stage(host, encoder)
        base = str((await watch(host, show["id"]))["hls"]).rpartition("/")[0] + "/720"

        async def has(heads: int) -> bool:
            told = await stretches(host, f"{base}/plain.m3u8")
            return len(told) >= heads and len(told[-1][1]) >= 2

        await eventually(lambda: has(2), PATIENCE_S)
        head, segments = (await stretches(host, f"{base}/plain.m3u8"))[1]
        media = b"".join([(await host.get(f"{base}/{name}")).body for name in (head, *segments)])
        found = await asyncio.to_thread(pictures_of, media)
        assert len(found) > FRAMES_PER_S
        order = [numbers[picture] for _, picture in found]  # KeyError: it is none that was sent
        assert order == [(order[0] + at) % len(shown.pictures) for at in range(len(order))]
        times = [at_ms for at_ms, _ in found]
        assert times == sorted(set(times))
        assert times[-1] - times[0] == pytest.approx((len(times) - 1) * 1_000 / FRAMES_PER_S, abs=200)
        told = (await host.get(f"{base}/live.m3u8")).body.decode()
        assert max(float(one) for one in re.findall(r"EXT-X-PART:DURATION=([\d.]+)", told)) * 1_000 <= PART_MS

        await socket.ask("stage_name", participant_id=van, name="Dr. Wei", line="Optics", shown=True)
        await eventually(lambda: has(3), PATIENCE_S)
        head, segments = (await stretches(host, f"{base}/plain.m3u8"))[2]
        media = (await host.get(f"{base}/{head}")).body + (await host.get(f"{base}/{segments[0]}")).body
        with av.open(io.BytesIO(media), "r") as film:
            assert film.streams.video[0].height == 720

        await socket.ask("stage_end")

        async def is_kept() -> bool:
            kept = await RecordingRepository(park.database).get(show["id"])
            return kept is not None and kept.state is RecordingState.READY and kept.film_ms > 6_000

        await eventually(is_kept, PATIENCE_S)
        await socket.close()
