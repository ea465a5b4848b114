"""Rate limits shared by all nodes: token buckets in Redis.

A rule says what happens while Redis is away.  Doors that need Redis anyway (sign-in makes a session) stay shut; doors
of rooms that go on without Redis stay open, and only the bounds inside each process protect them meanwhile.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from rooms.core.network import network_of
from rooms.ports import StoreUnavailable

from .connection import RedisStore, Script
from .keys import Keys

TAKE = Script("rate_take")
OUTAGE_RETRY_MS = 2_000


class Outage(Enum):
    """What a rule answers while Redis is away."""

    ALLOW = "allow"
    REFUSE = "refuse"


class RateRule(Struct, frozen=True):
    """`burst` at once, `per_minute` in the long run, for each subject (an address, an account, a room)."""

    name: str
    per_minute: float
    burst: int
    outage: Outage


class RateLimiter:
    def __init__(self, store: RedisStore, keys: Keys) -> None:
        self._store = store
        self._keys = keys

    async def take(self, rule: RateRule, subject: str, cost: int = 1) -> int:
        """0 when allowed, else after how many milliseconds to try again.  A cost above the burst is never allowed."""
        per_s = rule.per_minute / 60
        try:
            wait_ms = await self._store.run(
                TAKE, [self._keys.bucket(rule.name, subject)], [str(per_s), rule.burst, cost]
            )
        except StoreUnavailable:
            return 0 if rule.outage is Outage.ALLOW else OUTAGE_RETRY_MS
        return wait_ms if isinstance(wait_ms, int) else OUTAGE_RETRY_MS


def network_subject(address: str) -> str:
    """The subject for limits by address: IPv4 as it is, IPv6 by its /64."""
    return network_of(address) or "unknown"
