"""Something said to all open pages of one person."""

from __future__ import annotations

from msgspec import Struct

from signaling.desk_messages import DeskMessage


class Word(Struct, frozen=True):
    identity: str
    message: DeskMessage
