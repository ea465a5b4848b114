"""A `ports.Bus` over Redis pub/sub: calls with an answer, and links that keep order or close.

Pub/sub forgets what nobody hears, so nothing is taken on trust: every link numbers its frames, beats tell the other end
how many there were, and whenever this node may have missed something (its subscription broke, a number is missing, a
peer's beats stopped) the links concerned are closed with UNAVAILABLE, and their clients resume.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Awaitable, Callable
from typing import assert_never

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from rooms.core.codes import Code
from rooms.ports import BusLink, RemoteRefused
from rooms.tasks import TaskOwner

from .connection import CONNECT_TIMEOUT_MS, DRIVER, RedisStore
from .frames import (
    CALL_MAX_BYTES,
    AnyFrame,
    Beat,
    Call,
    CallRefused,
    LinkAck,
    LinkClose,
    LinkData,
    LinkOpen,
    LinkOpened,
    Reply,
    decode,
    encode,
)
from .keys import Keys
from .link import Link, LinkState
from .publisher import Publisher

log = structlog.get_logger(__name__)

BEAT_MS = 2_000
DEAD_MS = 6_500  # three beats missed
OPEN_TIMEOUT_MS = 5_000
SUBSCRIBE_TIMEOUT_MS = 5_000
RESUBSCRIBE_PAUSE_MS = 200
FLUSH_TIMEOUT_MS = 1_000
LINKS_MAX = 10_000
CALLS_SERVED_MAX = 256  # at a time; more are refused with UNAVAILABLE
LINK_ID_BYTES = 9

OnFrame = Callable[[bytes], None]
OnClose = Callable[[Code], None]
OnLink = Callable[[BusLink, bytes], Awaitable[tuple[OnFrame, OnClose]]]
LinkKey = tuple[str, bool]  # link id, whether this end opened it


class RedisBus:
    """`start` before use, `close` at the end.  `serve` and `accept_links` may be called before `start`."""

    def __init__(self, node: str, url: str, keys: Keys, beat_ms: int = BEAT_MS, dead_ms: int = DEAD_MS) -> None:
        self.node = node
        self._keys = keys
        self._beat_ms = beat_ms
        self._dead_ms = dead_ms
        # No second try: a frame published twice would be a call made twice.
        self._store = RedisStore(url, tries=1)
        self._publisher = Publisher(self._store)
        self._subscriber = Redis.from_url(
            url,
            socket_connect_timeout=CONNECT_TIMEOUT_MS / 1_000,
            retry=Retry(NoBackoff(), 0),
            retry_on_error=[],
            driver_info=DRIVER,
        )
        self._tasks = TaskOwner()
        self._subscribed = asyncio.Event()
        self._methods: dict[str, Callable[[bytes], Awaitable[bytes]]] = {}
        self._kinds: dict[str, OnLink] = {}
        self._call_ids = itertools.count(1)
        self._calls: dict[int, asyncio.Future[bytes]] = {}
        self._serving = 0
        self._links: dict[LinkKey, Link] = {}
        self._opening: dict[LinkKey, asyncio.Future[None]] = {}
        self._heard_at: dict[str, float] = {}  # node -> when its last frame came; of nodes with links, and of this one
        self._deaf = False  # our own beats do not come back to us: the connection is dead without knowing it

    async def start(self) -> None:
        """Returns once the subscription stands, or without it when Redis is away: it is tried again and again."""
        self._tasks.start(self._publisher.run(), "bus publisher")
        self._tasks.start(self._run_subscriber(), "bus subscriber")
        self._tasks.start(self._run_beats(), "bus beats")
        try:
            async with asyncio.timeout(SUBSCRIBE_TIMEOUT_MS / 1_000):
                await self._subscribed.wait()
        except TimeoutError:
            log.error("bus_not_subscribed")

    async def close(self) -> None:
        for link in list(self._links.values()):
            link.say_closed(Code.MOVED)
            link.fail(Code.MOVED)
        await self._publisher.flushed(FLUSH_TIMEOUT_MS)
        await self._tasks.close()
        self._fail_calls()
        await self._subscriber.aclose(close_connection_pool=True)
        await self._store.close()

    # ------------------------------------------------------------ calls

    async def call(self, node: str, method: str, payload: bytes, timeout_ms: int) -> bytes:
        """Raises TimeoutError; RemoteRefused with the other node's code, or UNAVAILABLE when it is not there."""
        if len(payload) > CALL_MAX_BYTES:
            raise RemoteRefused(Code.TOO_LARGE)
        call_id = next(self._call_ids)
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._calls[call_id] = answer
        self._post(node, Call(self.node, call_id, method, payload, timeout_ms), lambda: self._fail_call(call_id))
        try:
            async with asyncio.timeout(timeout_ms / 1_000):
                return await answer
        finally:
            del self._calls[call_id]

    def serve(self, method: str, handler: Callable[[bytes], Awaitable[bytes]]) -> None:
        """`handler` may raise RemoteRefused; it is cancelled when the caller does not wait any more."""
        self._methods[method] = handler

    async def _answer(self, call: Call) -> None:
        self._serving += 1
        try:
            reply: Reply | CallRefused = await self._answer_to(call)
        except RemoteRefused as refused:
            reply = CallRefused(self.node, call.call_id, refused.code)
        except TimeoutError:
            return
        except Exception:
            log.exception("call_failed", method=call.method, caller=call.sender)
            reply = CallRefused(self.node, call.call_id, Code.INTERNAL)
        finally:
            self._serving -= 1
        self._post(call.sender, reply)

    async def _answer_to(self, call: Call) -> Reply:
        handler = self._methods.get(call.method)
        if handler is None:
            raise RemoteRefused(Code.NOT_FOUND)
        if self._serving > CALLS_SERVED_MAX:
            raise RemoteRefused(Code.UNAVAILABLE)
        async with asyncio.timeout(call.timeout_ms / 1_000):
            payload = await handler(call.payload)
        if len(payload) > CALL_MAX_BYTES:
            raise RemoteRefused(Code.TOO_LARGE)
        return Reply(self.node, call.call_id, payload)

    def _fail_call(self, call_id: int) -> None:
        answer = self._calls.get(call_id)
        if answer is not None and not answer.done():
            answer.set_exception(RemoteRefused(Code.UNAVAILABLE))

    def _fail_calls(self) -> None:
        for call_id in list(self._calls):
            self._fail_call(call_id)

    # ------------------------------------------------------------ links

    async def open_link(
        self, node: str, kind: str, hello: bytes, on_frame: Callable[[bytes], None], on_close: Callable[[Code], None]
    ) -> Link:
        """Raises RemoteRefused: the other node's code, or UNAVAILABLE when it is not there or does not answer.

        `on_close` is called once, unless this end closes the link itself.  `on_frame` can be called before the return.
        """
        if len(self._links) >= LINKS_MAX:
            raise RemoteRefused(Code.UNAVAILABLE)
        link = self._new_link(node, secrets.token_urlsafe(LINK_ID_BYTES), is_opener=True)
        link.on_frame = on_frame
        key = (link.link_id, True)
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._opening[key] = opened
        self._post(node, LinkOpen(self.node, link.link_id, True, kind, hello), lambda: link.fail(Code.UNAVAILABLE))
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_MS / 1_000):
                await opened
        except TimeoutError as error:
            link.break_off("no answer")
            raise RemoteRefused(Code.UNAVAILABLE) from error
        except asyncio.CancelledError:
            await link.close(Code.UNAVAILABLE)
            raise
        finally:
            del self._opening[key]
        if link.state is LinkState.CLOSED:  # in the moment since
            raise RemoteRefused(link.code)
        link.on_close = on_close
        return link

    def accept_links(self, kind: str, on_link: OnLink) -> None:
        """`on_link` may raise RemoteRefused; it has OPEN_TIMEOUT_MS."""
        self._kinds[kind] = on_link

    def _new_link(self, peer: str, link_id: str, is_opener: bool) -> Link:
        link = Link(self.node, peer, link_id, is_opener, self._post, self._link_gone)
        self._links[link_id, is_opener] = link
        self._heard_at[peer] = asyncio.get_running_loop().time()
        return link

    def _link_gone(self, link: Link) -> None:
        key = (link.link_id, link.is_opener)
        self._links.pop(key, None)
        opening = self._opening.get(key)
        if opening is not None and not opening.done():
            opening.set_exception(RemoteRefused(link.code))

    async def _accept(self, frame: LinkOpen) -> None:
        link = self._new_link(frame.sender, frame.link_id, is_opener=False)
        on_link = self._kinds.get(frame.kind)
        try:
            if on_link is None or len(self._links) > LINKS_MAX:
                raise RemoteRefused(Code.NOT_FOUND if on_link is None else Code.UNAVAILABLE)
            async with asyncio.timeout(OPEN_TIMEOUT_MS / 1_000):
                on_frame, on_close = await on_link(link, frame.hello)
        except RemoteRefused as refused:
            await link.close(refused.code)
        except TimeoutError:
            await link.close(Code.UNAVAILABLE)
        except Exception:
            log.exception("link_not_accepted", kind=frame.kind, peer=frame.sender)
            await link.close(Code.INTERNAL)
        else:
            link.on_frame, link.on_close = on_frame, on_close
            if link.state is LinkState.CLOSED:  # by the opener, meanwhile
                on_close(link.code)
                return
            link.state = LinkState.OPEN
            self._post(link.peer, LinkOpened(self.node, link.link_id, False), lambda: link.fail(Code.UNAVAILABLE))

    # ------------------------------------------------------------ what comes in

    async def _run_subscriber(self) -> None:
        while True:
            pubsub = self._subscriber.pubsub()
            try:
                async with asyncio.timeout(SUBSCRIBE_TIMEOUT_MS / 1_000):
                    await pubsub.subscribe(self._keys.bus_channel(self.node))
                self._heard_at[self.node] = asyncio.get_running_loop().time()
                self._deaf = False
                await self._listen(pubsub)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("bus_subscription_lost", cause=f"{type(error).__name__}: {error}")
            finally:
                self._subscribed.clear()
                self._missed_something()
                await pubsub.aclose()  # type: ignore[no-untyped-call]
            await asyncio.sleep(RESUBSCRIBE_PAUSE_MS / 1_000)

    async def _listen(self, pubsub: PubSub) -> None:
        while True:
            message = await pubsub.get_message(timeout=self._beat_ms / 1_000)
            if message is None:
                if self._deaf:
                    raise TimeoutError("no beat of our own")
            elif message["type"] == "subscribe":
                self._subscribed.set()
            elif (frame := decode(message["data"])) is not None:
                self._take(frame)
            else:
                log.warning("bus_frame_unknown")

    def _missed_something(self) -> None:
        for link in list(self._links.values()):
            link.break_off("subscription lost")
        self._fail_calls()

    def _take(self, frame: AnyFrame) -> None:
        # Anything that comes is a sign of life, of its sender and of our subscription: beats may wait behind much else.
        now = asyncio.get_running_loop().time()
        self._heard_at[frame.sender] = self._heard_at[self.node] = now
        match frame:
            case Call():
                self._tasks.start(self._answer(frame), f"call {frame.method}")
            case Reply(_, call_id, payload):
                answer = self._calls.get(call_id)
                if answer is not None and not answer.done():
                    answer.set_result(payload)
            case CallRefused(_, call_id, code):
                answer = self._calls.get(call_id)
                if answer is not None and not answer.done():
                    answer.set_exception(RemoteRefused(code))
            case LinkOpen():
                self._tasks.start(self._accept(frame), f"link {frame.kind}")
            case LinkOpened() | LinkData() | LinkAck() | LinkClose():
                self._take_for_link(frame)
            case Beat():
                self._take_beat(frame)
            case _:
                assert_never(frame)

    def _take_for_link(self, frame: LinkOpened | LinkData | LinkAck | LinkClose) -> None:
        link = self._links.get((frame.link_id, not frame.by_opener))
        if link is None or link.peer != frame.sender:
            return  # closed here; the peer's beats or our LinkClose tell it
        match frame:
            case LinkOpened():
                opening = self._opening.get((link.link_id, True))
                if opening is not None and not opening.done():
                    link.state = LinkState.OPEN
                    opening.set_result(None)
            case LinkData():
                link.take(frame)
            case LinkAck():
                link.acknowledged(frame.seq)
            case LinkClose():
                link.fail(frame.code)
            case _:
                assert_never(frame)

    # ------------------------------------------------------------ beats

    def _take_beat(self, beat: Beat) -> None:
        counts = {(count.link_id, not count.by_opener): count for count in beat.links}
        for key, link in list(self._links.items()):
            if link.peer == beat.sender and link.state is LinkState.OPEN:
                count = counts.get(key)
                if count is None:
                    link.break_off("the peer does not know it")
                else:
                    link.compare(count)

    async def _run_beats(self) -> None:
        loop = asyncio.get_running_loop()
        last = loop.time()
        while True:
            now = loop.time()
            if now - last > 2 * self._beat_ms / 1_000:
                # This loop stood still, so nobody was heard and nobody can be judged.
                self._heard_at = dict.fromkeys(self._heard_at, now)
            last = now
            silent = {node for node, at in self._heard_at.items() if now - at > self._dead_ms / 1_000}
            self._deaf = self.node in silent
            by_peer: dict[str, list[Link]] = {self.node: []}
            for link in list(self._links.values()):
                if link.peer in silent:
                    link.break_off("no beats")
                else:
                    by_peer.setdefault(link.peer, []).append(link)
            for peer, links in by_peer.items():
                self._post(peer, Beat(self.node, tuple(link.count() for link in links)))
            for node in [node for node in self._heard_at if node not in by_peer]:
                del self._heard_at[node]
            await asyncio.sleep(self._beat_ms / 1_000)

    def _post(self, node: str, frame: AnyFrame, on_failure: Callable[[], None] = lambda: None) -> None:
        self._publisher.post(self._keys.bus_channel(node), encode(frame), on_failure)
