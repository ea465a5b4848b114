"""What is said on a stage becomes captions: the real engine in its own process, a real room, the audience's socket."""

from __future__ import annotations

import asyncio
import io
import os
import re
import signal
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from collab.app import BROADCASTS, MEDIA, ROOMS
from collab.livestream.captions import Caption, CaptionRepository
from collab.recordings.models import RecordingState
from collab.recordings.repository import RecordingRepository
from rooms.core.stage_model import Layout, StagePhase, Staging
from tests.contract.test_recording import guest_in
from tests.support.api import Park, empty_redis, eventually, open_park
from tests.support.livestream import Audience, livestream
from tests.support.redis_servers import RedisServer
from tests.support.rtc_client import PATIENCE_S
from tests.support.speech_model import build_model

pytestmark = pytest.mark.timeout(180)

SPEAKER = "李工程师"
RATE = 48_000
LOUD = 0.02
SAID = re.compile(r"LOW( LOW)*")
CUE = re.compile(r"(\d+):(\d\d):(\d\d)\.(\d{3}) --> .*\n<v (.*)>(.*)\n")


def follow(park: Park, livestream_id: str, phase: StagePhase) -> None:
    view = park.app[ROOMS].rooms[0].view
    park.app[MEDIA].arrange_stage(view.id, Staging(True, tuple(view.participants), Layout.SOLO, "", ""))
    park.app[BROADCASTS].follow(view.id, livestream_id, phase)


async def test_what_is_said_is_shown_to_the_audience_and_kept_with_the_replay(
    valkey: RedisServer, tmp_path: Path
) -> None:
    await empty_redis(valkey.url)
    model = await asyncio.to_thread(build_model, tmp_path / "model")
    settings = {"TONGXIN_CAPTIONS_MODEL": str(model), "TONGXIN_CAPTIONS_LANGUAGE": "en", "TONGXIN_LIVE_SIZES": "1"}
    async with (
        open_park(tmp_path / "data", f"sqlite+aiosqlite:///{tmp_path}/park.db", valkey.url, settings) as park,
        guest_in(park, SPEAKER),
    ):
        admin = await park.administrator()
        show = await livestream(admin)
        viewer = await Audience.join(park.browser(), show["id"], "?name=Li")
        broadcasts = park.app[BROADCASTS]
        follow(park, show["id"], StagePhase.LIVE)  # the guest's tone is on for a second, and off for one

        def finals() -> list[str]:
            return [id_ for id_, line in viewer.spoken.items() if line.get("final")]

        await viewer.until(lambda: len(finals()) >= 2)
        for id_ in finals()[1:]:
            line = viewer.spoken[id_]
            assert line["speaker"] == SPEAKER
            assert SAID.fullmatch(line["text"])
            assert line["ends_ms"] > line["begins_ms"]

        # the engine's process dies: another one listens on
        running = broadcasts.find(show["id"])
        assert running is not None
        assert running.listening is not None
        assert running.listening.pid is not None
        former = set(viewer.spoken)
        os.kill(running.listening.pid, signal.SIGKILL)
        await viewer.until(lambda: len(set(finals()) - former) >= 2)

        # it ends, and what was said is kept with the film, where it was said
        follow(park, show["id"], StagePhase.ENDED)

        recordings, captions = RecordingRepository(park.database), CaptionRepository(park.database)

        async def is_kept() -> bool:
            kept = await recordings.get(show["id"])
            return kept is not None and kept.state is RecordingState.READY

        await eventually(is_kept, PATIENCE_S)
        assert await captions.all(show["id"]) == [Caption("en", "")]
        vtt = await captions.text(show["id"], "en") or ""
        film = (await admin.get(f"/api/recordings/{show['id']}/film")).body
    cues = [((int(h) * 60 + int(m)) * 60 + int(s)) * 1_000 + int(ms) for h, m, s, ms, *_ in CUE.findall(vtt)]
    assert len(cues) >= 4
    assert {who for *_, who, _ in CUE.findall(vtt)} <= {SPEAKER}
    assert all(SAID.fullmatch(said) for *_, said in CUE.findall(vtt))
    sound = await asyncio.to_thread(loudness, film)
    # A tone begins where a cue does: loud after, quiet before.  A busy machine may tear one in two.
    inside = [at_ms // 20 for at_ms in cues if at_ms // 20 + 30 < len(sound)]
    right = [
        at for at in inside if sound[at + 10 : at + 20].max() > LOUD > sound[max(0, at - 25) : max(1, at - 10)].max()
    ]
    assert len(right) * 2 >= len(inside), (cues, vtt)


def loudness(film: bytes) -> NDArray[np.float32]:
    """Of each 20 ms."""
    with av.open(io.BytesIO(film), "r") as media:
        blocks = [frame.to_ndarray().mean(axis=0) for frame in media.decode(audio=0)]
    sound = np.concatenate(blocks)
    size = RATE // 50
    blocks_of_20_ms = sound[: len(sound) // size * size].reshape(-1, size)
    return np.asarray(np.sqrt((blocks_of_20_ms**2).mean(axis=1)), np.float32)
