"""The null forwarder as a target: the same datagrams to the same receivers, no SRTP."""

from __future__ import annotations

import secrets
import subprocess
from pathlib import Path

from .load import Publisher, Receiver
from .peer import Certificate, Peer, SessionKeys


class NullForwarder:
    name = "null forwarder (GSO, no SRTP)"

    def __init__(self, folder: Path, address: str, receivers: int) -> None:
        self._address = address
        self._process = subprocess.Popen(
            [str(folder / "null_forwarder"), address, str(receivers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self._remote = (address, int(self._process.stdout.readline()))
        # what is sent on is what came in, so everybody opens it with the publisher's keys
        self._keys = SessionKeys(secrets.token_hex(16), secrets.token_hex(12))

    @property
    def pid(self) -> int:
        return self._process.pid

    def connect(self, certificate: Certificate, receivers: int) -> tuple[Publisher, list[Receiver]]:
        publisher = Peer(certificate, self._address)
        publisher.remote = self._remote
        joined = []
        for _ in range(receivers):
            peer = Peer(certificate, self._address)
            peer.socket.sendto(b"R", self._remote)
            joined.append(Receiver(peer, self._keys))
        return Publisher(publisher, self._keys, 0x1000, 96, 3), joined

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
