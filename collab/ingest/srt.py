"""SRT: for each key a port of its own with a listener, which is Debian's ffmpeg, kept alive.

A listener takes one encoder at a time: while one sends nobody else can connect, and without the passphrase nobody ever
does (SRT encrypts with it, and refuses the handshake).  What arrives goes through a pipe to an ingest process, which is
started with the first bytes, so that a key that nobody uses costs a sleeping ffmpeg and no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import struct
import termios
from collections.abc import Sequence
from typing import Final

import structlog

from collab.sealing import Sealer, Unsealable
from rooms.ports import Refused
from rooms.tasks import TaskOwner

from .arrivals import Arrivals
from .models import StreamKey
from .repository import Encoder, StreamKeyRepository

LOOK_EVERY_S: Final = 30.0  # for keys that another node has made or revoked
AGAIN_AFTER_S: Final = 1.0
AGAIN_MAX_S: Final = 30.0
LATENCY_US: Final = 120_000
_READ: Final = ("-v", "error", "-probesize", "500000", "-analyzeduration", "1000000", "-fflags", "nobuffer")
_SCRIPT: Final = ("-f", "concat", "-safe", "0", "-protocol_whitelist", "pipe,srt,udp,file", "-i", "pipe:0")
_WRITE: Final = ("-map", "0:v?", "-map", "0:a?", "-c", "copy", "-muxdelay", "0", "-flush_packets", "1")

log = structlog.get_logger("ingest")


class SrtListeners:
    """`run` is its life, in a task of the owner's."""

    def __init__(self, keys: StreamKeyRepository, arrivals: Arrivals, sealer: Sealer) -> None:
        self._keys = keys
        self._arrivals = arrivals
        self._sealer = sealer
        self._listening: dict[str, tuple[StreamKey, asyncio.Task[None]]] = {}
        self._changed = asyncio.Event()
        self._tasks = TaskOwner()

    def changed(self) -> None:
        """Keys were made, renewed or revoked."""
        self._changed.set()

    async def run(self) -> None:
        ffmpeg = await asyncio.to_thread(shutil.which, "ffmpeg")
        setpriv = await asyncio.to_thread(shutil.which, "setpriv")
        if ffmpeg is None or setpriv is None:
            log.error("no SRT: ffmpeg and setpriv are needed", ffmpeg=ffmpeg, setpriv=setpriv)
            return
        # It dies with us: a listener that was left over would keep the port.
        command = (setpriv, "--pdeathsig", "KILL", ffmpeg)
        try:
            while True:
                self._changed.clear()
                await self._look(command)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), LOOK_EVERY_S)
        finally:
            await self._tasks.close()

    async def _look(self, command: Sequence[str]) -> None:
        try:
            wanted = {encoder.key.id: encoder for encoder in await self._keys.srt_keys()}
        except Exception:
            log.exception("the keys for SRT could not be read")
            return
        for key_id, (key, task) in list(self._listening.items()):
            now = wanted.get(key_id)
            if task.done() or now is None or (now.key.turn, now.key.srt_port) != (key.turn, key.srt_port):
                task.cancel()
                del self._listening[key_id]
        for key_id, encoder in wanted.items():
            if key_id not in self._listening:
                task = self._tasks.start(self._listen(encoder, command), f"srt {encoder.key.srt_port}")
                self._listening[key_id] = (encoder.key, task)

    async def _listen(self, encoder: Encoder, command: Sequence[str]) -> None:
        key, pause_s = encoder.key, AGAIN_AFTER_S
        try:
            passphrase = self._sealer.open(key.srt_passphrase, key.id)
        except Unsealable:
            log.error("the passphrase of a key cannot be read: renew the key", key=key.id)
            return
        url = f"srt://0.0.0.0:{key.srt_port}?mode=listener&passphrase={passphrase}&pbkeylen=16&rcvlatency={LATENCY_US}"
        script = f"ffconcat version 1.0\nfile '{url}'\n".encode()  # by a pipe: arguments can be seen by everybody here
        while True:
            came = await self._take(encoder, command, script)
            pause_s = AGAIN_AFTER_S if came else min(pause_s * 2, AGAIN_MAX_S)
            await asyncio.sleep(pause_s)

    async def _take(self, encoder: Encoder, command: Sequence[str], script: bytes) -> bool:
        """One encoder, from its first byte to its last; whether one came."""
        read, write = os.pipe()
        process: asyncio.subprocess.Process | None = None
        try:
            try:
                process = await asyncio.create_subprocess_exec(
                    *(*command, *_READ, *_SCRIPT, *_WRITE, "-f", "mpegts", "pipe:1"),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=write,
                    stderr=asyncio.subprocess.DEVNULL,
                    start_new_session=True,
                )
            finally:
                os.close(write)
            if process.stdin is not None:
                process.stdin.write(script)
                process.stdin.close()
            if not await _something(read):
                log.warning("an SRT listener ended by itself", port=encoder.key.srt_port)
                return False
            admission = await self._arrivals.admit(encoder, "")
            if isinstance(admission, Refused):
                log.info("srt_refused", key=encoder.key.id, code=admission.code)
                return True
            log.info("srt_accepted", key=encoder.key.id, livestream=encoder.livestream.id)
            await self._arrivals.carry(encoder.key.digest, admission, read)
            return True
        finally:
            os.close(read)
            if process is not None:
                if process.returncode is None:
                    process.kill()
                await process.wait()


async def _something(read: int) -> bool:
    """Whether bytes come; False when their writer ends before."""
    loop = asyncio.get_running_loop()
    readable = loop.create_future()
    loop.add_reader(read, lambda: None if readable.done() else readable.set_result(None))
    try:
        await readable
    finally:
        loop.remove_reader(read)
    return _pending_bytes(read) > 0  # a pipe whose writer has gone is readable too


def _pending_bytes(read: int) -> int:
    return int(struct.unpack("i", fcntl.ioctl(read, termios.FIONREAD, b"\0\0\0\0"))[0])
