"""Answering a viewer's offer (WHEP): here the client offers to receive and we answer with sendonly sections.

A viewer cannot be renegotiated, so its sections stay while what they show may change: every codec that both sides know
is left in the answer, and a track is bound to a section with the payload type of its codec.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from rooms.core.model import TrackKind

from . import extensions, transport
from .codecs import Bitstream, Codec, bitstream_of, carrier_parameters, red_of, rtx_of
from .extensions import ExtensionIds
from .publishing import NATIVE_MID_MAX_CHARS
from .sdp import Format, Media, SdpError, SessionDescription
from .transport import LocalTransport, RemoteTransport

_PROTOCOLS: Final = ("UDP/TLS/RTP/SAVPF", "TCP/TLS/RTP/SAVPF")
_VIDEO_FEEDBACK: Final = ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli")


class ViewedFormat(Struct, frozen=True):
    bitstream: Bitstream
    payload_type: int
    rtx_payload_type: int
    red_payload_type: int
    extensions: ExtensionIds


class ViewedSection(Struct, frozen=True):
    mid: str
    kind: TrackKind
    ssrc: int
    rtx_ssrc: int
    formats: tuple[ViewedFormat, ...]

    def format_for(self, bitstream: Bitstream) -> ViewedFormat | None:
        return next((item for item in self.formats if item.bitstream == bitstream), None)

    def formats_for(self, bitstreams: Sequence[Bitstream]) -> list[ViewedFormat]:
        """Of a track that may come in any of these."""
        found = (self.format_for(bitstream) for bitstream in bitstreams)
        return [item for item in found if item is not None]


class ViewingAnswer(Struct, frozen=True):
    sdp: str
    sections: tuple[ViewedSection, ...]
    remote: RemoteTransport


def read_offer(offer: SessionDescription) -> RemoteTransport:
    return transport.remote_transport(offer, ("actpass", "active"))


def answer_offer(
    offer: SessionDescription,
    local: LocalTransport,
    preference: Sequence[Codec],
    origin_id: int,
    draw_ssrc: Callable[[], int],
    stream_id: str,
    *,
    announces: bool = True,
) -> ViewingAnswer:
    """Answer a recvonly (or sendrecv) offer.  Raises SdpError when nothing in it can be sent.

    `announces`: SSRCs are told.  Where they are not, streams of other SSRCs can follow one another in a section.
    """
    remote = read_offer(offer)
    viewed: list[ViewedSection] = []
    lines: list[str] = []
    bundle: list[str] = []
    for media in offer.media:
        section: ViewedSection | None = None
        if not media.rejected and media.kind in ("audio", "video") and media.protocol in _PROTOCOLS:
            section = _section(media, preference, draw_ssrc) if media.direction.receives else None
        if section is None:
            lines += transport.rejected_lines(media)
            continue
        viewed.append(section)
        lines += _section_lines(media, section, local, stream_id, announces)
        bundle.append(media.mid)
    if not viewed:
        raise SdpError("no section of the offer can receive a codec that is forwarded")
    head = transport.session_lines(local, origin_id, 1, (mid for mid in bundle if mid))
    return ViewingAnswer(transport.text(head + lines), tuple(viewed), remote)


def _section(media: Media, preference: Sequence[Codec], draw_ssrc: Callable[[], int]) -> ViewedSection | None:
    formats: list[ViewedFormat] = []
    for entry in media.formats:
        bitstream = bitstream_of(media.kind, entry)
        if bitstream is None or any(known.bitstream == bitstream for known in formats):
            continue
        if bitstream.codec is not Codec.OPUS and bitstream.codec not in preference:
            continue
        ids = extensions.accept(media, bitstream, sending=True)
        rtx = rtx_of(media.formats, entry.payload_type) if media.kind == "video" else None
        red = red_of(media.formats, entry.payload_type) if media.kind == "audio" else None
        formats.append(
            ViewedFormat(
                bitstream=bitstream,
                payload_type=entry.payload_type,
                rtx_payload_type=rtx.payload_type if rtx else 0,
                red_payload_type=red.payload_type if red else 0,
                extensions=ids if len(media.mid) <= NATIVE_MID_MAX_CHARS else ids._replace(mid=0),
            )
        )
    if not formats:
        return None
    rtx_ssrc = draw_ssrc() if any(item.rtx_payload_type for item in formats) else 0
    return ViewedSection(media.mid, TrackKind(media.kind), draw_ssrc(), rtx_ssrc, tuple(formats))


def _section_lines(
    media: Media, section: ViewedSection, local: LocalTransport, stream_id: str, announces: bool
) -> list[str]:
    offered = {entry.payload_type: entry for entry in media.formats}
    inside: dict[int, Format] = {}  # payload type -> the format itself, or what its rtx or red carries
    ids: dict[str, int] = {}
    for item in section.formats:
        for number in (item.payload_type, item.rtx_payload_type, item.red_payload_type):
            if number:
                inside[number] = offered[item.payload_type]
        ids |= {name: number for name, number in item.extensions._asdict().items() if number}
    lines = transport.media_line(media.kind, media.protocol, inside, local)
    lines += [f"a=mid:{media.mid}"] if media.mid else []
    lines += ["a=sendonly", "a=rtcp-mux", "a=rtcp-rsize", *transport.ice_lines(local, "passive")]
    lines += extensions.lines(ExtensionIds(**ids))
    for number, carried in inside.items():
        lines += _format_lines(offered[number], carried, media.kind)
    if not announces:
        return [*lines, f"a=msid:{stream_id} {stream_id}-{media.mid}"]
    lines.append(f"a=msid:{stream_id} {stream_id}-{media.kind}")
    if section.rtx_ssrc:
        lines.append(f"a=ssrc-group:FID {section.ssrc} {section.rtx_ssrc}")
    return [*lines, *(f"a=ssrc:{ssrc} cname:{stream_id}" for ssrc in (section.ssrc, section.rtx_ssrc) if ssrc)]


def _format_lines(entry: Format, inside: Format, kind: str) -> list[str]:
    number = entry.payload_type
    bitstream = bitstream_of(kind, entry)
    channels = f"/{entry.channels}" if entry.channels > 1 else ""
    name = bitstream.codec.value if bitstream is not None else entry.name
    lines = [f"a=rtpmap:{number} {name}/{entry.clock_rate}{channels}"]
    wanted = _VIDEO_FEEDBACK if kind == "video" else ("transport-cc",)
    lines += [f"a=rtcp-fb:{number} {text}" for text in wanted if text in entry.feedback]
    parameters = bitstream.fmtp if bitstream is not None else carrier_parameters(entry, inside)
    return [*lines, f"a=fmtp:{number} {parameters}"] if parameters else lines
