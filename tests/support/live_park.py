"""One whole server with a host inside a meeting, and people who come by WebSocket, WHIP and WHEP with real media."""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from aiohttp import ClientWebSocketResponse
from aiortc import RTCPeerConnection, RTCSessionDescription

from collab.accounts.service import hash_token
from collab.clock import now_ms
from collab.meetings.models import RoomToken, TokenKind
from collab.meetings.repository import MeetingRepository
from signaling.testcard import Tone
from tests.support.api import Answer, Browser, Json, Park, Socket, empty_redis, open_park
from tests.support.rtc_client import PATIENCE_S, StreamClient, new_connection
from tests.support.wire import Client

SDP = "application/sdp"


@dataclass
class LivePark:
    """`host` made the meeting and sits in it as `socket`, with the id `host_id`."""

    park: Park
    host: Browser
    meeting: Json
    socket: Socket
    stack: AsyncExitStack

    @property
    def code(self) -> str:
        return str(self.meeting["code"])

    @property
    def host_id(self) -> str:
        return str(self.socket.reply["participant_id"])

    async def token(
        self,
        *,
        kind: TokenKind = TokenKind.PROGRAM,
        publish: bool = True,
        subscribe: bool = True,
        expires_in_ms: int = 60_000,
        name: str = "Program",
    ) -> str:
        """As the API makes them, but for any time."""
        token, at = secrets.token_urlsafe(32), now_ms()
        row = RoomToken(
            meeting_id=str(self.meeting["id"]),
            kind=kind,
            identity=f"{kind.value}_{secrets.token_hex(8)}",
            name=name,
            publish=publish,
            subscribe=subscribe,
            expires_at_ms=at + expires_in_ms,
        )
        await MeetingRepository(self.park.database).add_token(hash_token(token), row, None, at)
        return token

    async def guest_token(self, name: str = "Guest") -> str:
        """By the way that everybody has."""
        answer = await self.park.browser().post(f"/api/rooms/{self.code}/guests", {"name": name})
        assert answer.status == 200, answer
        return str(answer.json["token"])

    async def post(self, kind: str, token: str, offer: str) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": SDP}
        browser = self.park.browser()
        return await browser.ask("POST", f"/{kind}/{self.code}", raw=offer.encode(), headers=headers)

    async def connect(self) -> Client:
        """A page's socket that has said nothing yet."""
        browser = self.park.browser()
        headers = {"Origin": browser.base_url}
        return Client(await browser.session.ws_connect(f"{browser.base_url}/ws", headers=headers))

    async def seat(self, token: str) -> WireSeat:
        """Somebody who has joined."""
        seat = WireSeat(self, self.park.browser())
        self.stack.push_async_callback(seat.close)
        return await seat.join(token)

    async def stream(self, kind: str, token: str) -> Stream:
        """A WHIP publisher of sound or a WHEP viewer of it that is connected."""
        stream = await open_stream(self, kind, token)
        self.stack.push_async_callback(stream.close)
        return stream

    async def transports(self) -> int:
        """Peer connections that the media core has, of everybody."""
        body = (await self.host.get("/metrics")).body.decode()
        line = next(line for line in body.splitlines() if line.startswith("tongxin_media_transports "))
        return int(float(line.rpartition(" ")[2]))

    async def remove(self, participant_id: str) -> Json:
        return await self.socket.ask("remove", participant_id=participant_id)

    def tracks(self) -> dict[str, str]:
        """Name -> id of the first track, of everybody who publishes."""
        room = self.park.rooms.find(str(self.meeting["id"]))
        assert room is not None
        return {one.name: one.tracks[0].id for one in room.view.participants.values() if one.tracks}

    def people(self) -> dict[str, str]:
        """Participant id -> name, as the room has them now."""
        room = self.park.rooms.find(str(self.meeting["id"]))
        assert room is not None
        return {one.id: one.name for one in room.view.participants.values()}


@asynccontextmanager
async def open_live_park(folder: Path, redis_url: str, **meeting: object) -> AsyncIterator[LivePark]:
    await empty_redis(redis_url)
    async with AsyncExitStack() as stack:
        park = await stack.enter_async_context(open_park(folder, "", redis_url))
        host = await park.administrator()
        made = await host.meeting("Weekly", **meeting)
        socket = await host.join(made["code"])
        assert socket.reply["type"] == "joined", socket.reply
        stack.push_async_callback(socket.close)
        yield LivePark(park, host, made, socket, stack)


class Stream:
    """A WHIP publisher (sound only) or a WHEP viewer that is connected."""

    def __init__(self, client: StreamClient, location: str) -> None:
        self.client = client
        self.location = location

    @property
    def packets(self) -> int:
        return received_packets(self.client.connection)

    async def close(self) -> None:
        await self.client.close()


async def open_stream(live: LivePark, kind: str, token: str) -> Stream:
    client = StreamClient()
    client.connection.addTransceiver(
        Tone() if kind == "whip" else "audio", direction="sendonly" if kind == "whip" else "recvonly"
    )
    await client.connection.setLocalDescription(await client.connection.createOffer())
    answer = await live.post(kind, token, client.connection.localDescription.sdp)
    assert answer.status == 201, answer
    await client.accept(answer.body.decode())
    await client.until_state("connected")
    return Stream(client, answer.headers["Location"])


class WireSeat:
    """A person over the WebSocket with both peer connections: receives what is offered, and sends data (no media)."""

    def __init__(self, live: LivePark, browser: Browser) -> None:
        self._live = live
        self._browser = browser
        self._ws: ClientWebSocketResponse | None = None
        self.joined: Json = {}
        self.subscribing: RTCPeerConnection | None = None
        self.publishing: RTCPeerConnection | None = None
        self.channel: Any = None
        self.data: list[bytes] = []
        self.closing = ""
        self.over = asyncio.Event()
        self._stirred = asyncio.Condition()
        self._replies: dict[int, Json] = {}
        self._ids = itertools.count(1)
        self._reading: asyncio.Task[None] | None = None

    @property
    def id(self) -> str:
        return str(self.joined["participant_id"])

    @property
    def packets(self) -> int:
        return 0 if self.subscribing is None else received_packets(self.subscribing)

    async def join(self, token: str) -> Self:
        base_url = self._browser.base_url
        ws = self._ws = await self._browser.session.ws_connect(f"{base_url}/ws", headers={"Origin": base_url})
        self._reading = asyncio.get_running_loop().create_task(self._read(ws))
        await self.ask("hello", protocol=1, token=token)
        self.joined = await self.ask("join", room=self._live.code)
        assert self.joined["type"] == "joined", self.joined
        return self

    async def ask(self, kind: str, **fields: object) -> Json:
        """The reply."""
        number = next(self._ids)
        await self._say({"type": kind, "id": number, **fields})
        async with asyncio.timeout(PATIENCE_S), self._stirred:
            await self._stirred.wait_for(lambda: number in self._replies)
        return self._replies[number]

    async def open_data(self) -> Self:
        """The reliable channel, in a publishing connection without any track."""
        connection = self.publishing = new_connection()
        self.channel = connection.createDataChannel("reliable", negotiated=True, id=0)
        self.channel.on("message", self.data.append)
        opened = asyncio.Event()
        self.channel.on("open", opened.set)
        await connection.setLocalDescription(await connection.createOffer())
        published = await self.ask("publish", sdp=connection.localDescription.sdp, media=[])
        assert published["type"] == "published", published
        await connection.setRemoteDescription(RTCSessionDescription(published["sdp"], "answer"))
        async with asyncio.timeout(PATIENCE_S):
            await opened.wait()
        return self

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        for connection in (self.subscribing, self.publishing):
            if connection is not None:
                await connection.close()
        if self._ws is not None:
            await self._ws.close()

    async def _say(self, message: Json) -> None:
        assert self._ws is not None
        await self._ws.send_str(json.dumps(message))

    async def _read(self, ws: ClientWebSocketResponse) -> None:
        async for frame in ws:
            message = json.loads(frame.data)
            match message["type"]:
                case "offer":
                    await self._answer(message)
                case "closing":
                    self.closing = message["code"]
                case _ if "id" in message:
                    self._replies[message["id"]] = message
                    async with self._stirred:
                        self._stirred.notify_all()
                case _:
                    pass
        self.over.set()

    async def _answer(self, offer: Json) -> None:
        if offer["fresh"] or self.subscribing is None:
            if self.subscribing is not None:
                await self.subscribing.close()
            self.subscribing = new_connection()
        connection = self.subscribing
        await connection.setRemoteDescription(RTCSessionDescription(offer["sdp"], "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        answer = {"type": "answer", "id": next(self._ids), "revision": offer["revision"]}
        await self._say({**answer, "sdp": connection.localDescription.sdp})


def received_packets(connection: RTCPeerConnection) -> int:
    """Datagrams that this end's only transport has taken in."""
    transports = {transceiver.receiver.transport for transceiver in connection.getTransceivers()}
    return sum(report.packetsReceived for transport in transports for report in transport._get_stats().values())


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what tells nobody."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 -- there is nothing to be woken by
            await asyncio.sleep(0.01)
