"""Rate limits of collab over the token buckets in Redis (rooms/store/rate.py), shared by all server processes."""

from __future__ import annotations

from rooms.core.codes import Code
from rooms.core.network import network_of
from rooms.store.rate import Outage, RateLimiter, RateRule

from .problems import Refusal


def rate(name: str, *, burst: int, per_minute: float) -> RateRule:
    """While Redis is away people still get into rooms, so these rules stay open."""
    return RateRule(name, per_minute, burst, Outage.ALLOW)


def guarded_rate(name: str, *, burst: int, per_minute: float) -> RateRule:
    """For passwords: no guessing while Redis is away."""
    return RateRule(name, per_minute, burst, Outage.REFUSE)


class Limits:
    def __init__(self, buckets: RateLimiter) -> None:
        self._buckets = buckets

    async def take(self, rule: RateRule, *subject: str) -> None:
        """Raises RATE_LIMITED.  `subject` is an address, an account, a room, or several of them together."""
        key = ":".join(map(address_key, subject))
        wait_ms = await self._buckets.take(rule, key)
        if wait_ms:
            raise Refusal(Code.RATE_LIMITED, f"{rule.name} {key}", retry_after_ms=wait_ms)


def address_key(subject: str) -> str:
    """An IPv6 address counts as its /64, for whoever holds one address there holds them all."""
    return network_of(subject) or subject
