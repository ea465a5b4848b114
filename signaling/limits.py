"""How much one address may ask of the door: sockets that have not said who they are, new sockets, joins.

A park sits behind one IPv4 address, so the rates leave room for a few hundred people who come in the same minute.  The
rates are shared by all nodes and open while Redis is away: rooms live on without it, so people must be able to come
back to them.  The count of unauthenticated sockets is this node's own and always holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rooms.store.rate import Outage, RateLimiter, RateRule, network_subject

UNAUTHENTICATED_PER_ADDRESS_MAX = 64
UNAUTHENTICATED_MAX = 2_000
SOCKETS = RateRule("sockets", per_minute=1_200, burst=600, outage=Outage.ALLOW)
JOINS = RateRule("joins", per_minute=1_800, burst=600, outage=Outage.ALLOW)
STREAM_REQUESTS = RateRule("stream_requests", per_minute=3_600, burst=1_200, outage=Outage.ALLOW)


class DoorLimits:
    """Addresses count as themselves and, for IPv6, as their /64, which one subscriber has for himself."""

    def __init__(self, rates: RateLimiter) -> None:
        self._rates = rates
        self._strangers: Counter[str] = Counter()
        self._strangers_total = 0

    async def socket_retry_ms(self, address: str) -> int:
        """0 when this address may open one more socket."""
        return await self._rates.take(SOCKETS, network_subject(address))

    async def join_retry_ms(self, address: str) -> int:
        """0 when this address may ask to join once more."""
        return await self._rates.take(JOINS, network_subject(address))

    async def stream_retry_ms(self, address: str) -> int:
        """0 when this address may say something to a WHIP or WHEP session once more."""
        return await self._rates.take(STREAM_REQUESTS, network_subject(address))

    def crowded(self, address: str) -> bool:
        """Whether one more unauthenticated socket from this address would be too many."""
        return (
            self._strangers[network_subject(address)] >= UNAUTHENTICATED_PER_ADDRESS_MAX
            or self._strangers_total >= UNAUTHENTICATED_MAX
        )

    @contextmanager
    def stranger(self, address: str) -> Iterator[None]:
        """Counts one unauthenticated socket for as long as the block runs."""
        subject = network_subject(address)
        self._strangers[subject] += 1
        self._strangers_total += 1
        try:
            yield
        finally:
            self._strangers_total -= 1
            self._strangers[subject] -= 1
            if not self._strangers[subject]:
                del self._strangers[subject]
