"""One encoder's stream from where it arrived into its room: the process that carries it, and the seat that it has.

    starting -> probed -> sending -> over          (over: the encoder has ended, or it was refused)

A process that dies is replaced while there is something to read; the seat waits meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Protocol

import msgspec
import structlog

from rooms.core.codes import Code
from signaling.child import ChildProcess
from signaling.ports import Admission
from signaling.streams import Feed as Ask
from signaling.streams import StreamReply

from . import wire

log = structlog.get_logger(__name__)

RESTARTS_MAX: Final = 5
RESTART_AFTER_S: Final = 0.5


class FeedState(StrEnum):
    STARTING = "starting"
    SENDING = "sending"
    OVER = "over"


TRANSITIONS: Final[Mapping[FeedState, frozenset[FeedState]]] = {
    FeedState.STARTING: frozenset({FeedState.SENDING, FeedState.OVER}),
    FeedState.SENDING: frozenset({FeedState.STARTING, FeedState.OVER}),
    FeedState.OVER: frozenset(),
}


class Rooms(Protocol):
    """signaling.whip.StreamEdge."""

    async def feed(self, request: Ask) -> StreamReply: ...

    async def lose(self, session_id: str, token_digest: bytes) -> None: ...


class EncoderFeed:
    """`run` is its life, in a task of the owner's."""

    def __init__(self, rooms: Rooms, admission: Admission, token_digest: bytes) -> None:
        self._rooms = rooms
        self._admission = admission
        self._digest = token_digest
        self.state = FeedState.STARTING
        self.cause = ""  # why it is over: of wire.Failed, or a Code; "" when the encoder has ended
        self.found: wire.Found | None = None
        self.sent: wire.Sent | None = None
        self._process: ChildProcess | None = None
        self._session_id = ""
        self._joining: asyncio.Task[None] | None = None

    @property
    def process_id(self) -> int:
        """0 when there is none."""
        return self._process.pid if self._process is not None else 0

    async def run(self, url: str, descriptor: int | None = None) -> None:
        try:
            for attempt in range(RESTARTS_MAX + 1):
                code = await self._carry(url, descriptor)
                if code == 0 or self.cause:
                    break
                log.warning("an ingest process ended by itself", code=code, attempt=attempt)
                self._move(FeedState.STARTING)
                await asyncio.sleep(RESTART_AFTER_S)
        except OSError as error:
            log.error("no ingest process could be started", cause=str(error))
            self.cause = "fault"
        finally:
            self._move(FeedState.OVER)

    async def _carry(self, url: str, descriptor: int | None) -> int:
        inherited = () if descriptor is None else (descriptor,)
        process = self._process = await ChildProcess.open("signaling.ingest", wire.LINE_MAX_BYTES, inherited)
        process.write(wire.line_of(wire.Begin(url)))
        try:
            return await process.hear(wire.decode_report, self._on_report)
        finally:
            self._process = None
            if self._joining is not None:
                self._joining.cancel()
                await asyncio.wait([self._joining])
                self._joining = None
            if self._session_id:
                session_id, self._session_id = self._session_id, ""
                await self._rooms.lose(session_id, self._digest)

    def _on_report(self, report: wire.Report) -> None:
        match report:
            case wire.Found():
                self.found = report
                self._joining = asyncio.create_task(self._join(report))
            case wire.Sent():
                self.sent = report
            case wire.Failed():
                log.info("an encoder's stream cannot be taken", cause=report.cause)
                self.cause = report.cause
            case wire.Ended():
                pass

    async def _join(self, found: wire.Found) -> None:
        reply = await self._rooms.feed(
            Ask(self._admission, self._digest, video=bool(found.video), audio=bool(found.audio))
        )
        process = self._process
        if reply.status != 201 or process is None:
            self.cause = self.cause or (reply.code or Code.UNAVAILABLE).value
            log.info("an encoder was not let in", code=reply.code)
            if process is not None:
                process.write(wire.line_of(wire.Stop()))
            return
        self._session_id = reply.session_id
        process.write(wire.line_of(msgspec.json.decode(reply.body, type=wire.Connect)))
        self._move(FeedState.SENDING)

    def _move(self, to: FeedState) -> None:
        if to is self.state:
            return
        if to not in TRANSITIONS[self.state]:
            raise AssertionError(f"a feed cannot go from {self.state} to {to}")
        self.state = to
