"""Many people in a room who send nothing: seats with camera and microphone on paper, for what a page makes of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

from tests.support.server import Tongxin

AT_ONCE = 4
FINGERPRINT = "sha-256 " + ":".join(["0F"] * 32)


class Figure:
    """One of the crowd.  What the server says to them is read and dropped, so that no queue fills."""

    def __init__(self, name: str, participant_id: str, socket: ClientWebSocketResponse) -> None:
        self.name = name
        self.participant_id = participant_id
        self._socket = socket
        self._last_id = 9

    async def ask(self, kind: str, **fields: object) -> None:
        self._last_id += 1
        await self._socket.send_str(json.dumps({"type": kind, "id": self._last_id, **fields}))

    async def read(self) -> None:
        async for _ in self._socket:
            pass


@contextlib.asynccontextmanager
async def crowd(server: Tongxin, count: int, *, cameras: int) -> AsyncIterator[list[Figure]]:
    """`count` guests, in order; every n-th shows a camera, so that there are `cameras` of them."""
    slots = asyncio.Semaphore(AT_ONCE)
    async with ClientSession() as http, asyncio.TaskGroup() as tasks:

        async def come(number: int) -> Figure:
            async with slots:
                return await _enter(
                    http, server, number, (number * cameras) // count != ((number + 1) * cameras) // count
                )

        figures = await asyncio.gather(*(come(number) for number in range(count)))
        readers = [tasks.create_task(figure.read()) for figure in figures]
        try:
            yield figures
        finally:
            for reader in readers:
                reader.cancel()


async def _enter(http: ClientSession, server: Tongxin, number: int, camera: bool) -> Figure:
    name = f"Figure {number:03}"
    async with http.post(f"{server.url}/api/rooms/{server.room_code}/guests", json={"name": name}) as answer:
        answer.raise_for_status()
        token = (await answer.json())["token"]
    socket = await http.ws_connect(f"{server.url}/ws", headers={"Origin": server.url})
    await socket.send_str(json.dumps({"type": "hello", "id": 1, "protocol": 1, "token": token}))
    await socket.send_str(json.dumps({"type": "join", "id": 2, "room": server.room_code}))
    joined = await _until(socket, "joined")
    media = [{"mid": "0", "source": "microphone", "muted": True}, {"mid": "1", "source": "camera", "muted": not camera}]
    await socket.send_str(json.dumps({"type": "publish", "id": 3, "sdp": _offer(number), "media": media}))
    await _until(socket, "published")
    return Figure(name, joined["participant_id"], socket)


async def _until(socket: ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    while True:
        message: dict[str, Any] = await socket.receive_json(timeout=20)
        if message["type"] == kind:
            return message
        if message["type"] in ("error", "closing"):
            raise AssertionError(message)


def _offer(number: int) -> str:
    """A microphone and a camera of which nothing will ever come."""
    head = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=group:BUNDLE 0 1", "a=msid-semantic: WMS"]
    sections = []
    for mid, kind, payload, codec in (("0", "audio", 111, "opus/48000/2"), ("1", "video", 96, "VP8/90000")):
        sections += [
            f"m={kind} 9 UDP/TLS/RTP/SAVPF {payload}",
            "c=IN IP4 0.0.0.0",
            f"a=mid:{mid}",
            "a=sendonly",
            "a=rtcp-mux",
            "a=setup:actpass",
            f"a=ice-ufrag:figure{number}",
            "a=ice-pwd:0123456789012345678901",
            f"a=fingerprint:{FINGERPRINT}",
            f"a=rtpmap:{payload} {codec}",
            f"a=ssrc:{1_000 + 2 * number + int(mid)} cname:figure",
        ]
    return "\r\n".join([*head, *sections, ""])
