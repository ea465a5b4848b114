"""The table is complete, agrees with the room about permissions, and a hole in it stops the start."""

from __future__ import annotations

from typing import get_args

import pytest

from rooms.core.permissions import Permission
from rooms.core.room import PERMISSION_NEEDED
from signaling import messages
from signaling.commands import IN_ROOM, ROWS, TABLE, checked, row
from signaling.session import BURST, State


def test_every_message_has_a_row() -> None:
    assert set(TABLE) == set(get_args(messages.AnyClientMessage))
    assert set(TABLE) == set(messages.REPLIES)


def test_a_missing_row_stops_the_start() -> None:
    with pytest.raises(ValueError, match="no row for End"):
        checked([(kind, entry) for kind, entry in ROWS if kind is not messages.End])


def test_a_second_row_stops_the_start() -> None:
    with pytest.raises(ValueError, match="Hello has two rows"):
        checked([*ROWS, ROWS[0]])


def test_a_row_for_seats_without_permission_stops_the_start() -> None:
    async def handler(_connection: object, _message: messages.End) -> None:
        return None

    with pytest.raises(ValueError, match="names no permission"):
        checked([row(messages.End, handler, permission=None)])


def test_only_hello_is_open_to_strangers() -> None:
    assert [kind for kind, entry in TABLE.items() if State.CONNECTED in entry.states] == [messages.Hello]


def test_the_lobby_may_ping_and_leave_and_nothing_else() -> None:
    """The lobby bypass of other servers: a waiting peer that reached media or chat handlers."""
    assert {kind for kind, entry in TABLE.items() if State.WAITING in entry.states} == {messages.Ping, messages.Leave}


def test_everything_that_changes_a_room_needs_a_permission() -> None:
    free = {messages.Hello, messages.Join, messages.Leave, messages.Ping}
    assert {kind for kind, entry in TABLE.items() if entry.permission is None} == free


def test_no_row_opens_a_closed_or_relayed_session() -> None:
    assert all(not entry.states & {State.CLOSED, State.RELAYED} for entry in TABLE.values())


def test_table_and_room_ask_for_the_same_permission() -> None:
    """The same word names a message on the wire and a command in the room, but for two."""
    by_name: dict[str, type[messages.ClientMessage]] = {kind.__name__: kind for kind in TABLE}
    by_name |= {"SetTracks": messages.Publish, "SetQuality": messages.ReportQuality}
    for command, permission in PERMISSION_NEEDED.items():
        assert TABLE[by_name[command.__name__]].permission is permission, command.__name__


def test_every_permission_is_used() -> None:
    by_the_room = {Permission.DELETE_ANY_CHAT, Permission.REMOVE_ANY_MARK}  # which knows whose it is
    used = {entry.permission for entry in TABLE.values()} | by_the_room
    assert used - {None} == set(Permission)


def test_costs_fit_the_bucket() -> None:
    assert all(1 <= entry.cost <= BURST // 10 for entry in TABLE.values())


def test_what_needs_a_seat_is_legal_only_there() -> None:
    assert all(entry.states == IN_ROOM for entry in TABLE.values() if entry.permission is not None)
