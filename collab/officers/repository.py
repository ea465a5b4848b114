"""Service officers in SQL.  Every method is one transaction; every change is an event of the next number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy import Select, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from collab.accounts.models import AccountRow
from collab.clock import new_id
from collab.db.engine import Database
from collab.directory.dates import day_of
from collab.notices import outbox
from collab.notices.models import Notice
from collab.organizations.models import OrganizationKind, OrganizationRow

from .models import JobMilestoneRow, Milestone, OfficerAction, OfficerCoverRow, OfficerEventRow, OfficerRow
from .standing import Person, standing
from .values import Company, Cover, MilestoneState, OfficerEvent

_officer, _offered = aliased(AccountRow), aliased(AccountRow)
companies_query: Select[OrganizationRow, OfficerRow | None, str | None, str | None] = (
    select(OrganizationRow, OfficerRow, _officer.name, _offered.name)
    .outerjoin(OfficerRow, OfficerRow.organization_id == OrganizationRow.id)
    .outerjoin(_officer, _officer.id == OfficerRow.account_id)
    .outerjoin(_offered, _offered.id == OfficerRow.offered_to_id)
    .where(OrganizationRow.kind != OrganizationKind.PARK)
)


class OfficersInSql:
    """Who is asked first about a company's requests (requests/people.py, ServiceOfficers)."""

    def __init__(self, database: Database, clock_ms: Callable[[], int]) -> None:
        self._database = database
        self._clock_ms = clock_ms

    async def officer_of(self, organization_id: str) -> str | None:
        """Who stands for the officer today, else the officer."""
        async with self._database.read() as session:
            found = (await standing(session, [organization_id], day_of(self._clock_ms()))).get(organization_id)
        return found.acting.id if found else None


class OfficerRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def companies(self, *, search: str = "", after: str = "", limit: int = 500) -> list[Company]:
        """By name."""
        query = companies_query
        if search:
            query = query.where(
                or_(
                    OrganizationRow.name.icontains(search, autoescape=True),
                    _officer.name.icontains(search, autoescape=True),
                )
            )
        if after:
            behind = select(OrganizationRow.name).where(OrganizationRow.id == after).scalar_subquery()
            query = query.where(OrganizationRow.name > behind)
        async with self._database.read() as session:
            rows = (await session.execute(query.order_by(OrganizationRow.name).limit(limit))).all()
        return [company_value(*row) for row in rows]

    async def company(self, organization_id: str) -> Company | None:
        async with self._database.read() as session:
            query = companies_query.where(OrganizationRow.id == organization_id)
            found = (await session.execute(query)).one_or_none()
        return company_value(*found) if found else None

    async def events(self, organization_id: str) -> list[OfficerEvent]:
        """Oldest first."""
        query = select(OfficerEventRow).where(OfficerEventRow.organization_id == organization_id)
        async with self._database.read() as session:
            return [
                OfficerEvent(row.number, OfficerAction(row.action), row.name, row.to_name, row.note, row.at_ms)
                for row in await session.scalars(query.order_by(OfficerEventRow.number))
            ]

    async def change(
        self,
        company: Company,
        officer_id: str,
        offered_to_id: str | None,
        event: OfficerEvent,
        account_id: str,
        notices: Sequence[Notice],
    ) -> bool:
        """On the revision that `company` has; False when somebody was faster."""
        values: dict[str, object] = {
            "account_id": officer_id,
            "offered_to_id": offered_to_id,
            "revision": company.revision + 1,
        }
        if company.officer is None or company.officer.id != officer_id:
            values["since_ms"] = event.at_ms
        try:
            async with self._database.write() as session:
                if company.revision:
                    mine = (OfficerRow.organization_id == company.id) & (OfficerRow.revision == company.revision)
                    changed = await session.scalars(
                        update(OfficerRow).where(mine).values(**values).returning(OfficerRow.organization_id)
                    )
                    if not changed.all():
                        return False
                else:
                    await session.execute(insert(OfficerRow).values(organization_id=company.id, **values))
                session.add(
                    OfficerEventRow(
                        organization_id=company.id,
                        number=company.revision + 1,
                        action=event.action,
                        account_id=account_id,
                        name=event.name,
                        to_name=event.to_name,
                        note=event.note,
                        at_ms=event.at_ms,
                    )
                )
                for notice in notices:
                    await outbox.put(session, notice, event.at_ms)
        except IntegrityError:
            return False
        return True

    # ------------------------------------------------------------ covers

    async def covers(self, today: date, account_id: str = "") -> list[Cover]:
        """Not over yet, of everybody or with one person on either side; the next first."""
        officer, cover = aliased(AccountRow), aliased(AccountRow)
        query = (
            select(OfficerCoverRow, officer.name, cover.name)
            .join(officer, officer.id == OfficerCoverRow.account_id)
            .join(cover, cover.id == OfficerCoverRow.cover_id)
            .where(OfficerCoverRow.ends_on >= today)
            .order_by(OfficerCoverRow.starts_on, OfficerCoverRow.id)
        )
        if account_id:
            query = query.where(or_(OfficerCoverRow.account_id == account_id, OfficerCoverRow.cover_id == account_id))
        async with self._database.read() as session:
            return [
                Cover(
                    row.id,
                    Person(row.account_id, name),
                    Person(row.cover_id, cover_name),
                    row.starts_on,
                    row.ends_on,
                )
                for row, name, cover_name in await session.execute(query)
            ]

    async def add_cover(
        self, account_id: str, cover_id: str, starts_on: date, ends_on: date, at_ms: int, notice: Notice
    ) -> bool:
        """False when the officer has cover on one of these days already."""
        meets = (
            (OfficerCoverRow.account_id == account_id)
            & (OfficerCoverRow.starts_on <= ends_on)
            & (OfficerCoverRow.ends_on >= starts_on)
        )
        async with self._database.write() as session:
            # whoever else writes for this officer waits here
            await session.execute(select(AccountRow.id).where(AccountRow.id == account_id).with_for_update())
            if await session.scalar(select(func.count()).select_from(OfficerCoverRow).where(meets)):
                return False
            session.add(
                OfficerCoverRow(
                    id=new_id(at_ms),
                    account_id=account_id,
                    cover_id=cover_id,
                    starts_on=starts_on,
                    ends_on=ends_on,
                    created_at_ms=at_ms,
                )
            )
            await outbox.put(session, notice, at_ms)
        return True

    async def remove_cover(self, cover_id: str) -> None:
        async with self._database.write() as session:
            await session.execute(delete(OfficerCoverRow).where(OfficerCoverRow.id == cover_id))

    # ------------------------------------------------------------ milestones

    async def milestones(self, job_ids: Sequence[str]) -> dict[str, dict[Milestone, MilestoneState]]:
        async with self._database.read() as session:
            return await milestones_in(session, job_ids)

    async def set_milestone(self, job_id: str, state: MilestoneState) -> None:
        key = (JobMilestoneRow.job_id == job_id) & (JobMilestoneRow.milestone == state.milestone)
        async with self._database.write() as session:
            await session.execute(delete(JobMilestoneRow).where(key))
            session.add(
                JobMilestoneRow(
                    job_id=job_id,
                    milestone=state.milestone,
                    planned_on=state.planned_on,
                    done_at_ms=state.done_at_ms,
                    name=state.name,
                )
            )


async def milestones_in(session: AsyncSession, job_ids: Sequence[str]) -> dict[str, dict[Milestone, MilestoneState]]:
    found: dict[str, dict[Milestone, MilestoneState]] = {}
    for row in await session.scalars(select(JobMilestoneRow).where(JobMilestoneRow.job_id.in_(job_ids))):
        milestone = Milestone(row.milestone)
        state = MilestoneState(milestone, row.planned_on, row.done_at_ms, row.name)
        found.setdefault(row.job_id, {})[milestone] = state
    return found


def company_value(row: OrganizationRow, officer: OfficerRow | None, name: str | None, offered: str | None) -> Company:
    if officer is None:
        return Company(row.id, row.name, None, None, 0, 0)
    return Company(
        row.id,
        row.name,
        Person(officer.account_id, name or ""),
        Person(officer.offered_to_id, offered or "") if officer.offered_to_id else None,
        officer.since_ms,
        officer.revision,
    )
