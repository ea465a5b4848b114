"""FLV as a muxer writes it, taken apart into its tags (Adobe's FLV 10.1, E.4): each is one message of RTMP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

HEADER_BYTES: Final = 13  # with the size of the tag before the first, which is none
TAG_BYTES: Final = 11
TRAILER_BYTES: Final = 4


class Tags:
    """A file to write to.  `on_tag` is told (type, time in ms, body) of each tag as soon as it is whole."""

    def __init__(self, on_tag: Callable[[int, int, bytes], None]) -> None:
        self._on_tag = on_tag
        self._buffer = bytearray()
        self._begun = False

    def write(self, data: bytes) -> int:
        self._buffer += data
        if not self._begun:
            if len(self._buffer) < HEADER_BYTES:
                return len(data)
            del self._buffer[:HEADER_BYTES]
            self._begun = True
        while len(self._buffer) >= TAG_BYTES:
            head = self._buffer
            size = int.from_bytes(head[1:4], "big")
            if len(head) < TAG_BYTES + size + TRAILER_BYTES:
                break
            at_ms = int.from_bytes(head[4:7], "big") | head[7] << 24
            body = bytes(head[TAG_BYTES : TAG_BYTES + size])
            kind = head[0] & 0x1F
            del self._buffer[: TAG_BYTES + size + TRAILER_BYTES]
            self._on_tag(kind, at_ms, body)
        return len(data)
