"""From an encoder's stream to packets for the room: a thread of its own reads, decodes where it must, and sends.

Reading blocks, as FFmpeg does it, and so do codecs; the process's event loop keeps the path and hears what is asked.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final, cast

import av
import structlog
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from . import wire
from .clock import SourceClock
from .peer import FeedPeer
from .pictures import Pictures
from .rtp import RtpStream
from .sound import OpusEncoder

OPEN_WITHIN_S: Final = 10.0
READ_WITHIN_S: Final = 15.0
CONNECT_WITHIN_S: Final = 20.0
KEY_WITHIN_S: Final = 12.0  # of pictures that never begin
REPORT_EVERY_S: Final = 1.0
_OPTIONS: Final = {"analyzeduration": "1500000", "probesize": "1500000", "fflags": "nobuffer"}

log = structlog.get_logger("ingest")


class Feeder:
    """`say` is called from the thread.  `connect` and `stop` are for the event loop."""

    def __init__(self, url: str, say: Callable[[wire.Report], None]) -> None:
        self._url = url
        self._say = say
        self._connected = threading.Event()
        self._peer: FeedPeer | None = None
        self._socket: socket.socket | None = None
        self._clock = SourceClock()
        self._video = RtpStream(wire.H264_TYPE, 90_000)
        self._audio = RtpStream(wire.OPUS_TYPE, 48_000)
        self._pictures: Pictures | None = None
        self._encoder: OpusEncoder | None = None
        self._report_due_s = 0.0
        self._told = (0, 0)
        self._dropped = 0

    def connect(self, peer: FeedPeer, way: socket.socket) -> None:
        self._peer, self._socket = peer, way
        self._connected.set()

    def run(self) -> None:
        """Until the source ends; says Found, and Failed or Ended at last."""
        try:
            container = av.open(self._url, "r", options=_OPTIONS, timeout=(OPEN_WITHIN_S, READ_WITHIN_S))
        except (av.FFmpegError, OSError, UnicodeDecodeError) as error:
            log.info("what came is no media", cause=str(error))
            self._say(wire.Failed("not_media"))
            return
        with container:
            self._say(self._feed(container))

    # ------------------------------------------------------------ inside

    def _feed(self, container: InputContainer) -> wire.Report:
        video = next((one for one in container.streams.video if _is_known(one)), None)
        audio = next((one for one in container.streams.audio if _is_known(one)), None)
        if video is None and audio is None:
            return wire.Failed("nothing")
        if video is not None:
            video.thread_type = "NONE"  # of frames, it would wait for the next ones
            self._pictures = Pictures(video)
        if audio is not None:
            self._encoder = OpusEncoder()
        self._say(
            wire.Found(
                video.codec_context.name if video is not None else "",
                audio.codec_context.name if audio is not None else "",
                self._pictures is not None and self._pictures.copied,
            )
        )
        if not self._connected.wait(CONNECT_WITHIN_S):
            return wire.Failed("lost")
        key_due_s = time.monotonic() + KEY_WITHIN_S
        for packet in _packets(container, [one for one in (video, audio) if one is not None]):
            if isinstance(packet.stream, VideoStream):
                self._put_picture(packet)
            elif isinstance(packet.stream, AudioStream):
                self._put_sound(packet)
            if self._pictures is not None and not self._pictures.begun and time.monotonic() > key_due_s:
                return wire.Failed("no_keyframe")
            self._tend()
        return wire.Ended()

    def _put_picture(self, packet: Packet[VideoStream]) -> None:
        pictures, peer = self._pictures, self._peer
        if pictures is None or peer is None:
            return
        wants_key, peer.wants_key = peer.wants_key, False
        for payloads, source_ms in pictures.put(packet, wants_key=wants_key):
            at_ms = self._video.advance(self._clock.at(source_ms, _unix_ms()))
            for number, payload in enumerate(payloads, 1):
                self._send(self._video, payload, at_ms, marker=number == len(payloads))

    def _put_sound(self, packet: Packet[AudioStream]) -> None:
        if self._encoder is None:
            return
        try:
            frames = packet.decode()
        except av.FFmpegError:
            self._dropped += 1
            return
        for frame in frames:
            if frame.pts is None or frame.time_base is None:
                continue
            at_ms = self._clock.at(float(frame.pts * frame.time_base * 1_000), _unix_ms())
            for payload, when_ms in self._encoder.encode(frame, at_ms):
                self._send(self._audio, payload, self._audio.advance(when_ms), marker=False)

    def _send(self, stream: RtpStream, payload: bytes, at_ms: float, *, marker: bool) -> None:
        if self._peer is None:
            return
        sequence, packet = stream.packet(payload, at_ms, marker=marker)
        self._put(self._peer.protect(stream.ssrc, sequence, packet))

    def _put(self, datagram: bytes) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):  # a full buffer, or nobody there: the path's checks tell
                self._socket.send(datagram)

    def _tend(self) -> None:
        peer = self._peer
        if peer is None:
            return
        if peer.due:
            for datagram in peer.again():
                self._put(datagram)
        now_s = time.monotonic()
        if now_s < self._report_due_s:
            return
        self._report_due_s = now_s + REPORT_EVERY_S
        unix_ms = _unix_ms()
        for stream in (self._video, self._audio):
            if stream.packets:
                self._put(peer.protect_report(stream.report(unix_ms, unix_ms)))
        before, self._told = self._told, (self._video.bytes, self._audio.bytes)
        dropped = self._dropped + (self._pictures.dropped if self._pictures is not None else 0)
        self._say(
            wire.Sent(
                (self._told[0] - before[0]) * 8,
                (self._told[1] - before[1]) * 8,
                self._pictures is not None and self._pictures.copied,
                self._clock.jumps,
                dropped,
            )
        )


def _is_known(stream: VideoStream | AudioStream) -> bool:
    context = stream.codec_context
    if isinstance(stream, VideoStream):
        return bool(context.name) and stream.codec_context.width > 0 and stream.codec_context.height > 0
    return bool(context.name) and stream.codec_context.sample_rate > 0


def _packets(
    container: InputContainer, streams: list[VideoStream | AudioStream]
) -> Iterator[Packet[VideoStream] | Packet[AudioStream]]:
    """Until the source ends, in whatever way."""
    try:
        for packet in container.demux(streams):
            if packet.size:
                yield cast("Packet[VideoStream] | Packet[AudioStream]", packet)
    except (av.FFmpegError, OSError) as error:
        log.info("a source broke off", cause=str(error))


def _unix_ms() -> float:
    return time.time_ns() / 1_000_000
