from __future__ import annotations

import pytest

from rooms.core.codes import Code
from rooms.core.commands import SendChat, SendKeys, ShowKey
from rooms.core.encryption import refuse_server_media
from rooms.core.events import KeysReceived, PublicKeyChanged
from rooms.core.model import ENCRYPTED_PARTICIPANTS_MAX, SEATS_RESERVED, Envelope, Role, RoomView
from rooms.core.outcomes import DONE, Refused, TookSeat
from rooms.core.room import Room
from tests.support.rooms import NOW_MS, Sitting

KEY = "B" + "a" * 86
OTHER_KEY = "B" + "b" * 86
SEALED = "s" * 80
WRITTEN = "c" * 64


@pytest.fixture
def sitting() -> Sitting:
    sitting = Sitting(encrypted=True)
    sitting.join("host", Role.HOST)
    for name in ("ann", "bo"):
        sitting.join(name)
        sitting.do(ShowKey(name, KEY))
    return sitting


def test_everybody_sees_the_key_of_a_device_once(sitting: Sitting) -> None:
    assert sitting.do(ShowKey("host", KEY)) == DONE
    assert sitting.events == [PublicKeyChanged("host", KEY)]
    assert sitting.view.participants["host"].public_key == KEY
    assert sitting.do(ShowKey("host", KEY)) == DONE
    assert sitting.quiet
    sitting.do(ShowKey("host", OTHER_KEY))
    assert sitting.events == [PublicKeyChanged("host", OTHER_KEY)]


@pytest.mark.parametrize("key", ["", "B", KEY + "a", "A" + KEY[1:], KEY[:-1] + "=", KEY[:-1] + "\n"])
def test_what_is_no_key_is_refused(sitting: Sitting, key: str) -> None:
    assert sitting.do(ShowKey("ann", key)) == Refused(Code.INVALID)
    assert sitting.quiet


def test_an_envelope_reaches_its_one_seat_and_is_kept_nowhere(sitting: Sitting) -> None:
    envelopes = (Envelope("bo", SEALED), Envelope("host", SEALED), Envelope("gone", SEALED))
    assert sitting.do(SendKeys("ann", envelopes)) == DONE
    assert sitting.events == [KeysReceived("ann", SEALED)] * 2
    assert [addressed.only for addressed in sitting.last.events] == ["bo", "host"]
    assert [addressed.reaches("host", Role.HOST) for addressed in sitting.last.events] == [False, True]
    assert SEALED.encode() not in sitting.room.dump()


@pytest.mark.parametrize(
    "envelopes",
    [
        (Envelope("bo", SEALED), Envelope("bo", SEALED)),
        (Envelope("ann", SEALED),),
        (Envelope("bo", "s" * 31),),
        (Envelope("bo", "s" * 257),),
        (Envelope("host", SEALED), Envelope("bo", "no base64!" * 8)),
    ],
    ids=["twice", "to itself", "too short", "too long", "one of them no base64"],
)
def test_envelopes_that_make_no_sense_are_refused_together(sitting: Sitting, envelopes: tuple[Envelope, ...]) -> None:
    assert sitting.do(SendKeys("ann", envelopes)) == Refused(Code.INVALID)
    assert sitting.quiet


def test_who_has_shown_no_key_sends_none(sitting: Sitting) -> None:
    assert sitting.do(SendKeys("host", (Envelope("bo", SEALED),))) == Refused(Code.WRONG_STATE)


def test_a_room_in_the_clear_relays_no_keys() -> None:
    sitting = Sitting()
    sitting.join("ann")
    assert sitting.do(ShowKey("ann", KEY)) == Refused(Code.WRONG_STATE)
    assert sitting.do(SendKeys("ann", (Envelope("bo", SEALED),))) == Refused(Code.WRONG_STATE)


def test_nothing_is_written_in_the_clear(sitting: Sitting) -> None:
    assert sitting.do(SendChat("ann", "hello, this is not sealed at all, everybody can read it", "n", "m")) == Refused(
        Code.ENCRYPTED
    )
    assert sitting.do(SendChat("ann", WRITTEN, "n", "m")) == DONE
    assert sitting.view.chat[0].text == WRITTEN


def test_one_function_says_no_to_whatever_the_server_would_have_to_see(sitting: Sitting) -> None:
    assert refuse_server_media(encrypted=False) is None
    assert refuse_server_media(encrypted=True) == Refused(Code.ENCRYPTED)
    assert sitting.join("viewer", hidden=True, skip_lobby=True) == Refused(Code.ENCRYPTED)


def test_an_encrypted_room_has_a_bound_of_its_own(sitting: Sitting) -> None:
    here = len(sitting.view.participants)
    for number in range(ENCRYPTED_PARTICIPANTS_MAX - SEATS_RESERVED - here):
        assert isinstance(sitting.join(f"p{number}"), TookSeat)
    assert sitting.join("late") == Refused(Code.ROOM_FULL)
    assert isinstance(sitting.join("second", Role.CO_HOST), TookSeat)


def test_a_restored_room_is_as_encrypted_as_its_record_says(sitting: Sitting) -> None:
    record = RoomView("room", "abc-defg-hij", "Weekly", encrypted=True)
    restored = Room.restore(sitting.room.dump(), record, NOW_MS)
    assert restored.view.encrypted
    assert restored.view.participants["ann"].public_key == KEY
