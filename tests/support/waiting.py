"""Tests wait for conditions, never for a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

POLL_S = 0.005


async def until(condition: Callable[[], object], timeout_s: float = 15.0) -> None:
    """Give the loop its turns until the condition holds.  Raises TimeoutError."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - any condition, not only one that somebody announces
            await asyncio.sleep(POLL_S)
