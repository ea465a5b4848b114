from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from rooms.core.assist_model import (
    ASK_OPEN_MS,
    ASKS_MAX,
    MARK_NUMBERS_MAX,
    MARK_POINTS_MAX,
    MARKS_MAX,
    AskKind,
    AssistRole,
    Device,
    DocumentRegion,
    Earlier,
    FrameRef,
    MarkColor,
    MarkKind,
    MarkState,
    Placement,
    RecordKind,
    ShownDocument,
)
from rooms.core.codes import Code
from rooms.core.commands import (
    AnswerDevice,
    AnyCommand,
    AskDevice,
    ChangeMark,
    ConfirmMark,
    LeadCamera,
    Leave,
    LinkMark,
    NoteRecord,
    PlaceMark,
    RemoveMark,
    RemoveMarks,
    ReportMark,
    SetDevice,
    SetStill,
    ShowDocument,
    Tick,
)
from rooms.core.effects import ArchiveMarkPlaced, ArchiveMarksRemoved
from rooms.core.events import (
    AssistRoleChanged,
    DeviceAnswered,
    DeviceChanged,
    DocumentShown,
    MarkConfirmed,
    MarksRemoved,
    MarkStateChanged,
    RecordChanged,
)
from rooms.core.model import Role, RoomView
from rooms.core.outcomes import DONE, Refused
from rooms.core.room import Room
from tests.support.rooms import NOW_MS, Sitting

FRAME = FrameRef(rtp_timestamp=4_294_967_295, width=640, height=480)
REGION = DocumentRegion("manual", 12, 0.1, 0.2, 0.3, 0.4)
SHOWN = ShownDocument(REGION, Placement.BESIDE, "")


@dataclass(frozen=True)
class Told:
    """One refused command with the code that answers it."""

    code: Code
    command: AnyCommand


def place(actor: str, mark_id: str = "mark-0001", **changes: Any) -> PlaceMark:
    plain: dict[str, Any] = {
        "kind": MarkKind.CIRCLE,
        "color": MarkColor.RED,
        "width": 4.0,
        "points": (10.0, 20.0, 110.04, 120.06),
        "text": "",
        "number": 0,
        "frame": FRAME,
    }
    return PlaceMark(actor, mark_id, **{**plain, **changes})


@pytest.fixture
def sitting() -> Sitting:
    sitting = Sitting(assist=True)
    sitting.join("park", Role.HOST, assist=AssistRole.OBSERVER)
    sitting.join("phone", Role.GUEST, assist=AssistRole.ON_SITE)
    sitting.join("ann", assist=AssistRole.EXPERT)
    sitting.join("bo", assist=AssistRole.EXPERT)
    sitting.join("eve", assist=AssistRole.OBSERVER)
    sitting.join("nobody")
    return sitting


def test_everybody_sees_who_has_which_part(sitting: Sitting) -> None:
    parts = {person.id: person.assist_role for person in sitting.view.participants.values()}
    assert parts["phone"] is AssistRole.ON_SITE
    assert parts["ann"] is AssistRole.EXPERT
    assert parts["nobody"] is None


def test_a_part_counts_in_rooms_of_assistance_only() -> None:
    meeting = Sitting()
    meeting.join("ann", assist=AssistRole.EXPERT)
    assert meeting.view.participants["ann"].assist_role is None
    assert meeting.do(place("ann")) == Refused(Code.FORBIDDEN)
    assert meeting.do(NoteRecord("", RecordKind.STILL, "s")) == Refused(Code.INVALID)
    assert meeting.do(NoteRecord("", RecordKind.SYMPOSIUM, "s")) == DONE  # lives in any room


def test_who_comes_back_with_another_part_is_shown_with_it(sitting: Sitting) -> None:
    sitting.join("eve", resume="token-eve", assist=AssistRole.EXPERT)
    assert AssistRoleChanged("eve", AssistRole.EXPERT) in sitting.events
    assert sitting.do(place("eve")) == DONE


def test_a_mark_is_kept_with_its_author_and_the_frame_that_they_saw(sitting: Sitting) -> None:
    assert sitting.do(place("ann", text="left\nvalve", number=3)) == DONE
    mark = sitting.view.marks["mark-0001"]
    assert (mark.author_id, mark.author_name, mark.frame) == ("ann", "ann", FRAME)
    assert mark.points == (10.0, 20.0, 110.0, 120.1)
    assert (mark.text, mark.number, mark.state, mark.made_at_ms) == ("left valve", 3, MarkState.PLACING, NOW_MS)


def test_the_same_id_again_is_the_same_mark_for_its_author_and_taken_for_others(sitting: Sitting) -> None:
    sitting.do(place("ann"))
    sitting.do(ReportMark("phone", "mark-0001", MarkState.OK))
    sitting.do(RemoveMark("ann", "mark-0001"))
    sitting.pass_time(1_000)
    assert sitting.do(place("ann")) == DONE
    assert sitting.effects == [ArchiveMarkPlaced("mark-0001")]
    sitting.pass_time(1_000)
    assert sitting.do(place("ann", color=MarkColor.BLUE)) == DONE
    mark = sitting.view.marks["mark-0001"]
    assert (mark.color, mark.made_at_ms, mark.state) == (MarkColor.BLUE, NOW_MS + 1_000, MarkState.PLACING)
    assert sitting.do(place("bo")) == Refused(Code.CONFLICT)


@pytest.mark.parametrize(
    "changes",
    [
        {"mark_id": "short"},
        {"mark_id": "m" * 33},
        {"mark_id": "mark/0001"},
        {"points": ()},
        {"points": (1.0, 2.0, 3.0)},
        {"points": (1.0, 2.0)},
        {"points": (1.0, 2.0, 3.0, 4.0), "kind": MarkKind.NUMBER},
        {"points": (1.0, 2.0), "kind": MarkKind.FREEHAND},
        {"points": (1.0, 2.0, 3.0, 4.0, 5.0), "kind": MarkKind.FREEHAND},
        {"points": (1.0,) * (2 * MARK_POINTS_MAX + 2), "kind": MarkKind.FREEHAND},
        {"points": (1.0, 2.0, 640.1, 4.0)},
        {"points": (1.0, 2.0, 3.0, 480.1)},
        {"points": (-0.1, 2.0, 3.0, 4.0)},
        {"points": (float("nan"), 2.0, 3.0, 4.0)},
        {"points": (float("inf"), 2.0, 3.0, 4.0)},
        {"width": 1.9},
        {"width": 24.1},
        {"width": float("nan")},
        {"number": -1},
        {"number": 1_000},
        {"text": "x" * 201},
        {"frame": FrameRef(-1, 640, 480)},
        {"frame": FrameRef(2**32, 640, 480)},
        {"frame": FrameRef(1, 0, 480)},
        {"frame": FrameRef(1, 640, 8_193)},
    ],
)
def test_a_mark_that_makes_no_sense_is_refused(sitting: Sitting, changes: dict[str, Any]) -> None:
    assert sitting.do(place("ann", **changes)) == Refused(Code.INVALID)
    assert sitting.quiet


def test_ten_thousand_strokes_fill_the_room_once_and_lose_no_other_mark(sitting: Sitting) -> None:
    sitting.do(place("bo", "mark-of-bo"))
    outcomes = [sitting.do(place("ann", f"mark-{number:05}")) for number in range(10_000)]
    assert outcomes.count(DONE) == MARKS_MAX - 1
    assert outcomes[-1] == Refused(Code.TOO_MANY)
    assert "mark-of-bo" in sitting.view.marks
    assert sitting.do(place("ann", "mark-00000", color=MarkColor.WHITE)) == DONE
    assert sitting.do(RemoveMarks("ann", everyones=False)) == DONE
    assert list(sitting.view.marks) == ["mark-of-bo"]


def test_long_strokes_are_bounded_together(sitting: Sitting) -> None:
    long = {"kind": MarkKind.FREEHAND, "points": (1.0,) * (2 * MARK_POINTS_MAX)}
    fit = MARK_NUMBERS_MAX // (2 * MARK_POINTS_MAX)
    for number in range(fit):
        assert sitting.do(place("ann", f"mark-{number:05}", **long)) == DONE
    assert sitting.do(place("bo")) == Refused(Code.TOO_MANY)
    assert sitting.do(place("ann", "mark-00000", **long)) == DONE


def test_one_changes_and_removes_ones_own_and_who_is_on_site_or_moderates_any(sitting: Sitting) -> None:
    sitting.do(place("ann"))
    assert sitting.do(ChangeMark("bo", "mark-0001", "x", MarkColor.RED, 1)) == Refused(Code.FORBIDDEN)
    assert sitting.do(RemoveMark("bo", "mark-0001")) == Refused(Code.FORBIDDEN)
    assert sitting.do(RemoveMarks("bo", everyones=True)) == Refused(Code.FORBIDDEN)
    assert sitting.do(RemoveMark("eve", "mark-0001")) == Refused(Code.FORBIDDEN)
    assert sitting.do(ChangeMark("ann", "mark-0001", "valve", MarkColor.GREEN, 7)) == DONE
    assert sitting.do(LinkMark("ann", "mark-0001", REGION)) == DONE
    mark = sitting.view.marks["mark-0001"]
    assert (mark.text, mark.color, mark.number, mark.region) == ("valve", MarkColor.GREEN, 7, REGION)
    assert sitting.do(LinkMark("phone", "mark-0001", None)) == DONE
    assert sitting.do(RemoveMark("phone", "mark-0001")) == DONE
    assert sitting.events == [MarksRemoved(("mark-0001",), "phone")]
    assert sitting.effects == [ArchiveMarksRemoved(("mark-0001",), NOW_MS)]
    sitting.do(place("ann"))
    assert sitting.do(RemoveMarks("park", everyones=True)) == DONE
    assert not sitting.view.marks


def test_only_the_phone_says_where_a_mark_is(sitting: Sitting) -> None:
    sitting.do(place("ann"))
    told: list[AnyCommand] = [
        ReportMark("ann", "mark-0001", MarkState.OK),
        ConfirmMark("ann", "mark-0001", confirmed=True),
        SetStill("ann", "mark-0001", "still"),
        SetDevice("ann", Device()),
        AnswerDevice("ann", "ask-1", accepted=True),
        AskDevice("phone", "ask-1", AskKind.STILL, 0),
        ShowDocument("phone", SHOWN),
        place("eve"),
        place("nobody"),
    ]
    assert [sitting.do(command) for command in told] == [Refused(Code.FORBIDDEN)] * len(told)
    assert sitting.do(ReportMark("phone", "mark-0001", MarkState.WEAK)) == DONE
    assert sitting.events == [MarkStateChanged("mark-0001", MarkState.WEAK)]
    assert sitting.do(ReportMark("phone", "mark-0001", MarkState.WEAK)) == DONE
    assert sitting.quiet


def test_this_one_is_said_and_taken_back(sitting: Sitting) -> None:
    sitting.do(place("ann"))
    sitting.do(ConfirmMark("phone", "mark-0001", confirmed=True))
    assert sitting.events == [MarkConfirmed("mark-0001", NOW_MS, "phone")]
    sitting.do(ConfirmMark("phone", "mark-0001", confirmed=False))
    assert sitting.view.marks["mark-0001"].confirmed_at_ms == 0
    sitting.do(SetStill("phone", "mark-0001", "still-1"))
    assert sitting.view.marks["mark-0001"].still_id == "still-1"


@pytest.mark.parametrize(
    "told",
    [
        Told(Code.NOT_FOUND, ChangeMark("ann", "mark-none", "", MarkColor.RED, 0)),
        Told(Code.NOT_FOUND, LinkMark("ann", "mark-none", None)),
        Told(Code.NOT_FOUND, RemoveMark("ann", "mark-none")),
        Told(Code.NOT_FOUND, ReportMark("phone", "mark-none", MarkState.OK)),
        Told(Code.NOT_FOUND, AnswerDevice("phone", "ask-none", accepted=True)),
        Told(Code.INVALID, ChangeMark("ann", "mark-0001", "x" * 201, MarkColor.RED, 0)),
        Told(Code.INVALID, ChangeMark("ann", "mark-0001", "", MarkColor.RED, 1_000)),
        Told(Code.INVALID, LinkMark("ann", "mark-0001", DocumentRegion("m", 1, 0.5, 0, 0.6, 1))),
        Told(Code.INVALID, SetStill("phone", "mark-0001", "")),
        Told(Code.INVALID, SetDevice("phone", Device(zoom=5, zoom_max=4))),
        Told(Code.INVALID, SetDevice("phone", Device(zoom=float("nan")))),
        Told(Code.INVALID, SetDevice("phone", Device(battery_percent=101))),
        Told(Code.INVALID, AskDevice("ann", "ask-1", AskKind.TORCH, 0.5)),
        Told(Code.INVALID, AskDevice("ann", "ask-1", AskKind.ZOOM, 0)),
        Told(Code.INVALID, AskDevice("ann", "ask-1", AskKind.STILL, 1)),
        Told(Code.INVALID, AskDevice("ann", "", AskKind.STILL, 0)),
        Told(Code.INVALID, ShowDocument("ann", ShownDocument(DocumentRegion("m", 0, 0, 0, 1, 1), Placement.OVER, ""))),
        Told(Code.INVALID, ShowDocument("ann", ShownDocument(DocumentRegion("m", 1, 0, 0, 0, 1), Placement.OVER, ""))),
        Told(Code.INVALID, place("")),
        Told(Code.FORBIDDEN, NoteRecord("ann", RecordKind.STILL, "still")),
        Told(Code.INVALID, NoteRecord("", RecordKind.STILL, "")),
    ],
    ids=lambda told: type(told.command).__name__,
)
def test_what_cannot_be_is_refused_and_leaves_no_trace(sitting: Sitting, told: Told) -> None:
    sitting.do(place("ann"))
    assert sitting.do(told.command) == Refused(told.code)
    assert sitting.quiet


def test_what_is_asked_of_the_phone_is_answered_once(sitting: Sitting) -> None:
    assert sitting.do(AskDevice("ann", "ask-1", AskKind.TORCH, 1)) == DONE
    assert sitting.do(AskDevice("bo", "ask-1", AskKind.STILL, 0)) == Refused(Code.CONFLICT)
    ask = sitting.view.asks["ask-1"]
    assert (ask.by, ask.by_name, ask.ask, ask.value) == ("ann", "ann", AskKind.TORCH, 1)
    assert sitting.do(AnswerDevice("phone", "ask-1", accepted=False)) == DONE
    assert sitting.events == [DeviceAnswered("ask-1", accepted=False, by="phone")]
    assert sitting.do(AnswerDevice("phone", "ask-1", accepted=True)) == Refused(Code.NOT_FOUND)


def test_asks_are_bounded_and_do_not_wait_for_ever(sitting: Sitting) -> None:
    for number in range(ASKS_MAX):
        assert sitting.do(AskDevice("ann", f"ask-{number}", AskKind.ZOOM, 2.5)) == DONE
    assert sitting.do(AskDevice("bo", "ask-more", AskKind.STILL, 0)) == Refused(Code.TOO_MANY)
    sitting.pass_time(ASK_OPEN_MS - 1)
    sitting.do(Tick(""))
    assert len(sitting.view.asks) == ASKS_MAX
    sitting.pass_time(1)
    sitting.do(Tick(""))
    assert not sitting.view.asks
    assert sitting.events[0] == DeviceAnswered("ask-0", accepted=False, by="")


def test_who_leaves_takes_their_phone_and_their_asks_along(sitting: Sitting) -> None:
    sitting.do(SetDevice("phone", Device(participant_id="ann", torch=True, has_torch=True)))
    assert sitting.view.device == Device(participant_id="phone", torch=True, has_torch=True)
    sitting.do(AskDevice("ann", "ask-1", AskKind.STILL, 0))
    sitting.do(Leave("ann"))
    assert not sitting.view.asks
    sitting.do(Leave("phone"))
    assert sitting.view.device == Device()


@pytest.fixture
def two_phones(sitting: Sitting) -> Sitting:
    """The first that tells of itself leads; a mark sits on its picture."""
    sitting.join("tablet", Role.GUEST, assist=AssistRole.ON_SITE)
    sitting.do(SetDevice("phone", Device(torch=True, has_torch=True)))
    sitting.do(place("ann"))
    sitting.do(ReportMark("phone", "mark-0001", MarkState.OK))
    return sitting


def test_of_two_phones_the_first_that_tells_leads_and_the_other_says_nothing_of_marks(two_phones: Sitting) -> None:
    two_phones.do(AskDevice("ann", "ask-1", AskKind.STILL, 0))
    for command in (
        SetDevice("tablet", Device()),
        ReportMark("tablet", "mark-0001", MarkState.LOST),
        AnswerDevice("tablet", "ask-1", accepted=True),
        place("tablet", "mark-0009", earlier=Earlier("Wang", 1)),
    ):
        assert two_phones.do(command) == Refused(Code.WRONG_STATE)
        assert two_phones.quiet
    assert two_phones.do(ConfirmMark("tablet", "mark-0001", confirmed=True)) == DONE  # whoever stands there may say so


@pytest.mark.parametrize("by", ["ann", "tablet", "phone", "park"])
def test_another_phone_is_made_leading_and_looks_for_the_marks(two_phones: Sitting, by: str) -> None:
    two_phones.do(AskDevice("ann", "ask-1", AskKind.STILL, 0))
    assert two_phones.do(LeadCamera(by, "tablet")) == DONE
    assert two_phones.events == [
        DeviceAnswered("ask-1", accepted=False, by=""),
        DeviceChanged(Device(participant_id="tablet")),
    ]
    assert two_phones.view.marks["mark-0001"].state is MarkState.PLACING
    assert two_phones.do(ReportMark("phone", "mark-0001", MarkState.OK)) == Refused(Code.WRONG_STATE)
    assert two_phones.do(ReportMark("tablet", "mark-0001", MarkState.UNPLACED)) == DONE
    two_phones.do(LeadCamera(by, "tablet"))
    assert two_phones.quiet


def test_only_somebody_on_site_can_be_made_leading_and_not_by_observers(two_phones: Sitting) -> None:
    for nobody in ("bo", "eve", "none", ""):
        assert two_phones.do(LeadCamera("ann", nobody)) == Refused(Code.NOT_FOUND)
    assert two_phones.do(LeadCamera("eve", "tablet")) == Refused(Code.FORBIDDEN)


def test_who_leaves_or_comes_back_in_another_part_leads_no_more(two_phones: Sitting) -> None:
    two_phones.join("phone", Role.GUEST, resume="token-phone", assist=AssistRole.EXPERT)
    assert two_phones.view.device == Device()
    assert two_phones.do(SetDevice("tablet", Device())) == DONE
    two_phones.do(Leave("tablet"))
    assert two_phones.view.device == Device()


def test_a_mark_of_an_earlier_session_keeps_who_drew_it_and_when(sitting: Sitting) -> None:
    found = Earlier("Li\u202e Gong", NOW_MS - 86_400_000)
    assert sitting.do(place("ann", earlier=found)) == Refused(Code.FORBIDDEN)
    assert sitting.do(place("phone", earlier=found)) == DONE
    mark = sitting.view.marks["mark-0001"]
    assert (mark.author_id, mark.author_name, mark.earlier_at_ms) == ("", "Li Gong", NOW_MS - 86_400_000)
    assert sitting.do(place("phone", earlier=found)) == DONE  # found again after it was lost to everybody
    assert sitting.do(place("phone")) == Refused(Code.CONFLICT)
    assert sitting.do(RemoveMark("ann", "mark-0001")) == Refused(Code.FORBIDDEN)
    assert sitting.do(RemoveMarks("phone", everyones=False)) == DONE  # of one's own: this one is nobody's here
    assert "mark-0001" in sitting.view.marks
    for wrong in (Earlier("x" * 65, 1), Earlier("Li", 0), Earlier("Li", NOW_MS + 10_000)):
        assert sitting.do(place("phone", "mark-0002", earlier=wrong)) == Refused(Code.INVALID)
    assert sitting.do(place("phone", "mark-0003", earlier=Earlier("\u200b", 1))) == DONE
    assert sitting.view.marks["mark-0003"].author_name == "phone"


def test_a_document_is_shown_to_all_and_hidden_again(sitting: Sitting) -> None:
    assert sitting.do(ShowDocument("ann", SHOWN)) == DONE
    assert sitting.events == [DocumentShown(ShownDocument(REGION, Placement.BESIDE, "ann"), "ann")]
    sitting.do(ShowDocument("bo", None))
    assert sitting.events == [DocumentShown(None, "bo")]
    assert sitting.view.document is None
    sitting.do(ShowDocument("bo", None))
    assert sitting.quiet


def test_a_change_of_what_is_kept_is_told_to_all(sitting: Sitting) -> None:
    assert sitting.do(NoteRecord("", RecordKind.STILL, "still-1")) == DONE
    assert sitting.events == [RecordChanged(RecordKind.STILL, "still-1")]


def test_marks_survive_a_move_to_another_node_and_an_empty_room(sitting: Sitting) -> None:
    sitting.do(place("ann"))
    sitting.do(ShowDocument("ann", SHOWN))
    record = RoomView("room", "abc-defg-hij", "Weekly", assist=True)
    moved = Room.restore(sitting.room.dump(), record, NOW_MS).view
    assert list(moved.marks) == ["mark-0001"]
    assert moved.document is not None
    for name in list(sitting.view.participants):
        sitting.do(Leave(name))
    again = Room.restore(sitting.room.dump(), record, NOW_MS).view
    assert list(again.marks) == ["mark-0001"]
    assert again.document is None
