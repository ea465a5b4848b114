from __future__ import annotations

import pytest

from rooms.core.codes import Code
from rooms.core.commands import (
    DeleteChat,
    End,
    Join,
    LowerHand,
    MuteAll,
    MuteParticipant,
    RaiseHand,
    Remove,
    SendChat,
    SetLobby,
    SetLocked,
    SetRole,
    SetTracks,
    Tick,
)
from rooms.core.effects import (
    ArchiveAttendance,
    ArchiveChatDeletion,
    ArchiveEnd,
    ArchiveRemoval,
    BlockTrack,
    CloseConnection,
    CutMedia,
    CutRoom,
    RefreshPermissions,
)
from rooms.core.events import (
    ChatDeleted,
    HandRaised,
    LeaveReason,
    LobbyListed,
    LockChanged,
    ParticipantLeft,
    RoleChanged,
    RoomEnded,
    TrackMuted,
)
from rooms.core.model import Grant, Phase, Role, Source, Track
from rooms.core.outcomes import DONE, Refused, TookSeat
from tests.support.rooms import NOW_MS, Sitting

TRACKS = (
    Track("mic", Source.MICROPHONE, "opus"),
    Track("cam", Source.CAMERA, "VP8"),
    Track("screen", Source.SCREEN, "VP8"),
    Track("sound", Source.SCREEN_AUDIO, "opus"),
)


@pytest.fixture
def sitting() -> Sitting:
    """host (by identity), deputy (co-host), ann, guest; each publishes everything."""
    sitting = Sitting()
    sitting.join("host", Role.HOST)
    sitting.join("deputy", Role.CO_HOST)
    sitting.join("ann")
    sitting.join("guest", Role.GUEST)
    for name in list(sitting.view.participants):
        sitting.do(SetTracks(name, TRACKS))
    return sitting


def muted(sitting: Sitting, name: str) -> set[str]:
    return {track.id for track in sitting.view.participants[name].tracks if track.muted}


class TestMuting:
    def test_a_microphone_is_muted_and_blocked_in_the_name_of_the_moderator(self, sitting: Sitting) -> None:
        assert sitting.do(MuteParticipant("host", "ann", Source.MICROPHONE)) == DONE
        assert sitting.events == [TrackMuted("ann", "mic", muted=True, by="host")]
        assert sitting.effects == [BlockTrack("ann", "mic", blocked=True)]
        sitting.do(MuteParticipant("host", "ann", Source.MICROPHONE))
        assert sitting.quiet

    def test_a_stopped_share_loses_its_sound_too(self, sitting: Sitting) -> None:
        sitting.do(MuteParticipant("deputy", "guest", Source.SCREEN))
        assert muted(sitting, "guest") == {"screen", "sound"}

    def test_anyones_microphone_but_only_lower_ones_pictures(self, sitting: Sitting) -> None:
        assert sitting.do(MuteParticipant("deputy", "host", Source.MICROPHONE)) == DONE
        assert sitting.do(MuteParticipant("deputy", "host", Source.CAMERA)) == Refused(Code.FORBIDDEN)
        assert sitting.do(MuteParticipant("deputy", "host", Source.SCREEN)) == Refused(Code.FORBIDDEN)
        assert sitting.do(MuteParticipant("host", "deputy", Source.CAMERA)) == DONE

    def test_all_but_moderators_are_muted_at_once(self, sitting: Sitting) -> None:
        assert sitting.do(MuteAll("deputy")) == DONE
        assert [muted(sitting, name) for name in ("host", "deputy", "ann", "guest")] == [set(), set(), {"mic"}, {"mic"}]

    @pytest.mark.parametrize("actor", ["ann", "guest"])
    def test_others_mute_nobody(self, sitting: Sitting, actor: str) -> None:
        assert sitting.do(MuteParticipant(actor, "host", Source.MICROPHONE)) == Refused(Code.FORBIDDEN)
        assert sitting.do(MuteAll(actor)) == Refused(Code.FORBIDDEN)

    def test_who_is_not_there_is_not_found(self, sitting: Sitting) -> None:
        assert sitting.do(MuteParticipant("host", "nobody", Source.CAMERA)) == Refused(Code.NOT_FOUND)


class TestRemoving:
    def test_the_removed_lose_media_seat_and_connection_in_this_order(self, sitting: Sitting) -> None:
        assert sitting.do(Remove("host", "ann")) == DONE
        assert sitting.events == [ParticipantLeft("ann", LeaveReason.REMOVED)]
        assert sitting.effects == [
            ArchiveRemoval("id-ann", NOW_MS),
            CutMedia("ann"),
            ArchiveAttendance("id-ann", "ann", NOW_MS, NOW_MS),
            CloseConnection("ann", Code.REMOVED),
        ]

    def test_the_removed_do_not_return_by_token_or_anew(self, sitting: Sitting) -> None:
        sitting.do(Remove("host", "ann"))
        assert sitting.join("again", resume="token-ann", identity="id-ann") == Refused(Code.REMOVED)
        assert sitting.join("another-name", identity="id-ann") == Refused(Code.REMOVED)
        assert sitting.join("again", Role.HOST, identity="id-ann") == Refused(Code.REMOVED)
        assert sitting.join("again", identity="id-ann", hidden=True) == Refused(Code.REMOVED)

    def test_all_that_the_person_holds_is_taken(self, sitting: Sitting) -> None:
        sitting.join("phone", identity="id-ann")
        sitting.join("eye", identity="id-ann", hidden=True)
        sitting.do(SetLobby("host", True))
        sitting.join("waiting", identity="id-ann")
        sitting.do(Remove("host", "phone"))
        closed = {effect.holder_id for effect in sitting.effects if isinstance(effect, CloseConnection)}
        assert closed == {"ann", "phone", "eye", "waiting"}
        assert sitting.view.lobby == {}
        assert sitting.room.role_of("eye") is None

    def test_ranks_bound_who_removes_whom(self, sitting: Sitting) -> None:
        sitting.join("second", Role.HOST)
        sitting.join("deputy-2", Role.CO_HOST)
        assert sitting.do(Remove("deputy", "host")) == Refused(Code.FORBIDDEN)
        assert sitting.do(Remove("deputy", "deputy-2")) == Refused(Code.FORBIDDEN)
        assert sitting.do(Remove("host", "second")) == Refused(Code.FORBIDDEN)
        assert sitting.do(Remove("host", "host")) == Refused(Code.INVALID)
        assert sitting.do(Remove("ann", "guest")) == Refused(Code.FORBIDDEN)
        assert sitting.do(Remove("host", "nobody")) == Refused(Code.NOT_FOUND)
        assert sitting.do(Remove("deputy", "guest")) == DONE
        assert sitting.do(Remove("host", "deputy")) == DONE

    def test_a_host_does_not_remove_itself_by_its_other_seat(self, sitting: Sitting) -> None:
        sitting.join("host-phone", Role.HOST, identity="id-host")
        assert sitting.do(Remove("host", "host-phone")) == Refused(Code.FORBIDDEN)

    def test_the_system_can_remove_anyone(self, sitting: Sitting) -> None:
        assert sitting.do(Remove("", "host")) == DONE


class TestRoles:
    def test_a_co_host_is_made_and_sees_the_lobby(self, sitting: Sitting) -> None:
        sitting.do(SetLobby("host", True))
        sitting.join("late", Role.GUEST)
        assert sitting.do(SetRole("host", "ann", Role.CO_HOST)) == DONE
        changed, listed = sitting.last.events
        assert changed.event == RoleChanged("ann", Role.CO_HOST, "host")
        assert listed.event == LobbyListed((sitting.view.lobby["late"],))
        assert [listed.reaches(name, sitting.room.role_of(name)) for name in ("ann", "host")] == [True, False]
        (refresh,) = sitting.effects
        assert isinstance(refresh, RefreshPermissions)
        assert refresh.grant.role is Role.CO_HOST

    def test_who_is_moderator_no_more_loses_sight_of_the_lobby(self, sitting: Sitting) -> None:
        sitting.do(SetRole("host", "deputy", Role.PARTICIPANT))
        assert sitting.events == [RoleChanged("deputy", Role.PARTICIPANT, "host"), LobbyListed(())]
        assert sitting.do(SetLocked("deputy", True)) == Refused(Code.FORBIDDEN)

    def test_without_an_office_people_are_what_their_identity_is(self, sitting: Sitting) -> None:
        sitting.do(SetRole("host", "guest", Role.CO_HOST))
        sitting.do(SetRole("host", "guest", Role.PARTICIPANT))
        assert sitting.room.role_of("guest") is Role.GUEST
        assert sitting.do(SetRole("host", "ann", Role.GUEST)) == DONE
        assert sitting.room.role_of("ann") is Role.PARTICIPANT
        assert sitting.events == []

    def test_a_co_host_raises_others_to_its_own_rank_and_no_further(self, sitting: Sitting) -> None:
        sitting.join("deputy-2", Role.CO_HOST)
        assert sitting.do(SetRole("deputy", "ann", Role.CO_HOST)) == DONE
        assert sitting.do(SetRole("deputy", "guest", Role.HOST)) == Refused(Code.FORBIDDEN)
        assert sitting.do(SetRole("deputy", "deputy", Role.HOST)) == Refused(Code.FORBIDDEN)
        assert sitting.do(SetRole("deputy", "host", Role.PARTICIPANT)) == Refused(Code.FORBIDDEN)
        assert sitting.do(SetRole("deputy", "deputy-2", Role.PARTICIPANT)) == Refused(Code.FORBIDDEN)
        assert sitting.do(SetRole("deputy", "deputy", Role.PARTICIPANT)) == DONE

    def test_the_last_host_stays(self, sitting: Sitting) -> None:
        assert sitting.do(SetRole("host", "host", Role.PARTICIPANT)) == Refused(Code.CONFLICT)
        assert sitting.do(SetRole("", "host", Role.PARTICIPANT)) == Refused(Code.CONFLICT)
        sitting.do(SetRole("host", "ann", Role.HOST))
        assert sitting.do(SetRole("host", "host", Role.CO_HOST)) == DONE

    def test_a_host_by_identity_is_not_unseated_by_one_who_was_made_host(self, sitting: Sitting) -> None:
        sitting.do(SetRole("host", "ann", Role.HOST))
        assert sitting.do(SetRole("ann", "host", Role.PARTICIPANT)) == Refused(Code.FORBIDDEN)
        sitting.join("owner", Role.HOST)
        assert sitting.do(SetRole("owner", "host", Role.PARTICIPANT)) == DONE

    def test_others_change_nothing(self, sitting: Sitting) -> None:
        assert sitting.do(SetRole("ann", "ann", Role.HOST)) == Refused(Code.FORBIDDEN)
        assert sitting.do(SetRole("host", "nobody", Role.HOST)) == Refused(Code.NOT_FOUND)


class TestLock:
    def test_a_locked_room_lets_in_moderators_and_those_who_were_in(self, sitting: Sitting) -> None:
        assert sitting.do(SetLocked("deputy", True)) == DONE
        assert sitting.events == [LockChanged(True, "deputy")]
        assert sitting.join("new") == Refused(Code.ROOM_LOCKED)
        assert sitting.join("favourite", skip_lobby=True) == Refused(Code.ROOM_LOCKED)
        assert sitting.join("recorder", hidden=True) == Refused(Code.ROOM_LOCKED)
        assert sitting.join("boss", Role.HOST) == TookSeat("boss", resumed=False)
        assert sitting.join("again", resume="token-ann", identity="id-ann") == TookSeat("ann", resumed=True)
        sitting.do(SetLocked("host", False))
        assert sitting.join("new") == TookSeat("new", resumed=False)

    def test_locking_twice_is_once(self, sitting: Sitting) -> None:
        sitting.do(SetLocked("host", True))
        assert sitting.do(SetLocked("host", True)) == DONE
        assert sitting.events == []


class TestHands:
    def test_a_moderator_lowers_a_hand(self, sitting: Sitting) -> None:
        sitting.do(RaiseHand("ann", True))
        assert sitting.events == [HandRaised("ann", NOW_MS, "ann")]
        assert sitting.do(LowerHand("guest", "ann")) == Refused(Code.FORBIDDEN)
        assert sitting.do(LowerHand("deputy", "ann")) == DONE
        assert sitting.events == [HandRaised("ann", 0, "deputy")]
        assert sitting.do(LowerHand("deputy", "ann")) == DONE
        assert sitting.events == []
        assert sitting.do(LowerHand("deputy", "nobody")) == Refused(Code.NOT_FOUND)

    def test_raising_twice_keeps_the_place_in_the_order(self, sitting: Sitting) -> None:
        sitting.do(RaiseHand("ann", True))
        sitting.pass_time(1_000)
        sitting.do(RaiseHand("ann", True))
        assert sitting.view.participants["ann"].hand_raised_at_ms == NOW_MS


class TestChat:
    def test_a_moderator_deletes_anyones_message_and_others_their_own(self, sitting: Sitting) -> None:
        sitting.do(SendChat("ann", "oops", "n1", "m1"))
        sitting.do(SendChat("ann", "oops again", "n2", "m2"))
        assert sitting.do(DeleteChat("guest", "m1")) == Refused(Code.FORBIDDEN)
        assert sitting.do(DeleteChat("deputy", "m1")) == DONE
        assert sitting.events == [ChatDeleted("m1", "deputy")]
        assert sitting.effects == [ArchiveChatDeletion("m1")]
        assert sitting.do(DeleteChat("ann", "m2")) == DONE
        assert [(message.text, message.deleted) for message in sitting.view.chat] == [("", True), ("", True)]
        assert sitting.do(DeleteChat("ann", "m2")) == DONE
        assert sitting.events == []
        assert sitting.do(DeleteChat("host", "none")) == Refused(Code.NOT_FOUND)
        assert sitting.do(DeleteChat("", "m2")) == DONE


class TestEnding:
    def test_the_end_lets_everyone_go_and_nobody_in(self, sitting: Sitting) -> None:
        sitting.join("recorder", hidden=True)
        sitting.do(SetLobby("host", True))
        sitting.join("waiting")
        sitting.pass_time(60_000)
        assert sitting.do(End("host")) == DONE
        assert sitting.events == [RoomEnded("host")]
        assert sitting.effects[0] == CutRoom()
        assert ArchiveEnd(NOW_MS + 60_000) in sitting.effects
        attended = {effect.name for effect in sitting.effects if isinstance(effect, ArchiveAttendance)}
        assert attended == {"host", "deputy", "ann", "guest"}
        closed = [effect for effect in sitting.effects if isinstance(effect, CloseConnection)]
        assert {effect.holder_id for effect in closed} == attended | {"recorder", "waiting"}
        assert {effect.code for effect in closed} == {Code.ROOM_ENDED}
        assert sitting.view.phase is Phase.ENDED
        assert sitting.room.empty
        assert sitting.join("host", Role.HOST) == Refused(Code.ROOM_ENDED)
        assert sitting.do(End("host")) == Refused(Code.ROOM_ENDED)
        assert sitting.do(SendChat("ann", "hello?", "n1", "m1")) == Refused(Code.ROOM_ENDED)
        assert sitting.do(Tick("")) == DONE

    @pytest.mark.parametrize("actor", ["deputy", "ann", "guest"])
    def test_only_a_host_ends_it(self, sitting: Sitting, actor: str) -> None:
        assert sitting.do(End(actor)) == Refused(Code.FORBIDDEN)

    def test_the_system_can(self, sitting: Sitting) -> None:
        assert sitting.do(End("")) == DONE


def test_a_name_makes_nobody_host(sitting: Sitting) -> None:
    sitting.do(Join("", Grant("id-new", "host", Role.GUEST), "new", "token"))
    assert sitting.do(End("new")) == Refused(Code.FORBIDDEN)
