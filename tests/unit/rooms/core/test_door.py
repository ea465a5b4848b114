from __future__ import annotations

import pytest

from rooms.core.codes import Code
from rooms.core.commands import Join, Remove, SetLocked
from rooms.core.model import Grant, Role
from rooms.core.outcomes import Refused, TookSeat
from tests.support.rooms import Sitting


@pytest.fixture
def sitting() -> Sitting:
    sitting = Sitting()
    sitting.join("host", Role.HOST)
    sitting.join("ann")
    return sitting


def test_a_seat_id_in_use_is_not_given_again(sitting: Sitting) -> None:
    taken = Join("", Grant("id-x", "x", Role.GUEST), "ann", "token-x")
    assert sitting.do(taken) == Refused(Code.CONFLICT)


@pytest.mark.parametrize(
    "grant",
    [
        Grant("id", "", Role.GUEST),
        Grant("id", "\u202e\u200b ", Role.GUEST),
        Grant("", "Name", Role.GUEST),
        Grant("two words", "Name", Role.GUEST),
        Grant("x" * 129, "Name", Role.GUEST),
        Grant("\ud800", "Name", Role.GUEST),
    ],
)
def test_a_grant_that_names_nobody_is_refused(sitting: Sitting, grant: Grant) -> None:
    assert sitting.do(Join("", grant, "new", "token")) == Refused(Code.INVALID)


@pytest.mark.parametrize(("candidate_id", "token"), [("", "t"), ("x" * 65, "t"), ("new", ""), ("a b", "t")])
def test_a_seat_without_id_or_token_is_not_made(sitting: Sitting, candidate_id: str, token: str) -> None:
    join = Join("", Grant("id", "Name", Role.GUEST), candidate_id, token)
    assert sitting.do(join) == Refused(Code.INVALID)


def test_what_a_grant_brings_is_cleaned(sitting: Sitting) -> None:
    sitting.do(Join("", Grant("id", " \u202eBo\n ", Role.GUEST, organization="\u2066Optics\u2069"), "bo", "token"))
    participant = sitting.view.participants["bo"]
    assert (participant.name, participant.organization) == ("Bo", "Optics")


def test_who_was_removed_hears_that_before_the_lock(sitting: Sitting) -> None:
    sitting.do(Remove("host", "ann"))
    sitting.do(SetLocked("host", True))
    assert sitting.join("again", identity="id-ann") == Refused(Code.REMOVED)
    assert sitting.join("new") == Refused(Code.ROOM_LOCKED)
    assert isinstance(sitting.join("boss", Role.CO_HOST), TookSeat)
