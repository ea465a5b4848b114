"""The live tracks of a room as others may see them, kept in the order and by the kinds in which they are chosen.

A room with few microphones is heard track by track.  Above DIRECT_MICROPHONES_MAX it is a *crowd*: everybody hears its
voices instead, the few tracks onto which the core joins whoever speaks.  It is one again with half as many, so that a
room that breathes around the limit does not renegotiate with every breath.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from rooms.core.model import Source
from signaling.webrtc.codecs import Bitstream, Codec
from signaling.webrtc.extensions import ExtensionIds
from signaling.webrtc.publishing import PublishedStream

from .tracks import Encoding, LiveTrack

DIRECT_MICROPHONES_MAX: Final = 16


def voice_track(name: str, handle: int) -> LiveTrack:
    """One of a room's voices.  It belongs to no participant: who speaks is told by `speakers`."""
    stream = PublishedStream(
        mid="",
        source=Source.MICROPHONE,
        bitstream=Bitstream(Codec.OPUS),
        payload_type=0,
        rtx_payload_type=0,
        red_payload_type=0,
        ssrc=0,
        rtx_ssrc=0,
        extensions=ExtensionIds(),
        nack=False,
        transport_cc=False,
    )
    return LiveTrack(f"voice-{name}", "", stream, (Encoding("", handle),), known=True)


class TrackDirectory(Mapping[str, LiveTrack]):
    """By id: all published tracks, and the voices while the room is a crowd."""

    def __init__(self) -> None:
        self._of_source: dict[Source, dict[str, LiveTrack]] = {source: {} for source in Source}
        self._all: dict[str, LiveTrack] = {}  # in the order in which they became known
        self._voices: dict[str, LiveTrack] = {}  # the lead is the last
        self._crowd = False
        self._direct = False

    def __getitem__(self, track_id: str) -> LiveTrack:
        return self._all.get(track_id) or self._voices[track_id]

    def __iter__(self) -> Iterator[str]:
        return chain(self._all, self._voices)

    def __len__(self) -> int:
        return len(self._all) + len(self._voices)

    @property
    def microphones(self) -> Mapping[str, LiveTrack]:
        return self._of_source[Source.MICROPHONE]

    @property
    def crowd(self) -> bool:
        """Nobody hears microphones one by one any more."""
        return self._crowd

    @property
    def needs_voices(self) -> bool:
        return not self._direct and not self._voices and len(self.microphones) > DIRECT_MICROPHONES_MAX

    def add(self, track: LiveTrack) -> None:
        """Tracks become known one after the other: `known_at_ms` never goes back."""
        self._all[track.id] = track
        self._of_source[track.source][track.id] = track
        self._judge()

    def remove(self, track_id: str) -> bool:
        track = self._all.pop(track_id, None)
        if track is None:
            return False
        for tracks in self._of_source.values():  # a track that changes its source is a new one, but be sure
            tracks.pop(track_id, None)
        self._judge()
        return True

    def use_voices(self, handles: Sequence[int], lead: int) -> None:
        """`lead` is the voice that carries one speaker after the other."""
        tracks = [voice_track(str(number), handle) for number, handle in enumerate(handles)]
        tracks.append(voice_track("lead", lead))
        self._voices = {track.id: track for track in tracks}
        self._judge()

    def hear_directly(self) -> None:
        """Never be a crowd: on a stage it counts whose voice it is."""
        self._direct = True
        self._crowd = False

    def published(self) -> Iterator[LiveTrack]:
        return iter(self._all.values())

    def newest_first(self) -> Iterator[LiveTrack]:
        return reversed(self._all.values())

    def videos(self) -> Iterator[LiveTrack]:
        """Screens first."""
        return chain(self._of_source[Source.SCREEN].values(), self._of_source[Source.CAMERA].values())

    def sounds(self) -> Iterator[LiveTrack]:
        """What is to be heard, the sound of screens first."""
        screens = self._of_source[Source.SCREEN_AUDIO].values()
        return chain(screens, list(self._voices.values())[:-1] if self._crowd else self.microphones.values())

    def viewed(self, sounds: int) -> Iterable[LiveTrack]:
        """For a viewer that takes so many sounds at once and no others later."""
        if not self._crowd:
            return self._all.values()
        voices = list(self._voices.values())
        others = (track for track in self._all.values() if track.source is not Source.MICROPHONE)
        return chain(voices[-1:] if sounds == 1 else voices[:-1], others)

    def is_voice(self, track_id: str) -> bool:
        return track_id in self._voices

    def is_sound(self, track_id: str) -> bool:
        sounds = (self._of_source[Source.MICROPHONE], self._of_source[Source.SCREEN_AUDIO], self._voices)
        return any(track_id in tracks for tracks in sounds)

    def _judge(self) -> None:
        if self._direct or not self._voices:
            return
        if len(self.microphones) > DIRECT_MICROPHONES_MAX:
            self._crowd = True
        elif len(self.microphones) <= DIRECT_MICROPHONES_MAX // 2:
            self._crowd = False
