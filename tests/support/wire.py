"""Whole nodes for tests of the wire: real rooms on a real Redis behind a real WebSocket, and a client that speaks JSON.

Collab and the media plane are not the subject here, so the door (who is who) is a table in the test and the media are
still: offers are answered with fixed text, nothing is sent.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestServer

from rooms.core.codes import Code
from rooms.core.model import ChatFile, ChatMessage, FileSharing, Grant, Role, Track
from rooms.core.stage_model import Staging
from rooms.keeper import Timing
from rooms.manager import Manager
from rooms.ports import Refused, RoomRecord
from rooms.store.bus import RedisBus
from rooms.store.connection import RedisStore
from rooms.store.keys import Keys
from rooms.store.leases import RedisLeases
from rooms.store.presence import RedisPresence
from rooms.store.rate import RateLimiter
from rooms.store.snapshots import RedisSnapshots
from signaling.limits import DoorLimits
from signaling.messages import IceServer, MediaNotice, Offer, PublishedMedia, Want, ignore_notice
from signaling.ports import Identity, IdentityKind, MediaRejected, PublishedResult
from signaling.relay import Relay
from signaling.services import Services
from signaling.services import Timing as WireTiming
from signaling.websocket import PATH, WebSocketEdge

WAIT_S = 30.0
Json = dict[str, Any]

ROOM = RoomRecord(id="room-1", code="abc-defg-hij", title="Weekly sync")
OTHER_ROOM = RoomRecord(id="room-2", code="kmn-pqrs-tuv", title="Other")
ORIGIN = "https://meet.park.example"


def now_ms() -> int:
    return time.time_ns() // 1_000_000


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait for what no event tells of."""
    async with asyncio.timeout(WAIT_S):
        while not holds():  # noqa: ASYNC110 - there is nothing to be woken by
            await asyncio.sleep(0.01)


@dataclass
class Door:
    """A Doorkeeper whose book the test writes: token -> identity, identity -> role, code -> room."""

    people: dict[str, Identity] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    rooms: dict[str, RoomRecord] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)  # for an identity: instead of the plain one
    history: list[ChatMessage] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    open: asyncio.Event = field(default_factory=asyncio.Event)  # cleared: `identify` waits

    def __post_init__(self) -> None:
        self.open.set()

    def add_person(self, token: str, role: Role, **changes: Any) -> Identity:
        plain = {"id": f"id-{token}", "name": token.title(), "kind": IdentityKind.GUEST, "address": "192.0.2.1"}
        identity = Identity(**{**plain, **changes})
        self.people[token] = identity
        self.roles[identity.id] = role
        return identity

    def add_room(self, record: RoomRecord) -> None:
        self.rooms[record.code] = record

    async def identify(self, session_cookie: str, token: str, address: str) -> Identity | Refused:
        self.asked.set()
        await self.open.wait()
        return self.people.get(token or session_cookie) or Refused(Code.UNAUTHENTICATED)

    async def find_room(self, code: str) -> RoomRecord | Refused:
        return self.rooms.get(code) or Refused(Code.ROOM_NOT_FOUND)

    async def grant(self, identity: Identity, room: RoomRecord) -> Grant | Refused:
        role = self.roles[identity.id]
        if role is Role.GUEST and not room.guests_allowed:
            return Refused(Code.SIGN_IN_REQUIRED)
        plain = Grant(identity=identity.id, name=identity.name, role=role, address=identity.address)
        return self.grants.get(identity.id, plain)

    async def older_chat(self, room_id: str, before_id: str, limit: int) -> tuple[list[ChatMessage], bool]:
        return self.history[-limit:], len(self.history) > limit

    def ice_servers(self, identity: Identity) -> tuple[IceServer, ...]:
        return (IceServer(urls=("turn:turn.park.example",), username=identity.id, credential="c"),)

    def origin_allowed(self, origin: str, host: str) -> bool:
        return origin == ORIGIN


@dataclass
class StillMedia:
    """MediaSessions without media: remembers who is attached and what was asked."""

    attached: dict[
        str,
        tuple[Grant, Callable[[Offer], None], Callable[[tuple[str, ...]], None], Callable[[MediaNotice], None]],
    ] = field(default_factory=dict)
    calls: list[tuple[str, ...]] = field(default_factory=list)
    full: bool = False  # no seat is taken any more
    negotiable: asyncio.Event = field(default_factory=asyncio.Event)  # cleared: `publish` waits
    publishing: asyncio.Event = field(default_factory=asyncio.Event)  # set when one has begun

    def __post_init__(self) -> None:
        self.negotiable.set()

    def attach(
        self,
        room_id: str,
        participant_id: str,
        grant: Grant,
        on_offer: Callable[[Offer], None],
        on_speakers: Callable[[tuple[str, ...]], None],
        on_notice: Callable[[MediaNotice], None] = ignore_notice,
    ) -> None:
        if self.full:
            raise MediaRejected(Code.UNAVAILABLE, "full")
        self.attached[participant_id] = (grant, on_offer, on_speakers, on_notice)
        self.calls.append(("attach", participant_id))
        on_offer(Offer(revision=1, sdp="v=0", tracks=()))

    def detach(self, room_id: str, participant_id: str) -> None:
        self.attached.pop(participant_id, None)
        self.calls.append(("detach", participant_id))

    async def publish(
        self, room_id: str, participant_id: str, sdp: str, media: tuple[PublishedMedia, ...]
    ) -> PublishedResult:
        self.publishing.set()
        await self.negotiable.wait()
        if sdp == "bad":
            raise MediaRejected(Code.MEDIA_REJECTED, "not an SDP")
        if sdp == "fault":
            raise RuntimeError("a fault in the media plane")
        tracks = tuple(
            (entry.mid, Track(f"{participant_id}-{entry.mid}", entry.source, "opus", entry.muted)) for entry in media
        )
        return PublishedResult(sdp="v=0 answer", tracks=tracks)

    def tracks_known(self, room_id: str, participant_id: str) -> None:
        self.calls.append(("tracks_known", participant_id))

    def tracks_refused(self, room_id: str, participant_id: str) -> None:
        self.calls.append(("tracks_refused", participant_id))

    def subscribe(self, room_id: str, participant_id: str, wants: tuple[Want, ...]) -> None:
        self.calls.append(("subscribe", participant_id, *(want.track_id for want in wants)))

    async def answer(self, room_id: str, participant_id: str, revision: int, sdp: str) -> None:
        if revision != 1:
            raise MediaRejected(Code.CONFLICT, "stale")
        self.calls.append(("answer", participant_id))

    async def restart_subscription(self, room_id: str, participant_id: str, fresh: bool) -> None:
        self.calls.append(("restart", participant_id))

    async def close_participant(self, room_id: str, participant_id: str) -> None:
        self.calls.append(("close_participant", participant_id))

    async def close_room(self, room_id: str) -> None:
        self.calls.append(("close_room", room_id))

    def block_track(self, room_id: str, participant_id: str, track_id: str, blocked: bool) -> None:
        self.calls.append(("block_track", track_id, str(blocked)))

    def refresh_permissions(self, room_id: str, participant_id: str, grant: Grant) -> None:
        self.calls.append(("refresh_permissions", participant_id, grant.role))

    def arrange_stage(self, room_id: str, staging: Staging) -> None:
        self.calls.append(("arrange_stage", *staging.on_stage))


class AnyFiles:
    """A signaling.ports.RoomFiles to which everybody has brought whatever they share."""

    async def place(self, room_id: str, by: Identity, key: str, name: str, size_bytes: int) -> str:
        return f"/place/{key}"

    async def brought(self, room_id: str, identity: str, key: str) -> ChatFile:
        return ChatFile(key, f"{key}.pdf", 1_000, "application/pdf")

    async def link(self, room_id: str, identity: str, key: str, *, seen: bool) -> str:
        return f"/link/{key}"


class NoArchive:
    """A RoomArchive that forgets: what outlives a room is collab's."""

    async def chat_sent(self, room_id: str, message: ChatMessage, identity: str) -> None: ...

    async def chat_deleted(self, room_id: str, message_id: str) -> None: ...

    async def file_sharing_set(self, room_id: str, sharing: FileSharing) -> None: ...

    async def removed(self, room_id: str, identity: str, at_ms: int) -> None: ...

    async def marks_removed(self, room_id: str, mark_ids: tuple[str, ...], at_ms: int) -> None: ...

    async def mark_placed(self, room_id: str, mark_id: str) -> None: ...

    async def room_ended(self, room_id: str, at_ms: int) -> None: ...

    async def recent_chat(self, room_id: str, limit: int) -> list[ChatMessage]:
        return []

    async def attended(self, room_id: str, identity: str, name: str, joined_at_ms: int, left_at_ms: int) -> None: ...


class Client:
    """One WebSocket.  Replies are found by id, other messages by what they are; every wait is bounded."""

    def __init__(self, ws: ClientWebSocketResponse) -> None:
        self.ws = ws
        self.received: list[Json] = []
        self.joined: Json = {}
        self._ids = itertools.count(1)
        self._seen: defaultdict[str, int] = defaultdict(int)

    @property
    def close_code(self) -> int | None:
        return self.ws.close_code

    async def send(self, kind: str, /, **fields: Any) -> int:
        """Send and do not wait; the id of the request."""
        number = next(self._ids)
        await self.ws.send_str(json.dumps({"type": kind, "id": number, **fields}))
        return number

    async def flood(self, pings: int) -> None:
        """As many as the server will have."""
        with suppress(ConnectionError):
            for _ in range(pings):
                await self.send("ping", sent_at_ms=0)

    async def request(self, kind: str, /, **fields: Any) -> Json:
        """The reply."""
        return await self.reply_to(await self.send(kind, **fields))

    async def reply_to(self, number: int) -> Json:
        return await self.until(lambda message: message.get("id") == number)

    async def until(self, fits: Callable[[Json], bool]) -> Json:
        """The first message, received already or to come, that fits and that no `until` gave before."""
        for message in self.received:
            if fits(message):
                self.received.remove(message)
                return message
        async with asyncio.timeout(WAIT_S):
            while True:
                message = await self._read()
                if fits(message):
                    return message
                self.received.append(message)

    async def event(self, name: str) -> Json:
        """The event inside the next `event` message of this name."""
        message = await self.until(lambda found: found["type"] == "event" and found["event"]["event"] == name)
        event: Json = message["event"]
        return event

    async def message(self, kind: str) -> Json:
        return await self.until(lambda found: found["type"] == kind)

    async def end(self) -> str:
        """Read to the end: the code of `closing`, or "" when the server closed without one."""
        code = ""
        async with asyncio.timeout(WAIT_S):
            while True:
                message = await self.ws.receive()
                if message.type is not WSMsgType.TEXT:
                    break
                parsed = json.loads(message.data)
                if parsed["type"] == "closing":
                    code = parsed["code"]
                self.received.append(parsed)
        for parsed in self.received:
            if parsed["type"] == "closing":
                code = parsed["code"]
        return code

    async def hello(self, token: str) -> Json:
        return await self.request("hello", protocol=1, token=token)

    async def join(self, code: str = ROOM.code, resume: str = "") -> Json:
        reply = await self.request("join", room=code, resume=resume)
        if reply["type"] == "joined":
            self.joined = reply
        return reply

    async def quiet(self) -> list[Json]:
        """All that has come before the answer to a ping sent now."""
        await self.request("ping", sent_at_ms=0)
        found, self.received = self.received, []
        return found

    @property
    def me(self) -> str:
        participant_id: str = self.joined["participant_id"]
        return participant_id

    async def _read(self) -> Json:
        message = await self.ws.receive()
        if message.type is not WSMsgType.TEXT:
            raise AssertionError(f"the socket ended: {message.type.name} {message.data} {message.extra}")
        parsed: Json = json.loads(message.data)
        return parsed


@dataclass
class Node:
    """One server process's worth of rooms and sockets."""

    name: str
    door: Door
    media: StillMedia
    manager: Manager
    edge: WebSocketEdge
    bus: RedisBus
    services: Services
    url: str
    http: ClientSession

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What hypothesis prints of it beside a failing example."""
        printer.text(f"Node({self.name!r})")

    async def connect(
        self, origin: str | None = ORIGIN, cookie: str = "", address: str = "127.0.0.1", **options: Any
    ) -> Client:
        """`address` is the one that a trusted proxy would tell."""
        headers = {"X-Address": address} if origin is None else {"X-Address": address, "Origin": origin}
        if cookie:
            headers["Cookie"] = f"tongxin_session={cookie}"
        return Client(await self.http.ws_connect(self.url, headers=headers, **options))

    async def enter(self, token: str, code: str = ROOM.code, resume: str = "", address: str = "127.0.0.1") -> Client:
        """Connect, say hello and join; the client is seated or waits."""
        client = await self.connect(address=address)
        await client.hello(token)
        await client.join(code, resume)
        return client


@asynccontextmanager
async def running_node(
    redis_url: str,
    *,
    name: str = "node-a",
    prefix: str = "",
    door: Door | None = None,
    beat_ms: int = 500,
    timing: Timing | None = None,
    wire_timing: WireTiming | None = None,
) -> AsyncIterator[Node]:
    """Several nodes are one park when they share `redis_url`, `prefix` and `door`."""
    door = door or Door()
    door.rooms.setdefault(ROOM.code, ROOM)
    async with AsyncExitStack() as stack:
        store = RedisStore(redis_url)
        stack.push_async_callback(store.close)
        keys = Keys(prefix or f"test-{uuid.uuid4().hex}:")
        media = StillMedia()
        manager = Manager(
            name,
            leases=RedisLeases(store, keys),
            snapshots=RedisSnapshots(store, keys),
            presence=RedisPresence(store, keys, now_ms),
            media=media,
            archive=NoArchive(),
            timing=timing,
        )
        await manager.start()
        stack.push_async_callback(manager.close)
        bus = RedisBus(name, redis_url, keys, beat_ms=beat_ms, dead_ms=4 * beat_ms)
        stack.push_async_callback(bus.close)
        relay = Relay(bus)
        services = Services(
            doorkeeper=door,
            rooms=manager,
            media=media,
            limits=DoorLimits(RateLimiter(store, keys)),
            lines=relay,
            clock_ms=now_ms,
            new_id=lambda: uuid.uuid4().hex,
            files=AnyFiles(),
            timing=wire_timing or WireTiming(),
        )
        await stack.enter_async_context(relay.serving(services))
        await bus.start()
        edge = WebSocketEdge(services, lambda request: request.headers.get("X-Address", "127.0.0.1"))
        app = web.Application()
        app.router.add_get(PATH, edge.handle)
        server = TestServer(app, host="127.0.0.1")
        await server.start_server()
        stack.push_async_callback(server.close)
        stack.push_async_callback(edge.drain)
        http = await stack.enter_async_context(ClientSession())
        yield Node(name, door, media, manager, edge, bus, services, str(server.make_url(PATH)), http)
