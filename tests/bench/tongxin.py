"""Our own server as a target: `tongxin serve` as a process, peers by WHIP and WHEP, every feature switched on."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import sdp, web
from .load import Crowd, Publisher, Receiver
from .peer import Certificate, Peer

HTTP_PORT = 8480
INGESTS_PER_TOKEN = 8  # what the server allows, signaling/streams.py
VIEWERS_PER_TOKEN = 500
JOINS_AT_ONCE = 4
JOIN_PATIENCE_S = 60.0
SSRC = 0x30001
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Resource:
    """A WHIP or WHEP resource: what the POST answered."""

    location: str
    sdp: str
    token: str


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
        self._tokens: list[str] = []
        self._resources: list[Resource] = []
        self._token_lock = threading.Lock()

    @property
    def token(self) -> str:
        return self._token(0)

    def _token(self, number: int) -> str:
        with self._token_lock:
            while len(self._tokens) <= number:
                words = self._command("admin", "token", "--room", self._room, "--publish", "--subscribe")
                self._tokens.append(words.split()[-1])
            return self._tokens[number]

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

    def post(self, kind: str, offer: str, number: int = 0) -> Resource:
        """POST to /whip or /whep of the room, as the `number`th of its kind; RefusedError with the server's words."""
        token = self._token(number // (INGESTS_PER_TOKEN if kind == "whip" else VIEWERS_PER_TOKEN))
        headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {token}"}
        end = time.monotonic() + JOIN_PATIENCE_S
        while True:
            try:
                reply = web.ask(self.host, "POST", f"/{kind}/{self._room}", offer.encode(), headers)
            except web.RefusedError as refused:
                if refused.status != 429 or time.monotonic() > end:
                    raise
                time.sleep(0.5)  # one address asks for hundreds: the door lets in so many a second
            else:
                resource = Resource(reply.headers["location"], reply.body.decode(), token)
                self._resources.append(resource)
                return resource

    def leave(self) -> None:
        """Everybody who came leaves."""
        gone, self._resources = self._resources, []

        def delete(resource: Resource) -> None:
            headers = {"Authorization": f"Bearer {resource.token}"}
            with contextlib.suppress(web.RefusedError):  # a session that has ended by itself
                web.ask(self.host, "DELETE", resource.location, b"", headers)

        with ThreadPoolExecutor(JOINS_AT_ONCE) as pool:
            list(pool.map(delete, gone))

    def publish(self, certificate: Certificate, kind: str = "video", number: int = 0) -> Publisher:
        peer = Peer(certificate, self._address)
        ssrc = SSRC + number
        offer = sdp.describe(peer, certificate.fingerprint, direction="sendonly", setup="actpass", kind=kind, ssrc=ssrc)
        remote = sdp.read_remote(self.post("whip", offer, number).sdp, self._address)
        sending, _ = peer.connect(remote.address, remote.ufrag, remote.password)
        return Publisher(peer, sending, ssrc, sdp.PAYLOAD_TYPES[kind], sdp.TRANSPORT_CC_ID)

    def subscribe(self, certificate: Certificate, kind: str = "video", sections: int = 1, number: int = 0) -> Receiver:
        peer = Peer(certificate, self._address)
        mids = [str(mid) for mid in range(sections)]
        offer = sdp.describe(peer, certificate.fingerprint, direction="recvonly", setup="actpass", kind=kind, mids=mids)
        remote = sdp.read_remote(self.post("whep", offer, number).sdp, self._address)
        _, receiving = peer.connect(remote.address, remote.ufrag, remote.password)
        return Receiver(peer, receiving, sdp.PAYLOAD_TYPES[kind])

    def connect(self, certificate: Certificate, crowd: Crowd) -> tuple[list[Publisher], list[Receiver]]:
        publishers = [self.publish(certificate, crowd.kind, number) for number in range(crowd.publishers)]

        def join(number: int) -> Receiver:
            return self.subscribe(certificate, crowd.kind, crowd.publishers, number)

        with ThreadPoolExecutor(JOINS_AT_ONCE) as pool:
            return publishers, list(pool.map(join, range(crowd.receivers)))

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=10)
        self._log.close()
