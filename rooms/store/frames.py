"""What nodes say to each other on the bus: MessagePack arrays, one pub/sub message each."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from rooms.core.codes import Code

CALL_MAX_BYTES = 1_048_576
LINK_FRAME_MAX_BYTES = 8 * 1_048_576  # a snapshot of a full room with a long chat is some megabytes


class Frame(Struct, frozen=True, array_like=True, tag=True):
    sender: str  # node


class Call(Frame, frozen=True):
    call_id: int
    method: str
    payload: bytes
    timeout_ms: int


class Reply(Frame, frozen=True):
    call_id: int
    payload: bytes


class CallRefused(Frame, frozen=True):
    call_id: int
    code: Code


class LinkFrame(Frame, frozen=True):
    """About one link.  `by_opener`: said by the end that opened it (both ends can be on one node)."""

    link_id: str
    by_opener: bool


class LinkOpen(LinkFrame, frozen=True):
    kind: str
    hello: bytes


class LinkOpened(LinkFrame, frozen=True):
    pass


class LinkData(LinkFrame, frozen=True):
    seq: int  # 1, 2, 3, ... in each direction
    payload: bytes


class LinkAck(LinkFrame, frozen=True):
    """Everything up to `seq` has arrived."""

    seq: int


class LinkClose(LinkFrame, frozen=True):
    code: Code


class LinkCount(Struct, frozen=True, array_like=True):
    link_id: str
    by_opener: bool
    sent: int
    received: int


class Beat(Frame, frozen=True):
    """The sender lives.  `links`: all that it has with the receiver and how far they are.

    So a lost frame is noticed even when nothing follows it.
    """

    links: tuple[LinkCount, ...]


AnyFrame = Call | Reply | CallRefused | LinkOpen | LinkOpened | LinkData | LinkAck | LinkClose | Beat

_decoder: msgspec.msgpack.Decoder[AnyFrame] = msgspec.msgpack.Decoder(AnyFrame)
_encoder = msgspec.msgpack.Encoder()


def encode(frame: AnyFrame) -> bytes:
    return _encoder.encode(frame)


def decode(packed: bytes) -> AnyFrame | None:
    """None when another version said something that we do not understand."""
    try:
        return _decoder.decode(packed)
    except msgspec.MsgspecError:
        return None
