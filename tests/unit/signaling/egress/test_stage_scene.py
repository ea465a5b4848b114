"""The film of a stage shows what its layout says, and nobody who is behind it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rooms.core.model import RoomView, Source
from rooms.core.stage_model import Layout, LowerThird, StagePhase, StageView
from signaling.egress.stage_scene import stage_scene
from tests.unit.signaling.egress.test_scene import H, W, person, room

CAMERAS = (person(1, Source.CAMERA), person(2, Source.CAMERA), person(3, Source.CAMERA))


def stage(layout: Layout, *on_stage: int, focus: int = 0) -> StageView:
    ids = tuple(f"p{number}" for number in on_stage)
    return StageView("live", StagePhase.LIVE, ids, layout, f"p{focus}" if focus else "")


def tracks(view: RoomView, of: StageView) -> list[str]:
    return [tile.track_id for tile in stage_scene(view, of, W, H).tiles]


def test_who_is_behind_the_stage_is_not_in_the_film() -> None:
    assert tracks(room(*CAMERAS), stage(Layout.SIDE_BY_SIDE, 1, 3)) == ["1-camera", "3-camera"]
    assert tracks(room(*CAMERAS), stage(Layout.SIDE_BY_SIDE)) == []


def test_one_of_them_alone_fills_the_picture() -> None:
    [tile] = stage_scene(room(*CAMERAS), stage(Layout.SOLO, 1, 2, focus=2), W, H).tiles
    assert (tile.track_id, tile.x, tile.y, tile.width, tile.height) == ("2-camera", 0, 0, W, H)


def test_a_small_picture_lies_in_the_corner_of_a_large_one() -> None:
    large, small = stage_scene(room(*CAMERAS), stage(Layout.PICTURE_IN_PICTURE, 1, 2), W, H).tiles
    assert (large.width, large.height) == (W, H)
    assert (small.x, small.y, small.width, small.height) == (W - W // 4 - 16, H - H // 4 - 16, W // 4, H // 4)


def test_slides_are_shown_whole_beside_who_speaks() -> None:
    view = room(person(1, Source.CAMERA, Source.SCREEN), person(2, Source.CAMERA))
    slides, speaker = stage_scene(view, stage(Layout.SLIDES, 1, 2, focus=2), W, H).tiles
    assert (slides.track_id, slides.cover) == ("1-screen", False)
    assert speaker.track_id == "2-camera"
    assert slides.x + slides.width <= speaker.x
    [alone] = stage_scene(room(*CAMERAS), stage(Layout.SLIDES, 1), W, H).tiles
    assert (alone.width, alone.height) == (W, H)


@pytest.mark.parametrize(
    ("plate", "muted", "told"),
    [
        (LowerThird("Dr. Wei", "Optics", shown=True), False, "Dr. Wei · Optics"),
        (LowerThird("Dr. Wei", "", shown=True), False, "Dr. Wei"),
        (LowerThird("Dr. Wei", "Optics", shown=False), False, ""),
        (LowerThird("Dr. Wei", "Optics", shown=False), True, "Dr. Wei"),
        (None, True, "Name 1"),
    ],
)
def test_names_are_laid_over_when_the_host_says_so(plate: LowerThird | None, muted: bool, told: str) -> None:
    of = replace(stage(Layout.SOLO, 1), names={"p1": plate} if plate is not None else {})
    [tile] = stage_scene(room(person(1, Source.CAMERA, muted=muted)), of, W, H).tiles
    assert tile.name == told


@given(st.sampled_from(Layout), st.integers(0, 9), st.sets(st.integers(1, 9)))
def test_pictures_lie_inside_on_even_pixels(layout: Layout, count: int, screens: set[int]) -> None:
    people = [person(n, Source.CAMERA, *([Source.SCREEN] if n in screens else [])) for n in range(1, count + 1)]
    for tile in stage_scene(room(*people), stage(layout, *range(1, count + 1)), W, H).tiles:
        assert tile.x >= 0
        assert tile.y >= 0
        assert tile.x + tile.width <= W
        assert tile.y + tile.height <= H
        assert {tile.x % 2, tile.y % 2, tile.width % 2, tile.height % 2} == {0}
