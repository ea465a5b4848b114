"""Who is where in a composed picture."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rooms.core.model import Participant, Presence, Role, RoomView, Source, Track
from signaling.egress.scene import STRIP_MAX, TILES_MAX, compose_scene, heights_of

W, H = 1_280, 720


def person(number: int, *sources: Source, muted: bool = False) -> Participant:
    tracks = tuple(Track(f"{number}-{source}", source, "VP8", muted) for source in sources)
    return Participant(
        f"p{number}", f"i{number}", f"Name {number}", Role.PARTICIPANT, "", Presence.HERE, number, tracks=tracks
    )


def room(*people: Participant) -> RoomView:
    return RoomView("r", "abc", "Weekly", participants={one.id: one for one in people})


def test_one_camera_fills_the_picture() -> None:
    scene, shown = compose_scene(room(person(1, Source.CAMERA)), (), (), W, H)
    [tile] = scene.tiles
    assert (tile.x, tile.y, tile.width, tile.height) == (0, 0, W, H)
    assert tile.track_id == "1-camera"
    assert shown == ("p1",)


def test_a_shared_screen_is_shown_whole_beside_a_strip_of_people() -> None:
    people = [person(1, Source.CAMERA, Source.SCREEN), *(person(n, Source.CAMERA) for n in range(2, 9))]
    scene, shown = compose_scene(room(*people), (), (), W, H)
    assert scene.tiles[0].track_id == "1-screen"
    assert not scene.tiles[0].cover
    assert len(scene.tiles) == 1 + STRIP_MAX
    assert len(shown) == STRIP_MAX
    assert heights_of(scene)["1-screen"] == H


def test_who_speaks_takes_the_place_of_somebody_silent_and_the_others_stay() -> None:
    people = [person(n, Source.CAMERA, Source.MICROPHONE) for n in range(TILES_MAX + 3)]
    _, before = compose_scene(room(*people), (), (), W, H)
    late = f"p{TILES_MAX + 1}"
    scene, shown = compose_scene(room(*people), (late, before[-1]), before, W, H)
    assert late in shown
    assert set(before) - set(shown) == {before[-2]}
    assert [tile.speaking for tile in scene.tiles].count(True) == 2
    _, again = compose_scene(room(*people), (), shown, W, H)
    assert again == shown


def test_a_camera_that_is_off_leaves_a_name() -> None:
    scene, _ = compose_scene(room(person(1, Source.CAMERA, muted=True), person(2, Source.CAMERA)), (), (), W, H)
    assert {tile.name: tile.track_id for tile in scene.tiles} == {"Name 1": "", "Name 2": "2-camera"}


@given(cameras=st.integers(0, 30), screens=st.integers(0, 2), speaking=st.integers(0, 5))
def test_tiles_lie_inside_the_picture_on_even_pixels_and_never_on_each_other(
    cameras: int, screens: int, speaking: int
) -> None:
    people = [person(n, Source.CAMERA, *([Source.SCREEN] if n < screens else [])) for n in range(cameras)]
    scene, _ = compose_scene(room(*people), [f"p{n}" for n in range(speaking)], (), W, H)
    for number, tile in enumerate(scene.tiles):
        assert not any(value % 2 for value in (tile.x, tile.y, tile.width, tile.height))
        assert tile.width > 0
        assert tile.height > 0
        assert 0 <= tile.x <= W - tile.width
        assert 0 <= tile.y <= H - tile.height
        for other in scene.tiles[number + 1 :]:
            apart_x = tile.x + tile.width <= other.x or other.x + other.width <= tile.x
            apart_y = tile.y + tile.height <= other.y or other.y + other.height <= tile.y
            assert apart_x or apart_y
