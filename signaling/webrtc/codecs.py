"""The codecs that are forwarded, and what makes two payload formats the same bitstream.

Nothing is transcoded: a subscriber must be able to decode what the publisher sends, so a format is compared by codec
and by those parameters that change the bitstream (H.264 profile and packetization mode, VP9 and AV1 profile).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct

from rooms.core.model import TrackKind

from .sdp import Format


class Codec(StrEnum):
    """Named as in rooms.core.model.Track.codec."""

    OPUS = "opus"
    VP8 = "VP8"
    H264 = "H264"
    VP9 = "VP9"
    AV1 = "AV1"

    @property
    def kind(self) -> TrackKind:
        return TrackKind.AUDIO if self is Codec.OPUS else TrackKind.VIDEO

    @property
    def clock_rate(self) -> int:
        return 48_000 if self is Codec.OPUS else 90_000


class H264Profile(StrEnum):
    """RFC 6184 8.1; the value is profile_idc and profile_iop as we write them in an offer."""

    CONSTRAINED_BASELINE = "42e0"
    BASELINE = "4200"
    MAIN = "4d00"
    CONSTRAINED_HIGH = "640c"
    HIGH = "6400"


class Bitstream(Struct, frozen=True):
    """What a decoder has to be able to take."""

    codec: Codec
    h264_profile: H264Profile | None = None
    packetization_mode: int = 0

    @property
    def fmtp(self) -> str:
        """Parameters for our offers.  Level 3.1 stands for any: level-asymmetry-allowed leaves it to the encoder."""
        if self.codec is Codec.OPUS:
            return "minptime=10;useinbandfec=1"
        if self.h264_profile is not None:
            mode, profile = self.packetization_mode, self.h264_profile.value
            return f"level-asymmetry-allowed=1;packetization-mode={mode};profile-level-id={profile}1f"
        if self.codec is Codec.VP9:
            return "profile-id=0"
        if self.codec is Codec.AV1:
            return "level-idx=5;profile=0;tier=0"
        return ""


# What a browser may be asked to turn to in mid-call: everything that was ever made decodes at least one of the two.
COMMON: Final = (Codec.VP8, Codec.H264)
DEFAULT_PREFERENCE: Final = (Codec.VP8, Codec.H264, Codec.VP9, Codec.AV1)

# Constrained Baseline in mode 1 is what every browser decodes; a High Profile stream from a camera still reaches those
# that can (RFC 6184 8.1 gives the classes).
_H264_RANK: Final = (
    (H264Profile.CONSTRAINED_BASELINE, 1),
    (H264Profile.BASELINE, 1),
    (H264Profile.CONSTRAINED_BASELINE, 0),
    (H264Profile.BASELINE, 0),
    (H264Profile.MAIN, 1),
    (H264Profile.CONSTRAINED_HIGH, 1),
    (H264Profile.HIGH, 1),
    (H264Profile.MAIN, 0),
    (H264Profile.CONSTRAINED_HIGH, 0),
    (H264Profile.HIGH, 0),
)
_PROFILE_LEVEL_ID = re.compile(r"[0-9A-Fa-f]{6}")


def bitstream_of(kind: str, entry: Format) -> Bitstream | None:
    """The bitstream that an SDP format stands for; None when it is none that we forward."""
    name, rate = entry.name, entry.clock_rate
    if kind == "audio":
        # RFC 7587 4.1: opus is always 48000/2.
        return Bitstream(Codec.OPUS) if name == "opus" and rate == 48_000 else None
    if rate != 90_000:
        return None
    if name == "vp8":
        return Bitstream(Codec.VP8)
    if name == "vp9" and (entry.parameter("profile-id") or "0") == "0":
        return Bitstream(Codec.VP9)
    if name == "av1" and (entry.parameter("profile") or "0") == "0":
        return Bitstream(Codec.AV1)
    if name == "h264":
        profile = h264_profile(entry.parameter("profile-level-id") or "420010")  # RFC 6184 8.1: the default
        mode = entry.parameter("packetization-mode") or "0"
        if profile is not None and mode in ("0", "1"):
            return Bitstream(Codec.H264, profile, int(mode))
    return None


def h264_profile(profile_level_id: str) -> H264Profile | None:
    """RFC 6184 8.1, table 5: which sub-profile the three bytes name."""
    if not _PROFILE_LEVEL_ID.fullmatch(profile_level_id):
        return None
    profile_idc, constraints = int(profile_level_id[:2], 16), int(profile_level_id[2:4], 16)
    set0, set1, set4, set5 = (bool(constraints & bit) for bit in (0x80, 0x40, 0x08, 0x04))
    if profile_idc == 0x42:
        return H264Profile.CONSTRAINED_BASELINE if set1 else H264Profile.BASELINE
    if profile_idc == 0x4D:
        return H264Profile.CONSTRAINED_BASELINE if set0 else H264Profile.MAIN
    if profile_idc == 0x58:
        return H264Profile.CONSTRAINED_BASELINE if set0 and set1 else H264Profile.BASELINE if set0 else None
    if profile_idc == 0x64:
        return H264Profile.CONSTRAINED_HIGH if set4 and set5 else H264Profile.HIGH
    return None


def rank(kind: str, formats: Sequence[Format], preference: Sequence[Codec]) -> list[tuple[Format, Bitstream]]:
    """The formats that a publisher may be asked to send, one of each codec: best first by our preference, of one codec
    the profile that most can decode, of one profile the publisher's first."""
    found: dict[Codec, tuple[tuple[int, int, int], Format, Bitstream]] = {}
    for position, entry in enumerate(formats):
        bitstream = bitstream_of(kind, entry)
        if bitstream is None or (bitstream.codec is not Codec.OPUS and bitstream.codec not in preference):
            continue
        codec_rank = 0 if bitstream.codec is Codec.OPUS else list(preference).index(bitstream.codec)
        profile_rank = 0
        if bitstream.h264_profile is not None:
            profile_rank = _H264_RANK.index((bitstream.h264_profile, bitstream.packetization_mode))
        key = (codec_rank, profile_rank, position)
        if bitstream.codec not in found or key < found[bitstream.codec][0]:
            found[bitstream.codec] = (key, entry, bitstream)
    return [(entry, bitstream) for _, entry, bitstream in sorted(found.values(), key=lambda item: item[0])]


def choose(kind: str, formats: Sequence[Format], preference: Sequence[Codec]) -> tuple[Format, Bitstream] | None:
    """The format that a publisher is asked to send."""
    return next(iter(rank(kind, formats, preference)), None)


def rtx_of(formats: Sequence[Format], payload_type: int) -> Format | None:
    """The retransmission format of `payload_type` (RFC 4588 8.1)."""
    wanted = str(payload_type)
    return next((entry for entry in formats if entry.name == "rtx" and entry.parameter("apt") == wanted), None)


def red_of(formats: Sequence[Format], payload_type: int) -> Format | None:
    """RED that carries only `payload_type` (RFC 2198 5): fmtp `111/111`."""
    for entry in formats:
        if entry.name == "red" and entry.clock_rate == 48_000:
            inside = set(entry.parameters.split("/")) if entry.parameters else {str(payload_type)}
            if inside == {str(payload_type)}:
                return entry
    return None


def carrier_parameters(carrier: Format, inside: Format) -> str:
    """fmtp of an rtx or red format that carries `inside`."""
    return f"apt={inside.payload_type}" if carrier.name == "rtx" else f"{inside.payload_type}/{inside.payload_type}"
