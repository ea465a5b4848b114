from __future__ import annotations

import pytest

from rooms.core.model import Source, TrackKind
from signaling.messages import Want
from signaling.sfu.tracks import LiveTrack
from signaling.sfu.wants import DEFAULT_VIDEOS, NEW_TRACK_GRACE_MS, VIDEOS_MAX, Selection, assign_view, select
from signaling.webrtc.codecs import Bitstream, Codec
from signaling.webrtc.extensions import ExtensionIds
from signaling.webrtc.publishing import PublishedStream
from signaling.webrtc.subscribing import SLOTS_MAX
from signaling.webrtc.viewing import ViewedFormat, ViewedSection

LONG_AGO, NOW = 0, 1_000_000


def track(
    name: str, source: Source = Source.CAMERA, known_at_ms: int = LONG_AGO, codec: Codec = Codec.VP8
) -> LiveTrack:
    bitstream = Bitstream(Codec.OPUS if source.kind is TrackKind.AUDIO else codec)
    stream = PublishedStream("0", source, bitstream, 96, 97, 0, 1, 2, ExtensionIds(), True, True)
    return LiveTrack(f"{name}-{source}", name, stream, handle=7, known=True, known_at_ms=known_at_ms)


def chosen(selection: Selection) -> list[str]:
    return [wanted.track_id for wanted in selection.wanted]


def choose(
    tracks: list[LiveTrack], *listed: Want, at_ms: int = NOW - 1, spoke: dict[str, int] | None = None
) -> Selection:
    return select(tracks, listed, at_ms, NOW, spoke or {})


def test_before_the_first_list_all_sound_and_the_first_nine_pictures_screens_first() -> None:
    tracks = [track(str(number)) for number in range(12)] + [track("a", Source.MICROPHONE), track("b", Source.SCREEN)]
    found = select(tracks, None, 0, NOW, {})
    assert chosen(found) == ["b-screen", *(f"{number}-camera" for number in range(8)), "a-microphone"]
    assert len([wanted for wanted in found.wanted if wanted.kind is TrackKind.VIDEO]) == DEFAULT_VIDEOS


def test_the_list_rules_and_its_order_is_kept() -> None:
    tracks = [track("a"), track("b"), track("c"), track("a", Source.MICROPHONE)]
    found = choose(tracks, Want("c-camera", visible=False), Want("b-camera"), Want("gone-camera"))
    assert chosen(found) == ["b-camera", "c-camera"]  # what is shown goes before what is hidden
    assert found.hidden == {"c-camera"}
    assert choose(tracks) == Selection(())


@pytest.mark.parametrize(
    ("known_at_ms", "expected"),
    [
        (NOW - NEW_TRACK_GRACE_MS + 1, True),  # the list was on its way
        (NOW - NEW_TRACK_GRACE_MS, False),
    ],
)
def test_a_new_track_is_there_until_the_page_has_said_what_it_makes_of_it(known_at_ms: int, expected: bool) -> None:
    new = [track("n", known_at_ms=known_at_ms), track("n", Source.MICROPHONE, known_at_ms)]
    assert chosen(choose(new)) == (["n-camera", "n-microphone"] if expected else [])


def test_a_track_that_is_newer_than_the_list_stays() -> None:
    assert chosen(choose([track("n", known_at_ms=100)], at_ms=99)) == ["n-camera"]
    assert chosen(choose([track("n", known_at_ms=100)], at_ms=100)) == []


def test_new_pictures_only_fill_up_to_nine() -> None:
    old = [track(str(number)) for number in range(DEFAULT_VIDEOS)]
    wants = [Want(item.id) for item in old]
    assert "n-camera" not in chosen(choose([*old, track("n", known_at_ms=NOW)], *wants))
    assert "n-camera" in chosen(choose([*old, track("n", known_at_ms=NOW)], *wants[:8]))


def test_a_crowd_is_bounded_and_who_spoke_is_heard() -> None:
    crowd = [track(f"{number:03}", Source.MICROPHONE) for number in range(200)]
    cameras = [track(str(number)) for number in range(40)]
    wants = [Want(item.id) for item in (*crowd, *cameras)]
    found = choose(crowd + cameras, *wants, spoke={"150": 5, "199": 9})
    assert len(found.wanted) == SLOTS_MAX
    assert len([wanted for wanted in found.wanted if wanted.kind is TrackKind.VIDEO]) == VIDEOS_MAX
    assert chosen(found)[VIDEOS_MAX : VIDEOS_MAX + 2] == ["199-microphone", "150-microphone"]


def section(mid: str, kind: TrackKind, *codecs: Codec) -> ViewedSection:
    formats = tuple(ViewedFormat(Bitstream(codec), 96, 97, 0, ExtensionIds()) for codec in codecs)
    return ViewedSection(mid, kind, 1, 2, formats)


VIEW = (section("0", TrackKind.AUDIO, Codec.OPUS), section("1", TrackKind.VIDEO, Codec.VP8))


def view(
    tracks: list[LiveTrack], current: dict[str, str] | None = None, speakers: tuple[str, ...] = ()
) -> dict[str, str]:
    return {mid: item.id for mid, item in assign_view(VIEW, tracks, current or {}, speakers).items()}


def test_a_viewer_sees_the_screen_and_hears_who_speaks() -> None:
    people = [track("a"), track("b"), track("a", Source.MICROPHONE), track("b", Source.MICROPHONE)]
    assert view(people) == {"1": "a-camera", "0": "a-microphone"}
    assert view(people, speakers=("b",)) == {"1": "b-camera", "0": "b-microphone"}
    shared = [*people, track("c", Source.SCREEN), track("c", Source.SCREEN_AUDIO)]
    assert view(shared, speakers=("b",)) == {"1": "c-screen", "0": "b-microphone"}


def test_a_viewer_is_not_switched_for_nothing() -> None:
    people = [track("a"), track("b"), track("a", Source.MICROPHONE), track("b", Source.MICROPHONE)]
    current = {"0": "b-microphone", "1": "b-camera"}
    assert view(people, current) == current
    assert view(people, current, speakers=("z",)) == current


def test_a_viewer_gets_no_codec_that_it_has_not() -> None:
    assert view([track("a", codec=Codec.VP9), track("b")]) == {"1": "b-camera"}
    gone = track("c")
    gone.handle = 0
    assert view([gone]) == {}
