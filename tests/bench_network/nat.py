"""A home router's address translation, for UDP: what a client sends comes from elsewhere after each rebinding.

Plain bytes of IPv4 packets in and out.  Until the first rebinding nothing is changed, so that servers see the addresses
that browsers have.
"""

from __future__ import annotations

import ipaddress
import struct

UDP = 17  # IPv4 protocol field, byte 9
FIRST_PORT = 40_001
HEADER_BYTES = 20  # without options: a longer header passes as it is

Address = tuple[bytes, int]  # packed IPv4, port


class Nat:
    """`addresses`: the client's own, then those that it appears under after further rebindings, in turn."""

    def __init__(self, addresses: list[str]) -> None:
        self.addresses = [ipaddress.IPv4Address(address).packed for address in addresses]
        self._turn = 0
        self._bound = False
        self._next_port = FIRST_PORT
        self._outside: dict[int, Address] = {}
        self._inside: dict[Address, int] = {}

    def rebind(self, *, move: bool) -> None:
        """Forget all mappings: new ports from now on, and with `move` the next address.  What still comes for the
        former ones is lost."""
        self._bound = True
        self._turn += move
        self._outside.clear()
        self._inside.clear()

    def outward(self, packet: bytes) -> bytes:
        """As the server sees it."""
        if not self._bound or not _is_udp(packet):
            return packet
        (port,) = struct.unpack_from("!H", packet, HEADER_BYTES)
        outside = self._outside.get(port)
        if outside is None:
            outside = (self.addresses[self._turn % len(self.addresses)], self._next_port)
            self._next_port += 1
            self._outside[port] = outside
            self._inside[outside] = port
        return _rewrite(packet, 12, outside[0], 0, outside[1])

    def inward(self, packet: bytes) -> bytes | None:
        """As the client gets it; None for what was sent to a mapping that is forgotten."""
        if not self._bound or not _is_udp(packet):
            return packet
        (port,) = struct.unpack_from("!H", packet, HEADER_BYTES + 2)
        inside = self._inside.get((packet[16:20], port))
        return None if inside is None else _rewrite(packet, 16, self.addresses[0], 2, inside)


def _is_udp(packet: bytes) -> bool:
    return packet[0] == 0x45 and packet[9] == UDP and len(packet) >= HEADER_BYTES + 8


def _rewrite(packet: bytes, address_at: int, address: bytes, port_at: int, port: int) -> bytes:
    """Another address and port, both checksums brought up to date (RFC 1624 3)."""
    changed = bytearray(packet)
    changed[address_at : address_at + 4] = address
    struct.pack_into("!H", changed, HEADER_BYTES + port_at, port)
    words = [(packet[address_at + at : address_at + at + 2], address[at : at + 2]) for at in (0, 2)]
    _adjust(changed, 10, words)
    port_before = packet[HEADER_BYTES + port_at : HEADER_BYTES + port_at + 2]
    _adjust(changed, HEADER_BYTES + 6, [*words, (port_before, struct.pack("!H", port))])
    return bytes(changed)


def _adjust(packet: bytearray, at: int, words: list[tuple[bytes, bytes]]) -> None:
    (before,) = struct.unpack_from("!H", packet, at)
    total = ~before & 0xFFFF
    for old, new in words:
        total += (~int.from_bytes(old) & 0xFFFF) + int.from_bytes(new)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    struct.pack_into("!H", packet, at, ~total & 0xFFFF)
