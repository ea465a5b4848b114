"""Short-lived entries: who takes one has it alone, on whatever node; who only looks leaves it for the next."""

from __future__ import annotations

import hashlib

from .connection import RedisStore
from .keys import Keys


class OnceStore:
    """Raises StoreUnavailable.  Redis knows the digest of an entry's name only."""

    def __init__(self, store: RedisStore, keys: Keys) -> None:
        self._store = store
        self._keys = keys

    async def put(self, kind: str, name: str, value: bytes, kept_ms: int) -> None:
        async with self._store.client() as redis:
            await redis.set(self._key(kind, name), value, px=kept_ms)

    async def take(self, kind: str, name: str) -> bytes | None:
        """None: there never was one, it was taken, or its time ran out."""
        async with self._store.client() as redis:
            value = await redis.getdel(self._key(kind, name))
        return value if isinstance(value, bytes) else None

    async def look(self, kind: str, name: str) -> bytes | None:
        """Without taking it."""
        async with self._store.client() as redis:
            value = await redis.get(self._key(kind, name))
        return value if isinstance(value, bytes) else None

    def _key(self, kind: str, name: str) -> str:
        return self._keys.once(kind, hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest())
