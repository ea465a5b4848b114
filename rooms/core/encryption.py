"""End-to-end encryption as far as the server has a part in it: it passes keys on that it cannot read.

In an encrypted room every device shows a public key, made for this visit, and seals the keys of what it sends for each
of the others.  The room relays these envelopes to one seat each and keeps none.  docs/encryption.md tells the rest.
"""

from __future__ import annotations

import re

from .codes import Code
from .commands import SendKeys, ShowKey
from .events import KeysReceived, PublicKeyChanged
from .outcomes import DONE, Done, Refused
from .state import Seat
from .turn import Turn

# An uncompressed point of P-256 (SEC 1, 2.3.3: 65 bytes that begin with 4), in base64url without padding.
_PUBLIC_KEY = re.compile(r"B[A-Za-z0-9_-]{86}")
_ENVELOPE = re.compile(r"[A-Za-z0-9_-]{32,256}")
_SEALED_CHAT = re.compile(r"[A-Za-z0-9_-]{40,4000}")


def refuse_server_media(encrypted: bool) -> Refused | None:
    """THE answer to whatever needs the server, or a device without keys, to see and hear the room.

    WHIP and WHEP, recorders and other hidden seats ask here; so must recording, livestream, telephone, transcription.
    """
    return Refused(Code.ENCRYPTED) if encrypted else None


def is_chat(text: str) -> bool:
    """Whether a chat text may be sealed: a mistaken client must not write in the clear what people take for secret."""
    return _SEALED_CHAT.fullmatch(text) is not None


def show_key(turn: Turn, seat: Seat, command: ShowKey) -> Done | Refused:
    """A seat has one key at a time; a page that was loaded again shows a new one."""
    view = turn.state.view
    if not view.encrypted:
        return Refused(Code.WRONG_STATE)
    if not _PUBLIC_KEY.fullmatch(command.public_key):
        return Refused(Code.INVALID)
    if view.participants[seat.id].public_key != command.public_key:
        turn.emit(PublicKeyChanged(seat.id, command.public_key))
    return DONE


def send_keys(turn: Turn, seat: Seat, command: SendKeys) -> Done | Refused:
    """Each envelope reaches its one seat; those for a seat that has just left are dropped."""
    view = turn.state.view
    if not view.encrypted or not view.participants[seat.id].public_key:
        return Refused(Code.WRONG_STATE)
    receivers = {envelope.to for envelope in command.envelopes}
    if len(receivers) != len(command.envelopes) or seat.id in receivers:
        return Refused(Code.INVALID)
    if not all(_ENVELOPE.fullmatch(envelope.sealed) for envelope in command.envelopes):
        return Refused(Code.INVALID)
    for envelope in command.envelopes:
        if envelope.to in view.participants:
            turn.emit_only_to(envelope.to, KeysReceived(seat.id, envelope.sealed))
    return DONE
