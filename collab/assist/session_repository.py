"""Sessions of assistance in SQL.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import AccountRow
from collab.clock import new_id
from collab.db.engine import Database
from collab.meetings.models import MeetingRow
from collab.organizations.models import OrganizationRow
from rooms.core.assist_model import AssistRole
from rooms.core.model import Phase

from .machine_repository import machine_value, machine_visible
from .models import (
    AssistDocumentRow,
    AssistMarkRow,
    AssistSessionRow,
    JobRow,
    KeyframeRow,
    MachineRow,
    OpenItemRow,
)
from .parties import IN_HAND, Reach
from .values import Named, Session

_Found = tuple[AssistSessionRow, MeetingRow, MachineRow | None, str | None, JobRow | None, str | None]

_sessions: Select[AssistSessionRow, MeetingRow, MachineRow | None, str | None, JobRow | None, str | None] = (
    select(AssistSessionRow, MeetingRow, MachineRow, OrganizationRow.name, JobRow, AccountRow.name)
    .join(MeetingRow, MeetingRow.id == AssistSessionRow.meeting_id)
    .outerjoin(MachineRow, MachineRow.id == AssistSessionRow.machine_id)
    .outerjoin(OrganizationRow, OrganizationRow.id == MachineRow.organization_id)
    .outerjoin(JobRow, JobRow.id == AssistSessionRow.job_id)
    .outerjoin(AccountRow, AccountRow.id == AssistSessionRow.created_by)
)


def session_visible(reach: Reach) -> ColumnElement[bool]:
    """The same people as parties.session_role gives a role."""
    mine = reach.organization_ids
    return or_(
        AssistSessionRow.created_by == reach.account_id,
        MeetingRow.organization_id.in_(mine),
        JobRow.enterprise_id.in_(mine),
        JobRow.installer_id.in_(mine),
        and_(AssistSessionRow.job_id.is_(None), machine_visible(reach)),
    )


class SessionRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, meeting_id: str, by: str, maker_role: AssistRole, job_id: str | None, machine_id: str | None, at_ms: int
    ) -> Session:
        row = AssistSessionRow(
            id=new_id(at_ms),
            meeting_id=meeting_id,
            job_id=job_id,
            machine_id=machine_id,
            created_by=by,
            maker_role=maker_role,
            created_at_ms=at_ms,
        )
        async with self._database.write() as session:
            session.add(row)
            await session.flush()
            found = await _values(session, _sessions.where(AssistSessionRow.id == row.id))
        return found[0]

    async def set_machine(self, session_id: str, machine_id: str) -> bool:
        """What was brought so far becomes the machine's, too.  False: it is about one already."""
        async with self._database.write() as session:
            changed = await session.scalars(
                update(AssistSessionRow)
                .where(AssistSessionRow.id == session_id, AssistSessionRow.machine_id.is_(None))
                .values(machine_id=machine_id)
                .returning(AssistSessionRow.id)
            )
            if not changed.all():
                return False
            for table in (AssistDocumentRow, KeyframeRow, AssistMarkRow, OpenItemRow):
                await session.execute(
                    update(table)
                    .where(table.session_id == session_id, table.machine_id.is_(None))
                    .values(machine_id=machine_id)
                )
        return True

    async def get(self, session_id: str) -> Session | None:
        return await self._one(_sessions.where(AssistSessionRow.id == session_id))

    async def of_meeting(self, meeting_id: str) -> Session | None:
        return await self._one(_sessions.where(AssistSessionRow.meeting_id == meeting_id))

    async def by_code(self, code: str) -> Session | None:
        return await self._one(_sessions.where(MeetingRow.code == code, MeetingRow.trashed_at_ms == 0))

    async def listed(
        self,
        reach: Reach,
        before: str,
        limit: int,
        *,
        job_id: str = "",
        machine_id: str = "",
        phase: Phase | None = None,
    ) -> list[Session]:
        """Newest first, those that `reach` has a part in."""
        query = _sessions
        if not reach.park_staff:
            query = query.where(session_visible(reach))
        if job_id:
            query = query.where(AssistSessionRow.job_id == job_id)
        if machine_id:
            query = query.where(AssistSessionRow.machine_id == machine_id)
        if phase is not None:
            query = query.where(MeetingRow.phase == phase)
        if before:
            query = query.where(AssistSessionRow.id < before)
        async with self._database.read() as session:
            return await _values(session, query.order_by(AssistSessionRow.id.desc()).limit(limit))

    async def _one(
        self, query: Select[AssistSessionRow, MeetingRow, MachineRow | None, str | None, JobRow | None, str | None]
    ) -> Session | None:
        async with self._database.read() as session:
            found = await _values(session, query)
        return found[0] if found else None


async def _values(
    session: AsyncSession,
    query: Select[AssistSessionRow, MeetingRow, MachineRow | None, str | None, JobRow | None, str | None],
) -> list[Session]:
    rows: list[_Found] = [(*row,) for row in (await session.execute(query)).all()]
    without_job = [machine.id for _, _, machine, _, job, _ in rows if machine is not None and job is None]
    installers = await _installers(session, without_job)
    return [_value(row, installers) for row in rows]


async def _installers(session: AsyncSession, machine_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    if not machine_ids:
        return {}
    rows = await session.execute(
        select(JobRow.machine_id, JobRow.installer_id)
        .where(JobRow.machine_id.in_(machine_ids), JobRow.state.in_(IN_HAND))
        .distinct()
    )
    found: dict[str, tuple[str, ...]] = {}
    for machine_id, installer_id in rows:
        found[machine_id] = (*found.get(machine_id, ()), installer_id)
    return found


def _value(found: _Found, installers: dict[str, tuple[str, ...]]) -> Session:
    row, meeting, machine, organization_name, job, maker_name = found
    enterprise_id: str | None = None
    installer_ids: tuple[str, ...] = ()
    if job is not None:
        enterprise_id, installer_ids = job.enterprise_id, (job.installer_id,)
    elif machine is not None:
        enterprise_id, installer_ids = machine.organization_id, installers.get(machine.id, ())
    return Session(
        id=row.id,
        meeting_id=meeting.id,
        code=meeting.code,
        title=meeting.title,
        phase=Phase(meeting.phase),
        maker=Named(row.created_by, maker_name or "") if row.created_by else None,
        maker_role=AssistRole(row.maker_role),
        organization_id=meeting.organization_id,
        machine=machine_value(machine, organization_name or "") if machine is not None else None,
        job_id=row.job_id,
        enterprise_id=enterprise_id,
        installer_ids=installer_ids,
        created_at_ms=row.created_at_ms,
        started_at_ms=meeting.started_at_ms,
        ended_at_ms=meeting.ended_at_ms,
    )
