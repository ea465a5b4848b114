"""The media core alone as a target: a Worker in a child process with keys given, no HTTP, no DTLS, nobody's floor.

`python -m tests.bench.native_core` measures it beside the null forwarder in fifteen seconds: for work on the C code.
`--workers 2` spreads the receivers over several workers, which the tracks reach through pipes; `--room` lets the
publishers' microphones compete and gives the receivers the room's voices.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from aioice import stun

from . import forwarding, load, namespace, null, sdp
from .cases import Case
from .load import Crowd, Publisher, Receiver
from .peer import Certificate, Peer, Profile, derive

ROOT = Path(__file__).parents[2]
SSRC = 0x40001


class NativeCore:
    name = "Tongxin's media core alone"

    def __init__(self, address: str, workers: int = 1, room: bool = False) -> None:
        self._address = address
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.native_core", "--child", address, str(workers), str(int(room))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def _ask(self, body: dict[str, object]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(body) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def _peer(self, certificate: Certificate, crowd: Crowd, kind: str, number: int) -> tuple[Peer, bytes, bytes]:
        """A peer whose binding request was answered; its master keys towards and from the server."""
        peer = Peer(certificate, self._address)
        towards, away = (secrets.token_bytes(crowd.profile.master_bytes) for _ in range(2))
        ufrag, password = secrets.token_hex(4), secrets.token_hex(12)
        camera = kind == "publish" and number >= crowd.publishers
        body = {"do": kind, "kind": "video" if camera else crowd.kind, "number": number, "profile": crowd.profile.name}
        keys = {"in": towards.hex(), "out": away.hex()}
        peer.remote = (self._address, self._ask({**body, "ufrag": ufrag, "password": password, **keys})["port"])
        check = peer.request(ufrag, password)
        peer.socket.setblocking(True)
        peer.socket.sendto(bytes(check), peer.remote)
        assert stun.parse_message(peer.socket.recv(2048)).message_class == stun.Class.RESPONSE
        peer.socket.setblocking(False)
        return peer, towards, away

    def connect(self, certificate: Certificate, crowd: Crowd) -> tuple[list[Publisher], list[Receiver]]:
        publishers = []
        for number in range(crowd.publishers + crowd.cameras):
            peer, towards, _ = self._peer(certificate, crowd, "publish", number)
            keys = derive(crowd.profile, towards)
            payload_type = sdp.PAYLOAD_TYPES["video" if number >= crowd.publishers else crowd.kind]
            publishers.append(Publisher(peer, keys, SSRC + number, payload_type, sdp.TRANSPORT_CC_ID))
        payload_type = sdp.PAYLOAD_TYPES[crowd.kind]
        joined = []
        for number in range(crowd.receivers):
            peer, _, away = self._peer(certificate, crowd, "subscribe", number)
            joined.append(Receiver(peer, derive(crowd.profile, away), payload_type))
        return publishers, joined

    def time_calls(self, calls: int) -> list[int]:
        """Microseconds that each of so many control calls took, a millisecond apart, sorted."""
        took: list[int] = self._ask({"do": "time_calls", "calls": calls})["microseconds"]
        return took

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)


def _time_calls(call: Callable[[], object], calls: int) -> list[int]:
    took = []
    for _ in range(calls):
        time.sleep(0.001)
        began = time.perf_counter_ns()
        call()
        took.append((time.perf_counter_ns() - began) // 1_000)
    return sorted(took)


def child(address: str, workers: int, room: bool) -> None:
    """The server side: one JSON line per request; leaves when standard input closes."""
    from signaling.sfu import _sfu

    opened = [_sfu.Worker(address, 0) for _ in range(workers)]
    home = opened[0]
    pipes = {away: home.connect(away) for away in opened[1:]}
    room_handle = home.open_room() if room else 0
    extensions = _sfu.Extensions(mid=4, transport_cc=sdp.TRANSPORT_CC_ID)
    profiles = {"GCM": _sfu.PROFILE_AEAD_AES_128_GCM, "SHA1": _sfu.PROFILE_AES128_CM_SHA1_80}
    media = {"video": (_sfu.VIDEO, _sfu.CODEC_VP8, 90_000), "audio": (_sfu.AUDIO, _sfu.CODEC_OPUS, 48_000)}
    published: dict[int, str] = {}  # track -> kind
    shown: dict[int, str] = {}
    for line in sys.stdin:
        body = json.loads(line)
        if body["do"] == "time_calls":
            took = _time_calls(lambda: home.track_stats(next(iter(published))), body["calls"])
            print(json.dumps({"microseconds": took}), flush=True)
            continue
        publishes = body["do"] == "publish"
        worker = home if publishes else opened[body["number"] % workers]
        transport = worker.open_transport(body["ufrag"].encode(), body["password"].encode())
        worker.set_srtp(transport, profiles[body["profile"]], bytes.fromhex(body["in"]), bytes.fromhex(body["out"]))
        kind, codec, clock_rate = media[body["kind"]]
        payload_type = sdp.PAYLOAD_TYPES[body["kind"]]
        rtx = sdp.RTX_PAYLOAD_TYPE if kind == _sfu.VIDEO else 0
        if publishes:
            track = worker.add_track(
                transport, room_handle if kind == _sfu.AUDIO else 0, kind, codec, clock_rate, payload_type, rtx,
                SSRC + body["number"], 0, b"0", extensions,
            )  # fmt: skip
            published[track] = body["kind"]
        else:
            if not shown:
                shown = {track: name for track, name in published.items() if not room or name == "video"}
                shown |= dict.fromkeys(home.open_voices(room_handle), "audio") if room else {}
                for away, pipe in pipes.items():
                    for track in shown:
                        home.mirror(pipe, track, away, away.open_inner())
            for number, (track, name) in enumerate(shown.items()):
                rtx = sdp.RTX_PAYLOAD_TYPE if name == "video" else 0
                worker.add_subscription(
                    transport, track, 0x50000 + 2 * number, 0x50001 + 2 * number if rtx else 0,
                    sdp.PAYLOAD_TYPES[name], rtx,
                    str(number).encode(), extensions,
                )  # fmt: skip
        print(json.dumps({"port": worker.port}), flush=True)
    for worker in opened:
        worker.close()


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], int(sys.argv[3]), sys.argv[4] == "1")
        return
    parser = argparse.ArgumentParser(prog="python -m tests.bench.native_core", description=__doc__)
    parser.add_argument("--publishers", type=int, default=1)
    parser.add_argument("--receivers", type=int, default=40)
    parser.add_argument("--profile", choices=[profile.name for profile in Profile], default="GCM")
    parser.add_argument("--audio", action="store_true")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--room", action="store_true", help="only voices are heard; what is not counts as lost")
    parser.add_argument("--interval-ms", type=float, help="between two bursts, or two packets of sound")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--window-s", type=float, default=3.0)
    asked = parser.parse_args()
    shape = load.AUDIO if asked.audio else load.VIDEO
    if asked.interval_ms:
        shape = replace(shape, interval_us=int(asked.interval_ms * 1_000))
    crowd = load.Crowd(asked.publishers, asked.receivers, Profile[asked.profile], shape.kind)
    with tempfile.TemporaryDirectory() as name, namespace.enter() as address:
        folder = Path(name)
        load.compile_native(folder)
        makers: list[forwarding.Maker] = [
            lambda: contextlib.closing(null.NullForwarder(folder, address)),
            lambda: contextlib.closing(NativeCore(address, asked.workers, asked.room)),
        ]
        rows = forwarding.compare(makers, folder, Case(shape, crowd, asked.rounds, asked.window_s))
    for row in rows:
        lost = row.expected - row.received
        print(f"{row.name}: {row.median_us:.2f} us a packet, {lost} lost, {row.bad} of {row.checked} damaged")


if __name__ == "__main__":
    main()
