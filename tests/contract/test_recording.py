"""A room filmed by a real egress process: what people send is in the film, and the process may die meanwhile."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from collab.app import MEDIA, ROOMS
from collab.reports.pictures import FONTS
from signaling.egress import wire
from signaling.egress.finish import NothingToKeep, Source, finish, packets_of
from signaling.egress.recording import HEIGHT, WIDTH, Recording, RecordingEvents, RecordingState, Studio
from signaling.testcard import TONE_HZ
from signaling.testguest import TestGuest
from tests.support.api import Park, empty_redis, eventually, open_park
from tests.support.redis_servers import RedisServer
from tests.support.rtc_client import PATIENCE_S

RATE = 48_000


class Told:
    def __init__(self) -> None:
        self.states: list[RecordingState] = []
        self.cause = ""
        self.progress = wire.Progress(0, 0, 0, 0, 0, ())

    def moved(self, state: RecordingState, cause: str) -> None:
        self.states.append(state)
        self.cause = cause

    def progressed(self, progress: wire.Progress) -> None:
        self.progress = progress


@asynccontextmanager
async def guest_in(park: Park, name: str) -> AsyncIterator[None]:
    publishing = asyncio.Event()

    def moved(state: str) -> None:
        if state == "publishing":
            publishing.set()

    guest = TestGuest(park.browser().base_url, park.ready_code, name, on_state=moved)
    staying = asyncio.create_task(guest.run())
    try:
        await asyncio.wait_for(publishing.wait(), PATIENCE_S)
        yield
    finally:
        staying.cancel()
        await asyncio.wait([staying])


async def test_a_film_holds_what_people_sent_also_when_its_process_was_killed(
    valkey: RedisServer, tmp_path: Path
) -> None:
    await empty_redis(valkey.url)
    told = Told()
    async with (
        open_park(tmp_path / "data", f"sqlite+aiosqlite:///{tmp_path}/park.db", valkey.url) as park,
        guest_in(park, "李工程师"),
    ):
        room = park.app[ROOMS].rooms[0]
        rooms, font = park.app[ROOMS], str(FONTS / "NotoSansSC-400.ttf")
        studio = Studio(rooms.find, park.app[MEDIA].media_of, "127.0.0.1", font)
        events = RecordingEvents(told.moved, told.progressed)
        recording = Recording(tmp_path, studio, studio.sight(room.record.id), events)
        running = asyncio.create_task(recording.run())

        async def has_filmed(film_ms: int, parts: int) -> bool:
            lengths = [part.film_ms for part in recording.parts]
            return len(lengths) == parts and lengths[-1] >= film_ms and told.progress.sources == 1

        await eventually(lambda: has_filmed(2_000, 1), PATIENCE_S)
        filmed_ms = recording.parts[0].film_ms
        os.kill(recording.process_ids[0], signal.SIGKILL)
        await eventually(lambda: has_filmed(1_000, 2), PATIENCE_S)
        recording.chapter("第二项")
        await eventually(lambda: has_filmed(2_000, 2), PATIENCE_S)
        recording.stop()
        await running

    assert told.states == [RecordingState.STARTING, RecordingState.RUNNING, RecordingState.OVER][1:]
    assert told.cause == ""
    sources = [Source(tmp_path / part.name, part.chapters) for part in recording.parts]
    film = tmp_path / "film.mp4"
    finished = await asyncio.to_thread(finish, sources, film, "Weekly")
    assert (finished.width, finished.height) == (WIDTH, HEIGHT)
    titles = [title for _, title in finished.chapters]  # who speaks for long begins one too: on a slow machine
    assert [title for title in titles if title != "李工程师"] == ["Weekly", "第二项"]
    lengths = [await asyncio.to_thread(length_ms, source.path) for source in sources]
    assert lengths[0] > filmed_ms - 1_000  # of what was filmed when it was killed, less than a second is lost
    assert finished.film_ms == pytest.approx(sum(lengths), abs=50)
    pictures, sound = await asyncio.to_thread(decoded, film)
    assert len(pictures) * 40 == pytest.approx(finished.film_ms, rel=0.5)  # a slow machine leaves some out
    moving = np.abs(np.diff(np.stack(pictures[-40:]).astype(int), axis=0)).mean(axis=(1, 2))
    assert (moving > 0.5).sum() >= 5  # 15 pictures a second come, 25 are made
    assert loudest_hz(sound[-2 * RATE :]) == pytest.approx(TONE_HZ, abs=5)


async def test_a_film_of_nothing_is_none(tmp_path: Path) -> None:
    with pytest.raises(NothingToKeep):
        await asyncio.to_thread(finish, [Source(tmp_path / "part-001.mp4")], tmp_path / "film.mp4", "Weekly")
    (tmp_path / "part-001.mp4").write_bytes(b"cut before the first fragment")
    with pytest.raises(NothingToKeep):
        await asyncio.to_thread(finish, [Source(tmp_path / "part-001.mp4")], tmp_path / "film.mp4", "Weekly")
    assert not (tmp_path / "film.mp4").exists()


def length_ms(path: Path) -> float:
    """To the end of whichever goes on longer, pictures or sound: on a slow machine a kill may find pictures behind."""
    with av.open(str(path)) as part:
        ends = [
            (packet.pts + (packet.duration or 0)) * packet.time_base
            for packet in packets_of(part)
            if packet.pts is not None
        ]
    return float(max(ends)) * 1_000


def decoded(path: Path) -> tuple[list[NDArray[np.uint8]], NDArray[np.float32]]:
    """Luma of all pictures at an eighth of their size, and one channel of the sound."""
    with av.open(str(path)) as film:
        pictures = [np.asarray(frame.to_ndarray(), np.uint8)[:HEIGHT:8, ::8] for frame in film.decode(video=0)]
    with av.open(str(path)) as film:
        planes = [np.asarray(frame.to_ndarray(), np.float32)[0] for frame in film.decode(audio=0)]
    sound: NDArray[np.float32] = np.concatenate(planes)
    return pictures, sound


def loudest_hz(sound: NDArray[np.float32]) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum)) * RATE / len(sound)
