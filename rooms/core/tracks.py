"""What a seat sends: the list of its tracks and which of them are muted.

`muted` is what the room holds true: a muted track is forwarded to nobody (BlockTrack), whoever muted it.  What somebody
else muted stays so until the sender asks to unmute; publishing again does not lift it.
"""

from __future__ import annotations

from msgspec.structs import replace

from .codes import Code
from .effects import BlockTrack
from .events import TrackMuted, TracksChanged
from .model import TRACKS_PER_PARTICIPANT_MAX, Source, Track
from .outcomes import DONE, Done, Refused
from .state import Seat
from .text import is_token
from .turn import Turn

TRACK_ID_MAX_CHARS = 64
CODEC_MAX_CHARS = 16


def set_tracks(turn: Turn, seat: Seat, tracks: tuple[Track, ...]) -> Done | Refused:
    """Replace the list.  Refused as a whole when one track is not granted or makes no sense."""
    if len(tracks) > TRACKS_PER_PARTICIPANT_MAX or len({track.id for track in tracks}) != len(tracks):
        return Refused(Code.INVALID)
    if not all(is_token(track.id, TRACK_ID_MAX_CHARS) and is_token(track.codec, CODEC_MAX_CHARS) for track in tracks):
        return Refused(Code.INVALID)
    if not all(track.source in seat.grant.publish for track in tracks):
        return Refused(Code.FORBIDDEN)
    former = _tracks_of(turn, seat)
    was_muted = {track.id: track.muted for track in former}
    seat.held &= {track.id for track in tracks}
    settled = tuple(replace(track, muted=True) if track.id in seat.held else track for track in tracks)
    for track in settled:
        if track.muted is not was_muted.get(track.id, False):
            turn.effect(BlockTrack(seat.id, track.id, track.muted))
    if settled != former:
        turn.emit(TracksChanged(seat.id, settled))
    return DONE


def set_muted(turn: Turn, seat: Seat, track_id: str, muted: bool) -> Done | Refused:
    """By the sender."""
    track = next((track for track in _tracks_of(turn, seat) if track.id == track_id), None)
    if track is None:
        return Refused(Code.NOT_FOUND)
    if not muted:
        seat.held.discard(track_id)
    if track.muted is not muted:
        turn.effect(BlockTrack(seat.id, track_id, muted))
        turn.emit(TrackMuted(seat.id, track_id, muted, by=seat.id))
    return DONE


def mute_source(turn: Turn, seat: Seat, source: Source, by: str) -> None:
    """By somebody else.  A stopped share loses its sound as well."""
    sources = (Source.SCREEN, Source.SCREEN_AUDIO) if source is Source.SCREEN else (source,)
    for track in _tracks_of(turn, seat):
        if track.source in sources and not track.muted:
            seat.held.add(track.id)
            turn.effect(BlockTrack(seat.id, track.id, blocked=True))
            turn.emit(TrackMuted(seat.id, track.id, muted=True, by=by))


def _tracks_of(turn: Turn, seat: Seat) -> tuple[Track, ...]:
    participant = turn.state.view.participants.get(seat.id)
    return () if participant is None else participant.tracks
