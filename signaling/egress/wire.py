"""What the server and an egress process say to each other: one JSON object a line, over the process's stdin and stdout.

Both ends are ours and the pipe is inherited, so nothing here is signed; it is still decoded into closed unions, because
two versions may meet while a server is being replaced.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from rooms.core.model import Source

LINE_MAX_BYTES: Final = 262_144
MASTER_BYTES: Final = 30  # of AES128_CM_SHA1_80: key 16, salt 14 (RFC 3711 8.2)

AUTO: Final = "auto"  # hardware where it can be used (encoders.py)
ENCODERS: Final = (AUTO, "libx264", "h264_nvenc", "h264_qsv", "h264_amf")
DELAY_MS: Final = 400  # everything is shown so long after it happened (recorder.py)
VIDEO_BPS: Final = 3_000_000  # of a film, at most
AUDIO_BPS: Final = 128_000

# Payload types of a tap, which has no SDP: fixed, so that a packet says what it carries.
VP8_TYPE: Final = 96
H264_TYPE: Final = 98
VP9_TYPE: Final = 100
AV1_TYPE: Final = 102
OPUS_TYPE: Final = 111
RTX_OF: Final = {97: VP8_TYPE, 99: H264_TYPE, 101: VP9_TYPE, 103: AV1_TYPE}


class Rendition(Struct, frozen=True, forbid_unknown_fields=True):
    name: str  # of its folder
    width: int
    height: int
    bps: int  # of the picture, at most


class Hls(Struct, frozen=True, forbid_unknown_fields=True):
    """The film is cut for viewers too (segments.py)."""

    folder: str
    first: int  # number of the first segment
    renditions: tuple[Rendition, ...]  # the first is the film itself


class Begin(Struct, frozen=True, tag="begin", forbid_unknown_fields=True):
    """The first instruction: the film to make."""

    path: str  # of the file to write, in a folder that exists
    font: str  # path of the font for names; "" shows none
    width: int
    height: int
    frames_per_s: int
    hls: Hls | None = None
    tracks: bool = False  # those of everybody are kept by themselves beside it (tracks.py)
    encoder: str = AUTO  # of ENCODERS


class Connect(Struct, frozen=True, tag="connect", forbid_unknown_fields=True):
    """Where the media comes from, from now on.  `receive_master` opens what the server sends."""

    host: str
    port: int
    ufrag: str  # the server's: the name that our checks go to (RFC 8445 7.2.2)
    password: str
    receive_master: bytes
    send_master: bytes


class Stream(Struct, frozen=True, forbid_unknown_fields=True):
    """One RTP stream that the server sends.  `owner_id` "" for a voice that carries whoever speaks."""

    ssrc: int
    rtx_ssrc: int
    track_id: str
    owner_id: str
    source: Source
    owner_identity: str = ""  # this and the name are known where tracks are kept by themselves
    owner_name: str = ""
    heard: bool = True  # a sound: the film has it; else it is only kept by itself


class Streams(Struct, frozen=True, tag="streams", forbid_unknown_fields=True):
    """All of them, each time something changes; what is not listed any more is over."""

    streams: tuple[Stream, ...]


class Tile(Struct, frozen=True, forbid_unknown_fields=True):
    """One person or screen in the picture; pixels, even numbers.  `track_id` "" shows a name only."""

    track_id: str
    name: str
    x: int
    y: int
    width: int
    height: int
    speaking: bool = False
    cover: bool = True  # fill the tile and cut what stands out; else show all of it (screens)


class Scene(Struct, frozen=True, tag="scene", forbid_unknown_fields=True):
    tiles: tuple[Tile, ...]


class Chapter(Struct, frozen=True, tag="chapter", forbid_unknown_fields=True):
    """From here on, until the next."""

    title: str
    ago_ms: int = 0  # it began so long before now


class Pause(Struct, frozen=True, tag="pause", forbid_unknown_fields=True):
    """Nothing is written until Resume; the film goes on without a gap."""


class Resume(Struct, frozen=True, tag="resume", forbid_unknown_fields=True): ...


class Stop(Struct, frozen=True, tag="stop", forbid_unknown_fields=True):
    """Write what is there and go.  The end of stdin means the same."""


Instruction = Begin | Connect | Streams | Scene | Chapter | Pause | Resume | Stop


class Started(Struct, frozen=True, tag="started"):
    """The first picture is in the file."""


class Progress(Struct, frozen=True, tag="progress"):
    """About once a second.  `film_ms`: length of what is written, pauses left out."""

    film_ms: int
    bytes: int
    late_frames: int  # pictures that were left out because the machine was too slow
    sources: int  # pictures that arrive at present
    cpu_ms: int  # this process has used so far
    chapters: tuple[tuple[int, str], ...]  # (at in the film, title): lost with the process otherwise


class PartWritten(Struct, frozen=True, tag="part"):
    """A part of a segment is on the disk."""

    rendition: str
    init: str  # the head that belongs to it
    segment: int
    part: int
    duration_ms: float
    independent: bool  # it begins with a picture that stands for itself
    shown_ms: float  # Unix time of its first picture
    size_bytes: int
    last: bool  # the segment is whole


class Spliced(Struct, frozen=True, tag="spliced"):
    """The film goes on in another file beside the first, in another way (reel.py).  `film_ms` and `chapters` are of
    the file that is whole now."""

    name: str
    passed: bool  # one source's pictures as they come; else composed
    film_ms: int
    chapters: tuple[tuple[int, str], ...]


class Ended(Struct, frozen=True, tag="ended"):
    film_ms: int
    bytes: int
    chapters: tuple[tuple[int, str], ...]  # (at in the film, title)


class Failed(Struct, frozen=True, tag="failed"):
    """A closed set of causes: `disk` (cannot write), `media` (nothing came), `fault` (ours, in the log)."""

    cause: str


Report = Started | Progress | PartWritten | Spliced | Ended | Failed

decode_instruction: Final = msgspec.json.Decoder(Instruction).decode
decode_report: Final = msgspec.json.Decoder(Report).decode
_encode: Final = msgspec.json.Encoder().encode


def line_of(message: Instruction | Report) -> bytes:
    return _encode(message) + b"\n"
