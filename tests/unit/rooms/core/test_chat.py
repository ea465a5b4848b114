from __future__ import annotations

import pytest

from rooms.core.codes import Code
from rooms.core.commands import SendChat
from rooms.core.effects import ArchiveChat
from rooms.core.events import ChatSent
from rooms.core.model import CHAT_HISTORY_MAX_MESSAGES, CHAT_TEXT_MAX_CHARS, ChatMessage, Role
from rooms.core.outcomes import DONE, Refused
from tests.support.rooms import NOW_MS, Sitting


@pytest.fixture
def sitting() -> Sitting:
    sitting = Sitting()
    sitting.join("host", Role.HOST)
    sitting.join("ann")
    return sitting


def test_a_message_is_archived_and_shown(sitting: Sitting) -> None:
    assert sitting.do(SendChat("ann", "hello", "n1", "m1")) == DONE
    message = ChatMessage("m1", "ann", "ann", "hello", NOW_MS, "n1")
    assert sitting.effects == [ArchiveChat(message, "id-ann")]
    assert sitting.events == [ChatSent(message)]
    assert sitting.view.chat == [message]


def test_a_message_sent_again_after_a_reconnect_is_not_doubled(sitting: Sitting) -> None:
    sitting.do(SendChat("ann", "hello", "n1", "m1"))
    assert sitting.do(SendChat("ann", "hello", "n1", "m2")) == DONE
    assert sitting.quiet
    assert sitting.do(SendChat("host", "hello", "n1", "m3")) == DONE
    assert [message.id for message in sitting.view.chat] == ["m1", "m3"]


def test_the_view_holds_the_last_messages(sitting: Sitting) -> None:
    for number in range(CHAT_HISTORY_MAX_MESSAGES + 5):
        sitting.do(SendChat("ann", str(number), f"n{number}", f"m{number}"))
    assert len(sitting.view.chat) == CHAT_HISTORY_MAX_MESSAGES
    assert sitting.view.chat[0].text == "5"


@pytest.mark.parametrize(
    ("text", "nonce", "message_id"),
    [
        ("", "n", "m"),
        (" \n\t", "n", "m"),
        ("\u200b\u202e", "n", "m"),
        ("x" * (CHAT_TEXT_MAX_CHARS + 1), "n", "m"),
        ("hello", "", "m"),
        ("hello", "n" * 65, "m"),
        ("hello", "n", ""),
        ("hello", "\ud800", "m"),
    ],
)
def test_nonsense_is_refused(sitting: Sitting, text: str, nonce: str, message_id: str) -> None:
    assert sitting.do(SendChat("ann", text, nonce, message_id)) == Refused(Code.INVALID)


def test_an_id_in_use_is_a_conflict(sitting: Sitting) -> None:
    sitting.do(SendChat("ann", "hello", "n1", "m1"))
    assert sitting.do(SendChat("host", "hello", "n2", "m1")) == Refused(Code.CONFLICT)


def test_text_keeps_its_lines_and_loses_what_turns_others_around(sitting: Sitting) -> None:
    sitting.do(SendChat("ann", " one\r\ntwo\t\u202ethree\u0000\ud800 ", "n1", "m1"))
    assert sitting.view.chat[0].text == "one\ntwo\tthree"


def test_who_may_not_chat_is_refused(sitting: Sitting) -> None:
    sitting.join("mute", chat=False)
    assert sitting.do(SendChat("mute", "hello", "n1", "m1")) == Refused(Code.FORBIDDEN)
