"""A client's conversation with a room that another node runs, carried over one link of the bus.

The node that holds the socket (the edge) has authenticated the client and asked the doorkeeper; it opens a link that
carries identity, admission and the join request.  The owner of the room runs the same Connection and Session over the
link that it would run over a socket.  Frames pass unread; both ends keep their limits.  Media needs no relay: the
owner's answers carry the owner's own addresses.

When the link dies the client gets `closing` with moved or unavailable, and resumes: its seat is kept by the room.

On the link, edge to owner: the client's frames as they are.  Owner to edge: one byte that says what the rest is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import Enum

import msgspec
import structlog

from rooms.core.codes import Code
from rooms.ports import Bus, BusLink, RemoteRefused
from rooms.tasks import TaskOwner

from . import metrics
from .commands import TABLE
from .connection import RETRY_MS, Connection
from .messages import Closing
from .outbox import Outbox
from .ports import Admission, Identity
from .services import Line, Relayed, Services
from .session import Session, State

LINK_KIND = "client"
LINKS_MAX = 5_000  # relayed connections that one owner accepts
DRAIN_MAX_MS = 3_000
SEND_MAX_MS = 10_000  # one frame onto the link; then the link counts as dead
LINE_FRAMES_MAX = 256
LINE_BYTES_MAX = 1024 * 1024

# The link is closed with one of these when the person must not keep the seat.
EXPELLING = frozenset({Code.UNAUTHENTICATED, Code.EXPIRED})

log = structlog.get_logger(__name__)


class Part(bytes, Enum):
    """The first byte of a frame from owner to edge."""

    PASS = b"p"  # a message for the client; the first one means that the join was taken
    REFUSED = b"r"  # the error that answers the join; the link is over, the client may ask for another room
    CLOSING = b"c"  # the connection is over; the rest is a Closing
    ENDED = b"e"  # the client has left


class LinkHello(msgspec.Struct, frozen=True):
    identity: Identity
    admission: Admission
    request: bytes  # the join, as JSON


_hello_decoder = msgspec.msgpack.Decoder(LinkHello)
_closing_decoder = msgspec.json.Decoder(Closing)


class EdgeEnd:
    """The edge's end of a link: a Line for the client's connection."""

    def __init__(self, to: Relayed) -> None:
        self._to = to
        self._outbox = Outbox(LINE_FRAMES_MAX, LINE_BYTES_MAX)
        self._taken: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._close_code = Code.IDLE

    async def taken(self) -> bool:
        """Whether the owner took the join; its reply is on its way to the client either way.  Raises RemoteRefused."""
        return await self._taken

    def forward(self, frame: bytes) -> bool:
        return self._outbox.put(frame)

    def close(self, code: Code) -> None:
        self._close_code = code
        self._outbox.finish(drop=True)

    async def pump(self, link: BusLink) -> None:
        with metrics.LINKS.labels("edge").track_inprogress():
            try:
                while (frame := await self._outbox.take()) is not None:
                    async with asyncio.timeout(SEND_MAX_MS / 1_000):
                        await link.send(frame)
            except Exception as error:  # noqa: BLE001 - whatever the bus raises, the link is dead
                log.warning("a link to a room's owner failed", cause=repr(error))
                self.on_close(Code.UNAVAILABLE)
            finally:
                await link.close(self._close_code)

    def on_frame(self, frame: bytes) -> None:
        body = frame[1:]
        match frame[:1]:
            case Part.PASS.value:
                self._to.pass_on(body)
                self._settle(taken=True)
            case Part.REFUSED.value:
                self._to.pass_on(body)
                self._settle(taken=False)
            case Part.CLOSING.value:
                closing = _closing_decoder.decode(body)
                self._settle(taken=True)
                self._to.close(closing.code, closing.retry_after_ms)
            case Part.ENDED.value:
                self._to.ended()
            case other:
                log.error("a link carried an unknown part", part=other)

    def on_close(self, code: Code) -> None:
        """The link is gone without a word from the owner: the client comes back by itself."""
        code = code if code is Code.MOVED else Code.UNAVAILABLE
        if not self._taken.done():
            self._taken.set_exception(RemoteRefused(code))
            self._taken.exception()  # it is fine if nobody asks any more
        elif self._taken.result():
            self._to.close(code, RETRY_MS)

    def _settle(self, *, taken: bool) -> None:
        if not self._taken.done():
            self._taken.set_result(taken)


class OwnerEnd:
    """The owner's end: the carrier of a Connection that has no socket here."""

    def __init__(self, connection: Connection, link: BusLink) -> None:
        self.connection = connection
        self._link = link

    async def run(self) -> None:
        connection, outbox = self.connection, self.connection.outbox
        with metrics.LINKS.labels("owner").track_inprogress():
            try:
                while (frame := await outbox.take()) is not None:
                    if connection.session.state is State.AUTHENTICATED:  # it never got further: this answers the join
                        await self._send(Part.REFUSED, frame)
                        return
                    await self._send(Part.PASS, frame)
                if outbox.closing is None:
                    await self._send(Part.ENDED)
                else:
                    await self._send(Part.CLOSING, msgspec.json.encode(outbox.closing))
            except Exception as error:  # noqa: BLE001 - whatever the bus raises, the link is dead
                log.warning("a relayed connection was lost", cause=repr(error))
            finally:
                connection.lost()
                await connection.finish()
                await self._link.close(Code.IDLE)

    def on_close(self, code: Code) -> None:
        if code in EXPELLING:
            self.connection.expel(code)
        else:
            self.connection.lost()

    async def _send(self, part: Part, body: bytes = b"") -> None:
        async with asyncio.timeout(SEND_MAX_MS / 1_000):
            await self._link.send(part.value + body)


class Relay:
    """Opens lines to other nodes (connection.LineOpener) and serves theirs."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._ends: set[OwnerEnd] = set()
        self._drained = asyncio.Event()
        self._drained.set()
        self._services: Services | None = None
        self._tasks = TaskOwner()

    async def open(
        self, node: str, identity: Identity, admission: Admission, request: bytes, to: Relayed
    ) -> Line | None:
        end = EdgeEnd(to)
        hello = msgspec.msgpack.encode(LinkHello(identity, admission, request))
        link = await self._bus.open_link(node, LINK_KIND, hello, end.on_frame, end.on_close)
        to.own(end.pump(link))
        try:
            if await end.taken():
                return end
        except BaseException:
            end.close(Code.IDLE)
            raise
        end.close(Code.IDLE)
        return None

    @asynccontextmanager
    async def serving(self, services: Services) -> AsyncIterator[None]:
        """Accept links while the block runs; at its end every relayed client is told to come back elsewhere."""
        self._services = services
        self._bus.accept_links(LINK_KIND, self._accept)
        try:
            yield
        finally:
            self._services = None
            for end in list(self._ends):
                end.connection.close(Code.MOVED)
            try:
                async with asyncio.timeout(DRAIN_MAX_MS / 1_000):
                    await self._drained.wait()
            except TimeoutError:
                log.warning("relayed clients were still there at the end of the drain", count=len(self._ends))
            await self._tasks.close()

    async def _accept(self, link: BusLink, hello: bytes) -> tuple[Callable[[bytes], None], Callable[[Code], None]]:
        if self._services is None:
            raise RemoteRefused(Code.MOVED)
        if len(self._ends) >= LINKS_MAX:
            raise RemoteRefused(Code.UNAVAILABLE)
        opening = _hello_decoder.decode(hello)
        session = Session(TABLE, int(asyncio.get_running_loop().time() * 1_000), f"relayed {opening.identity.id}")
        connection = Connection(self._services, opening.identity, session, opening.admission)
        connection.authenticated()
        end = OwnerEnd(connection, link)
        self._ends.add(end)
        self._drained.clear()
        task = self._tasks.start(end.run(), "relayed client")
        task.add_done_callback(lambda _: self._forget(end))
        connection.receive(opening.request)
        return connection.receive, end.on_close

    def _forget(self, end: OwnerEnd) -> None:
        self._ends.discard(end)
        if not self._ends:
            self._drained.set()
