"""When the film is one source's own pictures: only what fills the picture, for a while, and does not falter."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from signaling.egress.switch import REST_MAX_MS, REST_MIN_MS, STEADY_AGAIN_MS, STEADY_MS, Switch, filling
from signaling.egress.wire import Scene, Tile

WHOLE = Tile("camera", "", 0, 0, 1_280, 720)


@pytest.mark.parametrize(
    ("tiles", "track"),
    [
        ((WHOLE,), "camera"),
        ((replace(WHOLE, cover=False),), "camera"),
        ((), ""),
        ((replace(WHOLE, track_id=""),), ""),
        ((replace(WHOLE, name="Dr. Wei"),), ""),
        ((replace(WHOLE, speaking=True),), ""),
        ((replace(WHOLE, width=1_016),), ""),
        ((WHOLE, Tile("other", "", 944, 524, 320, 180)), ""),
    ],
)
def test_only_a_source_that_is_all_there_is_to_see_is_passed_on(tiles: tuple[Tile, ...], track: str) -> None:
    assert filling(Scene(tiles), 1_280, 720) == track


def test_a_key_is_waited_for_when_the_scene_has_been_steady() -> None:
    switch = Switch()
    switch.look("camera", 1_000)
    assert switch.wanted(1_000 + STEADY_MS - 1) == ""
    assert switch.wanted(1_000 + STEADY_MS) == "camera"
    switch.look("other", 3_500)
    assert switch.wanted(3_600) == ""
    switch.look("other", 3_500 + STEADY_MS)
    switch.begin(3_500 + STEADY_MS)
    assert switch.passed == "other"
    assert switch.wanted(9_000) == ""


def test_a_source_that_falters_rests_longer_each_time_until_it_has_been_steady() -> None:
    switch, at_ms, rests = Switch(), 10_000.0, []
    switch.look("camera", at_ms)
    for _ in range(7):
        at_ms += STEADY_MS
        switch.begin(at_ms)
        switch.falter(at_ms + 1_000)
        back_ms = next(ms for ms in range(200_000) if switch.wanted(at_ms + 1_000 + ms))
        rests.append(back_ms)
        at_ms += 1_000 + back_ms
    assert rests == [5_000, 10_000, 20_000, 40_000, 80_000, REST_MAX_MS, REST_MAX_MS]
    switch.begin(at_ms)
    switch.falter(at_ms + STEADY_AGAIN_MS)
    assert switch.wanted(at_ms + STEADY_AGAIN_MS + REST_MIN_MS) == "camera"


def test_what_the_host_changes_is_not_held_against_the_source() -> None:
    switch = Switch()
    switch.look("camera", 0)
    switch.begin(STEADY_MS)
    switch.look("", STEADY_MS + 100)
    switch.end()
    switch.look("camera", STEADY_MS + 200)
    assert switch.wanted(2 * STEADY_MS + 200) == "camera"
