"""Installation jobs in SQL.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from collab.clock import new_id
from collab.db.engine import Database
from collab.organizations.models import OrganizationRow
from collab.webhooks.events import WebhookEvent
from collab.webhooks.outbox import tell

from .machine_repository import machine_value
from .models import JobEventRow, JobRow, JobState, MachineRow
from .parties import Reach
from .values import Job, JobEvent, Named

_owner, _enterprise, _installer = aliased(OrganizationRow), aliased(OrganizationRow), aliased(OrganizationRow)
_jobs: Select[JobRow, MachineRow, str, str, str] = (
    select(JobRow, MachineRow, _owner.name, _enterprise.name, _installer.name)
    .join(MachineRow, MachineRow.id == JobRow.machine_id)
    .join(_owner, _owner.id == MachineRow.organization_id)
    .join(_enterprise, _enterprise.id == JobRow.enterprise_id)
    .join(_installer, _installer.id == JobRow.installer_id)
)


class JobRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, title: str, note: str, machine_id: str, enterprise_id: str, installer_id: str, event: JobEvent
    ) -> Job:
        """`event` is the request itself."""
        async with self._database.write() as session:
            job_id = await add_job(session, title, note, machine_id, enterprise_id, installer_id, (event,))
        added = await self.get(job_id)
        if added is None:
            raise RuntimeError("a job that was just added is not there")
        return added

    async def get(self, job_id: str) -> Job | None:
        async with self._database.read() as session:
            found = (await session.execute(_jobs.where(JobRow.id == job_id))).one_or_none()
        return _value(*found) if found else None

    async def listed(
        self, reach: Reach, before: str, limit: int, *, machine_id: str = "", states: tuple[JobState, ...] = ()
    ) -> list[Job]:
        """Newest first."""
        query = _jobs
        if not reach.park_staff:
            mine = reach.organization_ids
            query = query.where(or_(JobRow.enterprise_id.in_(mine), JobRow.installer_id.in_(mine)))
        if machine_id:
            query = query.where(JobRow.machine_id == machine_id)
        if states:
            query = query.where(JobRow.state.in_(states))
        if before:
            query = query.where(JobRow.id < before)
        async with self._database.read() as session:
            rows = (await session.execute(query.order_by(JobRow.id.desc()).limit(limit))).all()
        return [_value(*row) for row in rows]

    async def move(self, job_id: str, former: JobState, event: JobEvent) -> bool:
        """From `former` to the event's state, unless it is elsewhere meanwhile (False)."""
        async with self._database.write() as session:
            moved = await session.scalars(
                update(JobRow)
                .where(JobRow.id == job_id, JobRow.state == former)
                .values(
                    state=event.state,
                    starts_at_ms=event.starts_at_ms,
                    ends_at_ms=event.ends_at_ms,
                    changed_at_ms=event.at_ms,
                )
                .returning(JobRow.id)
            )
            if not moved.all():
                return False
            session.add(_event_row(job_id, event))
            if event.state is JobState.SIGNED_OFF:
                await _tell_signed_off(session, job_id)
        return True

    async def events(self, job_id: str) -> list[JobEvent]:
        """Oldest first.  A job has a handful, and one more for each new date."""
        async with self._database.read() as session:
            rows = await session.scalars(
                select(JobEventRow).where(JobEventRow.job_id == job_id).order_by(JobEventRow.id)
            )
            return [
                JobEvent(
                    action=row.action,
                    state=JobState(row.state),
                    account_id=row.account_id,
                    name=row.name,
                    note=row.note,
                    starts_at_ms=row.starts_at_ms,
                    ends_at_ms=row.ends_at_ms,
                    at_ms=row.at_ms,
                )
                for row in rows
            ]


async def _tell_signed_off(session: AsyncSession, job_id: str) -> None:
    job = await session.get_one(JobRow, job_id)
    told = {"job_id": job.id, "enterprise_id": job.enterprise_id, "installer_id": job.installer_id}
    concerned = (job.enterprise_id, job.installer_id)
    await tell(session, WebhookEvent.JOB_SIGNED_OFF, f"job.signed_off:{job.id}", concerned, told)


async def add_job(
    session: AsyncSession,
    title: str,
    note: str,
    machine_id: str,
    enterprise_id: str,
    installer_id: str,
    events: Sequence[JobEvent],
) -> str:
    """Its id.  `events`: how it came to be where the last of them led, from the request on."""
    first, last = events[0], events[-1]
    row = JobRow(
        id=new_id(first.at_ms),
        title=title,
        note=note,
        machine_id=machine_id,
        enterprise_id=enterprise_id,
        installer_id=installer_id,
        state=last.state,
        starts_at_ms=last.starts_at_ms,
        ends_at_ms=last.ends_at_ms,
        created_by=first.account_id,
        created_at_ms=first.at_ms,
        changed_at_ms=last.at_ms,
    )
    session.add(row)
    await session.flush()
    session.add_all(_event_row(row.id, event) for event in events)
    return row.id


def _event_row(job_id: str, event: JobEvent) -> JobEventRow:
    return JobEventRow(
        id=new_id(event.at_ms),
        job_id=job_id,
        action=event.action,
        state=event.state,
        account_id=event.account_id,
        name=event.name,
        note=event.note,
        starts_at_ms=event.starts_at_ms,
        ends_at_ms=event.ends_at_ms,
        at_ms=event.at_ms,
    )


def _value(row: JobRow, machine: MachineRow, owner: str, enterprise: str, installer: str) -> Job:
    return Job(
        id=row.id,
        title=row.title,
        note=row.note,
        machine=machine_value(machine, owner),
        enterprise=Named(row.enterprise_id, enterprise),
        installer=Named(row.installer_id, installer),
        state=JobState(row.state),
        starts_at_ms=row.starts_at_ms,
        ends_at_ms=row.ends_at_ms,
        created_at_ms=row.created_at_ms,
        changed_at_ms=row.changed_at_ms,
    )
