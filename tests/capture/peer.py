"""A peer that a browser calls: it takes the call's packets as they are on the wire, opens them, and sends some back.

What the browser sent comes back to it under another SSRC, with every thirtieth packet left out; so it also reports,
asks for what is missing and asks for keyframes.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
from collections.abc import Callable

from aioice import stun
from OpenSSL import SSL

from tests.bench.peer import EXPORTER_LABEL, Certificate
from tests.soak.srtp import KEY_BYTES, SALT_BYTES, SrtpKeys, header_bytes

from .answer import Offer

DROP_EVERY = 30


class CapturingPeer:
    """`keep(kind, bytes)` gets every packet: stun, dtls, rtp, rtcp (the last two in the clear)."""

    def __init__(self, address: str, keep: Callable[[str, bytes], None]) -> None:
        self._keep = keep
        self._loop = asyncio.get_running_loop()
        self._certificate = Certificate()
        self.fingerprint = self._certificate.fingerprint
        self.ufrag, self.password = secrets.token_hex(4), secrets.token_hex(12)
        self.ssrcs = [secrets.randbits(31) + 1, secrets.randbits(31) + 1]
        self._offer: Offer | None = None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((address, 0))
        self._remote: tuple[str, int] | None = None
        self._dtls: SSL.Connection | None = None
        self._sending: SrtpKeys | None = None
        self._receiving: SrtpKeys | None = None
        self._index: dict[int, int] = {}  # SSRC -> extended sequence number
        self._back = [0x1000, 0x1000]
        self._main: dict[str, int] = {}  # kind -> the SSRC that is sent back
        self._loop.add_reader(self._socket, self._read)

    @property
    def host(self) -> tuple[str, int]:
        address, port = self._socket.getsockname()
        return str(address), int(port)

    def expect(self, offer: Offer) -> None:
        self._offer = offer

    def ask_for_keyframe(self, ssrc: int) -> None:
        """PLI (RFC 4585 6.3.1) behind an empty receiver report."""
        assert self._sending is not None
        assert self._remote is not None
        own = self.ssrcs[1]
        packet = struct.pack("!BBHI", 0x80, 201, 1, own) + struct.pack("!BBHII", 0x81, 206, 2, own, ssrc)
        self._socket.sendto(self._sending.protect_rtcp(packet), self._remote)

    def close(self) -> None:
        self._loop.remove_reader(self._socket)
        self._socket.close()

    # ------------------------------------------------------------ inside

    def _read(self) -> None:
        while True:
            try:
                data, remote = self._socket.recvfrom(4096)
            except OSError:
                return
            if data[0] < 2:
                self._keep("stun", data)
                self._answer_check(data, remote)
            elif 20 <= data[0] <= 63:
                self._keep("dtls", data)
                self._take_dtls(data)
            elif 128 <= data[0] <= 191 and self._receiving is not None:
                self._take_media(data)

    def _answer_check(self, data: bytes, remote: tuple[str, int]) -> None:
        request = stun.parse_message(data)
        if request.message_class is not stun.Class.REQUEST:
            return
        response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, transaction_id=request.transaction_id)
        response.attributes["XOR-MAPPED-ADDRESS"] = remote
        response.add_message_integrity(self.password.encode())
        self._socket.sendto(bytes(response), remote)
        self._remote = remote
        if self._dtls is None:
            self._dtls = SSL.Connection(self._certificate.context, None)
            self._dtls.set_connect_state()
            self._dtls.set_ciphertext_mtu(1200)
            self._shake_hands()

    def _take_dtls(self, data: bytes) -> None:
        if self._dtls is not None:
            self._dtls.bio_write(data)
            if self._sending is None:
                self._shake_hands()

    def _shake_hands(self) -> None:
        assert self._dtls is not None
        try:
            self._dtls.do_handshake()
        except SSL.WantReadError:
            self._flush()
            return
        self._flush()
        material = self._dtls.export_keying_material(EXPORTER_LABEL, 2 * (KEY_BYTES + SALT_BYTES))
        salts = material[2 * KEY_BYTES :]
        self._sending = SrtpKeys(material[:KEY_BYTES] + salts[:SALT_BYTES])
        self._receiving = SrtpKeys(material[KEY_BYTES : 2 * KEY_BYTES] + salts[SALT_BYTES:])

    def _flush(self) -> None:
        assert self._dtls is not None
        assert self._remote is not None
        while True:
            try:
                data = self._dtls.bio_read(65_536)
            except SSL.WantReadError:
                return
            while data:
                length = 13 + int.from_bytes(data[11:13], "big")
                self._socket.sendto(data[:length], self._remote)
                data = data[length:]

    def _take_media(self, data: bytes) -> None:
        assert self._receiving is not None
        if 192 <= data[1] <= 223:
            plain = self._receiving.unprotect_rtcp(data)
            if plain is not None:
                self._keep("rtcp", plain)
            return
        ssrc, sequence = int.from_bytes(data[8:12], "big"), data[2] << 8 | data[3]
        former = self._index.get(ssrc, sequence)
        index = former + ((sequence - former + 0x8000) & 0xFFFF) - 0x8000
        payload = self._receiving.unprotect(data, index)
        if payload is not None:
            self._index[ssrc] = max(index, former)
            packet = data[: header_bytes(data)] + payload
            self._keep("rtp", packet)
            self._send_back(packet)

    def _send_back(self, packet: bytes) -> None:
        assert self._offer is not None
        payload_type = packet[1] & 0x7F
        kind, codec = self._offer.kinds.get(payload_type, ""), self._offer.payload_types.get(payload_type, "")
        if not kind or codec == "rtx" or self._sending is None or self._remote is None:
            return
        ssrc = int.from_bytes(packet[8:12], "big")
        if self._main.setdefault(kind, ssrc) != ssrc:
            return  # one encoding is enough
        at = ("audio", "video").index(kind)
        self._back[at] += 1
        if self._back[at] % DROP_EVERY == 0:
            return
        length = header_bytes(packet)
        sequence = (self._back[at] & 0xFFFF).to_bytes(2, "big")
        header = packet[:2] + sequence + packet[4:8] + self.ssrcs[at].to_bytes(4, "big") + packet[12:length]
        self._socket.sendto(
            self._sending.protect(header, packet[length:], self.ssrcs[at], self._back[at]), self._remote
        )
