"""Whom a person may ask about, what is in their diaries, and what everybody sets for themselves, in SQL."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from collab.accounts.models import Account, AccountRow, MembershipRow
from collab.db.engine import Database
from collab.organizations.models import OrganizationRow
from collab.requests.models import RequestRow

from .event_repository import events_in, invited
from .free_busy import Hours
from .models import (
    EventAnswerRow,
    EventState,
    InvitationAnswer,
    InviteeRow,
    PersonalScheduleRow,
    ScheduledEventRow,
)
from .parties import Reach
from .values import Event, Person

FOUND_MAX = 20
EVENTS_OF_DIARIES_MAX = 2_000


class Personal(Struct, frozen=True):
    hours: Hours
    feed_made_at_ms: int


class Found(Struct, frozen=True):
    id: str
    name: str
    organization: str


class Engagement(Struct, frozen=True):
    """An event that somebody goes to, and the occurrences that they do not."""

    account_id: str
    event: Event
    declined: bool
    keys: dict[str, InvitationAnswer]


class PeopleRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def search(self, reach: Reach, text: str) -> list[Found]:
        """People of one's own organizations, and those with whom one has a meeting, by name or address."""
        pattern = f"%{text.replace('/', '//').replace('%', '/%').replace('_', '/_')}%"
        query = (
            select(AccountRow.id, AccountRow.name, OrganizationRow.name)
            .outerjoin(MembershipRow, MembershipRow.account_id == AccountRow.id)
            .outerjoin(OrganizationRow, OrganizationRow.id == MembershipRow.organization_id)
            .where(
                _known(reach),
                AccountRow.disabled_at_ms == 0,
                AccountRow.id != reach.account_id,
                or_(AccountRow.name.ilike(pattern, escape="/"), AccountRow.email.ilike(pattern, escape="/")),
            )
            .order_by(AccountRow.name, AccountRow.id, OrganizationRow.name)
            .limit(4 * FOUND_MAX)
        )
        async with self._database.read() as session:
            rows = (await session.execute(query)).all()
        found: dict[str, Found] = {}
        for account_id, name, organization in rows:
            found.setdefault(account_id, Found(account_id, name, organization or ""))
        return list(found.values())[:FOUND_MAX]

    async def known(self, reach: Reach, account_ids: Collection[str]) -> set[str]:
        """Those of them about whom one may ask; oneself always."""
        query = select(AccountRow.id).where(
            AccountRow.id.in_(account_ids),
            AccountRow.disabled_at_ms == 0,
            or_(AccountRow.id == reach.account_id, _known(reach)),
        )
        async with self._database.read() as session:
            return set(await session.scalars(query))

    async def organizations(self, reach: Reach, *, park_staff: bool) -> list[Person]:
        """That one may invite as a whole: one's own; all for the park's staff."""
        query = select(OrganizationRow.id, OrganizationRow.name).order_by(OrganizationRow.name)
        if not park_staff:
            query = query.where(OrganizationRow.id.in_(reach.organization_ids))
        async with self._database.read() as session:
            return [Person(row[0], row[1]) for row in (await session.execute(query)).all()]

    async def engagements(self, account_ids: Collection[str], from_ms: int, to_ms: int, but: str) -> list[Engagement]:
        """All that the diaries of these people need, in four queries."""
        within = (
            ScheduledEventRow.state == EventState.CONFIRMED,
            ScheduledEventRow.first_at_ms < to_ms,
            ScheduledEventRow.last_at_ms > from_ms,
            ScheduledEventRow.id != but,
        )
        async with self._database.read() as session:
            events = {
                one.id: one
                for one in await events_in(
                    session,
                    *within,
                    or_(
                        ScheduledEventRow.organizer_id.in_(account_ids), invited(InviteeRow.account_id.in_(account_ids))
                    ),
                    limit=EVENTS_OF_DIARIES_MAX,
                )
            }
            rows = (
                await session.execute(
                    select(InviteeRow.event_id, InviteeRow.account_id, EventAnswerRow.key, EventAnswerRow.answer)
                    .outerjoin(EventAnswerRow, EventAnswerRow.invitee_id == InviteeRow.id)
                    .where(InviteeRow.event_id.in_(events), InviteeRow.account_id.in_(account_ids), ~InviteeRow.removed)
                )
            ).all()
        answers: dict[tuple[str, str], dict[str, InvitationAnswer]] = {}
        for event_id, account_id, key, answer in rows:
            if account_id is None:
                continue
            given = answers.setdefault((account_id, event_id), {})
            if answer is not None:
                given[key] = InvitationAnswer(answer)
        for one in events.values():
            if one.organizer is not None and one.organizer.id in account_ids:
                answers.setdefault((one.organizer.id, one.id), {})
        return [
            Engagement(account_id, events[event_id], given.get("") is InvitationAnswer.DECLINED, given)
            for (account_id, event_id), given in answers.items()
        ]

    # ------------------------------------------------------------ what everybody sets for themselves

    async def personal(self, account_ids: Collection[str]) -> dict[str, Personal]:
        query = select(PersonalScheduleRow).where(PersonalScheduleRow.account_id.in_(account_ids))
        async with self._database.read() as session:
            return {
                row.account_id: Personal(Hours(row.zone, row.from_min, row.to_min, row.days), row.feed_made_at_ms)
                for row in await session.scalars(query)
            }

    async def set_hours(self, account_id: str, hours: Hours) -> None:
        async with self._database.write() as session:
            row = await session.get(PersonalScheduleRow, account_id)
            if row is None:
                session.add(_personal_row(account_id, hours))
            else:
                row.zone, row.from_min, row.to_min, row.days = hours.zone, hours.from_min, hours.to_min, hours.days

    async def set_feed(self, account_id: str, token_hash: str | None, at_ms: int, hours: Hours) -> None:
        """A new secret in the place of the old; None takes it away.  `hours` for whoever has set nothing yet."""
        async with self._database.write() as session:
            row = await session.get(PersonalScheduleRow, account_id)
            if row is None:
                row = _personal_row(account_id, hours)
                session.add(row)
            row.feed_hash, row.feed_made_at_ms = token_hash, at_ms if token_hash else 0

    async def feed_owner(self, token_hash: str) -> Account | None:
        query = (
            select(AccountRow)
            .join(PersonalScheduleRow, PersonalScheduleRow.account_id == AccountRow.id)
            .where(PersonalScheduleRow.feed_hash == token_hash, AccountRow.disabled_at_ms == 0)
        )
        async with self._database.read() as session:
            row = await session.scalar(query)
        return Account(id=row.id, email=row.email, name=row.name, locale=row.locale) if row else None


def _personal_row(account_id: str, hours: Hours) -> PersonalScheduleRow:
    return PersonalScheduleRow(
        account_id=account_id,
        zone=hours.zone,
        from_min=hours.from_min,
        to_min=hours.to_min,
        days=hours.days,
        feed_hash=None,
        feed_made_at_ms=0,
    )


def _known(reach: Reach) -> ColumnElement[bool]:
    """Shares an organization, a meeting (who invited me, and who said yes to mine), or a request that one of us owns.

    To be written down by somebody is no consent: else inviting an address would open its owner's diary.
    """
    mine, theirs = aliased(InviteeRow), aliased(InviteeRow)
    colleague = AccountRow.id.in_(
        select(MembershipRow.account_id).where(MembershipRow.organization_id.in_(reach.organization_ids))
    )
    invited_me = AccountRow.id.in_(
        select(ScheduledEventRow.organizer_id)
        .join(mine, mine.event_id == ScheduledEventRow.id)
        .where(mine.account_id == reach.account_id, ~mine.removed, ScheduledEventRow.state == EventState.CONFIRMED)
    )
    answered = (InvitationAnswer.ACCEPTED, InvitationAnswer.TENTATIVE)
    came_to_mine = AccountRow.id.in_(
        select(theirs.account_id)
        .join(ScheduledEventRow, ScheduledEventRow.id == theirs.event_id)
        .join(EventAnswerRow, EventAnswerRow.invitee_id == theirs.id)
        .where(
            ScheduledEventRow.organizer_id == reach.account_id,
            ScheduledEventRow.state == EventState.CONFIRMED,
            ~theirs.removed,
            EventAnswerRow.answer.in_(answered),
        )
    )
    asked_me = AccountRow.id.in_(select(RequestRow.requester_id).where(RequestRow.owner_id == reach.account_id))
    works_for_me = AccountRow.id.in_(select(RequestRow.owner_id).where(RequestRow.requester_id == reach.account_id))
    return or_(colleague, invited_me, came_to_mine, asked_me, works_for_me)
