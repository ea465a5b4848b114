"""What is said on the audience's socket: closed unions; prose in PROTOCOL.md beside this.

In: one JSON object a frame, with a `type` and the client's `id`, which the answer repeats.  Out: answers, and batches
in which every entry replaces what the page knew under the same id, so that a batch may be heard twice.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from collab.problems import Refusal
from rooms.core.codes import Code
from signaling.codec import too_nested

from .models import MESSAGE_MAX_CHARS, VIEWER_ID_MAX_CHARS, HandState, QuestionState
from .records import Hand, Message, Poll, Question, SpokenLine
from .tokens import TOKEN_MAX_CHARS
from .values import ChatSettings

FRAME_MAX_BYTES = 8_192
REACTIONS_AT_ONCE = 20
OPTIONS_MAX = 10

Number = Annotated[int, Meta(ge=0, le=2**31)]
Text = Annotated[str, Meta(min_length=1, max_length=MESSAGE_MAX_CHARS)]
Ref = Annotated[str, Meta(pattern=r"^[0-9a-z]{26}$")]
ViewerRef = Annotated[str, Meta(min_length=1, max_length=VIEWER_ID_MAX_CHARS)]
RoomRef = Annotated[str, Meta(pattern=r"^(\*|[0-9a-z]{26})?$")]
Option = Annotated[str, Meta(min_length=1, max_length=200)]
Reaction = Literal["like", "heart", "clap", "laugh", "wow"]


class In(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", kw_only=True):
    id: Number = 0


class Hello(In, frozen=True, tag="hello", kw_only=True):
    token: Annotated[str, Meta(max_length=TOKEN_MAX_CHARS)]


class Renew(In, frozen=True, tag="renew", kw_only=True):
    token: Annotated[str, Meta(max_length=TOKEN_MAX_CHARS)]


class Say(In, frozen=True, tag="say", kw_only=True):
    text: Text
    room: RoomRef = ""  # of who moderates: "*" is all rooms; others speak in their own


class Ask(In, frozen=True, tag="ask", kw_only=True):
    text: Text


class Upvote(In, frozen=True, tag="upvote", kw_only=True):
    question_id: Ref
    on: bool = True


class PollAnswer(In, frozen=True, tag="poll_answer", kw_only=True):
    poll_id: Ref
    choices: Annotated[tuple[Annotated[int, Meta(ge=0, lt=OPTIONS_MAX)], ...], Meta(max_length=OPTIONS_MAX)]


class React(In, frozen=True, tag="react", kw_only=True):
    kind: Reaction
    count: Annotated[int, Meta(ge=1, le=REACTIONS_AT_ONCE)] = 1


class RaiseHand(In, frozen=True, tag="raise_hand", kw_only=True):
    pass


class LowerHand(In, frozen=True, tag="lower_hand", kw_only=True):
    """Also: back from the stage."""


# ------------------------------------------------------------ moderators


class Delete(In, frozen=True, tag="delete", kw_only=True):
    message_id: Ref


class Approve(In, frozen=True, tag="approve", kw_only=True):
    message_id: Ref


class Pin(In, frozen=True, tag="pin", kw_only=True):
    message_id: Ref | None = None  # None: nothing is pinned in `room`
    room: RoomRef = ""


class BanViewer(In, frozen=True, tag="ban", kw_only=True):
    viewer_id: ViewerRef
    on: bool = True


class JudgeQuestion(In, frozen=True, tag="judge_question", kw_only=True):
    question_id: Ref
    state: QuestionState
    answer: Annotated[str, Meta(max_length=MESSAGE_MAX_CHARS)] = ""  # "" with `answered`: said live


class PollOpen(In, frozen=True, tag="poll_open", kw_only=True):
    question: Annotated[str, Meta(min_length=1, max_length=500)]
    options: Annotated[tuple[Option, ...], Meta(min_length=2, max_length=OPTIONS_MAX)]
    multiple: bool = False


class PollClose(In, frozen=True, tag="poll_close", kw_only=True):
    poll_id: Ref


class Invite(In, frozen=True, tag="invite", kw_only=True):
    viewer_id: ViewerRef


class SendBack(In, frozen=True, tag="send_back", kw_only=True):
    viewer_id: ViewerRef


ForAll = Say | Ask | Upvote | PollAnswer | React | RaiseHand | LowerHand
ForModerators = Delete | Approve | Pin | BanViewer | JudgeQuestion | PollOpen | PollClose | Invite | SendBack
Command = ForAll | ForModerators
AnyIn = Hello | Renew | Command

_decoder: msgspec.json.Decoder[AnyIn] = msgspec.json.Decoder(AnyIn)


def decode(frame: bytes) -> AnyIn:
    """Raises BAD_MESSAGE, TOO_LARGE."""
    if len(frame) > FRAME_MAX_BYTES:
        raise Refusal(Code.TOO_LARGE, "frame")
    if too_nested(frame):
        raise Refusal(Code.BAD_MESSAGE, "too deep")
    try:
        return _decoder.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(Code.BAD_MESSAGE, str(error)[:200]) from None


# ------------------------------------------------------------ out


class Out(Struct, frozen=True, tag_field="type", kw_only=True, omit_defaults=True):
    pass


class Ok(Out, frozen=True, tag="ok", kw_only=True):
    id: int
    held: bool = False  # a moderator looks at it first


class Error(Out, frozen=True, tag="error", kw_only=True):
    id: int
    code: Code
    retry_after_ms: int = 0


class Closing(Out, frozen=True, tag="closing", kw_only=True):
    """The last word: come back with a new token (expired), or not (removed)."""

    code: Code
    retry_after_ms: int = 0


class Pinned(Struct, frozen=True):
    room: str
    message: Message | None


class Rules(Struct, frozen=True):
    """What of the chat's settings the audience needs."""

    enabled: bool
    questions: bool
    slow_s: int
    held: bool


class You(Struct, frozen=True, kw_only=True):
    """Only on the socket that it is about."""

    viewer_id: str
    hand: HandState = HandState.DOWN
    votes: tuple[str, ...] = ()
    answers: dict[str, tuple[int, ...]] = {}


class Banned(Struct, frozen=True, omit_defaults=True):
    viewer_id: str
    name: str
    on: bool = True  # False: may come back


class Batch(Out, frozen=True, tag="batch", kw_only=True):
    """With `whole`: all there is, in place of what the page had."""

    whole: bool = False
    messages: tuple[Message, ...] = ()
    gone: tuple[str, ...] = ()  # messages and questions
    pinned: tuple[Pinned, ...] = ()
    questions: tuple[Question, ...] = ()
    polls: tuple[Poll, ...] = ()
    hands: tuple[Hand, ...] = ()  # for moderators and presenters
    banned: tuple[Banned, ...] = ()  # for the same
    reactions: dict[str, int] = {}
    viewers: int | None = None
    phase: str = ""
    stage: msgspec.Raw | UnsetType = UNSET  # rooms.core.stage_audience.StageForAudience
    spoken: tuple[SpokenLine, ...] = ()
    rules: Rules | None = None
    you: You | None = None


_encoder = msgspec.json.Encoder()


def encode(message: Ok | Error | Closing | Batch) -> bytes:
    return _encoder.encode(message)


def rules_of(chat: ChatSettings) -> Rules:
    return Rules(chat.enabled, chat.questions, chat.slow_s, chat.held)
