"""One end of a link: it numbers what it sends, checks the numbers of what it gets, and never sends beyond a window.

opening --opened--> open --close, gap, peer dead, window stuck--> closed
   +--refused--------------------------------------------------------^
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from enum import Enum

import structlog

from rooms.core.codes import Code
from rooms.ports import RemoteRefused

from .frames import LINK_FRAME_MAX_BYTES, AnyFrame, LinkAck, LinkClose, LinkCount, LinkData

log = structlog.get_logger(__name__)

WINDOW_FRAMES = 512
WINDOW_BYTES = 8 * 1_048_576  # one frame may always be under way, whatever its size
SEND_TIMEOUT_MS = 5_000  # the other end did not take anything for so long: it is closed as too slow
ACK_EVERY_FRAMES = 64
ACK_EVERY_BYTES = 1_048_576


class LinkState(Enum):
    OPENING = "opening"
    OPEN = "open"
    CLOSED = "closed"


class Link:
    """A `ports.BusLink`.  `post` puts a frame on its way to the peer and calls back when that failed."""

    def __init__(
        self,
        node: str,
        peer: str,
        link_id: str,
        is_opener: bool,
        post: Callable[[str, AnyFrame, Callable[[], None]], None],
        on_gone: Callable[[Link], None],
    ) -> None:
        self.peer = peer
        self.link_id = link_id
        self.is_opener = is_opener
        self.state = LinkState.OPENING
        self.code = Code.UNAVAILABLE  # why it was closed
        self.on_frame: Callable[[bytes], None] | None = None
        self.on_close: Callable[[Code], None] | None = None
        self._node = node
        self._post = post
        self._on_gone = on_gone
        self._sent = 0
        self._received = 0
        self._under_way: deque[tuple[int, int]] = deque()  # number, bytes
        self._under_way_bytes = 0
        self._unacknowledged_frames = 0
        self._unacknowledged_bytes = 0
        self._turn = asyncio.Lock()  # senders are served in their order
        self._moved = asyncio.Event()

    async def send(self, frame: bytes) -> None:
        """Raises RemoteRefused with the code of the closed link; ValueError for a frame that is too large."""
        if len(frame) > LINK_FRAME_MAX_BYTES:
            raise ValueError(f"a frame of {len(frame)} bytes")
        async with self._turn:
            while self.state is not LinkState.CLOSED and not self._fits(len(frame)):
                await self._wait_for_window()
            if self.state is LinkState.CLOSED:
                raise RemoteRefused(self.code)
            self._sent += 1
            self._under_way.append((self._sent, len(frame)))
            self._under_way_bytes += len(frame)
            self._say(LinkData(self._node, self.link_id, self.is_opener, self._sent, frame))

    async def close(self, code: Code) -> None:
        """From this end: the peer's `on_close` is called, ours is not."""
        if self.state is not LinkState.CLOSED:
            self.say_closed(code)
            self._end(code)

    def say_closed(self, code: Code) -> None:
        self._say(LinkClose(self._node, self.link_id, self.is_opener, code))

    def fail(self, code: Code) -> None:
        """The link broke or the peer closed it: `on_close` is called, once."""
        if self.state is not LinkState.CLOSED:
            self._end(code)
            if self.on_close is not None:
                try:
                    self.on_close(code)
                except Exception:
                    log.exception("link_listener_failed", peer=self.peer)

    def break_off(self, cause: str) -> None:
        """A frame was lost or the peer is gone: tell it too, in case it still hears us."""
        if self.state is not LinkState.CLOSED:
            log.warning("link_broken", peer=self.peer, cause=cause)
            self.say_closed(Code.UNAVAILABLE)
            self.fail(Code.UNAVAILABLE)

    def take(self, frame: LinkData) -> None:
        if frame.seq <= self._received or self.state is LinkState.CLOSED:
            return  # the publisher said it again after an error
        if frame.seq != self._received + 1:
            self.break_off("gap")
            return
        self._received = frame.seq
        if self.on_frame is not None:
            try:
                self.on_frame(frame.payload)
            except Exception:
                log.exception("link_listener_failed", peer=self.peer)
        self._unacknowledged_frames += 1
        self._unacknowledged_bytes += len(frame.payload)
        if self._unacknowledged_frames >= ACK_EVERY_FRAMES or self._unacknowledged_bytes >= ACK_EVERY_BYTES:
            self._unacknowledged_frames = self._unacknowledged_bytes = 0
            self._say(LinkAck(self._node, self.link_id, self.is_opener, self._received))

    def acknowledged(self, seq: int) -> None:
        while self._under_way and self._under_way[0][0] <= seq:
            self._under_way_bytes -= self._under_way.popleft()[1]
            self._moved.set()

    def compare(self, peer: LinkCount) -> None:
        """With what the peer's beat says: everything that it sent before must have arrived."""
        self.acknowledged(peer.received)
        if peer.sent > self._received:
            self.break_off("lost the last frames")

    def count(self) -> LinkCount:
        return LinkCount(self.link_id, self.is_opener, self._sent, self._received)

    def _fits(self, size: int) -> bool:
        if not self._under_way:
            return True
        return len(self._under_way) < WINDOW_FRAMES and self._under_way_bytes + size <= WINDOW_BYTES

    async def _wait_for_window(self) -> None:
        self._moved.clear()
        try:
            async with asyncio.timeout(SEND_TIMEOUT_MS / 1_000):
                await self._moved.wait()
        except TimeoutError:
            log.warning("link_stuck", peer=self.peer)
            self.say_closed(Code.SLOW_CONSUMER)
            self.fail(Code.SLOW_CONSUMER)

    def _say(self, frame: AnyFrame) -> None:
        self._post(self.peer, frame, lambda: self.fail(Code.UNAVAILABLE))

    def _end(self, code: Code) -> None:
        self.state, self.code = LinkState.CLOSED, code
        self._moved.set()
        self._on_gone(self)
