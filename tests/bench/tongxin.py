"""Our own server as a target: `tongxin serve` as a process, peers by WHIP and WHEP, every feature switched on."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from . import sdp, web
from .load import Publisher, Receiver
from .peer import Certificate, Peer

HTTP_PORT = 8480
SSRC = 0x30001
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Resource:
    """A WHIP or WHEP resource: what the POST answered."""

    location: str
    sdp: str


class Tongxin:
    name = "Tongxin"

    def __init__(self, folder: Path, address: str, room: str = "bench") -> None:
        folder.mkdir(parents=True)
        self._address = address
        self._room = room
        self._environment = {
            **os.environ,
            "TONGXIN_HTTP_HOST": address,
            "TONGXIN_HTTP_PORT": str(HTTP_PORT),
            "TONGXIN_MEDIA_PORT": str(HTTP_PORT),
            "TONGXIN_PUBLIC_ADDRESS": address,
            "TONGXIN_DATA_DIR": str(folder / "data"),
            "TONGXIN_LOG_LEVEL": "warning",
        }
        for name in ("DATABASE_URL", "REDIS_URL"):
            self._environment.pop(name, None)
        self.host = (address, HTTP_PORT)
        self._log = (folder / "serve.log").open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "collab.cli", "serve"],
            cwd=ROOT,
            env=self._environment,
            stdout=self._log,
            stderr=self._log,
        )
        self._wait_until_up()
        self.token = self._command("admin", "token", "--room", room, "--publish", "--subscribe").split()[-1]

    @property
    def pid(self) -> int:
        return self._process.pid

    def _command(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "collab.cli", *words],
            cwd=ROOT,
            env=self._environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def _wait_until_up(self, timeout_s: float = 30.0) -> None:
        end = time.monotonic() + timeout_s
        while True:
            with contextlib.suppress(ConnectionError, web.RefusedError):
                web.ask(self.host, "GET", "/readyz")
                return
            if time.monotonic() > end or self._process.poll() is not None:
                raise TimeoutError(f"the server did not start: see {self._log.name}")
            time.sleep(0.05)

    def post(self, kind: str, offer: str) -> Resource:
        """POST to /whip or /whep of the room; RefusedError with the server's words."""
        headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {self.token}"}
        reply = web.ask(self.host, "POST", f"/{kind}/{self._room}", offer.encode(), headers)
        return Resource(reply.headers["location"], reply.body.decode())

    def publish(self, certificate: Certificate) -> Publisher:
        peer = Peer(certificate, self._address)
        offer = sdp.describe(peer, certificate.fingerprint, direction="sendonly", setup="actpass", ssrc=SSRC)
        remote = sdp.read_remote(self.post("whip", offer).sdp, self._address)
        sending, _ = peer.connect(remote.address, remote.ufrag, remote.password)
        return Publisher(peer, sending, SSRC, sdp.PAYLOAD_TYPE, sdp.TRANSPORT_CC_ID)

    def subscribe(self, certificate: Certificate) -> Receiver:
        peer = Peer(certificate, self._address)
        offer = sdp.describe(peer, certificate.fingerprint, direction="recvonly", setup="actpass")
        remote = sdp.read_remote(self.post("whep", offer).sdp, self._address)
        _, receiving = peer.connect(remote.address, remote.ufrag, remote.password)
        return Receiver(peer, receiving)

    def connect(self, certificate: Certificate, receivers: int) -> tuple[Publisher, list[Receiver]]:
        return self.publish(certificate), [self.subscribe(certificate) for _ in range(receivers)]

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=10)
        self._log.close()
