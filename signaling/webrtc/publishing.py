"""Answering a publishing offer (the page's or a WHIP client's): a pure function from offer to answer and streams.

The same offer always gives the same answer, so a renegotiation changes only what the client changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from rooms.core.model import Source, TrackKind

from . import extensions, transport
from .codecs import COMMON, Bitstream, Codec, carrier_parameters, rank, red_of, rtx_of
from .extensions import ExtensionIds
from .sdp import Format, Media, SdpError, SessionDescription
from .transport import LocalTransport, RemoteTransport

DATA_MESSAGE_MAX_BYTES: Final = 65_536
ENCODINGS_MAX: Final = 4  # of one source; what is offered beyond is not asked for
NATIVE_MID_MAX_CHARS: Final = 16  # what fits a one-byte header extension (RFC 8285 4.2)
_PROTOCOLS: Final = ("UDP/TLS/RTP/SAVPF", "TCP/TLS/RTP/SAVPF")
_DATA_PROTOCOLS: Final = ("UDP/DTLS/SCTP", "TCP/DTLS/SCTP")


class PublishedFormat(Struct, frozen=True):
    """How packets of one codec come."""

    bitstream: Bitstream
    payload_type: int
    rtx_payload_type: int


class Request(Struct, frozen=True):
    """What is asked of a publisher beside the preference of the server.

    `turns`: it may be asked for another codec in mid-stream, so that several are agreed on.  `codecs`: what was decided
    for a source.  `backups`: by mid, sections that carry a source a second time, and in which codec.
    """

    turns: bool = False
    codecs: Mapping[Source, Codec] = {}
    backups: Mapping[str, Codec] = {}


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
    alternatives: tuple[PublishedFormat, ...] = ()  # what it may turn to in mid-stream
    backup: bool = False  # a second stream of its source, for those who cannot decode the first

    @property
    def kind(self) -> TrackKind:
        return self.source.kind

    @property
    def formats(self) -> tuple[PublishedFormat, ...]:
        return (PublishedFormat(self.bitstream, self.payload_type, self.rtx_payload_type), *self.alternatives)

    def is_same(self, other: PublishedStream) -> bool:
        """The same RTP stream; only which of its formats comes first may be another."""
        return set(self.formats) == set(other.formats) and self._bare() == other._bare()

    def _bare(self) -> PublishedStream:
        return replace(self, bitstream=_ANY, payload_type=0, rtx_payload_type=0, alternatives=())


_ANY: Final = Bitstream(Codec.VP8)
_PLAIN: Final = Request()


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
    request: Request = _PLAIN,
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
            lines, stream = _answer_rtp(media, sources.get(media.mid), local, preference, request)
            if stream is not None:
                streams.append(stream)
            if stream is not None or media.mid in request.backups:
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
    media: Media, source: Source | None, local: LocalTransport, preference: Sequence[Codec], request: Request
) -> tuple[list[str] | None, PublishedStream | None]:
    """Our section and its stream.  (None, None): the section is refused; no stream: it stays, inactive for now."""
    wanted = source if media.direction.sends else None
    if wanted is not None and wanted.kind.value != media.kind:
        raise SdpError(f"{wanted.value} cannot be carried by a section of kind {media.kind}")
    backup = request.backups.get(media.mid)
    ranked = rank(media.kind, media.formats, preference if backup is None else (backup,))
    if not ranked:
        if wanted is not None and backup is None:
            raise SdpError(f"no codec of section {media.mid!r} is forwarded")
        return None, None
    if not request.turns:
        del ranked[1:]
    ranked = [item for item in ranked if item is ranked[0] or item[1].codec in COMMON]
    decided = request.codecs.get(wanted) if wanted is not None else None
    ranked.sort(key=lambda item: item[1].codec is not decided)
    entry, bitstream = ranked[0]
    red = red_of(media.formats, entry.payload_type) if media.kind == "audio" else None
    ids = extensions.accept(
        media, extensions.most_demanding([item for _, item in ranked], sending=False), sending=False
    )
    if len(media.mid) > NATIVE_MID_MAX_CHARS:
        ids = ids._replace(mid=0)
    rids = _rids(media, entry, ids) if wanted is not None else ()
    carried: dict[int, tuple[Format, Bitstream]] = {}  # by payload type: itself, or what its rtx or red carries
    published: list[PublishedFormat] = []
    for item, its in ranked:
        rtx = rtx_of(media.formats, item.payload_type) if media.kind == "video" else None
        carried |= {number: (item, its) for number in (item.payload_type, rtx.payload_type if rtx else 0) if number}
        published.append(PublishedFormat(its, item.payload_type, rtx.payload_type if rtx else 0))
    if red is not None:
        carried[red.payload_type] = ranked[0]
    formats = [item for number in carried for item in media.formats if item.payload_type == number]
    if media.kind == "audio":
        formats.sort(key=media.formats.index)  # a client that lists red first wants to send it (RFC 3264 6.1)
    transport_cc = "transport-cc" in entry.feedback and ids.transport_cc != 0
    lines = transport.media_line(media.kind, media.protocol, (item.payload_type for item in formats), local)
    lines += _common(media, "recvonly" if wanted else "inactive", local) + extensions.lines(ids)
    for item in formats:
        lines.append(_rtpmap(item))
        lines += [f"a=rtcp-fb:{item.payload_type} {text}" for text in _feedback(item, media.kind, transport_cc)]
        inside, its = carried[item.payload_type]
        parameters = _parameters(item, its, source) if item is inside else carrier_parameters(item, inside)
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
        rtx_payload_type=published[0].rtx_payload_type,
        red_payload_type=red.payload_type if red else 0,
        ssrc=ssrc,
        rtx_ssrc=rtx_ssrc if published[0].rtx_payload_type else 0,
        extensions=ids,
        nack="nack" in entry.feedback,
        transport_cc=transport_cc,
        rids=lowest_first(rids),
        alternatives=tuple(published[1:]),
        backup=backup is not None,
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
