"""What goes to the store comes back as it was, or is refused."""

from __future__ import annotations

import msgspec
import pytest

from rooms.core.codes import Code
from rooms.core.commands import MuteParticipant, Remove, SendChat, SetLobby, SetLocked, SetTracks
from rooms.core.model import Phase, Presence, Role, RoomView, Source, Track
from rooms.core.outcomes import Refused, TookPlace, TookSeat
from rooms.core.room import Room, UnreadableState
from rooms.core.state import RoomState, Seat, find_resumed, hash_resume
from tests.support.rooms import Sitting

RECORD = RoomView("room", "abc-defg-hij", "Renamed", lobby_enabled=True)


def moved(sitting: Sitting, record: RoomView = RECORD) -> Sitting:
    other = Sitting()
    other.now_ms = sitting.now_ms
    other.room = Room.restore(sitting.room.dump(), record, sitting.now_ms)
    return other


def test_a_room_that_moves_keeps_seats_places_chat_and_who_was_removed() -> None:
    sitting = Sitting()
    sitting.join("host", Role.HOST)
    sitting.join("ann")
    sitting.join("rude", Role.GUEST, address="192.0.2.7")
    sitting.do(SetTracks("ann", (Track("cam", Source.CAMERA, "VP8"),)))
    sitting.do(MuteParticipant("host", "ann", Source.CAMERA))
    sitting.do(SendChat("ann", "hello", "n1", "m1"))
    sitting.do(Remove("host", "rude"))
    sitting.do(SetLobby("host", True))
    sitting.join("late", Role.GUEST)
    sitting.do(SetLocked("host", True))
    sitting.do(SetLobby("host", True))
    other = moved(sitting)
    assert other.view.locked
    assert other.view.chat == sitting.view.chat
    assert other.view.title == "Renamed"
    assert {person.presence for person in other.view.participants.values()} == {Presence.AWAY}
    assert all(person.tracks == () for person in other.view.participants.values())
    assert other.view.seq > sitting.view.seq
    assert other.join("x", resume="token-ann", identity="id-ann") == TookSeat("ann", resumed=True)
    assert other.join("x", resume="token-late", identity="id-late") == TookPlace("late")
    assert other.join("x", identity="id-rude") == Refused(Code.REMOVED)
    other.do(SetTracks("ann", (Track("cam", Source.CAMERA, "VP8"),)))
    assert not other.view.participants["ann"].tracks[0].muted  # another publication on another node


def test_an_empty_room_begins_a_new_sitting() -> None:
    sitting = Sitting()
    sitting.do(SetLocked("", True))
    sitting.pass_time(1_000)
    other = moved(sitting)
    assert (other.view.locked, other.view.lobby_enabled) == (False, True)
    assert other.view.started_at_ms == sitting.now_ms


def test_a_record_that_says_ended_ends_what_was_stored() -> None:
    sitting = Sitting()
    sitting.join("host", Role.HOST)
    other = moved(sitting, RoomView("room", "abc-defg-hij", "Weekly", Phase.ENDED))
    assert other.view.phase is Phase.ENDED
    assert other.room.empty


@pytest.mark.parametrize(
    "stored",
    [b"", b"nonsense", b"\x80", msgspec.msgpack.encode(RoomState(RoomView("room", "c", "t"), version=999))],
)
def test_what_cannot_be_read_is_refused(stored: bytes) -> None:
    with pytest.raises(UnreadableState):
        Room.restore(stored, RECORD, 0)


def test_a_token_finds_its_seat_only_for_its_identity() -> None:
    sitting = Sitting()
    sitting.join("ann")
    seat = msgspec.msgpack.decode(sitting.room.dump(), type=RoomState).seats["ann"]
    assert isinstance(seat, Seat)
    assert seat.resume_hash == hash_resume("token-ann")
    assert find_resumed([seat], "token-ann", "id-ann") is seat
    assert find_resumed([seat], "token-ann", "id-bo") is None
    assert find_resumed([seat], "token-an", "id-ann") is None
