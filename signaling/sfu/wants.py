"""Which tracks a seat gets: pure rules over what is published and what the page has asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice, takewhile
from typing import Final, Self

from msgspec import Struct

from rooms.core.model import Source, TrackKind
from rooms.core.stage_model import Staging
from signaling.messages import Want
from signaling.webrtc.subscribing import SLOTS_MAX, Wanted
from signaling.webrtc.viewing import ViewedSection

from .directory import TrackDirectory
from .tracks import LiveTrack

DEFAULT_VIDEOS: Final = 9  # three by three tiles, before the page says what it shows
VIDEOS_MAX: Final = 52  # a page of 49 tiles and three screens
SOUNDS_MAX: Final = SLOTS_MAX - VIDEOS_MAX
# A list of wants may have been on its way when a track appeared: for so long it cannot have meant to leave it out.
NEW_TRACK_GRACE_MS: Final = 1_000

SCREEN_SOURCES: Final = frozenset({Source.SCREEN, Source.SCREEN_AUDIO})

_SOURCE_ORDER: Final = (Source.SCREEN, Source.CAMERA, Source.SCREEN_AUDIO, Source.MICROPHONE)


class Selection(Struct, frozen=True):
    """`wanted` is best first; `hidden` are tracks that keep their place but are not sent for now."""

    wanted: tuple[Wanted, ...]
    hidden: frozenset[str] = frozenset()
    tiles: Mapping[str, Want] = {}  # what the page said of a track: size, pinned


class Chosen(Struct, frozen=True):
    """The tracks of a Selection.  `streams` says what in the core they are: equal ones need no work."""

    tracks: tuple[LiveTrack, ...]
    hidden: frozenset[str] = frozenset()
    tiles: Mapping[str, Want] = {}

    @property
    def streams(self) -> tuple[object, ...]:
        return (self.hidden, *((track.id, track.generation, track.handles) for track in self.tracks))

    def selection(self) -> Selection:
        return Selection(tuple(track.as_wanted() for track in self.tracks), self.hidden, self.tiles)


class Listed(Struct, frozen=True):
    """A page's list, read once: in a crowd the choice is made at every join, and the sounds do not matter then."""

    at_ms: int
    sounds: tuple[Want, ...]
    others: tuple[Want, ...]
    position: Mapping[str, Want]
    hidden: frozenset[str]

    @classmethod
    def read(cls, directory: TrackDirectory, wants: Sequence[Want], at_ms: int) -> Self:
        """What is known as a sound stays one; what is not known may become anything."""
        position = {want.track_id: want for want in wants}
        sounds = tuple(want for want in position.values() if directory.is_sound(want.track_id))
        heard = {want.track_id for want in sounds}
        others = tuple(want for want in position.values() if want.track_id not in heard)
        return cls(at_ms, sounds, others, position, frozenset(want.track_id for want in wants if not want.visible))


class _Receiver(Struct, frozen=True):
    """Who is in the room, and what of it is kept from them: their own, and while a stage is live what is behind it."""

    participant_id: str
    staging: Staging | None = None

    def gets(self, track: LiveTrack) -> bool:
        if track.participant_id == self.participant_id:
            return False
        screen = track.source in SCREEN_SOURCES
        return self.staging is None or self.staging.reaches(track.participant_id, screen, self.participant_id)


def choose(
    directory: TrackDirectory,
    participant_id: str,
    listed: Listed | None,
    now_ms: int,
    staging: Staging | None = None,
) -> Chosen:
    """What `participant_id` gets.  `listed`: the page's last list; None before the first.

    Before the first list: all sound and the first DEFAULT_VIDEOS pictures, screens first.  After it the list rules, and
    a track that is newer than the list is treated as before the first, until the page has said what it makes of it.
    In a crowd everybody hears the voices and the screens.

    The work grows with the list (in a crowd: with its pictures) and with what is new, not with the room.
    """
    receiver = _Receiver(participant_id, staging)
    if listed is None:
        others = (track for track in directory.videos() if receiver.gets(track))
        return Chosen((*islice(others, DEFAULT_VIDEOS), *_sounds(directory, receiver)))
    shown: list[LiveTrack] = []
    kept: list[LiveTrack] = []
    audio: list[LiveTrack] = []
    position = listed.position
    for want in listed.others if directory.crowd else (*listed.others, *listed.sounds):
        track = directory.get(want.track_id)
        if track is None or not receiver.gets(track) or directory.is_voice(track.id):
            continue
        if track.source.kind is TrackKind.AUDIO:
            audio.append(track)
        else:
            (shown if want.visible else kept).append(track)
    new = takewhile(lambda track: _newer(track, listed.at_ms, now_ms), directory.newest_first())
    unlisted = [track for track in new if track.id not in position and receiver.gets(track)]
    unlisted.reverse()
    places = max(0, DEFAULT_VIDEOS - len(shown))
    video = [*shown, *kept, *[track for track in unlisted if track.source.kind is TrackKind.VIDEO][:places]]
    if directory.crowd:
        audio = list(_sounds(directory, receiver))
    else:
        audio += [track for track in unlisted if track.source.kind is TrackKind.AUDIO]
    video = video[:VIDEOS_MAX]
    return Chosen((*video, *audio[: SLOTS_MAX - len(video)]), listed.hidden, position)


def _sounds(directory: TrackDirectory, receiver: _Receiver) -> Iterator[LiveTrack]:
    others = (track for track in directory.sounds() if receiver.gets(track))
    return islice(others, SOUNDS_MAX)


def _newer(track: LiveTrack, listed_at_ms: int, now_ms: int) -> bool:
    return track.known_at_ms > listed_at_ms or now_ms - track.known_at_ms < NEW_TRACK_GRACE_MS


def assign_view(
    sections: Sequence[ViewedSection],
    tracks: Sequence[LiveTrack],
    current: Mapping[str, str],
    speakers: Sequence[str],
) -> dict[str, LiveTrack]:
    """For a viewer that cannot be renegotiated (WHEP): section mid -> track.  `current`: mid -> track id.

    A screen before a camera, who speaks before who is silent, and what is shown already before a change for nothing.
    """
    assigned: dict[str, LiveTrack] = {}
    taken: set[str] = set()
    for kind in (TrackKind.VIDEO, TrackKind.AUDIO):
        for section in sections:
            if section.kind is not kind:
                continue
            choices = [
                track
                for track in tracks
                if track.id not in taken and track.handle and section.formats_for(track.bitstreams)
            ]
            if choices:
                best = min(choices, key=lambda track: _view_rank(track, current.get(section.mid, ""), speakers, tracks))
                assigned[section.mid] = best
                taken.add(best.id)
    return assigned


def _view_rank(
    track: LiveTrack, current_id: str, speakers: Collection[str], tracks: Sequence[LiveTrack]
) -> tuple[int, int, int]:
    order = list(speakers)
    spoken = order.index(track.participant_id) if track.participant_id in order else len(order)
    if track.source is Source.MICROPHONE and not track.participant_id:
        spoken = 0  # a voice: whoever speaks is on it
    if track.source is Source.SCREEN_AUDIO and len(tracks) > 1:
        spoken += 1  # the voice goes before the sound of the screen
    return (
        _SOURCE_ORDER.index(track.source) if track.source.kind is TrackKind.VIDEO else 0,
        spoken,
        track.id != current_id,
    )
