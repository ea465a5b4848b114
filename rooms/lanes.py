"""A lane carries out slow things for a room, one after another, so that the room itself never waits.

    put --> [ at most `bound` waiting ] --> perform, at most `timeout_ms`, at most `attempts` times

Overflow: the oldest is dropped and logged.  With the bounds used that takes a media plane or database that stood still
for minutes.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import structlog

T = TypeVar("T")

log = structlog.get_logger(__name__)

PAUSE_FIRST_MS = 200
PAUSE_MAX_MS = 5_000


class Lane(Generic[T]):
    """`run` is one task; everything else may be called from anywhere on the loop."""

    def __init__(
        self, name: str, perform: Callable[[T], Awaitable[None]], *, bound: int, timeout_ms: int, attempts: int = 1
    ) -> None:
        self._name = name
        self._perform = perform
        self._bound = bound
        self._timeout_s = timeout_ms / 1_000
        self._attempts = attempts
        self._waiting: deque[T] = deque()
        self._arrived = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing is under way."""
        return self._idle.is_set()

    def put(self, item: T) -> None:
        if len(self._waiting) >= self._bound:
            log.error("lane_overflow", lane=self._name, dropped=repr(self._waiting.popleft()))
        self._waiting.append(item)
        self._idle.clear()
        self._arrived.set()

    async def drained(self, timeout_ms: int) -> bool:
        """Wait until everything put so far was carried out; False when that took too long."""
        try:
            async with asyncio.timeout(timeout_ms / 1_000):
                await self._idle.wait()
        except TimeoutError:
            log.error("lane_not_drained", lane=self._name, left=len(self._waiting))
            return False
        return True

    async def run(self) -> None:
        while True:
            await self._arrived.wait()
            while self._waiting:
                await self._carry_out(self._waiting.popleft())
            self._arrived.clear()
            self._idle.set()

    async def _carry_out(self, item: T) -> None:
        pause_ms = PAUSE_FIRST_MS
        for attempt in range(1, self._attempts + 1):
            try:
                async with asyncio.timeout(self._timeout_s):
                    await self._perform(item)
            except Exception:
                last = attempt == self._attempts
                log.exception("lane_failed", lane=self._name, item=repr(item), attempt=attempt, given_up=last)
                if not last:
                    await asyncio.sleep(pause_ms / 1_000)
                    pause_ms = min(2 * pause_ms, PAUSE_MAX_MS)
            else:
                return
