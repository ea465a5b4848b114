"""The audience's socket: GET /api/livestreams/{id}/hub, upgraded; the first message is `hello` with a viewer's token.

Frames to it are written by the hub straight to the transport; aiohttp reads, and answers pings.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

import structlog
from aiohttp import WSMsgType, web

from collab.limits import Limits, rate
from collab.problems import Refusal
from collab.unavailable import RETRY_MS, is_unavailable
from rooms.core.codes import Code
from signaling.ports import Doorkeeper

from .hub import Hub, Seat, frame_of
from .hub_messages import FRAME_MAX_BYTES, Closing, Hello, Ok, Renew, decode, encode
from .hubs import HubsOfAllNodes
from .tokens import Viewer
from .watching import WatchService

PATH: Final = "/api/livestreams/{id:[0-9a-z]{26}}/hub"
HELLO_MAX_S: Final = 10.0
HEARTBEAT_S: Final = 25.0
CLOSE_HANDSHAKE_S: Final = 1.0
STRANGERS_MAX: Final = 2_000  # sockets that have not said hello yet, on this node
# A hall behind one address comes at once, and again when a server goes down.
HUBS_OF_ADDRESS = rate("live_hubs", burst=3_000, per_minute=1_500)

log = structlog.get_logger("livestreams")


class HubEdge:
    def __init__(
        self,
        hubs: HubsOfAllNodes,
        watching: WatchService,
        doorkeeper: Doorkeeper,
        limits: Limits,
        client_address: Callable[[web.Request], str],
    ) -> None:
        self._hubs = hubs
        self._watching = watching
        self._doorkeeper = doorkeeper
        self._limits = limits
        self._client_address = client_address
        self._strangers = 0

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self.handle)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin is not None and not self._doorkeeper.origin_allowed(origin, request.host):
            return web.Response(status=403)
        if self._strangers >= STRANGERS_MAX:
            return web.Response(status=503, headers={"Retry-After": "5"})
        try:
            await self._limits.take(HUBS_OF_ADDRESS, self._client_address(request))
        except Refusal as refusal:
            return web.Response(status=429, headers={"Retry-After": str(refusal.retry_after_ms // 1_000 + 1)})
        ws = web.WebSocketResponse(
            heartbeat=HEARTBEAT_S,
            compress=False,
            max_msg_size=FRAME_MAX_BYTES + 1,
            decode_text=False,
            timeout=CLOSE_HANDSHAKE_S,
        )
        if not ws.can_prepare(request).ok:
            return web.Response(status=426, text="This is a WebSocket.", headers={"Upgrade": "websocket"})
        await ws.prepare(request)
        transport = request.transport
        if transport is None:
            return ws
        livestream_id = request.match_info["id"]
        try:
            hub, viewer, number = await self._admit(ws, livestream_id)
            seat = hub.join(viewer, transport)
        except Refusal as refusal:
            await _turn_away(ws, refusal)
            return ws
        except Exception as error:
            if not is_unavailable(error):
                raise
            await _turn_away(ws, Refusal(Code.UNAVAILABLE, repr(error)[:200], retry_after_ms=RETRY_MS))
            return ws
        try:
            seat.send(frame_of(encode(Ok(id=number))))
            await self._pump(ws, hub, seat)
        finally:
            hub.leave(seat)
        return ws

    async def _admit(self, ws: web.WebSocketResponse, livestream_id: str) -> tuple[Hub, Viewer, int]:
        self._strangers += 1
        try:
            async with asyncio.timeout(HELLO_MAX_S):
                message = await ws.receive()
                if message.type is not WSMsgType.TEXT:
                    raise Refusal(Code.BAD_MESSAGE, "no hello")
                hello = decode(message.data)
                if not isinstance(hello, Hello):
                    raise Refusal(Code.UNAUTHENTICATED, "no hello")
                viewer = await self._viewer(livestream_id, hello.token)
                return await self._hubs.open(livestream_id), viewer, hello.id
        except TimeoutError:
            raise Refusal(Code.IDLE, "no hello") from None
        finally:
            self._strangers -= 1

    async def _viewer(self, livestream_id: str, token: str) -> Viewer:
        _livestream, viewer = await self._watching.check(livestream_id, token)
        return viewer

    async def _pump(self, ws: web.WebSocketResponse, hub: Hub, seat: Seat) -> None:
        while True:
            message = await ws.receive()
            if message.type is not WSMsgType.TEXT:
                if message.type is WSMsgType.BINARY:
                    hub.close_seat(seat, Code.BAD_MESSAGE)
                return
            try:
                command = decode(message.data)
                if isinstance(command, Hello):
                    raise Refusal(Code.BAD_MESSAGE, "hello again")
                if isinstance(command, Renew):
                    await self._renew(hub, seat, command)
                    continue
            except Refusal as refusal:
                hub.close_seat(seat, refusal.code)
                return
            await hub.take(seat, command)

    async def _renew(self, hub: Hub, seat: Seat, renew: Renew) -> None:
        """A newer token of the same person; a name that was chosen meanwhile comes with it."""
        viewer = await self._viewer(hub.livestream.id, renew.token)
        if viewer.id != seat.viewer.id:
            raise Refusal(Code.UNAUTHENTICATED, "somebody else's token")
        seat.viewer = viewer
        seat.send(frame_of(encode(Ok(id=renew.id))))


async def _turn_away(ws: web.WebSocketResponse, refusal: Refusal) -> None:
    log.debug("hub_turned_away", code=refusal.code, cause=str(refusal))
    with contextlib.suppress(ConnectionError):
        await ws.send_str(encode(Closing(code=refusal.code, retry_after_ms=refusal.retry_after_ms)).decode())
    await ws.close(code=1_008, message=refusal.code.value.encode())
