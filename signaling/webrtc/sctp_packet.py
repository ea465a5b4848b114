"""What an SCTP packet must satisfy before aiortc reads it, so that its work is bounded by the packet's size.

aiortc walks parameters by the length that each of them states, also when that is 0, and takes every acknowledged TSN
of a SACK by itself, 65,536 for each gap block: one packet of a participant would hold up everybody.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

COMMON_HEADER_BYTES: Final = 12
CHUNK_HEADER_BYTES: Final = 4
PARAMETER_HEADER_BYTES: Final = 4  # RFC 9260 3.2.1: the length counts type and length
SACK_BYTES: Final = 12  # without blocks (RFC 9260 3.3.4)
SACK: Final = 3

# Chunk type -> where its parameters begin in its value (RFC 9260 3.3, RFC 6525 3.1).
_PARAMETERS_AT: Final = {1: 16, 2: 16, 4: 0, 5: 0, 6: 0, 9: 0, 130: 0}
_TSN_MODULO: Final = 2**32


class SctpPacketError(ValueError):
    """The packet breaks a rule that its reader relies on."""


def check(packet: bytes, next_tsn: int) -> None:
    """`next_tsn`: what we shall send next.  Raises SctpPacketError; work is linear in the packet's size."""
    for kind, value in _chunks(packet):
        if kind in _PARAMETERS_AT:
            _check_parameters(value[_PARAMETERS_AT[kind] :])
        elif kind == SACK:
            _check_sack(value, next_tsn)


def _chunks(packet: bytes) -> Iterator[tuple[int, bytes]]:
    at = COMMON_HEADER_BYTES
    while at + CHUNK_HEADER_BYTES <= len(packet):
        kind, _, length = struct.unpack_from("!BBH", packet, at)
        if length < CHUNK_HEADER_BYTES or at + length > len(packet):
            raise SctpPacketError(f"a chunk of {length} bytes")
        yield kind, packet[at + CHUNK_HEADER_BYTES : at + length]
        at += length + -length % 4


def _check_parameters(body: bytes) -> None:
    at = 0
    while at + PARAMETER_HEADER_BYTES <= len(body):
        (length,) = struct.unpack_from("!H", body, at + 2)
        if length < PARAMETER_HEADER_BYTES or at + length > len(body):
            raise SctpPacketError(f"a parameter of {length} bytes")
        at += length + -length % 4


def _check_sack(value: bytes, next_tsn: int) -> None:
    """Gap blocks ascend, do not touch, and acknowledge nothing that was not sent (RFC 9260 3.3.4)."""
    if len(value) < SACK_BYTES:
        raise SctpPacketError("a short SACK")
    cumulative, _, blocks, duplicates = struct.unpack_from("!LLHH", value)
    if len(value) < SACK_BYTES + 4 * (blocks + duplicates):
        raise SctpPacketError("a SACK with more blocks than bytes")
    outstanding = (next_tsn - 1 - cumulative) % _TSN_MODULO
    if outstanding >= _TSN_MODULO // 2:
        raise SctpPacketError("a SACK of what was never sent")
    end_before = 0
    for block in range(blocks):
        start, end = struct.unpack_from("!HH", value, SACK_BYTES + 4 * block)
        if not end_before < start <= end <= outstanding:
            raise SctpPacketError(f"a gap block from {start} to {end} of {outstanding} outstanding")
        end_before = end
