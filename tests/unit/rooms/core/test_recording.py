from __future__ import annotations

import pytest

from rooms.core.codes import Code
from rooms.core.commands import End, Leave, NoteRecording, PauseRecording, StartRecording, StopRecording, Tick
from rooms.core.effects import Record
from rooms.core.model import Recording, RecordingEnd, RecordingState, Role, RoomView
from rooms.core.outcomes import DONE, Refused
from rooms.core.room import SYSTEM, Room
from tests.support.rooms import NOW_MS, Sitting

ID = "0" * 26
OFF, STARTING, ON, PAUSED = RecordingState


def recorded(sitting: Sitting) -> list[RecordingState]:
    return [effect.state for effect in sitting.effects if isinstance(effect, Record)]


@pytest.fixture
def sitting() -> Sitting:
    sitting = Sitting()
    sitting.join("host", Role.HOST)
    sitting.join("guest", Role.GUEST)
    return sitting


def state(sitting: Sitting) -> Recording:
    return sitting.view.recording


def test_it_is_said_to_start_and_to_be_on_only_when_something_is_written(sitting: Sitting) -> None:
    assert sitting.do(StartRecording("host", ID)) == DONE
    assert sitting.effects == [Record(ID, STARTING, "id-host")]
    assert state(sitting) == Recording(STARTING, ID, "host", sitting.now_ms)
    sitting.do(NoteRecording(SYSTEM, ID, ON))
    assert state(sitting).state is ON


def test_only_moderators_record_and_nobody_an_encrypted_room(sitting: Sitting) -> None:
    assert sitting.do(StartRecording("guest", ID)) == Refused(Code.FORBIDDEN)
    sealed = Sitting(encrypted=True)
    sealed.join("host", Role.HOST)
    assert sealed.do(StartRecording("host", ID)) == Refused(Code.ENCRYPTED)


def test_one_at_a_time_and_steps_that_make_no_sense_are_refused(sitting: Sitting) -> None:
    assert sitting.do(StopRecording("host")) == Refused(Code.WRONG_STATE)
    assert sitting.do(PauseRecording("host", True)) == Refused(Code.WRONG_STATE)
    assert sitting.do(StartRecording("host", "../../etc")) == Refused(Code.INVALID)
    sitting.do(StartRecording("host", ID))
    assert sitting.do(StartRecording("host", "1" * 26)) == Refused(Code.WRONG_STATE)


def test_pause_and_resume_and_stop(sitting: Sitting) -> None:
    sitting.do(StartRecording("host", ID))
    sitting.do(NoteRecording(SYSTEM, ID, ON))
    sitting.do(PauseRecording("host", True))
    assert recorded(sitting) == [PAUSED]
    sitting.do(PauseRecording("host", True))
    assert recorded(sitting) == []
    sitting.do(PauseRecording("host", False))
    assert recorded(sitting) == [ON]
    sitting.do(StopRecording("host"))
    assert recorded(sitting) == [OFF]
    assert state(sitting) == Recording(OFF, ID, "", sitting.now_ms, RecordingEnd.STOPPED)


def test_a_recorder_that_fails_is_told_to_all_and_one_of_former_times_is_not_heard(sitting: Sitting) -> None:
    sitting.do(StartRecording("host", ID))
    assert sitting.do(NoteRecording(SYSTEM, "1" * 26, OFF, RecordingEnd.DISK)) == Refused(Code.WRONG_STATE)
    sitting.do(NoteRecording(SYSTEM, ID, OFF, RecordingEnd.DISK))
    assert state(sitting).end is RecordingEnd.DISK
    assert sitting.do(NoteRecording("host", ID, ON)) == Refused(Code.FORBIDDEN)


def test_it_ends_with_the_meeting_and_when_nobody_is_left(sitting: Sitting) -> None:
    sitting.do(StartRecording("host", ID))
    sitting.do(End("host"))
    assert recorded(sitting) == [OFF]
    assert state(sitting).end is RecordingEnd.ROOM_ENDED
    empty = Sitting()
    empty.join("host", Role.HOST)
    empty.do(StartRecording("host", ID))
    empty.do(Leave("host"))
    empty.do(Tick(SYSTEM))
    assert recorded(empty) == [OFF]
    assert state(empty).end is RecordingEnd.NOBODY


def test_after_the_owner_died_it_is_starting_again_and_a_pause_stays(sitting: Sitting) -> None:
    sitting.do(StartRecording("host", ID))
    sitting.do(NoteRecording(SYSTEM, ID, ON))
    stored = sitting.room.dump()
    again = Room.restore(stored, RoomView("room", "abc-defg-hij", "Weekly"), NOW_MS + 5)
    assert again.view.recording.state is STARTING
    sitting.do(PauseRecording("host", True))
    paused = Room.restore(sitting.room.dump(), RoomView("room", "abc-defg-hij", "Weekly"), NOW_MS + 5)
    assert paused.view.recording.state is PAUSED
