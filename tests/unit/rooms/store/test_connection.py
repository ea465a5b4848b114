from __future__ import annotations

import asyncio
import os
import signal

import pytest

from rooms.ports import StoreUnavailable
from rooms.store.connection import RedisStore, Script
from rooms.store.keys import Keys
from tests.support.redis_servers import RedisServer

TAKE = Script("rate_take")


async def take(store: RedisStore, keys: Keys) -> object:
    return await store.run(TAKE, [keys.bucket("rule", "subject")], ["1", 10, 1])


async def test_a_script_is_known_again_after_the_server_was_restarted(own_redis: RedisServer, keys: Keys) -> None:
    store = RedisStore(own_redis.url)
    assert await take(store, keys) == 0
    await asyncio.to_thread(own_redis.stop)
    with pytest.raises(StoreUnavailable):
        await take(store, keys)
    await asyncio.to_thread(own_redis.start)
    assert await take(store, keys) == 0
    await store.close()


async def test_a_server_that_hangs_is_away_after_a_bounded_time(
    own_redis: RedisServer, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.store.connection.ANSWER_TIMEOUT_MS", 100)
    store = RedisStore(own_redis.url)
    await store.ping()
    os.kill(own_redis.pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(5):
            with pytest.raises(StoreUnavailable):
                await store.ping()
    finally:
        os.kill(own_redis.pid, signal.SIGCONT)
    await store.ping()
    await store.close()


async def test_a_script_error_is_no_answer(store: RedisStore, keys: Keys) -> None:
    with pytest.raises(StoreUnavailable):
        await store.run(TAKE, [keys.bucket("rule", "subject")], ["not a number", 1, 1])


async def test_more_callers_than_connections_wait_their_turn(store: RedisStore, keys: Keys) -> None:
    answers = await asyncio.gather(*(take(store, keys) for _ in range(200)))
    assert answers.count(0) == 10


async def test_debians_redis_runs_the_same_scripts(debian_redis: RedisServer, keys: Keys) -> None:
    store = RedisStore(debian_redis.url)
    assert await take(store, keys) == 0
    await store.close()
