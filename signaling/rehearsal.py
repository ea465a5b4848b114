"""Test calls: a browser tries a way to the media plane by sending itself a picture through it, without any room.

The client offers two connections at once, one that sends and one that receives what the first sends.  Both go through
the media plane as those of a meeting do, so what is measured is what a meeting would get.  A test call ends by itself
after LASTS_MS, or when either connection is over.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from typing import Final

import structlog
from msgspec import Struct

from rooms.core.codes import Code
from rooms.core.model import Grant, Role, Source
from rooms.core.network import network_of
from rooms.tasks import TaskOwner

from .ports import MediaRejected, StreamSessions

log = structlog.get_logger(__name__)

CALLS_MAX: Final = 24  # at once on this node; each may cost as much as two people in a meeting
CALLS_PER_ADDRESS_MAX: Final = 8  # a company behind one address, two people who try four ways each
LASTS_MS: Final = 30_000
RETRY_MS: Final = 10_000

_SENDER: Final = "sender"
_VIEWER: Final = "viewer"


class Rehearsal(Struct, frozen=True):
    """Our answers to both offers.  `id` names the call until it ends."""

    id: str
    publish_sdp: str
    view_sdp: str


class RehearsalRefused(Exception):
    """RATE_LIMITED or UNAVAILABLE with a time to wait, or MEDIA_REJECTED."""

    def __init__(self, code: Code, cause: str, retry_after_ms: int = 0) -> None:
        super().__init__(cause)
        self.code = code
        self.retry_after_ms = retry_after_ms


class Rehearsals:
    """The test calls of one node.  To be closed before the media plane is."""

    def __init__(self, media: StreamSessions, lasts_ms: int = LASTS_MS) -> None:
        self._media = media
        self._lasts_ms = lasts_ms
        self._ends: dict[str, asyncio.TimerHandle] = {}
        self._addresses: dict[str, str] = {}
        self._per_address: Counter[str] = Counter()
        self._tasks = TaskOwner()

    @property
    def count(self) -> int:
        return len(self._addresses)

    async def open(self, address: str, publish_offer: str, view_offer: str) -> Rehearsal:
        """Raises RehearsalRefused."""
        subject = network_of(address) or address
        if self._per_address[subject] >= CALLS_PER_ADDRESS_MAX:
            raise RehearsalRefused(Code.RATE_LIMITED, "test calls of this address", RETRY_MS)
        if self.count >= CALLS_MAX:
            raise RehearsalRefused(Code.UNAVAILABLE, "test calls of this node", RETRY_MS)
        name = secrets.token_hex(8)
        self._addresses[name] = subject
        self._per_address[subject] += 1
        try:
            return await self._negotiate(name, publish_offer, view_offer)
        except MediaRejected as rejected:
            await self.close_call(name)
            raise RehearsalRefused(rejected.code, str(rejected)) from rejected
        except BaseException:
            self._end_soon(name)
            raise

    async def close_call(self, name: str) -> None:
        """Free it.  A name that is not (any more) known is fine."""
        subject = self._addresses.pop(name, None)
        if subject is None:
            return
        if (timer := self._ends.pop(name, None)) is not None:
            timer.cancel()
        self._per_address[subject] -= 1
        self._per_address += Counter()  # drops what came down to nothing
        await self._media.close_room(_room(name))

    async def close(self) -> None:
        for name in list(self._addresses):
            await self.close_call(name)
        await self._tasks.close()

    async def _negotiate(self, name: str, publish_offer: str, view_offer: str) -> Rehearsal:
        room = _room(name)
        sends = Grant(_SENDER, "", Role.GUEST, publish=(Source.CAMERA, Source.MICROPHONE), subscribe=False, chat=False)
        views = Grant(_VIEWER, "", Role.GUEST, publish=(), chat=False, hidden=True)
        published = await self._media.ingest(room, _SENDER, sends, publish_offer)
        self._media.tracks_known(room, _SENDER)
        answer = await self._media.view(room, _VIEWER, views, view_offer)
        for seat in (_SENDER, _VIEWER):
            self._media.watch(room, seat, lambda: self._end_soon(name))
        self._ends[name] = asyncio.get_running_loop().call_later(self._lasts_ms / 1_000, self._end_soon, name)
        return Rehearsal(name, published.sdp, answer)

    def _end_soon(self, name: str) -> None:
        if name in self._addresses:
            self._tasks.start(self.close_call(name), "end of a test call")


def _room(name: str) -> str:
    """No room of a park has such an id: those have 26 letters and digits."""
    return f"rehearsal:{name}"
