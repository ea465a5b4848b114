"""From a request to a Caller: the address behind trusted proxies, the cookies, the bearer token, the CSRF token."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from aiohttp import web

from collab.meetings.doorkeeper import MeetingDoorkeeper
from collab.problems import Refusal
from collab.setting_values import Network
from collab.tokens.models import TOKEN_BEGINS
from collab.tokens.service import TokenService
from rooms.core.codes import Code
from rooms.ports import Refused
from signaling.ports import Doorkeeper

from .csrf import csrf_matches
from .endpoint import Caller, CookieName

CSRF_HEADER = "X-CSRF-Token"
COOKIE_MAX_CHARS = 128
FORWARDED_MAX_HOPS = 16


class Proxies:
    """Which neighbours' X-Forwarded headers are believed."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = tuple(trusted)

    def address(self, request: web.BaseRequest) -> str:
        """The client's address: the last one in X-Forwarded-For that no trusted proxy has, or the socket's."""
        peer = plain_address(request.remote or "")
        if not self.trusts(peer):
            return peer
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
        for hop in reversed(forwarded[-FORWARDED_MAX_HOPS:]):
            address = plain_address(hop.strip())
            if not address:
                break
            peer = address
            if not self.trusts(address):
                break
        return peer

    def secure(self, request: web.BaseRequest) -> bool:
        if self.trusts(plain_address(request.remote or "")):
            forwarded = request.headers.get("X-Forwarded-Proto")
            if forwarded:
                return forwarded.rpartition(",")[2].strip().lower() == "https"
        return request.secure

    def trusts(self, address: str) -> bool:
        if not address:
            return False
        parsed = ipaddress.ip_address(address)
        return any(parsed in network for network in self._trusted)


def plain_address(text: str) -> str:
    """Without brackets, port, zone, and the IPv4-mapped form; "" when it is no address."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(parsed)


class Callers:
    def __init__(self, doorkeeper: MeetingDoorkeeper, proxies: Proxies, public_url: str, tokens: TokenService) -> None:
        self._tokens = tokens
        self._doorkeeper = doorkeeper
        self._proxies = proxies
        self._public_url = public_url

    async def identify(self, request: web.BaseRequest) -> Caller:
        """Raises UNAUTHENTICATED for a bearer token that is not valid; who has an old cookie is nobody."""
        address, secure = self._proxies.address(request), self._proxies.secure(request)
        session, visitor, guest_key, flow_key = (
            _cookie(request, name)
            for name in (CookieName.SESSION, CookieName.VISITOR, CookieName.GUEST, CookieName.FLOW)
        )
        base_url = self._public_url or f"{'https' if secure else 'http'}://{request.host}"
        bearer = bearer_token(request)
        if bearer.startswith(TOKEN_BEGINS):
            held = await self._tokens.holder(bearer, address)
            if held is None:
                raise Refusal(Code.UNAUTHENTICATED, "API token")
            return Caller(address=address, base_url=base_url, secure=secure, member=held[0], scopes=held[1].scopes)
        if bearer:
            identity = await self._doorkeeper.identify("", bearer, address)
            if isinstance(identity, Refused):
                raise Refusal(identity.code, "bearer token", retry_after_ms=identity.retry_after_ms)
            return Caller(address=address, base_url=base_url, secure=secure, bearer=identity)
        member = await self._doorkeeper.member(session) if session else None
        return Caller(
            address=address,
            base_url=base_url,
            secure=secure,
            member=member,
            session=session if member else "",
            visitor=visitor,
            guest_key=guest_key,
            flow_key=flow_key,
        )

    def check_origin(self, request: web.BaseRequest, doorkeeper: Doorkeeper) -> None:
        """A request that changes something must come from our own pages, if it comes from a page.  Raises FORBIDDEN."""
        origin = request.headers.get("Origin")
        if origin is not None and not doorkeeper.origin_allowed(origin, request.host):
            raise Refusal(Code.FORBIDDEN, f"origin {origin[:100]!r}")
        if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
            raise Refusal(Code.FORBIDDEN, "Sec-Fetch-Site")

    def check_csrf(self, request: web.BaseRequest, caller: Caller) -> None:
        """Raises FORBIDDEN.  Programs carry no cookies and no Origin: nobody can make a browser send such a request."""
        if caller.bearer is not None or caller.scopes is not None:
            return
        cookies = any(name in request.cookies for name in CookieName)
        if not cookies and "Origin" not in request.headers and "Sec-Fetch-Site" not in request.headers:
            return
        if not csrf_matches(caller.session or caller.visitor, request.headers.get(CSRF_HEADER, "")):
            raise Refusal(Code.FORBIDDEN, "CSRF token")


def bearer_token(request: web.BaseRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _cookie(request: web.BaseRequest, name: CookieName) -> str:
    value = request.cookies.get(name, "")
    return value if len(value) <= COOKIE_MAX_CHARS and value.isascii() else ""
