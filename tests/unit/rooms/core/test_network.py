from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.core.network import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix", ""),
        ("192.0.2.1:80", ""),
    ],
)
def test_the_network_of_an_address(address: str, network: str) -> None:
    assert network_of(address) == network


@given(st.text(st.characters(), max_size=50))
def test_no_text_is_an_error(text: str) -> None:
    network_of(text)


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_all_addresses_of_one_64_are_one_network(address: object, suffix: int) -> None:
    import ipaddress

    assert isinstance(address, ipaddress.IPv6Address)
    neighbour = ipaddress.IPv6Address(int(address) >> 64 << 64 | suffix)
    if address.ipv4_mapped is None and neighbour.ipv4_mapped is None:
        assert network_of(str(address)) == network_of(str(neighbour))
