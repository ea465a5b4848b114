"""The null forwarder as a target: the same datagrams to the same receivers, no SRTP."""

from __future__ import annotations

import secrets
import subprocess
from pathlib import Path

from .load import Crowd, Publisher, Receiver
from .peer import Certificate, Peer, derive
from .sdp import PAYLOAD_TYPES, TRANSPORT_CC_ID


class NullForwarder:
    name = "null forwarder (GSO, no SRTP)"

    def __init__(self, folder: Path, address: str) -> None:
        self._address = address
        self._process = subprocess.Popen(
            [str(folder / "null_forwarder"), address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self._remote = (address, int(self._process.stdout.readline()))

    @property
    def pid(self) -> int:
        return self._process.pid

    def connect(self, certificate: Certificate, crowd: Crowd) -> tuple[list[Publisher], list[Receiver]]:
        # what is sent on is what came in, so everybody opens it with the one key that all publishers have
        keys = derive(crowd.profile, secrets.token_bytes(crowd.profile.master_bytes))
        payload_type = PAYLOAD_TYPES[crowd.kind]
        publishers = []
        for number in range(crowd.publishers):
            peer = Peer(certificate, self._address)
            peer.remote = self._remote
            publishers.append(Publisher(peer, keys, 0x1000 + number, payload_type, TRANSPORT_CC_ID))
        joined = []
        for _ in range(crowd.receivers):
            peer = Peer(certificate, self._address)
            peer.socket.sendto(b"R", self._remote)
            joined.append(Receiver(peer, keys, payload_type))
        return publishers, joined

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
