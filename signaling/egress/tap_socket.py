"""What processes at the far end of a tap (signaling/sfu/tap.py) share: its socket and their clocks."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol, cast


class Receiver(Protocol):
    def receive(self, datagram: bytes, now_ms: int, unix_ms: float) -> None: ...


class TapSocket(asyncio.DatagramProtocol):
    """To one address at a time.  What comes goes to `receiver` as soon as there is one."""

    def __init__(self) -> None:
        self.receiver: Receiver | None = None
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        if self.receiver is not None:
            self.receiver.receive(data, now_ms(), unix_ms())

    async def open(self, host: str, port: int) -> None:
        """To this address from now on, from a port of its own."""
        self.close()
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, remote_addr=(host, port))

    def send(self, datagram: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(datagram)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None


def now_ms() -> int:
    """Of a clock that only goes forward."""
    return time.monotonic_ns() // 1_000_000


def unix_ms() -> float:
    return time.time_ns() / 1_000_000
