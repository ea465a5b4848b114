from __future__ import annotations

import pytest

from rooms.core.codes import Code
from rooms.core.commands import Admit, Deny, Disconnected, Leave, Remove, SendChat, SetLobby, SetLocked, Tick
from rooms.core.effects import Admitted, CloseConnection
from rooms.core.events import (
    Audience,
    LobbyAsked,
    LobbyChanged,
    LobbyLeft,
    ParticipantJoined,
    PresenceChanged,
)
from rooms.core.model import (
    LOBBY_MAX,
    PARTICIPANTS_MAX,
    PLACES_PER_IDENTITY_MAX,
    SEAT_KEPT_MS,
    SEATS_RESERVED,
    LobbyEntry,
    Presence,
    Role,
)
from rooms.core.outcomes import DONE, Refused, TookPlace, TookSeat
from rooms.core.removed import SAME_NETWORK
from tests.support.rooms import NOW_MS, Sitting


@pytest.fixture
def sitting() -> Sitting:
    sitting = Sitting(lobby_enabled=True)
    sitting.join("host", Role.HOST)
    return sitting


@pytest.mark.parametrize("role", [Role.PARTICIPANT, Role.GUEST])
def test_with_the_lobby_on_people_wait(sitting: Sitting, role: Role) -> None:
    assert sitting.join("ann", role) == TookPlace("ann")
    (asked,) = sitting.last.events
    assert asked.event == LobbyAsked(LobbyEntry("ann", "ann", "", role, NOW_MS))
    assert asked.audience is Audience.MODERATORS
    assert "ann" not in sitting.view.participants


@pytest.mark.parametrize("role", [Role.HOST, Role.CO_HOST])
def test_moderators_never_wait(sitting: Sitting, role: Role) -> None:
    assert sitting.join("boss", role) == TookSeat("boss", resumed=False)


def test_those_whose_grant_says_so_do_not_wait(sitting: Sitting) -> None:
    assert sitting.join("ann", skip_lobby=True) == TookSeat("ann", resumed=False)
    assert sitting.join("recorder", hidden=True, skip_lobby=True) == TookSeat("recorder", resumed=False)


def test_to_be_hidden_is_no_way_around_the_lobby(sitting: Sitting) -> None:
    assert sitting.join("eye", hidden=True) == Refused(Code.DENIED)
    assert sitting.last.events == ()


def test_without_a_moderator_people_wait_all_the_same() -> None:
    assert Sitting(lobby_enabled=True).join("ann") == TookPlace("ann")


def test_who_waits_can_do_nothing_but_go(sitting: Sitting) -> None:
    sitting.join("ann")
    assert sitting.do(SendChat("ann", "let me in", "n1", "m1")) == Refused(Code.WRONG_STATE)
    assert sitting.do(Admit("ann", "ann")) == Refused(Code.WRONG_STATE)
    assert sitting.do(Leave("ann")) == DONE
    assert sitting.events == [LobbyLeft("ann")]


def test_the_admitted_take_a_seat_with_the_same_id_and_token(sitting: Sitting) -> None:
    sitting.join("ann")
    sitting.pass_time(1_000)
    assert sitting.do(Admit("host", "ann")) == DONE
    left, joined = sitting.events
    assert left == LobbyLeft("ann")
    assert isinstance(joined, ParticipantJoined)
    assert (joined.participant.id, joined.participant.joined_at_ms) == ("ann", NOW_MS + 1_000)
    assert sitting.effects == [Admitted("ann")]
    assert sitting.join("again", resume="token-ann", identity="id-ann") == TookSeat("ann", resumed=True)


def test_admitting_one_leaves_the_others_waiting(sitting: Sitting) -> None:
    sitting.join("ann")
    sitting.join("bo")
    sitting.do(Admit("host", "bo"))
    assert set(sitting.view.lobby) == {"ann"}
    assert sitting.do(Admit("host", "bo")) == Refused(Code.NOT_FOUND)


def test_all_are_admitted_at_once(sitting: Sitting) -> None:
    for name in ("ann", "bo", "cy"):
        sitting.join(name)
    assert sitting.do(Admit("host", "")) == DONE
    assert set(sitting.view.participants) == {"host", "ann", "bo", "cy"}
    assert sitting.view.lobby == {}
    assert sitting.do(Admit("host", "")) == DONE


def test_the_denied_are_told_and_may_ask_again(sitting: Sitting) -> None:
    sitting.join("ann")
    sitting.join("bo")
    assert sitting.do(Deny("host", "ann")) == DONE
    assert sitting.events == [LobbyLeft("ann")]
    assert sitting.effects == [CloseConnection("ann", Code.DENIED)]
    assert sitting.do(Deny("host", "ann")) == Refused(Code.NOT_FOUND)
    assert sitting.do(Deny("host", "")) == DONE
    assert sitting.view.lobby == {}
    assert sitting.join("ann") == TookPlace("ann")


def test_switching_the_lobby_off_lets_all_in(sitting: Sitting) -> None:
    sitting.join("ann")
    sitting.join("bo")
    assert sitting.do(SetLobby("host", False)) == DONE
    assert sitting.events[0] == LobbyChanged(False, "host")
    assert set(sitting.view.participants) == {"host", "ann", "bo"}
    assert sitting.join("cy") == TookSeat("cy", resumed=False)
    sitting.do(SetLobby("host", False))
    assert sitting.events == []


def test_a_place_is_kept_and_resumed_like_a_seat(sitting: Sitting) -> None:
    sitting.join("ann")
    sitting.join("bo")
    sitting.do(Disconnected("ann"))
    assert sitting.events == []
    assert sitting.join("again", resume="token-ann", identity="id-ann") == TookPlace("ann")
    assert sitting.events == []
    assert list(sitting.view.lobby) == ["ann", "bo"]
    assert sitting.join("thief", resume="token-ann") == TookPlace("thief")
    assert sitting.join("again", resume="token-ann", identity="id-ann") == TookPlace("ann")
    assert sitting.effects == [CloseConnection("ann", Code.REPLACED)]


def test_a_place_is_given_up_when_its_connection_does_not_come_back(sitting: Sitting) -> None:
    sitting.join("ann")
    sitting.join("bo")
    sitting.do(Disconnected("ann"))
    sitting.pass_time(SEAT_KEPT_MS)
    sitting.do(Tick(""))
    assert sitting.events == [LobbyLeft("ann")]
    assert set(sitting.view.lobby) == {"bo"}


def test_who_is_admitted_while_away_finds_the_seat_kept(sitting: Sitting) -> None:
    sitting.join("ann")
    sitting.do(Disconnected("ann"))
    sitting.pass_time(SEAT_KEPT_MS - 1)
    sitting.do(Admit("host", "ann"))
    assert sitting.effects == []
    assert sitting.view.participants["ann"].presence is Presence.AWAY
    sitting.pass_time(SEAT_KEPT_MS - 1)
    sitting.do(Tick(""))
    assert sitting.join("again", resume="token-ann", identity="id-ann") == TookSeat("ann", resumed=True)
    assert sitting.events == [PresenceChanged("ann", Presence.HERE)]


def test_a_place_ends_with_its_grant(sitting: Sitting) -> None:
    sitting.join("brief", expires_at_ms=NOW_MS + 1)
    sitting.pass_time(1)
    sitting.do(Tick(""))
    assert sitting.events == [LobbyLeft("brief")]
    assert sitting.effects == [CloseConnection("brief", Code.EXPIRED)]


def test_the_lobby_is_bounded(sitting: Sitting) -> None:
    for number in range(LOBBY_MAX):
        assert isinstance(sitting.join(f"p{number}"), TookPlace)
    assert sitting.join("late") == Refused(Code.LOBBY_FULL)


def test_one_identity_has_a_few_places_only(sitting: Sitting) -> None:
    outcomes = [sitting.join(f"p{number}", identity="same") for number in range(PLACES_PER_IDENTITY_MAX + 1)]
    assert outcomes[-1] == Refused(Code.LOBBY_FULL)


def test_as_many_are_admitted_as_there_are_seats(sitting: Sitting) -> None:
    for number in range(PARTICIPANTS_MAX - SEATS_RESERVED - 2):
        sitting.join(f"p{number}", skip_lobby=True)
    sitting.join("ann")
    sitting.join("bo")
    assert sitting.do(Admit("host", "")) == DONE
    assert set(sitting.view.lobby) == {"bo"}
    assert sitting.do(Admit("host", "bo")) == Refused(Code.ROOM_FULL)
    assert sitting.do(Admit("host", "")) == Refused(Code.ROOM_FULL)


def test_who_waited_before_the_lock_can_still_be_let_in(sitting: Sitting) -> None:
    sitting.join("ann")
    sitting.do(SetLocked("host", True))
    assert sitting.join("bo") == Refused(Code.ROOM_LOCKED)
    assert sitting.do(Admit("host", "ann")) == DONE


class TestNetworkOfARemovedGuest:
    @pytest.fixture
    def sitting(self) -> Sitting:
        sitting = Sitting()
        sitting.join("host", Role.HOST)
        sitting.join("rude", Role.GUEST, address="192.0.2.7")
        sitting.do(Remove("host", "rude"))
        return sitting

    def test_a_new_guest_from_there_waits_with_a_note(self, sitting: Sitting) -> None:
        assert sitting.join("new", Role.GUEST, address="192.0.2.7", skip_lobby=True) == TookPlace("new")
        assert sitting.view.lobby["new"].note == SAME_NETWORK

    def test_they_wait_even_without_a_moderator(self, sitting: Sitting) -> None:
        sitting.do(Leave("host"))
        assert sitting.join("new", Role.GUEST, address="192.0.2.7") == TookPlace("new")

    def test_others_come_in_as_ever(self, sitting: Sitting) -> None:
        assert sitting.join("far", Role.GUEST, address="192.0.2.8") == TookSeat("far", resumed=False)
        assert sitting.join("unknown", Role.GUEST) == TookSeat("unknown", resumed=False)
        assert sitting.join("member", address="192.0.2.7") == TookSeat("member", resumed=False)

    def test_a_removed_member_marks_no_network(self, sitting: Sitting) -> None:
        sitting.join("colleague", address="198.51.100.1")
        sitting.do(Remove("host", "colleague"))
        assert sitting.join("visitor", Role.GUEST, address="198.51.100.1") == TookSeat("visitor", resumed=False)

    def test_the_moderator_decides(self, sitting: Sitting) -> None:
        sitting.join("new", Role.GUEST, address="192.0.2.7")
        sitting.do(SetLobby("host", False))
        assert "new" in sitting.view.lobby
        sitting.do(Admit("host", "new"))
        assert "new" in sitting.view.participants
