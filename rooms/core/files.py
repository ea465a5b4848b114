"""Files in the chat: who may share them.  What they are was looked at before (collab/room_files), and is kept there."""

from __future__ import annotations

from . import chat
from .codes import Code
from .commands import ShareFile
from .effects import ArchiveFileSharing
from .encryption import refuse_server_media
from .events import FileSharingChanged
from .model import CHAT_TEXT_MAX_CHARS, FileSharing, Role
from .outcomes import DONE, Done, Refused
from .state import Seat
from .text import clean_name
from .turn import Turn


def may_share(turn: Turn, seat: Seat) -> Done | Refused:
    view = turn.state.view
    if refused := refuse_server_media(view.encrypted):
        return refused
    match view.file_sharing:
        case FileSharing.EVERYONE:
            return DONE
        case FileSharing.MEMBERS if turn.state.role_of(seat) is not Role.GUEST:
            return DONE
        case _:
            return Refused(Code.FORBIDDEN)


def share(turn: Turn, seat: Seat, command: ShareFile) -> Done | Refused:
    """As a message whose text is the file's name."""
    allowed = may_share(turn, seat)
    if isinstance(allowed, Refused):
        return allowed
    name = clean_name(command.file.name, CHAT_TEXT_MAX_CHARS)
    if not name:
        return Refused(Code.INVALID)
    if any(
        one.file and one.file.key == command.file.key and one.nonce != command.nonce for one in turn.state.view.chat
    ):
        return Refused(Code.CONFLICT)
    return chat.say(turn, seat, command.message_id, command.nonce, name, command.file)


def set_sharing(turn: Turn, sharing: FileSharing, by: str) -> Done | Refused:
    if refused := refuse_server_media(turn.state.view.encrypted):
        return refused
    if turn.state.view.file_sharing is not sharing:
        turn.effect(ArchiveFileSharing(sharing))
        turn.emit(FileSharingChanged(sharing, by))
    return DONE
