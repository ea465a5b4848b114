"""Entries that are taken once, on a real Redis."""

from __future__ import annotations

import asyncio

from rooms.store.connection import RedisStore
from rooms.store.keys import Keys
from rooms.store.once import OnceStore


async def test_of_many_who_take_one_has_it(store: RedisStore, keys: Keys) -> None:
    once = OnceStore(store, keys)
    await once.put("oidc", "state", b"flow", 60_000)
    assert await once.take("another", "state") is None
    taken = await asyncio.gather(*(once.take("oidc", "state") for _ in range(10)))
    assert sorted(one is not None for one in taken) == [False] * 9 + [True]
    assert await once.take("oidc", "never") is None


async def test_its_name_is_not_kept_and_its_time_runs_out(store: RedisStore, keys: Keys) -> None:
    once = OnceStore(store, keys)
    await once.put("oidc", "a-secret-state", b"flow", 60_000)
    async with store.client() as redis:
        names = [name.decode() async for name in redis.scan_iter()]
        assert not any("a-secret-state" in name for name in names)
        (name,) = [name for name in names if "once" in name]
        assert 0 < await redis.pttl(name) <= 60_000
