"""Opening a worker: its UDP port and, of the same number, TCP for ICE-TCP (RFC 6544)."""

from __future__ import annotations

import errno
import struct
from collections.abc import Sequence
from typing import Final

import structlog

from . import _sfu

log = structlog.get_logger(__name__)

FREE_PORTS_TRIED: Final = 16
FRAME_MAX_BYTES: Final = 2_048
OPENING_BYTES: Final = 10  # tell an ICE-TCP connection from any other


def begins_ice_tcp(first: bytes) -> bool:
    """Whether a connection with these first bytes carries ICE-TCP: a frame (RFC 4571) with a STUN binding request
    (RFC 8489 5).  No HTTP request and no TLS record begins so.  native/frame.h has the same rule."""
    if len(first) < OPENING_BYTES:
        return False
    frame, kind, attributes, cookie = struct.unpack("!HHHI", first[:OPENING_BYTES])
    return bool(kind == 1 and cookie == 0x2112A442 and frame == attributes + 20 and frame <= FRAME_MAX_BYTES)


def open_worker(address: str, port: int, tcp_addresses: Sequence[str], *, gso: bool = True) -> tuple[_sfu.Worker, bool]:
    """A worker at `address`:`port` and whether it listens for TCP at all of `tcp_addresses` too.

    With port 0 a number is found that is free for both.  A given number that another program has for TCP costs ICE-TCP
    and a line in the log, no more: UDP is what most people use.  OSError when UDP is not to be had.
    """
    for _ in range(FREE_PORTS_TRIED if port == 0 else 1):
        worker = _sfu.Worker(address, port, gso=gso)
        try:
            for one in tcp_addresses:
                worker.listen_tcp(one)
        except OSError as error:
            if port == 0 and error.errno == errno.EADDRINUSE:
                worker.close()
                continue
            log.warning("no ICE-TCP", address=str(error.filename), reason=error.strerror)
            return worker, False
        return worker, bool(tcp_addresses)
    return _sfu.Worker(address, port, gso=gso), False
