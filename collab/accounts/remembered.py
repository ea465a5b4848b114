"""Sign-ins that this process has seen lately, for the minutes in which Redis is away.

People whose connection breaks just then must be able to come back to their rooms, which go on: liveness must never
depend on Redis.  Nobody can sign in or out meanwhile, so what was true a moment ago is still true.  A sign-in that was
ended on another node is forgotten when that node tells (connections.py), at the latest after KEPT_MS.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable

from msgspec import Struct

from rooms.ports import StoreUnavailable
from rooms.store.sessions import AccountSession, SessionStore

KEPT_MS = 10 * 60_000
REMEMBERED_MAX = 20_000  # the longest unused goes first


class Remembered(Struct, frozen=True):
    session: AccountSession
    checked_at_ms: int


class RememberedSessions:
    """A SessionStore; only `get` has a second source."""

    def __init__(self, store: SessionStore, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock
        self._known: OrderedDict[str, Remembered] = OrderedDict()

    async def create(self, account_id: str, address: str = "", user_agent: str = "") -> tuple[str, AccountSession]:
        return await self._store.create(account_id, address, user_agent)

    async def get(self, token: str) -> AccountSession | None:
        """Raises StoreUnavailable when Redis is away and the sign-in was not seen lately."""
        key = _key(token)
        try:
            session = await self._store.get(token)
        except StoreUnavailable:
            known = self._known.get(key)
            if known is None or self._clock() - known.checked_at_ms > KEPT_MS:
                raise
            return known.session
        if session is None:
            self._known.pop(key, None)
            return None
        self._known[key] = Remembered(session, self._clock())
        self._known.move_to_end(key)
        if len(self._known) > REMEMBERED_MAX:
            self._known.popitem(last=False)
        return session

    async def revoke(self, token: str) -> None:
        self._known.pop(_key(token), None)
        await self._store.revoke(token)

    async def revoke_all(self, account_id: str, except_token: str = "") -> int:
        self.forget(account_id, except_token)
        return await self._store.revoke_all(account_id, except_token)

    def forget(self, account_id: str, except_token: str = "") -> None:
        """What is known of an account."""
        kept = _key(except_token) if except_token else ""
        for key in [
            one for one, known in self._known.items() if known.session.account_id == account_id and one != kept
        ]:
            del self._known[key]


def _key(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
