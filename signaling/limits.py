"""How much one address may ask of the door: sockets that have not said who they are, new sockets, joins.

Addresses count as themselves and, for IPv6, as their /64, which one subscriber has for himself.  A park sits behind one
IPv4 address, so the rates leave room for a few hundred people who come in the same minute.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import structlog

from rooms.ports import StoreUnavailable

UNAUTHENTICATED_PER_ADDRESS_MAX = 64
UNAUTHENTICATED_MAX = 2_000
SOCKETS_PER_MINUTE = 1_200
SOCKETS_BURST = 600
JOINS_PER_MINUTE = 1_800
JOINS_BURST = 600


log = structlog.get_logger(__name__)


class RateLimiter(Protocol):
    """rooms/store/rate.py: token buckets that all nodes share."""

    async def take(self, key: str, burst: int, per_minute: int, cost: int = 1) -> int:
        """0 when allowed, else the milliseconds to wait.  Raises StoreUnavailable."""


def network_of(address: str) -> str:
    """The key under which an address is counted: IPv4 as it is (also when mapped into IPv6), IPv6 by its /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))
    return str(parsed)


class DoorLimits:
    """Rates are shared by all nodes; the count of unauthenticated sockets is this node's own.

    While the store is away the rates are open: rooms live on without it, so people must be able to come back to them.
    """

    def __init__(self, rates: RateLimiter) -> None:
        self._rates = rates
        self._strangers: Counter[str] = Counter()
        self._strangers_total = 0

    async def socket_retry_ms(self, address: str) -> int:
        """0 when this address may open one more socket."""
        return await self._take(f"sockets:{network_of(address)}", SOCKETS_BURST, SOCKETS_PER_MINUTE)

    async def join_retry_ms(self, address: str) -> int:
        """0 when this address may ask to join once more."""
        return await self._take(f"joins:{network_of(address)}", JOINS_BURST, JOINS_PER_MINUTE)

    async def _take(self, key: str, burst: int, per_minute: int) -> int:
        try:
            return await self._rates.take(key, burst, per_minute)
        except StoreUnavailable as error:
            log.warning("a rate could not be asked for", key=key, cause=str(error))
            return 0

    def crowded(self, address: str) -> bool:
        """Whether one more unauthenticated socket from this address would be too many."""
        return (
            self._strangers[network_of(address)] >= UNAUTHENTICATED_PER_ADDRESS_MAX
            or self._strangers_total >= UNAUTHENTICATED_MAX
        )

    @contextmanager
    def stranger(self, address: str) -> Iterator[None]:
        """Counts one unauthenticated socket for as long as the block runs."""
        network = network_of(address)
        self._strangers[network] += 1
        self._strangers_total += 1
        try:
            yield
        finally:
            self._strangers[network] -= 1
            self._strangers_total -= 1
            if not self._strangers[network]:
                del self._strangers[network]
