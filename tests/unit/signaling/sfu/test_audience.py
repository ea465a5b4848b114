from __future__ import annotations

from rooms.core.model import Source
from rooms.core.stage_model import Layout, Staging
from signaling.sfu.audience import HALF_HEIGHT, SMALL_HEIGHT, Scene, height_of, scene_of
from signaling.sfu.tracks import Encoding, LiveTrack
from signaling.webrtc.codecs import Bitstream, Codec
from signaling.webrtc.extensions import ExtensionIds
from signaling.webrtc.publishing import PublishedStream


def track(track_id: str, person: str, source: Source, handle: int = 7, *, blocked: bool = False) -> LiveTrack:
    codec = Codec.VP8 if source in (Source.CAMERA, Source.SCREEN) else Codec.OPUS
    stream = PublishedStream("0", source, Bitstream(codec), 96, 0, 0, 1, 0, ExtensionIds(), False, False)
    encodings = (Encoding("", handle),) if handle else ()
    return LiveTrack(track_id, person, stream, encodings, blocked=blocked, known=True)


def scene(staging: Staging, *tracks: LiveTrack) -> tuple[list[str | None], list[str]]:
    found = scene_of(staging, {each.id: each for each in tracks})
    return [each.id if each else None for each in found.pictures], [each.id for each in found.sounds]


def on_air(layout: Layout = Layout.SIDE_BY_SIDE, slides_by: str = "") -> Staging:
    return Staging(True, ("ann", "bo"), layout, "", slides_by)


TRACKS = (
    track("ann-cam", "ann", Source.CAMERA),
    track("ann-mic", "ann", Source.MICROPHONE),
    track("bo-mic", "bo", Source.MICROPHONE),
    track("host-cam", "host", Source.CAMERA),
    track("host-mic", "host", Source.MICROPHONE),
    track("host-screen", "host", Source.SCREEN),
    track("host-sound", "host", Source.SCREEN_AUDIO),
)


def test_nothing_of_a_rehearsal() -> None:
    assert scene_of(Staging(False, ("ann",), Layout.SOLO, "", ""), {"ann-cam": TRACKS[0]}) == Scene()


def test_a_position_without_a_camera_stays_empty_and_who_is_backstage_is_not_heard() -> None:
    assert scene(on_air(), *TRACKS) == (["ann-cam", None], ["ann-mic", "bo-mic"])


def test_slides_of_somebody_behind_the_stage_come_with_their_sound_and_without_their_voice() -> None:
    pictures, sounds = scene(on_air(Layout.SLIDES, "host"), *TRACKS)
    assert pictures == ["host-screen", "ann-cam"]
    assert sounds == ["ann-mic", "bo-mic", "host-sound"]


def test_a_screen_that_is_stopped_or_whose_publisher_is_gone_takes_no_position() -> None:
    stopped = track("bo-screen", "bo", Source.SCREEN, blocked=True)
    gone = track("ann-screen", "ann", Source.SCREEN, handle=0)
    assert scene(on_air(), TRACKS[0], stopped, gone)[0] == ["ann-cam", None]
    shared = track("bo-screen", "bo", Source.SCREEN)
    assert scene(on_air(), TRACKS[0], shared)[0] == ["bo-screen", "ann-cam", None]


def test_what_is_shown_small_is_sent_small() -> None:
    assert height_of(Layout.SIDE_BY_SIDE, 0, 1) == 0
    assert [height_of(Layout.SIDE_BY_SIDE, 3, count) for count in (4, 5)] == [HALF_HEIGHT, SMALL_HEIGHT]
    assert [height_of(Layout.PICTURE_IN_PICTURE, index, 2) for index in (0, 1)] == [0, SMALL_HEIGHT]
