from __future__ import annotations

import asyncio

import pytest

from rooms.store.connection import RedisStore
from rooms.store.keys import Keys
from rooms.store.rate import OUTAGE_RETRY_MS, Outage, RateLimiter, RateRule, network_subject
from tests.support.waiting import until_true

SLOW = RateRule("slow", per_minute=1, burst=3, outage=Outage.REFUSE)


@pytest.fixture
def limiter(store: RedisStore, keys: Keys) -> RateLimiter:
    return RateLimiter(store, keys)


async def test_a_burst_passes_and_then_the_wait_is_told(limiter: RateLimiter) -> None:
    assert [await limiter.take(SLOW, "ann") for _ in range(3)] == [0, 0, 0]
    wait_ms = await limiter.take(SLOW, "ann")
    assert 55_000 < wait_ms <= 60_000
    assert await limiter.take(SLOW, "bo") == 0
    assert await limiter.take(RateRule("other", 1, 3, Outage.REFUSE), "ann") == 0


async def test_a_refusal_costs_nothing(limiter: RateLimiter) -> None:
    assert await limiter.take(SLOW, "ann", cost=4) > 0
    assert await limiter.take(SLOW, "ann", cost=3) == 0


async def test_tokens_come_back_with_time(limiter: RateLimiter) -> None:
    quick = RateRule("quick", per_minute=60_000, burst=1, outage=Outage.REFUSE)
    await limiter.take(quick, "ann")

    async def passes() -> bool:
        return await limiter.take(quick, "ann") == 0

    await until_true(passes)


async def test_all_who_ask_at_once_share_one_bucket(limiter: RateLimiter) -> None:
    answers = await asyncio.gather(*(limiter.take(SLOW, "crowd") for _ in range(40)))
    assert answers.count(0) == 3


async def test_buckets_do_not_stay(limiter: RateLimiter, store: RedisStore, keys: Keys) -> None:
    await limiter.take(SLOW, "ann")
    async with store.client() as redis:
        assert 0 < await redis.pttl(keys.bucket("slow", "ann")) <= 181_000


async def test_while_redis_is_away_the_rule_decides(keys: Keys) -> None:
    away = RedisStore("unix:///tmp/no-such-folder/valkey.sock")
    limiter = RateLimiter(away, keys)
    assert await limiter.take(RateRule("open", 1, 1, Outage.ALLOW), "ann") == 0
    assert await limiter.take(SLOW, "ann") == OUTAGE_RETRY_MS
    await away.close()


def test_an_ipv6_customer_is_one_subject() -> None:
    assert network_subject("2001:db8::1") == network_subject("2001:db8::ffff") != network_subject("2001:db8:0:1::1")
    assert network_subject("192.0.2.1") == network_subject("::ffff:192.0.2.1") == "192.0.2.1"
    assert network_subject("somewhere") == "unknown"
