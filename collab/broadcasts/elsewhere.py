"""Livestreams whose room another node runs: this node follows what that one has in memory, over one link of the bus,
and serves its own viewers from its own memory, parts and blocking playlists included.

A link costs the stream's bits once for a node, however many watch there.  When it breaks, the next one who asks makes
another, to wherever the room is by then.  What nobody asked for in IDLE_S is given up.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial
from typing import Final, Protocol

import msgspec
import structlog
from msgspec import Struct

from collab.clock import now_ms
from rooms.core.codes import Code
from rooms.ports import Bus, BusLink, RemoteRefused, RoomSummary, StoreUnavailable
from rooms.tasks import TaskOwner
from signaling.egress import wire
from signaling.egress.hls import Added, Chapter, Gone, Happened, LiveStream
from signaling.session import TokenBucket

from .repository import BroadcastRepository

LINK_KIND: Final = "hls"
TAIL_SEGMENTS: Final = 6  # twelve seconds: more than any player holds back
FOLLOWERS_MAX: Final = 64  # links that this node serves
FOLLOWED_MAX: Final = 32  # streams that it follows: about 25 MB each
WAITING_MAX: Final = 200  # frames for one follower: half a minute; then it begins anew
OPEN_MAX_S: Final = 4.0
IDLE_S: Final = 60.0
SWEEP_S: Final = 15.0
UNKNOWN_KEPT_MS: Final = 2_000
UNKNOWN_MAX: Final = 2_000
LOOKS_PER_S: Final = 20.0  # for keys that nobody here knows: anybody may ask for any

log = structlog.get_logger("broadcasts")


class Opening(Struct, frozen=True, tag="opening"):
    """The first frame.  `tails`: of each size, discontinuities before its first segment, and whether that is one."""

    renditions: tuple[wire.Rendition, ...]
    tails: dict[str, tuple[int, bool]]


class Head(Struct, frozen=True, tag="head"):
    rendition: str
    name: str
    data: bytes


class Portion(Struct, frozen=True, tag="portion"):
    part: wire.PartWritten
    data: bytes


class Chapters(Struct, frozen=True, tag="chapters"):
    chapters: tuple[Chapter, ...]


class CaughtUp(Struct, frozen=True, tag="caught_up"):
    """What there was has been told: the rest comes as it happens."""


class Over(Struct, frozen=True, tag="over"):
    pass


Frame = Opening | Head | Portion | Chapters | CaughtUp | Over
_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Frame).decode


class Summaries(Protocol):
    """rooms/store/presence.py."""

    async def summaries(self, room_ids: Collection[str]) -> dict[str, RoomSummary]: ...


class _Follower:
    """The owner's end of a link: all that happens, in order, from the newest segments on."""

    def __init__(self, stream: LiveStream, link: BusLink) -> None:
        self._stream = stream
        self._link = link
        self._frames: asyncio.Queue[Frame] = asyncio.Queue(WAITING_MAX)
        self._heads: set[tuple[str, str]] = set()
        self._slow = False

    async def run(self) -> None:
        self._stream.listeners.add(self._hear)  # what happens from now on comes after what there is
        code = Code.IDLE
        try:
            for frame in self._there_is():
                await self._link.send(_encode(frame))
            while not self._slow:
                frame = await self._frames.get()
                await self._link.send(_encode(frame))
                if isinstance(frame, Over):
                    return
            code = Code.SLOW_CONSUMER
        except RemoteRefused as refused:
            code = refused.code
        finally:
            self._stream.listeners.discard(self._hear)
            await self._link.close(code)

    def _there_is(self) -> list[Frame]:
        tails = {name: playlist.tail(TAIL_SEGMENTS) for name, playlist in self._stream.playlists.items()}
        frames: list[Frame] = [
            Opening(
                tuple(playlist.size for playlist in self._stream.playlists.values()),
                {name: (before, fresh) for name, (before, fresh, _) in tails.items()},
            ),
            Chapters(self._stream.chapters),
        ]
        for _, _, parts in tails.values():
            for part, data in parts:
                frames += self._frames_of(part, data)
        frames.append(CaughtUp())
        if any(playlist.has_ended for playlist in self._stream.playlists.values()):
            frames.append(Over())
        return frames

    def _frames_of(self, part: wire.PartWritten, data: bytes) -> list[Frame]:
        head = (part.rendition, part.init)
        frames: list[Frame] = [Portion(part, data)]
        if head not in self._heads:
            self._heads.add(head)
            frames.insert(0, Head(*head, self._stream.playlists[part.rendition].init(part.init)))
        return frames

    def _hear(self, happened: Happened) -> None:
        match happened:
            case Added(part, data):
                frames = self._frames_of(part, data)
            case None:
                frames = [Over()]
            case chapters:
                frames = [Chapters(chapters)]
        try:
            for frame in frames:
                self._frames.put_nowait(frame)
        except asyncio.QueueFull:
            self._slow = True


class _Followed:
    """The other end: the stream as it was told."""

    def __init__(self) -> None:
        self.stream: LiveStream | None = None
        self.opened = asyncio.Event()
        self.broken = False
        self.link: BusLink | None = None
        self.asked_s = asyncio.get_running_loop().time()

    def on_frame(self, data: bytes) -> None:
        match _decode(data):
            case Opening(renditions, tails):
                self.stream = LiveStream(renditions)
                for name, (before, fresh) in tails.items():
                    self.stream.playlists[name].takes_up(before, fresh=fresh)
            case CaughtUp():
                self.opened.set()
            case Head(rendition, name, head) if self.stream is not None:
                self.stream.playlists[rendition].add_init(name, head)
            case Portion(part, media) if self.stream is not None:
                self.stream.add(part, b"", media)
            case Chapters(chapters) if self.stream is not None:
                self.stream.set_chapters(chapters)
            case Over() if self.stream is not None:
                self.stream.end()
            case frame:
                log.error("a_livestream_without_its_opening", frame=type(frame).__name__)

    def on_close(self, _code: Code) -> None:
        self.broken = True
        self.opened.set()

    async def close(self) -> None:
        if self.link is not None and not self.broken:
            with suppress(RemoteRefused):
                await self.link.close(Code.IDLE)

    @property
    def has_ended(self) -> bool:
        return self.stream is not None and all(one.has_ended for one in self.stream.playlists.values())


class StreamsElsewhere:
    """`run` gives up what nobody watches, in a task of the owner's."""

    def __init__(
        self,
        broadcasts: BroadcastRepository,
        summaries: Summaries,
        bus: Bus,
        here: Callable[[str], LiveStream | None],
    ) -> None:
        """`here`: what is live on this node under a key."""
        self._broadcasts = broadcasts
        self._summaries = summaries
        self._bus = bus
        self._here = here
        self._followed: dict[str, _Followed] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._unknown: OrderedDict[str, int] = OrderedDict()  # key -> until when it is not looked for
        self._looks = TokenBucket(LOOKS_PER_S, LOOKS_PER_S, now_ms())
        self._followers = 0
        self._tasks = TaskOwner()
        bus.accept_links(LINK_KIND, self._accept)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_S)
            for key, followed in list(self._followed.items()):
                if loop.time() - followed.asked_s > IDLE_S:
                    await self._give_up(key)

    async def close(self) -> None:
        for key in list(self._followed):
            await self._give_up(key)
        await self._tasks.close()

    # ------------------------------------------------------------ for viewers

    async def stream_of(self, key: str) -> LiveStream | None:
        """None for a key of nothing that is live.  Raises Gone when its node does not answer: asking again helps."""
        if (stream := self._known(key)) is not None:
            return stream
        if self._unknown.get(key, 0) > now_ms():
            return None
        lock = self._opening.setdefault(key, asyncio.Lock())
        try:
            async with lock:  # a hall that comes at once makes one link
                return self._known(key) or await self._follow(key)
        finally:
            self._opening.pop(key, None)

    def _known(self, key: str) -> LiveStream | None:
        followed = self._followed.get(key)
        if followed is None or (followed.broken and not followed.has_ended):
            return None
        followed.asked_s = asyncio.get_running_loop().time()
        return followed.stream

    async def _follow(self, key: str) -> LiveStream | None:
        if self._unknown.get(key, 0) > now_ms():
            return None
        if self._looks.take(1, now_ms()) or len(self._followed) >= FOLLOWED_MAX:
            raise Gone
        followed = _Followed()
        try:
            node = await self._node_of(key)
            if node is None:
                self._forget_for_now(key)
                return None
            async with asyncio.timeout(OPEN_MAX_S):
                followed.link = await self._bus.open_link(
                    node, LINK_KIND, key.encode(), followed.on_frame, followed.on_close
                )
                await followed.opened.wait()
            if followed.stream is None:
                raise Gone
            self._followed[key] = followed
        except RemoteRefused as refused:
            if refused.code is not Code.NOT_FOUND:
                raise Gone from refused
            self._forget_for_now(key)
            return None
        except (TimeoutError, StoreUnavailable) as error:
            raise Gone from error
        finally:
            if self._followed.get(key) is not followed:
                await followed.close()
        log.info("livestream_followed", key=key[:6], node=node)
        return followed.stream

    async def _node_of(self, key: str) -> str | None:
        """The other node whose room it is; None for a key of nothing that is live.  Raises Gone while nobody has it."""
        broadcast = await self._broadcasts.by_key(key)
        if broadcast is None:
            return None
        summary = (await self._summaries.summaries([broadcast.room_id])).get(broadcast.room_id)
        if summary is None or summary.node == self._bus.node:
            raise Gone
        return summary.node

    def _forget_for_now(self, key: str) -> None:
        self._unknown[key] = now_ms() + UNKNOWN_KEPT_MS
        self._unknown.move_to_end(key)
        while len(self._unknown) > UNKNOWN_MAX:
            self._unknown.popitem(last=False)

    async def _give_up(self, key: str) -> None:
        await self._followed.pop(key).close()

    # ------------------------------------------------------------ for other nodes

    async def _accept(self, link: BusLink, hello: bytes) -> tuple[Callable[[bytes], None], Callable[[Code], None]]:
        stream = self._here(hello.decode("ascii", "replace"))
        if stream is None:
            raise RemoteRefused(Code.NOT_FOUND)
        if self._followers >= FOLLOWERS_MAX:
            raise RemoteRefused(Code.UNAVAILABLE)
        self._followers += 1
        task = self._tasks.start(_Follower(stream, link).run(), "a node that follows")
        task.add_done_callback(self._left)
        return lambda _frame: None, partial(_ended, task)

    def _left(self, _task: asyncio.Task[None]) -> None:
        self._followers -= 1


def _ended(task: asyncio.Task[None], _code: Code) -> None:
    task.cancel()
