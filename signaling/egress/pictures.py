"""The pictures of one source: packets in order go in, decoded frames come out by the time at which they were taken."""

from __future__ import annotations

from collections import deque
from typing import Final, cast

import av
import structlog
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from . import wire
from .payloads import ASSEMBLERS, Assembler, Picture
from .rtp import Packet
from .sender_clock import SenderClock
from .units import Unit, Units

log = structlog.get_logger(__name__)

# dav1d and libvpx also take pictures of several layers as they come; FFmpeg's own VP9 decoder wants them apart.
DECODERS: Final = {
    wire.VP8_TYPE: "vp8",
    wire.H264_TYPE: "h264",
    wire.VP9_TYPE: "libvpx-vp9",
    wire.AV1_TYPE: "libdav1d",
}
KEPT_MAX: Final = 32  # frames that wait for their time; at 30 a second a second of delay
SIDE_MAX: Final = 4_096  # pixels


class PictureSource:
    """`wants_key`: only a picture that needs no other will bring it on.

    What comes as H.264 is kept in `units` until its time; while it `rests` it is not decoded at all.
    """

    def __init__(self) -> None:
        self._clock = SenderClock(90_000)
        self._payload_type = 0
        self._assembler: Assembler | None = None
        self._decoder: VideoCodecContext | None = None
        self._frames: deque[tuple[int, VideoFrame]] = deque(maxlen=KEPT_MAX)
        self._shown: VideoFrame | None = None
        self.decoded = 0
        self.faults = 0
        self.wants_key = True
        self.last_ms = 0.0  # when the newest was taken
        self.units: Units | None = None
        self._rests = False
        self._starved = False  # what the decoder would have to know is gone

    def report(self, timestamp: int, unix_ms: float) -> None:
        self._clock.report(timestamp, unix_ms)

    def put(self, packet: Packet, arrival_ms: float) -> None:
        if packet.payload_type != self._payload_type:
            self._turn(packet.payload_type)
        if self._assembler is None:
            return
        picture = self._assembler.put(packet)
        if picture is not None:
            self._take(picture, arrival_ms)
        self.wants_key = self._assembler.wants_key or self._starved

    def at(self, unix_ms: float) -> VideoFrame | None:
        """The newest frame that was taken by then; None before the first."""
        while self._frames and self._clock.taken_ms(self._frames[0][0]) <= unix_ms:
            self._shown = self._frames.popleft()[1]
        return self._shown

    def rest(self, units: list[Unit]) -> None:
        """Others take care of `units` now, a key and what came after it, and of all that follows."""
        if self.units is not None:
            self.units.keep(units)
            self._rests = True

    def wake(self) -> None:
        """Decode again, from the last key on.  Idempotent."""
        if not self._rests:
            return
        self._rests = False
        self._frames.clear()
        units = self.units.all() if self.units is not None else []
        self._starved = not units
        for unit in units:
            self._decode(unit.data, self._clock.place(unit.timestamp))

    def forget(self) -> None:
        """It is not looked at for a while: what it shows then begins with a key."""
        self._payload_type = 0
        self._assembler = self._decoder = None
        self._frames.clear()
        self.units = None
        self._rests = self._starved = False
        self.wants_key = True

    # ------------------------------------------------------------ inside

    def _turn(self, payload_type: int) -> None:
        make = ASSEMBLERS.get(payload_type)
        if make is None:
            return  # padding of a type that was not agreed on
        self.wake()
        self.units = Units() if payload_type == wire.H264_TYPE else None
        self._starved = False
        self._payload_type = payload_type
        self._assembler = make()
        decoder = cast(VideoCodecContext, av.CodecContext.create(DECODERS[payload_type], "r"))
        decoder.thread_count = 1  # a thread a source would only move the work about
        if DECODERS[payload_type] == "libdav1d":
            decoder.options = {"max_frame_delay": "1"}
        self._decoder = decoder

    def _take(self, picture: Picture, arrival_ms: float) -> None:
        place = self._clock.arrived(picture.timestamp, arrival_ms)
        self.last_ms = captured_ms = self._clock.taken_ms(place)
        if self.units is not None:
            self.units.put(Unit(captured_ms, picture.timestamp, picture.data, picture.key))
        if self._starved and picture.key:
            self._starved = False
        if not self._rests and not self._starved:
            self._decode(picture.data, place)

    def _decode(self, data: bytes, place: int) -> None:
        if self._decoder is None:
            return
        try:
            frames = self._decoder.decode(av.Packet(data))
        except av.FFmpegError as error:
            self.faults += 1
            self._starved = True
            log.info("a picture could not be decoded", cause=str(error), faults=self.faults)
            return
        for frame in frames:
            if 0 < frame.width <= SIDE_MAX and 0 < frame.height <= SIDE_MAX:
                self.decoded += 1
                self._frames.append((place, frame))
