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
from .codecs import Bitstream, Codec, bitstream_of
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


class Binding(Struct, frozen=True):
    """An accepted slot: how packets of its track must look for this subscriber."""

    mid: str
    wanted: Wanted
    ssrc: int
    rtx_ssrc: int
    payload_type: int
    rtx_payload_type: int
    red_payload_type: int
    extensions: ExtensionIds


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
            known_bad = item.bitstream in self._undecodable or (item.track_id, item.generation) in self._refused_tracks
            if known_bad or self._payload_types(item.bitstream) is None or len(chosen) >= SLOTS_MAX:
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
        undecodable: set[Bitstream] = set()
        stopped: list[int] = []
        for index, (offered, media) in enumerate(zip(self._offered, description.media, strict=True)):
            if offered.stopped:
                continue
            if media.rejected:
                stopped.append(index)
            elif media.mid and media.mid != offered.mid:
                raise SdpError("the answer's sections are in another order")
            if offered.wanted is None:
                continue
            binding = self._bind(offered, offered.wanted, media)
            if binding is not None and media.direction.receives and not media.rejected:
                bindings.append(binding)
            else:
                refused.append(offered.wanted)
                if binding is None:
                    undecodable.add(offered.wanted.bitstream)
        self.outstanding = None
        self._undecodable |= undecodable
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

    def _slot_lines(self, slot: _Slot, local: LocalTransport) -> list[str]:
        if slot.stopped:
            return [f"m={slot.kind.value} 0 {PROTOCOL} 0", "c=IN IP4 0.0.0.0", f"a=mid:{slot.mid}", "a=inactive"]
        bitstream = slot.wanted.bitstream if slot.wanted else _PLACEHOLDER[slot.kind]
        payload_type, rtx = self._payload_types(bitstream) or (0, 0)
        audio = slot.kind is TrackKind.AUDIO
        payloads = [payload_type, RED_PAYLOAD_TYPE] if audio else [payload_type, rtx]
        lines = transport.media_line(slot.kind.value, PROTOCOL, payloads, local)
        lines += [f"a=mid:{slot.mid}", "a=sendonly" if slot.wanted else "a=inactive", "a=rtcp-mux", "a=rtcp-rsize"]
        lines += transport.ice_lines(local, "actpass")
        lines += extensions.lines(extensions.offered_for(bitstream))
        if audio:
            lines += [
                f"a=rtpmap:{payload_type} opus/48000/2",
                f"a=rtcp-fb:{payload_type} transport-cc",
                f"a=fmtp:{payload_type} {bitstream.fmtp};stereo=1",
                f"a=rtpmap:{RED_PAYLOAD_TYPE} red/48000/2",
                f"a=fmtp:{RED_PAYLOAD_TYPE} {payload_type}/{payload_type}",
            ]
        else:
            lines.append(f"a=rtpmap:{payload_type} {bitstream.codec.value}/90000")
            lines += [f"a=rtcp-fb:{payload_type} {text}" for text in _VIDEO_FEEDBACK]
            lines += [f"a=fmtp:{payload_type} {bitstream.fmtp}"] if bitstream.fmtp else []
            lines += [f"a=rtpmap:{rtx} rtx/90000", f"a=fmtp:{rtx} apt={payload_type}"]
        return lines + (_stream_lines(slot, slot.wanted) if slot.wanted else [])

    def _bind(self, slot: _Slot, wanted: Wanted, media: Media) -> Binding | None:
        """None when the client's section has not the codec: it cannot decode it."""
        payload_types = self._payload_types(wanted.bitstream)
        entries = {entry.payload_type: entry for entry in media.formats}
        if payload_types is None or payload_types[0] not in entries:
            return None
        payload_type, rtx = payload_types
        accepted = bitstream_of(media.kind, entries[payload_type])
        if accepted is None or accepted.codec is not wanted.bitstream.codec:
            return None
        red = entries.get(RED_PAYLOAD_TYPE)
        has_rtx = wanted.kind is TrackKind.VIDEO and rtx in entries and entries[rtx].name == "rtx"
        return Binding(
            mid=slot.mid,
            wanted=wanted,
            ssrc=slot.ssrc,
            rtx_ssrc=slot.rtx_ssrc if has_rtx else 0,
            payload_type=payload_type,
            rtx_payload_type=rtx if has_rtx else 0,
            red_payload_type=RED_PAYLOAD_TYPE if red is not None and red.name == "red" else 0,
            extensions=extensions.accept(media, wanted.bitstream, sending=True),
        )


_PLACEHOLDER: Final = {TrackKind.AUDIO: Bitstream(Codec.OPUS), TrackKind.VIDEO: Bitstream(Codec.VP8)}
_VIDEO_FEEDBACK: Final = ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli")


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
