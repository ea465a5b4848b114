"""A room shown to viewers while it is filmed: real egress processes, fetched by HTTP as players do."""

from __future__ import annotations

import asyncio
import io
import os
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import obstore
import pytest

from collab.app import BROADCASTS, MEDIA, ROOMS
from collab.broadcasts.repository import BroadcastRepository
from collab.files.store import open_store
from collab.recordings.models import RecordingState
from collab.recordings.repository import RecordingRepository
from rooms.core.stage_model import Layout, StagePhase, Staging
from signaling.testcard import TONE_HZ
from tests.contract.test_recording import guest_in, loudest_hz
from tests.support.api import Browser, Park, empty_redis, eventually, open_park
from tests.support.object_store import CREDENTIALS, ObjectStoreServer
from tests.support.redis_servers import RedisServer
from tests.support.rtc_client import PATIENCE_S

pytestmark = pytest.mark.timeout(180)

LIVESTREAM = "01JX0000000000000000000001"


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[ObjectStoreServer]:
    server = ObjectStoreServer(tmp_path)
    yield server
    server.stop()


WRONG = {
    "{key}/720/live.m3u8?_HLS_msn=99999999&_HLS_part=0": 400,
    "{key}/720/live.m3u8?_HLS_part=1": 400,
    "{key}/720/live.m3u8?_HLS_msn=-1": 400,
    "{key}/720/live.m3u8?_HLS_msn=1e9": 400,
    "{key}/1080/live.m3u8": 404,
    "{key}/720/9.9.9.m4s": 404,
    "{key}/720/77777.m4s": 404,
    "{key}/720/init-9.mp4": 404,
    "{key}/720/%2e%2e%2f%2e%2e%2fpark.db": 404,
    "{other}/master.m3u8": 404,
    "{other}/720/0.m4s": 404,
}


async def fetch(browser: Browser, path: str) -> bytes:
    answer = await browser.get(path)
    assert answer.status == 200, (path, answer)
    return answer.body


async def text_of(browser: Browser, path: str) -> str:
    return (await fetch(browser, path)).decode()


async def key_of(park: Park, livestream_id: str) -> str:
    async def is_live() -> bool:
        broadcast = park.app[BROADCASTS].find(livestream_id)
        return broadcast is not None and broadcast.recording is not None

    await eventually(is_live, PATIENCE_S)
    broadcast = await BroadcastRepository(park.database).get(livestream_id)
    assert broadcast is not None
    return broadcast.key


def edge_of(playlist: str) -> tuple[int, int]:
    """(segment, part) that is announced."""
    found = re.search(r'PRELOAD-HINT:TYPE=PART,URI="(\d+)\.(\d+)\.m4s"', playlist)
    assert found is not None, playlist
    return int(found[1]), int(found[2])


async def test_viewers_fetch_what_happens_in_a_room(valkey: RedisServer, tmp_path: Path) -> None:
    await empty_redis(valkey.url)
    async with (
        open_park(tmp_path / "data", f"sqlite+aiosqlite:///{tmp_path}/park.db", valkey.url) as park,
        guest_in(park, "李工程师"),
    ):
        broadcasts, viewer = park.app[BROADCASTS], park.browser()
        view = park.app[ROOMS].rooms[0].view
        room = view.id
        park.app[MEDIA].arrange_stage(room, Staging(True, tuple(view.participants), Layout.SOLO, "", ""))
        broadcasts.follow(room, LIVESTREAM, StagePhase.LIVE)
        base = f"/hls/{await key_of(park, LIVESTREAM)}"

        async def has_begun() -> bool:  # it waits by itself, for some seconds
            return (await viewer.get(f"{base}/master.m3u8")).status == 200

        await eventually(has_begun, PATIENCE_S)
        master = await text_of(viewer, f"{base}/master.m3u8")
        assert re.findall(r"^\d+/live\.m3u8$", master, re.MULTILINE) == ["720/live.m3u8", "360/live.m3u8"]
        assert re.search(r'CODECS="avc1\.64[0-9a-f]{4},mp4a\.40\.2"', master)

        # an announced part and the playlist after it are answered when they are there
        playlist = await text_of(viewer, f"{base}/360/live.m3u8")
        segment, part = edge_of(playlist)
        piece, after = await asyncio.gather(
            fetch(viewer, f"{base}/360/{segment}.{part}.m4s"),
            text_of(viewer, f"{base}/360/live.m3u8?_HLS_msn={segment}&_HLS_part={part}"),
        )
        assert piece[4:8] == b"moof"
        assert edge_of(after) > (segment, part)

        # at a node that has not got the room it is the same, from that node's own memory
        async with open_park(tmp_path / "other", f"sqlite+aiosqlite:///{tmp_path}/park.db", valkey.url) as other_park:
            far = other_park.browser()
            hall = await asyncio.gather(*(text_of(far, f"{base}/360/live.m3u8") for _ in range(5)))
            far_master = await text_of(far, f"{base}/master.m3u8")
            assert re.findall("720/live|360/live", far_master) == ["720/live", "360/live"]
            segment, part = edge_of(hall[0])
            announced = f"{base}/360/{segment}.{part}.m4s"
            assert await fetch(far, announced) == await fetch(viewer, announced)
            head = re.findall(r'URI="(init-\d+\.mp4)"', hall[0])[0]
            assert await fetch(far, f"{base}/360/{head}") == await fetch(viewer, f"{base}/360/{head}")
            await text_of(far, f"{base}/360/live.m3u8?_HLS_msn={segment}&_HLS_part={part}")  # and waits as well
            unknown = ("A" if base[5] != "A" else "B") + base[6:]
            assert (await far.get(f"/hls/{unknown}/master.m3u8")).status == 404

            async def is_told_alike() -> bool:
                told = [await text_of(one, f"{base}/720/plain.m3u8") for one in (far, viewer)]
                near_end, far_end = ([line for line in one.split("\n") if line][-3:] for one in told)
                return near_end == far_end and near_end[-1].endswith(".m4s")

            await eventually(is_told_alike, PATIENCE_S)

        # what is asked wrongly, or of another stream, is refused
        key = base.removeprefix("/hls/")
        other = ("A" if key[0] != "A" else "B") + key[1:]
        for path, status in WRONG.items():
            answer = await viewer.get("/hls/" + path.format(key=key, other=other))
            assert (path, answer.status) == (path, status)
            assert answer.code in ("bad_message", "not_found")

        # the process dies: another goes on, under other numbers and with a head of its own
        os.kill(broadcasts.process_ids[0], signal.SIGKILL)

        async def goes_on() -> bool:
            told = await text_of(viewer, f"{base}/720/live.m3u8")
            return "#EXT-X-DISCONTINUITY\n" in told and len(re.findall(r"\n\d+\.m4s", told)) >= 2

        await eventually(goes_on, PATIENCE_S)
        plain = await text_of(viewer, f"{base}/720/plain.m3u8")
        heads = re.findall(r'#EXT-X-MAP:URI="(init-\d+\.mp4)"', plain)
        assert len(heads) in (1, 2)
        [*_, number] = re.findall(r"\n(\d+)\.m4s", plain)
        head = await fetch(viewer, f"{base}/720/{heads[-1]}")
        media = await fetch(viewer, f"{base}/720/{number}.m4s")
        heard = await asyncio.to_thread(sound_of, head + media)
        assert loudest_hz(heard) == pytest.approx(TONE_HZ, abs=5)

        # it ends: players are told so, and the film is kept
        broadcasts.follow(room, LIVESTREAM, StagePhase.ENDED)
        await park.app[BROADCASTS].close()
        assert (await text_of(viewer, f"{base}/720/live.m3u8")).endswith("#EXT-X-ENDLIST\n")

        async def is_kept() -> bool:
            kept = await RecordingRepository(park.database).get(LIVESTREAM)
            return kept is not None and kept.state is RecordingState.READY and kept.film_ms > 2_000

        await eventually(is_kept, PATIENCE_S)


async def whole_in(viewer: Browser, folder: str) -> tuple[str, bytes, bytes]:
    """(address, head, media) of the first whole segment."""
    told = await text_of(viewer, f"{folder}/plain.m3u8")
    name, head = re.findall(r"\n(\d+\.m4s)", told)[0], re.findall(r'URI="(init-\d+\.mp4)"', told)[0]
    return f"{folder}/{name}", await fetch(viewer, f"{folder}/{head}"), await fetch(viewer, f"{folder}/{name}")


async def test_a_server_that_is_stopped_goes_on_where_it_was_and_its_film_goes_to_s3(
    valkey: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, s3: ObjectStoreServer
) -> None:
    await empty_redis(valkey.url)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    store = {"TONGXIN_FILES_URL": s3.url, "TONGXIN_FILES_ENDPOINT": s3.endpoint, "TONGXIN_HLS_URL": f"{s3.url}/live"}
    keys: list[str] = []
    numbers: list[list[int]] = []
    first_film_ms = 0
    at, head, segment = "", b"", b""
    for life in range(2):
        async with (
            open_park(tmp_path / "data", f"sqlite+aiosqlite:///{tmp_path}/park.db", valkey.url, store) as park,
            guest_in(park, "李工程师"),
        ):
            broadcasts, viewer, view = park.app[BROADCASTS], park.browser(), park.app[ROOMS].rooms[0].view
            if life == 1:
                # it goes on nowhere yet: what the former life has put into the store is there for players
                base = f"/hls/{keys[0]}"
                assert "720/plain.m3u8" in await text_of(viewer, f"{base}/plain.m3u8")
                assert await whole_in(viewer, f"{base}/720") == (at, head, segment)
                assert (await viewer.get(f"{base}/720/live.m3u8")).status == 503  # who waits for parts needs the node
                assert (await viewer.get(f"{base}/720/0.0.m4s")).status == 503
                # and numbers go on after it on a node that has not got the folder either
                await asyncio.to_thread(shutil.rmtree, tmp_path / "data" / "hls")
            park.app[MEDIA].arrange_stage(view.id, Staging(True, tuple(view.participants), Layout.SOLO, "", ""))
            broadcasts.follow(view.id, LIVESTREAM, StagePhase.LIVE)
            keys.append(await key_of(park, LIVESTREAM))
            url = f"/hls/{keys[-1]}/720/live.m3u8"

            async def has_segment(viewer: Browser = viewer, url: str = url) -> bool:
                answer = await viewer.get(url)
                return answer.status == 200 and re.search(rb"\n\d+\.m4s", answer.body) is not None

            await eventually(has_segment, PATIENCE_S)
            told = await text_of(viewer, url)
            numbers.append([int(number) for number in re.findall(r"\n(\d+)\.m4s", told)])
            kept = await RecordingRepository(park.database).get(LIVESTREAM)
            assert kept is not None
            assert kept.state is RecordingState.RECORDING
            if life == 0:
                assert "#EXT-X-DISCONTINUITY\n" not in told
                await broadcasts.close()
                assert "#EXT-X-ENDLIST" not in await text_of(viewer, url)  # players ask on
                first_film_ms = sum(part.film_ms for part in broadcasts.parts_of(LIVESTREAM))
                at, head, segment = await whole_in(viewer, f"/hls/{keys[0]}/720")
                continue
            assert "#EXT-X-DISCONTINUITY\n" in told
            broadcasts.follow(view.id, LIVESTREAM, StagePhase.ENDED)
            await broadcasts.close()
            recordings = RecordingRepository(park.database)

            async def is_kept(recordings: RecordingRepository = recordings, more_than: int = first_film_ms) -> bool:
                film = await recordings.get(LIVESTREAM)
                return film is not None and film.state is RecordingState.READY and film.film_ms > more_than + 1_000

            await eventually(is_kept, PATIENCE_S)
            film = await recordings.get(LIVESTREAM)
            assert film is not None
            assert film.sha256 is not None
            bucket = open_store(s3.url, tmp_path, s3.endpoint)
            begins = await obstore.get_range_async(bucket, f"{film.sha256[:2]}/{film.sha256}", start=0, end=12)
            assert bytes(begins)[4:8] == b"ftyp"
    assert keys[0] == keys[1]
    assert min(numbers[1]) > max(numbers[0])
    assert first_film_ms > 1_000


def sound_of(data: bytes) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    with av.open(io.BytesIO(data), "r") as film:
        assert sum(1 for _ in film.decode(video=0)) > 10
    with av.open(io.BytesIO(data), "r") as film:
        return np.concatenate([np.asarray(frame.to_ndarray(), np.float32)[0] for frame in film.decode(audio=0)])
