"""A lane carries out slow things for a room, one after another, so that the room itself never waits.

    put --> [ at most `bound` waiting ] --> perform, at most `timeout_ms`, at most `attempts` times,
                                            or `attempts_away` times as long as the other side is just away

Overflow: the oldest is dropped and logged.  With the bounds used that takes a media plane or database that stood still
for minutes.
"""

from __future__ import annotations

import asyncio
import itertools
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
        self,
        name: str,
        perform: Callable[[T], Awaitable[None]],
        *,
        bound: int,
        timeout_ms: int,
        attempts: int = 1,
        attempts_away: int = 1,
        is_away: Callable[[Exception], bool] = lambda error: isinstance(error, OSError),
    ) -> None:
        """`is_away` tells an outage from a fault that trying again would only repeat.  TimeoutError is an OSError."""
        self._name = name
        self._perform = perform
        self._bound = bound
        self._timeout_s = timeout_ms / 1_000
        self._attempts = attempts
        self._attempts_away = attempts_away
        self._is_away = is_away
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
            log.error("lane_overflow", lane=self._name, dropped=type(self._waiting.popleft()).__name__)
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
        for attempt in itertools.count(1):
            try:
                async with asyncio.timeout(self._timeout_s):
                    await self._perform(item)
                return
            except Exception as error:
                last = attempt >= (self._attempts_away if self._is_away(error) else self._attempts)
                told = {"lane": self._name, "item": type(item).__name__, "attempt": attempt, "given_up": last}
                if last or not isinstance(error, TimeoutError):
                    log.exception("lane_failed", **told)
                else:  # a database that is slow for a moment; the next attempt mostly does it
                    log.warning("lane_failed", cause=repr(error), **told)
            if last:
                return
            await asyncio.sleep(pause_ms / 1_000)
            pause_ms = min(2 * pause_ms, PAUSE_MAX_MS)
