"""RTP header extensions that are negotiated (RFC 8285), and their ids in our own offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from .codecs import Bitstream, Codec
from .sdp import Media

ONE_BYTE_ID_MAX: Final = 14  # RFC 8285 4.2: the one-byte form has the ids 1 to 14


class ExtensionIds(NamedTuple):
    """Ids of one media section; 0 = not negotiated.  Same fields as the native core's Extensions."""

    mid: int = 0
    rid: int = 0
    repaired_rid: int = 0
    audio_level: int = 0
    transport_cc: int = 0
    abs_send_time: int = 0
    dependency_descriptor: int = 0
    video_orientation: int = 0
    playout_delay: int = 0
    allow_mixed: int = 0  # 1: both sides take the two-byte form beside the one-byte form (RFC 8285 6)


URI_OF: Final = {
    "mid": "urn:ietf:params:rtp-hdrext:sdes:mid",
    "rid": "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "repaired_rid": "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    "audio_level": "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "transport_cc": "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    "abs_send_time": "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "dependency_descriptor": "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
    "video_orientation": "urn:3gpp:video-orientation",
    "playout_delay": "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
}
_NAME_OF: Final = {uri: name for name, uri in URI_OF.items()}

# One set of ids for every section, as RFC 9143 14 asks of a bundle.  The same numbers that Chromium uses: packets from
# its publishers then keep their ids on the way to subscribers.
OFFERED: Final = ExtensionIds(
    mid=4,
    audio_level=1,
    transport_cc=3,
    abs_send_time=2,
    dependency_descriptor=12,
    video_orientation=13,
    playout_delay=5,
)

_AUDIO: Final = frozenset({"mid", "audio_level", "transport_cc", "abs_send_time"})
_VIDEO: Final = frozenset(
    {"mid", "transport_cc", "abs_send_time", "dependency_descriptor", "video_orientation", "playout_delay"}
)


def useful(bitstream: Bitstream, *, sending: bool) -> frozenset[str]:
    """Names that make sense for a bitstream.  The dependency descriptor costs bytes in every packet, so it is taken
    only where it says what the payload does not: layers of AV1 and VP9, and to us those of H264, whose receivers find
    their way without it.  rids name the encodings of a simulcast."""
    if bitstream.codec is Codec.OPUS:
        return _AUDIO
    described = (Codec.AV1, Codec.VP9) if sending else (Codec.AV1, Codec.VP9, Codec.H264)
    return _VIDEO if bitstream.codec in described else _VIDEO - {"dependency_descriptor"}


def most_demanding(bitstreams: Sequence[Bitstream], *, sending: bool) -> Bitstream:
    """Of those that one section may carry: the one whose extensions all of them can do with."""
    return max(bitstreams, key=lambda bitstream: len(useful(bitstream, sending=sending)))


def offered_for(bitstream: Bitstream) -> ExtensionIds:
    names = useful(bitstream, sending=True)
    ids = {name: number for name, number in OFFERED._asdict().items() if name in names}
    return ExtensionIds(**ids, allow_mixed=1)


def accept(media: Media, bitstream: Bitstream, *, sending: bool) -> ExtensionIds:
    """What of the extensions in the peer's section we take; `sending`: packets go from us to the peer.

    An id beyond the one-byte form, or one that the peer uses only the other way (RFC 8285 6), is not accepted.
    """
    names = useful(bitstream, sending=sending)
    ids: dict[str, int] = {}
    for extension in media.extensions:
        name = _NAME_OF.get(extension.uri)
        flows = extension.direction.receives if sending else extension.direction.sends
        if name in names and flows and 1 <= extension.id <= ONE_BYTE_ID_MAX and name not in ids:
            ids[name] = extension.id
    if not sending and "mid" in ids and len(media.simulcast_sent) > 1:
        ids |= {name: number for name in ("rid", "repaired_rid") if (number := _id_of(media, name))}
    if not sending and "transport_cc" in ids:
        ids.pop("abs_send_time", None)  # publishers adapt by transport-wide feedback; four bytes a packet saved
    if len(set(ids.values())) != len(ids):
        return ExtensionIds()
    return ExtensionIds(**ids, allow_mixed=int(media.extmap_allow_mixed))


def _id_of(media: Media, name: str) -> int:
    known = (item.id for item in media.extensions if item.uri == URI_OF[name] and item.direction.sends)
    return next((number for number in known if 1 <= number <= ONE_BYTE_ID_MAX), 0)


def lines(ids: ExtensionIds) -> list[str]:
    mixed = ["a=extmap-allow-mixed"] if ids.allow_mixed else []
    return mixed + [
        f"a=extmap:{number} {URI_OF[name]}" for name, number in ids._asdict().items() if number and name in URI_OF
    ]
