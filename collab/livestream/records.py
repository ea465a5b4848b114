"""What a hub handles: messages, questions, polls, hands.  Frozen values; the same structs go out to pages."""

from __future__ import annotations

from msgspec import Struct

from .models import HandState, MessageState, PollState, QuestionState


class Message(Struct, frozen=True, kw_only=True):
    id: str
    room: str
    viewer_id: str
    name: str
    role: str  # "" of the audience
    text: str
    at_ms: int
    state: MessageState = MessageState.SHOWN


class Question(Struct, frozen=True, kw_only=True):
    id: str
    room: str
    viewer_id: str
    name: str
    text: str
    at_ms: int
    state: QuestionState = QuestionState.OPEN
    answer: str = ""
    votes: int = 0


class Poll(Struct, frozen=True, kw_only=True):
    id: str
    question: str
    options: tuple[str, ...]
    multiple: bool
    state: PollState
    at_ms: int
    counts: tuple[int, ...] = ()  # for each option, how many chose it
    voters: int = 0


class Hand(Struct, frozen=True, kw_only=True):
    viewer_id: str
    name: str
    state: HandState
    at_ms: int
    identity: str = ""  # in the stage room


class SpokenLine(Struct, frozen=True, kw_only=True):
    """What somebody on the stage said, by the captions' engine; another one of the same id replaces it."""

    id: str
    speaker: str = ""  # unknown
    text: str
    begins_ms: int  # Unix time: who watches later reads it later
    ends_ms: int
    final: bool = False
