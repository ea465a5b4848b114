"""One question at a time for each key, and one answer for all who ask meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

Key = TypeVar("Key")
Value = TypeVar("Value")


class SharedLookup(Generic[Key, Value]):
    """Hundreds who come to one meeting at once ask for the same row: they take one connection, not all of the pool.

    No answer is older than its question: who asks while a read is under way waits for the next one.
    """

    def __init__(self, read: Callable[[Key], Awaitable[Value]]) -> None:
        self._read = read
        self._next: dict[Key, asyncio.Future[Value]] = {}  # not begun yet
        self._locks: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()

    async def get(self, key: Key) -> Value:
        """What `read` returns or raises."""
        while (waiting := self._next.get(key)) is not None:
            await asyncio.wait([waiting])
            if not waiting.cancelled():
                return waiting.result()
            # who was to read was cancelled: somebody else does
        mine = self._next[key] = asyncio.get_running_loop().create_future()
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                del self._next[key]
                value = await self._read(key)
        except Exception as error:
            mine.set_exception(error)
            mine.exception()  # seen: there may be nobody else to raise it to
            raise
        except BaseException:
            if self._next.get(key) is mine:
                del self._next[key]
            mine.cancel()
            raise
        mine.set_result(value)
        return value
