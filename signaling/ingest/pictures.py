"""An encoder's pictures as the room can take them: H.264 without B-frames as it is, everything else encoded anew.

Browsers decode H.264 of 8 bits in 4:2:0, but WebRTC has no place for pictures out of order (RFC 6184 allows only what
a receiver has agreed to, and none agrees), and whoever comes in between needs a key picture soon: an encoder that
sends them rarely is encoded anew, with key pictures when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import av
from av.bitstream import BitStreamFilterContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from .rtp import H264Packets

WIDTH_MAX: Final = 1_920
HEIGHT_MAX: Final = 1_080
BPS: Final = 3_500_000
KEY_WITHIN_MS: Final = 5_000.0  # an encoder that takes longer from one key picture to the next is encoded anew
STEP_MAX_MS: Final = 1_000
KEY_APART_MS: Final = 1_000.0  # asked for more often, they are not made
_COPIED: Final = frozenset({"Constrained Baseline", "Baseline", "Main", "High"})


def goes_as_it_is(stream: VideoStream) -> bool:
    context = stream.codec_context
    return (
        context.name == "h264"
        and context.profile in _COPIED
        and context.pix_fmt in ("yuv420p", "yuvj420p")
        and not context.has_b_frames
    )


class Pictures:
    """`put` takes packets in the order that they came and yields (payloads, time of the source in ms)."""

    def __init__(self, stream: VideoStream) -> None:
        self._stream = stream
        self.copied = goes_as_it_is(stream)
        self._packets = H264Packets()
        self._filter: BitStreamFilterContext | None = None
        if stream.codec_context.name == "h264":
            self._filter = BitStreamFilterContext("h264_mp4toannexb", stream)
        self._turning = False  # encoded anew from the next key picture on
        self._begun = False
        self._last_pts: int | None = None
        self._key_ms = 0.0
        self._encoder: _Encoder | None = None
        self.dropped = 0

    @property
    def begun(self) -> bool:
        """A key picture has come."""
        return self._begun

    def put(self, packet: Packet[VideoStream], *, wants_key: bool) -> Iterator[tuple[list[bytes], float]]:
        if packet.dts is None and packet.pts is None:
            return
        if self.copied:
            if self._turning and packet.is_keyframe:
                self.copied = False
            else:
                yield from self._copy(packet)
                return
        yield from self._anew(packet, wants_key=wants_key)

    def _copy(self, packet: Packet[VideoStream]) -> Iterator[tuple[list[bytes], float]]:
        pts = packet.pts if packet.pts is not None else packet.dts
        time_base = packet.time_base or Fraction(1, 1_000)
        if pts is None:
            return
        at_ms = float(pts * time_base * 1_000)
        out_of_order = self._last_pts is not None and self._last_pts - 500 / 1_000 / time_base < pts < self._last_pts
        before_ms = at_ms if self._last_pts is None else float(self._last_pts * time_base * 1_000)
        self._last_pts = pts
        for unit in self._filter.filter(packet) if self._filter is not None else [packet]:
            key, payloads = self._packets.payloads(bytes(unit))
            if key:
                self._begun, self._key_ms = True, at_ms
            if not self._begun or abs(at_ms - before_ms) > STEP_MAX_MS:
                self._key_ms = at_ms  # counted from where it begins, and anew after a jump
            elif out_of_order or at_ms - self._key_ms > KEY_WITHIN_MS:
                self._turning = True
            if payloads and self._begun:
                yield payloads, at_ms

    def _anew(self, packet: Packet[VideoStream], *, wants_key: bool) -> Iterator[tuple[list[bytes], float]]:
        try:
            frames = self._stream.codec_context.decode(packet)
        except av.FFmpegError:
            self.dropped += 1
            return
        for frame in frames:
            if frame.pts is None:
                continue
            self._begun = True
            at_ms = float(frame.pts * (frame.time_base or packet.time_base or Fraction(1, 1_000)) * 1_000)
            if self._encoder is None or not self._encoder.fits(frame):
                self._encoder = _Encoder(frame)
                wants_key = True
            for data in self._encoder.encode(frame, at_ms, wants_key=wants_key):
                _, payloads = self._packets.payloads(data)
                yield payloads, at_ms
            wants_key = False


class _Encoder:
    def __init__(self, frame: VideoFrame) -> None:
        scale = min(1.0, WIDTH_MAX / frame.width, HEIGHT_MAX / frame.height)
        self._source = (frame.width, frame.height)
        self._width, self._height = (max(16, int(side * scale) // 2 * 2) for side in self._source)
        context = av.CodecContext.create("libx264", "w")
        if not isinstance(context, VideoCodecContext):
            raise TypeError("libx264 encodes pictures")
        context.width, context.height, context.pix_fmt = self._width, self._height, "yuv420p"
        context.time_base = Fraction(1, 1_000)
        context.framerate = Fraction(30)
        context.max_b_frames = 0
        context.gop_size = 120
        context.options = {
            "preset": "superfast",
            "tune": "zerolatency",
            "crf": "24",
            "maxrate": str(BPS),
            "bufsize": str(BPS),
            "profile": "baseline",
            "forced-idr": "1",
            "threads": "1",
        }
        context.open()
        self._context = context
        self._reformatter = VideoReformatter()
        self._pts = 0
        self._last_ms = 0.0
        self._key_ms = -KEY_APART_MS

    def fits(self, frame: VideoFrame) -> bool:
        return (frame.width, frame.height) == self._source

    def encode(self, frame: VideoFrame, at_ms: float, *, wants_key: bool) -> list[bytes]:
        picture = self._reformatter.reformat(frame, self._width, self._height, "yuv420p")
        self._pts += min(max(round(at_ms - self._last_ms), 1), STEP_MAX_MS)  # the source's times may jump
        self._last_ms = at_ms
        key = wants_key and abs(at_ms - self._key_ms) >= KEY_APART_MS
        if key:
            self._key_ms = at_ms
        picture.pts, picture.time_base = self._pts, Fraction(1, 1_000)
        picture.pict_type = PictureType.I if key else PictureType.NONE
        return [bytes(packet) for packet in self._context.encode(picture)]
