"""The way out to addresses that somebody else has chosen: push services, webhooks, nothing inside our own networks.

A name is resolved once for each connection and what was looked at is what is connected to: an answer that changes in
between (DNS rebinding) changes nothing.  Every socket is checked once more when it is made, which includes addresses
that stand in the URL itself and that no resolver is asked about.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

CONNECTIONS_MAX: Final = 8  # of one client
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052 2.1: the last 32 bits are an IPv4 address
_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")  # RFC 4291 2.5.5.1, given up; some stacks still take them
# Public by their number, but within the reach of one cloud's machines only.
_CLOUD: Final = (
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's host
    ipaddress.ip_network("192.0.0.0/24"),  # RFC 6890; Oracle's metadata among them
    ipaddress.ip_network("100.64.0.0/10"),  # RFC 6598; Alibaba's metadata among them
)

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_AddressInfo = tuple[int, int, int, str, tuple[object, ...]]
LookUp = Callable[[str, int, int], Awaitable[list[tuple[int, str]]]]  # host, port, family -> (family, address)


class AddressRefused(OSError):
    """The name leads into a private network."""


def is_public(address: str) -> bool:
    """Whether a packet to it leaves for the Internet; an IPv4 address within an IPv6 one counts as what it is."""
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = _inner(found)
    return _is_global(found if inner is None else inner) and (inner is not None or not found.is_reserved)


def public_or_within(networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> Callable[[str], bool]:
    """Public addresses, and those in networks that the operator has named."""

    def allowed(address: str) -> bool:
        found = ipaddress.ip_address(address.partition("%")[0])
        inner = _inner(found) or found
        return is_public(address) or any(inner in network for network in networks)

    return allowed


def _inner(address: _Address) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _is_global(address: _Address) -> bool:
    return (
        address.is_global
        and not address.is_multicast
        and not any(address.version == network.version and address in network for network in _CLOUD)
    )


def refused_because(error: BaseException) -> AddressRefused | None:
    """What a client's error came from, when it was our refusal."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, AddressRefused):
            return cause
        cause = cause.__cause__
    return None


class PublicResolver(AbstractResolver):
    """Hands out what was looked at; one address that is not allowed refuses the name as a whole."""

    def __init__(self, allowed: Callable[[str], bool] = is_public, look_up: LookUp | None = None) -> None:
        self._allowed = allowed
        self._look_up = look_up or _look_up

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        addresses = await self._look_up(host, port, family)
        if not addresses or not all(self._allowed(address) for _, address in addresses):
            raise AddressRefused(f"{host} is not public")
        return [
            ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST)
            for kind, address in addresses
        ]

    async def close(self) -> None:
        pass


async def _look_up(host: str, port: int, family: int) -> list[tuple[int, str]]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
    return [(kind, str(where[0])) for kind, _, _, _, where in found]


def guarded_connector(allowed: Callable[[str], bool], *, limit: int, look_up: LookUp | None = None) -> TCPConnector:
    """Connections to allowed addresses only, none of them kept for a second request."""

    def make_socket(info: _AddressInfo) -> socket.socket:
        family, kind, proto, _, where = info
        if not allowed(str(where[0])):
            raise AddressRefused(f"{where[0]} is not public")
        return socket.socket(family, kind, proto)

    return TCPConnector(
        resolver=PublicResolver(allowed, look_up),
        socket_factory=make_socket,
        limit=limit,
        use_dns_cache=False,
        force_close=True,
    )


class OutwardClient:
    """Questions to such addresses, each within `answer_max_s`.  Opened with the first; `close` at the end."""

    def __init__(self, allowed: Callable[[str], bool], answer_max_s: float) -> None:
        self._allowed = allowed
        self._answer_max_s = answer_max_s
        self._session: ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> ClientSession:
        """Without cookies, proxies of the environment, and decompression: what is read is bounded as it comes."""
        if self._session is None:
            self._session = ClientSession(
                connector=guarded_connector(self._allowed, limit=CONNECTIONS_MAX),
                cookie_jar=DummyCookieJar(),
                timeout=ClientTimeout(total=self._answer_max_s),
                trust_env=False,
                auto_decompress=False,
            )
        return self._session
