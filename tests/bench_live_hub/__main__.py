"""Many viewers on one hub: CPU of the server for each message that a viewer was told.

A whole server in a process of its own; this process holds the viewers as bare sockets which only count frames, so that
it does not measure itself.  Some of them talk and tap through real sockets of the same kind.

    python -m tests.bench_live_hub [--viewers 2000] [--chat 20] [--reactions 500] [--seconds 20]
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import multiprocessing
import resource
import secrets
import tempfile
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from tests.bench_live_hub.server import serve
from tests.support.redis_servers import RedisServer

JOINS_AT_ONCE = 50
REACTIONS_EACH = 5


@dataclass
class Told:
    frames: int = 0
    size_bytes: int = 0
    messages: int = 0
    late_ms: list[float] = field(default_factory=list)


class Viewer(asyncio.Protocol):
    """Speaks just enough of RFC 6455."""

    def __init__(self, path: str, token: str, told: Told) -> None:
        self._path = path
        self._token = token
        self._told = told
        self._buffer = b""
        self._open = False
        self.joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def say(self, message: dict[str, object]) -> None:
        payload = json.dumps(message).encode()
        head = (
            bytes((0x81, 0x80 | len(payload)))
            if len(payload) < 126
            else bytes((0x81, 0xFE)) + len(payload).to_bytes(2, "big")
        )
        assert self.transport is not None
        self.transport.write(head + b"\0\0\0\0" + payload)  # masked with nothing

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._open:
            head, separator, rest = self._buffer.partition(b"\r\n\r\n")
            if not separator:
                return
            if b" 101 " not in head.partition(b"\r\n")[0]:
                self.joined.set_exception(ConnectionError(head[:80].decode()))
                return
            self._open, self._buffer = True, rest
            self.say({"type": "hello", "id": 1, "token": self._token})
        while len(self._buffer) >= 2:
            length, at = self._buffer[1], 2
            if length == 126:
                length, at = int.from_bytes(self._buffer[2:4], "big"), 4
            elif length == 127:
                length, at = int.from_bytes(self._buffer[2:10], "big"), 10
            if len(self._buffer) < at + length:
                return
            self._told.frames += 1
            self._told.size_bytes += length
            frame, self._buffer = self._buffer[at : at + length], self._buffer[at + length :]
            self._told.messages += frame.count(b'"viewer_id":') if b'"messages"' in frame else 0
            if not self.joined.done():
                self.joined.set_result(None)


async def measure(pipe: Connection, options: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    base_url, livestream_id, made = await loop.run_in_executor(None, pipe.recv)
    host, port = base_url.removeprefix("http://").split(":")
    path = f"/api/livestreams/{livestream_id}/hub"
    told = Told()
    viewers: list[Viewer] = []
    began = time.monotonic()

    async def join(number: int) -> None:
        _, viewer = await loop.create_connection(lambda: Viewer(path, made[number], told), host, int(port))
        await viewer.joined
        viewers.append(viewer)

    for start in range(0, options.viewers, JOINS_AT_ONCE):
        await asyncio.gather(*(join(number) for number in range(start, min(options.viewers, start + JOINS_AT_ONCE))))
    join_s = time.monotonic() - began
    print(f"{len(viewers)} viewers in {join_s:.1f} s ({len(viewers) / join_s:.0f}/s)")

    async def cpu() -> float:
        pipe.send("cpu")
        return float(await loop.run_in_executor(None, pipe.recv))

    idle_from, idle_at = await cpu(), time.monotonic()
    await asyncio.sleep(5)
    idle = (await cpu() - idle_from) / (time.monotonic() - idle_at)

    async def talk() -> None:
        for number in range(int(options.chat * options.seconds)):
            viewers[number % len(viewers)].say(
                {"type": "say", "id": 2, "text": f"Message number {number} of the bench"}
            )
            await asyncio.sleep(1 / options.chat)

    async def tap() -> None:
        each = options.reactions / REACTIONS_EACH
        for number in range(int(each * options.seconds)):
            kind = ("like", "heart", "clap")[number % 3]
            viewers[(number * 7) % len(viewers)].say({"type": "react", "kind": kind, "count": REACTIONS_EACH})
            await asyncio.sleep(1 / each)

    told.frames = told.size_bytes = told.messages = 0
    before, at = await cpu(), time.monotonic()
    await asyncio.gather(talk(), tap())
    await asyncio.sleep(1)
    spent, lasted = await cpu() - before, time.monotonic() - at
    print(f"server idle: {idle * 100:.1f} % of a core")
    print(f"server busy: {spent / lasted * 100:.1f} % of a core for {lasted:.0f} s")
    print(f"told: {told.frames} frames, {told.messages} messages, {told.size_bytes / 1e6:.1f} MB")
    print(f"CPU for each frame told: {spent / max(1, told.frames) * 1e6:.1f} us")
    print(f"CPU for each message told: {spent / max(1, told.messages) * 1e6:.2f} us")
    for viewer in viewers:
        if viewer.transport is not None:
            viewer.transport.abort()
    pipe.send("stop")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench_live_hub", description=__doc__)
    parser.add_argument("--viewers", type=int, default=2_000)
    parser.add_argument("--chat", type=float, default=20.0, help="messages a second, of all")
    parser.add_argument("--reactions", type=float, default=500.0, help="taps a second, of all")
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with tempfile.TemporaryDirectory() as folder:
        redis = RedisServer(Path(folder))
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        server = context.Process(target=serve, args=(theirs, redis.url, f"{folder}/data", options.viewers))
        server.start()
        try:
            asyncio.run(measure(ours, options))
        finally:
            server.join(20)
            if server.is_alive():
                server.terminate()
            redis.stop()


if __name__ == "__main__":
    main()
