"""Chat of the room: the last CHAT_HISTORY_MAX_MESSAGES live in the view, all of them in the archive."""

from __future__ import annotations

from . import encryption
from .codes import Code
from .commands import DeleteChat, SendChat
from .effects import ArchiveChat, ArchiveChatDeletion
from .events import ChatDeleted, ChatSent
from .model import ChatFile, ChatMessage
from .outcomes import DONE, Done, Refused
from .permissions import Permission, allowed
from .state import Seat
from .text import clean_chat, is_token
from .turn import Turn

KEY_MAX_CHARS = 64


def send(turn: Turn, seat: Seat, command: SendChat) -> Done | Refused:
    text = clean_chat(command.text)
    if text is None:
        return Refused(Code.INVALID)
    if turn.state.view.encrypted and not encryption.is_chat(text):
        return Refused(Code.ENCRYPTED)
    return say(turn, seat, command.message_id, command.nonce, text)


def say(turn: Turn, seat: Seat, message_id: str, nonce: str, text: str, file: ChatFile | None = None) -> Done | Refused:
    """With a nonce that this seat used among the last messages it is the same message, sent again: not doubled."""
    view = turn.state.view
    if not is_token(nonce, KEY_MAX_CHARS) or not is_token(message_id, KEY_MAX_CHARS):
        return Refused(Code.INVALID)
    if any(message.sender_id == seat.id and message.nonce == nonce for message in view.chat):
        return DONE
    if any(message.id == message_id for message in view.chat):
        return Refused(Code.CONFLICT)
    name = view.participants[seat.id].name
    message = ChatMessage(message_id, seat.id, name, text, turn.now_ms, nonce, file=file)
    turn.effect(ArchiveChat(message, seat.grant.identity))
    turn.emit(ChatSent(message))
    return DONE


def delete(turn: Turn, seat: Seat | None, command: DeleteChat) -> Done | Refused:
    """`seat` None: by the system."""
    message = next((message for message in turn.state.view.chat if message.id == command.message_id), None)
    if message is None:
        return Refused(Code.NOT_FOUND)
    if seat is not None:
        own = Permission.SEND_CHAT if message.sender_id == seat.id else Permission.DELETE_ANY_CHAT
        if not allowed(turn.state.role_of(seat), seat.grant, own):
            return Refused(Code.FORBIDDEN)
    if not message.deleted:
        turn.effect(ArchiveChatDeletion(message.id))
        turn.emit(ChatDeleted(message.id, command.actor))
    return DONE
