from __future__ import annotations

import pytest

from rooms.core.model import Source, TrackKind
from rooms.core.stage_model import Layout, Staging
from signaling.messages import Want
from signaling.sfu.directory import DIRECT_MICROPHONES_MAX, TrackDirectory
from signaling.sfu.tracks import Encoding, LiveTrack
from signaling.sfu.wants import DEFAULT_VIDEOS, NEW_TRACK_GRACE_MS, VIDEOS_MAX, Listed, Selection, assign_view
from signaling.sfu.wants import choose as choose_tracks
from signaling.webrtc.codecs import Bitstream, Codec
from signaling.webrtc.extensions import ExtensionIds
from signaling.webrtc.publishing import PublishedStream
from signaling.webrtc.viewing import ViewedFormat, ViewedSection

LONG_AGO, NOW = 0, 1_000_000


def track(
    name: str, source: Source = Source.CAMERA, known_at_ms: int = LONG_AGO, codec: Codec = Codec.VP8
) -> LiveTrack:
    bitstream = Bitstream(Codec.OPUS if source.kind is TrackKind.AUDIO else codec)
    stream = PublishedStream("0", source, bitstream, 96, 97, 0, 1, 2, ExtensionIds(), True, True)
    return LiveTrack(f"{name}-{source}", name, stream, (Encoding("", 7),), known=True, known_at_ms=known_at_ms)


def chosen(selection: Selection) -> list[str]:
    return [wanted.track_id for wanted in selection.wanted]


def directory_of(tracks: list[LiveTrack]) -> TrackDirectory:
    directory = TrackDirectory()
    for item in tracks:
        directory.add(item)
    return directory


def choose(tracks: list[LiveTrack], *listed: Want, at_ms: int = NOW - 1, who: str = "me") -> Selection:
    directory = directory_of(tracks)
    return choose_tracks(directory, who, Listed.read(directory, listed, at_ms), NOW).selection()


def test_before_the_first_list_all_sound_and_the_first_nine_pictures_screens_first() -> None:
    tracks = [track(str(number)) for number in range(12)] + [track("a", Source.MICROPHONE), track("b", Source.SCREEN)]
    found = choose_tracks(directory_of(tracks), "me", None, NOW).selection()
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


def test_pictures_are_bounded() -> None:
    cameras = [track(f"{number:03}") for number in range(VIDEOS_MAX + 10)]
    found = choose(cameras, *(Want(item.id) for item in cameras))
    assert chosen(found) == [item.id for item in cameras[:VIDEOS_MAX]]


def test_nobody_gets_what_is_their_own() -> None:
    tracks = [track("me"), track("me", Source.MICROPHONE), track("you")]
    assert chosen(choose(tracks, Want("me-camera"), Want("you-camera"))) == ["you-camera"]
    assert chosen(choose_tracks(directory_of(tracks), "me", None, NOW).selection()) == ["you-camera"]
    assert chosen(choose([track("me", known_at_ms=NOW)])) == []


def test_a_crowd_hears_voices_whatever_it_lists() -> None:
    directory = directory_of([track(f"{number:03}", Source.MICROPHONE) for number in range(DIRECT_MICROPHONES_MAX)])
    needed = [directory.needs_voices]
    directory.add(track("last", Source.MICROPHONE))
    directory.add(track("last", Source.SCREEN_AUDIO))
    needed.append(directory.needs_voices)
    directory.use_voices((71, 72), 73)
    assert [*needed, directory.needs_voices] == [False, True, False]
    wants = ((), (Want("003-microphone"), Want("voice-0")))
    for listed in (None, *(Listed.read(directory, one, LONG_AGO) for one in wants)):
        found = choose_tracks(directory, "me", listed, NOW)
        assert [item.id for item in found.tracks] == ["last-screen_audio", "voice-0", "voice-1"]
        assert [item.handle for item in found.tracks[1:]] == [71, 72]


def test_a_list_that_was_read_in_a_crowd_holds_when_it_is_none_any_more() -> None:
    people = [f"{number:03}" for number in range(DIRECT_MICROPHONES_MAX + 1)]
    directory = directory_of([track(one, Source.MICROPHONE) for one in people] + [track("000")])
    directory.use_voices((71,), 72)
    listed = Listed.read(directory, (Want("001-microphone"), Want("000-camera"), Want("002-microphone")), LONG_AGO)
    assert [item.id for item in choose_tracks(directory, "me", listed, NOW).tracks] == ["000-camera", "voice-0"]
    for one in people[3:]:
        directory.remove(f"{one}-microphone")
    direct = choose_tracks(directory, "me", listed, NOW)
    assert [item.id for item in direct.tracks] == ["000-camera", "001-microphone", "002-microphone"]


def test_a_crowd_is_one_until_half_have_left() -> None:
    directory = directory_of([track(f"{number}", Source.MICROPHONE) for number in range(DIRECT_MICROPHONES_MAX + 1)])
    directory.use_voices((71,), 72)
    for number in range(DIRECT_MICROPHONES_MAX + 1):
        left = DIRECT_MICROPHONES_MAX + 1 - number
        assert directory.crowd is (left > DIRECT_MICROPHONES_MAX // 2)
        assert directory.remove(f"{number}-microphone")
        assert not directory.remove(f"{number}-microphone")
    assert not directory.crowd


def test_equal_choices_are_known_as_equal() -> None:
    tracks = [track("a"), track("b")]
    directory = directory_of(tracks)

    def streams() -> tuple[object, ...]:
        listed = Listed.read(directory, (Want("a-camera"), Want("b-camera")), LONG_AGO)
        return choose_tracks(directory, "me", listed, NOW).streams

    before = streams()
    directory.add(track("c"))
    assert streams() == before
    tracks[1].generation += 1
    assert streams() != before


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


def test_a_viewer_of_a_crowd_hears_the_lead_or_as_many_voices_as_it_takes() -> None:
    directory = directory_of([track(f"{number:03}", Source.MICROPHONE) for number in range(DIRECT_MICROPHONES_MAX + 1)])
    directory.add(track("a", Source.SCREEN_AUDIO))
    directory.add(track("a"))
    directory.use_voices((71, 72), 73)

    one = view(list(directory.viewed(1)), speakers=("a",))
    assert one == {"0": "voice-lead", "1": "a-camera"}

    sections = (*VIEW, section("2", TrackKind.AUDIO, Codec.OPUS), section("3", TrackKind.AUDIO, Codec.OPUS))
    many = assign_view(sections, list(directory.viewed(3)), {}, ("a",))
    assert [many[mid].id for mid in ("0", "2", "3")] == ["voice-0", "voice-1", "a-screen_audio"]


def test_a_viewer_is_not_switched_for_nothing() -> None:
    people = [track("a"), track("b"), track("a", Source.MICROPHONE), track("b", Source.MICROPHONE)]
    current = {"0": "b-microphone", "1": "b-camera"}
    assert view(people, current) == current
    assert view(people, current, speakers=("z",)) == current


def test_a_viewer_gets_no_codec_that_it_has_not() -> None:
    assert view([track("a", codec=Codec.VP9), track("b")]) == {"1": "b-camera"}
    gone = track("c")
    gone.encodings = ()
    assert view([gone]) == {}


def test_a_live_stage_is_sent_nothing_of_who_is_behind_it_and_those_get_everything() -> None:
    tracks = [track("ann"), track("bo"), track("host", Source.SCREEN), track("bo", Source.MICROPHONE), track("host")]
    staging = Staging(True, ("ann", "me"), Layout.SIDE_BY_SIDE, "", "host")
    directory = directory_of(tracks)
    for listed in (None, Listed.read(directory, [Want("bo-camera"), Want("ann-camera"), Want("bo-microphone")], NOW)):
        on_stage = choose_tracks(directory, "me", listed, NOW, staging).selection()
        assert set(chosen(on_stage)) - {"host-screen"} == {"ann-camera"}
        behind = choose_tracks(directory, "cy", listed, NOW, staging).selection()
        assert {"bo-camera", "bo-microphone", "ann-camera"} <= set(chosen(behind))


def test_a_stage_is_never_a_crowd() -> None:
    directory = directory_of([track(f"p{number}", Source.MICROPHONE) for number in range(DIRECT_MICROPHONES_MAX + 3)])
    before = directory.needs_voices
    directory.hear_directly()
    assert (before, directory.needs_voices, directory.crowd) == (True, False, False)
