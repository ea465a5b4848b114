from __future__ import annotations

import struct

import pytest

from signaling.webrtc.sctp_packet import SctpPacketError, check

HEADER = bytes(12)
NEXT_TSN = 1_000


def chunk(kind: int, value: bytes) -> bytes:
    return struct.pack("!BBH", kind, 0, 4 + len(value)) + value + bytes(-len(value) % 4)


def sack(cumulative: int, *blocks: tuple[int, int], duplicates: int = 0) -> bytes:
    body = struct.pack("!LLHH", cumulative & 0xFFFF_FFFF, 65_536, len(blocks), duplicates)
    return HEADER + chunk(3, body + b"".join(struct.pack("!HH", *block) for block in blocks) + bytes(4 * duplicates))


def parameter(kind: int, length: int, value: bytes = b"") -> bytes:
    return struct.pack("!HH", kind, length) + value


@pytest.mark.parametrize(("kind", "before"), [(1, 16), (2, 16), (4, 0), (5, 0), (6, 0), (9, 0), (130, 0)])
@pytest.mark.parametrize("length", [0, 1, 3, 9])
def test_parameters_count_at_least_themselves_and_end_with_their_chunk(kind: int, before: int, length: int) -> None:
    good = bytes(before) + parameter(1, 8, b"info") + parameter(2, 4)
    check(HEADER + chunk(kind, good), NEXT_TSN)
    with pytest.raises(SctpPacketError):
        check(HEADER + chunk(kind, good + parameter(3, length, b"info")), NEXT_TSN)


@pytest.mark.parametrize("length", [0, 3, 9])
def test_chunks_likewise(length: int) -> None:
    with pytest.raises(SctpPacketError):
        check(HEADER + struct.pack("!BBHL", 14, 0, length, 0), NEXT_TSN)


def test_a_sack_of_what_was_sent_is_taken() -> None:
    check(sack(NEXT_TSN - 1), NEXT_TSN)
    check(sack(NEXT_TSN - 11, (2, 3), (5, 5), (7, 10), duplicates=2), NEXT_TSN)
    check(sack(-3, (2, 2)), 1)  # the numbers go round


@pytest.mark.parametrize(
    "packet",
    [
        sack(NEXT_TSN),
        sack(NEXT_TSN - 1, (1, 1)),
        sack(NEXT_TSN - 11, (1, 65_535)),
        sack(NEXT_TSN - 11, (0, 1)),
        sack(NEXT_TSN - 11, (5, 3)),
        sack(NEXT_TSN - 11, (2, 4), (4, 6)),
        sack(NEXT_TSN - 11, *[(1, 10)] * 200),
        HEADER + chunk(3, struct.pack("!LLHH", NEXT_TSN - 5, 0, 2, 0) + bytes(4)),
        HEADER + chunk(3, bytes(8)),
    ],
)
def test_a_sack_of_anything_else_is_not(packet: bytes) -> None:
    with pytest.raises(SctpPacketError):
        check(packet, NEXT_TSN)
