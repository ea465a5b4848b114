"""A node with real rooms, the real media plane and the WHIP/WHEP edge; only the door is the test's book (wire.Door)."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from rooms.manager import Manager
from rooms.store.bus import RedisBus
from rooms.store.connection import RedisStore
from rooms.store.keys import Keys
from rooms.store.leases import RedisLeases
from rooms.store.presence import RedisPresence
from rooms.store.rate import RateLimiter
from rooms.store.snapshots import RedisSnapshots
from signaling.limits import DoorLimits
from signaling.ports import AudienceDoor
from signaling.sfu.plane import PlaneSettings, SfuPlane
from signaling.whip import StreamEdge
from tests.support.wire import ROOM, Door, NoArchive, now_ms


@dataclass
class StreamNode:
    name: str
    door: Door
    plane: SfuPlane
    manager: Manager
    edge: StreamEdge
    url: str
    http: ClientSession

    @property
    def media(self) -> tuple[int, int, int, int]:
        """Transports, tracks, subscriptions and bytes in the native core."""
        stats = self.plane.stats()[0]
        return stats.transports, stats.tracks, stats.subscriptions, stats.native_bytes


@asynccontextmanager
async def running_stream_node(
    redis_url: str,
    *,
    name: str = "node-a",
    prefix: str = "",
    door: Door | None = None,
    audience: AudienceDoor | None = None,
    audience_max: int = 1_000,
) -> AsyncIterator[StreamNode]:
    """Several nodes are one park when they share `redis_url`, `prefix` and `door`."""
    door = door or Door()
    door.rooms.setdefault(ROOM.code, ROOM)
    async with AsyncExitStack() as stack:
        store = RedisStore(redis_url)
        stack.push_async_callback(store.close)
        keys = Keys(prefix or f"test-{uuid.uuid4().hex}:")
        plane = SfuPlane(PlaneSettings(addresses=("127.0.0.1",), bind_address="127.0.0.1"))
        stack.push_async_callback(plane.close)
        manager = Manager(
            name,
            leases=RedisLeases(store, keys),
            snapshots=RedisSnapshots(store, keys),
            presence=RedisPresence(store, keys, now_ms),
            media=plane,
            archive=NoArchive(),
        )
        await manager.start()
        stack.push_async_callback(manager.close)
        bus = RedisBus(name, redis_url, keys)
        await bus.start()
        stack.push_async_callback(bus.close)
        edge = StreamEdge(
            door,
            manager,
            plane,
            bus,
            DoorLimits(RateLimiter(store, keys)),
            lambda request: request.remote or "",
            audience=audience,
            audience_max=audience_max,
        )
        stack.push_async_callback(edge.close)
        app = web.Application(client_max_size=1024 * 1024)
        app.add_routes(edge.routes())
        server = TestServer(app, host="127.0.0.1")
        await server.start_server()
        stack.push_async_callback(server.close)
        http = await stack.enter_async_context(ClientSession())
        yield StreamNode(name, door, plane, manager, edge, str(server.make_url("")).rstrip("/"), http)
