"""The media core alone as a target: a Worker in a child process with keys given, no HTTP, no DTLS, no room.

`python -m tests.bench.native_core` measures it beside the null forwarder in some ten seconds: for work on the C code.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from aioice import stun

from . import forwarding, load, namespace, null, sdp
from .load import Publisher, Receiver
from .peer import KEY_BYTES, SALT_BYTES, Certificate, Peer, derive

ROOT = Path(__file__).parents[2]
SSRC = 0x40001


class NativeCore:
    name = "Tongxin's media core alone"

    def __init__(self, address: str) -> None:
        self._address = address
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.native_core", "--child", address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self._remote = (address, self._ask({})["port"])

    @property
    def pid(self) -> int:
        return self._process.pid

    def _ask(self, body: dict[str, object]) -> dict[str, int]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(body) + "\n")
        self._process.stdin.flush()
        reply: dict[str, int] = json.loads(self._process.stdout.readline())
        return reply

    def _peer(self, certificate: Certificate, kind: str) -> tuple[Peer, bytes, bytes]:
        """A peer whose binding request was answered; its master keys towards and from the server."""
        peer = Peer(certificate, self._address)
        towards, away = secrets.token_bytes(KEY_BYTES + SALT_BYTES), secrets.token_bytes(KEY_BYTES + SALT_BYTES)
        ufrag, password = secrets.token_hex(4), secrets.token_hex(12)
        self._ask({"kind": kind, "ufrag": ufrag, "password": password, "in": towards.hex(), "out": away.hex()})
        peer.remote = self._remote
        check = peer.request(ufrag, password)
        peer.socket.setblocking(True)
        peer.socket.sendto(bytes(check), self._remote)
        assert stun.parse_message(peer.socket.recv(2048)).message_class == stun.Class.RESPONSE
        peer.socket.setblocking(False)
        return peer, towards, away

    def connect(self, certificate: Certificate, receivers: int) -> tuple[Publisher, list[Receiver]]:
        peer, towards, _ = self._peer(certificate, "publish")
        keys = derive(towards[:KEY_BYTES], towards[KEY_BYTES:])
        publisher = Publisher(peer, keys, SSRC, sdp.PAYLOAD_TYPE, sdp.TRANSPORT_CC_ID)
        joined = []
        for _ in range(receivers):
            peer, _, away = self._peer(certificate, "subscribe")
            joined.append(Receiver(peer, derive(away[:KEY_BYTES], away[KEY_BYTES:])))
        return publisher, joined

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)


def child(address: str) -> None:
    """The server side: one JSON line per request; leaves when standard input closes."""
    from signaling.sfu import _sfu

    worker = _sfu.Worker(address, 0)
    room = worker.open_room()
    extensions = _sfu.Extensions(mid=4, transport_cc=sdp.TRANSPORT_CC_ID)
    track = 0
    for number, line in enumerate(sys.stdin):
        body = json.loads(line)
        if body:
            transport = worker.open_transport(body["ufrag"].encode(), body["password"].encode())
            worker.set_srtp(
                transport, _sfu.PROFILE_AEAD_AES_128_GCM, bytes.fromhex(body["in"]), bytes.fromhex(body["out"])
            )
            if body["kind"] == "publish":
                track = worker.add_track(
                    transport, room, _sfu.VIDEO, _sfu.CODEC_VP8, 90_000, sdp.PAYLOAD_TYPE, sdp.RTX_PAYLOAD_TYPE,
                    SSRC, 0, b"0", extensions,
                )  # fmt: skip
            else:
                worker.add_subscription(
                    transport, track, 0x50000 + 2 * number, 0x50001 + 2 * number, sdp.PAYLOAD_TYPE,
                    sdp.RTX_PAYLOAD_TYPE, b"0", extensions,
                )  # fmt: skip
        print(json.dumps({"port": worker.port}), flush=True)
    worker.close()


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2])
        return
    receivers = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with tempfile.TemporaryDirectory() as name, namespace.enter() as address:
        folder = Path(name)
        load.compile_native(folder)
        rows = forwarding.compare(
            [lambda: null.NullForwarder(folder, address, receivers), lambda: NativeCore(address)],
            folder,
            load.Shape(),
            receivers,
            window_s=3.0,
            rounds=2,
        )
    for row in rows:
        lost = row.expected - row.received
        print(f"{row.name}: {row.median_us:.2f} us a packet, {lost} lost, {row.bad} of {row.checked} damaged")


if __name__ == "__main__":
    main()
