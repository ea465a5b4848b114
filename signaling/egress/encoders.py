"""What makes H.264 here: the machine's hardware where there is some and it does what a live film needs, else x264.

A live film needs that each picture comes out as it goes in, and that a key comes when it is asked for: segments begin
with one.  Hardware is tried for that before it is believed, with pictures of the film's size; a driver that is not
there, or delays, or makes keys where it likes, is passed over.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final, cast

import av
import numpy as np
import structlog
from av.codec.context import Flags
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from msgspec import Struct

from .wire import AUTO

log = structlog.get_logger(__name__)

TRIED_PICTURES: Final = 6
TRIED_KEY: Final = 4  # the number of the picture that is asked to be a key
TRIED_RATE: Final = 25
TRIED_BPS: Final = 2_000_000


class Encoder(Struct, frozen=True):
    """`options` as FFmpeg names them, without the bounds of the rate.  `steady`: it is told a rate to aim at too."""

    name: str
    pix_fmt: str
    options: Mapping[str, str]
    steady: bool = True


SOFTWARE: Final = Encoder(
    "libx264",
    "yuv420p",
    {
        "preset": "superfast",  # 23 % of a core at 1280x720, 25 a second; veryfast costs 30 %
        "tune": "zerolatency",
        "crf": "25",
        "profile": "high",
        "sc_threshold": "0",  # keyframes at even distances only, where players seek to and segments begin
        "forced-idr": "1",
    },
    steady=False,
)
HARDWARE: Final = (
    Encoder(
        "h264_nvenc",
        "yuv420p",
        {
            "preset": "p3",
            "tune": "ull",
            "rc": "vbr",
            "profile": "high",
            "delay": "0",
            "zerolatency": "1",
            "no-scenecut": "1",
            "forced-idr": "1",
        },
    ),
    Encoder(
        "h264_qsv",
        "nv12",
        {"preset": "veryfast", "profile": "high", "async_depth": "1", "look_ahead": "0", "forced_idr": "1"},
    ),
    Encoder("h264_amf", "yuv420p", {"usage": "ultralowlatency", "quality": "speed", "forced_idr": "1"}),
)


def prepare(context: VideoCodecContext, encoder: Encoder, frames_per_s: int, gop: int, bps: int) -> None:
    """`gop`: pictures after which a key comes without being asked for."""
    context.pix_fmt = encoder.pix_fmt
    context.framerate = Fraction(frames_per_s)
    context.gop_size = gop
    context.max_b_frames = 0
    context.thread_count = 1
    if encoder.steady:
        context.bit_rate = bps
    context.options = {**encoder.options, "maxrate": str(bps), "bufsize": str(bps * 2)}


@functools.cache
def chosen(wanted: str, width: int, height: int) -> Encoder:
    """The one of this name, or the first of AUTO's, if it can be used for such pictures; else x264."""
    return first_fit([one for one in HARDWARE if wanted in (AUTO, one.name)], width, height)


def first_fit(candidates: Sequence[Encoder], width: int, height: int) -> Encoder:
    for one in candidates:
        if not (fault := fault_of(one, width, height)):
            log.info("films are encoded by hardware", encoder=one.name)
            return one
        log.debug("an encoder cannot be used", encoder=one.name, cause=fault)
    return SOFTWARE


def fault_of(encoder: Encoder, width: int, height: int) -> str:
    """Why it cannot make live films; "" when it can."""
    try:
        context = cast(VideoCodecContext, av.CodecContext.create(encoder.name, "w"))
        context.width, context.height = width, height
        context.time_base = Fraction(1, TRIED_RATE)
        prepare(context, encoder, TRIED_RATE, TRIED_RATE * 60, TRIED_BPS)
        decoder = av.CodecContext.create("h264", "r")
        decoder.thread_count = 1
        decoder.flags |= Flags.low_delay
        for number in range(TRIED_PICTURES):
            key = number in (0, TRIED_KEY)
            packets = context.encode(_picture(number, width, height, key=key))
            if len(packets) != 1:
                return "it delays pictures"
            if packets[0].is_keyframe != key:
                return "its keys are not where they were asked for"
            if [(one.width, one.height) for one in decoder.decode(Packet(bytes(packets[0])))] != [(width, height)]:
                return "what it makes is not what was put in"
    except (av.FFmpegError, ValueError, OSError) as error:
        return str(error).partition(":")[0]
    return ""


def _picture(number: int, width: int, height: int, *, key: bool) -> VideoFrame:
    """A slope that moves."""
    luma = (np.add.outer(np.arange(height), np.arange(width)) + 8 * number).astype(np.uint8)
    chroma = np.full((height // 2, width), 128, np.uint8)
    picture = VideoFrame.from_ndarray(np.concatenate((luma, chroma)), format="yuv420p")
    picture.pts = number
    picture.time_base = Fraction(1, TRIED_RATE)
    picture.pict_type = PictureType.I if key else PictureType.NONE
    return picture
