"""Addresses are counted as themselves, IPv6 by its /64; strangers are few."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from rooms.ports import StoreUnavailable
from signaling.limits import UNAUTHENTICATED_MAX, UNAUTHENTICATED_PER_ADDRESS_MAX, DoorLimits, network_of


class Answering:
    """A shared bucket that answers what it is told to, and remembers who asked."""

    def __init__(self, retry_after_ms: int | None = 0) -> None:
        self.retry_after_ms = retry_after_ms
        self.keys: list[str] = []

    async def take(self, key: str, burst: int, per_minute: int, cost: int = 1) -> int:
        self.keys.append(key)
        if self.retry_after_ms is None:
            raise StoreUnavailable("away")
        return self.retry_after_ms


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_the_network_of_an_address(address: str, network: str) -> None:
    assert network_of(address) == network


def test_strangers_from_one_network_are_few() -> None:
    limits = DoorLimits(Answering())
    with ExitStack() as strangers:
        for number in range(UNAUTHENTICATED_PER_ADDRESS_MAX):
            assert not limits.crowded("2001:db8::ffff")
            strangers.enter_context(limits.stranger(f"2001:db8::{number:x}"))
        assert limits.crowded("2001:db8::ffff")
        assert not limits.crowded("2001:db8:0:1::1")
    assert not limits.crowded("2001:db8::ffff")


def test_strangers_are_bounded_in_all() -> None:
    limits = DoorLimits(Answering())
    with ExitStack() as strangers:
        for number in range(UNAUTHENTICATED_MAX):
            assert not limits.crowded("192.0.2.1")
            strangers.enter_context(limits.stranger(f"10.0.{number // 256}.{number % 256}"))
        assert limits.crowded("192.0.2.1")
    assert not limits.crowded("192.0.2.1")


async def test_rates_are_asked_per_network() -> None:
    rates = Answering(retry_after_ms=700)
    limits = DoorLimits(rates)
    assert await limits.socket_retry_ms("2001:db8::1") == 700
    assert await limits.join_retry_ms("2001:db8::2") == 700
    assert rates.keys == ["sockets:2001:db8::/64", "joins:2001:db8::/64"]


async def test_without_the_shared_store_people_still_come_in() -> None:
    """Live rooms go on while Redis is away, so people must be able to come back to them."""
    limits = DoorLimits(Answering(retry_after_ms=None))
    assert await limits.socket_retry_ms("192.0.2.1") == 0
    assert await limits.join_retry_ms("192.0.2.1") == 0
