"""Lines between a server's network namespace and its clients', as bad as they are told to be.

TUN devices, one in each namespace, joined by a thread of this process: every packet passes through it, whatever its
port, so that servers and browsers are set up as on any network.  Chance comes from a seed.  Only UDP is lost, limited,
reordered and translated; TCP is delayed, so that signalling is late but does not decide the figures.  A cut stops both.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import heapq
import itertools
import os
import random
import selectors
import struct
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.inside import inside

from .nat import UDP, Nat

TUNSETIFF = 0x4004_54CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
READ_BYTES = 65_536
WAITING_MAX = 20_000  # packets under way in one direction; more are lost


@dataclass(frozen=True)
class Weather:
    """What happens in one direction."""

    cut: bool = False
    delay_ms: float = 0.0
    jitter_ms: float = 0.0  # added, uniformly; packets stay in order
    loss: float = 0.0  # 0..1, each packet for itself
    burst_begins: float = 0.0  # 0..1 for each packet: from it on all are lost ...
    burst_ends: float = 1.0  # ... until one ends it
    reordered: float = 0.0  # 0..1: packets that arrive `reorder_ms` later, behind others
    reorder_ms: float = 20.0
    limit_bps: int = 0  # 0: none
    queue_bytes: int = 60_000  # waits for the limit; what finds it full is lost


class Direction:
    """Decides for every packet, in order, when it arrives; None when it does not."""

    def __init__(self, seed: int) -> None:
        self.weather = Weather()
        self._chance = random.Random(seed)
        self._in_burst = False
        self._free_at_s = 0.0
        self._last_s = 0.0

    def arrival(self, size_bytes: int, is_udp: bool, now_s: float) -> float | None:
        weather = self.weather
        if weather.cut:
            return None
        if not is_udp:
            return now_s + weather.delay_ms / 1_000
        self._in_burst = self._chance.random() < (1 - weather.burst_ends if self._in_burst else weather.burst_begins)
        if self._in_burst or self._chance.random() < weather.loss:
            return None
        sent_s = now_s
        if weather.limit_bps:
            waiting_bytes = max(self._free_at_s - now_s, 0) * weather.limit_bps / 8
            if waiting_bytes + size_bytes > weather.queue_bytes:
                return None
            self._free_at_s = max(self._free_at_s, now_s) + size_bytes * 8 / weather.limit_bps
            sent_s = self._free_at_s
        arrival_s = sent_s + (weather.delay_ms + weather.jitter_ms * self._chance.random()) / 1_000
        if self._chance.random() < weather.reordered:
            return arrival_s + weather.reorder_ms / 1_000
        self._last_s = max(self._last_s, arrival_s)
        return self._last_s


@dataclass(frozen=True)
class Line:
    """One client's line; `to_client` and `to_server` decide what arrives, `nat` from where it seems to come."""

    to_client: Direction
    to_server: Direction
    nat: Nat


@dataclass(frozen=True)
class End:
    """A client: its addresses (its own, then others that it may appear under), its namespace, and the device there."""

    addresses: list[str]
    namespace: str
    device: str


class Lines:
    """From one device in the server's namespace to every client's, each over a line of its own.

    One device for all clients, because Janus binds to one.
    """

    def __init__(self, namespace: str, device: str, ends: Sequence[End], seed: int) -> None:
        self.lines = [
            Line(Direction(seed + 10 * number), Direction(seed + 10 * number + 1), Nat(end.addresses))
            for number, end in enumerate(ends)
        ]
        self._server = inside(namespace, lambda: _tun(device))
        self._clients = [inside(end.namespace, functools.partial(_tun, end.device)) for end in ends]
        self._by_address = {
            address: (client, line)
            for client, line in zip(self._clients, self.lines, strict=True)
            for address in line.nat.addresses
        }
        self._wake_reader, self._wake = os.pipe()
        self._thread = threading.Thread(target=self._run, name="bad network", daemon=True)
        self._thread.start()

    def close(self) -> None:
        os.write(self._wake, b"x")
        self._thread.join()
        for number in (self._server, *self._clients, self._wake_reader, self._wake):
            os.close(number)

    def _way(self, packet: bytes, line: Line | None) -> tuple[int, Direction, bytes] | None:
        """Whereto, how, and as what.  `line`: of the client that sent it; None: the server did."""
        if packet[0] >> 4 != 4:
            return None
        if line is not None:
            return self._server, line.to_server, line.nat.outward(packet)
        found = self._by_address.get(packet[16:20])  # IPv4 destination
        if found is None:
            return None
        client, line = found
        passed = line.nat.inward(packet)
        return None if passed is None else (client, line.to_client, passed)

    def _run(self) -> None:
        order = itertools.count()
        waiting: list[tuple[float, int, int, bytes]] = []
        with selectors.DefaultSelector() as selector:
            selector.register(self._server, selectors.EVENT_READ, None)
            for client, line in zip(self._clients, self.lines, strict=True):
                selector.register(client, selectors.EVENT_READ, line)
            selector.register(self._wake_reader, selectors.EVENT_READ)
            while True:
                timeout_s = max(waiting[0][0] - time.monotonic(), 0) if waiting else None
                for key, _ in selector.select(timeout_s):
                    if key.fd == self._wake_reader:
                        return
                    with contextlib.suppress(BlockingIOError):
                        while packet := os.read(key.fd, READ_BYTES):
                            way = self._way(packet, key.data)
                            if way is None:
                                continue
                            target, direction, passed = way
                            at_s = direction.arrival(len(passed), passed[9] == UDP, time.monotonic())
                            if at_s is not None and len(waiting) < WAITING_MAX:
                                heapq.heappush(waiting, (at_s, next(order), target, passed))
                now_s = time.monotonic()
                while waiting and waiting[0][0] <= now_s:
                    _, _, target, packet = heapq.heappop(waiting)
                    with contextlib.suppress(OSError):  # its device is not up
                        os.write(target, packet)


def _tun(name: str) -> int:
    number = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    try:
        fcntl.ioctl(number, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    except BaseException:
        os.close(number)
        raise
    return number
