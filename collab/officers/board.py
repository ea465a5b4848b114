"""An officer's board in SQL: one transaction, nine queries at most, however many companies."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from collab.accounts.models import MembershipRow
from collab.assist.models import JobRow, JobState
from collab.calls.models import CallRow, CallState
from collab.db.engine import Database
from collab.directory.dates import day_of
from collab.meetings.models import AttendanceRow
from collab.organizations.models import OrganizationKind, OrganizationRow
from collab.requests.models import RequestCommentRow, RequestRow
from collab.requests.parties import Reach
from collab.requests.states import OPEN, RUNNING, State
from collab.requests.visible import worked_on

from .milestones import job_is_late, lateness, most_urgent_first, whole
from .models import OfficerCoverRow, OfficerRow
from .repository import companies_query, company_value, milestones_in
from .values import Board, CompanyLine, ContactKind, JobLine, LastContact

COMPANIES_MAX: Final = 300
JOBS_MAX: Final = 1_000
RUNNING_JOBS: Final = (JobState.REQUESTED, JobState.ACCEPTED, JobState.SCHEDULED, JobState.IN_PROGRESS)
CONTACT_LOOK_MS: Final = 400 * 86_400_000  # what is longer ago than this is none


class BoardRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def board(self, reach: Reach, officer_id: str, now_ms: int) -> Board:
        """The companies of an officer and of those for whom they stand in today, the most urgent first."""
        today = day_of(now_ms)
        async with self._database.read() as session:
            covered = await session.scalars(
                select(OfficerCoverRow.account_id).where(
                    OfficerCoverRow.cover_id == officer_id,
                    OfficerCoverRow.starts_on <= today,
                    OfficerCoverRow.ends_on >= today,
                )
            )
            owners = {officer_id, *covered}
            query = companies_query.where(OfficerRow.account_id.in_(owners)).order_by(OrganizationRow.name)
            companies = [company_value(*row) for row in (await session.execute(query.limit(COMPANIES_MAX))).all()]
            offered = companies_query.where(OfficerRow.offered_to_id == officer_id).order_by(OrganizationRow.name)
            offers = tuple(company_value(*row) for row in (await session.execute(offered.limit(COMPANIES_MAX))).all())
            ids = [one.id for one in companies]
            if not ids:
                return Board((), offers, now_ms)
            requests = await _requests(session, reach, ids, now_ms)
            jobs = await _jobs(session, ids, now_ms, today)
            contacts = await _contacts(session, ids, now_ms - CONTACT_LOOK_MS)
        lines = []
        for one in companies:
            opened, late = requests.get(one.id, (0, 0))
            own, last = tuple(jobs.get(one.id, ())), contacts.get(one.id)
            covered_for = one.officer.name if one.officer and one.officer.id != officer_id else ""
            overdue = lateness(late, own, last, one.since_ms, now_ms, today)
            lines.append(CompanyLine(one, covered_for, opened, late, last, own, overdue))
        return Board(tuple(most_urgent_first(lines)), offers, now_ms)


async def _requests(session: AsyncSession, reach: Reach, ids: Sequence[str], now_ms: int) -> dict[str, tuple[int, int]]:
    """(open, of these late) by company, of what the asking person works on."""
    late = and_(RequestRow.state.in_(RUNNING), RequestRow.due_at_ms > 0, RequestRow.due_at_ms < now_ms)
    rows = await session.execute(
        select(RequestRow.organization_id, func.count(), func.sum(case((late, 1), else_=0)))
        .where(RequestRow.organization_id.in_(ids), RequestRow.state.in_(OPEN), worked_on(reach))
        .group_by(RequestRow.organization_id)
    )
    return {organization_id: (opened, int(overdue or 0)) for organization_id, opened, overdue in rows}


async def _jobs(session: AsyncSession, ids: Sequence[str], now_ms: int, today: date) -> dict[str, list[JobLine]]:
    installer = aliased(OrganizationRow)
    rows = (
        await session.execute(
            select(JobRow, installer.name)
            .join(installer, installer.id == JobRow.installer_id)
            .where(JobRow.enterprise_id.in_(ids), JobRow.state.in_(RUNNING_JOBS))
            .order_by(JobRow.id)
            .limit(JOBS_MAX)
        )
    ).all()
    steps = await milestones_in(session, [row.id for row, _ in rows])
    found: dict[str, list[JobLine]] = {}
    for row, name in rows:
        states, state = whole(steps.get(row.id, {})), JobState(row.state)
        late = job_is_late(state, row.starts_at_ms, row.ends_at_ms, states, now_ms, today)
        line = JobLine(row.id, row.title, name, state, row.starts_at_ms, row.ends_at_ms, states, late)
        found.setdefault(row.enterprise_id, []).append(line)
    return found


async def _contacts(session: AsyncSession, ids: Collection[str], since_ms: int) -> dict[str, LastContact]:
    """The last talk between somebody of the company and somebody of the park, whoever began it."""
    theirs = aliased(MembershipRow)
    queries = (
        (
            ContactKind.CALL,
            select(theirs.organization_id, func.max(CallRow.created_at_ms))
            .join(theirs, or_(theirs.account_id == CallRow.from_id, theirs.account_id == CallRow.to_id))
            .where(
                theirs.organization_id.in_(ids),
                CallRow.state == CallState.ACCEPTED,
                CallRow.created_at_ms > since_ms,
                or_(_staff(CallRow.from_id), _staff(CallRow.to_id)),
            )
            .group_by(theirs.organization_id),
        ),
        (ContactKind.MEETING, _meetings(ids, since_ms)),
        (
            ContactKind.COMMENT,
            select(RequestRow.organization_id, func.max(RequestCommentRow.at_ms))
            .join(RequestCommentRow, RequestCommentRow.request_id == RequestRow.id)
            .where(
                RequestRow.organization_id.in_(ids),
                RequestRow.state != State.DRAFT,
                RequestCommentRow.internal.is_(False),
                RequestCommentRow.at_ms > since_ms,
            )
            .group_by(RequestRow.organization_id),
        ),
    )
    found: dict[str, LastContact] = {}
    for kind, query in queries:
        for organization_id, at_ms in await session.execute(query):
            if organization_id not in found or found[organization_id].at_ms < at_ms:
                found[organization_id] = LastContact(kind, at_ms)
    return found


def _meetings(ids: Collection[str], since_ms: int):  # type: ignore[no-untyped-def]  # noqa: ANN202 -- a Select of two columns
    """Both were in the same room."""
    theirs, other = aliased(MembershipRow), aliased(AttendanceRow)
    return (
        select(theirs.organization_id, func.max(AttendanceRow.joined_at_ms))
        .join(theirs, theirs.account_id == AttendanceRow.identity)
        .join(other, and_(other.meeting_id == AttendanceRow.meeting_id, other.id != AttendanceRow.id))
        .where(theirs.organization_id.in_(ids), AttendanceRow.joined_at_ms > since_ms, _staff(other.identity))
        .group_by(theirs.organization_id)
    )


def _staff(account_id: object) -> ColumnElement[bool]:
    return (
        select(MembershipRow.account_id)
        .join(OrganizationRow, OrganizationRow.id == MembershipRow.organization_id)
        .where(MembershipRow.account_id == account_id, OrganizationRow.kind == OrganizationKind.PARK)
        .exists()
    )
