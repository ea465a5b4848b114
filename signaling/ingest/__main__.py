"""`python -m signaling.ingest`: one encoder's stream on its way into a room.

It ends with the encoder, or with stdin.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import threading
import time
from typing import Any, Final

import msgspec
import structlog

from signaling.child import instructions, log_beside_the_server

from . import wire
from .feeder import Feeder
from .peer import FeedPeer

CHECK_EVERY_S: Final = 0.05
UNANSWERED_MAX_S: Final = 6.0  # the room has closed the path: the source was sent away, or the server is gone
DATAGRAM_MAX_BYTES: Final = 2_048

log = structlog.get_logger("ingest")


class _Path:
    """Checks and feedback of one connection to the server."""

    def __init__(self, connect: wire.Connect) -> None:
        self.peer = FeedPeer(connect)
        family, _, _, _, address = socket.getaddrinfo(connect.host, connect.port, type=socket.SOCK_DGRAM)[0]
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.connect(address)
        self._heard_s = time.monotonic()

    def receive(self) -> None:
        with contextlib.suppress(OSError):
            while datagram := self.socket.recv(DATAGRAM_MAX_BYTES):
                self._heard_s = time.monotonic()
                self.peer.receive(datagram)

    async def tend(self) -> None:
        """Until the server does not answer any more."""
        while time.monotonic() - self._heard_s < UNANSWERED_MAX_S:
            if (check := self.peer.check(time.monotonic_ns() // 1_000_000)) is not None:
                with contextlib.suppress(OSError):
                    self.socket.send(check)
            await asyncio.sleep(CHECK_EVERY_S)


_lock: Final = threading.Lock()


def _say(report: wire.Report) -> None:
    with _lock:
        sys.stdout.buffer.write(wire.line_of(report))
        sys.stdout.buffer.flush()


async def run() -> int:
    loop = asyncio.get_running_loop()
    reader = await instructions(wire.LINE_MAX_BYTES)
    line = await reader.readline()
    if not line:
        return 0
    begin = wire.decode_instruction(line)
    if not isinstance(begin, wire.Begin):
        log.error("the first instruction is not to begin")
        return 2
    feeder = Feeder(begin.url, _say)
    reading: asyncio.Future[None] = loop.create_future()
    threading.Thread(target=_read, args=(feeder, loop, reading), daemon=True).start()
    obeying = loop.create_task(_obey(reader, feeder))
    ending = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ending.set)
    stopped = loop.create_task(ending.wait())
    waiting: list[asyncio.Future[Any]] = [reading, obeying, stopped]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    if obeying.done() and not obeying.cancelled() and (error := obeying.exception()) is not None:
        log.error("the path was not kept", exc_info=error)
        return 1
    return 0


def _read(feeder: Feeder, loop: asyncio.AbstractEventLoop, done: asyncio.Future[None]) -> None:
    """The thread: whatever happens in it ends the process."""
    try:
        feeder.run()
    except Exception:
        log.exception("a source could not be read on")
    loop.call_soon_threadsafe(lambda: None if done.done() else done.set_result(None))


async def _obey(reader: asyncio.StreamReader, feeder: Feeder) -> None:
    """Until told to stop, the end of stdin, or the end of the path."""
    tending: asyncio.Task[None] | None = None
    reading = asyncio.ensure_future(reader.readline())
    while True:
        waiting: list[asyncio.Future[Any]] = [reading] if tending is None else [reading, tending]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if tending is not None and tending.done():
            tending.result()
            _say(wire.Failed("lost"))
            return
        if not (line := reading.result()):
            return
        instruction = wire.decode_instruction(line)
        if isinstance(instruction, wire.Stop):
            return
        if isinstance(instruction, wire.Connect) and tending is None:
            path = _Path(instruction)
            asyncio.get_running_loop().add_reader(path.socket, path.receive)
            feeder.connect(path.peer, path.socket)
            tending = asyncio.ensure_future(path.tend())
        reading = asyncio.ensure_future(reader.readline())


def main() -> int:
    log_beside_the_server()
    try:
        return asyncio.run(run())
    except msgspec.MsgspecError:
        log.exception("an instruction that is none")
        return 2


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # the thread that reads may sit in FFmpeg for seconds yet
