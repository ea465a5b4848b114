"""What is true in the audience of one livestream, pure: commands in, operations out; operations in, batches out.

Every node holds the same state and applies the same operations.  Memory is bounded: the last messages of each room,
a number of questions, polls and hands; all of it is in SQL.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, assert_never

import msgspec

from collab.problems import Refusal
from rooms.core.codes import Code
from rooms.core.text import clean_lines

from .hub_messages import (
    Approve,
    Ask,
    Banned,
    BanViewer,
    Batch,
    Command,
    Delete,
    ForModerators,
    Invite,
    JudgeQuestion,
    LowerHand,
    Pin,
    Pinned,
    PollAnswer,
    PollClose,
    PollOpen,
    RaiseHand,
    React,
    Say,
    SendBack,
    Upvote,
    You,
    rules_of,
)
from .hub_ops import (
    AnyOp,
    AskStage,
    Present,
    PutAnswer,
    PutHand,
    PutMessage,
    PutPoll,
    PutQuestion,
    Reacted,
    Reload,
    SetBan,
    SetPin,
    Spoken,
    Staged,
    Vote,
)
from .life import LifeState
from .models import MESSAGE_MAX_CHARS, HandState, MessageState, PollState, QuestionState
from .records import Hand, Message, Poll, Question, SpokenLine
from .tokens import Viewer
from .values import ChatSettings

MESSAGES_KEPT: Final = 200  # of each room
MESSAGES_SHOWN: Final = 60  # to who comes
HELD_MAX: Final = 500
QUESTIONS_MAX: Final = 500
POLLS_MAX: Final = 50
HANDS_MAX: Final = 200
BANNED_SHOWN: Final = 100  # the latest
PRESENT_KEPT_MS: Final = 6_000
SPOKEN_KEPT: Final = 8  # lines: more than are shown at once, and who watches by HLS is some seconds behind
ALL_ROOMS: Final = "*"

Audience = tuple[str, bool]  # chat room, whether they stand behind the scenes


class HubState:
    def __init__(self, phase: LifeState, chat: ChatSettings, rooms: Sequence[str]) -> None:
        """`rooms`: of groups with a chat of their own; "" is always there."""
        self.phase, self.chat, self.rooms = phase, chat, frozenset(("", *rooms))
        self.messages: dict[str, Message] = {}
        self.pinned: dict[str, str] = {}
        self.questions: dict[str, Question] = {}
        self.votes: dict[str, set[str]] = {}
        self.polls: dict[str, Poll] = {}
        self.answers: dict[str, dict[str, tuple[int, ...]]] = {}
        self.hands: dict[str, Hand] = {}
        self.banned: dict[str, str] = {}  # names by viewer, in the order of their bans
        self.present: dict[str, tuple[int, int]] = {}
        self.stage = b""
        self.spoken: dict[str, SpokenLine] = {}
        self._spoken_at: dict[str, int] = {}
        self._heard: set[tuple[str, str]] | None = set()  # (kind and id, viewer) that came since the hub opened
        self._words = tuple(folded(word) for word in chat.words)
        self._dirty: set[tuple[str, str]] = set()  # (kind, id)
        self._reactions: Counter[str] = Counter()

    def settle(self, phase: LifeState, chat: ChatSettings, rooms: Sequence[str]) -> None:
        """As SQL has it now."""
        self.phase, self.chat, self.rooms = phase, chat, frozenset(("", *rooms))
        self._words = tuple(folded(word) for word in chat.words)
        self._dirty.update((("phase", ""), ("rules", "")))

    # ------------------------------------------------------------ commands

    def decide(self, viewer: Viewer, command: Command, now_ms: int, new_id: Callable[[int], str]) -> list[AnyOp]:
        """What is to be done.  Raises FORBIDDEN, WRONG_STATE, NOT_FOUND, INVALID, RATE_LIMITED, TOO_MANY."""
        if isinstance(command, ForModerators) and not viewer.moderates:
            raise Refusal(Code.FORBIDDEN, "moderators only")
        match command:
            case Say():
                return [PutMessage(self._said(viewer, command, now_ms, new_id))]
            case Ask():
                return [PutQuestion(self._asked(viewer, command, now_ms, new_id))]
            case Upvote():
                question = self._question(command.question_id)
                if question.state not in (QuestionState.OPEN, QuestionState.ANSWERED) or not self._sees(
                    viewer, question.room
                ):
                    raise Refusal(Code.NOT_FOUND, "not shown to this viewer")
                return [Vote(question.id, viewer.id, command.on)]
            case PollAnswer():
                return [self._answered(viewer, command, now_ms)]
            case React():
                self._must_be_on()
                return [Reacted({command.kind: command.count})]
            case RaiseHand() | LowerHand() | Invite() | SendBack():
                return [PutHand(self._hand(viewer, command, now_ms))]
            case Delete():
                message = self._message(command.message_id)
                return [PutMessage(msgspec.structs.replace(message, state=MessageState.GONE))]
            case Approve():
                message = self._message(command.message_id)
                if message.state is not MessageState.HELD:
                    raise Refusal(Code.WRONG_STATE, "not held")
                return [PutMessage(msgspec.structs.replace(message, state=MessageState.SHOWN))]
            case Pin():
                return [self._pin(command)]
            case BanViewer():
                return self._ban(viewer, command, now_ms)
            case JudgeQuestion():
                question = self._question(command.question_id)
                answer = clean_lines(command.answer, MESSAGE_MAX_CHARS)
                judged = msgspec.structs.replace(question, state=command.state, answer=answer)
                return [PutQuestion(judged)]
            case PollOpen():
                return [PutPoll(self._new_poll(command, now_ms, new_id))]
            case PollClose():
                poll = self.polls.get(command.poll_id)
                if poll is None:
                    raise Refusal(Code.NOT_FOUND, "no such poll")
                return [PutPoll(msgspec.structs.replace(poll, state=PollState.CLOSED))]
            case _:
                assert_never(command)

    def _must_be_on(self) -> None:
        if self.phase in (LifeState.ENDED, LifeState.REPLAY):
            raise Refusal(Code.WRONG_STATE, "it has ended")

    def _may_speak(self, viewer: Viewer, enabled: bool, text: str, now_ms: int) -> str:
        self._must_be_on()
        if not enabled and viewer.role is None:
            raise Refusal(Code.WRONG_STATE, "switched off")
        if not viewer.name:
            raise Refusal(Code.INVALID, "no name yet")
        cleaned = clean_lines(text, MESSAGE_MAX_CHARS)
        if not cleaned:
            raise Refusal(Code.INVALID, "nothing visible")
        wait_ms = self._spoken_at.get(viewer.id, 0) + self.chat.slow_s * 1_000 - now_ms
        if viewer.role is None and wait_ms > 0:
            raise Refusal(Code.RATE_LIMITED, "slow mode", retry_after_ms=wait_ms)
        return cleaned

    def is_held(self, viewer: Viewer, text: str) -> bool:
        if viewer.role is not None:
            return False
        plain = folded(text)
        return self.chat.held or any(word in plain for word in self._words)

    def _said(self, viewer: Viewer, command: Say, now_ms: int, new_id: Callable[[int], str]) -> Message:
        text = self._may_speak(viewer, self.chat.enabled, command.text, now_ms)
        held = self.is_held(viewer, text)
        if held and sum(one.state is MessageState.HELD for one in self.messages.values()) >= HELD_MAX:
            raise Refusal(Code.TOO_MANY, "held messages")
        room = command.room if viewer.moderates else viewer.room
        if room != ALL_ROOMS and room not in self.rooms:
            room = ""
        return Message(
            id=new_id(now_ms),
            room=room,
            viewer_id=viewer.id,
            name=viewer.name,
            role=viewer.role or "",
            text=text,
            at_ms=now_ms,
            state=MessageState.HELD if held else MessageState.SHOWN,
        )

    def _asked(self, viewer: Viewer, command: Ask, now_ms: int, new_id: Callable[[int], str]) -> Question:
        text = self._may_speak(viewer, self.chat.questions, command.text, now_ms)
        if sum(one.state is not QuestionState.GONE for one in self.questions.values()) >= QUESTIONS_MAX:
            raise Refusal(Code.TOO_MANY, "questions")
        return Question(
            id=new_id(now_ms),
            room=viewer.room,
            viewer_id=viewer.id,
            name=viewer.name,
            text=text,
            at_ms=now_ms,
            state=QuestionState.HELD if self.is_held(viewer, text) else QuestionState.OPEN,
        )

    def _answered(self, viewer: Viewer, command: PollAnswer, now_ms: int) -> PutAnswer:
        poll = self.polls.get(command.poll_id)
        if poll is None:
            raise Refusal(Code.NOT_FOUND, "no such poll")
        if poll.state is not PollState.OPEN:
            raise Refusal(Code.WRONG_STATE, "closed")
        choices = tuple(sorted(set(command.choices)))
        if not choices or choices[-1] >= len(poll.options) or (len(choices) > 1 and not poll.multiple):
            raise Refusal(Code.INVALID, "choices")
        return PutAnswer(poll.id, viewer.id, viewer.name, choices, now_ms)

    def _new_poll(self, command: PollOpen, now_ms: int, new_id: Callable[[int], str]) -> Poll:
        self._must_be_on()
        if len(self.polls) >= POLLS_MAX:
            raise Refusal(Code.TOO_MANY, "polls")
        question = clean_lines(command.question, 500)
        options = tuple(clean_lines(one, 200) for one in command.options)
        if not question or not all(options) or len(set(options)) != len(options):
            raise Refusal(Code.INVALID, "empty or double")
        return Poll(
            id=new_id(now_ms),
            question=question,
            options=options,
            multiple=command.multiple,
            state=PollState.OPEN,
            at_ms=now_ms,
        )

    def _hand(self, viewer: Viewer, command: RaiseHand | LowerHand | Invite | SendBack, now_ms: int) -> Hand:
        viewer_id = command.viewer_id if isinstance(command, Invite | SendBack) else viewer.id
        before = self.hands.get(viewer_id)
        match command:
            case RaiseHand():
                self._must_be_on()
                if viewer.role is not None:
                    raise Refusal(Code.WRONG_STATE, "has a part already")
                if not viewer.name:
                    raise Refusal(Code.INVALID, "no name yet")
                if before is not None:
                    return before
                if len(self.hands) >= HANDS_MAX:
                    raise Refusal(Code.TOO_MANY, "hands")
                return Hand(viewer_id=viewer_id, name=viewer.name, state=HandState.RAISED, at_ms=now_ms)
            case LowerHand() | SendBack():
                if before is None:
                    raise Refusal(Code.NOT_FOUND, "no hand")
                return msgspec.structs.replace(before, state=HandState.DOWN, at_ms=now_ms)
            case Invite():
                if before is None:
                    raise Refusal(Code.NOT_FOUND, "no hand")
                if before.state is HandState.ON_STAGE:
                    raise Refusal(Code.WRONG_STATE, "on stage already")
                return msgspec.structs.replace(before, state=HandState.INVITED, at_ms=now_ms)
            case _:
                assert_never(command)

    def _pin(self, command: Pin) -> SetPin:
        if command.message_id is None:
            return SetPin(command.room, "")
        message = self._message(command.message_id)
        if message.state is not MessageState.SHOWN:
            raise Refusal(Code.WRONG_STATE, "not shown")
        return SetPin(message.room, message.id)

    def _ban(self, by: Viewer, command: BanViewer, now_ms: int) -> list[AnyOp]:
        """With everything that they said."""
        viewer_id = command.viewer_id
        if viewer_id == by.id:
            raise Refusal(Code.INVALID, "oneself")
        said = [one for one in self.messages.values() if one.viewer_id == viewer_id]
        asked = [one for one in self.questions.values() if one.viewer_id == viewer_id]
        if any(one.role for one in said):
            raise Refusal(Code.FORBIDDEN, "has a part")
        hand = self.hands.get(viewer_id)
        name = next((one.name for one in (*said, *asked, *((hand,) if hand else ()))), "")
        ops: list[AnyOp] = [SetBan(viewer_id, name, by.id, now_ms, command.on)]
        if command.on:
            gone = msgspec.structs.replace
            ops += [
                PutMessage(gone(one, state=MessageState.GONE)) for one in said if one.state is not MessageState.GONE
            ]
            ops += [PutQuestion(gone(one, state=QuestionState.GONE)) for one in asked]
            if hand is not None:
                ops.append(PutHand(gone(hand, state=HandState.DOWN, at_ms=now_ms)))
        return ops

    def _message(self, message_id: str) -> Message:
        found = self.messages.get(message_id)
        if found is None or found.state is MessageState.GONE:
            raise Refusal(Code.NOT_FOUND, "no such message")
        return found

    def _question(self, question_id: str) -> Question:
        found = self.questions.get(question_id)
        if found is None or found.state is QuestionState.GONE:
            raise Refusal(Code.NOT_FOUND, "no such question")
        return found

    @staticmethod
    def _sees(viewer: Viewer, room: str) -> bool:
        return viewer.role is not None or room in (viewer.room, ALL_ROOMS)

    # ------------------------------------------------------------ operations

    def load(self, ops: Sequence[AnyOp]) -> None:
        """What SQL says, while the hub opens: only what was not heard of meanwhile, which is newer."""
        for op in ops:
            if self._heard is None or _named(op) not in self._heard:
                self.apply(op)

    def adopt(self, ops: Sequence[AnyOp]) -> None:
        """The same a moment after opening, for the last time."""
        self.load(ops)
        self._heard = None

    def hear(self, op: AnyOp) -> None:
        """One that happens now, here or on another node."""
        if self._heard is not None:
            self._heard.add(_named(op))
        self.apply(op)

    def apply(self, op: AnyOp) -> None:
        match op:
            case PutMessage(message):
                if message.id not in self.messages:
                    self._spoken_at[message.viewer_id] = max(message.at_ms, self._spoken_at.get(message.viewer_id, 0))
                self.messages[message.id] = message
                self._dirty.add(("message", message.id))
                if message.state is MessageState.GONE and self.pinned.get(message.room) == message.id:
                    self.apply(SetPin(message.room, ""))
            case SetPin(room, message_id):
                self.pinned[room] = message_id
                self._dirty.add(("pin", room))
            case PutQuestion(question):
                if question.id not in self.questions:
                    self._spoken_at[question.viewer_id] = question.at_ms
                votes = len(self.votes.get(question.id, ()))
                self.questions[question.id] = msgspec.structs.replace(question, votes=votes)
                self._dirty.add(("question", question.id))
            case Vote(question_id, viewer_id, on):
                voters = self.votes.setdefault(question_id, set())
                (voters.add if on else voters.discard)(viewer_id)
                asked = self.questions.get(question_id)
                if asked is not None:
                    self.questions[question_id] = msgspec.structs.replace(asked, votes=len(voters))
                    self._dirty.add(("question", question_id))
            case PutPoll(poll):
                self.polls[poll.id] = self._counted(poll)
                self._dirty.add(("poll", poll.id))
            case PutAnswer(poll_id, viewer_id, _, choices, _):
                self.answers.setdefault(poll_id, {})[viewer_id] = choices
                self._dirty.add(("poll", poll_id))  # counted once for a batch
            case PutHand(hand):
                if hand.state is HandState.DOWN:
                    self.hands.pop(hand.viewer_id, None)
                else:
                    self.hands[hand.viewer_id] = hand
                self._dirty.add(("hand", hand.viewer_id))
            case SetBan(viewer_id, name, _, _, on):
                if on:
                    self.banned[viewer_id] = name
                else:
                    self.banned.pop(viewer_id, None)
                self._dirty.add(("ban", viewer_id))
            case Reacted(counts):
                self._reactions.update(counts)
            case Present(node, viewers, at_ms):
                self.present[node] = (viewers, at_ms)
            case Staged(stage):
                self.stage = stage
                self._dirty.add(("stage", ""))
            case Spoken(lines):
                for line in lines:
                    self.spoken[line.id] = line
                    self._dirty.add(("spoken", line.id))
                for old in list(self.spoken)[:-SPOKEN_KEPT]:
                    del self.spoken[old]
            case Reload() | AskStage():
                pass
            case _:
                assert_never(op)

    def _counted(self, poll: Poll) -> Poll:
        counts = [0] * len(poll.options)
        answers = self.answers.get(poll.id, {})
        for choices in answers.values():
            for choice in choices:
                if choice < len(counts):
                    counts[choice] += 1
        return msgspec.structs.replace(poll, counts=tuple(counts), voters=len(answers))

    def viewers(self, now_ms: int) -> int:
        """On all nodes."""
        self.present = {node: one for node, one in self.present.items() if now_ms - one[1] < PRESENT_KEPT_MS}
        return sum(count for count, _ in self.present.values())

    # ------------------------------------------------------------ batches

    @property
    def is_dirty(self) -> bool:
        return bool(self._dirty)

    def take_changes(self) -> frozenset[tuple[str, str]]:
        """What changed since the last call; what is too old is forgotten."""
        changes = frozenset(self._dirty)
        self._dirty.clear()
        for kind, name in changes:
            if kind == "poll" and name in self.polls:
                self.polls[name] = self._counted(self.polls[name])
        for room in {one.room for one in self.messages.values()}:
            of_room = [one for one in self.messages.values() if one.room == room]
            for one in of_room[: max(0, len(of_room) - MESSAGES_KEPT)]:
                if one.id != self.pinned.get(room) and one.state is not MessageState.HELD:
                    del self.messages[one.id]
        return changes

    def take_reactions(self) -> dict[str, int]:
        taken = dict(self._reactions)
        self._reactions.clear()
        return taken

    def batch(self, audience: Audience, changes: frozenset[tuple[str, str]]) -> Batch:
        """For one audience; with nothing in it when nothing concerns them."""
        staff = audience[1]
        messages: list[Message] = []
        questions: list[Question] = []
        polls: list[Poll] = []
        gone: list[str] = []
        hands: list[Hand] = []
        banned: list[Banned] = []
        pins: list[Pinned] = []
        for kind, name in sorted(changes):
            if kind == "message" and (message := self.messages.get(name)) and self._reads(audience, message.room):
                if self._shown(message, staff):
                    messages.append(message)
                else:
                    gone.append(message.id)
            elif kind == "question" and (question := self.questions.get(name)) and self._reads(audience, question.room):
                shown = question.state in (QuestionState.OPEN, QuestionState.ANSWERED)
                if shown or (staff and question.state is QuestionState.HELD):
                    questions.append(question)
                else:
                    gone.append(question.id)
            elif kind == "poll" and name in self.polls:
                polls.append(self.polls[name])
            elif kind == "hand" and staff:
                hands.append(self.hands.get(name) or Hand(viewer_id=name, name="", state=HandState.DOWN, at_ms=0))
            elif kind == "ban" and staff:
                banned.append(Banned(name, self.banned.get(name, ""), name in self.banned))
            elif kind == "pin" and self._reads(audience, name):
                pins.append(self._pinned(name))
        kinds = {kind for kind, _ in changes}
        return Batch(
            messages=tuple(messages),
            gone=tuple(gone),
            pinned=tuple(pins),
            questions=tuple(questions),
            polls=tuple(polls),
            hands=tuple(hands),
            banned=tuple(banned),
            phase=self.phase if "phase" in kinds else "",
            stage=msgspec.Raw(self.stage) if self.stage and "stage" in kinds else msgspec.UNSET,
            rules=rules_of(self.chat) if "rules" in kinds else None,
            spoken=tuple(one for one in self.spoken.values() if ("spoken", one.id) in changes),
        )

    def whole(self, audience: Audience, now_ms: int) -> Batch:
        """Everything that somebody of this audience who comes now has to know."""
        staff = audience[1]
        messages = [
            one for one in self.messages.values() if self._reads(audience, one.room) and self._shown(one, staff)
        ]
        states = (QuestionState.OPEN, QuestionState.ANSWERED, *((QuestionState.HELD,) if staff else ()))
        return Batch(
            whole=True,
            messages=tuple(sorted(messages, key=lambda one: one.id)[-(MESSAGES_KEPT if staff else MESSAGES_SHOWN) :]),
            pinned=tuple(self._pinned(one) for one in sorted(self.pinned) if self._reads(audience, one)),
            questions=tuple(
                one for one in self.questions.values() if one.state in states and self._reads(audience, one.room)
            ),
            polls=tuple(self._counted(one) for one in self.polls.values()),
            hands=tuple(self.hands.values()) if staff else (),
            banned=tuple(Banned(*one) for one in list(self.banned.items())[-BANNED_SHOWN:]) if staff else (),
            viewers=self.viewers(now_ms),
            phase=self.phase,
            stage=msgspec.Raw(self.stage) if self.stage else msgspec.UNSET,
            rules=rules_of(self.chat),
            spoken=tuple(self.spoken.values()),
        )

    def you(self, viewer_id: str) -> You:
        hand = self.hands.get(viewer_id)
        return You(
            viewer_id=viewer_id,
            hand=hand.state if hand else HandState.DOWN,
            votes=tuple(one for one, voters in self.votes.items() if viewer_id in voters),
            answers={one: answers[viewer_id] for one, answers in self.answers.items() if viewer_id in answers},
        )

    @staticmethod
    def _shown(message: Message, staff: bool) -> bool:
        return message.state is MessageState.SHOWN or (staff and message.state is MessageState.HELD)

    @staticmethod
    def _reads(audience: Audience, room: str) -> bool:
        return audience[1] or room in (audience[0], ALL_ROOMS)

    def _pinned(self, room: str) -> Pinned:
        message = self.messages.get(self.pinned.get(room, ""))
        return Pinned(room, message if message is not None and message.state is MessageState.SHOWN else None)


def audience_of(viewer: Viewer) -> Audience:
    return ("", True) if viewer.role is not None else (viewer.room, False)


def _named(op: AnyOp) -> tuple[str, str]:
    """What an operation is about: two with the same name, and the later one counts."""
    match op:
        case PutMessage(message):
            return message.id, ""
        case PutQuestion(question):
            return question.id, ""
        case PutPoll(poll):
            return poll.id, ""
        case Vote(question_id, viewer_id, _):
            return question_id, viewer_id
        case PutAnswer(poll_id, viewer_id, _, _, _):
            return poll_id, viewer_id
        case PutHand(hand):
            return "hand", hand.viewer_id
        case SetBan(viewer_id, _, _, _, _):
            return "ban", viewer_id
        case SetPin(room, _):
            return "pin", room
        case Reacted() | Present() | Staged() | Spoken() | Reload() | AskStage():
            return "", ""
        case _:
            assert_never(op)


def folded(text: str) -> str:
    """Without case, width, accents, and what people put between letters to get past a list of words."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(one for one in plain if one.isalnum())
