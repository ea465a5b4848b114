"""`python -m signaling.captions`: one process that listens to one room.  Instructions come by stdin, reports by stdout.

The engine works in a thread of its own while sound arrives; when it cannot keep up, sound is left out, nothing grows.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Final, assert_never

import msgspec
import structlog

from signaling.child import instructions, log_beside_the_server
from signaling.egress import wire as egress
from signaling.egress.tap_socket import TapSocket, now_ms, unix_ms

from . import wire
from .ear import Ear
from .model import Lack, find_model
from .recognizer import Recognizer

TEND_EVERY_S: Final = 0.02
LOAD_EVERY_S: Final = 1.0
NICENESS: Final = 5  # words may come late, media may not

log = structlog.get_logger("captions")


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
    reader = await instructions(egress.LINE_MAX_BYTES)
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
    loop = asyncio.get_running_loop()
    socket = TapSocket()
    ear = socket.receiver = Ear(socket.send)
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
        ear.tend(now_ms(), unix_ms())
        if time.monotonic() >= load_due:
            load_due += LOAD_EVERY_S
            _say(wire.Load(time.process_time_ns() // 1_000_000, ear.dropped_ms))
        await asyncio.sleep(TEND_EVERY_S)


async def _listen(ear: Ear, recognizer: Recognizer) -> None:
    while True:
        block = ear.take(unix_ms())
        if block is None:
            await asyncio.sleep(TEND_EVERY_S)
            continue
        for heard in await asyncio.to_thread(recognizer.feed, block.sound, block.begins_ms):
            _say(heard)


async def _obey(reader: asyncio.StreamReader, ear: Ear, socket: TapSocket) -> None:
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
    log_beside_the_server()
    os.nice(NICENESS)
    return asyncio.run(run())


if __name__ == "__main__":
    sys.exit(main())
