from __future__ import annotations

from rooms.core.model import REMOVED_MAX, Grant, Role, RoomView
from rooms.core.removed import is_removed, is_suspect, remember
from rooms.core.state import RoomState


def test_what_is_remembered_is_bounded_and_the_oldest_goes_first() -> None:
    state = RoomState(RoomView("room", "abc-defg-hij", "Weekly"))
    for number in range(REMOVED_MAX + 1):
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        remember(state, Grant(f"id-{number}", "Name", Role.GUEST, address=address))
    assert len(state.removed_identities) == len(state.removed_networks) == REMOVED_MAX
    assert not is_removed(state, "id-0")
    assert is_removed(state, "id-1")
    assert is_removed(state, f"id-{REMOVED_MAX}")
    assert not is_suspect(state, Grant("new", "Name", Role.GUEST, address="10.0.0.0"))
    assert is_suspect(state, Grant("new", "Name", Role.GUEST, address="10.0.0.1"))


def test_being_removed_again_counts_from_the_last_time() -> None:
    state = RoomState(RoomView("room", "abc-defg-hij", "Weekly"))
    for identity in ("a", "b", "a"):
        remember(state, Grant(identity, "Name", Role.PARTICIPANT, address="192.0.2.1"))
    assert list(state.removed_identities) == ["b", "a"]
    assert state.removed_networks == {}
