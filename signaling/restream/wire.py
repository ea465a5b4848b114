"""What the server and a process that sends to another platform say to each other.

The first line on stdin is Begin; all after it is fragmented MP4.  Its reports are JSON objects, one a line.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct

LINE_MAX_BYTES: Final = 65_536


class Cause(StrEnum):
    """Why nothing arrives at a platform."""

    UNREACHABLE = "unreachable"
    REFUSED = "refused"  # by the platform: the key, most often
    LOST = "lost"
    MEDIA = "media"  # what the encoder made cannot be read
    SLOW = "slow"  # so far behind that it is connected to anew
    ADDRESS = "address"  # one that may not be sent to
    FAULT = "fault"  # of the server


class Begin(Struct, frozen=True, forbid_unknown_fields=True):
    """`address` is the one that was looked at: `host` is only what the platform and its certificate are called."""

    address: str
    port: int
    host: str
    tls: bool
    app: str
    tc_url: str
    key: str


class Live(Struct, frozen=True, tag="live"):
    """The platform takes it."""


class Sent(Struct, frozen=True, tag="sent"):
    """About once a second."""

    bytes: int  # since it began


class Failed(Struct, frozen=True, tag="failed"):
    """The last word; only of the connection: UNREACHABLE, REFUSED, LOST or MEDIA."""

    cause: Cause


Report = Live | Sent | Failed

decode_begin: Final = msgspec.json.Decoder(Begin).decode
decode_report: Final = msgspec.json.Decoder(Report).decode
_encode: Final = msgspec.json.Encoder().encode


def line_of(message: Begin | Report) -> bytes:
    return _encode(message) + b"\n"
