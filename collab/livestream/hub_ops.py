"""What happens in a hub, as values: applied to the state, sent to the other nodes, written to SQL.

Every one says how something is now, so that hearing it twice changes nothing.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from .records import Hand, Message, Poll, Question, SpokenLine


class Op(Struct, frozen=True, tag=True):
    pass


class PutMessage(Op, frozen=True):
    message: Message


class SetPin(Op, frozen=True):
    room: str
    message_id: str  # "" = nothing


class PutQuestion(Op, frozen=True):
    """Its votes are counted apart."""

    question: Question


class Vote(Op, frozen=True):
    question_id: str
    viewer_id: str
    on: bool


class PutPoll(Op, frozen=True):
    poll: Poll


class PutAnswer(Op, frozen=True):
    poll_id: str
    viewer_id: str
    name: str
    choices: tuple[int, ...]
    at_ms: int


class PutHand(Op, frozen=True):
    hand: Hand


class SetBan(Op, frozen=True):
    viewer_id: str
    name: str
    by: str
    at_ms: int
    on: bool


class Reacted(Op, frozen=True):
    """Told once: the only one that adds."""

    counts: dict[str, int]


class Present(Op, frozen=True):
    node: str
    viewers: int
    at_ms: int


class Staged(Op, frozen=True):
    stage: bytes  # JSON


class Spoken(Op, frozen=True):
    """Not kept here: what was said is kept with the film."""

    lines: tuple[SpokenLine, ...]


class Reload(Op, frozen=True):
    """The livestream itself is another in SQL."""


class AskStage(Op, frozen=True):
    """Whoever knows the stage, tell it again: a hub has opened."""


AnyOp = (
    PutMessage
    | SetPin
    | PutQuestion
    | Vote
    | PutPoll
    | PutAnswer
    | PutHand
    | SetBan
    | Reacted
    | Present
    | Staged
    | Spoken
    | Reload
    | AskStage
)


class Told(Struct, frozen=True):
    livestream_id: str
    ops: tuple[AnyOp, ...]


told_decoder = msgspec.msgpack.Decoder(Told)
