"""What the server and an ingest process say to each other: one JSON object a line, as with egress (egress/wire.py)."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from signaling.egress.wire import H264_TYPE, LINE_MAX_BYTES, OPUS_TYPE, Connect

__all__ = ["H264_TYPE", "LINE_MAX_BYTES", "OPUS_TYPE", "Connect"]


class Begin(Struct, frozen=True, tag="begin", forbid_unknown_fields=True):
    """The first instruction: what to read.  rtmp://... or pipe:N of an inherited descriptor."""

    url: str


class Stop(Struct, frozen=True, tag="stop", forbid_unknown_fields=True):
    """The end of stdin means the same."""


Instruction = Begin | Connect | Stop


class Found(Struct, frozen=True, tag="found"):
    """It is media; Connect is awaited."""

    video: str  # the codec's name; "" = none
    audio: str
    copied: bool  # pictures go on as they come


class Sent(Struct, frozen=True, tag="sent"):
    """About once a second, of the second before."""

    video_bps: int
    audio_bps: int
    copied: bool
    jumps: int  # of its clock, since it began
    dropped: int  # what could not be decoded, since it began


class Failed(Struct, frozen=True, tag="failed"):
    """A closed set of causes: `not_media`, `nothing` (neither picture nor sound that we know), `no_keyframe`, `lost`
    (the server does not answer)."""

    cause: str


class Ended(Struct, frozen=True, tag="ended"):
    """The encoder has ended."""


Report = Found | Sent | Failed | Ended

decode_instruction: Final = msgspec.json.Decoder(Instruction).decode
decode_report: Final = msgspec.json.Decoder(Report).decode
_encode: Final = msgspec.json.Encoder().encode


def line_of(message: Instruction | Report) -> bytes:
    return _encode(message) + b"\n"
