"""What a captions process hears of a room: the sounds of all who are heard, mixed into one, in blocks of even time.

No I/O: datagrams and times go in, blocks and packets for the server come out.  At most BEHIND_MAX_MS of sound wait for
an engine that is too slow; what is older is left out and counted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from msgspec import Struct

from rooms.core.model import TrackKind
from signaling.egress import wire
from signaling.egress.peer import Incoming, Peer
from signaling.egress.rtp import Ordered
from signaling.egress.sound import RATE, SAMPLES_PER_MS, SoundSource, mix

from .recognizer import Mono

DELAY_MS: Final = 250  # what is late still finds its place
BLOCK_MIN_MS: Final = 100
BLOCK_MAX_MS: Final = 500
BEHIND_MAX_MS: Final = 3_000
KEPT_MS: Final = 500  # of what is left after something was left out
STREAMS_MAX: Final = 64


class Block(Struct, frozen=True):
    begins_ms: float  # Unix time
    sound: Mono  # at RATE


class _Source:
    def __init__(self) -> None:
        self.ordered = Ordered()
        self.sound = SoundSource()

    def drain(self, now_ms: int, unix_ms: float) -> None:
        for packet in self.ordered.take(now_ms):
            self.sound.put(packet, unix_ms)


class Ear:
    """`send` takes datagrams for the server.  `now_ms` is of a clock that only goes forward, `unix_ms` the world's."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._peer: Peer | None = None
        self._sources: dict[int, _Source] = {}
        self._next = 0  # sample since the epoch; 0: before the first block
        self.dropped_ms = 0

    def connect(self, connect: wire.Connect) -> None:
        """Streams of a former connection are over."""
        self._peer = Peer(connect)
        self._sources.clear()

    def follow(self, streams: tuple[wire.Stream, ...]) -> None:
        wanted = {one.ssrc: one for one in streams[:STREAMS_MAX] if one.source.kind is TrackKind.AUDIO}
        for ssrc in self._sources.keys() - wanted:
            del self._sources[ssrc]
        for ssrc in wanted.keys() - self._sources:
            self._sources[ssrc] = _Source()
        if self._peer is not None:
            self._peer.follow(wanted.values())

    def receive(self, datagram: bytes, now_ms: int, unix_ms: float) -> None:
        found = self._peer.receive(datagram) if self._peer is not None else None
        if isinstance(found, Incoming):
            if (source := self._sources.get(found.ssrc)) is not None:
                source.ordered.put(found.packet, now_ms)
                source.drain(now_ms, unix_ms)
        elif found:
            for report in found:
                if (source := self._sources.get(report.ssrc)) is not None:
                    source.sound.report(report.timestamp, report.unix_ms)

    def tend(self, now_ms: int, unix_ms: float) -> None:
        """To be called every 20 ms or so."""
        if self._peer is None:
            return
        for source in self._sources.values():
            source.drain(now_ms, unix_ms)
        for packet in self._peer.tend(now_ms, ((ssrc, one.ordered) for ssrc, one in self._sources.items())):
            self._send(packet)

    def take(self, unix_ms: float) -> Block | None:
        """The next block, once there is one; silence where nobody is heard."""
        due = round((unix_ms - DELAY_MS) * SAMPLES_PER_MS)
        if not self._next:
            self._next = due
        behind = due - self._next
        if behind > BEHIND_MAX_MS * SAMPLES_PER_MS:
            left_out = behind - KEPT_MS * SAMPLES_PER_MS
            self.dropped_ms += left_out // SAMPLES_PER_MS
            self._next += left_out
            behind -= left_out
        if behind < BLOCK_MIN_MS * SAMPLES_PER_MS:
            return None
        count = min(behind, BLOCK_MAX_MS * SAMPLES_PER_MS)
        mixed = mix([one.sound for one in self._sources.values()], self._next, count)
        block = Block(self._next * 1_000 / RATE, np.ascontiguousarray(mixed.mean(axis=1, dtype=np.float32)))
        self._next += count
        return block
