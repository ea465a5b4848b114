"""A publisher of RTMP (Adobe's RTMP 1.0): handshake, chunks, and the commands that begin a live stream.

Of our own, because the way to a platform has to be ours: the address that was looked at is the one that is used, TLS
names and checks the platform's certificate, and nothing that the other side says sends us anywhere else.
No I/O here: bytes that came go in, bytes to send come out.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from msgspec import Struct

from . import amf

CHUNK_BYTES: Final = 4_096
HANDSHAKE_BYTES: Final = 1_536
MESSAGE_MAX_BYTES: Final = 65_536  # of what the other side says: commands and their answers
CHANNELS_MAX: Final = 64
ACKNOWLEDGE_BYTES: Final = 2_500_000
_SET_CHUNK, _ABORT, _ACK, _CONTROL, _WINDOW, _AUDIO, _VIDEO, _DATA, _COMMAND = 1, 2, 3, 4, 5, 8, 9, 18, 20
_PING, _PONG = 6, 7
# Our commands' numbers, by which answers name them.
_CONNECT, _RELEASE, _ANNOUNCE, _CREATE, _PUBLISH, _WITHDRAW, _DELETE = range(1, 8)
_COURTESIES: Final = (_RELEASE, _ANNOUNCE)  # Flash's own: platforms that do not know them say so, and take the stream
_HEADERS: Final = (11, 7, 3, 0)


class RtmpError(Exception):
    """The other side does not speak RTMP, or says no; `refused` tells which."""

    def __init__(self, cause: str, *, refused: bool = False) -> None:
        super().__init__(cause)
        self.refused = refused


class Phase(StrEnum):
    """hello -> connecting -> creating -> publishing -> live."""

    HELLO = "hello"
    CONNECTING = "connecting"
    CREATING = "creating"
    PUBLISHING = "publishing"
    LIVE = "live"


class _Channel(Struct):
    """One chunk stream of the other side's: what its next chunks take over from the former ones."""

    size: int = 0
    kind: int = 0
    extended: bool = False
    data: bytes = b""


class Publisher:
    """`app` and `tc_url` stand in the address; `key` is the stream's name."""

    def __init__(self, app: str, tc_url: str, key: str) -> None:
        self._app = app
        self._tc_url = tc_url
        self._key = key
        self._buffer = bytearray()
        self._channels: dict[int, _Channel] = {}
        self._chunk_bytes = 128
        self._window = ACKNOWLEDGE_BYTES
        self._received = self._acknowledged = 0
        self._stream_id = 0
        self.phase = Phase.HELLO

    def hello(self) -> bytes:
        """The first thing to send (5.2.2, 5.2.3)."""
        return b"\x03" + bytes(8) + os.urandom(HANDSHAKE_BYTES - 8)

    def receive(self, data: bytes) -> bytes:
        """What has to be answered.  Raises RtmpError."""
        self._buffer += data
        self._received += len(data)
        out = bytearray()
        if self.phase is Phase.HELLO:
            if len(self._buffer) < 1 + 2 * HANDSHAKE_BYTES:
                return b""
            if self._buffer[0] != 3:
                raise RtmpError(f"version {self._buffer[0]}")
            out += bytes(self._buffer[1 : 1 + HANDSHAKE_BYTES])  # C2 repeats S1 (5.2.4)
            del self._buffer[: 1 + 2 * HANDSHAKE_BYTES]
            out += self._message(2, _SET_CHUNK, 0, struct.pack("!I", CHUNK_BYTES))
            words: dict[str, amf.Value] = {
                "app": self._app,
                "type": "nonprivate",
                "flashVer": "FMLE/3.0 (compatible; Tongxin)",
                "tcUrl": self._tc_url,
            }
            out += self._command("connect", _CONNECT, words)
            self.phase = Phase.CONNECTING
        try:
            for kind, body in self._messages():
                out += self._on_message(kind, body)
        except (struct.error, ValueError, OverflowError, IndexError) as error:  # AmfError is a ValueError
            raise RtmpError(f"not RTMP: {error}") from error
        if self._received - self._acknowledged >= self._window // 2:
            self._acknowledged = self._received
            out += self._message(2, _ACK, 0, struct.pack("!I", self._received & 0xFFFFFFFF))
        return bytes(out)

    def tag(self, kind: int, timestamp_ms: int, body: bytes) -> bytes:
        """One FLV tag, which is one message.  Empty for what has no place in RTMP."""
        if kind == _DATA:
            body = amf.encode("@setDataFrame") + body
        if kind not in (_AUDIO, _VIDEO, _DATA):
            return b""
        return self._message(4 if kind == _AUDIO else 6, kind, timestamp_ms, body, self._stream_id)

    def goodbye(self) -> bytes:
        if self.phase is not Phase.LIVE:
            return b""
        return self._command("FCUnpublish", _WITHDRAW, None, self._key) + self._command(
            "deleteStream", _DELETE, None, float(self._stream_id)
        )

    # ------------------------------------------------------------ what comes

    def _messages(self) -> Iterator[tuple[int, bytes]]:
        """Whole messages (5.3.1)."""
        while (chunk := self._chunk()) is not None:
            channel = chunk
            if len(channel.data) >= channel.size:
                body, channel.data = channel.data, b""
                yield channel.kind, body

    def _chunk(self) -> _Channel | None:
        """One chunk off the buffer; None when it is not whole yet."""
        data = self._buffer
        if not data:
            return None
        form, number = data[0] >> 6, data[0] & 0x3F
        at = 1
        if number < 2:
            if len(data) < 2 + number:
                return None
            number = 64 + data[1] + (data[2] << 8 if number else 0)
            at = 2 + (data[0] & 0x3F)
        channel = self._channels.get(number)
        if channel is None:
            if len(self._channels) >= CHANNELS_MAX:
                raise RtmpError("too many chunk streams")
            channel = _Channel()
        size = _HEADERS[form]
        if len(data) < at + size:
            return None
        head = bytes(data[at : at + size])
        at += size
        extended, length, kind = channel.extended, channel.size, channel.kind
        if form < 3:
            extended = head[:3] == b"\xff\xff\xff"
        if form < 2:
            length, kind = int.from_bytes(head[3:6], "big"), head[6]
        if extended:
            if len(data) < at + 4:
                return None
            at += 4
        if length > MESSAGE_MAX_BYTES:
            raise RtmpError("a message too long")
        if length < len(channel.data):
            raise RtmpError("a message shorter than what has come of it")
        part = min(self._chunk_bytes, length - len(channel.data))
        if len(data) < at + part:
            return None
        channel.extended, channel.size, channel.kind = extended, length, kind
        channel.data += bytes(data[at : at + part])
        self._channels[number] = channel
        del data[: at + part]
        return channel

    def _on_message(self, kind: int, body: bytes) -> bytes:
        if kind == _SET_CHUNK:
            self._chunk_bytes = max(1, min(struct.unpack("!I", body[:4])[0] & 0x7FFFFFFF, MESSAGE_MAX_BYTES))
        elif kind == _WINDOW:
            self._window = max(1_024, struct.unpack("!I", body[:4])[0])
        elif kind == _ABORT:  # 5.4.2: what has come of a message is not going to be ended
            if channel := self._channels.get(struct.unpack("!I", body[:4])[0]):
                channel.data = b""
        elif kind == _CONTROL and len(body) >= 6 and body[:2] == struct.pack("!H", _PING):
            return self._message(2, _CONTROL, 0, struct.pack("!H", _PONG) + body[2:6])
        elif kind == _COMMAND:
            return self._on_command(amf.decode(body))
        return b""

    def _on_command(self, values: list[amf.Value]) -> bytes:
        name = values[0] if values else ""
        told = values[3] if len(values) > 3 else None
        code = str(told.get("code", "")) if isinstance(told, dict) else ""
        level = str(told.get("level", "")) if isinstance(told, dict) else ""
        number = values[1] if len(values) > 1 else None
        if level == "error" or (name == "_error" and number not in _COURTESIES):
            raise RtmpError(f"refused: {code[:80]}", refused=True)
        if name == "_result" and number == _CONNECT and self.phase is Phase.CONNECTING:
            self.phase = Phase.CREATING
            return (
                self._command("releaseStream", _RELEASE, None, self._key)
                + self._command("FCPublish", _ANNOUNCE, None, self._key)
                + self._command("createStream", _CREATE, None)
            )
        if name == "_result" and number == _CREATE and self.phase is Phase.CREATING:
            if not isinstance(told, float):
                raise RtmpError("a stream without a number")
            self._stream_id = int(told)
            self.phase = Phase.PUBLISHING
            return self._command("publish", _PUBLISH, None, self._key, "live", stream_id=self._stream_id)
        if name == "onStatus" and code == "NetStream.Publish.Start" and self.phase is Phase.PUBLISHING:
            self.phase = Phase.LIVE
        return b""

    # ------------------------------------------------------------ what goes

    def _command(self, name: str, number: int, words: amf.Value, *rest: amf.Value, stream_id: int = 0) -> bytes:
        return self._message(3, _COMMAND, 0, amf.encode(name, float(number), words, *rest), stream_id)

    def _message(self, channel: int, kind: int, timestamp_ms: int, body: bytes, stream_id: int = 0) -> bytes:
        """5.3.1: a full header, then the body in chunks."""
        stamp = timestamp_ms & 0xFFFFFFFF
        long = stamp >= 0xFFFFFF
        extension = struct.pack("!I", stamp) if long else b""
        head = bytes((channel,)) + (0xFFFFFF if long else stamp).to_bytes(3, "big") + len(body).to_bytes(3, "big")
        out = bytearray(head + bytes((kind,)) + struct.pack("<I", stream_id) + extension)
        out += body[:CHUNK_BYTES]
        for at in range(CHUNK_BYTES, len(body), CHUNK_BYTES):
            out += bytes((0xC0 | channel,)) + extension + body[at : at + CHUNK_BYTES]
        return bytes(out)
