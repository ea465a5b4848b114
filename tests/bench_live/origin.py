"""`python -m tests.bench_live.origin FOLDER`: the server's own HLS edge, fed with a stream of the usual size.

A process by itself, so that its CPU time is that of serving.  Parts are of random bytes, as long and as often as those
of a 720-line stream; they are written to FOLDER too, where nginx takes them from.  Prints its port, then the key.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from pathlib import Path

from aiohttp import web

from collab.broadcasts.http import HlsEdge
from collab.edge.guard import guard, security_headers
from signaling.egress import wire
from signaling.egress.broadcasts import sizes
from signaling.egress.hls import LiveStream
from signaling.egress.segments import PART_MS, SEGMENT_MS

KEY = "bench-0123456789abcdef"
PARTS = SEGMENT_MS // PART_MS
SIZE = sizes(second=False)[0]


class _Nowhere:
    async def stream_of(self, key: str) -> LiveStream | None:
        return None


class _Kept:
    """What HlsEdge asks of BroadcastService."""

    def __init__(self, stream: LiveStream) -> None:
        self._stream = stream

    def stream_of(self, key: str) -> LiveStream | None:
        return self._stream if key == KEY else None

    async def fetch(self, path: str) -> bytes | None:
        return None


def _write(folder: Path, segment: int, part: int, pieces: list[bytes]) -> None:
    (folder / f"{segment}.{part}.m4s").write_bytes(pieces[part])
    if part == PARTS - 1:
        (folder / f"{segment}.m4s").write_bytes(b"".join(pieces))


def _put(path: Path, data: bytes) -> None:
    """Whole or not at all: it is served from here too, by a program that knows nothing of us."""
    unfinished = path.with_name(f".{path.name}")
    unfinished.write_bytes(data)
    unfinished.replace(path)


async def _feed(stream: LiveStream, folder: Path) -> None:
    part_bytes = SIZE.bps * PART_MS // 8_000
    source = random.Random(1)
    pieces = [source.randbytes(part_bytes) for _ in range(PARTS)]
    (folder / "init-0.mp4").write_bytes(b"head")
    begun = time.monotonic()
    number = 0
    while True:
        segment, part = divmod(number, PARTS)
        last = part == PARTS - 1
        _write(folder, segment, part, pieces)
        shown_ms = time.time() * 1_000
        written = wire.PartWritten(
            SIZE.name, "init-0.mp4", segment, part, float(PART_MS), part == 0, shown_ms, part_bytes, last
        )
        stream.add(written, b"head", pieces[part])
        if last:
            _put(folder / "plain.m3u8", stream.playlists[SIZE.name].render(low_latency=False))
        number += 1
        await asyncio.sleep(begun + number * PART_MS / 1_000 - time.monotonic())


async def _run(folder: Path) -> None:
    own = folder / KEY / SIZE.name
    own.mkdir(parents=True)
    stream = LiveStream((SIZE,))
    app = web.Application(middlewares=[guard])
    app.on_response_prepare.append(security_headers(strict_transport=True))
    app.add_routes(HlsEdge(_Kept(stream), _Nowhere()).routes())
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=75.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=4_096)
    await site.start()
    feeding = asyncio.create_task(_feed(stream, own))
    await stream.begun()
    print(runner.addresses[0][1], KEY, SIZE.name, flush=True)
    await feeding


if __name__ == "__main__":
    asyncio.run(_run(Path(sys.argv[1])))
