"""GET /api/doctor: what a visitor's page can be told about reaching this server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from msgspec import Struct

from collab.addresses import machine_addresses
from collab.clock import now_ms
from collab.edge.endpoint import Access, Call, Endpoint, Nothing, Reply
from collab.limits import rate

from . import findings
from .findings import Check, Cure, Finding, Sentence, State

DOCTOR_VISITS = rate("doctor", burst=120, per_minute=120)


class DoctorView(Struct, frozen=True):
    checks: tuple[Finding, ...]
    your_address: str
    server_time_ms: int
    secure_context_needed: bool  # the page was opened in a way that gets no camera


class DoctorEndpoints:
    """`database` and `redis` raise, or return, what Operations' checks do."""

    def __init__(
        self,
        advertised: Sequence[str],
        media_port: Callable[[], int],
        database: Callable[[], Awaitable[bool]],
        redis: Callable[[], Awaitable[bool]],
    ) -> None:
        self._advertised = tuple(advertised)
        self._media_port = media_port
        self._database = database
        self._redis = redis

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path="/api/doctor",
                access=Access.ANYONE,
                handler=self.examine,
                output=DoctorView,
                rate=DOCTOR_VISITS,
                about="What may keep a visitor from a meeting. Its page sends a test packet to media_host:media_port.",
            ),
        )

    async def examine(self, call: Call[Nothing]) -> Reply:
        caller = call.caller
        machine = [str(address) for address in machine_addresses()]
        host = urlsplit(caller.base_url).netloc
        https = findings.https(caller.secure, host)
        checks = (
            findings.media_address(self._advertised, self._media_port(), machine, caller.address),
            https,
            Finding(Check.DATABASE, State.OK, Sentence.DATABASE_ANSWERS, values={"kind": ""})
            if await self._database()
            else Finding(Check.DATABASE, State.FAULT, Sentence.DATABASE_AWAY, Cure.START_DATABASE),
            Finding(Check.REDIS, State.OK, Sentence.REDIS_ANSWERS)
            if await self._redis()
            else Finding(Check.REDIS, State.FAULT, Sentence.REDIS_AWAY, Cure.START_REDIS),
        )
        return Reply(
            DoctorView(
                checks=checks,
                your_address=caller.address,
                server_time_ms=now_ms(),
                secure_context_needed=https.state is State.FAULT,
            )
        )
