"""Requests in SQL.  Every method is one transaction; what a Reach does not see is not found, listed or counted."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, case, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from collab.accounts.models import AccountRow
from collab.audit.actor import Actor, who_acts
from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.repository import record
from collab.clock import new_id
from collab.db.engine import Database
from collab.organizations.models import OrganizationRow
from collab.webhooks.events import WebhookEvent
from collab.webhooks.outbox import tell

from .answers import Answers
from .clockwork import Times
from .definition import Audience
from .models import RequestContentRow, RequestEventRow, RequestRow
from .parties import Reach
from .states import OPEN, Action, Outcome, Situation, State
from .values import Event, EventDetails, Named, Request
from .visible import Scope, in_scope, visible

owner_account, offered_account = aliased(AccountRow), aliased(AccountRow)
requests: Select[RequestRow, str, str | None, str | None] = (
    select(RequestRow, OrganizationRow.name, owner_account.name, offered_account.name)
    .join(OrganizationRow, OrganizationRow.id == RequestRow.organization_id)
    .outerjoin(owner_account, owner_account.id == RequestRow.owner_id)
    .outerjoin(offered_account, offered_account.id == RequestRow.offered_to_id)
)

NO_CLOCK_MS: Final = 9_007_199_254_740_991  # sorts what has no clock behind all that has

_DECISIONS: Final = frozenset({Action.APPROVE_STEP, Action.APPROVE, Action.REJECT, Action.ANSWER})
_TOLD: Final = {  # to webhooks
    Action.SUBMIT: WebhookEvent.REQUEST_FILED,
    Action.APPROVE: WebhookEvent.REQUEST_DECIDED,
    Action.REJECT: WebhookEvent.REQUEST_DECIDED,
    Action.ANSWER: WebhookEvent.REQUEST_DECIDED,
}
_NUMBER: Final = re.compile(r"[A-Z]{2,4}-\d{6}-[0-9A-Z]{6}")

Also = Callable[[AsyncSession], Awaitable[None]]  # what is written in the same transaction


class NewRequest(Struct, frozen=True, kw_only=True):
    number: str
    type_id: str
    type_version: int
    title: str
    organization_id: str
    requester_id: str
    requester_name: str
    client_key: str | None
    audience: Audience
    confidential: bool
    answers: Answers


class Sort(StrEnum):
    NEWEST = "newest"
    DUE = "due"  # those that are open, the most urgent first


class Filter(Struct, frozen=True, kw_only=True):
    scope: Scope
    sort: Sort = Sort.NEWEST
    states: tuple[State, ...] = ()
    type_id: str = ""
    organization_id: str = ""
    search: str = ""
    late_at_ms: int = 0  # only what was due before
    filed_days: tuple[int, int] | None = None  # the first and the last (Calendar.day_number); none: drafts too
    before: str = ""


class Step(Struct, frozen=True, kw_only=True):
    """One move as it is written: the event, and the row after it."""

    event: Event
    situation: Situation
    times: Times
    asked_group: str | None = None  # None: as it was
    asked_id: str | None = None
    title: str | None = None
    escalated_to: str | None = None
    answers: Answers | None = None


class RequestRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------ reading

    async def get(self, reach: Reach, request_id: str) -> Request | None:
        return await self._one(requests.where(RequestRow.id == request_id, visible(reach)))

    async def unseen(self, request_id: str) -> Request | None:
        """For the clock, which is nobody."""
        return await self._one(requests.where(RequestRow.id == request_id))

    async def by_client_key(self, requester_id: str, client_key: str) -> Request | None:
        return await self._one(
            requests.where(RequestRow.requester_id == requester_id, RequestRow.client_key == client_key)
        )

    async def answers(self, request_id: str) -> Answers:
        async with self._database.read() as session:
            packed = await session.scalar(
                select(RequestContentRow.answers).where(RequestContentRow.request_id == request_id)
            )
        return msgspec.json.decode(packed or "{}", type=Answers)

    async def answers_of(self, request_ids: Sequence[str]) -> dict[str, Answers]:
        async with self._database.read() as session:
            rows = await session.execute(
                select(RequestContentRow.request_id, RequestContentRow.answers).where(
                    RequestContentRow.request_id.in_(request_ids)
                )
            )
            return {row.request_id: msgspec.json.decode(row.answers, type=Answers) for row in rows}

    async def events(self, request_id: str) -> list[Event]:
        """Oldest first."""
        async with self._database.read() as session:
            rows = await session.scalars(
                select(RequestEventRow).where(RequestEventRow.request_id == request_id).order_by(RequestEventRow.number)
            )
            return [event_value(row) for row in rows]

    async def listed(self, reach: Reach, wanted: Filter, limit: int) -> list[Request]:
        """In the order of `sort`, from behind the one with the id `before`."""
        order = (_urgency, RequestRow.id) if wanted.sort is Sort.DUE else (RequestRow.id.desc(),)
        query = requests.where(*conditions(reach, wanted)).order_by(*order).limit(limit)
        async with self._database.read() as session:
            return [request_value(*row) for row in await session.execute(query)]

    # ------------------------------------------------------------ writing

    async def add(self, new: NewRequest, at_ms: int) -> str | None:
        """The id of a new draft; None when its number, or the client's key, is there already."""
        row = RequestRow(
            id=new_id(at_ms),
            number=new.number,
            type_id=new.type_id,
            type_version=new.type_version,
            title=new.title,
            organization_id=new.organization_id,
            requester_id=new.requester_id,
            requester_name=new.requester_name,
            client_key=new.client_key,
            audience=new.audience,
            confidential=new.confidential,
            asked_group="",
            asked_id=None,
            state=State.DRAFT,
            outcome="",
            step=0,
            owner_id=None,
            offered_to_id=None,
            escalations=0,
            escalated_to="",
            revision=0,
            created_at_ms=at_ms,
            submitted_at_ms=0,
            taken_at_ms=0,
            due_at_ms=0,
            left_ms=0,
            decided_at_ms=0,
            changed_at_ms=at_ms,
            alarm_at_ms=0,
            delete_at_ms=0,
            filed_day=0,
        )
        try:
            async with self._database.write() as session:
                session.add(row)
                await session.flush()
                session.add(RequestContentRow(request_id=row.id, answers=packed_answers(new.answers)))
        except IntegrityError:
            return None
        return row.id

    async def change_draft(self, request_id: str, title: str, answers: Answers, version: int, at_ms: int) -> bool:
        """False when it is no draft any more."""
        async with self._database.write() as session:
            changed = await session.scalars(
                update(RequestRow)
                .where(RequestRow.id == request_id, RequestRow.state == State.DRAFT)
                .values(title=title, type_version=version, changed_at_ms=at_ms)
                .returning(RequestRow.id)
            )
            if not changed.all():
                return False
            await self._set_answers(session, request_id, answers)
        return True

    async def delete_draft(self, request_id: str) -> bool:
        async with self._database.write() as session:
            gone = await session.scalars(
                delete(RequestRow)
                .where(RequestRow.id == request_id, RequestRow.state == State.DRAFT)
                .returning(RequestRow.id)
            )
            return bool(gone.all())

    async def move(self, request: Request, steps: Sequence[Step], also: Also | None = None) -> bool:
        """Write moves on from the revision that `request` was read at; False when there is a later one by now."""
        async with self._database.write() as session:
            moved = await self.move_within(session, request, steps)
            if moved and also is not None:
                await also(session)
            return moved

    async def move_within(self, session: AsyncSession, request: Request, steps: Sequence[Step]) -> bool:
        last = steps[-1]
        values: dict[str, object] = {
            "state": last.situation.state,
            "outcome": last.situation.outcome or "",
            "step": last.situation.step,
            "owner_id": last.situation.owner_id,
            "offered_to_id": last.situation.offered_to_id,
            "escalations": last.situation.escalations,
            "revision": last.event.number,
            "changed_at_ms": last.event.at_ms,
            **msgspec.structs.asdict(last.times),
        }
        for name in ("asked_group", "asked_id", "title", "escalated_to"):
            if (value := getattr(last, name)) is not None:
                values[name] = value
        moved = await session.scalars(
            update(RequestRow)
            .where(RequestRow.id == request.id, RequestRow.revision == request.revision)
            .values(values)
            .returning(RequestRow.id)
        )
        if not moved.all():
            return False
        await session.execute(insert(RequestEventRow), [event_columns(request.id, step.event) for step in steps])
        for step in steps:
            if step.answers is not None:
                await self._set_answers(session, request.id, step.answers)
            if step.event.action in _DECISIONS:
                _tell_of_decision(session, request, step)
            if event := _TOLD.get(step.event.action):
                await _tell_webhooks(session, request, step, event)
        return True

    # ------------------------------------------------------------

    async def _set_answers(self, session: AsyncSession, request_id: str, answers: Answers) -> None:
        await session.execute(
            update(RequestContentRow)
            .where(RequestContentRow.request_id == request_id)
            .values(answers=packed_answers(answers))
        )

    async def _one(self, query: Select[RequestRow, str, str | None, str | None]) -> Request | None:
        async with self._database.read() as session:
            found = (await session.execute(query)).one_or_none()
        return request_value(*found) if found else None


def _tell_of_decision(session: AsyncSession, request: Request, step: Step) -> None:
    """By the number only: a confidential request's title is not for everybody who administers its company."""
    event, asks = step.event, who_acts()
    record(
        session,
        AuditAction.REQUEST_DECIDED,
        Subject(SubjectKind.REQUEST, request.id, request.number),
        organization_id=request.organization.id,
        actor=Actor(event.account_id, event.name, asks.address, asks.way),
        decision=event.action.value,
    )


async def _tell_webhooks(session: AsyncSession, request: Request, step: Step, event: WebhookEvent) -> None:
    """By ids and the number, as above."""
    told = {
        "request_id": request.id,
        "number": request.number,
        "type_id": request.type_id,
        "organization_id": request.organization.id,
        "state": step.situation.state.value,
        "action": step.event.action.value,
    }
    key = f"{event.value}:{request.id}:{step.event.number}"
    await tell(session, event, key, (request.organization.id,), told)


def conditions(reach: Reach, wanted: Filter) -> list[ColumnElement[bool]]:
    """The WHERE of a list: what it is of, and what is looked for in it."""
    parts = [in_scope(reach, wanted.scope)]
    if wanted.states:
        parts.append(RequestRow.state.in_(wanted.states))
    if wanted.type_id:
        parts.append(RequestRow.type_id == wanted.type_id)
    if wanted.organization_id:
        parts.append(RequestRow.organization_id == wanted.organization_id)
    if wanted.late_at_ms:
        parts.append(is_late(wanted.late_at_ms))
    if wanted.filed_days:
        parts += [RequestRow.filed_day.between(*wanted.filed_days), RequestRow.filed_day > 0]
    if wanted.search:
        parts.append(_found(wanted.search))
    if wanted.sort is Sort.DUE:
        parts.append(RequestRow.state.in_(OPEN))
    if wanted.before:
        behind = wanted.sort is Sort.DUE
        parts.append(_behind(reach, wanted.scope, wanted.before) if behind else RequestRow.id < wanted.before)
    return parts


_urgency = case((RequestRow.due_at_ms > 0, RequestRow.due_at_ms), else_=NO_CLOCK_MS)


def _behind(reach: Reach, scope: Scope, request_id: str) -> ColumnElement[bool]:
    """Less urgent than that one is now: its clock may have changed since it was shown, then some come again.

    Nothing is behind what the reach does not see."""
    urgency = (
        select(_urgency).where(RequestRow.id == request_id, in_scope(reach, scope)).correlate(None).scalar_subquery()
    )
    return or_(_urgency > urgency, and_(_urgency == urgency, RequestRow.id > request_id))


def _found(search: str) -> ColumnElement[bool]:
    """By its number, or by a part of its title: looked for in the index of titles, not in the rows."""
    if _NUMBER.fullmatch(search.upper()):
        return RequestRow.number == search.upper()
    named = aliased(RequestRow)
    return RequestRow.id.in_(select(named.id).where(named.title.icontains(search, autoescape=True)))


def is_late(at_ms: int) -> ColumnElement[bool]:
    return and_(RequestRow.state.in_(OPEN), RequestRow.due_at_ms > 0, RequestRow.due_at_ms < at_ms)


def packed_answers(answers: Answers) -> str:
    return msgspec.json.encode(answers).decode()


def request_value(row: RequestRow, organization: str, owner: str | None, offered_to: str | None) -> Request:
    return Request(
        id=row.id,
        number=row.number,
        type_id=row.type_id,
        type_version=row.type_version,
        title=row.title,
        organization=Named(row.organization_id, organization),
        requester_id=row.requester_id,
        requester_name=row.requester_name,
        audience=Audience(row.audience),
        confidential=row.confidential,
        asked_group=row.asked_group,
        asked_id=row.asked_id,
        state=State(row.state),
        outcome=Outcome(row.outcome) if row.outcome else None,
        step=row.step,
        owner=Named(row.owner_id, owner or "") if row.owner_id else None,
        offered_to=Named(row.offered_to_id, offered_to or "") if row.offered_to_id else None,
        escalations=row.escalations,
        escalated_to=row.escalated_to,
        revision=row.revision,
        created_at_ms=row.created_at_ms,
        submitted_at_ms=row.submitted_at_ms,
        taken_at_ms=row.taken_at_ms,
        due_at_ms=row.due_at_ms,
        left_ms=row.left_ms,
        decided_at_ms=row.decided_at_ms,
        changed_at_ms=row.changed_at_ms,
        alarm_at_ms=row.alarm_at_ms,
        filed_day=row.filed_day,
    )


def event_columns(request_id: str, event: Event) -> dict[str, object]:
    return {
        "request_id": request_id,
        "number": event.number,
        "action": event.action,
        "state": event.state,
        "account_id": event.account_id,
        "name": event.name,
        "note": event.note,
        "details": msgspec.json.encode(event.details).decode(),
        "at_ms": event.at_ms,
    }


def event_value(row: RequestEventRow) -> Event:
    return Event(
        number=row.number,
        action=Action(row.action),
        state=State(row.state),
        account_id=row.account_id,
        name=row.name,
        note=row.note,
        details=msgspec.json.decode(row.details, type=EventDetails),
        at_ms=row.at_ms,
    )
