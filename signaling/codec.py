"""Bytes to messages and back.  The only place where a client's JSON is parsed.

Everything that is not exactly one known message is a ProtocolError, which closes the connection: a client that speaks
another language cannot be answered, because there may be no `id` to answer to.
"""

from __future__ import annotations

import re

import msgspec

from rooms.core.codes import Code

from .messages import FRAME_MAX_BYTES, JSON_DEPTH_MAX, AnyClientMessage, AnyServerMessage

# A whole string, or one that the end of the input cuts off.  Possessive, and it always matches where a quote stands,
# so that the scan stays linear on hostile input.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
BRACKETS_MAX = 8_192  # the largest message is `subscribe` with 2,048 wants: 4,100 brackets

_decoder: msgspec.json.Decoder[AnyClientMessage] = msgspec.json.Decoder(AnyClientMessage)
_encoder = msgspec.json.Encoder()


class ProtocolError(Exception):
    """The connection must be closed with `code`; the cause is for logs only."""

    def __init__(self, code: Code, cause: str) -> None:
        super().__init__(cause)
        self.code = code


def too_nested(frame: bytes) -> bool:
    """Whether arrays and objects nest deeper than JSON_DEPTH_MAX, or are more than any message can hold.

    Almost always answered by two counts; the scan of what remains is bounded by BRACKETS_MAX.
    """
    if frame.count(b"[") + frame.count(b"{") <= JSON_DEPTH_MAX:
        return False
    bare = _STRING.sub(b"", frame)
    if sum(bare.count(bracket) for bracket in (b"[", b"{", b"]", b"}")) > BRACKETS_MAX:
        return True
    depth = 0
    for bracket in _BRACKET.finditer(bare):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > JSON_DEPTH_MAX:
            return True
    return False


def decode(frame: bytes) -> AnyClientMessage:
    """The one message in a frame.  Raises ProtocolError and nothing else, whatever the bytes are."""
    if len(frame) > FRAME_MAX_BYTES:
        raise ProtocolError(Code.TOO_LARGE, f"frame of {len(frame)} bytes")
    if too_nested(frame):
        raise ProtocolError(Code.BAD_MESSAGE, "nested too deep or too often")
    try:
        return _decoder.decode(frame)
    except (ValueError, RecursionError) as error:  # msgspec's errors and UnicodeDecodeError are ValueErrors
        raise ProtocolError(Code.BAD_MESSAGE, str(error)) from error


def encode(message: AnyServerMessage | AnyClientMessage) -> bytes:
    return _encoder.encode(message)
