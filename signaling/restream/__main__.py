"""`python -m signaling.restream`: one broadcast on its way to one other platform.  Nothing is encoded again."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import sys
import threading
import time
from typing import Final

import av
from av.packet import Packet
from av.stream import Stream

from . import wire
from .flv import Tags
from .rtmp import Phase, Publisher, RtmpError
from .tls import TlsSocket

CONNECT_WITHIN_S: Final = 10.0
WRITE_WITHIN_S: Final = 15.0
READ_BYTES: Final = 65_536
STDIN: Final = 0
_TYPES: Final = ("video", "audio")

_lock: Final = threading.Lock()


def _say(report: wire.Report) -> None:
    with _lock:
        sys.stdout.buffer.write(wire.line_of(report))
        sys.stdout.buffer.flush()


def _fail(cause: wire.Cause, why: object) -> None:
    """Whoever fails first ends the process, in whatever thread."""
    sys.stderr.write(f"restream: {cause}: {why}\n")
    _say(wire.Failed(cause))
    os._exit(1)


class _Way:
    """The connection.  What the platform says is read, and answered, in a thread of its own."""

    def __init__(self, begin: wire.Begin) -> None:
        plain = socket.create_connection((begin.address, begin.port), CONNECT_WITHIN_S)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = TlsSocket(plain, begin.host, ssl.create_default_context()) if begin.tls else plain
        self._publisher = Publisher(begin.app, begin.tc_url, begin.key)
        self._writing = threading.Lock()
        self._live = threading.Event()
        self.sent_bytes = 0

    def publish(self) -> bool:
        """Whether the platform has taken it in time."""
        self._socket.settimeout(WRITE_WITHIN_S)
        self._put(self._publisher.hello())
        threading.Thread(target=self._read, daemon=True).start()
        return self._live.wait(CONNECT_WITHIN_S)

    def tag(self, kind: int, timestamp_ms: int, body: bytes) -> None:
        self._put(self._publisher.tag(kind, timestamp_ms, body))

    def goodbye(self) -> None:
        with contextlib.suppress(OSError):
            self._put(self._publisher.goodbye())
            self._socket.shutdown(socket.SHUT_WR)

    def _put(self, data: bytes) -> None:
        with self._writing:
            self._socket.sendall(data)
        self.sent_bytes += len(data)

    def _read(self) -> None:
        try:
            while True:
                try:
                    data = self._socket.recv(READ_BYTES)
                except TimeoutError:
                    continue  # a platform may be silent for as long as it likes
                if not data:
                    break
                if answer := self._publisher.receive(data):
                    self._put(answer)
                if self._publisher.phase is Phase.LIVE:
                    self._live.set()
        except RtmpError as error:
            _fail(wire.Cause.REFUSED if error.refused else wire.Cause.UNREACHABLE, error)
        except OSError as error:
            _fail(wire.Cause.LOST, error)
        _fail(wire.Cause.LOST if self._live.is_set() else wire.Cause.REFUSED, "the platform has closed the connection")


class _Pipe:
    """stdin as PyAV reads a file that cannot be sought in."""

    def read(self, size: int) -> bytes:
        return os.read(STDIN, min(size, READ_BYTES))


def _line() -> bytes:
    line = bytearray()
    while not line.endswith(b"\n") and len(line) < wire.LINE_MAX_BYTES:
        byte = os.read(STDIN, 1)
        if not byte:
            return b""
        line += byte
    return bytes(line)


def _send(way: _Way) -> None:
    tags = Tags(way.tag)
    with av.open(_Pipe(), "r", format="mp4") as source, av.open(tags, "w", format="flv") as out:
        streams: dict[int, Stream] = {
            one.index: out.add_stream_from_template(one)
            for one in (*source.streams.video, *source.streams.audio)
            if one.type in _TYPES
        }
        begins: float | None = None
        told_s = 0.0
        for packet in source.demux():
            stream = streams.get(packet.stream.index)
            if stream is None or packet.dts is None or packet.pts is None:
                continue
            begins = float(packet.dts * packet.time_base) if begins is None else begins
            _shift(packet, begins)
            if packet.dts < 0:
                continue  # sound from before the first picture
            packet.stream = stream
            out.mux_one(packet)
            if time.monotonic() - told_s >= 1.0:
                told_s = time.monotonic()
                _say(wire.Sent(way.sent_bytes))


def _shift(packet: Packet[Stream], begins_s: float) -> None:
    """The platform's time begins with us."""
    units = round(begins_s / packet.time_base)
    if packet.pts is not None and packet.dts is not None:
        packet.pts, packet.dts = packet.pts - units, packet.dts - units


def main() -> None:
    line = _line()
    if not line:
        return
    begin = wire.decode_begin(line)
    try:
        way = _Way(begin)
        if not way.publish():
            _fail(wire.Cause.REFUSED, "no answer")
    except OSError as error:  # ssl.SSLError is one
        _fail(wire.Cause.UNREACHABLE, error)
        return
    _say(wire.Live())
    try:
        _send(way)
    except av.FFmpegError as error:
        _fail(wire.Cause.MEDIA, error)
    except OSError as error:
        _fail(wire.Cause.LOST, error)
    way.goodbye()


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # the thread that reads waits for the platform's last word
