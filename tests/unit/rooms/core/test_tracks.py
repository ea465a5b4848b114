from __future__ import annotations

import pytest

from rooms.core.codes import Code
from rooms.core.commands import Leave, MuteParticipant, SetMuted, SetTracks
from rooms.core.effects import BlockTrack
from rooms.core.events import TrackMuted, TracksChanged
from rooms.core.model import TRACKS_PER_PARTICIPANT_MAX, Role, Source, Track
from rooms.core.outcomes import DONE, Refused
from tests.support.rooms import Sitting

MICROPHONE = Track("mic", Source.MICROPHONE, "opus")
CAMERA = Track("cam", Source.CAMERA, "VP8")


@pytest.fixture
def sitting() -> Sitting:
    sitting = Sitting()
    sitting.join("host", Role.HOST)
    sitting.join("ann")
    return sitting


def test_the_list_replaces_the_former(sitting: Sitting) -> None:
    sitting.do(SetTracks("ann", (MICROPHONE,)))
    assert sitting.do(SetTracks("ann", (CAMERA,))) == DONE
    assert sitting.events == [TracksChanged("ann", (CAMERA,))]
    sitting.do(SetTracks("ann", (CAMERA,)))
    assert sitting.events == []


def test_a_track_that_starts_muted_is_blocked_from_the_start(sitting: Sitting) -> None:
    sitting.do(SetTracks("ann", (Track("mic", Source.MICROPHONE, "opus", muted=True), CAMERA)))
    assert sitting.effects == [BlockTrack("ann", "mic", blocked=True)]
    sitting.do(SetTracks("ann", (MICROPHONE, CAMERA)))
    assert sitting.effects == [BlockTrack("ann", "mic", blocked=False)]


def test_people_mute_and_unmute_themselves(sitting: Sitting) -> None:
    sitting.do(SetTracks("ann", (MICROPHONE,)))
    assert sitting.do(SetMuted("ann", "mic", True)) == DONE
    assert sitting.events == [TrackMuted("ann", "mic", True, "ann")]
    assert sitting.effects == [BlockTrack("ann", "mic", True)]
    sitting.do(SetMuted("ann", "mic", True))
    assert sitting.quiet
    sitting.do(SetMuted("ann", "mic", False))
    assert sitting.effects == [BlockTrack("ann", "mic", False)]
    assert sitting.do(SetMuted("ann", "cam", True)) == Refused(Code.NOT_FOUND)
    assert sitting.do(SetMuted("host", "mic", True)) == Refused(Code.NOT_FOUND)


def test_publishing_again_does_not_lift_a_moderators_mute_but_asking_does(sitting: Sitting) -> None:
    sitting.do(SetTracks("ann", (MICROPHONE,)))
    sitting.do(MuteParticipant("host", "ann", Source.MICROPHONE))
    sitting.do(SetTracks("ann", (MICROPHONE, CAMERA)))
    assert sitting.view.participants["ann"].tracks[0].muted
    assert sitting.effects == []
    sitting.do(SetMuted("ann", "mic", False))
    assert sitting.effects == [BlockTrack("ann", "mic", False)]
    sitting.do(SetTracks("ann", (MICROPHONE,)))
    assert sitting.view.participants["ann"].tracks == (MICROPHONE,)


def test_a_track_that_went_away_is_held_no_more(sitting: Sitting) -> None:
    sitting.do(SetTracks("ann", (CAMERA,)))
    sitting.do(MuteParticipant("host", "ann", Source.CAMERA))
    sitting.do(SetTracks("ann", ()))
    sitting.do(SetTracks("ann", (CAMERA,)))
    assert sitting.view.participants["ann"].tracks == (CAMERA,)


def test_what_the_grant_does_not_allow_is_refused_as_a_whole(sitting: Sitting) -> None:
    sitting.join("listener", publish=("microphone",))
    assert sitting.do(SetTracks("listener", (MICROPHONE, CAMERA))) == Refused(Code.FORBIDDEN)
    assert sitting.view.participants["listener"].tracks == ()
    assert sitting.do(SetTracks("listener", (MICROPHONE,))) == DONE
    sitting.join("silent", publish=())
    assert sitting.do(SetTracks("silent", ())) == Refused(Code.FORBIDDEN)


@pytest.mark.parametrize(
    "tracks",
    [
        (MICROPHONE, MICROPHONE),
        tuple(Track(f"t{number}", Source.CAMERA, "VP8") for number in range(TRACKS_PER_PARTICIPANT_MAX + 1)),
        (Track("", Source.CAMERA, "VP8"),),
        (Track("x" * 65, Source.CAMERA, "VP8"),),
        (Track("t", Source.CAMERA, "a codec of many words"),),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(sitting: Sitting, tracks: tuple[Track, ...]) -> None:
    assert sitting.do(SetTracks("ann", tracks)) == Refused(Code.INVALID)


def test_as_many_tracks_as_allowed_are_taken(sitting: Sitting) -> None:
    tracks = tuple(Track(f"t{number}", Source.CAMERA, "VP8") for number in range(TRACKS_PER_PARTICIPANT_MAX))
    assert sitting.do(SetTracks("ann", tracks)) == DONE


def test_only_who_has_a_seat_publishes(sitting: Sitting) -> None:
    sitting.do(Leave("ann"))
    assert sitting.do(SetTracks("ann", (MICROPHONE,))) == Refused(Code.WRONG_STATE)
    assert sitting.do(SetTracks("", (MICROPHONE,))) == Refused(Code.INVALID)
