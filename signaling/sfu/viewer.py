"""The one connection of a viewer that came by WHEP: its sections stay, what they show follows the room."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rooms.core.codes import Code
from rooms.core.model import TrackKind
from signaling.ports import MediaRejected
from signaling.webrtc import sdp, viewing
from signaling.webrtc.codecs import Codec
from signaling.webrtc.viewing import ViewedSection

from .link import Link, LinkServices, LinkState
from .pump import WorkerPump
from .subscriber import draw_ssrc
from .tracks import LiveTrack, native_extensions, native_format
from .wants import assign_view


@dataclass(slots=True)
class _Shown:
    track_id: str
    track_handle: int
    handle: int


class Viewer:
    """Raises MediaRejected from its constructor when the offer cannot be answered."""

    def __init__(
        self,
        services: LinkServices,
        pump: WorkerPump,
        participant_id: str,
        preference: Sequence[Codec],
        text: str,
        on_lost: Callable[[bool], None],
        reach: Callable[[LiveTrack], None],
    ) -> None:
        """`reach` is called before a track is subscribed to: it may have to be brought to this worker."""
        self._pump = pump
        self._reach = reach
        self.link = Link(services, pump, on_lost)
        try:
            answer = viewing.answer_offer(
                sdp.parse(text), self.link.local, preference, secrets.randbits(62), draw_ssrc, participant_id
            )
        except sdp.SdpError as error:
            self.link.close()
            raise MediaRejected(Code.MEDIA_REJECTED, str(error)) from error
        self.link.expect(answer.remote.fingerprints)
        self.answer = answer.sdp
        self._sections = {section.mid: section for section in answer.sections}
        self._shown: dict[str, _Shown] = {}
        self._used: set[str] = set()  # sections whose announced SSRCs have carried a stream

    @property
    def sounds(self) -> int:
        """How many it can take at once."""
        return sum(section.kind is TrackKind.AUDIO for section in self._sections.values())

    def update(self, tracks: Sequence[LiveTrack], speakers: Sequence[str], live: Mapping[str, LiveTrack]) -> None:
        """`tracks` are what it may be shown; `live` all of the room, by id: what is not there the core has dropped."""
        current = {mid: shown.track_id for mid, shown in self._shown.items()}
        assigned = assign_view(tuple(self._sections.values()), tracks, current, speakers)
        handles = {track.handle for track in live.values() if track.handle}
        for mid, shown in list(self._shown.items()):
            track = assigned.get(mid)
            if track is None or track.handle != shown.track_handle:
                del self._shown[mid]
                if shown.track_handle in handles:
                    self._pump.worker.remove_subscription(shown.handle)
        for mid, track in assigned.items():
            if mid not in self._shown:
                self._shown[mid] = _Shown(track.id, track.handle, self._add(self._sections[mid], track))

    @property
    def settled(self) -> bool:
        """Its offer has said what it can decode."""
        return True

    def sees(self, track_id: str) -> bool:
        return True

    def decodes(self, track: LiveTrack) -> frozenset[Codec]:
        """Of the codecs that the track may come in."""
        known = {item.bitstream for section in self._sections.values() for item in section.formats}
        return frozenset(bitstream.codec for bitstream in track.bitstreams if bitstream in known)

    def blind_to(self, tracks: Sequence[LiveTrack]) -> tuple[str, ...]:
        """The codecs of the pictures, when it has come for pictures and can decode none of these; else nothing."""
        sections = [section for section in self._sections.values() if section.kind is TrackKind.VIDEO]
        pictures = [track for track in tracks if track.source.kind is TrackKind.VIDEO and track.handle]
        if not sections or any(section.formats_for(track.bitstreams) for section in sections for track in pictures):
            return ()
        return tuple(sorted({bitstream.codec.value for track in pictures for bitstream in track.bitstreams}))

    @property
    def track_ids(self) -> list[str]:
        return [shown.track_id for shown in self._shown.values()]

    def restart_ice(self) -> Link:
        if self.link.state is LinkState.CLOSED:
            raise MediaRejected(Code.CONFLICT, "the viewing connection is closed")
        self.link.restart_ice()
        return self.link

    def close(self) -> None:
        self._shown.clear()
        self.link.close()

    def _add(self, section: ViewedSection, track: LiveTrack) -> int:
        """The first stream of a section uses the SSRCs of the answer.  A later one is another stream and must not go on
        under the same SSRC (RFC 3711 9.1); the viewer finds it by mid or payload type, and RTX is left out."""
        formats = section.formats_for(track.bitstreams)
        if not formats:
            raise RuntimeError("assigned to a section without its codec")
        entry = formats[0]
        self._reach(track)
        announced = section.mid not in self._used
        self._used.add(section.mid)
        if track.source.kind is TrackKind.VIDEO:
            self._pump.worker.request_keyframe(track.handle)
        return self._pump.worker.add_subscription(
            self.link.handle,
            track.handle,
            section.ssrc if announced else draw_ssrc(),
            section.rtx_ssrc if announced and entry.rtx_payload_type else 0,
            entry.payload_type,
            entry.rtx_payload_type,
            section.mid.encode() if entry.extensions.mid else b"",
            native_extensions(entry.extensions),
            entry.red_payload_type,
            True,
            formats=[native_format(item) for item in formats],
        )
