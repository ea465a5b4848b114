"""A TURN client that says what a test wants it to say, and returns what the relay answered (RFC 8489, RFC 8656).

Its socket stands in a network namespace while the test itself stays where it is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import secrets
import socket
import struct
from dataclasses import dataclass
from enum import IntEnum

from tests.support.inside import inside

COOKIE = 0x2112_A442  # RFC 8489 5
HEADER = struct.Struct("!HHI12s")
TIMEOUT_S = 5.0
TRIES = 3
UDP, TCP = 17, 6  # REQUESTED-TRANSPORT, IANA protocol numbers
FAMILY = {4: 1, 6: 2}  # RFC 8489 14.1

Peer = ipaddress.IPv4Address | ipaddress.IPv6Address


class Method(IntEnum):
    ALLOCATE = 0x003
    CREATE_PERMISSION = 0x008
    CHANNEL_BIND = 0x009


class Attribute(IntEnum):
    USERNAME = 0x0006
    MESSAGE_INTEGRITY = 0x0008
    ERROR_CODE = 0x0009
    CHANNEL_NUMBER = 0x000C
    XOR_PEER_ADDRESS = 0x0012
    REALM = 0x0014
    NONCE = 0x0015
    REQUESTED_ADDRESS_FAMILY = 0x0017
    REQUESTED_TRANSPORT = 0x0019


@dataclass(frozen=True)
class Credential:
    username: str
    password: str


def rest_credential(secret: str, subject: str, expires_s: int) -> Credential:
    """What coturn's use-auth-secret expects, written down here a second time so that both sides are checked by it."""
    username = f"{expires_s}:{subject}"
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return Credential(username, base64.b64encode(digest).decode())


class TurnClient:
    """One 5-tuple.  Every call returns the error code of the answer, 0 for success; TimeoutError without an answer."""

    def __init__(self, namespace: str, relay: tuple[str, int], credential: Credential) -> None:
        self._socket = inside(namespace, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self._socket.settimeout(TIMEOUT_S / TRIES)
        self._socket.connect(relay)
        self._credential = credential
        self._realm = b""
        self._nonce = b""
        self._channel = 0x4000

    def close(self) -> None:
        self._socket.close()

    def allocate(self, version: int = 4, transport: int = UDP) -> int:
        body = _attribute(Attribute.REQUESTED_TRANSPORT, bytes([transport, 0, 0, 0]))
        if version == 6:
            body += _attribute(Attribute.REQUESTED_ADDRESS_FAMILY, bytes([FAMILY[6], 0, 0, 0]))
        return self._ask(Method.ALLOCATE, body)

    def permit(self, peer: Peer) -> int:
        return self._ask(Method.CREATE_PERMISSION, b"", peer)

    def bind_channel(self, peer: Peer) -> int:
        self._channel += 1
        return self._ask(
            Method.CHANNEL_BIND, _attribute(Attribute.CHANNEL_NUMBER, struct.pack("!HH", self._channel, 0)), peer
        )

    def _ask(self, method: Method, body: bytes, peer: Peer | None = None) -> int:
        code = self._exchange(method, body, peer)
        # The first answer brings realm and nonce; 438 a new nonce (RFC 8489 9.2.4).
        if code == 438 or (code == 401 and method is Method.ALLOCATE):
            code = self._exchange(method, body, peer)
        return code

    def _exchange(self, method: Method, body: bytes, peer: Peer | None) -> int:
        transaction = secrets.token_bytes(12)
        if peer is not None:
            body += _attribute(Attribute.XOR_PEER_ADDRESS, _masked(peer, 9, transaction))
        if self._nonce:
            body += _attribute(Attribute.USERNAME, self._credential.username.encode())
            body += _attribute(Attribute.REALM, self._realm) + _attribute(Attribute.NONCE, self._nonce)
        message = HEADER.pack(method, len(body), COOKIE, transaction) + body
        if self._nonce:
            message = self._signed(message)
        for _ in range(TRIES):
            self._socket.send(message)
            try:
                while True:
                    answer = self._socket.recv(2_048)
                    if answer[8:20] == transaction:
                        return self._read(answer)
            except TimeoutError:
                continue
        raise TimeoutError(f"no answer to {method.name}")

    def _signed(self, message: bytes) -> bytes:
        """RFC 8489 14.5 with the long-term key of 9.2.2."""
        long = b":".join((self._credential.username.encode(), self._realm, self._credential.password.encode()))
        key = hashlib.md5(long, usedforsecurity=False).digest()
        counted = message[:2] + struct.pack("!H", len(message) - HEADER.size + 24) + message[4:]
        return counted + _attribute(Attribute.MESSAGE_INTEGRITY, hmac.new(key, counted, hashlib.sha1).digest())

    def _read(self, answer: bytes) -> int:
        code, at = 0, HEADER.size
        while at + 4 <= len(answer):
            kind, length = struct.unpack_from("!HH", answer, at)
            value = answer[at + 4 : at + 4 + length]
            if kind == Attribute.REALM:
                self._realm = value
            elif kind == Attribute.NONCE:
                self._nonce = value
            elif kind == Attribute.ERROR_CODE:
                code = value[2] * 100 + value[3]
            at += 4 + (length + 3) // 4 * 4
        return code


def _attribute(kind: Attribute, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def _masked(peer: Peer, port: int, transaction: bytes) -> bytes:
    """RFC 8489 14.2: port and address under the cookie and the transaction id."""
    mask = struct.pack("!I", COOKIE) + transaction
    address = bytes(byte ^ mask[at] for at, byte in enumerate(peer.packed))
    return struct.pack("!BBH", 0, FAMILY[peer.version], port ^ (COOKIE >> 16)) + address
