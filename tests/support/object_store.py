"""A server that speaks S3 (moto), in a process of its own, and a bucket in it."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from urllib.request import Request, urlopen

from tests.support.processes import Program

BUCKET = "files"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


class ObjectStoreServer:
    """`url` and `endpoint` are what TONGXIN_FILES_URL and TONGXIN_FILES_ENDPOINT take."""

    def __init__(self, folder: Path) -> None:
        self.url = f"s3://{BUCKET}/of-the-park"
        self._port = _free_port()
        self.endpoint = f"http://127.0.0.1:{self._port}"
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self._port)]
        self._program = Program(command, folder / "moto.log")
        self._program.wait_ready(self._answers)
        with urlopen(Request(f"{self.endpoint}/{BUCKET}", method="PUT"), timeout=10):
            pass

    def stop(self) -> None:
        self._program.stop()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1):
                return True
        except OSError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
