"""What a visitor's page can be told, and what it may try, about reaching this server.

GET /api/doctor answers with findings; POST /api/doctor/calls opens a test call through the media plane;
GET /api/doctor/download sends bytes for measuring how fast they come.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from typing import Annotated, Final
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from collab.addresses import machine_addresses
from collab.clock import now_ms
from collab.edge.endpoint import NO_CONTENT, Access, Call, Document, Endpoint, Nothing, Reply
from collab.limits import rate
from collab.meetings.turn_servers import TurnServers
from collab.problems import Refusal
from rooms.core.codes import Code
from signaling.messages import IceServer, Sdp
from signaling.rehearsal import RehearsalRefused, Rehearsals

from . import findings
from .findings import Check, Cure, Finding, Sentence, State

DOCTOR_VISITS = rate("doctor", burst=120, per_minute=120)
DOCTOR_CALLS = rate("doctor_calls", burst=40, per_minute=40)
DOCTOR_DOWNLOADS = rate("doctor_downloads", burst=32, per_minute=16)

RELAY_CREDENTIAL_MS: Final = 120_000  # long enough for a test call on a slow line
DOWNLOAD_BYTES: Final = 1_000_000
CALL_ID = Annotated[str, Meta(min_length=16, max_length=16, pattern="^[0-9a-f]{16}$")]


class DoctorView(Struct, frozen=True):
    checks: tuple[Finding, ...]
    your_address: str
    server_time_ms: int
    secure_context_needed: bool  # the page was opened in a way that gets no camera
    reached_as: str  # host, without port, under which the browser reached us
    advertised: tuple[str, ...]  # addresses that browsers are told to send media to
    media_port: int


class CallOffer(Struct, frozen=True, forbid_unknown_fields=True):
    """`publish` sends one video section, `view` receives one; both without candidates."""

    publish: Sdp
    view: Sdp


class CallAnswer(Struct, frozen=True):
    id: str
    publish: str
    view: str
    ice_servers: tuple[IceServer, ...]


class CallEnd(Struct, frozen=True, forbid_unknown_fields=True):
    id: CALL_ID


class DoctorEndpoints:
    """`database` and `redis` raise, or return, what Operations' checks do."""

    def __init__(
        self,
        advertised: Sequence[str],
        media_port: Callable[[], int],
        database: Callable[[], Awaitable[bool]],
        redis: Callable[[], Awaitable[bool]],
        rehearsals: Rehearsals,
        turn: TurnServers,
    ) -> None:
        self._advertised = tuple(advertised)
        self._media_port = media_port
        self._database = database
        self._redis = redis
        self._rehearsals = rehearsals
        self._turn = turn

    @cached_property
    def _chance(self) -> bytes:
        """Nothing on the way can make it smaller.  Drawn when somebody first asks, not at every start."""
        return os.urandom(DOWNLOAD_BYTES)

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
            Endpoint(
                method="POST",
                path="/api/doctor/calls",
                access=Access.ANYONE,
                handler=self.call,
                input=CallOffer,
                output=CallAnswer,
                status=201,
                refusals=(Code.MEDIA_REJECTED, Code.UNAVAILABLE, Code.RATE_LIMITED),
                rate=DOCTOR_CALLS,
                about="A test call: what the first connection sends comes back on the second. It lasts 30 s at most.",
            ),
            Endpoint(
                method="POST",
                path="/api/doctor/calls/end",
                access=Access.ANYONE,
                handler=self.hang_up,
                input=CallEnd,
                rate=DOCTOR_CALLS,
                about="Ends a test call early. One that is over, or of another server process, is left alone.",
            ),
            Endpoint(
                method="GET",
                path="/api/doctor/download",
                access=Access.ANYONE,
                handler=self.download,
                media_type="application/octet-stream",
                rate=DOCTOR_DOWNLOADS,
                about="A megabyte of chance, for measuring how fast it comes.",
            ),
        )

    async def examine(self, call: Call[Nothing]) -> Reply:
        caller = call.caller
        machine = [str(address) for address in machine_addresses()]
        parts = urlsplit(caller.base_url)
        https = findings.https(caller.secure, parts.netloc)
        checks = (
            findings.media_address(
                self._advertised, self._media_port(), machine, caller.address, reached_as=parts.hostname or ""
            ),
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
                reached_as=parts.hostname or "",
                advertised=self._advertised,
                media_port=self._media_port(),
            )
        )

    async def call(self, call: Call[CallOffer]) -> Reply:
        try:
            opened = await self._rehearsals.open(call.caller.address, call.input.publish, call.input.view)
        except RehearsalRefused as refused:
            raise Refusal(refused.code, str(refused), retry_after_ms=refused.retry_after_ms) from refused
        at = now_ms()
        servers = self._turn.of(f"test-{opened.id}", at, at + RELAY_CREDENTIAL_MS)
        return Reply(CallAnswer(opened.id, opened.publish_sdp, opened.view_sdp, servers))

    async def hang_up(self, call: Call[CallEnd]) -> Reply:
        await self._rehearsals.close_call(call.input.id)
        return NO_CONTENT

    async def download(self, _call: Call[Nothing]) -> Reply:
        return Reply(Document(self._chance, "application/octet-stream"))
