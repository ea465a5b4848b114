from __future__ import annotations

import pytest

from rooms.ports import StoreUnavailable
from rooms.store.connection import RedisStore
from rooms.store.keys import Keys
from rooms.store.sessions import (
    SESSION_KEPT_MS,
    SESSION_LONGEST_MS,
    SESSIONS_PER_ACCOUNT_MAX,
    TOUCH_EVERY_MS,
    SessionStore,
)
from tests.support.rooms import NOW_MS


class Hands:
    def __init__(self) -> None:
        self.now_ms = NOW_MS

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def sessions(store: RedisStore, keys: Keys, hands: Hands) -> SessionStore:
    return SessionStore(store, keys, hands)


async def test_a_token_finds_its_session_until_it_is_revoked(sessions: SessionStore) -> None:
    token, session = await sessions.create("account-1", "192.0.2.1", "Firefox")
    assert await sessions.get(token) == session
    assert (session.account_id, session.address, session.user_agent) == ("account-1", "192.0.2.1", "Firefox")
    assert len(session.csrf) >= 40
    await sessions.revoke(token)
    await sessions.revoke(token)
    assert await sessions.get(token) is None
    assert await sessions.get("") is None
    assert await sessions.get("\ud800") is None


async def test_redis_does_not_know_the_token(sessions: SessionStore, store: RedisStore) -> None:
    token, _ = await sessions.create("account-1")
    async with store.client() as redis:
        for key in await redis.keys("*"):
            assert token.encode() not in key
            if await redis.type(key) == b"string":
                assert token.encode() not in (await redis.get(key) or b"")


async def test_use_prolongs_a_session_but_not_for_ever(
    sessions: SessionStore, store: RedisStore, keys: Keys, hands: Hands
) -> None:
    token, session = await sessions.create("account-1")
    hands.now_ms += TOUCH_EVERY_MS
    used = await sessions.get(token)
    assert used is not None
    assert used.seen_at_ms == session.seen_at_ms + TOUCH_EVERY_MS
    hands.now_ms = NOW_MS + SESSION_LONGEST_MS - 1_000
    assert await sessions.get(token) is not None
    async with store.client() as redis:
        (key,) = await redis.keys(keys.session("*"))
        assert 0 < await redis.pttl(key) <= 1_000
    hands.now_ms += 1_000
    assert await sessions.get(token) is None


async def test_all_sessions_of_an_account_end_but_the_one_kept(sessions: SessionStore) -> None:
    tokens = [(await sessions.create("account-1"))[0] for _ in range(3)]
    other, _ = await sessions.create("account-2")
    assert await sessions.revoke_all("account-1", except_token=tokens[0]) == 2
    assert [await sessions.get(token) is not None for token in (*tokens, other)] == [True, False, False, True]
    assert await sessions.revoke_all("account-1") == 1
    assert await sessions.revoke_all("account-1") == 0


async def test_an_account_has_a_bounded_number_of_sessions(sessions: SessionStore, hands: Hands) -> None:
    oldest, _ = await sessions.create("account-1")
    for _ in range(SESSIONS_PER_ACCOUNT_MAX):
        hands.now_ms += 1
        newest, _ = await sessions.create("account-1")
    assert await sessions.get(oldest) is None
    assert await sessions.get(newest) is not None
    assert await sessions.revoke_all("account-1") == SESSIONS_PER_ACCOUNT_MAX


async def test_a_revoked_session_does_not_come_back_by_use(
    sessions: SessionStore, hands: Hands, store: RedisStore
) -> None:
    token, session = await sessions.create("account-1")
    hands.now_ms += TOUCH_EVERY_MS
    await sessions.revoke(token)
    # A use that had read the session before it was revoked writes after it.
    import hashlib

    await sessions._write(hashlib.sha256(token.encode()).hexdigest(), session, only_existing=True)
    assert await sessions.get(token) is None
    assert await sessions.revoke_all("account-1") == 0


async def test_an_unused_session_runs_out(sessions: SessionStore, store: RedisStore, keys: Keys) -> None:
    await sessions.create("account-1")
    async with store.client() as redis:
        (key,) = await redis.keys(keys.session("*"))
        assert SESSION_KEPT_MS - 60_000 < await redis.pttl(key) <= SESSION_KEPT_MS


async def test_without_redis_it_says_so(keys: Keys, hands: Hands) -> None:
    away = RedisStore("unix:///tmp/no-such-folder/valkey.sock")
    with pytest.raises(StoreUnavailable):
        await SessionStore(away, keys, hands).get("token")
    await away.close()
