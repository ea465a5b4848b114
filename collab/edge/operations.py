"""What operators and their machines read: /healthz, /readyz, /metrics."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
from aiohttp import web
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from collab.setting_values import Network

from .callers import Proxies

CHECK_MAX_S = 2.0


class Readiness(Struct, frozen=True):
    status: str  # "ready" or "degraded"
    degraded: tuple[str, ...] = ()


class Operations:
    """`checks`: what must answer for the server to be ready, by the name that operators read."""

    def __init__(
        self, checks: Mapping[str, Callable[[], Awaitable[object]]], proxies: Proxies, networks: Sequence[Network]
    ) -> None:
        self._checks = dict(checks)
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
        names = list(self._checks)
        answers = await asyncio.gather(*(self._answers(self._checks[name]) for name in names))
        degraded = tuple(name for name, well in zip(names, answers, strict=True) if not well)
        return _json(Readiness("degraded" if degraded else "ready", degraded), 503 if degraded else 200)

    async def metrics(self, request: web.Request) -> web.Response:
        address = self._proxies.address(request)
        if not address or not any(ipaddress.ip_address(address) in network for network in self._networks):
            raise web.HTTPForbidden
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    @staticmethod
    async def _answers(check: Callable[[], Awaitable[object]]) -> bool:
        try:
            async with asyncio.timeout(CHECK_MAX_S):
                return bool(await check() is not False)
        except Exception:  # noqa: BLE001 -- whatever went wrong, it is not ready
            return False


def _json(value: Readiness, status: int) -> web.Response:
    return web.Response(
        status=status,
        body=msgspec.json.encode(value),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
