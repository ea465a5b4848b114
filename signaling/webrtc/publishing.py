"""Answering a publishing offer (the page's or a WHIP client's): a pure function from offer to answer and streams.

The same offer always gives the same answer, so a renegotiation changes only what the client changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from rooms.core.model import Source, TrackKind

from . import extensions, transport
from .codecs import Bitstream, Codec, carrier_parameters, choose, red_of, rtx_of
from .extensions import ExtensionIds
from .sdp import Format, Media, SdpError, SessionDescription
from .transport import LocalTransport, RemoteTransport

DATA_MESSAGE_MAX_BYTES: Final = 65_536
ENCODINGS_MAX: Final = 4  # of one source; what is offered beyond is not asked for
NATIVE_MID_MAX_CHARS: Final = 16  # what fits a one-byte header extension (RFC 8285 4.2)
_PROTOCOLS: Final = ("UDP/TLS/RTP/SAVPF", "TCP/TLS/RTP/SAVPF")
_DATA_PROTOCOLS: Final = ("UDP/DTLS/SCTP", "TCP/DTLS/SCTP")


class PublishedStream(Struct, frozen=True):
    """One track as it will arrive.  SSRC 0: not told in the offer, learned from MID or payload type."""

    mid: str
    source: Source
    bitstream: Bitstream
    payload_type: int
    rtx_payload_type: int
    red_payload_type: int
    ssrc: int
    rtx_ssrc: int
    extensions: ExtensionIds
    nack: bool
    transport_cc: bool
    rids: tuple[str, ...] = ()  # of its encodings, lowest first; () = there is one, without a name

    @property
    def kind(self) -> TrackKind:
        return self.source.kind


class DataSection(Struct, frozen=True):
    mid: str
    remote_port: int
    remote_max_message_bytes: int


class PublishingAnswer(Struct, frozen=True):
    sdp: str
    streams: tuple[PublishedStream, ...]
    data: DataSection | None
    remote: RemoteTransport


def read_offer(offer: SessionDescription) -> RemoteTransport:
    """The offer's transport, needed before our own credentials for the answer are settled.  Raises SdpError."""
    return transport.remote_transport(offer, ("actpass", "active"))


def sources_by_kind(offer: SessionDescription) -> dict[str, Source]:
    """What a WHIP client's sections carry: it has no way to say, so first camera and microphone, then screen."""
    left = {
        "audio": [Source.MICROPHONE, Source.SCREEN_AUDIO],
        "video": [Source.CAMERA, Source.SCREEN],
    }
    sources: dict[str, Source] = {}
    for media in offer.media:
        if not media.rejected and media.direction.sends and left.get(media.kind):
            sources[media.mid] = left[media.kind].pop(0)
    return sources


def answer_offer(
    offer: SessionDescription,
    sources: Mapping[str, Source],
    local: LocalTransport,
    preference: Sequence[Codec],
    origin_id: int,
    version: int,
) -> PublishingAnswer:
    """Answer: receive what `sources` names, leave the rest inactive.  Raises SdpError for what cannot be taken."""
    remote = read_offer(offer)
    streams: list[PublishedStream] = []
    data: DataSection | None = None
    sections: list[str] = []
    bundle: list[str] = []
    unseen = set(sources)
    for media in offer.media:
        lines: list[str] | None = None
        if media.rejected:
            pass
        elif media.kind in ("audio", "video") and media.protocol in _PROTOCOLS:
            lines, stream = _answer_rtp(media, sources.get(media.mid), local, preference)
            if stream is not None:
                streams.append(stream)
                unseen.discard(media.mid)
        elif data is None and _carries_data(media):
            data = DataSection(media.mid, media.sctp_port, media.max_message_bytes)
            lines = _answer_data(media, local)
        if lines is None:
            sections += transport.rejected_lines(media)
            continue
        bundle.append(media.mid)
        sections += lines
    if unseen:
        raise SdpError(f"no sending section with mid {min(unseen)!r}")
    if not bundle:
        raise SdpError("nothing in the offer can be accepted")
    _check_ssrcs(streams)
    head = transport.session_lines(local, origin_id, version, (mid for mid in bundle if mid))
    return PublishingAnswer(transport.text(head + sections), tuple(streams), data, remote)


def _answer_rtp(
    media: Media, source: Source | None, local: LocalTransport, preference: Sequence[Codec]
) -> tuple[list[str] | None, PublishedStream | None]:
    """Our section and its stream.  (None, None): the section is refused; no stream: it stays, inactive for now."""
    chosen = choose(media.kind, media.formats, preference)
    wanted = source if media.direction.sends else None
    if wanted is not None and wanted.kind.value != media.kind:
        raise SdpError(f"{wanted.value} cannot be carried by a section of kind {media.kind}")
    if chosen is None:
        if wanted is not None:
            raise SdpError(f"no codec of section {media.mid!r} is forwarded")
        return None, None
    entry, bitstream = chosen
    rtx = rtx_of(media.formats, entry.payload_type) if media.kind == "video" else None
    red = red_of(media.formats, entry.payload_type) if media.kind == "audio" else None
    ids = extensions.accept(media, bitstream, sending=False)
    if len(media.mid) > NATIVE_MID_MAX_CHARS:
        ids = ids._replace(mid=0)
    rids = _rids(media, entry, ids) if wanted is not None else ()
    formats = [entry, *([rtx] if rtx else []), *([red] if red else [])]
    formats.sort(key=media.formats.index)  # a client that lists red first wants to send it (RFC 3264 6.1)
    transport_cc = "transport-cc" in entry.feedback and ids.transport_cc != 0
    lines = transport.media_line(media.kind, media.protocol, (item.payload_type for item in formats), local)
    lines += _common(media, "recvonly" if wanted else "inactive", local) + extensions.lines(ids)
    for item in formats:
        lines.append(_rtpmap(item))
        lines += [f"a=rtcp-fb:{item.payload_type} {text}" for text in _feedback(item, media.kind, transport_cc)]
        parameters = _parameters(entry, bitstream, source) if item is entry else carrier_parameters(item, entry)
        lines += [f"a=fmtp:{item.payload_type} {parameters}"] if parameters else []
    if wanted is None:
        return lines, None
    if rids:
        lines += [*(f"a=rid:{rid} recv" for rid in rids), f"a=simulcast:recv {';'.join(rids)}"]
    ssrc, rtx_ssrc = (0, 0) if rids else _ssrcs(media)
    return lines, PublishedStream(
        mid=media.mid,
        source=wanted,
        bitstream=bitstream,
        payload_type=entry.payload_type,
        rtx_payload_type=rtx.payload_type if rtx else 0,
        red_payload_type=red.payload_type if red else 0,
        ssrc=ssrc,
        rtx_ssrc=rtx_ssrc if rtx else 0,
        extensions=ids,
        nack="nack" in entry.feedback,
        transport_cc=transport_cc,
        rids=lowest_first(rids),
    )


def _rids(media: Media, entry: Format, ids: ExtensionIds) -> tuple[str, ...]:
    """The encodings we take, as offered (RFC 8853 5.3.2).  Without the extensions that name them there is only one."""
    if not (ids.mid and ids.rid and ids.repaired_rid) or media.kind != "video":
        return ()
    able = [
        rid.name for rid in media.simulcast_sent if not rid.payload_types or entry.payload_type in rid.payload_types
    ]
    return tuple(able[:ENCODINGS_MAX]) if len(able) > 1 else ()


def lowest_first(rids: tuple[str, ...]) -> tuple[str, ...]:
    """Nothing in SDP says which encoding is the lowest.  The usual names do (quarter, half, full); others are
    taken in the order of the offer, which for browsers is the order of sendEncodings."""
    if set(rids) <= {"q", "h", "f"}:
        return tuple(sorted(rids, key="qhf".index))
    return rids


def _common(media: Media, direction: str, local: LocalTransport) -> list[str]:
    lines = [f"a=mid:{media.mid}"] if media.mid else []
    return [*lines, f"a={direction}", "a=rtcp-mux", "a=rtcp-rsize", *transport.ice_lines(local, "passive")]


def _carries_data(media: Media) -> bool:
    """RFC 8841 4.1."""
    known = media.kind == "application" and media.protocol in _DATA_PROTOCOLS
    return known and media.payloads == ("webrtc-datachannel",) and media.sctp_port != 0


def _answer_data(media: Media, local: LocalTransport) -> list[str]:
    return [
        *transport.media_line("application", media.protocol, media.payloads, local),
        *([f"a=mid:{media.mid}"] if media.mid else []),
        *transport.ice_lines(local, "passive"),
        f"a=sctp-port:{media.sctp_port}",
        f"a=max-message-size:{DATA_MESSAGE_MAX_BYTES}",
    ]


def _rtpmap(entry: Format) -> str:
    name = {"vp8": "VP8", "vp9": "VP9", "av1": "AV1", "h264": "H264"}.get(entry.name, entry.name)
    channels = f"/{entry.channels}" if entry.channels > 1 else ""
    return f"a=rtpmap:{entry.payload_type} {name}/{entry.clock_rate}{channels}"


def _feedback(entry: Format, kind: str, transport_cc: bool) -> list[str]:
    """Of what the client offered, what the core really sends: NACK, PLI, FIR, transport-wide feedback; no REMB."""
    wanted = ["transport-cc"] if transport_cc else []
    if kind == "video":
        wanted += ["ccm fir", "nack", "nack pli"]
    return [text for text in wanted if text in entry.feedback]


def _parameters(entry: Format, bitstream: Bitstream, source: Source | None) -> str:
    if bitstream.codec is not Codec.OPUS:
        return bitstream.fmtp
    # RFC 7587 7: what we say here is what the sender should do.  Silence is left out only by a client that asks for it:
    # DTX takes a steady tone or soft music for silence too.  Shared sound keeps its stereo.
    stereo = source is Source.SCREEN_AUDIO or "1" in (entry.parameter("stereo"), entry.parameter("sprop-stereo"))
    dtx = entry.parameter("usedtx") == "1"
    return bitstream.fmtp + (";stereo=1" if stereo else "") + (";usedtx=1" if dtx else "")


def _ssrcs(media: Media) -> tuple[int, int]:
    for group in media.ssrc_groups:
        if group.semantics == "FID" and len(group.ssrcs) == 2:  # RFC 5576 4.2
            return group.ssrcs
    return (media.ssrcs[0] if media.ssrcs else 0), 0


def _check_ssrcs(streams: Sequence[PublishedStream]) -> None:
    """RFC 3550 8: one SSRC, one source."""
    used = [ssrc for stream in streams for ssrc in (stream.ssrc, stream.rtx_ssrc) if ssrc]
    if len(set(used)) != len(used):
        raise SdpError("an SSRC is used twice")
