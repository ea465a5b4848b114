"""A broadcast sent on to one other platform while it lasts: the process that carries it, and when it tries again.

connecting -> sending -> retrying -> connecting ...       (over: the broadcast has ended, or it was taken off)
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final

import structlog

from signaling.child import ChildProcess
from signaling.egress.hls import Gone, Playlist

from . import wire

log = structlog.get_logger(__name__)

AGAIN_AFTER_S: Final = 2.0
AGAIN_MAX_S: Final = 60.0
STEADY_S: Final = 30.0  # whoever took it for so long begins with short pauses again
UNSENT_MAX_BYTES: Final = 6_000_000  # a platform that is so far behind is connected to anew
GOODBYE_WITHIN_S: Final = 3.0


class RestreamState(StrEnum):
    CONNECTING = "connecting"
    SENDING = "sending"
    RETRYING = "retrying"


class Unfit(Exception):
    """There is nothing to connect to."""

    def __init__(self, cause: wire.Cause) -> None:
        super().__init__(cause.value)
        self.cause = cause


class Restream:
    """`run` is its life, in a task of the owner's.  `begin` looks at the address, anew each time; raises Unfit."""

    def __init__(self, playlist: Playlist, begin: Callable[[], Awaitable[wire.Begin]]) -> None:
        self._playlist = playlist
        self._begin = begin
        self.state = RestreamState.CONNECTING
        self.cause: wire.Cause | None = None  # of the last failure
        self.sent_bytes = 0  # over this connection
        self._live_s = 0.0
        self._turned = False  # the film goes on with another head: the next connection is due at once

    async def run(self) -> None:
        pause_s = AGAIN_AFTER_S
        loop = asyncio.get_running_loop()
        while True:
            self.state, self._live_s, self.sent_bytes = RestreamState.CONNECTING, 0.0, 0
            try:
                if self._playlist.has_ended or await self._send():
                    return
            except Unfit as error:
                self.cause = error.cause
            except OSError as error:
                log.error("no process could be started", cause=str(error))
                self.cause = wire.Cause.FAULT
            if self._turned:
                self._turned = False
                continue
            self.state = RestreamState.RETRYING
            if self._live_s and loop.time() - self._live_s > STEADY_S:
                pause_s = AGAIN_AFTER_S
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, AGAIN_MAX_S)

    # ------------------------------------------------------------ inside

    async def _send(self) -> bool:
        """One connection; whether the broadcast has ended."""
        begin = await self._begin()
        process = await ChildProcess.open("signaling.restream", wire.LINE_MAX_BYTES)
        listening = asyncio.create_task(process.hear(wire.decode_report, self._on_report))
        feeding = asyncio.create_task(self._feed(process.stdin, begin))
        try:
            await asyncio.wait([listening, feeding], return_when=asyncio.FIRST_COMPLETED)
            if feeding.done() and feeding.result():
                await asyncio.wait([listening], timeout=GOODBYE_WITHIN_S)
                return True
            return False
        finally:
            process.kill()  # also if it was not listened to yet
            for task in (listening, feeding):
                task.cancel()
            await asyncio.wait([listening, feeding])

    async def _feed(self, stdin: asyncio.StreamWriter, begin: wire.Begin) -> bool:
        """Whether the broadcast has ended; False when it has to begin anew."""
        stdin.write(wire.line_of(begin))
        head = ""
        try:
            async for init, data in self._playlist.follow():
                if not head:
                    head = init
                    stdin.write(self._playlist.init(init))
                if init != head:
                    self._turned = True
                    return False  # of another encoder: its times and sets are others
                if stdin.transport.get_write_buffer_size() > UNSENT_MAX_BYTES:
                    self.cause = wire.Cause.SLOW
                    return False
                stdin.write(data)
        except Gone:
            self.cause = wire.Cause.SLOW
            return False
        except ConnectionError:
            return False  # its last report says why
        stdin.close()
        return True

    def _on_report(self, report: wire.Report) -> None:
        match report:
            case wire.Live():
                self.state, self.cause = RestreamState.SENDING, None
                self._live_s = asyncio.get_running_loop().time()
            case wire.Sent():
                self.sent_bytes = report.bytes
            case wire.Failed():
                self.cause = report.cause
                log.info("another platform takes the stream no more", cause=report.cause)
