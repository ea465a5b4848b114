"""Tests wait for conditions, never for a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

POLL_S = 0.005


async def until(condition: Callable[[], object], timeout_s: float = 30.0) -> None:
    """Give the loop its turns until the condition holds.  Raises TimeoutError."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - any condition, not only one that somebody announces
            await asyncio.sleep(POLL_S)


async def until_true(condition: Callable[[], Awaitable[object]], timeout_s: float = 30.0) -> None:
    """The same for a condition that must be asked for.  Raises TimeoutError."""
    async with asyncio.timeout(timeout_s):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(POLL_S)
