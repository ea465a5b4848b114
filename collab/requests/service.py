"""Filing requests and moving them on: asks the table (states.py), reckons the times (clockwork.py), writes both.

A move is written on from the revision that was read.  Who comes second is judged anew by what the first one left, so
that of two who take a request one is told that it has an owner.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, assert_never

import structlog
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import Member
from collab.accounts.repository import AccountRepository
from collab.limits import Limits, rate
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_chat

from .answers import Answers
from .checking import Checker
from .clockwork import times_after
from .definition import Asked, Definition, Finish, Group, Reviewer, ServiceOfficer, filled
from .following import Filed, Follower, Opened
from .hours import HoursService
from .naming import title_of
from .parties import CLOCK, Reach, actor_of, reach_of, works_on
from .people import DeskPeople, ServiceOfficers
from .repository import Also, Filter, RequestRepository, Step
from .states import Action, Moved, Rules, State, actions, move
from .telling import Outbox, Side, news_of, told
from .types import TypeService
from .values import Event, EventDetails, Request, TypeVersion

MOVES_OF_ACCOUNT = rate("request_moves", burst=600, per_minute=300)
MOVE_ATTEMPTS: Final = 4
NO_DETAILS: Final = EventDetails()

log = structlog.get_logger("requests")


class Wish(Struct, frozen=True, kw_only=True):
    """A move as somebody asks for it."""

    action: Action
    note: str = ""
    to: str = ""  # the account that an offer is made to
    answers: Answers | None = None  # with what is provided
    title: str = ""
    revision: int | None = None  # what they saw; None: whatever it is now


class Seen(Struct, frozen=True):
    """A request as somebody sees it."""

    request: Request
    version: TypeVersion
    actions: tuple[Action, ...]
    internal: bool  # stands on the park's side


class RequestService:
    def __init__(
        self,
        requests: RequestRepository,
        checker: Checker,
        types: TypeService,
        hours: HoursService,
        people: DeskPeople,
        accounts: AccountRepository,
        officers: ServiceOfficers,
        outbox: Outbox,
        limits: Limits,
        clock_ms: Callable[[], int],
    ) -> None:
        self._outbox = outbox
        self._requests = requests
        self._checker = checker
        self._types = types
        self._hours = hours
        self._people = people
        self._accounts = accounts
        self._officers = officers
        self._limits = limits
        self._clock_ms = clock_ms
        self._followers: list[Follower] = []

    def follow(self, follower: Follower) -> None:
        """Before the server takes requests."""
        self._followers.append(follower)

    async def opened(self, reader_id: str, *shown: Seen) -> None:
        """Before requests are shown with what was answered."""
        opened = [Opened(one.request, one.version) for one in shown if one.internal and one.request.confidential]
        for follower in self._followers if opened else ():
            await follower.opened(reader_id, opened)

    # ------------------------------------------------------------ seeing

    async def reach(self, by: Member) -> Reach:
        """Groups are asked for only of the park's own staff."""
        return reach_of(by, await self._people.groups_of(by.account.id) if by.in_park else frozenset())

    async def seen(self, by: Member, request_id: str) -> Seen:
        """Raises NOT_FOUND, also for what is not theirs to see."""
        return await self.seen_within(await self.reach(by), request_id)

    async def seen_within(self, reach: Reach, request_id: str) -> Seen:
        request = await self._requests.get(reach, request_id)
        if request is None:
            raise Refusal(Code.NOT_FOUND, "no such request")
        version = await self._types.version(request.type_id, request.type_version)
        return seen_by(reach, request, version)

    async def listed(self, by: Member, wanted: Filter, limit: int) -> tuple[list[Seen], bool]:
        reach = await self.reach(by)
        found = await self._requests.listed(reach, wanted, limit + 1)
        return await self.with_types(reach, found[:limit]), len(found) > limit

    async def with_types(self, reach: Reach, found: list[Request]) -> list[Seen]:
        versions = await self._types.versions((one.type_id, one.type_version) for one in found)
        return [seen_by(reach, one, versions[one.type_id, one.type_version]) for one in found]

    # ------------------------------------------------------------ moves

    async def move(self, by: Member, request_id: str, wish: Wish) -> Seen:
        """Raises NOT_FOUND, WRONG_STATE, FORBIDDEN, INVALID, CONFLICT for another revision than was seen."""
        await self._limits.take(MOVES_OF_ACCOUNT, by.account.id)
        reach = await self.reach(by)
        for _attempt in range(MOVE_ATTEMPTS):
            seen = await self.seen_within(reach, request_id)
            if wish.revision is not None and wish.revision != seen.request.revision:
                raise Refusal(Code.CONFLICT, "moved meanwhile")
            steps = await self.steps(by, reach, seen, wish)
            if await self._requests.move(seen.request, steps, await self.telling(seen.request, steps)):
                self._outbox.nudge()
                log.info("request_moved", request=request_id, action=steps[0].event.action, by=by.account.id)
                return await self.seen_within(reach, request_id)
        raise Refusal(Code.CONFLICT, "moved again and again")

    async def steps(self, by: Member, reach: Reach, seen: Seen, wish: Wish) -> list[Step]:
        """The moves that a wish comes to, not written yet.  Raises as `move` does."""
        request, definition = seen.request, seen.version.definition
        actor = actor_of(reach, request, reviewer_of(definition, request))
        moved = move(request.situation, wish.action, actor, rules_of(definition), wish.to or None)
        if not isinstance(moved, Moved):
            raise Refusal(moved, f"{wish.action} of a request that is {request.state}")
        note = filled(clean_chat(wish.note) or "", self._places(request, definition, by, await self._due(request)))
        if wish.action in (Action.ASK, Action.REJECT) and not note:
            raise invalid(note=FieldFault.REQUIRED)
        match moved.action:
            case Action.SUBMIT:
                return [await self._submission(by, request, definition, moved)]
            case Action.PROVIDE:
                return [await self._provision(by, request, definition, moved, wish, note)]
            case Action.OFFER:
                to = await self._offered(request, wish.to)
                details = EventDetails(to_id=to.account.id, to_name=to.account.name)
                return [await self._step(by, request, definition, moved, note, details)]
            case Action.ACCEPT | Action.TAKE:
                details = EventDetails(to_id=by.account.id, to_name=by.account.name)
                return [await self._step(by, request, definition, moved, note, details)]
            case Action.REOPEN:
                return [await self._step(by, request, definition, moved, note, escalated_to="")]
            case _:
                first = await self._step(by, request, definition, moved, note)
                if first.situation.state is State.DECIDED and definition.finish is Finish.AT_ONCE:
                    return [first, self._finished(first, definition)]
                return [first]

    async def telling(self, request: Request, steps: list[Step]) -> Also:
        """What puts the news of these moves into the outbox, in the transaction that writes them."""
        news = []
        for step in steps:
            if (found := news_of(step.event)) is not None:
                kind, side = found
                news.append(told(kind, request, step.event, await self._behind(side, request, step)))

        version = await self._types.version(request.type_id, request.type_version) if self._followers else None

        async def put(session: AsyncSession) -> None:
            await self._outbox.put(session, news)
            if version is None:
                return
            for step in steps:
                filed = Filed(request, version, step.situation.state, step.answers, step.event.at_ms)
                for follower in self._followers:
                    await follower.moved(session, filed)

        return put

    async def _behind(self, side: Side, request: Request, step: Step) -> list[str]:
        match side:
            case Side.REQUESTER:
                return [request.requester_id or ""]
            case Side.OFFERED:
                return [step.situation.offered_to_id or ""]
            case Side.OWNER:
                return [request.owner.id] if request.owner else await self.first_asked(request)
            case Side.FIRST:
                asked = replace(request, asked_group=step.asked_group or request.asked_group, asked_id=step.asked_id)
                return await self.first_asked(asked)
            case _:
                assert_never(side)

    async def first_asked(self, request: Request) -> list[str]:
        """The company's service officer, the group, or the park's officers; its administrators for what is kept from
        the officers."""
        if request.asked_id:
            return [request.asked_id]
        people = await self._people.group(request.asked_group) if request.asked_group else []
        if not people:
            people = await (self._people.administrators() if request.confidential else self._people.officers())
        return [one.id for one in people]

    async def _step(
        self,
        by: Member,
        request: Request,
        definition: Definition,
        moved: Moved,
        note: str = "",
        details: EventDetails = NO_DETAILS,
        *,
        answers: Answers | None = None,
        title: str | None = None,
        asked_group: str | None = None,
        asked_id: str | None = None,
        escalated_to: str | None = None,
    ) -> Step:
        at_ms, calendar = self._clock_ms(), await self._hours.calendar()
        times = times_after(request, moved.action, moved.situation.state, definition, calendar, at_ms)
        event = Event(
            number=request.revision + 1,
            action=moved.action,
            state=moved.situation.state,
            account_id=by.account.id,
            name=by.account.name,
            note=note,
            details=EventDetails(
                outcome=moved.situation.outcome,
                step=moved.situation.step,
                to_id=details.to_id,
                to_name=details.to_name,
                due_at_ms=times.due_at_ms if times.due_at_ms != request.due_at_ms else 0,
                former=details.former,
            ),
            at_ms=at_ms,
        )
        return Step(
            event=event,
            situation=moved.situation,
            times=times,
            asked_group=asked_group,
            asked_id=asked_id,
            title=title,
            escalated_to=escalated_to,
            answers=answers,
        )

    def _finished(self, decided: Step, definition: Definition) -> Step:
        """The decision was all there was to do."""
        done = move(decided.situation, Action.FINISH, CLOCK, rules_of(definition))
        if not isinstance(done, Moved):
            raise TypeError("the clock may finish what is decided")
        event = Event(
            number=decided.event.number + 1,
            action=Action.FINISH,
            state=done.situation.state,
            account_id="",
            name="",
            note="",
            details=EventDetails(outcome=done.situation.outcome, step=done.situation.step),
            at_ms=decided.event.at_ms,
        )
        return Step(event=event, situation=done.situation, times=decided.times)

    async def _submission(self, by: Member, request: Request, definition: Definition, moved: Moved) -> Step:
        """With the version of its draft: it was asked so."""
        answers = await self._checker.whole(request.id, definition, await self._requests.answers(request.id))
        group, asked_id = await self._asked_first(definition.asked, request.organization.id)
        return await self._step(
            by,
            request,
            definition,
            moved,
            answers=answers,
            asked_group=group,
            asked_id=asked_id or None,
        )

    async def _provision(
        self, by: Member, request: Request, definition: Definition, moved: Moved, wish: Wish, note: str
    ) -> Step:
        """What was asked for: words, other answers, or both.  The answers that were replaced stand in the event."""
        former = await self._requests.answers(request.id)
        if wish.answers is None:
            return await self._step(by, request, definition, moved, note)
        answers = await self._checker.whole(request.id, definition, wish.answers)
        replaced = {
            name: raw for name, raw in former.items() if name not in answers or bytes(answers[name]) != bytes(raw)
        }
        details = EventDetails(former=replaced)
        title = title_of(wish.title or request.title, definition, answers, by.account.locale)
        return await self._step(by, request, definition, moved, note, details, answers=answers, title=title)

    async def _asked_first(self, asked: Asked, organization_id: str) -> tuple[str, str]:
        """(group, account): the group only if somebody is in it, the account only if the company has an officer."""
        if isinstance(asked, Group):
            return (asked.group if await self._people.group(asked.group) else "", "")
        if isinstance(asked, ServiceOfficer):
            return "", await self._officers.officer_of(organization_id) or ""
        return "", ""

    async def _offered(self, request: Request, account_id: str) -> Member:
        """Somebody of the park who could work on it.  Raises INVALID."""
        member = await self._accounts.member(account_id)
        if member is not None:
            reach = await self.reach(member)
            if reach.account_id != request.requester_id and (reach.desk or works_on(reach, request)):
                return member
        raise invalid(to=FieldFault.INVALID)

    async def _due(self, request: Request) -> str:
        if not request.due_at_ms:
            return ""
        calendar = await self._hours.calendar()
        due = datetime.fromtimestamp(request.due_at_ms / 1_000, UTC).astimezone(calendar.zone)
        return due.strftime("%Y-%m-%d %H:%M")

    def _places(self, request: Request, definition: Definition, by: Member, due: str) -> dict[str, str]:
        return {
            "number": request.number,
            "title": request.title or definition.name.in_language(by.account.locale),
            "requester": request.requester_name,
            "organization": request.organization.name,
            "owner": request.owner.name if request.owner else by.account.name,
            "due": due,
        }


def seen_by(reach: Reach, request: Request, version: TypeVersion) -> Seen:
    definition = version.definition
    actor = actor_of(reach, request, reviewer_of(definition, request))
    return Seen(request, version, actions(request.situation, actor, rules_of(definition)), works_on(reach, request))


def rules_of(definition: Definition) -> Rules:
    return Rules(len(definition.steps), definition.outcomes)


def reviewer_of(definition: Definition, request: Request) -> Reviewer:
    return definition.steps[min(request.step, len(definition.steps) - 1)].by
