"""Sign-ins of accounts.  Redis knows only the hash of a session's token; who reads Redis cannot sign in with it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from .connection import RedisStore
from .keys import Keys

TOKEN_BYTES = 32
SESSION_KEPT_MS = 14 * 86_400_000  # without use
SESSION_LONGEST_MS = 90 * 86_400_000  # however much it is used
TOUCH_EVERY_MS = 60_000
SESSIONS_PER_ACCOUNT_MAX = 50  # the oldest is ended


class AccountSession(Struct, frozen=True):
    account_id: str
    created_at_ms: int
    seen_at_ms: int
    csrf: str
    address: str = ""
    user_agent: str = ""


class SessionStore:
    """All raise StoreUnavailable."""

    def __init__(self, store: RedisStore, keys: Keys, clock: Callable[[], int]) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock

    async def create(self, account_id: str, address: str = "", user_agent: str = "") -> tuple[str, AccountSession]:
        """A new session and its token, which is given out here and nowhere kept."""
        now_ms = self._clock()
        token = secrets.token_urlsafe(TOKEN_BYTES)
        session = AccountSession(account_id, now_ms, now_ms, secrets.token_urlsafe(TOKEN_BYTES), address, user_agent)
        await self._write(_hash(token), session)
        await self._end_beyond_limit(account_id)
        return token, session

    async def get(self, token: str) -> AccountSession | None:
        """The session, whose life is prolonged by this use.  None when the token is unknown, ended or too old."""
        token_hash = _hash(token)
        packed = await self._store.get(self._keys.session(token_hash))
        if packed is None:
            return None
        session = msgspec.msgpack.decode(packed, type=AccountSession)
        now_ms = self._clock()
        if now_ms - session.created_at_ms >= SESSION_LONGEST_MS:
            await self.revoke(token)
            return None
        if now_ms - session.seen_at_ms >= TOUCH_EVERY_MS:
            session = replace(session, seen_at_ms=now_ms)
            await self._write(token_hash, session, only_existing=True)
        return session

    async def revoke(self, token: str) -> None:
        """End one session; nothing happens when there is none."""
        token_hash = _hash(token)
        packed = await self._store.get(self._keys.session(token_hash))
        if packed is not None:
            session = msgspec.msgpack.decode(packed, type=AccountSession)
            await self._end(session.account_id, [token_hash])

    async def revoke_all(self, account_id: str, except_token: str = "") -> int:
        """End every session of the account but the one of `except_token`; returns how many."""
        kept = _hash(except_token) if except_token else ""
        hashes = await self._hashes(account_id)
        return await self._end(account_id, [token_hash for token_hash in hashes if token_hash != kept])

    async def _write(self, token_hash: str, session: AccountSession, only_existing: bool = False) -> None:
        """`only_existing`: a session that was ended meanwhile does not come back to life."""
        ends_at_ms = min(session.seen_at_ms + SESSION_KEPT_MS, session.created_at_ms + SESSION_LONGEST_MS)
        life_ms = max(1, ends_at_ms - session.seen_at_ms)
        of_account = self._keys.account_sessions(session.account_id)
        packed = msgspec.msgpack.encode(session)
        async with self._store.pipeline() as pipeline:
            pipeline.set(self._keys.session(token_hash), packed, px=life_ms, xx=only_existing)
            pipeline.zadd(of_account, {token_hash: ends_at_ms}, xx=only_existing)
            pipeline.zremrangebyscore(of_account, "-inf", self._clock())
            pipeline.pexpire(of_account, SESSION_KEPT_MS)
            await pipeline.execute()

    async def _end_beyond_limit(self, account_id: str) -> None:
        hashes = await self._hashes(account_id)
        await self._end(account_id, hashes[:-SESSIONS_PER_ACCOUNT_MAX])

    async def _end(self, account_id: str, hashes: list[str]) -> int:
        if not hashes:
            return 0
        async with self._store.pipeline() as pipeline:
            pipeline.delete(*(self._keys.session(token_hash) for token_hash in hashes))
            pipeline.zrem(self._keys.account_sessions(account_id), *hashes)
            ended, _ = await pipeline.execute()
        return int(ended)

    async def _hashes(self, account_id: str) -> list[str]:
        """Those that will end first come first."""
        return await self._store.members_from(self._keys.account_sessions(account_id), self._clock())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
