"""What operators and their machines read: /healthz, /readyz, /metrics."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
from aiohttp import web
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, REGISTRY, CollectorRegistry, generate_latest

from collab.setting_values import Network

from .callers import Proxies


class Readiness(Struct, frozen=True):
    status: str  # "ready" or "degraded"
    degraded: tuple[str, ...] = ()


class Operations:
    """`checks`: what must answer for the server to be ready, by the name that operators read."""

    def __init__(
        self,
        checks: Mapping[str, Callable[[], Awaitable[bool]]],
        gauges: CollectorRegistry,
        proxies: Proxies,
        networks: Sequence[Network],
    ) -> None:
        self._checks = dict(checks)
        self._gauges = gauges
        self._proxies = proxies
        self._networks = tuple(networks)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/healthz", self.healthz),
            web.get("/readyz", self.readyz),
            web.get("/metrics", self.metrics),
        ]

    async def healthz(self, _request: web.Request) -> web.Response:
        """The process lives and its loop turns.  Never depends on Redis or the database."""
        return _json(Readiness(status="alive"), 200)

    async def readyz(self, _request: web.Request) -> web.Response:
        """Whether all of it works.  Rooms that are live go on even when it does not."""
        answers = await asyncio.gather(*(check() for check in self._checks.values()))
        degraded = tuple(name for name, well in zip(self._checks, answers, strict=True) if not well)
        return _json(Readiness("degraded" if degraded else "ready", degraded), 503 if degraded else 200)

    async def metrics(self, request: web.Request) -> web.Response:
        address = self._proxies.address(request)
        if not address or not any(ipaddress.ip_address(address) in network for network in self._networks):
            raise web.HTTPForbidden
        # The process collector reads /proc; rooms belong to the loop.
        body = await asyncio.to_thread(generate_latest, REGISTRY) + generate_latest(self._gauges)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


def _json(value: Readiness, status: int) -> web.Response:
    return web.Response(
        status=status,
        body=msgspec.json.encode(value),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
