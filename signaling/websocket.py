"""The WebSocket edge: pumps a connection's frames between its session and an aiohttp socket.

The door comes first: a socket is a stranger until its hello has been checked, strangers are few per address and have
ten seconds, and `_authenticate` RETURNS the Connection, so that nothing behind it ever meets a client without identity.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Collection
from typing import Final

import structlog
from aiohttp import ClientConnectionResetError, WSCloseCode, WSMsgType, web

from rooms.core.codes import Code
from rooms.ports import Refused

from . import codec, metrics
from .commands import TABLE
from .connection import RETRY_MS, Connection
from .desk_messages import DeskMessage
from .messages import FRAME_MAX_BYTES, PROTOCOL_VERSION, AnyClientMessage, Closing, Error, Hello, tag_of
from .ports import IdentityKind
from .services import Services
from .session import Close, Forward, Refuse, Request, Run, Session, TokenBucket

PATH: Final = "/ws"
COOKIE: Final = "tongxin_session"
LAST_WORDS_MAX_MS = 2_000  # what still waits must be written within this after the end, then the socket is cut
DRAIN_MAX_MS = 3_000
CLOSE_HANDSHAKE_S = 1.0
CONTROLS_PER_S = 10  # pings and pongs of one socket; we ask for a pong every heartbeat
CONTROLS_BURST = 60

# RFC 6455 7.4.1 and the IANA registry: what the close frame says beside its reason, which is the code's own name.
CLOSE_CODES: dict[Code, int] = {
    Code.TOO_LARGE: WSCloseCode.MESSAGE_TOO_BIG,
    Code.MOVED: WSCloseCode.SERVICE_RESTART,
    Code.UNAVAILABLE: WSCloseCode.TRY_AGAIN_LATER,
    Code.SLOW_CONSUMER: WSCloseCode.TRY_AGAIN_LATER,
    Code.RATE_LIMITED: WSCloseCode.TRY_AGAIN_LATER,
    Code.INTERNAL: WSCloseCode.INTERNAL_ERROR,
}

log = structlog.get_logger(__name__)


class Socket:
    """A WebSocket with the three verbs that we need.  Sending to a socket that is gone does nothing."""

    def __init__(self, ws: web.WebSocketResponse) -> None:
        """`ws` must leave pings to us: they cost as much as small messages, so they are counted, too."""
        self._ws = ws
        self._loop = asyncio.get_running_loop()
        self._controls = TokenBucket(CONTROLS_PER_S, CONTROLS_BURST, self._now_ms)

    @property
    def _now_ms(self) -> int:
        return int(self._loop.time() * 1_000)

    async def receive(self) -> bytes | None:
        """The next text frame; b"" (which no decoder takes) for a binary one and for a flood of control frames; None
        when the socket is closed."""
        while (message := await self._ws.receive()).type in (WSMsgType.PING, WSMsgType.PONG):
            if self._controls.take(1, self._now_ms):
                return b""
            if message.type is WSMsgType.PING:
                with contextlib.suppress(ConnectionError):
                    await self._ws.pong(message.data)
        if message.type is WSMsgType.TEXT:
            frame: bytes = message.data  # decode_text=False
            return frame
        return b"" if message.type is WSMsgType.BINARY else None

    async def send(self, frame: bytes) -> bool:
        """False when the socket is gone."""
        try:
            await self._ws.send_frame(frame, WSMsgType.TEXT)
        except (ClientConnectionResetError, ConnectionError):
            return False
        return True

    async def close(self, closing: Closing | None) -> None:
        """Says the last word, if there is one, and closes."""
        if closing is None:
            await self._ws.close()
        elif await self.send(codec.encode(closing)):
            code = CLOSE_CODES.get(closing.code, WSCloseCode.POLICY_VIOLATION)
            await self._ws.close(code=code, message=closing.code.value.encode())


class WebSocketEdge:
    """Serves /ws.  `client_address` tells the address that counts (behind trusted proxies: the one they name)."""

    def __init__(self, services: Services, client_address: Callable[[web.Request], str]) -> None:
        self._services = services
        self._client_address = client_address
        self._connections: set[Connection] = set()
        self._drained = asyncio.Event()
        self._drained.set()
        self._draining = False
        self._numbers = itertools.count(1)

    @property
    def connections(self) -> int:
        return len(self._connections)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        address = self._client_address(request)
        refusal = await self._refusal(request, address)
        if refusal is not None:
            return refusal
        ws = web.WebSocketResponse(
            heartbeat=self._services.timing.heartbeat_ms / 1_000,
            compress=False,
            max_msg_size=FRAME_MAX_BYTES + 1,
            decode_text=False,
            timeout=CLOSE_HANDSHAKE_S,
            autoping=False,
        )
        if not ws.can_prepare(request).ok:
            return web.Response(status=426, text="This is a WebSocket.", headers={"Upgrade": "websocket"})
        await ws.prepare(request)
        # Without an Origin it is no browser's page, so a browser's cookie has no business here.
        cookie = request.cookies.get(COOKIE, "") if "Origin" in request.headers else ""
        socket = Socket(ws)
        with metrics.SOCKETS.labels("stranger").track_inprogress(), self._services.limits.stranger(address):
            connection = await self._authenticate(socket, cookie, address)
        if connection is not None:
            with metrics.SOCKETS.labels("identified").track_inprogress():
                await self._pump(socket, connection, request.transport)
        return ws

    def close_identity(self, identity_id: str, code: Code, sign_in: str = "") -> int:
        """End all connections of an identity on this node (of one sign-in, if named) with their seats; how many."""
        found = [
            connection
            for connection in self._connections
            if connection.identity.id == identity_id and sign_in in ("", connection.identity.sign_in)
        ]
        for connection in found:
            connection.expel(code)
        return len(found)

    def tell_identity(self, identity_id: str, message: DeskMessage) -> int:
        """Tell all pages of a member on this node; how many."""
        found = [
            connection
            for connection in self._connections
            if connection.identity.id == identity_id and connection.identity.kind is IdentityKind.MEMBER
        ]
        for connection in found:
            connection.tell(message)
        return len(found)

    def open_identities(self, identity_ids: Collection[str]) -> set[str]:
        """Those members who have a page open on this node."""
        asked = set(identity_ids)
        return {
            connection.identity.id
            for connection in self._connections
            if connection.identity.id in asked and connection.identity.kind is IdentityKind.MEMBER
        }

    async def drain(self) -> None:
        """This node goes down: every client is told to come back elsewhere; new ones are refused."""
        self._draining = True
        for connection in list(self._connections):
            connection.close(Code.MOVED)
        try:
            async with asyncio.timeout(DRAIN_MAX_MS / 1_000):
                await self._drained.wait()
        except TimeoutError:
            log.warning("sockets were still open at the end of the drain", count=len(self._connections))

    # ------------------------------------------------------------ the door

    async def _refusal(self, request: web.Request, address: str) -> web.Response | None:
        """Before the upgrade, because an upgraded socket costs more than a response."""
        origin = request.headers.get("Origin")
        if self._draining:
            return self._refuse("draining", 503)
        if origin is not None and not self._services.doorkeeper.origin_allowed(origin, request.host):
            log.warning("a WebSocket from a foreign origin was refused", origin=origin[:200], address=address)
            return self._refuse("origin", 403)
        if self._services.limits.crowded(address):
            return self._refuse("crowded", 429, retry_after_s=5)
        retry_after_ms = await self._services.limits.socket_retry_ms(address)
        if retry_after_ms:
            return self._refuse("rate", 429, retry_after_s=-(-retry_after_ms // 1_000))
        return None

    @staticmethod
    def _refuse(reason: str, status: int, retry_after_s: int = 1) -> web.Response:
        metrics.UPGRADES_REFUSED.labels(reason).inc()
        headers = {} if status == 403 else {"Retry-After": str(retry_after_s)}
        return web.Response(status=status, headers=headers)

    async def _authenticate(self, socket: Socket, cookie: str, address: str) -> Connection | None:
        """Reads up to a hello that the doorkeeper knows.  None when the socket is over."""
        loop = asyncio.get_running_loop()
        name = f"{self._services.rooms.node}-{next(self._numbers)}"
        within_ms = self._services.timing.authenticate_within_ms
        session = Session(TABLE, int(loop.time() * 1_000), name, within_ms)
        try:
            async with asyncio.timeout_at(session.next_timer_ms() / 1_000):
                while (frame := await socket.receive()) is not None:
                    for action in session.receive(frame, int(loop.time() * 1_000)):
                        match action:
                            case Run(request):
                                return await self._identify(socket, session, request, cookie, address)
                            case Refuse(message, code, retry_after_ms):
                                await self._refuse_stranger(socket, message, code, retry_after_ms)
                            case Close(code, retry_after_ms):
                                await self._turn_away(socket, code, retry_after_ms)
                                return None
                            case Forward():
                                raise AssertionError("a stranger's frames go nowhere")
        except TimeoutError:
            await self._turn_away(socket, Code.IDLE)
        return None

    async def _identify(
        self, socket: Socket, session: Session, request: Request, cookie: str, address: str
    ) -> Connection | None:
        """The only request that the table lets a stranger make is hello."""
        hello = request.message
        if not isinstance(hello, Hello):
            raise TypeError(f"the table lets a stranger send {type(hello).__name__}")
        if hello.protocol != PROTOCOL_VERSION:
            await self._turn_away(socket, Code.UNSUPPORTED_PROTOCOL)
            return None
        try:
            identity = await self._services.doorkeeper.identify(cookie, hello.token, address)
        except TimeoutError:
            raise
        except Exception:
            log.exception("the doorkeeper failed")
            identity = Refused(Code.UNAVAILABLE, RETRY_MS)
        if isinstance(identity, Refused):
            await self._refuse_stranger(socket, hello, identity.code, identity.retry_after_ms)
            await self._turn_away(socket, identity.code, identity.retry_after_ms)
            return None
        connection = Connection(self._services, identity, session)
        connection.perform([Run(request)])
        return connection

    @staticmethod
    async def _refuse_stranger(socket: Socket, message: AnyClientMessage, code: Code, retry_after_ms: int) -> None:
        metrics.REFUSALS.labels(tag_of(message), code.value).inc()
        await socket.send(codec.encode(Error(id=message.id, code=code, retry_after_ms=retry_after_ms)))

    @staticmethod
    async def _turn_away(socket: Socket, code: Code, retry_after_ms: int = 0) -> None:
        metrics.CLOSINGS.labels(code.value).inc()
        await socket.close(Closing(code=code, retry_after_ms=retry_after_ms))

    # ------------------------------------------------------------ the pump

    async def _pump(self, socket: Socket, connection: Connection, transport: asyncio.Transport | None) -> None:
        """Both directions until one ends; leaves no task behind, and no seat that nobody keeps."""
        self._connections.add(connection)
        self._drained.clear()
        if self._draining:
            connection.close(Code.MOVED)
        loop = asyncio.get_running_loop()
        cut: list[asyncio.TimerHandle] = []
        if transport is not None:
            # A client that does not read would keep the writer for ever.
            connection.outbox.on_finish(lambda: cut.append(loop.call_later(LAST_WORDS_MAX_MS / 1_000, transport.abort)))
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write(socket, connection))
                while (frame := await socket.receive()) is not None:
                    connection.receive(frame)
                connection.lost()
        finally:
            connection.lost()
            await connection.finish()
            for timer in cut:
                timer.cancel()
            self._connections.discard(connection)
            if not self._connections:
                self._drained.set()

    @staticmethod
    async def _write(socket: Socket, connection: Connection) -> None:
        """Frames out, then the last word."""
        outbox = connection.outbox
        while (frame := await outbox.take()) is not None:
            if not await socket.send(frame):
                connection.lost()
        await socket.close(outbox.closing)
