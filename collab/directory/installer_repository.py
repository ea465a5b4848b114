"""Certificates, crews and their calendars in SQL.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from collab.assist.models import JobRow, JobState
from collab.clock import new_id
from collab.db.engine import Database
from collab.organizations.models import OrganizationRow

from .dates import day_of
from .matching import Candidate, Certified, Days
from .models import CertificateRow, CrewBusyRow, CrewRow, CrewTagRow
from .trades import CrewStatus, Language, Trade
from .values import Busy, Certificate, Crew, Named

CALLED_OFF: Final = (JobState.DECLINED, JobState.CANCELLED)
CREWS_MAX: Final = 2_000  # of a park; those that are looked at for one need


class TagKind:
    """Names of the kinds of tags."""

    TRADE: Final = "trade"
    REGION: Final = "region"
    LANGUAGE: Final = "language"


class InstallerRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------ certificates

    async def certificates(self, organization_id: str) -> list[Certificate]:
        """Those that end last come first."""
        query = select(CertificateRow).where(CertificateRow.organization_id == organization_id)
        async with self._database.read() as session:
            rows = await session.scalars(query.order_by(CertificateRow.valid_until.desc(), CertificateRow.id))
            return [certificate_value(row) for row in rows]

    async def certificate(self, certificate_id: str) -> Certificate | None:
        async with self._database.read() as session:
            row = await session.get(CertificateRow, certificate_id)
        return certificate_value(row) if row else None

    async def add_certificate(self, organization_id: str, values: Mapping[str, object], at_ms: int) -> Certificate:
        row = CertificateRow(
            id=new_id(at_ms),
            organization_id=organization_id,
            file_sha256=None,
            file_name="",
            created_at_ms=at_ms,
            changed_at_ms=at_ms,
            **values,
        )
        async with self._database.write() as session:
            session.add(row)
        return certificate_value(row)

    async def change_certificate(self, certificate_id: str, values: Mapping[str, object], at_ms: int) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(CertificateRow).where(CertificateRow.id == certificate_id).values(changed_at_ms=at_ms, **values)
            )

    async def remove_certificate(self, certificate_id: str) -> None:
        async with self._database.write() as session:
            await session.execute(delete(CertificateRow).where(CertificateRow.id == certificate_id))

    async def ending(self, first: date, last: date, after: str, limit: int) -> list[Certificate]:
        """By id, whose last day is one of these and that no later one of the same trade takes over from."""
        later = aliased(CertificateRow)
        renewed = (
            select(later.id)
            .where(
                later.organization_id == CertificateRow.organization_id,
                later.trade == CertificateRow.trade,
                later.valid_until > CertificateRow.valid_until,
            )
            .exists()
        )
        query = select(CertificateRow).where(CertificateRow.valid_until.between(first, last), ~renewed)
        async with self._database.read() as session:
            rows = await session.scalars(
                query.where(CertificateRow.id > after).order_by(CertificateRow.id).limit(limit)
            )
            return [certificate_value(row) for row in rows]

    # ------------------------------------------------------------ crews

    async def crews(
        self,
        today: date,
        *,
        organization_id: str = "",
        crew_ids: Sequence[str] | None = None,
        until: date | None = None,
    ) -> list[Crew]:
        """By organization and name, with the calendar from `today` (to `until`) on and the jobs they have done.

        Four queries, however many crews."""
        conditions: list[ColumnElement[bool]] = [CrewRow.retired_at_ms == 0]
        if organization_id:
            conditions.append(CrewRow.organization_id == organization_id)
        if crew_ids is not None:
            conditions.append(CrewRow.id.in_(crew_ids))
        query = (
            select(CrewRow, OrganizationRow.name)
            .join(OrganizationRow, OrganizationRow.id == CrewRow.organization_id)
            .where(*conditions)
            .order_by(OrganizationRow.name, CrewRow.name, CrewRow.id)
            .limit(CREWS_MAX)
        )
        async with self._database.read() as session:
            rows = (await session.execute(query)).all()
            ids = [row.id for row, _ in rows]
            tags: dict[str, dict[str, set[str]]] = {}
            for crew_id, kind, value in await session.execute(
                select(CrewTagRow.crew_id, CrewTagRow.kind, CrewTagRow.value).where(CrewTagRow.crew_id.in_(ids))
            ):
                tags.setdefault(crew_id, {}).setdefault(kind, set()).add(value)
            busy: dict[str, list[Busy]] = {}
            for one in await busy_in(session, CrewBusyRow.crew_id.in_(ids), today, until):
                busy.setdefault(one.crew_id, []).append(one)
            done = await session.execute(
                select(CrewBusyRow.crew_id, func.count())
                .join(JobRow, JobRow.id == CrewBusyRow.job_id)
                .where(CrewBusyRow.crew_id.in_(ids), JobRow.state == JobState.SIGNED_OFF)
                .group_by(CrewBusyRow.crew_id)
            )
            past = {row[0]: row[1] for row in done}
        return [_crew(row, name, tags.get(row.id, {}), busy.get(row.id, []), past.get(row.id, 0)) for row, name in rows]

    async def crew_owner(self, crew_id: str) -> str | None:
        """The organization of a crew that there is."""
        async with self._database.read() as session:
            return await session.scalar(
                select(CrewRow.organization_id).where(CrewRow.id == crew_id, CrewRow.retired_at_ms == 0)
            )

    async def count_crews(self, organization_id: str) -> int:
        mine = (CrewRow.organization_id == organization_id) & (CrewRow.retired_at_ms == 0)
        async with self._database.read() as session:
            return await session.scalar(select(func.count()).select_from(CrewRow).where(mine)) or 0

    async def add_crew(
        self, organization_id: str, values: Mapping[str, object], tags: Mapping[str, Sequence[str]], at_ms: int
    ) -> str:
        row = CrewRow(
            id=new_id(at_ms),
            organization_id=organization_id,
            status_at_ms=at_ms,
            created_at_ms=at_ms,
            retired_at_ms=0,
            **values,
        )
        async with self._database.write() as session:
            session.add(row)
            await session.flush()
            await _set_tags(session, row.id, tags)
        return row.id

    async def change_crew(
        self, crew_id: str, values: Mapping[str, object], tags: Mapping[str, Sequence[str]], at_ms: int
    ) -> None:
        """Kinds of tags that are not named stay."""
        told = {"status_at_ms": at_ms} if "status" in values else {}
        async with self._database.write() as session:
            if values:
                await session.execute(update(CrewRow).where(CrewRow.id == crew_id).values(**values, **told))
            await _set_tags(session, crew_id, tags)

    async def retire_crew(self, crew_id: str, at_ms: int) -> None:
        """Its past stays."""
        async with self._database.write() as session:
            await session.execute(update(CrewRow).where(CrewRow.id == crew_id).values(retired_at_ms=at_ms))

    async def count_busy(self, crew_id: str, today: date) -> int:
        ahead = (CrewBusyRow.crew_id == crew_id) & (CrewBusyRow.ends_on >= today)
        async with self._database.read() as session:
            return await session.scalar(select(func.count()).select_from(CrewBusyRow).where(ahead)) or 0

    async def add_busy(self, crew_id: str, days: Days, note: str, at_ms: int) -> None:
        async with self._database.write() as session:
            session.add(busy_row(crew_id, days, note, None, at_ms))

    async def remove_busy(self, crew_id: str, busy_id: str) -> bool:
        """Not those of jobs: they go with the job."""
        mine = (CrewBusyRow.id == busy_id) & (CrewBusyRow.crew_id == crew_id) & (CrewBusyRow.job_id.is_(None))
        async with self._database.write() as session:
            return bool((await session.scalars(delete(CrewBusyRow).where(mine).returning(CrewBusyRow.id))).all())

    # ------------------------------------------------------------ candidates

    async def candidates(self, first: date, last: date) -> tuple[list[Crew], list[Candidate]]:
        """All crews, with what they are judged by for days within these.  Five queries."""
        crews = await self.crews(first, until=last)
        held: dict[str, list[Certified]] = {}
        async with self._database.read() as session:
            rows = await session.execute(
                select(
                    CertificateRow.organization_id,
                    CertificateRow.trade,
                    CertificateRow.valid_from,
                    CertificateRow.valid_until,
                ).where(CertificateRow.organization_id.in_({one.organization.id for one in crews}))
            )
            for organization_id, trade, since, until in rows:
                held.setdefault(organization_id, []).append(Certified(Trade(trade), Days(since, until)))
        return crews, [candidate_of(one, held.get(one.organization.id, ())) for one in crews]


def candidate_of(crew: Crew, certificates: Sequence[Certified]) -> Candidate:
    return Candidate(
        id=crew.id,
        size=crew.size,
        region=crew.region,
        goes_to=crew.goes_to,
        trades=crew.trades,
        languages=crew.languages,
        certificates=tuple(certificates),
        busy=tuple(one.days for one in crew.busy),
        status=crew.status,
        past_jobs=crew.past_jobs,
    )


async def busy_in(
    session: AsyncSession, which: ColumnElement[bool], today: date, until: date | None = None
) -> list[Busy]:
    """From `today` on, in order.  A job's days are those it is set for now; none when it was called off."""
    query = (
        select(CrewBusyRow, JobRow.starts_at_ms, JobRow.ends_at_ms)
        .outerjoin(JobRow, JobRow.id == CrewBusyRow.job_id)
        .where(which, or_(CrewBusyRow.job_id.is_(None), JobRow.state.not_in(CALLED_OFF)))
        # a job may have moved: its days are looked at below
        .where(or_(CrewBusyRow.ends_on >= today, CrewBusyRow.job_id.is_not(None)))
        .order_by(CrewBusyRow.starts_on, CrewBusyRow.id)
    )
    found = []
    for row, starts_at_ms, ends_at_ms in await session.execute(query):
        days = Days(row.starts_on, row.ends_on)
        if row.job_id and starts_at_ms:
            days = Days(day_of(starts_at_ms), day_of(ends_at_ms))
        if days.last >= today and (until is None or days.first <= until):
            found.append(Busy(row.id, row.crew_id, days, row.note, row.job_id))
    return found


def busy_row(crew_id: str, days: Days, note: str, job_id: str | None, at_ms: int) -> CrewBusyRow:
    return CrewBusyRow(
        id=new_id(at_ms),
        crew_id=crew_id,
        starts_on=days.first,
        ends_on=days.last,
        note=note,
        job_id=job_id,
        created_at_ms=at_ms,
    )


async def _set_tags(session: AsyncSession, crew_id: str, tags: Mapping[str, Sequence[str]]) -> None:
    for kind, values in tags.items():
        await session.execute(delete(CrewTagRow).where(and_(CrewTagRow.crew_id == crew_id, CrewTagRow.kind == kind)))
        if rows := [{"crew_id": crew_id, "kind": kind, "value": value} for value in dict.fromkeys(values)]:
            await session.execute(insert(CrewTagRow), rows)


def _crew(row: CrewRow, name: str, tags: Mapping[str, set[str]], busy: Sequence[Busy], past_jobs: int) -> Crew:
    trades, languages = tags.get(TagKind.TRADE, set()), tags.get(TagKind.LANGUAGE, set())
    return Crew(
        id=row.id,
        organization=Named(row.organization_id, name),
        name=row.name,
        size=row.size,
        region=row.region,
        status=CrewStatus(row.status),
        status_note=row.status_note,
        status_at_ms=row.status_at_ms,
        trades=tuple(one for one in Trade if one in trades),
        goes_to=tuple(sorted(tags.get(TagKind.REGION, ()))),
        languages=tuple(one for one in Language if one in languages),
        busy=tuple(busy),
        past_jobs=past_jobs,
    )


def certificate_value(row: CertificateRow) -> Certificate:
    return Certificate(
        id=row.id,
        organization_id=row.organization_id,
        trade=Trade(row.trade),
        title=row.title,
        number=row.number,
        issuer=row.issuer,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        file_sha256=row.file_sha256,
        file_name=row.file_name,
    )
