"""What waits to be sent to one client: bounded in frames and bytes, with a stated overflow.

A frame with a key replaces a frame with the same key that still waits (who speaks now, how somebody's line is): only
the latest counts, so a slow client is not buried under its past.  A frame that meets a full outbox is not taken: the
caller gives the client up as a slow consumer, and the client resumes with a fresh snapshot.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from .messages import Closing

FRAMES_MAX = 1_024
BYTES_MAX = 4 * 1024 * 1024


class _Entry:
    __slots__ = ("frame", "key")

    def __init__(self, frame: bytes, key: str) -> None:
        self.frame: bytes | None = frame
        self.key = key


class Outbox:
    """One writer takes, anybody puts; all on one event loop."""

    def __init__(self, frames_max: int = FRAMES_MAX, bytes_max: int = BYTES_MAX) -> None:
        self._frames_max = frames_max
        self._bytes_max = bytes_max
        self._entries: deque[_Entry] = deque()
        self._latest: dict[str, _Entry] = {}
        self._frames = 0
        self._bytes = 0
        self._finished = False
        self._closing: Closing | None = None
        self._on_finish: Callable[[], object] | None = None
        self._stirred = asyncio.Event()

    def __len__(self) -> int:
        """Frames that wait."""
        return self._frames

    @property
    def size_bytes(self) -> int:
        return self._bytes

    @property
    def finished(self) -> bool:
        return self._finished

    @property
    def closing(self) -> Closing | None:
        """The last word, for the carrier to say after the frames; None when there is nothing to say."""
        return self._closing

    def put(self, frame: bytes, key: str = "") -> bool:
        """False when the frame does not fit.  A single frame of any size fits an empty outbox.

        After `finish` frames are dropped silently: the connection is over and has said why.
        """
        if self._finished:
            return True
        if key and (former := self._latest.pop(key, None)) is not None:
            self._forget(former)
        if self._frames and (self._frames >= self._frames_max or self._bytes + len(frame) > self._bytes_max):
            return False
        if len(self._entries) >= 2 * self._frames_max:  # replaced entries leave their husks behind
            self._entries = deque(entry for entry in self._entries if entry.frame is not None)
        entry = _Entry(frame, key)
        self._entries.append(entry)
        if key:
            self._latest[key] = entry
        self._frames += 1
        self._bytes += len(frame)
        self._stirred.set()
        return True

    def finish(self, closing: Closing | None = None, *, drop: bool = False) -> None:
        """No more frames.  What waits is still sent, unless `drop`; then `closing`.  Only the first call counts."""
        if self._finished:
            return
        self._finished = True
        self._closing = closing
        if self._on_finish is not None:
            self._on_finish()
        if drop:
            self._entries.clear()
            self._latest.clear()
            self._frames = self._bytes = 0
        self._stirred.set()

    def on_finish(self, callback: Callable[[], object]) -> None:
        """To be called once when `finish` is; at once if it was."""
        self._on_finish = callback
        if self._finished:
            callback()

    async def take(self) -> bytes | None:
        """The next frame, when there is one; None after the last."""
        while True:
            while self._entries:
                entry = self._entries.popleft()
                frame = entry.frame
                if frame is None:
                    continue
                self._forget(entry)
                if entry.key:
                    self._latest.pop(entry.key, None)
                return frame
            if self._finished:
                return None
            self._stirred.clear()
            await self._stirred.wait()

    def _forget(self, entry: _Entry) -> None:
        if entry.frame is not None:
            self._frames -= 1
            self._bytes -= len(entry.frame)
            entry.frame = None
