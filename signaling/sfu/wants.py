"""Which tracks a seat gets: pure rules over what is published and what the page has asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from msgspec import Struct

from rooms.core.model import Source, TrackKind
from signaling.messages import Want
from signaling.webrtc.subscribing import SLOTS_MAX, Wanted
from signaling.webrtc.viewing import ViewedSection

from .tracks import LiveTrack

DEFAULT_VIDEOS: Final = 9  # three by three tiles, before the page says what it shows
VIDEOS_MAX: Final = 24
# A list of wants may have been on its way when a track appeared: for so long it cannot have meant to leave it out.
NEW_TRACK_GRACE_MS: Final = 1_000

_SOURCE_ORDER: Final = (Source.SCREEN, Source.CAMERA, Source.SCREEN_AUDIO, Source.MICROPHONE)


class Selection(Struct, frozen=True):
    """`wanted` is best first; `hidden` are tracks that keep their place but are not sent for now."""

    wanted: tuple[Wanted, ...]
    hidden: frozenset[str] = frozenset()


def select(
    tracks: Sequence[LiveTrack],
    listed: Sequence[Want] | None,
    listed_at_ms: int,
    now_ms: int,
    spoke_at_ms: Mapping[str, int],
) -> Selection:
    """`tracks`: all known ones of the other seats.  `listed`: the page's last list; None before the first.

    Before the first list: all sound and the first DEFAULT_VIDEOS pictures, screens first.  After it the list rules, and
    a track that is newer than the list is treated as before the first, until the page has said what it makes of it.
    """
    ordered = sorted(tracks, key=lambda track: _SOURCE_ORDER.index(track.source))
    audio = [track for track in ordered if track.source.kind is TrackKind.AUDIO]
    video = [track for track in ordered if track.source.kind is TrackKind.VIDEO]
    hidden: set[str] = set()
    if listed is None:
        video = video[:DEFAULT_VIDEOS]
    else:
        position = {want.track_id: index for index, want in enumerate(listed)}
        hidden = {want.track_id for want in listed if not want.visible}
        shown = sum(1 for track in video if track.id in position and track.id not in hidden)
        chosen_video = [track for track in video if track.id in position]
        chosen_video.sort(key=lambda track: (track.id in hidden, position[track.id]))
        for track in video:
            if track.id not in position and _newer(track, listed_at_ms, now_ms) and shown < DEFAULT_VIDEOS:
                chosen_video.append(track)
                shown += 1
        video = chosen_video
        audio = [track for track in audio if track.id in position or _newer(track, listed_at_ms, now_ms)]
    video = video[:VIDEOS_MAX]
    if len(audio) > SLOTS_MAX - len(video):
        audio.sort(key=lambda track: -spoke_at_ms.get(track.participant_id, 0))
        audio = audio[: SLOTS_MAX - len(video)]
    return Selection(tuple(track.as_wanted() for track in (*video, *audio)), frozenset(hidden))


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
                if track.id not in taken and track.handle and section.format_for(track.bitstream) is not None
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
    if track.source is Source.SCREEN_AUDIO and len(tracks) > 1:
        spoken += 1  # the voice goes before the sound of the screen
    return (
        _SOURCE_ORDER.index(track.source) if track.source.kind is TrackKind.VIDEO else 0,
        spoken,
        track.id != current_id,
    )
