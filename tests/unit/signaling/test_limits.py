"""What one address may ask of the door, against a real store."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack

import pytest

from rooms.store.connection import RedisStore
from rooms.store.keys import Keys
from rooms.store.rate import RateLimiter
from signaling.limits import JOINS, SOCKETS, UNAUTHENTICATED_MAX, UNAUTHENTICATED_PER_ADDRESS_MAX, DoorLimits
from tests.support.redis_servers import RedisServer


@pytest.fixture
async def limits(valkey: RedisServer) -> AsyncIterator[DoorLimits]:
    store = RedisStore(valkey.url)
    yield DoorLimits(RateLimiter(store, Keys(f"test-{uuid.uuid4().hex}:")))
    await store.close()


async def taken(take: Callable[[str], Awaitable[int]], *addresses: str) -> int:
    """How often these addresses, in turn, are let through; the bucket fills up a little meanwhile."""
    for number in range(5_000):
        if await take(addresses[number % len(addresses)]) > 0:
            return number
    raise AssertionError("there is no limit")


async def test_strangers_from_one_network_are_few(limits: DoorLimits) -> None:
    with ExitStack() as strangers:
        for number in range(UNAUTHENTICATED_PER_ADDRESS_MAX):
            assert not limits.crowded("2001:db8::ffff")
            strangers.enter_context(limits.stranger(f"2001:db8::{number:x}"))
        assert limits.crowded("2001:db8::ffff")
        assert not limits.crowded("2001:db8:0:1::1")
    assert not limits.crowded("2001:db8::ffff")


async def test_strangers_are_bounded_in_all(limits: DoorLimits) -> None:
    with ExitStack() as strangers:
        for number in range(UNAUTHENTICATED_MAX):
            assert not limits.crowded("192.0.2.1")
            strangers.enter_context(limits.stranger(f"10.0.{number // 256}.{number % 256}"))
        assert limits.crowded("192.0.2.1")
    assert not limits.crowded("192.0.2.1")


async def test_joins_and_sockets_have_a_burst_and_then_wait(limits: DoorLimits) -> None:
    assert await taken(limits.join_retry_ms, "2001:db8::1", "2001:db8::2") >= JOINS.burst
    assert await limits.join_retry_ms("2001:db8:0:1::1") == 0
    assert await taken(limits.socket_retry_ms, "192.0.2.1", "::ffff:192.0.2.1") >= SOCKETS.burst


async def test_without_the_shared_store_people_still_come_in(tmp_path: object) -> None:
    """Live rooms go on while Redis is away, so people must be able to come back to them."""
    store = RedisStore(f"unix://{tmp_path}/nobody-listens.sock")
    limits = DoorLimits(RateLimiter(store, Keys("test:")))
    assert await limits.socket_retry_ms("192.0.2.1") == 0
    assert await limits.join_retry_ms("192.0.2.1") == 0
    await store.close()
