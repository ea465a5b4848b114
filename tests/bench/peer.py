"""A WebRTC peer reduced to what a load client needs: one UDP socket taken through ICE and DTLS, then handed to load.c.

It is a full ICE agent of the controlling kind in the smallest form (one check with USE-CANDIDATE, RFC 8445 8.1.1) and a
DTLS client (RFC 5764) on pyOpenSSL, the library that aiortc uses.  It offers one SRTP profile, so what is measured is
certain.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import secrets
import select
import socket
import time
from dataclasses import dataclass

from aioice import stun
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

EXPORTER_LABEL = b"EXTRACTOR-dtls_srtp"  # RFC 5764 4.2
KEY_BYTES = 16
AUTHENTICATION_KEY_BYTES = 20
SO_RCVBUFFORCE = 33  # socket(7); Python has no name for it
RECEIVE_BUFFER_BYTES = 4 << 20


class Profile(enum.Enum):
    """An SRTP protection profile; the value is OpenSSL's name for it."""

    GCM = "SRTP_AEAD_AES_128_GCM"
    SHA1 = "SRTP_AES128_CM_SHA1_80"

    @property
    def title(self) -> str:
        return self.value.removeprefix("SRTP_")

    @property
    def salt_bytes(self) -> int:
        return 12 if self is Profile.GCM else 14

    @property
    def master_bytes(self) -> int:
        return KEY_BYTES + self.salt_bytes


@dataclass(frozen=True)
class SessionKeys:
    """Session keys and salt of one direction, as srtp.c of the load client takes them."""

    text: str


def derive(profile: Profile, master: bytes) -> SessionKeys:
    """RFC 3711 4.3 with the key derivation rate 0; the 12-byte GCM salt is padded to 14 bytes (RFC 7714 11)."""

    def stream(label: int, length: int) -> str:
        iv = bytearray(master[KEY_BYTES:].ljust(14, b"\0") + b"\0\0")
        iv[7] ^= label
        encryptor = Cipher(algorithms.AES(master[:KEY_BYTES]), modes.CTR(bytes(iv))).encryptor()
        return encryptor.update(bytes(length)).hex()

    keys = f"{stream(0, KEY_BYTES)}/{stream(2, profile.salt_bytes)}"
    if profile is Profile.GCM:
        return SessionKeys(f"gcm/{keys}")
    return SessionKeys(f"sha1/{keys}/{stream(1, AUTHENTICATION_KEY_BYTES)}")


class Certificate:
    """One self-signed ECDSA certificate, and the one SRTP profile offered, for all peers of a run."""

    def __init__(self, profile: Profile = Profile.GCM) -> None:
        self.profile = profile
        self.peers: list[Peer] = []  # all that use it
        self.key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "load")])
        start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + dt.timedelta(days=36_500))
            .sign(self.key, hashes.SHA256())
        )
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        self.fingerprint = ":".join(f"{byte:02X}" for byte in hashlib.sha256(der).digest())
        self.context = SSL.Context(SSL.DTLS_METHOD)
        self.context.use_certificate(self.certificate)
        self.context.use_privatekey(self.key)
        self.context.set_verify(SSL.VERIFY_PEER, lambda *_: True)
        self.context.set_tlsext_use_srtp(profile.value.encode())


class Peer:
    """One socket.  `connect` returns the keys; the socket is then read by load.c alone."""

    def __init__(self, certificate: Certificate, address: str) -> None:
        self._certificate = certificate
        certificate.peers.append(self)
        self.ufrag = secrets.token_hex(4)
        self.password = secrets.token_hex(12)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # beyond the system's limit: the bench is root, and what the client has no room for is not the server's loss
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES)
        self.socket.bind((address, 0))
        self.socket.setblocking(False)
        self.remote: tuple[str, int] = ("", 0)
        self._agreed = b""  # the check that was answered
        self._flight: list[bytes] = []  # DTLS datagrams sent last

    def close(self) -> None:
        self.socket.close()

    def refresh(self) -> None:
        """Consent (RFC 7675): without it a server drops who has been silent for 30 s."""
        if self._agreed:
            self.socket.sendto(self._agreed, self.remote)

    def connect(
        self, remote: tuple[str, int], ufrag: str, password: str, timeout_s: float = 10.0
    ) -> tuple[SessionKeys, SessionKeys]:
        """ICE check, then the DTLS handshake as client.  Returns (send, receive) keys; TimeoutError when it stalls."""
        self.remote = remote
        end = time.monotonic() + timeout_s
        check = self.request(ufrag, password)
        self._check(check, end)
        return self._handshake(check, end)

    def _receive(self, end: float, wait_s: float) -> bytes | None:
        if time.monotonic() > end:
            raise TimeoutError(f"no answer from {self.remote}")
        waiting = select.poll()  # select takes no descriptor above 1,023
        waiting.register(self.socket, select.POLLIN)
        if not waiting.poll(wait_s * 1e3):
            return None
        data = self.socket.recv(2048)
        if data[0] == 0 and data[1] == 1:  # a full agent at the other end checks us too
            self._answer_check(data)
        return data

    def _answer_check(self, data: bytes) -> None:
        request = stun.parse_message(data)
        response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, transaction_id=request.transaction_id)
        response.attributes["XOR-MAPPED-ADDRESS"] = self.remote
        response.add_message_integrity(self.password.encode())
        self.socket.sendto(bytes(response), self.remote)

    def request(self, ufrag: str, password: str) -> stun.Message:
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{ufrag}:{self.ufrag}"
        request.attributes["PRIORITY"] = 1_853_817_087
        request.attributes["ICE-CONTROLLING"] = secrets.randbits(64)
        request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(password.encode())
        return request

    def _check(self, request: stun.Message, end: float) -> None:
        while True:
            self.socket.sendto(bytes(request), self.remote)
            while (data := self._receive(end, 0.2)) is not None:
                if data[0] < 2 and data[8:20] == request.transaction_id:
                    self._agreed = bytes(request)
                    return

    def _handshake(self, check: stun.Message, end: float) -> tuple[SessionKeys, SessionKeys]:
        connection = SSL.Connection(self._certificate.context, None)
        connection.set_connect_state()
        connection.set_ciphertext_mtu(1200)
        while True:
            try:
                connection.do_handshake()
                done = True
            except SSL.WantReadError:
                done = False
            self._flush(connection)
            if done:
                break
            data = self._receive(end, 0.02)
            if data is None:
                # A server that had not heard of us when the first check came needs another, and has dropped our first
                # flight: OpenSSL would wait a second before it sends that again.
                self.socket.sendto(bytes(check), self.remote)
                for datagram in self._flight:
                    self.socket.sendto(datagram, self.remote)
                connection.DTLSv1_handle_timeout()
                self._flush(connection)
            elif 20 <= data[0] <= 63:
                connection.bio_write(data)
        profile = self._certificate.profile
        salt = profile.salt_bytes
        material = connection.export_keying_material(EXPORTER_LABEL, 2 * profile.master_bytes)
        ours, theirs = material[:KEY_BYTES], material[KEY_BYTES : 2 * KEY_BYTES]
        salts = material[2 * KEY_BYTES :]
        return derive(profile, ours + salts[:salt]), derive(profile, theirs + salts[salt:])

    def _flush(self, connection: SSL.Connection) -> None:
        datagrams = []
        while True:
            try:
                data = connection.bio_read(65_536)
            except SSL.WantReadError:
                break
            # one record or several in the buffer: split them so that no datagram exceeds the path
            while data:
                length = 13 + int.from_bytes(data[11:13], "big")
                datagrams.append(data[:length])
                data = data[length:]
        for datagram in datagrams:
            self.socket.sendto(datagram, self.remote)
        self._flight = datagrams or self._flight
