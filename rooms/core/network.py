"""Which network an address belongs to, as far as limits and removals are concerned."""

from __future__ import annotations

import ipaddress

IPV6_PREFIX_BITS = 64  # one customer has at least that many addresses, so a single one tells nothing


def network_of(address: str) -> str:
    """The IPv4 address, or the /64 of an IPv6 address; "" when it is neither.  A mapped IPv4 address counts as IPv4."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), IPV6_PREFIX_BITS), strict=False))
