"""A peer of the media worker made of real parts: a UDP socket, aioice's STUN, libsrtp, aiortc's RTCP."""

from __future__ import annotations

import os
import secrets
import select
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from aioice import stun
from aiortc import rtp
from pylibsrtp import Policy, Session

from signaling.sfu import _sfu

PATIENCE_S: Final = 30.0

MID: Final = 1
AUDIO_LEVEL: Final = 2
TRANSPORT_CC: Final = 3
EXTENSIONS: Final = _sfu.Extensions(mid=MID, audio_level=AUDIO_LEVEL, transport_cc=TRANSPORT_CC)
DOWN_EXTENSIONS: Final = _sfu.Extensions(mid=4, audio_level=5)

TRANSPORT_FEEDBACK: Final = 15  # format of RTPFB

KEY_BYTES: Final = {
    _sfu.PROFILE_AEAD_AES_128_GCM: 28,
    _sfu.PROFILE_AEAD_AES_256_GCM: 44,
    _sfu.PROFILE_AES128_CM_SHA1_80: 30,
}
LIBSRTP_PROFILE: Final = {
    _sfu.PROFILE_AEAD_AES_128_GCM: Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    _sfu.PROFILE_AEAD_AES_256_GCM: Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
    _sfu.PROFILE_AES128_CM_SHA1_80: Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
}


@dataclass(frozen=True)
class Packet:
    """An RTP packet; `padding` counts bytes and includes the count byte."""

    ssrc: int
    sequence: int
    timestamp: int
    payload: bytes
    payload_type: int = 96
    marker: bool = False
    extensions: Mapping[int, bytes] = field(default_factory=dict)
    padding: int = 0

    def encode(self) -> bytes:
        elements = b"".join(bytes([(i << 4) | (len(v) - 1)]) + v for i, v in self.extensions.items())
        elements += bytes(-len(elements) % 4)
        first = 0x80 | (0x10 if elements else 0) | (0x20 if self.padding else 0)
        header = struct.pack(
            "!BBHII", first, self.marker << 7 | self.payload_type, self.sequence & 0xFFFF,
            self.timestamp & 0xFFFFFFFF, self.ssrc,
        )  # fmt: skip
        if elements:
            header += struct.pack("!HH", 0xBEDE, len(elements) // 4) + elements
        tail = bytes(self.padding - 1) + bytes([self.padding]) if self.padding else b""
        return header + self.payload + tail

    @classmethod
    def decode(cls, data: bytes) -> Self:
        parsed = rtp.RtpPacket.parse(data)
        extensions: dict[int, bytes] = {}
        if data[0] & 0x10:
            profile, words = struct.unpack_from("!HH", data, 12)
            extensions = dict(rtp.unpack_header_extensions(profile, data[16 : 16 + 4 * words]))
        return cls(
            ssrc=parsed.ssrc,
            sequence=parsed.sequence_number,
            timestamp=parsed.timestamp,
            payload=parsed.payload,
            payload_type=parsed.payload_type,
            marker=bool(parsed.marker),
            extensions=extensions,
            padding=parsed.padding_size,
        )


def wait_for(condition: Callable[[], Any], what: str = "condition", patience_s: float = PATIENCE_S) -> Any:
    """Poll until the condition is true; its value.  Waits on a selector so as to leave the processor to the worker."""
    deadline = time.monotonic() + patience_s
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        select.select([], [], [], 0.002)
    return value


class Events:
    """All that a worker told, kept in order."""

    def __init__(self, worker: _sfu.Worker) -> None:
        self._worker = worker
        self.seen: list[_sfu.Event] = []

    def all(self, kind: int, transport: int | None = None) -> list[_sfu.Event]:
        self.seen += self._worker.poll()
        return [e for e in self.seen if e.kind == kind and transport in (None, e.transport)]

    def wait(self, kind: int, transport: int | None = None, count: int = 1) -> list[_sfu.Event]:
        def enough() -> list[_sfu.Event]:
            found = self.all(kind, transport)
            return found if len(found) >= count else []

        found: list[_sfu.Event] = wait_for(enough, f"event {kind}")
        return found


class Peer:
    """One peer connection to a worker; `handle` is its transport there."""

    def __init__(
        self,
        worker: _sfu.Worker,
        *,
        profile: int = _sfu.PROFILE_AEAD_AES_128_GCM,
        host: str = "127.0.0.1",
        keyed: bool = True,
        connected: bool = True,
    ) -> None:
        self.worker = worker
        self.profile = profile
        self.ufrag = secrets.token_hex(4)
        self.password = secrets.token_hex(12)
        self.handle = worker.open_transport(self.ufrag.encode(), self.password.encode())
        self.server = (host, worker.port)
        self.socket = self.open_socket()
        self.rtp: list[Packet] = []
        self.rtcp: list[Any] = []
        self.feedback: list[bytes] = []
        self.other: list[bytes] = []
        if connected:
            self.check()
        if keyed:
            self.key()

    def open_socket(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.server[0] else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        sock.connect(self.server)
        return sock

    def close(self) -> None:
        self.socket.close()

    def move(self) -> None:
        """Continue from another port, as after a change of network."""
        self.socket.close()
        self.socket = self.open_socket()

    # STUN

    def request(self, *, nominate: bool = True, password: str = "", username: str = "") -> stun.Message:
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        message.attributes["USERNAME"] = username or f"{self.ufrag}:them"
        message.attributes["PRIORITY"] = 1845501695
        message.attributes["ICE-CONTROLLING"] = 1
        if nominate:
            message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity((password or self.password).encode())
        return message

    def check(self, *, nominate: bool = True) -> stun.Message:
        """A binding request and its answer."""
        request = self.request(nominate=nominate)
        self.socket.send(bytes(request))
        return self.answer(request)

    def answer(self, request: stun.Message) -> stun.Message:
        def arrived() -> stun.Message | None:
            self.receive()
            for data in self.other:
                if data[0] < 2 and data[8:20] == request.transaction_id:
                    message = stun.parse_message(data)
                    assert message.check_message_integrity(self.password.encode())
                    return message
            return None

        found: stun.Message = wait_for(arrived, "STUN answer")
        return found

    # SRTP

    def key(self) -> None:
        length = KEY_BYTES[self.profile]
        ours, theirs = os.urandom(length), os.urandom(length)
        self.worker.set_srtp(self.handle, self.profile, ours, theirs)
        self._protect = Session(self._policy(ours, Policy.SSRC_ANY_OUTBOUND))
        self._unprotect = Session(self._policy(theirs, Policy.SSRC_ANY_INBOUND))

    def _policy(self, key: bytes, direction: int) -> Policy:
        policy = Policy(key=key, ssrc_type=direction, srtp_profile=LIBSRTP_PROFILE[self.profile])
        policy.allow_repeat_tx = True
        policy.window_size = 1024
        return policy

    def protect(self, packet: Packet) -> bytes:
        protected: bytes = self._protect.protect(packet.encode())
        return protected

    def send(self, *packets: Packet) -> None:
        for packet in packets:
            self.socket.send(self.protect(packet))

    def send_as_it_is(self, *packets: bytes) -> None:
        """RTP packets of another source, in the clear."""
        for packet in packets:
            self.socket.send(self._protect.protect(packet))

    def send_rtcp(self, *packets: Any) -> None:
        self.socket.send(self._protect.protect_rtcp(b"".join(bytes(p) for p in packets)))

    # what came

    def datagrams(self) -> Iterator[bytes]:
        while select.select([self.socket], [], [], 0)[0]:
            try:
                yield self.socket.recv(65536)
            except ConnectionRefusedError:
                return

    def receive(self) -> None:
        """Sort what has arrived into rtp, rtcp and other."""
        for data in self.datagrams():
            if not 128 <= data[0] <= 191:
                self.other.append(data)
                continue
            try:
                if 192 <= data[1] <= 223:
                    self._receive_rtcp(self._unprotect.unprotect_rtcp(data))
                else:
                    self.rtp.append(Packet.decode(self._unprotect.unprotect(data)))
            except Exception as error:
                raise AssertionError(f"not decodable: {data[:20].hex()} ({len(data)} bytes)") from error

    def others(self) -> list[bytes]:
        """STUN and DTLS that came so far."""
        self.receive()
        return self.other

    def _receive_rtcp(self, data: bytes) -> None:
        if data[1] == rtp.RTCP_RTPFB and data[0] & 31 == TRANSPORT_FEEDBACK:
            self.feedback.append(data)  # aiortc does not know it
        else:
            self.rtcp += rtp.RtcpPacket.parse(data)

    def wait_rtp(self, count: int, ssrc: int | None = None) -> list[Packet]:
        def enough() -> list[Packet]:
            self.receive()
            found = [p for p in self.rtp if ssrc in (None, p.ssrc)]
            return found if len(found) >= count else []

        found: list[Packet] = wait_for(enough, f"{count} RTP packets")
        return found

    def wait_rtcp(self, wanted: Callable[[Any], bool]) -> Any:
        def arrived() -> Any:
            self.receive()
            return next((p for p in self.rtcp if wanted(p)), None)

        return wait_for(arrived, "RTCP")

    def round_trip(self) -> None:
        """When this returns, the worker has dealt with all that was sent before (one socket, one thread, in order)."""
        self.check(nominate=False)
        self.receive()
