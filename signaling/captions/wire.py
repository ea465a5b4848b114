"""What the server and a captions process say to each other: one JSON object a line, as in egress/wire.py.

The media path is told by that one's own instructions: both kinds of process hear a room by a tap.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from signaling.egress import wire as egress

LINE_MAX_BYTES: Final = 65_536
TEXT_MAX_CHARS: Final = 1_000
PIECES_MAX: Final = 500


class Begin(Struct, frozen=True, tag="begin", forbid_unknown_fields=True):
    """The first instruction."""

    model: str  # its folder


Instruction = Begin | egress.Connect | egress.Streams | egress.Stop


class Ready(Struct, frozen=True, tag="ready"):
    """The model is in memory."""


class Piece(Struct, frozen=True, array_like=True):
    """A word, or a part of one, and when it was said (Unix time)."""

    at_ms: float
    text: str


class Heard(Struct, frozen=True, tag="heard"):
    """What is understood of one utterance so far; the same `number` again replaces it, until it is `final`."""

    number: int
    text: str
    begins_ms: float  # Unix time, as `ends_ms`
    ends_ms: float
    final: bool
    pieces: tuple[Piece, ...] = ()  # together the text, or none where the model's tokens are no text


class Load(Struct, frozen=True, tag="load"):
    """About once a second."""

    cpu_ms: int  # used so far
    dropped_ms: int  # sound that was left out so far, because the machine was too slow


class Failed(Struct, frozen=True, tag="failed"):
    """It will not get better by starting again: what the model is lacking."""

    cause: str


Report = Ready | Heard | Load | Failed

decode_instruction: Final = msgspec.json.Decoder(Instruction).decode
decode_report: Final = msgspec.json.Decoder(Report).decode
_encode: Final = msgspec.json.Encoder().encode


def line_of(message: Instruction | Report) -> bytes:
    return _encode(message) + b"\n"
