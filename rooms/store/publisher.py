"""Puts frames on the bus in the order they were given, many in one round trip."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import structlog
from msgspec import Struct

from rooms.ports import StoreUnavailable

from .connection import RedisStore

log = structlog.get_logger(__name__)

WAITING_MAX_FRAMES = 8_192
WAITING_MAX_BYTES = 64 * 1_048_576
BATCH_MAX_FRAMES = 256
BATCH_MAX_BYTES = 4 * 1_048_576


class Outgoing(Struct):
    channel: str
    packed: bytes
    on_failure: Callable[[], None]


class Publisher:
    """`run` is one task.  `on_failure` of a frame is called when nobody got it or when that is not known.

    Overflow: the frame that does not fit fails at once.
    """

    def __init__(self, store: RedisStore) -> None:
        self._store = store
        self._waiting: deque[Outgoing] = deque()
        self._waiting_bytes = 0
        self._arrived = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def post(self, channel: str, packed: bytes, on_failure: Callable[[], None]) -> None:
        full = len(self._waiting) >= WAITING_MAX_FRAMES or self._waiting_bytes + len(packed) > WAITING_MAX_BYTES
        if full:
            # Not from inside the caller: it is in the middle of sending.
            asyncio.get_running_loop().call_soon(on_failure)
            return
        self._waiting.append(Outgoing(channel, packed, on_failure))
        self._waiting_bytes += len(packed)
        self._idle.clear()
        self._arrived.set()

    async def flushed(self, timeout_ms: int) -> None:
        """Wait until all is out; give up after `timeout_ms`."""
        try:
            async with asyncio.timeout(timeout_ms / 1_000):
                await self._idle.wait()
        except TimeoutError:
            log.warning("bus_not_flushed", frames=len(self._waiting))

    async def run(self) -> None:
        while True:
            await self._arrived.wait()
            while self._waiting:
                await self._publish(self._next_batch())
            self._arrived.clear()
            self._idle.set()

    def _next_batch(self) -> list[Outgoing]:
        batch = [self._waiting.popleft()]
        size = len(batch[0].packed)
        while (
            self._waiting and len(batch) < BATCH_MAX_FRAMES and size + len(self._waiting[0].packed) <= BATCH_MAX_BYTES
        ):
            batch.append(self._waiting.popleft())
            size += len(batch[-1].packed)
        self._waiting_bytes -= size
        return batch

    async def _publish(self, batch: list[Outgoing]) -> None:
        try:
            async with self._store.pipeline() as pipeline:
                for outgoing in batch:
                    pipeline.publish(outgoing.channel, outgoing.packed)
                receivers = await pipeline.execute()
        except StoreUnavailable as error:
            log.warning("bus_not_published", frames=len(batch), cause=str(error))
            receivers = [0] * len(batch)
        for outgoing, count in zip(batch, receivers, strict=True):
            if not count:
                try:
                    outgoing.on_failure()
                except Exception:
                    log.exception("bus_failure_not_handled")
