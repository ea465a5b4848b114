"""A subscriber behind a narrow line: what it reports of when packets came (draft-holmer-rmcat-transport-wide-cc-01)."""

from __future__ import annotations

import struct
import time
from typing import Any, Final

from signaling.sfu import _sfu
from tests.unit.signaling.sfu.media_peer import TRANSPORT_FEEDBACK, Packet, Peer

NUMBER: Final = 6  # extension id of the transport-wide number
EXTENSIONS: Final = _sfu.Extensions(mid=4, audio_level=5, transport_cc=NUMBER)
TICK_US: Final = 250
REFERENCE_US: Final = 64_000
RECEIVED: Final = 2  # status symbol: with a delta of 16 bits
AHEAD_US: Final = 1_000_000_000  # of the receiver's clock


def number_of(packet: Packet) -> int:
    return int.from_bytes(packet.extensions[NUMBER], "big")


class NarrowLine:
    """Packets reach the peer at once; by its reports they came one after the other at `bps`."""

    def __init__(self, peer: Peer, bps: int) -> None:
        self.bps = bps
        self._peer = peer
        self._seen = 0
        self._free_us = 0
        self._reports = 0

    def report(self) -> None:
        """Of what has come since the last report."""
        self._peer.round_trip()
        new = self._peer.rtp[self._seen :]
        self._seen = len(self._peer.rtp)
        arrivals: list[tuple[int, int]] = []
        for packet in sorted(new, key=number_of):
            now_us = time.monotonic_ns() // 1_000 + AHEAD_US
            self._free_us = max(self._free_us, now_us) + (len(packet.payload) + 60) * 8_000_000 // self.bps
            arrivals.append((number_of(packet), self._free_us))
        if arrivals:
            self._peer.send_rtcp(self._feedback(arrivals))
            self._peer.round_trip()

    def _feedback(self, arrivals: list[tuple[int, int]]) -> bytes:
        reference = arrivals[0][1] // REFERENCE_US
        ticks = reference * REFERENCE_US // TICK_US
        deltas = b""
        for _, at_us in arrivals:
            deltas += struct.pack("!h", at_us // TICK_US - ticks)
            ticks = at_us // TICK_US
        chunks = b""
        for begin in range(0, len(arrivals), 7):
            symbols = [RECEIVED] * len(arrivals[begin : begin + 7])
            symbols += [0] * (7 - len(symbols))
            chunks += struct.pack("!H", 0xC000 | sum(symbol << 12 - 2 * at for at, symbol in enumerate(symbols)))
        body = struct.pack("!IIHH", 1, 2, arrivals[0][0], len(arrivals))
        body += ((reference & 0xFFFFFF) << 8 | self._reports & 0xFF).to_bytes(4, "big") + chunks + deltas
        self._reports += 1
        body += bytes(-len(body) % 4)
        return struct.pack("!BBH", 0x80 | TRANSPORT_FEEDBACK, 205, len(body) // 4) + body


def subscribe_reporting(peer: Peer, track: int, ssrc: int, **named: Any) -> int:
    """A subscription whose packets carry transport-wide numbers."""
    return peer.worker.add_subscription(peer.handle, track, ssrc, ssrc + 1, 100, 101, b"v", EXTENSIONS, **named)
