"""What nginx-rtmp asks of us (deploy/nginx-rtmp.conf): whether somebody may publish, and whether they still may.

An encoder's key is the name of its stream.  Who is let in is redirected to a name of chance, so that the key stands in
no log and no play address; from there a process of ours reads it, on the loopback address.  nginx-rtmp asks from this
machine and shows a secret; nobody else is answered.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from typing import Final

import structlog
from aiohttp import web
from msgspec import Struct

from collab.limits import Limits, rate
from collab.problems import Refusal
from rooms.ports import Refused
from signaling.ingest.feed import EncoderFeed

from .arrivals import Arrivals
from .repository import Encoder

NAME_BYTES: Final = 16
ARRIVALS_MAX: Final = 256
PUBLISHED_FROM = rate("rtmp_publish", burst=30, per_minute=30)

log = structlog.get_logger("ingest")


class _Arrival(Struct, frozen=True):
    feed: EncoderFeed
    name: str


class RtmpEdge:
    """`secret`: what nginx-rtmp shows.  `pull_url`: where its streams can be read, up to the name."""

    def __init__(self, arrivals: Arrivals, limits: Limits, secret: str, pull_url: str) -> None:
        self._arrivals = arrivals
        self._limits = limits
        self._secret = secret
        self._pull_url = pull_url.rstrip("/")
        # By nginx's number of the connection: a second publisher of a name is refused, and its end is told as well.
        self._known: dict[str, _Arrival] = {}

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/ingest/rtmp/{secret}", self._told)]

    async def _told(self, request: web.Request) -> web.Response:
        if not self._is_nginx(request):
            return web.Response(status=404)
        form = await request.post()
        call, client = str(form.get("call", "")), str(form.get("clientid", ""))[:20]
        match call:
            case "publish":
                return await self._publish(client, str(form.get("name", "")), str(form.get("addr", "")))
            case "publish_done":
                self._known.pop(client, None)
                return web.Response(status=200)
            case "update_publish":
                arrival = self._known.get(client)
                return web.Response(status=403 if arrival is None or self._arrivals.is_over(arrival.feed) else 200)
            case "update_play":  # what reads from it is ours
                return web.Response(status=200)
            case _:
                return web.Response(status=403)

    def _is_nginx(self, request: web.Request) -> bool:
        """From this machine, by no proxy, with the secret."""
        try:
            here = ipaddress.ip_address((request.remote or "").partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(here, "ipv4_mapped", None) or here
        shown = request.match_info["secret"]
        return (
            mapped.is_loopback
            and "X-Forwarded-For" not in request.headers
            and hmac.compare_digest(shown.encode(), self._secret.encode())
        )

    async def _publish(self, client: str, key: str, address: str) -> web.Response:
        try:
            await self._limits.take(PUBLISHED_FROM, address[:45])
            found = await self._arrivals.door.encoder(key, address)
            if not isinstance(found, Encoder):
                return _refused(found, address)
            admission = await self._arrivals.admit(found, address)
        except Refusal as refusal:
            log.info("rtmp_refused", code=refusal.code, address=address)
            return web.Response(status=403)
        if isinstance(admission, Refused):
            return _refused(admission, address)
        if len(self._known) >= ARRIVALS_MAX:  # ends that were never told
            self._known = {one: known for one, known in self._known.items() if not self._arrivals.is_over(known.feed)}
        name = secrets.token_urlsafe(NAME_BYTES)
        feed = self._arrivals.start(found.key.digest, admission, f"{self._pull_url}/{name}")
        self._known[client] = _Arrival(feed, name)
        log.info("rtmp_accepted", key=found.key.id, livestream=found.livestream.id, address=address)
        return web.Response(status=302, headers={"Location": name})


def _refused(why: Refused | None, address: str) -> web.Response:
    log.info("rtmp_refused", code=why.code if why is not None else "unauthenticated", address=address)
    return web.Response(status=403)
