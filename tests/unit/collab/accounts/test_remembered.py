"""While Redis is away, whoever was here a moment ago is still known; nobody else is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from collab.accounts import remembered
from collab.accounts.remembered import KEPT_MS, RememberedSessions
from rooms.ports import StoreUnavailable
from rooms.store.connection import RedisStore
from rooms.store.keys import Keys
from rooms.store.sessions import SessionStore
from tests.support.redis_servers import RedisServer


class Clock:
    def __init__(self) -> None:
        self.now_ms = 1_795_000_000_000

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture(scope="module")
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(Path(tmp_path_factory.mktemp("r")))
    yield server
    server.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sessions(own_redis: RedisServer, clock: Clock) -> AsyncIterator[RememberedSessions]:
    store = RedisStore(own_redis.url)
    yield RememberedSessions(SessionStore(store, Keys(), clock), clock)
    await store.close()
    own_redis.stop()
    own_redis.start()


async def test_a_sign_in_that_was_seen_lately_outlives_redis_for_some_minutes(
    sessions: RememberedSessions, own_redis: RedisServer, clock: Clock
) -> None:
    seen, _ = await sessions.create("ann")
    unseen, _ = await sessions.create("bob")
    assert await sessions.get(seen) is not None
    own_redis.stop()
    found = await sessions.get(seen)
    assert found is not None
    assert found.account_id == "ann"
    with pytest.raises(StoreUnavailable):
        await sessions.get(unseen)
    clock.now_ms += KEPT_MS + 1
    with pytest.raises(StoreUnavailable):
        await sessions.get(seen)


async def test_what_was_ended_is_not_remembered(sessions: RememberedSessions, own_redis: RedisServer) -> None:
    signed_out, _ = await sessions.create("ann")
    revoked, _ = await sessions.create("bob")
    kept, _ = await sessions.create("bob")
    told, _ = await sessions.create("eve")
    elsewhere, _ = await sessions.create("kim")
    for token in (signed_out, revoked, kept, told, elsewhere):
        assert await sessions.get(token) is not None
    await sessions.revoke(signed_out)
    await sessions.revoke_all("bob", except_token=kept)
    sessions.forget("eve")
    await sessions._store.revoke(elsewhere)  # by another node, and asked for here once more before Redis goes
    assert await sessions.get(elsewhere) is None
    own_redis.stop()
    for token in (signed_out, revoked, told, elsewhere):
        with pytest.raises(StoreUnavailable):
            await sessions.get(token)
    assert await sessions.get(kept) is not None


async def test_memory_is_bounded(
    sessions: RememberedSessions, own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "REMEMBERED_MAX", 2)
    tokens = [(await sessions.create(f"account {number}"))[0] for number in range(3)]
    for token in tokens:
        await sessions.get(token)
    own_redis.stop()
    with pytest.raises(StoreUnavailable):
        await sessions.get(tokens[0])
    assert await sessions.get(tokens[2]) is not None
