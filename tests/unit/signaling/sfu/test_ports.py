"""Telling ICE-TCP from what else comes to a TCP port."""

from __future__ import annotations

import struct

import pytest
from aioice import stun

from signaling.sfu.ports import OPENING_BYTES, begins_ice_tcp


def check() -> bytes:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes["USERNAME"] = "ours:theirs"
    message.add_message_integrity(b"password")
    return struct.pack("!H", len(bytes(message))) + bytes(message)


def test_a_framed_binding_request_is_media() -> None:
    assert begins_ice_tcp(check())
    assert begins_ice_tcp(check()[:OPENING_BYTES])


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"\x00",
        check()[: OPENING_BYTES - 1],
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32),
        struct.pack("!HHHI", 21, 1, 0, 0x2112A442),  # the lengths differ
        struct.pack("!HHHI", 20, 0x0101, 0, 0x2112A442),  # an answer
        struct.pack("!HHHI", 20, 1, 0, 0x2112A443),
        struct.pack("!HHHI", 2068, 1, 2048, 0x2112A442),  # longer than any frame
    ],
)
def test_nothing_else_is(first: bytes) -> None:
    assert not begins_ice_tcp(first)
