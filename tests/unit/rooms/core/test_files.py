"""Who may put files into the chat, and what becomes of them there."""

from __future__ import annotations

import pytest

from rooms.core.codes import Code
from rooms.core.commands import BringFile, DeleteChat, SetFileSharing, ShareFile
from rooms.core.effects import ArchiveChat, ArchiveChatDeletion, ArchiveFileSharing
from rooms.core.events import FileSharingChanged
from rooms.core.model import ChatFile, FileSharing, Role
from rooms.core.outcomes import DONE, Done, Refused
from tests.support.rooms import Sitting

PLAN = ChatFile("key-of-plan", "Plan.pdf", 1_000, "application/pdf")


@pytest.fixture
def sitting() -> Sitting:
    sitting = Sitting()
    sitting.join("host", Role.HOST)
    sitting.join("ann")
    sitting.join("guest", Role.GUEST)
    return sitting


def test_a_file_is_a_message_that_says_its_name(sitting: Sitting) -> None:
    assert sitting.do(ShareFile("ann", PLAN, "n1", "m1")) == DONE
    (message,) = sitting.view.chat
    assert (message.text, message.file, message.sender_id) == ("Plan.pdf", PLAN, "ann")
    assert sitting.effects == [ArchiveChat(message, "id-ann")]
    assert sitting.do(ShareFile("ann", PLAN, "n1", "m2")) == DONE  # sent again after a lost line
    assert sitting.do(ShareFile("ann", PLAN, "n2", "m3")) == Refused(Code.CONFLICT)
    assert len(sitting.view.chat) == 1


@pytest.mark.parametrize(
    ("sharing", "may"),
    [
        (FileSharing.EVERYONE, {"host", "ann", "guest"}),
        (FileSharing.MEMBERS, {"host", "ann"}),
        (FileSharing.NOBODY, set()),
    ],
)
def test_the_host_says_who_shares(sitting: Sitting, sharing: FileSharing, may: set[str]) -> None:
    assert sitting.do(SetFileSharing("host", sharing)) == DONE
    changed = sharing is not FileSharing.EVERYONE
    assert sitting.events == ([FileSharingChanged(sharing, "host")] if changed else [])
    assert sitting.effects == ([ArchiveFileSharing(sharing)] if changed else [])
    for who in ("host", "ann", "guest"):
        allowed = DONE if who in may else Refused(Code.FORBIDDEN)
        assert sitting.do(BringFile(who)) == allowed
        file = ChatFile(f"key-of-{who}", "Plan.pdf", 1, "application/pdf")
        assert sitting.do(ShareFile(who, file, "n", f"m-{who}")) == allowed


def test_only_moderators_say_so(sitting: Sitting) -> None:
    assert sitting.do(SetFileSharing("ann", FileSharing.NOBODY)) == Refused(Code.FORBIDDEN)


def test_an_encrypted_room_has_none() -> None:
    sitting = Sitting()
    sitting.join("host", Role.HOST)
    sitting.view.encrypted = True
    for command in (
        BringFile("host"),
        ShareFile("host", PLAN, "n", "m"),
        SetFileSharing("host", FileSharing.EVERYONE),
    ):
        assert sitting.do(command) == Refused(Code.ENCRYPTED)


@pytest.mark.parametrize(("by", "outcome"), [("guest", DONE), ("host", DONE), ("ann", Refused(Code.FORBIDDEN))])
def test_sender_and_moderators_take_it_away(sitting: Sitting, by: str, outcome: Done | Refused) -> None:
    sitting.do(ShareFile("guest", PLAN, "n", "m"))
    assert sitting.do(DeleteChat(by, "m")) == outcome
    (message,) = sitting.view.chat
    assert (message.deleted, message.file is None) == ((True, True) if outcome == DONE else (False, False))
    if outcome == DONE:
        assert sitting.effects == [ArchiveChatDeletion("m")]
