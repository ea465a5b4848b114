"""Limits name their buckets so that a subscriber's whole IPv6 network is one subject."""

from __future__ import annotations

import pytest

from collab.limits import address_key


@pytest.mark.parametrize(
    ("subject", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("0rz8account", "0rz8account"),
        ("", ""),
    ],
)
def test_address_key(subject: str, key: str) -> None:
    assert address_key(subject) == key
