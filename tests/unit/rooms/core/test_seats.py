from __future__ import annotations

import pytest

from rooms.core.codes import Code
from rooms.core.commands import Disconnected, Join, Leave, RaiseHand, Rename, SendChat, SetRole, SetTracks, Tick
from rooms.core.effects import (
    ArchiveAttendance,
    CloseConnection,
    CutMedia,
    RefreshPermissions,
)
from rooms.core.events import (
    LeaveReason,
    LobbyListed,
    ParticipantJoined,
    ParticipantLeft,
    PresenceChanged,
    RoleChanged,
)
from rooms.core.model import (
    HIDDEN_MAX,
    PARTICIPANTS_MAX,
    SEAT_KEPT_MS,
    SEATS_PER_IDENTITY_MAX,
    SEATS_RESERVED,
    Grant,
    Presence,
    Role,
    Source,
    Track,
)
from rooms.core.outcomes import DONE, Refused, TookSeat
from tests.support.rooms import NOW_MS, Sitting

MICROPHONE = Track("mic", Source.MICROPHONE, "opus")


@pytest.fixture
def sitting() -> Sitting:
    sitting = Sitting()
    sitting.join("host", Role.HOST)
    sitting.join("ann")
    return sitting


def test_a_newcomer_takes_a_seat_that_all_see(sitting: Sitting) -> None:
    assert sitting.join("bo", organization="Optics Ltd") == TookSeat("bo", resumed=False)
    (joined,) = sitting.events
    assert isinstance(joined, ParticipantJoined)
    assert joined.participant == sitting.view.participants["bo"]
    assert (joined.participant.identity, joined.participant.organization) == ("id-bo", "Optics Ltd")


def test_two_people_may_have_one_name_and_one_person_two_seats(sitting: Sitting) -> None:
    sitting.do(Join("", Grant("id-other", "ann", Role.GUEST), "other", "token"))
    sitting.do(Join("", Grant("id-ann", "ann", Role.PARTICIPANT), "ann-phone", "token-2"))
    assert {"ann", "other", "ann-phone"} <= set(sitting.view.participants)


def test_a_lost_connection_keeps_the_seat_for_a_minute(sitting: Sitting) -> None:
    assert sitting.do(Disconnected("ann")) == DONE
    assert sitting.events == [PresenceChanged("ann", Presence.AWAY)]
    assert sitting.do(Disconnected("ann")) == DONE
    assert sitting.events == []
    sitting.pass_time(SEAT_KEPT_MS - 1)
    sitting.do(Tick(""))
    assert sitting.events == []
    sitting.pass_time(1)
    sitting.do(Tick(""))
    assert sitting.events == [ParticipantLeft("ann", LeaveReason.TIMED_OUT)]
    assert sitting.effects == [CutMedia("ann"), ArchiveAttendance("id-ann", "ann", NOW_MS, sitting.now_ms)]


def test_a_resumed_seat_is_the_same_seat(sitting: Sitting) -> None:
    sitting.do(SetTracks("ann", (MICROPHONE,)))
    sitting.do(RaiseHand("ann", True))
    sitting.do(Rename("ann", "Ann the Second"))
    sitting.do(SendChat("ann", "hello", "n1", "m1"))
    sitting.do(SetRole("host", "ann", Role.CO_HOST))
    before = sitting.view.participants["ann"]
    sitting.do(Disconnected("ann"))
    sitting.pass_time(SEAT_KEPT_MS - 1)
    assert sitting.join("again", resume="token-ann", identity="id-ann") == TookSeat("ann", resumed=True)
    assert sitting.events == [PresenceChanged("ann", Presence.HERE)]
    assert sitting.view.participants["ann"] == before
    assert sitting.view.chat[-1].sender_id == "ann"
    assert "again" not in sitting.view.participants
    sitting.pass_time(SEAT_KEPT_MS)
    sitting.do(Tick(""))
    assert sitting.events == []


def test_a_seat_resumed_while_it_is_held_closes_the_other_connection(sitting: Sitting) -> None:
    assert sitting.join("again", resume="token-ann", identity="id-ann") == TookSeat("ann", resumed=True)
    assert sitting.effects == [CloseConnection("ann", Code.REPLACED)]
    assert sitting.events == []


@pytest.mark.parametrize("token", ["wrong", "token-host", "", "\ud800", "token-ann "])
def test_a_wrong_token_resumes_nothing(sitting: Sitting, token: str) -> None:
    sitting.do(Disconnected("ann"))
    assert sitting.join("again", resume=token, identity="id-ann") == TookSeat("again", resumed=False)


def test_a_token_of_somebody_else_resumes_nothing(sitting: Sitting) -> None:
    assert sitting.join("thief", resume="token-host") == TookSeat("thief", resumed=False)
    assert sitting.room.role_of("thief") is Role.PARTICIPANT


def test_after_the_minute_the_token_is_worth_nothing(sitting: Sitting) -> None:
    sitting.do(Disconnected("ann"))
    sitting.pass_time(SEAT_KEPT_MS)
    sitting.do(Tick(""))
    assert sitting.join("again", resume="token-ann", identity="id-ann") == TookSeat("again", resumed=False)


def test_tokens_are_kept_as_hashes_only(sitting: Sitting) -> None:
    assert b"token-ann" not in sitting.room.dump()


def test_who_became_something_else_outside_resumes_as_that(sitting: Sitting) -> None:
    assert sitting.join("again", Role.HOST, resume="token-ann", identity="id-ann") == TookSeat("ann", resumed=True)
    assert sitting.events == [RoleChanged("ann", Role.HOST, ""), LobbyListed(())]
    assert isinstance(sitting.effects[-1], RefreshPermissions)


def test_a_narrower_grant_on_resume_reaches_the_media_plane(sitting: Sitting) -> None:
    sitting.join("again", resume="token-ann", identity="id-ann", publish=("microphone",))
    (refresh,) = [effect for effect in sitting.effects if isinstance(effect, RefreshPermissions)]
    assert refresh.grant.publish == (Source.MICROPHONE,)
    assert sitting.do(SetTracks("ann", (Track("c", Source.CAMERA, "VP8"),))) == Refused(Code.FORBIDDEN)


def test_leaving_frees_the_seat_at_once(sitting: Sitting) -> None:
    sitting.pass_time(5_000)
    assert sitting.do(Leave("ann")) == DONE
    assert sitting.events == [ParticipantLeft("ann", LeaveReason.LEFT)]
    assert sitting.effects == [CutMedia("ann"), ArchiveAttendance("id-ann", "ann", NOW_MS, NOW_MS + 5_000)]
    assert sitting.do(Leave("ann")) == Refused(Code.WRONG_STATE)
    assert sitting.do(Rename("ann", "Ghost")) == Refused(Code.WRONG_STATE)


def test_when_the_host_leaves_the_room_goes_on(sitting: Sitting) -> None:
    sitting.do(Leave("host"))
    assert sitting.do(SendChat("ann", "and now?", "n1", "m1")) == DONE
    assert sitting.join("bo") == TookSeat("bo", resumed=False)


def test_a_grant_that_runs_out_ends_the_seat(sitting: Sitting) -> None:
    sitting.join("brief", expires_at_ms=NOW_MS + 1_000)
    sitting.pass_time(1_000)
    sitting.do(Tick(""))
    assert sitting.events == [ParticipantLeft("brief", LeaveReason.EXPIRED)]
    assert sitting.effects[0] == CutMedia("brief")
    assert sitting.effects[-1] == CloseConnection("brief", Code.EXPIRED)
    assert sitting.join("late", expires_at_ms=NOW_MS + 1_000) == Refused(Code.EXPIRED)


def test_a_clock_set_back_expires_nothing_early(sitting: Sitting) -> None:
    sitting.pass_time(10_000)
    sitting.do(Disconnected("ann"))
    sitting.pass_time(-3_600_000)
    sitting.do(Tick(""))
    assert sitting.events == []
    sitting.do(SendChat("host", "what time is it", "n1", "m1"))
    assert sitting.view.chat[-1].sent_at_ms == NOW_MS + 10_000


def test_hidden_seats_are_seen_and_counted_by_nobody(sitting: Sitting) -> None:
    before = sitting.view.for_role(Role.HOST)
    assert sitting.join("recorder", hidden=True) == TookSeat("recorder", resumed=False)
    assert sitting.events == []
    sitting.do(Disconnected("recorder"))
    assert sitting.join("again", resume="token-recorder", identity="id-recorder", hidden=True) == TookSeat(
        "recorder", True
    )
    assert sitting.do(SendChat("recorder", "boo", "n1", "m1")) == Refused(Code.FORBIDDEN)
    assert sitting.do(SetTracks("recorder", (MICROPHONE,))) == Refused(Code.FORBIDDEN)
    assert sitting.do(SetRole("host", "recorder", Role.CO_HOST)) == Refused(Code.NOT_FOUND)
    assert sitting.do(Leave("recorder")) == DONE
    assert sitting.effects == [CutMedia("recorder")]
    assert sitting.view.for_role(Role.HOST) == before


def test_a_hidden_grant_does_not_resume_a_seat_that_all_see(sitting: Sitting) -> None:
    outcome = sitting.join("again", resume="token-ann", identity="id-ann", hidden=True)
    assert outcome == TookSeat("again", resumed=False)


def test_a_full_room_still_lets_its_host_in() -> None:
    sitting = Sitting()
    for number in range(PARTICIPANTS_MAX - SEATS_RESERVED):
        assert isinstance(sitting.join(f"p{number}"), TookSeat)
    assert sitting.join("late") == Refused(Code.ROOM_FULL)
    for number in range(SEATS_RESERVED):
        assert isinstance(sitting.join(f"host{number}", Role.HOST), TookSeat)
    assert sitting.join("late-host", Role.HOST) == Refused(Code.ROOM_FULL)
    assert len(sitting.view.participants) == PARTICIPANTS_MAX
    assert isinstance(sitting.join("recorder", hidden=True), TookSeat)


def test_one_identity_cannot_fill_the_room() -> None:
    sitting = Sitting()
    outcomes = [sitting.join(f"seat{number}", identity="same") for number in range(SEATS_PER_IDENTITY_MAX + 1)]
    assert outcomes[-1] == Refused(Code.ROOM_FULL)
    assert len(sitting.view.participants) == SEATS_PER_IDENTITY_MAX
    hidden = [sitting.join(f"viewer{number}", identity="same", hidden=True) for number in range(HIDDEN_MAX + 1)]
    assert [isinstance(outcome, TookSeat) for outcome in hidden] == [True] * HIDDEN_MAX + [False]


def test_attendance_is_settled_without_gaps_or_doubles(sitting: Sitting) -> None:
    sitting.join("recorder", hidden=True)
    sitting.pass_time(10_000)
    settled = sitting.room.settle_attendance(sitting.now_ms)
    assert {(part.name, part.joined_at_ms, part.left_at_ms) for part in settled} == {
        ("host", NOW_MS, NOW_MS + 10_000),
        ("ann", NOW_MS, NOW_MS + 10_000),
    }
    assert sitting.room.settle_attendance(sitting.now_ms) == []
    sitting.pass_time(5_000)
    sitting.do(Leave("ann"))
    assert ArchiveAttendance("id-ann", "ann", NOW_MS + 10_000, NOW_MS + 15_000) in sitting.effects
