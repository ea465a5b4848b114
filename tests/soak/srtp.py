"""SRTP of one direction for synthetic peers: AES-128-GCM (RFC 7714) only, its own on purpose.

A fault that the server's code had in both directions would otherwise cancel out.
"""

from __future__ import annotations

import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 16
SALT_BYTES = 12
TAG_BYTES = 16
RTP_HEADER_BYTES = 12
RTCP_HEADER_BYTES = 8
INDEX_BYTES = 4


def _derive(key: bytes, salt: bytes, label: int, length: int) -> bytes:
    """RFC 3711 4.3.1; the salt of GCM is padded to 14 bytes (RFC 7714 11)."""
    iv = bytearray(salt.ljust(14, b"\0") + b"\0\0")
    iv[7] ^= label
    return Cipher(algorithms.AES(key), modes.CTR(bytes(iv))).encryptor().update(bytes(length))


def header_bytes(packet: bytes) -> int:
    """Length of an RTP header with its CSRCs and extension (RFC 3550 5.1); 0 when the packet is too short for it."""
    length = RTP_HEADER_BYTES + 4 * (packet[0] & 15)
    if packet[0] & 0x10:
        if len(packet) < length + 4:
            return 0
        length += 4 + 4 * int.from_bytes(packet[length + 2 : length + 4], "big")
    return length if length <= len(packet) else 0


class SrtpKeys:
    """Both ciphers of one direction.  `sequence` counts the SRTCP packets that were sent."""

    def __init__(self, master: bytes) -> None:
        key, salt = master[:KEY_BYTES], master[KEY_BYTES : KEY_BYTES + SALT_BYTES]
        self._rtp = AESGCM(_derive(key, salt, 0, KEY_BYTES))
        self._rtp_salt = int.from_bytes(_derive(key, salt, 2, SALT_BYTES), "big")
        self._rtcp = AESGCM(_derive(key, salt, 3, KEY_BYTES))
        self._rtcp_salt = int.from_bytes(_derive(key, salt, 5, SALT_BYTES), "big")
        self._rtcp_index = 0

    def protect(self, header: bytes, payload: bytes, ssrc: int, index: int) -> bytes:
        """`index`: roll-over counter and sequence number (RFC 3711 3.3.1), 48 bits."""
        return header + self._rtp.encrypt(self._rtp_iv(ssrc, index), payload, header)

    def unprotect(self, packet: bytes, index: int) -> bytes | None:
        """The payload; None when it does not prove itself."""
        length = header_bytes(packet)
        ssrc = int.from_bytes(packet[8:12], "big")
        try:
            return self._rtp.decrypt(self._rtp_iv(ssrc, index), packet[length:], packet[:length])
        except InvalidTag:
            return None

    def protect_rtcp(self, packet: bytes) -> bytes:
        """RFC 7714 9: the first eight bytes stay readable, index and E bit follow the tag."""
        self._rtcp_index += 1
        trailer = struct.pack("!I", 0x8000_0000 | self._rtcp_index)
        head, body = packet[:RTCP_HEADER_BYTES], packet[RTCP_HEADER_BYTES:]
        iv = self._rtcp_iv(int.from_bytes(head[4:8], "big"), self._rtcp_index)
        return head + self._rtcp.encrypt(iv, body, head + trailer) + trailer

    def unprotect_rtcp(self, packet: bytes) -> bytes | None:
        """The compound packet; None when it does not prove itself."""
        if len(packet) < RTCP_HEADER_BYTES + TAG_BYTES + INDEX_BYTES:
            return None
        head, body, trailer = packet[:RTCP_HEADER_BYTES], packet[RTCP_HEADER_BYTES:-INDEX_BYTES], packet[-INDEX_BYTES:]
        index = int.from_bytes(trailer, "big") & 0x7FFF_FFFF
        try:
            return head + self._rtcp.decrypt(
                self._rtcp_iv(int.from_bytes(head[4:8], "big"), index), body, head + trailer
            )
        except InvalidTag:
            return None

    def _rtp_iv(self, ssrc: int, index: int) -> bytes:
        return ((ssrc << 48 | index) ^ self._rtp_salt).to_bytes(SALT_BYTES, "big")

    def _rtcp_iv(self, ssrc: int, index: int) -> bytes:
        return ((ssrc << 48 | index) ^ self._rtcp_salt).to_bytes(SALT_BYTES, "big")
