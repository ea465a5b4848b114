"""Which addresses of this machine browsers can send media to."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence

import ifaddr
from msgspec import Struct

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LOOPBACK = "127.0.0.1"
EVERY_ADDRESS = "::"  # of both families
EVERY_IPV4_ADDRESS = "0.0.0.0"  # noqa: S104 -- to be reached from outside is what a server is for
ADVERTISED_MAX = 8  # of those that are not configured: a machine with many virtual interfaces need not try them all


class TcpPlan(Struct, frozen=True):
    """Where ICE-TCP is accepted: at the web server's port if `shared`, and at `addresses` by the media plane itself."""

    shared: bool
    addresses: tuple[str, ...]


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
    reached = [str(one) for one in machine_addresses() if bound.version == 6 or one.version == 4]
    return tuple(reached[:ADVERTISED_MAX]) or (LOOPBACK,)


def reached_here(bound_to: str) -> str:
    """Where a process of this machine reaches what is bound to this address."""
    return {"0.0.0.0": LOOPBACK, "::": "::1"}.get(bound_to, bound_to)  # noqa: S104


def bindable(address: str) -> str:
    """What to bind for a setting: a kernel without IPv6 has only the IPv4 half of "::"."""
    if address != EVERY_ADDRESS:
        return address
    try:
        socket.socket(socket.AF_INET6).close()
    except OSError:
        return EVERY_IPV4_ADDRESS
    return address


def tcp_plan(http: tuple[str, int], media: tuple[str, int], machine: Sequence[Address]) -> TcpPlan:
    """How ICE-TCP comes to the media port's number when the web server, at `http`, may have that number for TCP.

    The web server hands over what it accepts, and where it does not listen the media plane does.  A listener for every
    address is not possible beside one for a single address, so there the machine's own are listened at one by one.
    """
    media_host, media_port = media
    if http[1] != media_port or media_port == 0:
        return TcpPlan(shared=False, addresses=(media_host,))
    wanted = [media_host]
    if media_host in (EVERY_ADDRESS, EVERY_IPV4_ADDRESS):
        wanted = [str(one) for one in machine if one.version == 4 or media_host == EVERY_ADDRESS]
    served = [_serves(http[0], one) for one in wanted]
    alone = tuple(one for one, is_served in zip(wanted, served, strict=True) if not is_served)
    return TcpPlan(shared=any(served) or not wanted, addresses=alone[:ADVERTISED_MAX])


def _serves(listener: str, address: str) -> bool:
    return listener in (address, EVERY_ADDRESS) or (listener == EVERY_IPV4_ADDRESS and ":" not in address)
