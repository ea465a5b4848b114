"""Scheduled meetings with their exceptions and invitees in SQL.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import AccountRow
from collab.clock import new_id
from collab.db.engine import Database
from collab.problems import Refusal
from rooms.core.codes import Code

from .expand import LOCAL, Override, Series, parse_local
from .invitees import add_mailing, invitees_in, own_in, set_invitees
from .models import (
    EventAnswerRow,
    EventState,
    InvitationAnswer,
    InviteeRow,
    MailingKind,
    ScheduledEventRow,
    ScheduledOverrideRow,
    SittingRow,
)
from .parties import Reach
from .rules import parse_rule
from .values import Event, Invitee, InviteeWish, Person

LISTED_MAX = 500


class Listed(Struct, frozen=True):
    """An event in somebody's calendar, with their own answers."""

    event: Event
    own: Invitee | None


class Draft(Struct, frozen=True):
    """What is written of an event, apart from what the repository gives it."""

    title: str
    description: str
    series: Series
    opens_before_min: int
    remind_before_min: int
    state: EventState
    span: tuple[int, int]
    next_reminder_at_ms: int


class Change(Struct, frozen=True):
    """One step of an event, written in one transaction."""

    draft: Draft
    sequence: int  # that the change was made upon
    organizer_id: str | None
    reset_answers: bool = False
    reset_key: str = ""  # the answers to this occurrence only
    invitees: tuple[InviteeWish, ...] | None = None  # None: as they are
    mailings: tuple[tuple[MailingKind, str], ...] = ()


class EventRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------ reading

    async def get(self, event_id: str) -> tuple[Event, list[Invitee]] | None:
        """Invitees without those who were removed; organizations first, then by name."""
        async with self._database.read() as session:
            found = await events_in(session, ScheduledEventRow.id == event_id)
            return (found[0], await invitees_in(session, event_id)) if found else None

    async def visible(self, reach: Reach, from_ms: int, to_ms: int, limit: int = LISTED_MAX) -> list[Listed]:
        """What stands in a person's own calendar within that time."""
        mine = or_(
            ScheduledEventRow.organizer_id == reach.account_id,
            invited(InviteeRow.account_id == reach.account_id),
            invited(InviteeRow.organization_id.in_(reach.organization_ids)),
        )
        async with self._database.read() as session:
            found = await events_in(
                session,
                ScheduledEventRow.state == EventState.CONFIRMED,
                ScheduledEventRow.first_at_ms < to_ms,
                ScheduledEventRow.last_at_ms > from_ms,
                mine,
                limit=limit,
            )
            own = await own_in(session, [one.id for one in found], reach.account_id)
        return [Listed(one, own.get(one.id)) for one in found]

    async def by_code(self, code: str) -> list[Event]:
        """All series of one room that are not cancelled."""
        async with self._database.read() as session:
            return await events_in(
                session, ScheduledEventRow.code == code, ScheduledEventRow.state == EventState.CONFIRMED
            )

    # ------------------------------------------------------------ writing

    async def add(
        self,
        draft: Draft,
        *,
        code: str,
        organizer_id: str,
        organization_id: str | None,
        meeting: Callable[[AsyncSession], str] | None,
        invitees: Sequence[InviteeWish],
        at_ms: int,
    ) -> str:
        """The id.  `meeting` adds the room in the same transaction; None when the code leads to one already."""
        async with self._database.write() as session:
            return await _add(
                session,
                draft,
                code=code,
                organizer_id=organizer_id,
                organization_id=organization_id,
                meeting=meeting,
                invitees=invitees,
                at_ms=at_ms,
            )

    async def change(self, event_id: str, change: Change, at_ms: int) -> None:
        """Raises CONFLICT when somebody else was first."""
        async with self._database.write() as session:
            await _change(session, event_id, change, at_ms)

    async def split(self, event_id: str, change: Change, rest: Draft, wishes: Sequence[InviteeWish], at_ms: int) -> str:
        """The series ends where `change` says, and another goes on in the same room; its id."""
        async with self._database.write() as session:
            await _change(session, event_id, change, at_ms)
            row = await session.get_one(ScheduledEventRow, event_id)
            return await _add(
                session,
                rest,
                code=row.code,
                organizer_id=row.organizer_id,
                organization_id=row.organization_id,
                meeting=None,
                invitees=wishes,
                at_ms=at_ms,
            )

    async def join(self, event_id: str, account_id: str, email: str, name: str, at_ms: int) -> str:
        """The invitee's id of somebody whose organization is invited."""
        async with self._database.write() as session:
            found = await session.scalar(
                select(InviteeRow).where(InviteeRow.event_id == event_id, InviteeRow.account_id == account_id)
            )
            if found is None:
                found = InviteeRow(
                    id=new_id(at_ms),
                    event_id=event_id,
                    account_id=account_id,
                    organization_id=None,
                    email=email,
                    name=name,
                    named=False,
                    removed=False,
                )
                session.add(found)
            found.removed = False
            return found.id


def invited(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(InviteeRow.event_id == ScheduledEventRow.id, ~InviteeRow.removed, condition)


# ---------------------------------------------------------------- within a transaction


async def events_in(session: AsyncSession, *conditions: ColumnElement[bool], limit: int = LISTED_MAX) -> list[Event]:
    """Those for which all conditions hold, by their beginning, in two queries."""
    rows = (
        await session.execute(
            select(ScheduledEventRow, AccountRow.name, AccountRow.email)
            .outerjoin(AccountRow, AccountRow.id == ScheduledEventRow.organizer_id)
            .where(*conditions)
            .order_by(ScheduledEventRow.first_at_ms, ScheduledEventRow.id)
            .limit(limit)
        )
    ).all()
    if not rows:
        return []
    overrides: dict[str, list[Override]] = {}
    for one in await session.scalars(
        select(ScheduledOverrideRow)
        .where(ScheduledOverrideRow.event_id.in_([row.id for row, *_ in rows]))
        .order_by(ScheduledOverrideRow.key)
    ):
        overrides.setdefault(one.event_id, []).append(
            Override(
                key=one.key,
                cancelled=one.cancelled,
                starts=parse_local(one.starts),
                minutes=one.minutes,
                title=one.title,
                sequence=one.sequence,
            )
        )
    return [_event(row, name, email, tuple(overrides.get(row.id, ()))) for row, name, email in rows]


def _event(row: ScheduledEventRow, name: str | None, email: str | None, overrides: tuple[Override, ...]) -> Event:
    starts = parse_local(row.starts)
    if starts is None:
        raise ValueError(f"event {row.id} begins at {row.starts!r}")
    return Event(
        id=row.id,
        code=row.code,
        organizer=Person(row.organizer_id, name or "") if row.organizer_id else None,
        organizer_email=email or "",
        organization_id=row.organization_id,
        title=row.title,
        description=row.description,
        series=Series(
            starts=starts,
            zone=row.zone,
            minutes=row.minutes,
            rule=parse_rule(row.rule, ZoneInfo(row.zone)) if row.rule else None,
            overrides=overrides,
        ),
        opens_before_min=row.opens_before_min,
        remind_before_min=row.remind_before_min,
        state=EventState(row.state),
        sequence=row.sequence,
        created_at_ms=row.created_at_ms,
        changed_at_ms=row.changed_at_ms,
    )


def _columns(draft: Draft) -> dict[str, object]:
    series = draft.series
    return {
        "title": draft.title,
        "description": draft.description,
        "zone": series.zone,
        "starts": series.starts.strftime(LOCAL),
        "minutes": series.minutes,
        "rule": series.rule.text if series.rule else "",
        "opens_before_min": draft.opens_before_min,
        "remind_before_min": draft.remind_before_min,
        "state": draft.state,
        "first_at_ms": draft.span[0],
        "last_at_ms": draft.span[1],
        "next_reminder_at_ms": draft.next_reminder_at_ms,
    }


async def _add(
    session: AsyncSession,
    draft: Draft,
    *,
    code: str,
    organizer_id: str | None,
    organization_id: str | None,
    meeting: Callable[[AsyncSession], str] | None,
    invitees: Sequence[InviteeWish],
    at_ms: int,
) -> str:
    if meeting is not None:
        meeting_id = meeting(session)
        await session.flush()
        session.add(SittingRow(meeting_id=meeting_id, code=code))
    row = ScheduledEventRow(
        id=new_id(at_ms),
        code=code,
        organizer_id=organizer_id,
        organization_id=organization_id,
        sequence=0,
        created_at_ms=at_ms,
        changed_at_ms=at_ms,
        **_columns(draft),
    )
    session.add(row)
    await session.flush()
    await _set_overrides(session, row.id, draft.series.overrides)
    await set_invitees(session, row.id, invitees, organizer_id, at_ms)
    add_mailing(session, row.id, MailingKind.REQUEST, "", 0, at_ms)
    return row.id


async def _change(session: AsyncSession, event_id: str, change: Change, at_ms: int) -> None:
    changed = await session.scalar(
        update(ScheduledEventRow)
        .where(ScheduledEventRow.id == event_id, ScheduledEventRow.sequence == change.sequence)
        .values(sequence=change.sequence + 1, changed_at_ms=at_ms, **_columns(change.draft))
        .returning(ScheduledEventRow.id)
    )
    if changed is None:
        raise Refusal(Code.CONFLICT, "the event was changed meanwhile")
    await _set_overrides(session, event_id, change.draft.series.overrides)
    if change.invitees is not None:
        added = await set_invitees(session, event_id, change.invitees, change.organizer_id, at_ms)
        if not change.mailings:  # nothing new for those who were invited before
            for invitee_id in added:
                sequence = change.sequence + 1
                add_mailing(session, event_id, MailingKind.REQUEST, "", sequence, at_ms, invitee_id=invitee_id)
    people = select(InviteeRow.id).where(InviteeRow.event_id == event_id)
    if change.reset_answers:
        await session.execute(delete(EventAnswerRow).where(EventAnswerRow.invitee_id.in_(people)))
    elif change.reset_key:
        await session.execute(
            delete(EventAnswerRow).where(EventAnswerRow.invitee_id.in_(people), EventAnswerRow.key == change.reset_key)
        )
        for invitee_id in await session.scalars(
            select(EventAnswerRow.invitee_id).where(EventAnswerRow.invitee_id.in_(people), EventAnswerRow.key == "")
        ):
            session.add(
                EventAnswerRow(
                    invitee_id=invitee_id,
                    key=change.reset_key,
                    answer=InvitationAnswer.NEEDS_ACTION,
                    note="",
                    answered_at_ms=at_ms,
                )
            )
    for kind, key in change.mailings:
        add_mailing(session, event_id, kind, key, change.sequence + 1, at_ms)


async def _set_overrides(session: AsyncSession, event_id: str, overrides: Sequence[Override]) -> None:
    await session.execute(delete(ScheduledOverrideRow).where(ScheduledOverrideRow.event_id == event_id))
    session.add_all(
        ScheduledOverrideRow(
            event_id=event_id,
            key=one.key,
            cancelled=one.cancelled,
            starts=one.starts.strftime(LOCAL) if one.starts else "",
            minutes=one.minutes,
            title=one.title,
            sequence=one.sequence,
        )
        for one in overrides
    )
