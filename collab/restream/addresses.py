"""Where a livestream may be sent on to: a platform of the Internet, or a network that the operator has allowed.

A name is resolved each time that somebody is connected to, all of its addresses are looked at, and the one that was
looked at is the one that is used (signaling/restream/wire.Begin): no second answer changes anything.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from collab.edge.outward import AddressRefused, PublicResolver
from signaling.restream.restream import Unfit
from signaling.restream.wire import Cause

PORTS: Final = {"rtmp": 1_935, "rtmps": 443}
LOW_PORTS: Final = frozenset({80, 443})
RESOLVE_WITHIN_S: Final = 5.0


class Platform(Struct, frozen=True):
    host: str
    port: int
    tls: bool
    app: str
    tc_url: str


def read_url(text: str) -> Platform | None:
    """`rtmp(s)://host[:port]/app[/instance]`; None for anything else."""
    if not text.isascii() or any(letter.isspace() or not letter.isprintable() for letter in text):
        return None
    try:
        parts = urlsplit(text)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    app = parts.path.strip("/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc or not parts.path.strip("/"):
        return None
    if parts.fragment or (port < 1_024 and port not in LOW_PORTS):
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return Platform(parts.hostname, port, parts.scheme == "rtmps", app, f"{parts.scheme}://{host}:{port}/{app}")


async def address_of(platform: Platform, allowed: Callable[[str], bool]) -> str:
    """Raises Unfit, also when one of several addresses is not allowed."""
    try:
        async with asyncio.timeout(RESOLVE_WITHIN_S):
            found = await PublicResolver(allowed).resolve(platform.host, platform.port)
    except AddressRefused:
        raise Unfit(Cause.ADDRESS) from None
    except (OSError, TimeoutError, UnicodeError):
        raise Unfit(Cause.UNREACHABLE) from None
    return found[0]["host"]


def leads_inside(platform: Platform, allowed: Callable[[str], bool]) -> bool:
    """Whether that is known without asking anybody: the host is an address."""
    try:
        ipaddress.ip_address(platform.host.partition("%")[0])
    except ValueError:
        return False
    return not allowed(platform.host)
