"""`python -m signaling.captions`: one process that listens to one room.  Instructions come by stdin, reports by stdout.

The engine works in a thread of its own while sound arrives; when it cannot keep up, sound is left out, nothing grows.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from pathlib import Path
from typing import Final, assert_never, cast

import msgspec
import structlog

from signaling.egress import wire as egress

from . import wire
from .ear import Ear
from .model import Lack, find_model
from .recognizer import Recognizer

TEND_EVERY_S: Final = 0.02
LOAD_EVERY_S: Final = 1.0
NICENESS: Final = 5  # words may come late, media may not

log = structlog.get_logger("captions")


class _Socket(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.ear: Ear | None = None
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        if self.ear is not None:
            self.ear.receive(data, _now_ms(), _unix_ms())

    async def open(self, host: str, port: int) -> None:
        """To this address from now on, from a port of its own."""
        self.close()
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, remote_addr=(host, port))

    def send(self, datagram: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(datagram)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def _unix_ms() -> float:
    return time.time_ns() / 1_000_000


def _say(report: wire.Report) -> None:
    sys.stdout.buffer.write(wire.line_of(report))
    sys.stdout.buffer.flush()


def _recognizer(folder: str) -> Recognizer:
    """Raises ValueError with what is wrong."""
    model = find_model(Path(folder))
    if isinstance(model, Lack):
        raise ValueError(model)
    return Recognizer(model)


async def run() -> int:
    reader = asyncio.StreamReader(limit=egress.LINE_MAX_BYTES)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    line = await reader.readline()
    if not line:
        return 0
    first = wire.decode_instruction(line)
    if not isinstance(first, wire.Begin):
        log.error("the first instruction is not to begin")
        return 2
    try:
        recognizer = await asyncio.to_thread(_recognizer, first.model)
    except (ValueError, RuntimeError) as error:
        _say(wire.Failed(str(error)[:200]))
        return 1
    _say(wire.Ready())
    socket = _Socket()
    ear = socket.ear = Ear(socket.send)
    tasks = [
        loop.create_task(_obey(reader, ear, socket)),
        loop.create_task(_tend(ear)),
        loop.create_task(_listen(ear, recognizer)),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        socket.close()
    for heard in await asyncio.to_thread(recognizer.rest):
        _say(heard)
    return 0


async def _tend(ear: Ear) -> None:
    load_due = time.monotonic() + LOAD_EVERY_S
    while True:
        ear.tend(_now_ms(), _unix_ms())
        if time.monotonic() >= load_due:
            load_due += LOAD_EVERY_S
            _say(wire.Load(time.process_time_ns() // 1_000_000, ear.dropped_ms))
        await asyncio.sleep(TEND_EVERY_S)


async def _listen(ear: Ear, recognizer: Recognizer) -> None:
    while True:
        block = ear.take(_unix_ms())
        if block is None:
            await asyncio.sleep(TEND_EVERY_S)
            continue
        for heard in await asyncio.to_thread(recognizer.feed, block.sound, block.begins_ms):
            _say(heard)


async def _obey(reader: asyncio.StreamReader, ear: Ear, socket: _Socket) -> None:
    while line := await reader.readline():
        try:
            instruction: wire.Instruction = wire.decode_instruction(line)
        except msgspec.MsgspecError:
            log.exception("an instruction that is none")
            continue
        match instruction:
            case egress.Connect():
                await socket.open(instruction.host, instruction.port)
                ear.connect(instruction)
            case egress.Streams():
                ear.follow(instruction.streams)
            case egress.Stop():
                return
            case wire.Begin():
                log.error("told to begin twice")
            case _:
                assert_never(instruction)


def main() -> int:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    os.nice(NICENESS)
    return asyncio.run(run())


if __name__ == "__main__":
    sys.exit(main())
