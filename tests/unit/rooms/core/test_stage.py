from __future__ import annotations

import pytest

from rooms.core.codes import Code
from rooms.core.commands import (
    End,
    Leave,
    SetTracks,
    StageBring,
    StageCountdown,
    StageEnd,
    StageGoLive,
    StageItem,
    StageLayout,
    StageName,
    StagePage,
    StageRun,
    StageSlides,
    Tick,
)
from rooms.core.effects import ArrangeStage, Broadcast, ShowAudience
from rooms.core.model import SEAT_KEPT_MS, Phase, Role, RoomView, Source, Track
from rooms.core.outcomes import DONE, Refused
from rooms.core.room import SYSTEM, Room
from rooms.core.stage import ABANDONED_MS
from rooms.core.stage_audience import StagePosition, for_audience
from rooms.core.stage_model import (
    Layout,
    LowerThird,
    Place,
    Position,
    RunItem,
    Slides,
    SlidesKind,
    StagePhase,
    StageView,
    Staging,
    positions,
)
from tests.support.rooms import Sitting

LIVESTREAM = "L" * 26
DECK = Slides("", SlidesKind.PAGES, "Deck", 1, 9, False, 0, 0, 0)
CAMERA = Track("cam", Source.CAMERA, "VP8")
SCREEN = Track("screen", Source.SCREEN, "VP8")


@pytest.fixture
def sitting() -> Sitting:
    sitting = Sitting(livestream_id=LIVESTREAM)
    sitting.join("host", Role.HOST)
    sitting.join("ann", organization="Laser")
    sitting.join("bo")
    return sitting


def stage(sitting: Sitting) -> StageView:
    assert sitting.view.stage is not None
    return sitting.view.stage


def told(sitting: Sitting) -> list[StagePhase]:
    return [effect.phase for effect in sitting.effects if isinstance(effect, Broadcast)]


def live(sitting: Sitting, *people: str) -> None:
    for person in people or ("ann",):
        assert sitting.do(StageBring("host", person, True)) == DONE
    assert sitting.do(StageGoLive("host")) == DONE


def test_a_stage_begins_in_rehearsal_and_says_so_when_it_comes_to_life() -> None:
    sitting = Sitting(livestream_id=LIVESTREAM)
    sitting.join("host", Role.HOST)
    assert told(sitting) == [StagePhase.REHEARSAL]
    assert sitting.effects[0] == ArrangeStage(Staging(False, (), Layout.SIDE_BY_SIDE, "", ""))
    sitting.join("ann")
    assert sitting.effects == []


def test_it_goes_live_with_somebody_on_it_and_ends_once(sitting: Sitting) -> None:
    assert sitting.do(StageGoLive("host")) == Refused(Code.WRONG_STATE)
    assert sitting.do(StageEnd("host")) == Refused(Code.WRONG_STATE)
    sitting.do(StageCountdown("host", 60))
    assert stage(sitting).countdown_ends_at_ms == sitting.now_ms + 60_000
    live(sitting)
    assert told(sitting) == [StagePhase.LIVE]
    assert (stage(sitting).live_at_ms, stage(sitting).countdown_ends_at_ms) == (sitting.now_ms, 0)
    assert sitting.do(StageEnd("host")) == DONE
    assert told(sitting) == [StagePhase.ENDED]
    assert sitting.do(StageGoLive("host")) == Refused(Code.WRONG_STATE)


def test_an_ordinary_room_has_no_stage() -> None:
    sitting = Sitting()
    sitting.join("host", Role.HOST)
    assert sitting.effects == []
    assert sitting.do(StageBring("host", "host", True)) == Refused(Code.WRONG_STATE)


def test_only_moderators_direct(sitting: Sitting) -> None:
    for command in (
        StageGoLive("ann"),
        StageEnd("ann"),
        StageBring("ann", "ann", True),
        StageLayout("ann", Layout.SOLO, ""),
        StageName("ann", "ann", "Queen", "", True),
        StageRun("ann", ()),
        StageItem("ann", ""),
        StageCountdown("ann", 5),
    ):
        assert sitting.do(command) == Refused(Code.FORBIDDEN)


def test_nine_are_on_stage_in_the_order_in_which_they_came(sitting: Sitting) -> None:
    for number in range(8):
        sitting.join(f"p{number}")
        sitting.do(StageBring("host", f"p{number}", True))
    sitting.do(StageBring("host", "bo", True))
    assert sitting.do(StageBring("host", "ann", True)) == Refused(Code.TOO_MANY)
    assert sitting.do(StageBring("host", "nobody", True)) == Refused(Code.NOT_FOUND)
    sitting.do(StageBring("host", "p0", False))
    sitting.do(StageBring("host", "ann", True))
    assert stage(sitting).on_stage == (*(f"p{number}" for number in range(1, 8)), "bo", "ann")
    sitting.do(StageBring("host", "ann", True))
    assert sitting.quiet


def test_who_leaves_is_forgotten_and_the_media_plane_hears_of_it(sitting: Sitting) -> None:
    live(sitting, "ann", "bo")
    sitting.do(StageLayout("host", Layout.SOLO, "ann"))
    sitting.do(StageName("host", "ann", "Ann", "Laser", True))
    sitting.do(StageSlides("ann", DECK))
    sitting.do(Leave("ann"))
    now = stage(sitting)
    assert (now.on_stage, now.focus, now.names, now.slides) == (("bo",), "", {}, None)
    assert ArrangeStage(Staging(True, ("bo",), Layout.SOLO, "", "")) in sitting.effects


def test_focus_is_somebody_on_stage(sitting: Sitting) -> None:
    assert sitting.do(StageLayout("host", Layout.SOLO, "ann")) == Refused(Code.NOT_FOUND)
    sitting.do(StageBring("host", "ann", True))
    sitting.do(StageLayout("host", Layout.SOLO, "ann"))
    assert (stage(sitting).layout, stage(sitting).focus) == (Layout.SOLO, "ann")
    sitting.do(StageBring("host", "ann", False))
    assert stage(sitting).focus == ""


def test_slides_are_of_who_is_on_stage_or_directs(sitting: Sitting) -> None:
    assert sitting.do(StageSlides("ann", DECK)) == Refused(Code.FORBIDDEN)
    sitting.do(StageBring("host", "ann", True))
    assert sitting.do(StageSlides("ann", DECK)) == DONE
    assert sitting.do(StagePage("ann", 4)) == DONE
    assert sitting.do(StagePage("ann", 10)) == Refused(Code.INVALID)
    shown = stage(sitting).slides
    assert shown is not None
    assert (shown.by, shown.page) == ("ann", 4)
    assert sitting.do(StagePage("bo", 5)) == Refused(Code.FORBIDDEN)
    sitting.do(StageSlides("host", DECK))
    assert sitting.do(StageSlides("ann", None)) == Refused(Code.CONFLICT)
    sitting.do(StageSlides("host", None))
    assert stage(sitting).slides is None
    assert sitting.do(StagePage("ann", 2)) == Refused(Code.WRONG_STATE)


def test_the_run_list_is_replaced_whole_and_its_item_goes_with_it(sitting: Sitting) -> None:
    items = (RunItem("item-0001", "Welcome\u202e", "Ann", 5), RunItem("item-0002", "Talk", "Bo", 20))
    sitting.do(StageRun("host", items))
    assert stage(sitting).run[0].title == "Welcome"
    assert sitting.do(StageItem("host", "other")) == Refused(Code.NOT_FOUND)
    sitting.do(StageItem("host", "item-0002"))
    assert (stage(sitting).item_id, stage(sitting).item_began_at_ms) == ("item-0002", sitting.now_ms)
    assert sitting.do(StageRun("host", (items[0], items[0]))) == Refused(Code.INVALID)
    sitting.do(StageRun("host", items[:1]))
    assert stage(sitting).item_id == ""


def test_a_rehearsal_is_not_ended_by_people_and_a_live_stage_ends_with_its_room(sitting: Sitting) -> None:
    assert sitting.do(End("host")) == Refused(Code.WRONG_STATE)
    live(sitting)
    assert sitting.do(End("host")) == DONE
    assert told(sitting) == [StagePhase.ENDED]
    assert stage(sitting).on_stage == ()


def test_a_room_is_ended_by_the_system_in_rehearsal_too(sitting: Sitting) -> None:
    assert sitting.do(End(SYSTEM)) == DONE
    assert told(sitting) == []


def test_a_live_stage_that_everybody_has_left_ends_by_itself_and_its_room_with_it(sitting: Sitting) -> None:
    live(sitting)
    for person in ("host", "ann", "bo"):
        sitting.do(Leave(person))
    sitting.do(Tick(SYSTEM))
    assert sitting.room.empty
    assert sitting.room.on_air
    sitting.pass_time(ABANDONED_MS - 1)
    sitting.do(Tick(SYSTEM))
    assert sitting.room.on_air
    sitting.pass_time(1)
    sitting.do(Tick(SYSTEM))
    assert told(sitting) == [StagePhase.ENDED]
    sitting.do(Tick(SYSTEM))
    assert sitting.view.phase is Phase.ENDED


def test_somebody_who_comes_back_keeps_it_live(sitting: Sitting) -> None:
    live(sitting)
    for person in ("host", "ann", "bo"):
        sitting.do(Leave(person))
    for _ in range(20):
        sitting.pass_time(SEAT_KEPT_MS)
        sitting.do(Tick(SYSTEM))
        sitting.join("host", Role.HOST)
        sitting.do(Tick(SYSTEM))
        sitting.do(Leave("host"))
    assert sitting.room.on_air


def test_a_stage_comes_back_from_the_store_as_it_was_and_tells_everything_again(sitting: Sitting) -> None:
    live(sitting)
    record = RoomView("room", "abc-defg-hij", "Weekly", stage=StageView(LIVESTREAM))
    other = Sitting(livestream_id=LIVESTREAM)
    other.room = Room.restore(sitting.room.dump(), record, sitting.now_ms)
    other.do(Tick(SYSTEM))
    assert stage(other).on_stage == ("ann",)
    assert told(other) == [StagePhase.LIVE]
    assert [type(effect) for effect in other.effects] == [ArrangeStage, Broadcast, ShowAudience]


# ---------------------------------------------------------------- who is seen and heard by whom


def test_in_rehearsal_all_get_all_and_live_the_stage_gets_the_stage() -> None:
    rehearsal = Staging(False, ("ann",), Layout.SOLO, "", "")
    assert rehearsal.reaches("bo", False, "ann")
    on_air = Staging(True, ("ann", "cy"), Layout.SOLO, "", "host")
    assert not on_air.reaches("bo", False, "ann")
    assert on_air.reaches("cy", False, "ann")
    assert on_air.reaches("bo", False, "host")
    assert on_air.reaches("ann", False, "bo")
    assert on_air.reaches("host", True, "ann")  # the slides that are shown
    assert not on_air.reaches("host", False, "ann")


def arranged(layout: Layout, focus: str = "", slides_by: str = "", sharing: str = "") -> list[str]:
    found = positions(Staging(True, ("a", "b", "c"), layout, focus, slides_by), lambda person: person in sharing)
    return [f"{item.participant_id}{'!' if item.place is Place.SCREEN else ''}" for item in found]


def test_the_positions_of_each_layout() -> None:
    assert arranged(Layout.SOLO) == ["a"]
    assert arranged(Layout.SOLO, "b") == ["b"]
    assert arranged(Layout.SOLO, "b", sharing="b") == ["b!"]
    assert arranged(Layout.SIDE_BY_SIDE) == ["a", "b", "c"]
    assert arranged(Layout.SIDE_BY_SIDE, sharing="c") == ["c!", "a", "b", "c"]
    assert arranged(Layout.PICTURE_IN_PICTURE, "b") == ["b", "a"]
    assert arranged(Layout.PICTURE_IN_PICTURE, "b", sharing="a") == ["a!", "b"]
    assert arranged(Layout.SLIDES, "c", slides_by="host", sharing="host a") == ["host!", "c"]
    assert arranged(Layout.SLIDES, "c", slides_by="host") == ["c"]
    crowd = Staging(True, tuple("abcdefghi"), Layout.SIDE_BY_SIDE, "", "")
    assert len(positions(crowd, lambda _: True)) == 9
    assert positions(Staging(True, (), Layout.SOLO, "", ""), lambda _: False) == ()
    assert positions(Staging(True, ("a",), Layout.PICTURE_IN_PICTURE, "", ""), lambda _: False) == (
        Position("a", Place.CAMERA),
    )


def test_the_audience_is_told_of_who_is_on_stage_and_of_nobody_else(sitting: Sitting) -> None:
    sitting.do(SetTracks("ann", (CAMERA,)))
    sitting.do(SetTracks("bo", (CAMERA, SCREEN)))
    sitting.do(StageBring("host", "ann", True))
    sitting.do(StageName("host", "ann", "Dr Ann", "Laser Ltd", True))
    rehearsal = for_audience(sitting.view)
    assert rehearsal is not None
    assert rehearsal.positions == ()
    sitting.do(StageGoLive("host"))
    shown = for_audience(sitting.view)
    assert shown is not None
    assert shown.positions == (StagePosition("Dr Ann", "Laser Ltd", True, True, False, False),)
    assert ShowAudience(LIVESTREAM, shown) in sitting.effects
    sitting.do(StageName("host", "ann", "", "", False))
    assert stage(sitting).names == {}
    sitting.do(StageBring("host", "bo", True))
    sitting.do(StageLayout("host", Layout.SIDE_BY_SIDE, ""))
    told_now = for_audience(sitting.view)
    assert told_now is not None
    assert [(position.name, position.screen) for position in told_now.positions] == [
        ("bo", True),
        ("ann", False),
        ("bo", False),
    ]
    assert told_now.positions[1].line == "Laser"


def test_what_changes_nothing_for_the_audience_is_not_told(sitting: Sitting) -> None:
    live(sitting)
    sitting.do(StageRun("host", (RunItem("item-0001", "Welcome", "", 5),)))
    assert sitting.effects == []
    sitting.do(StageItem("host", "item-0001"))
    assert [type(effect) for effect in sitting.effects] == [ShowAudience]


def test_a_lower_third_is_made_harmless(sitting: Sitting) -> None:
    sitting.do(StageName("host", "bo", "  Bo\u202e ", "line\nline", True))
    assert stage(sitting).names == {"bo": LowerThird("Bo", "line line", True)}
    sitting.do(StageName("host", "bo", "Bo", "line line", True))
    assert sitting.quiet
