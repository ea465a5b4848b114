"""What encoders send, carried into a room by an ingest process: seen by a viewer who is another program (aiortc)."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from rooms.core.model import Grant, Presence, Role, Source
from signaling.ingest.feed import EncoderFeed
from signaling.ports import Admission, IdentityKind
from tests.support.redis_servers import RedisServer
from tests.support.rtc_client import StreamClient
from tests.support.stream_node import StreamNode, running_stream_node
from tests.support.waiting import until
from tests.support.wire import ROOM

pytestmark = pytest.mark.timeout(120)

GRANT = Grant("encoder_1", "Camera van", Role.PARTICIPANT, publish=tuple(Source), chat=False, skip_lobby=True)
DIGEST = b"d" * 32
PATTERN = ("-re", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25")
TONE = ("-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac", "-b:a", "96k")


@pytest.fixture
async def node(valkey: RedisServer) -> AsyncIterator[StreamNode]:
    async with running_stream_node(valkey.url) as running:
        running.door.add_person("screen", Role.PARTICIPANT, kind=IdentityKind.PROGRAM, room_id=ROOM.id, publish=False)
        yield running


@asynccontextmanager
async def encoder(*arguments: str) -> AsyncIterator[int]:
    """Debian's ffmpeg; what it makes can be read from the descriptor."""
    found = shutil.which("ffmpeg")
    assert found is not None, "`make test` installs ffmpeg"
    read, write = os.pipe()
    process = await asyncio.create_subprocess_exec(
        found, "-nostdin", "-v", "error", *arguments, "-f", "mpegts", "pipe:1", stdout=write
    )
    os.close(write)
    try:
        yield read
    finally:
        os.close(read)
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def fed(node: StreamNode, read: int) -> AsyncIterator[EncoderFeed]:
    feed = EncoderFeed(node.edge, Admission(ROOM, GRANT), DIGEST)
    running = asyncio.create_task(feed.run(f"pipe:{read}", read))
    try:
        yield feed
    finally:
        running.cancel()
        await asyncio.wait([running])


@asynccontextmanager
async def viewer(node: StreamNode) -> AsyncIterator[StreamClient]:
    async with StreamClient() as client:
        offer = await client.offer_to_view()
        headers = {"Authorization": "Bearer screen", "Content-Type": "application/sdp"}
        async with node.http.post(f"{node.url}/whep/{ROOM.code}", data=offer.encode(), headers=headers) as response:
            answer = await response.text()
            assert response.status == 201, answer
        await client.accept(answer)
        yield client


async def test_h264_goes_on_as_it_is_and_aac_becomes_opus(node: StreamNode) -> None:
    async with (
        encoder(*PATTERN, *TONE, *H264, "-profile:v", "high", "-bf", "0", *AAC) as read,
        fed(node, read) as feed,
        viewer(node) as watching,
    ):
        await watching.received.decodes(pictures=30, sounds=30)
        assert watching.received.sizes == {(640, 360)}
        assert feed.found is not None
        assert (feed.found.video, feed.found.audio, feed.found.copied) == ("h264", "aac", True)
        room = node.manager.find(ROOM.id)
        assert room is not None
        (person,) = room.view.participants.values()
        assert [(track.source, track.codec) for track in person.tracks] == [
            (Source.MICROPHONE, "opus"),
            (Source.CAMERA, "H264"),
        ]
        # its process dies: another one goes on, in the same seat
        os.kill(feed.process_id, 9)
        await until(lambda: [p.presence for p in room.view.participants.values()] == [Presence.AWAY])
        await watching.received.decodes(pictures=20, sounds=20)
        assert list(room.view.participants) == [person.id]


async def test_b_frames_are_encoded_anew(node: StreamNode) -> None:
    async with encoder(*PATTERN, *H264, "-bf", "2") as read, fed(node, read) as feed, viewer(node) as watching:
        await watching.received.decodes(pictures=30)
        assert feed.found is not None
        assert (feed.found.copied, feed.found.audio) == (False, "")


async def test_times_that_jump_stop_nothing(node: StreamNode, tmp_path: Path) -> None:
    # an hour back, in the middle of the stream
    late, early = tmp_path / "late.ts", tmp_path / "early.ts"
    shown = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "25", *AAC)
    for path, offset in ((late, "3600"), (early, "0")):
        made = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=4", *TONE[1:], *shown, "-t", "4")
        command = ["-nostdin", "-v", "error", *made, "-output_ts_offset", offset, "-f", "mpegts", str(path)]
        process = await asyncio.create_subprocess_exec("ffmpeg", *command)
        assert await process.wait() == 0
    async with paced(late, early) as read, fed(node, read) as feed, viewer(node) as watching:
        await watching.received.decodes(pictures=120)
        await until(lambda: feed.sent is not None and feed.sent.jumps >= 1)


@asynccontextmanager
async def paced(*files: Path) -> AsyncIterator[int]:
    """The files one after the other, in about the time that they last."""
    read, write = os.pipe()

    async def put() -> None:
        for path in files:
            data = await asyncio.to_thread(path.read_bytes)
            for at in range(0, len(data), size := len(data) // 80 // 188 * 188):
                await asyncio.to_thread(os.write, write, data[at : at + size])
                await asyncio.sleep(0.05)

    putting = asyncio.create_task(put())
    try:
        yield read
    finally:
        putting.cancel()
        await asyncio.wait([putting])
        os.close(write)
        os.close(read)


async def test_what_is_no_stream_gets_no_seat(node: StreamNode, tmp_path: Path) -> None:
    # garbage, nothing at all, and pictures that never begin: without parameter sets and a key picture
    keyless = tmp_path / "keyless.ts"
    without = ("-bsf:v", "noise=drop=key", "-f", "mpegts", str(keyless))
    process = await asyncio.create_subprocess_exec(
        "ffmpeg", "-nostdin", "-v", "quiet", *PATTERN[1:], "-t", "3", *H264[:-4], "-g", "999", *without
    )
    assert await process.wait() == 0
    pictures = await asyncio.to_thread(keyless.read_bytes)
    assert len(pictures) > 100_000
    for content, cause in ((os.urandom(400_000), "not_media"), (b"", "not_media"), (pictures, "nothing")):
        read, write = os.pipe()
        async with fed(node, read) as feed:
            writing = asyncio.create_task(asyncio.to_thread(_write, write, content))
            await until(lambda feed=feed: feed.cause != "", 30)  # type: ignore[misc]
            assert feed.cause in (cause, "nothing")
        os.close(read)  # what was not read any more breaks off
        await writing
    assert node.manager.find(ROOM.id) is None
    assert node.edge.streams.count == 0


def _write(descriptor: int, content: bytes) -> None:
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
    except BrokenPipeError:
        pass
    finally:
        os.close(descriptor)
