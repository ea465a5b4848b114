"""A guest made of aiortc: joins a room by its link like anybody, and publishes a test card and a tone.

`tongxin guest` sends them, so that someone alone can try a meeting; tests use them as a foreign WebRTC stack.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import msgspec
import structlog
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from rooms.core.codes import Code
from rooms.core.model import Source

from .messages import (
    FRAME_MAX_BYTES,
    PROTOCOL_VERSION,
    AnyServerMessage,
    ClientMessage,
    Closing,
    Error,
    Hello,
    Join,
    Joined,
    JoinWaiting,
    Leave,
    Ping,
    Publish,
    Published,
    PublishedMedia,
    Subscribe,
    Welcome,
)
from .testcard import TestCard, Tone

log = structlog.get_logger(__name__)

REPLY_MAX_S: Final = 15.0
PING_INTERVAL_S: Final = 15.0

_decode: Final = msgspec.json.Decoder(AnyServerMessage)


class GuestRefused(Exception):
    """The server would not let the guest in, or sent it away."""

    def __init__(self, code: Code | str, step: str) -> None:
        super().__init__(f"{step}: {code}")
        self.code = code


def send_test_card(connection: RTCPeerConnection) -> None:
    connection.addTransceiver(Tone(), direction="sendonly")
    connection.addTransceiver(TestCard(), direction="sendonly")


class TestGuest:
    """`url` is the server's address, `room` the code of the room; `token` skips the guests' door (a member, a program).

    `on_state` hears "waiting" (in the lobby), "joined", "publishing".  `media` adds a microphone and a camera.
    """

    __test__ = False  # no case for pytest

    def __init__(
        self,
        url: str,
        room: str,
        name: str,
        *,
        token: str = "",
        on_state: Callable[[str], None] | None = None,
        media: Callable[[RTCPeerConnection], None] = send_test_card,
    ) -> None:
        self._media = media
        self._url = url.rstrip("/")
        self._room = room
        self._name = name
        self._token = token
        self._on_state = on_state or (lambda state: log.info("the test guest moved on", name=name, state=state))
        self._ids = itertools.count(1)
        self.participant_id = ""

    async def run(self) -> None:
        """Join, publish, stay until the room ends or the task is cancelled.

        Raises GuestRefused, aiohttp.ClientError, TimeoutError.
        """
        async with aiohttp.ClientSession() as http:
            token = self._token or await self._guest_token(http)
            async with http.ws_connect(f"{self._url}/ws", headers=self._origin(), max_msg_size=FRAME_MAX_BYTES) as ws:
                connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
                pinging = asyncio.create_task(self._ping(ws))
                try:
                    await self._enter(ws, token)
                    await self._publish(ws, connection)
                    await self._until(ws, lambda _: False, "staying", None)
                finally:
                    pinging.cancel()
                    await asyncio.wait([pinging])
                    await self._leave(ws)
                    await connection.close()

    # ------------------------------------------------------------ inside

    def _origin(self) -> dict[str, str]:
        parts = urlsplit(self._url)
        return {"Origin": f"{parts.scheme}://{parts.netloc}"}

    async def _guest_token(self, http: aiohttp.ClientSession) -> str:
        async with http.post(f"{self._url}/api/rooms/{self._room}/guests", json={"name": self._name}) as reply:
            document = await reply.json(content_type=None)
            if reply.status >= 400:
                raise GuestRefused(str(document.get("code", reply.status)), "asking for a guest's token")
            token: str = document["token"]
            return token

    async def _enter(self, ws: aiohttp.ClientWebSocketResponse, token: str) -> None:
        await self._send(ws, Hello(id=next(self._ids), protocol=PROTOCOL_VERSION, token=token))
        await self._until(ws, lambda message: isinstance(message, Welcome), "saying hello")
        await self._send(ws, Join(id=next(self._ids), room=self._room))
        message = await self._until(ws, lambda message: isinstance(message, Joined | JoinWaiting), "joining")
        if isinstance(message, JoinWaiting):
            self._on_state("waiting")
            message = await self._until(ws, lambda message: isinstance(message, Joined), "waiting in the lobby", None)
        if isinstance(message, Joined):
            self.participant_id = message.participant_id
        self._on_state("joined")

    async def _publish(self, ws: aiohttp.ClientWebSocketResponse, connection: RTCPeerConnection) -> None:
        self._media(connection)
        await connection.setLocalDescription(await connection.createOffer())
        media = tuple(
            PublishedMedia(item.mid or "", Source.MICROPHONE if item.kind == "audio" else Source.CAMERA)
            for item in connection.getTransceivers()
        )
        await self._send(ws, Publish(id=next(self._ids), sdp=connection.localDescription.sdp, media=media))
        await self._send(ws, Subscribe(id=next(self._ids), wants=()))
        reply = await self._until(ws, lambda message: isinstance(message, Published), "publishing")
        if isinstance(reply, Published):
            await connection.setRemoteDescription(RTCSessionDescription(reply.sdp, "answer"))
        self._on_state("publishing")

    async def _leave(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        """On purpose, so that the seat is not kept for a return; not worth an error when the socket is gone."""
        try:
            async with asyncio.timeout(REPLY_MAX_S):
                if not ws.closed:
                    await self._send(ws, Leave(id=next(self._ids)))
        except (ConnectionError, TimeoutError, aiohttp.ClientError):
            log.debug("the test guest could not say goodbye", name=self._name)

    async def _ping(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        """The server hangs up on silent clients.  A socket that is gone shows where messages are awaited."""
        with contextlib.suppress(ConnectionError, aiohttp.ClientError):
            while not ws.closed:
                await asyncio.sleep(PING_INTERVAL_S)
                await self._send(ws, Ping(id=next(self._ids), sent_at_ms=0))

    async def _send(self, ws: aiohttp.ClientWebSocketResponse, message: ClientMessage) -> None:
        await ws.send_str(msgspec.json.encode(message).decode())

    async def _until(
        self,
        ws: aiohttp.ClientWebSocketResponse,
        fits: Callable[[AnyServerMessage], bool],
        step: str,
        patience_s: float | None = REPLY_MAX_S,
    ) -> AnyServerMessage:
        """The next message that fits; others are passed over.  Raises GuestRefused when the server refuses."""
        async with asyncio.timeout(patience_s):
            while True:
                frame = await ws.receive()
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    raise GuestRefused(frame.extra or "the connection was closed", step)
                message: AnyServerMessage = _decode.decode(frame.data)
                match message:
                    case Error(code=code) | Closing(code=code):
                        raise GuestRefused(code, step)
                    case _ if fits(message):
                        return message
                    case _:
                        pass
