"""The clock's own work, done by a job: owners are reminded, what is late is escalated, what is old is deleted.

The rows say what is to be done (`alarm_at_ms`, `delete_at_ms`); whoever runs this twice, or in two processes, does each
once, because an escalation is written from the revision that was read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, assert_never

import structlog
from sqlalchemy import String, cast, delete, exists, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from collab.db.engine import Database
from collab.notices.models import NoticeRow

from .clockwork import escalations_of, times_after
from .definition import Administrators, EscalatedTo, Group, Officers, ServiceOfficer
from .hours import HoursService
from .models import RequestRow
from .parties import CLOCK
from .people import DeskPeople
from .repository import RequestRepository, Step, request_value, requests
from .service import RequestService, rules_of
from .states import RUNNING, Action, Moved, move
from .telling import News, Outbox, Told, due_soon, told
from .types import TypeService
from .values import Event, EventDetails, Request

AT_ONCE_MAX: Final = 200
REMIND_MS: Final = 3_600_000  # before it is due

log = structlog.get_logger("requests")


class RequestAlarm:
    def __init__(
        self,
        database: Database,
        service: RequestService,
        requests: RequestRepository,
        types: TypeService,
        hours: HoursService,
        people: DeskPeople,
        outbox: Outbox,
        clock_ms: Callable[[], int],
    ) -> None:
        self._database = database
        self._service = service
        self._requests = requests
        self._types = types
        self._hours = hours
        self._people = people
        self._outbox = outbox
        self._clock_ms = clock_ms

    async def escalate(self) -> int:
        """What is late by now; how many escalations were made."""
        made = 0
        while due := await self._due():
            done = [await self._escalate(request_id) for request_id in due]
            made += sum(done)
            if not any(done):  # another process has them
                break
        if made:
            self._outbox.nudge()
        return made

    async def remind(self) -> int:
        """Owners of what is due within an hour, or within a quarter of the time that it was given; how many were.

        Two processes may find the same owner; the notice's key lets one of them tell it.
        """
        at_ms = self._clock_ms()
        left = RequestRow.due_at_ms - at_ms
        key = (
            literal(f"{News.DUE}:", String) + RequestRow.id + literal(":", String) + cast(RequestRow.due_at_ms, String)
        )
        query = (
            requests.where(
                RequestRow.state.in_(RUNNING),
                RequestRow.due_at_ms > at_ms,
                RequestRow.due_at_ms <= at_ms + REMIND_MS,
                left * 4 <= RequestRow.due_at_ms - RequestRow.submitted_at_ms,
                RequestRow.owner_id.is_not(None),
                ~exists().where(NoticeRow.account_id == RequestRow.owner_id, NoticeRow.key == key),
            )
            .order_by(RequestRow.due_at_ms)
            .limit(AT_ONCE_MAX)
        )
        async with self._database.write() as session:
            due = [request_value(*row) for row in await session.execute(query)]
            reminded = await self._outbox.put(session, [due_soon(one) for one in due])
        if reminded:
            self._outbox.nudge()
        return reminded

    async def delete_old(self) -> int:
        """What its type keeps no longer, with all that was brought to it; how many went."""
        gone = 0
        while True:
            async with self._database.write() as session:
                old = (
                    select(RequestRow.id)
                    .where(RequestRow.delete_at_ms > 0, RequestRow.delete_at_ms <= self._clock_ms())
                    .limit(AT_ONCE_MAX)
                )
                deleted = await session.scalars(
                    delete(RequestRow).where(RequestRow.id.in_(old)).returning(RequestRow.id)
                )
                count = len(deleted.all())
            gone += count
            if count < AT_ONCE_MAX:
                break
        if gone:
            log.info("requests_deleted", requests=gone)
        return gone

    async def _due(self) -> list[str]:
        async with self._database.read() as session:
            found = await session.scalars(
                select(RequestRow.id)
                .where(RequestRow.alarm_at_ms > 0, RequestRow.alarm_at_ms <= self._clock_ms())
                .order_by(RequestRow.alarm_at_ms)
                .limit(AT_ONCE_MAX)
            )
            return list(found)

    async def _escalate(self, request_id: str) -> bool:
        request, at_ms = await self._requests.unseen(request_id), self._clock_ms()
        if request is None or not 0 < request.alarm_at_ms <= at_ms:  # another process was faster
            return False
        definition = (await self._types.version(request.type_id, request.type_version)).definition
        moved = move(request.situation, Action.ESCALATE, CLOCK, rules_of(definition))
        if not isinstance(moved, Moved):
            return False
        to = escalations_of(definition)[min(request.escalations, len(escalations_of(definition)) - 1)].to
        calendar = await self._hours.calendar()
        state = moved.situation.state
        event = Event(
            number=request.revision + 1,
            action=Action.ESCALATE,
            state=state,
            account_id="",
            name="",
            note="",
            details=EventDetails(step=request.step, escalated_to=name_of(to)),
            at_ms=at_ms,
        )
        times = times_after(request, Action.ESCALATE, state, definition, calendar, at_ms)
        step = Step(event=event, situation=moved.situation, times=times, escalated_to=name_of(to))
        news = await self._news(request, event, to)

        async def tell(session: AsyncSession) -> None:
            await self._outbox.put(session, [news])

        done = await self._requests.move(request, [step], tell)
        if done:
            log.info("request_escalated", request=request_id, to=name_of(to))
        return done

    async def _news(self, request: Request, event: Event, to: EscalatedTo) -> Told:
        people = [request.owner.id] if request.owner else []
        match to:
            case Officers():
                people += [one.id for one in await self._people.officers()]
            case Administrators():
                people += [one.id for one in await self._people.administrators()]
            case Group(group=group):
                people += [one.id for one in await self._people.group(group)] or await self._service.first_asked(
                    request
                )
            case ServiceOfficer():
                people += await self._service.first_asked(request)
            case _:
                assert_never(to)
        return told(News.LATE, request, event, people, urgent=True)


def name_of(to: EscalatedTo) -> str:
    """As it is kept: `officers`, `service_officer`, `administrators`, `group:KEY`."""
    match to:
        case Officers():
            return "officers"
        case Administrators():
            return "administrators"
        case ServiceOfficer():
            return "service_officer"
        case Group(group=group):
            return f"group:{group}"
        case _:
            assert_never(to)
