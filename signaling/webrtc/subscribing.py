"""Offers of a subscribing connection: we offer, the page answers, so there is no glare.

A section (slot) belongs to one track while it is wanted.  A track that goes leaves its slot inactive; the next track of
that kind takes it over with a new msid and new SSRCs, so a long meeting does not grow its SDP.  A slot that the client
refused (port 0) is stopped for good and may be recycled under a new mid, of any kind (RFC 9429 5.2.2).

One offer is outstanding at a time; what changes meanwhile goes into the next.  Random numbers come from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from rooms.core.model import Source, TrackKind

from . import extensions, transport
from .codecs import Bitstream, Codec, H264Profile, bitstream_of
from .extensions import ExtensionIds
from .sdp import Media, SdpError, SessionDescription
from .transport import LocalTransport, RemoteTransport

SLOTS_MAX: Final = 72  # 52 pictures and 20 sounds: half of what an SDP may be long, in a browser's words
PROTOCOL: Final = "UDP/TLS/RTP/SAVPF"
RED_PAYLOAD_TYPE: Final = 63
_PAYLOAD_TYPES: Final = {Codec.OPUS: (111, 0), Codec.VP8: (96, 97), Codec.VP9: (98, 99), Codec.AV1: (45, 46)}
# H.264 needs one pair for each profile and mode that really comes up; ten pairs are all the combinations there are.
_H264_PAIRS: Final = tuple((number, number + 1) for number in (102, 104, 106, 108, 112, 114, 116, 118, 120, 122))


class Wanted(Struct, frozen=True):
    """A track that the subscriber wants.  A new `generation` of the same track is a new stream in the same slot."""

    track_id: str
    participant_id: str
    source: Source
    bitstream: Bitstream
    generation: int = 0
    alternatives: tuple[Bitstream, ...] = ()  # what it may turn to in mid-stream, or be sent as besides

    @property
    def bitstreams(self) -> tuple[Bitstream, ...]:
        return (self.bitstream, *self.alternatives)

    @property
    def kind(self) -> TrackKind:
        return self.source.kind


class OfferedSlot(Struct, frozen=True):
    mid: str
    wanted: Wanted


class SubscribingOffer(Struct, frozen=True):
    revision: int
    sdp: str
    slots: tuple[OfferedSlot, ...]


class BoundFormat(Struct, frozen=True):
    bitstream: Bitstream
    payload_type: int
    rtx_payload_type: int


class Binding(Struct, frozen=True):
    """An accepted slot: how packets of its track must look for this subscriber."""

    mid: str
    wanted: Wanted
    ssrc: int
    rtx_ssrc: int
    formats: tuple[BoundFormat, ...]  # one at least: those of the track's that the client can decode
    red_payload_type: int
    extensions: ExtensionIds

    @property
    def payload_type(self) -> int:
        return self.formats[0].payload_type

    @property
    def rtx_payload_type(self) -> int:
        return self.formats[0].rtx_payload_type


class Answered(Struct, frozen=True):
    bindings: tuple[Binding, ...]  # all that are accepted now
    refused: tuple[Wanted, ...]  # what the client cannot take
    remote: RemoteTransport


class _Slot(Struct):
    mid: str
    kind: TrackKind
    wanted: Wanted | None = None
    ssrc: int = 0
    rtx_ssrc: int = 0
    stopped: bool = False


class StaleRevision(Exception):
    """The answer is not for the outstanding offer."""


class SubscribingOfferer:
    """State of one subscribing connection's negotiation."""

    def __init__(self, origin_id: int, draw_ssrc: Callable[[], int], first_revision: int = 1) -> None:
        """`first_revision`: revisions go on counting when a client starts with a fresh connection."""
        self._origin_id = origin_id
        self._draw_ssrc = draw_ssrc
        self._slots: list[_Slot] = []
        self._mids_given = 0
        self._revision = first_revision - 1
        self._dirty = False
        self._h264: dict[Bitstream, tuple[int, int]] = {}
        self._undecodable: set[Bitstream] = set()
        self._decodable: set[Bitstream] = set()
        self._doubtful: set[Bitstream] = set()  # missing in the answer for an empty slot: not even sent to it
        self._refused_tracks: set[tuple[str, int]] = set()
        self._offered: list[_Slot] = []  # copies of the slots as the outstanding offer shows them
        self.outstanding: SubscribingOffer | None = None

    def prepare(self, kinds: Sequence[TrackKind]) -> None:
        """Empty slots, so that a first offer can bring the transport up before there is anything to see."""
        for kind in kinds:
            self._slots.append(_Slot(self._next_mid(), kind))
        self._dirty = True

    @property
    def next_revision(self) -> int:
        return self._revision + 1

    def want(self, wanted: Sequence[Wanted]) -> tuple[Wanted, ...]:
        """Take over the whole list of wanted tracks, best first; returns those that found no place."""
        unplaced: list[Wanted] = []
        chosen: dict[str, Wanted] = {}
        for item in wanted:
            able = any(bitstream not in self._undecodable for bitstream in item.bitstreams)
            refused = (item.track_id, item.generation) in self._refused_tracks
            if not able or refused or not self._offerable(item) or len(chosen) >= SLOTS_MAX:
                unplaced.append(item)
            else:
                chosen[item.track_id] = item
        for slot in self._slots:
            if slot.wanted is not None:
                kept = chosen.pop(slot.wanted.track_id, None)
                if kept != slot.wanted:
                    self._assign(slot, kept)
        for item in chosen.values():
            slot_or_none = self._free_slot(item.kind)
            if slot_or_none is None:
                unplaced.append(item)
            else:
                self._assign(slot_or_none, item)
        return tuple(unplaced)

    def decodes(self, bitstream: Bitstream) -> bool:
        """As far as is known from its answers; what was never offered counts as decodable."""
        if bitstream in self._decodable:
            return True
        return bitstream not in self._undecodable and bitstream not in self._doubtful

    def restart(self) -> None:
        """Credentials changed or the outstanding offer is lost: offer anew, an older answer becomes stale."""
        self.outstanding = None
        self._dirty = True

    def offer(self, local: LocalTransport) -> SubscribingOffer | None:
        """The next offer; None when one is outstanding or nothing changed."""
        if self.outstanding is not None or not self._dirty or not self._slots:
            return None
        self._dirty = False
        self._revision += 1
        bundle = [slot.mid for slot in self._slots if not slot.stopped]
        lines = transport.session_lines(local, self._origin_id, self._revision, bundle)
        for slot in self._slots:
            lines += self._slot_lines(slot, local)
        slots = tuple(OfferedSlot(slot.mid, slot.wanted) for slot in self._slots if slot.wanted is not None)
        self._offered = [replace(slot) for slot in self._slots]
        self.outstanding = SubscribingOffer(self._revision, transport.text(lines), slots)
        return self.outstanding

    def answer(self, revision: int, description: SessionDescription) -> Answered:
        """Apply the answer to the outstanding offer.  Raises StaleRevision, or SdpError (then it stays outstanding)."""
        if self.outstanding is None or revision != self.outstanding.revision:
            raise StaleRevision
        if len(description.media) != len(self._offered):
            raise SdpError("the answer has another number of sections than the offer")
        remote = transport.remote_transport(description, ("active",))
        bindings: list[Binding] = []
        refused: list[Wanted] = []
        decodable: set[Bitstream] = set()
        undecodable: set[Bitstream] = set()
        doubtful: set[Bitstream] = set()
        stopped: list[int] = []
        for index, (offered, media) in enumerate(zip(self._offered, description.media, strict=True)):
            if offered.stopped:
                continue
            if media.rejected:
                stopped.append(index)
            elif media.mid and media.mid != offered.mid:
                raise SdpError("the answer's sections are in another order")
            if offered.wanted is None:
                missing = set(_EMPTY[offered.kind]) - {item.bitstream for item in self._formats(offered, media)}
                doubtful |= missing if not media.rejected else set()
                continue
            binding = self._bind(offered, offered.wanted, media)
            if binding is not None and media.direction.receives and not media.rejected:
                bindings.append(binding)
            else:
                refused.append(offered.wanted)
            known = {item.bitstream for item in binding.formats} if binding is not None else set()
            decodable |= known
            undecodable |= set(offered.wanted.bitstreams) - known
        self.outstanding = None
        self._doubtful |= doubtful
        self._decodable |= decodable
        self._undecodable |= undecodable - self._decodable
        for index in stopped:
            self._stop(index)
        for item in refused:
            self._refuse(item)
        return Answered(tuple(bindings), tuple(refused), remote)

    def _refuse(self, item: Wanted) -> None:
        self._refused_tracks.add((item.track_id, item.generation))
        for slot in self._slots:
            if slot.wanted == item:
                slot.wanted = None
                self._dirty = True

    def _stop(self, index: int) -> None:
        slot = self._slots[index]
        if slot.mid == self._offered[index].mid:
            later = slot.wanted if slot.wanted != self._offered[index].wanted else None
            slot.stopped, slot.wanted = True, None
            self._dirty = True  # the next offer tells the page what it does not get
            if later is not None and (free := self._free_slot(later.kind)) is not None:
                self._assign(free, later)

    def _next_mid(self) -> str:
        self._mids_given += 1
        return str(self._mids_given - 1)

    def _free_slot(self, kind: TrackKind) -> _Slot | None:
        for slot in self._slots:
            if slot.wanted is None and not slot.stopped and slot.kind is kind:
                return slot
        for slot in self._slots:
            if slot.stopped:
                slot.mid, slot.kind, slot.stopped = self._next_mid(), kind, False
                return slot
        if len(self._slots) < SLOTS_MAX:
            self._slots.append(_Slot(self._next_mid(), kind))
            return self._slots[-1]
        return None

    def _assign(self, slot: _Slot, wanted: Wanted | None) -> None:
        slot.wanted = wanted
        self._dirty = True
        if wanted is not None:
            slot.ssrc = self._draw_ssrc()
            slot.rtx_ssrc = self._draw_ssrc() if wanted.kind is TrackKind.VIDEO else 0

    def _payload_types(self, bitstream: Bitstream) -> tuple[int, int] | None:
        if bitstream.codec is not Codec.H264:
            return _PAYLOAD_TYPES[bitstream.codec]
        if bitstream not in self._h264 and len(self._h264) < len(_H264_PAIRS):
            self._h264[bitstream] = _H264_PAIRS[len(self._h264)]
        return self._h264.get(bitstream)

    def _offerable(self, wanted: Wanted) -> bool:
        return any(self._payload_types(bitstream) is not None for bitstream in wanted.bitstreams)

    def _offered_formats(self, slot: _Slot) -> list[BoundFormat]:
        bitstreams = slot.wanted.bitstreams if slot.wanted is not None else _EMPTY[slot.kind]
        numbers = ((bitstream, self._payload_types(bitstream)) for bitstream in bitstreams)
        return [BoundFormat(bitstream, *pair) for bitstream, pair in numbers if pair is not None]

    def _slot_lines(self, slot: _Slot, local: LocalTransport) -> list[str]:
        if slot.stopped:
            return [f"m={slot.kind.value} 0 {PROTOCOL} 0", "c=IN IP4 0.0.0.0", f"a=mid:{slot.mid}", "a=inactive"]
        formats = self._offered_formats(slot)
        audio = slot.kind is TrackKind.AUDIO
        numbers = [number for item in formats for number in (item.payload_type, item.rtx_payload_type) if number]
        payloads = [*numbers, RED_PAYLOAD_TYPE] if audio else numbers
        lines = transport.media_line(slot.kind.value, PROTOCOL, payloads, local)
        lines += [f"a=mid:{slot.mid}", "a=sendonly" if slot.wanted else "a=inactive", "a=rtcp-mux", "a=rtcp-rsize"]
        lines += transport.ice_lines(local, "actpass")
        lines += extensions.lines(
            extensions.offered_for(extensions.most_demanding([item.bitstream for item in formats], sending=True))
        )
        for item in formats:
            lines += _sound_lines(item) if audio else _picture_lines(item)
        return lines + (_stream_lines(slot, slot.wanted) if slot.wanted else [])

    def _bind(self, slot: _Slot, wanted: Wanted, media: Media) -> Binding | None:
        """None when the client's section has not the codec: it cannot decode it."""
        formats = self._formats(slot, media)
        if not formats:
            return None
        red = next((entry for entry in media.formats if entry.payload_type == RED_PAYLOAD_TYPE), None)
        return Binding(
            mid=slot.mid,
            wanted=wanted,
            ssrc=slot.ssrc,
            rtx_ssrc=slot.rtx_ssrc if any(item.rtx_payload_type for item in formats) else 0,
            formats=formats,
            red_payload_type=RED_PAYLOAD_TYPE if red is not None and red.name == "red" else 0,
            extensions=extensions.accept(
                media, extensions.most_demanding([item.bitstream for item in formats], sending=True), sending=True
            ),
        )

    def _formats(self, slot: _Slot, media: Media) -> tuple[BoundFormat, ...]:
        """Of those that were offered, what the client's section has too: what it can decode."""
        entries = {entry.payload_type: entry for entry in media.formats}
        found: list[BoundFormat] = []
        for item in self._offered_formats(slot):
            entry, rtx = entries.get(item.payload_type), entries.get(item.rtx_payload_type)
            accepted = bitstream_of(media.kind, entry) if entry is not None else None
            if accepted is not None and accepted.codec is item.bitstream.codec:
                found.append(item if rtx is not None and rtx.name == "rtx" else replace(item, rtx_payload_type=0))
        return tuple(found)


# What an empty slot is offered with: its answer tells what the client can decode before there is anything to see.
_EMPTY: Final = {
    TrackKind.AUDIO: (Bitstream(Codec.OPUS),),
    TrackKind.VIDEO: (
        Bitstream(Codec.VP8),
        Bitstream(Codec.H264, H264Profile.CONSTRAINED_BASELINE, 1),
        Bitstream(Codec.VP9),
        Bitstream(Codec.AV1),
    ),
}
_VIDEO_FEEDBACK: Final = ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli")


def _sound_lines(item: BoundFormat) -> list[str]:
    number = item.payload_type
    return [
        f"a=rtpmap:{number} opus/48000/2",
        f"a=rtcp-fb:{number} transport-cc",
        f"a=fmtp:{number} {item.bitstream.fmtp};stereo=1",
        f"a=rtpmap:{RED_PAYLOAD_TYPE} red/48000/2",
        f"a=fmtp:{RED_PAYLOAD_TYPE} {number}/{number}",
    ]


def _picture_lines(item: BoundFormat) -> list[str]:
    number, rtx = item.payload_type, item.rtx_payload_type
    lines = [f"a=rtpmap:{number} {item.bitstream.codec.value}/90000"]
    lines += [f"a=rtcp-fb:{number} {text}" for text in _VIDEO_FEEDBACK]
    lines += [f"a=fmtp:{number} {item.bitstream.fmtp}"] if item.bitstream.fmtp else []
    return [*lines, f"a=rtpmap:{rtx} rtx/90000", f"a=fmtp:{rtx} apt={number}"]


def _stream_lines(slot: _Slot, wanted: Wanted) -> list[str]:
    """msid = participant and track (RFC 8830), so that a page sees whose it is.  All streams of a participant share a
    cname: it is what ties their clocks together for lip sync (RFC 3550 6.5.1)."""
    stream = wanted.participant_id or wanted.track_id  # a voice is nobody's
    lines = [f"a=msid:{stream} {wanted.track_id}"]
    if slot.rtx_ssrc:
        lines.append(f"a=ssrc-group:FID {slot.ssrc} {slot.rtx_ssrc}")
    for ssrc in (slot.ssrc, slot.rtx_ssrc):
        if ssrc:
            lines.append(f"a=ssrc:{ssrc} cname:{stream}")
            lines.append(f"a=ssrc:{ssrc} msid:{stream} {wanted.track_id}")
    return lines
