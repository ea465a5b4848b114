"""Which addresses of this machine browsers can send media to."""

from __future__ import annotations

import ipaddress

import ifaddr

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LOOPBACK = "127.0.0.1"


def machine_addresses() -> list[Address]:
    """All addresses but those of loopback and links, IPv4 first, in the order of the interfaces."""
    found: list[Address] = []
    for adapter in ifaddr.get_adapters():
        for entry in adapter.ips:
            text = entry.ip if isinstance(entry.ip, str) else entry.ip[0]
            address = ipaddress.ip_address(text.partition("%")[0])
            if not (address.is_loopback or address.is_link_local or address.is_multicast):
                found.append(address)
    return sorted(dict.fromkeys(found), key=lambda address: address.version)


def advertised_addresses(configured: tuple[str, ...], bound_to: str) -> tuple[str, ...]:
    """What the media plane tells browsers: the setting; else the one address it is bound to; else all of the machine.

    An IPv4 socket is reached by IPv4 only.  A machine without a network is reached from itself.
    """
    if configured:
        return configured
    bound = ipaddress.ip_address(bound_to)
    if not bound.is_unspecified:
        return (bound_to,)
    return tuple(str(one) for one in machine_addresses() if bound.version == 6 or one.version == 4) or (LOOPBACK,)
