"""`python -m signaling.egress`: one egress process.  Instructions come by stdin, reports go by stdout (wire.py).

It lives by itself: when the server dies, stdin ends, and the film is closed in order.  When it dies, the server starts
another one, which goes on in a file of its own.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from typing import Final, assert_never

import msgspec
import structlog

from signaling.child import instructions, log_beside_the_server

from . import wire
from .recorder import Recorder
from .tap_socket import TapSocket, now_ms, unix_ms
from .wire import DELAY_MS

TEND_EVERY_S: Final = 0.02
PROGRESS_EVERY_S: Final = 1.0

log = structlog.get_logger("egress")


def _say(report: wire.Report) -> None:
    """A server that was killed hears nothing any more; its film is closed in order all the same."""
    try:
        sys.stdout.buffer.write(wire.line_of(report))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


async def run() -> int:
    reader = await instructions(wire.LINE_MAX_BYTES)
    line = await reader.readline()
    if not line:
        return 0  # it was there in case, and was not needed
    first = wire.decode_instruction(line)
    if not isinstance(first, wire.Begin):
        log.error("the first instruction is not to begin")
        return 2
    loop = asyncio.get_running_loop()
    socket = TapSocket()
    try:
        recorder = Recorder(first, socket.send, unix_ms(), _say)
    except OSError as error:
        log.error("the film cannot be written", cause=str(error))
        _say(wire.Failed("disk"))
        return 1
    socket.receiver = recorder
    ending = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ending.set)
    tasks = [loop.create_task(_tend(recorder)), loop.create_task(_obey(reader, recorder, socket, ending))]
    waiting = loop.create_task(ending.wait())
    try:
        done, _ = await asyncio.wait([*tasks, waiting], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        if not any(task in done for task in tasks[:1]):
            await asyncio.sleep(DELAY_MS / 1_000)  # what has just happened is still to be shown
    except OSError as error:
        log.error("the film cannot be written", cause=str(error))
        _say(wire.Failed("disk"))
        return 1
    finally:
        for task in [*tasks, waiting]:
            task.cancel()
        await asyncio.wait([*tasks, waiting])
        socket.close()
    _say(recorder.end())
    return 0


async def _tend(recorder: Recorder) -> None:
    begun = False
    progress_due = time.monotonic() + PROGRESS_EVERY_S
    while True:
        recorder.tend(now_ms(), unix_ms())
        if recorder.film(unix_ms()) and not begun:
            begun = True
            _say(wire.Started())
        if time.monotonic() >= progress_due:
            progress_due += PROGRESS_EVERY_S
            _say(recorder.progress(unix_ms(), time.process_time_ns() // 1_000_000))
        await asyncio.sleep(TEND_EVERY_S)


async def _obey(reader: asyncio.StreamReader, recorder: Recorder, socket: TapSocket, ending: asyncio.Event) -> None:
    while line := await reader.readline():
        try:
            instruction: wire.Instruction = wire.decode_instruction(line)
        except msgspec.MsgspecError:
            log.exception("an instruction that is none")
            continue
        match instruction:
            case wire.Connect():
                await socket.open(instruction.host, instruction.port)
                recorder.connect(instruction)
            case wire.Streams():
                recorder.follow(instruction.streams)
            case wire.Scene():
                recorder.show(instruction)
            case wire.Chapter():
                recorder.chapter(instruction.title, instruction.ago_ms)
            case wire.Pause():
                recorder.pause()
            case wire.Resume():
                recorder.resume(unix_ms())
            case wire.Stop():
                break
            case wire.Begin():
                log.error("told to begin twice")
            case _:
                assert_never(instruction)
    ending.set()


def main() -> int:
    log_beside_the_server()
    return asyncio.run(run())


if __name__ == "__main__":
    sys.exit(main())
