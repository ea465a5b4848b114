from __future__ import annotations

from typing import get_args

import pytest

from rooms.core.assist_model import AssistRole
from rooms.core.commands import AnyCommand, Disconnected, Join, Leave, NoteRecord, NoteRecording, Tick
from rooms.core.model import Grant, Role
from rooms.core.permissions import (
    ASSIST_PERMISSIONS,
    EVERYBODY,
    HIDDEN,
    PERMISSIONS,
    Permission,
    allowed,
    permissions_of,
)
from rooms.core.room import PERMISSION_NEEDED

ASSISTING = frozenset().union(*ASSIST_PERMISSIONS.values())


def grant(role: Role, **fields: object) -> Grant:
    return Grant("id", "Name", role, **fields)  # type: ignore[arg-type]


def test_every_role_has_its_row_and_each_higher_one_has_more() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert PERMISSIONS[Role.GUEST] == PERMISSIONS[Role.PARTICIPANT] == EVERYBODY
    assert PERMISSIONS[Role.PARTICIPANT] < PERMISSIONS[Role.CO_HOST] < PERMISSIONS[Role.HOST]
    assert PERMISSIONS[Role.HOST] == set(Permission) - ASSISTING


def test_only_a_host_ends_the_meeting() -> None:
    assert [role for role in Role if Permission.END in PERMISSIONS[role]] == [Role.HOST]


@pytest.mark.parametrize("role", list(Role))
def test_a_grant_narrows_and_never_widens(role: Role) -> None:
    everything = permissions_of(role, grant(role))
    assert everything == PERMISSIONS[role]
    assert permissions_of(role, grant(role, hidden=True)) == HIDDEN
    assert everything - permissions_of(role, grant(role, publish=())) == {Permission.PUBLISH}
    assert everything - permissions_of(role, grant(role, subscribe=False)) == {Permission.SUBSCRIBE}
    written = {Permission.SEND_CHAT, Permission.SHARE_FILES}
    assert everything - permissions_of(role, grant(role, chat=False)) == written
    assert allowed(role, grant(role), Permission.REACT)
    assert not allowed(role, grant(role, hidden=True), Permission.REACT)


def test_a_part_in_assistance_adds_what_is_its_own_to_any_role() -> None:
    assert set(ASSIST_PERMISSIONS) == set(AssistRole)
    for part, own in ASSIST_PERMISSIONS.items():
        assert permissions_of(Role.GUEST, grant(Role.GUEST, assist=part)) == EVERYBODY | own
        assert permissions_of(Role.GUEST, grant(Role.GUEST, assist=part, hidden=True)) == HIDDEN
    on_site, expert = ASSIST_PERMISSIONS[AssistRole.ON_SITE], ASSIST_PERMISSIONS[AssistRole.EXPERT]
    assert on_site & expert == {Permission.ANNOTATE, Permission.LEAD_CAMERA}
    watching_host = permissions_of(Role.HOST, grant(Role.HOST, assist=AssistRole.OBSERVER))
    assert watching_host & ASSISTING == {Permission.ANNOTATE, Permission.REMOVE_ANY_MARK, Permission.LEAD_CAMERA}


def test_every_command_of_a_person_names_the_permission_that_it_needs() -> None:
    without_seat = {Join, Leave, Disconnected, Tick, NoteRecord, NoteRecording}
    assert set(PERMISSION_NEEDED) == set(get_args(AnyCommand)) - without_seat
