"""Call now: it rings on every page of the callee, on every node and by push; accepted, a room opens for both.

    ringing -> accepted (room) | declined | missed (the time is over) | cancelled (by the caller)

The first who ends it ends it: one UPDATE decides, whoever comes later is told how it ended.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

import structlog

from collab.accounts.models import Member
from collab.jobs.jobs import Jobs
from collab.limits import Limits, rate
from collab.meetings.models import Meeting
from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice, Subject
from collab.notices.word import Word
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.model import TITLE_MAX_CHARS
from rooms.core.text import clean_lines
from signaling.desk_messages import Ring, RingOver

from .models import ENDS, NOTE_MAX_CHARS, Call, CallState, Contact, Party
from .repository import CallRepository
from .subjects import CallSubject, CallSubjects, in_reach

RINGS_MS: Final = 45_000
SWEEP_S: Final = 30
EXPIRED_AT_ONCE: Final = 100
NOTES_OF_ACCOUNT: Final = rate("call_notes", burst=30, per_minute=30)
CHATS_OF_ACCOUNT: Final = rate("call_chats", burst=20, per_minute=10)
CALLS_OF_ACCOUNT: Final = rate("calls", burst=20, per_minute=10)
SEARCHES_OF_ACCOUNT: Final = rate("call_people", burst=60, per_minute=60)
EXPIRE: Final = "calls.expire"

log = structlog.get_logger("calls")


class People(Protocol):
    """accounts/repository.py."""

    async def member(self, account_id: str) -> Member | None: ...


class RoomMaker(Protocol):
    """meetings/service.py."""

    async def create(self, by: Member, title: str, lobby_enabled: bool, guests_allowed: bool) -> Meeting: ...


class Telephones(Protocol):
    """notices/live.py."""

    async def tell(self, words: Sequence[Word]) -> None: ...


class CallClock:
    """What a worker does about calls: those that nobody answered become missed calls."""

    def __init__(
        self,
        calls: CallRepository,
        telephones: Telephones,
        jobs: Jobs,
        nudge: Callable[[], None],
        clock_ms: Callable[[], int],
    ) -> None:
        self._calls = calls
        self._telephones = telephones
        self._jobs = jobs
        self._nudge = nudge
        self._clock_ms = clock_ms
        jobs.register(EXPIRE, self._expire_now)
        jobs.every(EXPIRE, SWEEP_S, self._expire_now)

    def set(self, call: Call) -> None:
        """Push it, and come back when its time is over."""
        self._nudge()
        self._jobs.at(EXPIRE, call.id, call.expires_at_ms)

    async def _expire_now(self) -> None:
        await self.expire(self._clock_ms())

    async def expire(self, at_ms: int) -> None:
        """All whose time is over by then, whichever of them was the occasion."""
        for call in await self._calls.expired(at_ms, EXPIRED_AT_ONCE):
            await self.end(call, CallState.MISSED, at_ms)

    async def end(self, call: Call, state: CallState, at_ms: int, meeting_id: str | None = None) -> bool:
        """End it and tell both.  False when somebody else was faster."""
        notice = _missed(call) if state in (CallState.MISSED, CallState.CANCELLED) and call.callee.id else None
        if not await self._calls.end(call.id, state, at_ms, meeting_id=meeting_id, notice=notice):
            return False
        if notice is not None:
            self._nudge()
        over = RingOver(call_id=call.id, end=ENDS[state])
        await self._telephones.tell([Word(one.id, over) for one in (call.callee, call.caller) if one.id])
        log.info("call_ended", call=call.id, state=state.value)
        return True


class CallService:
    def __init__(
        self,
        calls: CallRepository,
        clock: CallClock,
        subjects: CallSubjects,
        people: People,
        rooms: RoomMaker,
        telephones: Telephones,
        limits: Limits,
        clock_ms: Callable[[], int],
        link_file: Callable[[str, str, str], Awaitable[str]],
    ) -> None:
        """`link_file`: the path of a file, from the meeting, who asks, and its key (room_files/service.py)."""
        self._link_file = link_file
        self._calls = calls
        self._clock = clock
        self.subjects = subjects
        self._people = people
        self._rooms = rooms
        self._telephones = telephones
        self._limits = limits
        self._clock_ms = clock_ms

    async def ring(self, by: Member, subject: Subject, to: str) -> Call:
        """Raises NOT_FOUND for a thing or a person out of reach, CONFLICT while either has a call ringing."""
        await self._limits.take(CALLS_OF_ACCOUNT, by.account.id)
        about, callee = await self.subjects.seen(by, subject), await self._people.member(to)
        if to == by.account.id:
            raise invalid(to=FieldFault.INVALID)
        if callee is None or not _may_call(by, callee, about):
            raise Refusal(Code.NOT_FOUND, "nobody whom one may call about it")
        at_ms = self._clock_ms()
        if await self._calls.ringing(by.account.id, at_ms) or await self._calls.ringing(to, at_ms):
            raise Refusal(Code.CONFLICT, "a call is ringing", retry_after_ms=RINGS_MS)
        caller, called = Party(by.account.id, by.account.name), Party(to, callee.account.name)
        call = await self._calls.add(subject, about.title, about.path, caller, called, at_ms, at_ms + RINGS_MS)
        self._clock.set(call)
        await self._telephones.tell([Word(to, _ring(call))])
        log.info("call_rings", call=call.id, by=by.account.id, about=subject.kind)
        return call

    async def seen(self, by: Member, call_id: str) -> Call:
        """For the two.  Raises NOT_FOUND."""
        call = await self._calls.get(call_id)
        if call is None or not call.concerns(by.account.id):
            raise Refusal(Code.NOT_FOUND, "no such call of theirs")
        return call

    async def people(self, by: Member, text: str, subject: Subject | None) -> list[Contact]:
        """Raises NOT_FOUND for a thing out of reach."""
        await self._limits.take(SEARCHES_OF_ACCOUNT, by.account.id)
        about = await self.subjects.seen(by, subject) if subject is not None else None
        return await self._calls.people(by, text.strip(), about)

    async def ringing(self, by: Member) -> list[Call]:
        return await self._calls.ringing(by.account.id, self._clock_ms())

    async def about(self, by: Member, subject: Subject, before: str, limit: int) -> tuple[list[Call], bool]:
        """The record of a thing, for whoever sees it."""
        about = await self.subjects.seen(by, subject)
        found = await self._calls.about(by, subject, private=about.private, before=before, limit=limit + 1)
        return found[:limit], len(found) > limit

    async def file_path(self, by: Member, call_id: str, key: str) -> str:
        """For who took part, and the park's administrators.  Raises NOT_FOUND."""
        call = await self._calls.get(call_id)
        if call is None or not may_open(by, call) or key not in {one.key for one in call.files}:
            raise Refusal(Code.NOT_FOUND, "no such file of theirs")
        return await self._link_file(call.meeting_id, by.account.id, key)

    async def chat_of(self, by: Member, call_id: str) -> Call:
        """Whose chat they may save: who took part, and the park's administrators.  Raises NOT_FOUND, RATE_LIMITED."""
        call = await self._calls.get(call_id)
        if call is None or not may_open(by, call) or call.messages == 0:
            raise Refusal(Code.NOT_FOUND, "no chat of theirs")
        await self._limits.take(CHATS_OF_ACCOUNT, by.account.id)
        return call

    async def write_note(self, by: Member, call_id: str, revision: int, text: str) -> Call:
        """What came of it, by who took part.  Raises NOT_FOUND, WRONG_STATE, CONFLICT for an older revision."""
        call = await self._calls.get(call_id)
        if call is None or not call.took_part(by.account.id):
            raise Refusal(Code.NOT_FOUND, "no such call of theirs")
        if call.state is not CallState.ACCEPTED:
            raise Refusal(Code.WRONG_STATE, f"a call that is {call.state}")
        await self._limits.take(NOTES_OF_ACCOUNT, by.account.id)
        words = clean_lines(text, NOTE_MAX_CHARS)
        if not await self._calls.write_note(call_id, revision, words, by.account.name, self._clock_ms()):
            raise Refusal(Code.CONFLICT, "somebody else has written meanwhile")
        return await self._calls.get(call_id) or call

    async def answer(self, by: Member, call_id: str, *, accept: bool) -> Call:
        """By the callee.  Raises WRONG_STATE when it does not ring any more."""
        call = await self.seen(by, call_id)
        if call.callee.id != by.account.id:
            raise Refusal(Code.FORBIDDEN, "the callee answers")
        at_ms = self._clock_ms()
        self._still_rings(call, at_ms)
        meeting_id = None
        if accept:
            caller = await self._people.member(call.caller.id)
            meeting = await self._rooms.create(
                caller or by, call.about[:TITLE_MAX_CHARS], lobby_enabled=False, guests_allowed=False
            )
            meeting_id = meeting.id
        if not await self._clock.end(call, CallState.ACCEPTED if accept else CallState.DECLINED, at_ms, meeting_id):
            raise Refusal(Code.WRONG_STATE, "ended meanwhile")
        return await self.seen(by, call_id)

    async def cancel(self, by: Member, call_id: str) -> Call:
        """By the caller.  The callee has missed it then."""
        call = await self.seen(by, call_id)
        if call.caller.id != by.account.id:
            raise Refusal(Code.FORBIDDEN, "the caller hangs up")
        if not await self._clock.end(call, CallState.CANCELLED, self._clock_ms()):
            raise Refusal(Code.WRONG_STATE, "ended meanwhile")
        return await self.seen(by, call_id)

    @staticmethod
    def _still_rings(call: Call, at_ms: int) -> None:
        if call.state is not CallState.RINGING or call.expires_at_ms <= at_ms:
            raise Refusal(Code.WRONG_STATE, f"a call that is {call.state}")


def may_open(by: Member, call: Call) -> bool:
    """What was kept of the room: its films, its files."""
    return call.took_part(by.account.id) or by.administers_park


def _may_call(by: Member, callee: Member, about: CallSubject) -> bool:
    if callee.account.id in about.people or any(callee.belongs_to(one) for one in about.organizations):
        return True
    return in_reach(by, callee)


def _ring(call: Call) -> Ring:
    return Ring(
        call_id=call.id,
        from_name=call.caller.name,
        about=call.about,
        path=call.path,
        expires_at_ms=call.expires_at_ms,
    )


def _missed(call: Call) -> Notice:
    return Notice(
        kind=NoticeKind.CALL_MISSED,
        account_ids=(call.callee.id,),
        key=f"call:{call.id}:missed",
        about=call.subject,
        path=call.path,
        params={"from": call.caller.name, "about": call.about},
    )
