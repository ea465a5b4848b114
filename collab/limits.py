"""Named rate limits over the token buckets in Redis (rooms/store/rate.py), shared by all server processes."""

from __future__ import annotations

import ipaddress
from typing import Protocol

from msgspec import Struct

from rooms.core.codes import Code

from .problems import Refusal


class Rate(Struct, frozen=True):
    """A bucket of `burst` tokens that fills by `per_minute`."""

    name: str
    burst: int
    per_minute: int


class Buckets(Protocol):
    async def take(self, key: str, burst: int, per_minute: float, cost: int = 1) -> int:
        """0 when allowed, else the milliseconds until it would be."""


class Limits:
    def __init__(self, buckets: Buckets) -> None:
        self._buckets = buckets

    async def take(self, rate: Rate, *subject: str) -> None:
        """Raises RATE_LIMITED.  `subject` is an address, an account, a room, or several of them together."""
        key = ":".join((rate.name, *map(address_key, subject)))
        wait_ms = await self._buckets.take(key, rate.burst, rate.per_minute)
        if wait_ms:
            raise Refusal(Code.RATE_LIMITED, key, retry_after_ms=wait_ms)


def address_key(subject: str) -> str:
    """An IPv6 address counts as its /64, for whoever holds one address there holds them all."""
    try:
        address = ipaddress.ip_address(subject)
    except ValueError:
        return subject
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)
