"""Service officers: named, handed over, covered for; and what their board says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from collab.accounts.models import Member, MemberRole
from collab.assist.job_repository import JobRepository
from collab.assist.jobs import JobService
from collab.assist.machine_repository import MachineRepository
from collab.assist.machines import MachineService
from collab.assist.models import JobState
from collab.assist.values import JobEvent
from collab.db.engine import Database
from collab.officers.engine import officers_of
from collab.officers.milestones import job_is_late, whole
from collab.officers.models import Milestone, OfficerAction
from collab.officers.repository import OfficersInSql
from collab.officers.service import OfficerService
from collab.officers.values import ContactKind, Late, MilestoneState
from collab.organizations.models import Organization, OrganizationKind
from collab.requests.states import Action
from rooms.core.codes import Code
from tests.support.databases import QueryCount
from tests.unit.collab.directory.test_needs import refused
from tests.unit.collab.requests.conftest import QUESTION, Desk, NoLimits, desk

__all__ = ["desk"]

DAY_MS = 86_400_000


@dataclass
class Office:
    desk: Desk
    database: Database
    officers: OfficerService
    in_sql: OfficersInSql
    second: Member  # officer of the park, too
    installer: Organization

    async def job(self, state: JobState, starts_at_ms: int, ends_at_ms: int) -> str:
        machines = MachineRepository(self.database)
        company, by = self.desk.company.id, self.desk.requester.account.id
        machine = await machines.add(company, by, self.desk.now_ms, make="Han", model="L", serial="", site="")
        event = JobEvent("request", state, by, "Zhou", "", starts_at_ms, ends_at_ms, self.desk.now_ms)
        added = await JobRepository(self.database).add("Set up", "", machine.id, company, self.installer.id, event)
        return added.id


@pytest.fixture
async def office(desk: Desk, database: Database) -> Office:
    organizations = desk.people.organizations
    machines = MachineService(MachineRepository(database), organizations, NoLimits())
    jobs = JobService(JobRepository(database), machines, organizations, NoLimits())
    park = desk.chief.memberships[0].organization
    return Office(
        desk=desk,
        database=database,
        officers=officers_of(
            database,
            desk.people.accounts,
            jobs,
            desk.engine.service.reach,
            lambda: None,
            lambda: desk.now_ms,
        ),
        in_sql=OfficersInSql(database, lambda: desk.now_ms),
        second=await desk.people.employee(park, "Liu", MemberRole.OFFICER),
        installer=await organizations.add("Fitters", OrganizationKind.INSTALLER, 1),
    )


async def test_a_company_is_handed_over_when_it_is_accepted(office: Office) -> None:
    officers, company = office.officers, office.desk.company.id
    chief, one, two = office.desk.chief, office.desk.officer, office.second
    assert await office.in_sql.officer_of(company) is None
    assert await refused(officers.name(one, company, one.account.id, "")) is Code.FORBIDDEN
    await officers.name(chief, company, one.account.id, "")
    assert await refused(officers.move(two, company, OfficerAction.OFFERED, two.account.id, "")) is Code.FORBIDDEN
    await officers.move(one, company, OfficerAction.OFFERED, two.account.id, "On leave from May")
    assert await office.in_sql.officer_of(company) == one.account.id  # until it is accepted
    assert await refused(officers.move(one, company, OfficerAction.ACCEPTED, "", "")) is Code.FORBIDDEN
    assert [each.id for each in (await officers.board(two, "")).offers] == [company]
    await officers.move(two, company, OfficerAction.ACCEPTED, "", "")
    assert await office.in_sql.officer_of(company) == two.account.id
    _, events = await officers.company(one, company)
    assert [(each.number, each.action) for each in events] == [
        (1, OfficerAction.NAMED),
        (2, OfficerAction.OFFERED),
        (3, OfficerAction.ACCEPTED),
    ]


async def test_of_two_changes_at_once_one_counts(office: Office) -> None:
    officers, company = office.officers, office.desk.company.id
    await officers.name(office.desk.chief, company, office.desk.officer.account.id, "")
    await officers.move(office.desk.officer, company, OfficerAction.OFFERED, office.second.account.id, "")

    async def tried(by: Member, action: OfficerAction) -> bool:
        return not isinstance(
            (await asyncio.gather(officers.move(by, company, action, "", ""), return_exceptions=True))[0],
            BaseException,
        )

    ends = await asyncio.gather(
        tried(office.second, OfficerAction.ACCEPTED), tried(office.desk.officer, OfficerAction.WITHDRAWN)
    )
    assert sorted(ends) == [False, True]
    _, events = await officers.company(office.desk.chief, company)
    assert [each.number for each in events] == [1, 2, 3]


async def test_who_stands_in_is_asked_first_on_these_days_only(office: Office) -> None:
    officers, company = office.officers, office.desk.company.id
    one, two = office.desk.officer, office.second
    await officers.name(office.desk.chief, company, one.account.id, "")
    first = date(2026, 11, 25)
    await officers.cover(one, one.account.id, two.account.id, first, first + timedelta(days=2))
    assert await refused(officers.cover(one, one.account.id, two.account.id, first, first)) is Code.CONFLICT
    assert await refused(officers.cover(two, one.account.id, two.account.id, first, first)) is Code.FORBIDDEN
    for day, acting in ((24, one), (25, two), (27, two), (28, one)):
        office.desk.at(f"2026-11-{day} 00:10")
        assert await office.in_sql.officer_of(company) == acting.account.id
    office.desk.at("2026-11-26 10:00")
    (line,) = (await officers.board(two, "")).lines
    assert (line.company.id, line.covered_for) == (company, "Chen")
    (cover,) = await officers.covers(two)
    assert await refused(officers.uncover(two, cover.id)) is Code.NOT_FOUND
    await officers.uncover(one, cover.id)
    assert await office.in_sql.officer_of(company) == one.account.id


async def test_the_board_says_what_is_late(office: Office, queries: QueryCount) -> None:
    desk, officers = office.desk, office.officers
    await officers.name(desk.chief, desk.company.id, desk.officer.account.id, "")
    filed = await desk.file("policy_question", QUESTION)
    filed = await desk.move(desk.officer, filed, Action.TAKE)
    job_id = await office.job(JobState.SCHEDULED, desk.now_ms, desk.now_ms + 9 * DAY_MS)
    yesterday = date(2026, 11, 22)
    await officers.set_milestone(desk.officer, job_id, Milestone.ARRIVED, yesterday, done=False)
    queries.reset()
    (line,) = (await officers.board(desk.officer, "")).lines
    assert len(queries.statements) <= 11
    assert (line.open_requests, line.late_requests, line.last_contact) == (1, 0, None)
    assert line.late == (Late.MILESTONE,)
    done = await officers.set_milestone(desk.officer, job_id, Milestone.ARRIVED, yesterday, done=True)
    assert [bool(each.done_at_ms) for each in done] == [True, False, False]
    assert (await officers.board(desk.officer, "")).lines[0].late == ()
    comment = desk.engine.papers.comment(desk.officer, filed.request.id, "comment-1", "Soon", internal=False)
    await comment
    (line,) = (await officers.board(desk.officer, "")).lines
    assert line.last_contact is not None
    assert line.last_contact.kind is ContactKind.COMMENT
    desk.now_ms += 40 * DAY_MS
    (line,) = (await officers.board(desk.officer, "")).lines
    assert set(line.late) == {Late.REQUESTS, Late.JOB, Late.CONTACT}


async def test_boards_are_the_staffs_own(office: Office) -> None:
    officers, desk = office.officers, office.desk
    assert await refused(officers.board(desk.requester, "")) is Code.FORBIDDEN
    assert await refused(officers.board(office.second, desk.officer.account.id)) is Code.FORBIDDEN
    assert (await officers.board(desk.chief, desk.officer.account.id)).lines == ()
    assert await refused(officers.companies(desk.requester, "", "", 10)) is Code.FORBIDDEN
    job_id = await office.job(JobState.IN_PROGRESS, 0, 0)
    stranger = await desk.people.employee(await desk.people.organization("Robots"), "Qian")
    assert await refused(officers.milestones(stranger, job_id)) is Code.NOT_FOUND


async def test_milestones_are_reached_in_their_order(office: Office) -> None:
    officers, by = office.officers, office.desk.requester
    job_id = await office.job(JobState.IN_PROGRESS, 0, 0)
    late = officers.set_milestone(by, job_id, Milestone.INSTALLED, None, done=True)
    assert await refused(late) is Code.WRONG_STATE
    await officers.set_milestone(by, job_id, Milestone.ARRIVED, None, done=True)
    await officers.set_milestone(by, job_id, Milestone.INSTALLED, None, done=True)
    back = officers.set_milestone(by, job_id, Milestone.ARRIVED, None, done=False)
    assert await refused(back) is Code.WRONG_STATE


def test_a_job_is_late_when_it_should_have_begun_or_ended() -> None:
    none = whole({})
    today = date(2026, 11, 23)
    assert not job_is_late(JobState.SCHEDULED, 10 * DAY_MS, 12 * DAY_MS, none, 10 * DAY_MS, today)
    assert job_is_late(JobState.SCHEDULED, 10 * DAY_MS, 20 * DAY_MS, none, 11 * DAY_MS + 1, today)
    assert job_is_late(JobState.IN_PROGRESS, 10 * DAY_MS, 12 * DAY_MS, none, 13 * DAY_MS, today)
    planned = MilestoneState(Milestone.ARRIVED, date(2026, 11, 22), 0, "")
    assert job_is_late(JobState.ACCEPTED, 0, 0, whole({Milestone.ARRIVED: planned}), 0, today)
