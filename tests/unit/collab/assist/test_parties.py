"""Who has a part in a session: the rule, and the query that lists sessions by it."""

from __future__ import annotations

import pytest

from collab.accounts.models import Member
from collab.assist.job_repository import JobRepository
from collab.assist.machine_repository import MachineRepository
from collab.assist.models import JobState
from collab.assist.parties import may_change_machine, reach_of, session_role
from collab.assist.session_repository import SessionRepository
from collab.assist.values import JobEvent, Machine
from collab.db.engine import Database
from collab.organizations.models import Organization, OrganizationKind
from rooms.core.assist_model import AssistRole
from tests.unit.collab.people import People


class Park:
    """An enterprise with a machine, two installers of whom one has a job on it, a stranger, the park's staff."""

    def __init__(self, database: Database, people: People) -> None:
        self.people = people
        self.machines = MachineRepository(database)
        self.jobs = JobRepository(database)
        self.sessions = SessionRepository(database)
        self.members: dict[str, Member] = {}
        self._at_ms = 5_000

    async def open(self) -> None:
        self.members["staff"] = await self.people.administrator()
        self.works = await self._company("owner", OrganizationKind.ENTERPRISE)
        self.fitters = await self._company("installer", OrganizationKind.INSTALLER)
        await self._company("rival", OrganizationKind.INSTALLER)
        await self._company("stranger", OrganizationKind.ENTERPRISE)
        words = {"make": "Han", "model": "L", "serial": "", "site": ""}
        owner = self.members["owner"].account.id
        self.machine: Machine = await self.machines.add(self.works.id, owner, 1, **words)

    async def _company(self, name: str, kind: OrganizationKind) -> Organization:
        company = await self.people.organizations.add(f"Company of {name}", kind, 1)
        self.members[name] = await self.people.employee(company, name)
        return company

    async def job(self, state: JobState) -> str:
        event = JobEvent("request", state, self.members["owner"].account.id, "Owner", "", 0, 0, 1)
        job = await self.jobs.add("Set up", "", self.machine.id, self.works.id, self.fitters.id, event)
        return job.id

    async def session(self, by: str, role: AssistRole, *, job_id: str = "", machine: bool = False) -> None:
        maker = self.members[by]
        self._at_ms += 1
        meeting = await self.people.meetings.add(
            "Look", maker.account.id, maker.memberships[0].organization.id, False, False, self._at_ms, assist=True
        )
        machine_id = self.machine.id if machine else None
        await self.sessions.add(meeting.id, maker.account.id, role, job_id or None, machine_id, self._at_ms)

    async def roles(self) -> dict[str, list[AssistRole | None]]:
        """Of each, in every session that there is, newest first."""
        every = await self.sessions.listed(reach_of(self.members["staff"]), "", 100)
        return {name: [session_role(reach_of(member), one) for one in every] for name, member in self.members.items()}


@pytest.fixture
async def park(database: Database, people: People) -> Park:
    park = Park(database, people)
    await park.open()
    return park


async def test_the_job_says_who_is_on_site_and_who_the_expert(park: Park) -> None:
    job_id = await park.job(JobState.ACCEPTED)
    await park.session("owner", AssistRole.ON_SITE, job_id=job_id, machine=True)
    assert await park.roles() == {
        "staff": [AssistRole.OBSERVER],
        "owner": [AssistRole.ON_SITE],
        "installer": [AssistRole.EXPERT],
        "rival": [None],
        "stranger": [None],
    }


async def test_without_a_job_installers_with_one_in_hand_are_experts(park: Park) -> None:
    await park.session("owner", AssistRole.ON_SITE, machine=True)
    assert (await park.roles())["installer"] == [None]
    await park.job(JobState.REQUESTED)
    assert (await park.roles())["installer"] == [AssistRole.EXPERT]
    assert (await park.roles())["rival"] == [None]


@pytest.mark.parametrize("state", [JobState.DECLINED, JobState.CANCELLED])
async def test_an_installer_whose_job_is_over_before_it_began_sees_no_machine(park: Park, state: JobState) -> None:
    await park.job(state)
    installer = reach_of(park.members["installer"])
    assert not await park.machines.sees(installer, park.machine.id)
    assert await park.machines.listed(installer, "", "", 10) == []
    assert not may_change_machine(installer, park.machine)


async def test_the_list_shows_exactly_the_sessions_that_one_has_a_part_in(park: Park) -> None:
    job_id, _ = await park.job(JobState.SCHEDULED), await park.job(JobState.CANCELLED)
    await park.session("owner", AssistRole.ON_SITE, job_id=job_id, machine=True)
    await park.session("owner", AssistRole.OBSERVER, machine=True)
    await park.session("installer", AssistRole.EXPERT)
    await park.session("stranger", AssistRole.ON_SITE)
    await park.session("rival", AssistRole.EXPERT, machine=True)
    await park.session("staff", AssistRole.EXPERT)
    every = await park.sessions.listed(reach_of(park.members["staff"]), "", 100)
    assert len(every) == 6
    for name, member in park.members.items():
        reach = reach_of(member)
        listed = [one.id for one in await park.sessions.listed(reach, "", 100)]
        assert listed == [one.id for one in every if session_role(reach, one) is not None], name
