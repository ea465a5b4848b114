"""Policies on both databases: who sees and writes them, what they come to, whom they reach, what is begun from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from collab.accounts.models import Member, MemberRole
from collab.db.engine import Database
from collab.directory.dates import begins_ms
from collab.directory.organization_repository import DirectoryRepository
from collab.directory.trades import Headcount, Industry
from collab.directory.values import Profile
from collab.files.store import Files, open_store
from collab.notices.models import NoticeRow
from collab.organizations.models import OrganizationKind
from collab.policies.repository import PolicyRepository
from collab.policies.rules import Clause, Field, Met, Op, ProfileCondition, Rules
from collab.policies.service import PolicyService
from collab.policies.states import PolicyAction, PolicyState
from collab.policies.values import Beginning, Content
from collab.problems import FieldFault, Refusal
from collab.requests.engine import RequestEngine
from collab.requests.service import Wish
from collab.requests.states import Action, State
from collab.requests.words import Words
from rooms.core.codes import Code
from tests.support.databases import QueryCount
from tests.unit.collab.people import People
from tests.unit.collab.requests.conftest import QUESTION, NoLimits, packed

TODAY = date(2026, 12, 1)
YOUNG_LASER = Rules(
    (
        Clause((ProfileCondition(Field.INDUSTRY, Op.IS, ("laser", "optics")),)),
        Clause(
            (ProfileCondition(Field.AGE, Op.AT_MOST, ("5",)), ProfileCondition(Field.HEADCOUNT, Op.AT_MOST, ("small",)))
        ),
    )
)
SUBSIDY = Content(
    title=Words("激光企业设备补贴", "Subsidy for laser machines"),
    summary=Words("购置设备补贴三成。", "Three tenths of what a machine costs."),
    source="Park",
    number="2026-12",
    apply_from=TODAY,
    apply_until=TODAY + timedelta(days=30),
    request_type="subsidy_application",
    rules=YOUNG_LASER,
)


@dataclass
class World:
    database: Database
    policies: PolicyService
    requests: RequestEngine
    officer: Member  # of the park
    clerk: Member  # of the park, neither officer nor administrator
    boss: Member  # administers a laser company
    hand: Member  # of the same
    robots: Member  # administers a company of robots
    silent: Member  # administers a company that has said nothing
    nudges: list[int]
    now_ms: int

    async def published(self, content: Content = SUBSIDY) -> str:
        policy_id = await self.policies.add(self.officer, content)
        await self.policies.move(self.officer, policy_id, PolicyAction.PUBLISH)
        return policy_id

    async def told(self) -> dict[str, int]:
        """Notices of policies, by account."""
        async with self.database.read() as session:
            rows = await session.scalars(select(NoticeRow).where(NoticeRow.kind == "policy_published"))
            counts: dict[str, int] = {}
            for row in rows:
                counts[row.account_id] = counts.get(row.account_id, 0) + 1
            return counts


@pytest.fixture
async def world(database: Database, people: People, tmp_path: Path) -> World:
    chief = await people.administrator("Lin")
    park = chief.memberships[0].organization
    laser, robots = await people.organization("Laser Works"), await people.organization("Robots")
    silent = await people.organizations.add("Silent", OrganizationKind.INSTITUTION, 1)
    pages = DirectoryRepository(database)
    said = Profile(industry=Industry.LASER, headcount=Headcount.LARGE, founded_on=date(2023, 5, 1), region="HB")
    await pages.set_profile(laser.id, said, [], 0)
    await pages.set_profile(robots.id, replace(said, industry=Industry.ROBOTICS), [], 0)
    nudges: list[int] = []
    files = Files(open_store("", tmp_path / "files"), database)
    requests = RequestEngine(database, people.accounts, files, NoLimits(), clock_ms=lambda: made.now_ms)
    await requests.types.ship()
    made = World(
        database=database,
        policies=PolicyService(
            PolicyRepository(database),
            requests.service,
            requests.filing,
            requests.types,
            NoLimits(),
            lambda: nudges.append(1),
            lambda: made.now_ms,
        ),
        requests=requests,
        officer=await people.employee(park, "Chen", MemberRole.OFFICER),
        clerk=await people.employee(park, "Xu"),
        boss=await people.employee(laser, "Sun", MemberRole.ADMINISTRATOR),
        hand=await people.employee(laser, "Zhou"),
        robots=await people.employee(robots, "Qian", MemberRole.ADMINISTRATOR),
        silent=await people.employee(silent, "Feng", MemberRole.ADMINISTRATOR),
        nudges=nudges,
        now_ms=begins_ms(TODAY),
    )
    return made


async def refused(code: Code, deed: object) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        await deed  # type: ignore[misc]
    assert refusal.value.code is code
    return refusal.value


async def test_a_draft_is_the_officers_until_it_is_published(world: World) -> None:
    policies = world.policies
    for who in (world.clerk, world.boss):
        await refused(Code.FORBIDDEN, policies.add(who, SUBSIDY))
    policy_id = await policies.add(world.officer, SUBSIDY)
    for who in (world.clerk, world.boss):
        await refused(Code.NOT_FOUND, policies.seen(who, policy_id))
        await refused(Code.NOT_FOUND, policies.move(who, policy_id, PolicyAction.PUBLISH))
        assert await policies.listed(who, state=PolicyState.DRAFT) == ([], False)
    assert len((await policies.listed(world.officer, state=PolicyState.DRAFT))[0]) == 1
    await policies.move(world.officer, policy_id, PolicyAction.PUBLISH)
    assert not (await policies.seen(world.boss, policy_id)).may_write
    for who in (world.clerk, world.boss):
        await refused(Code.FORBIDDEN, policies.write(who, policy_id, SUBSIDY, 2))
        await refused(Code.FORBIDDEN, policies.move(who, policy_id, PolicyAction.WITHDRAW))
        await refused(Code.FORBIDDEN, policies.companies(who, policy_id))
    await refused(Code.WRONG_STATE, policies.move(world.officer, policy_id, PolicyAction.PUBLISH))
    await policies.move(world.officer, policy_id, PolicyAction.WITHDRAW)
    await refused(Code.NOT_FOUND, policies.seen(world.boss, policy_id))
    assert (await policies.listed(world.boss))[0] == []


async def test_each_company_sees_whether_it_may_apply(world: World) -> None:
    policy_id = await world.published()
    for who, met in ((world.boss, Met.YES), (world.robots, Met.NO), (world.silent, Met.UNKNOWN)):
        seen = await world.policies.seen(who, policy_id)
        assert seen.judged.met is met
        assert [one.company.id for one in seen.judged.verdicts] == list(who.organization_ids)
        mine, _ = await world.policies.listed(who, mine=True)
        assert len(mine) == (met is not Met.NO)
    assert (await world.policies.seen(world.officer, policy_id)).judged.verdicts == ()
    verdicts = await world.policies.companies(world.officer, policy_id)
    assert [(one.company.name, one.judgement.met) for one in verdicts] == [
        ("Laser Works", Met.YES),
        ("Robots", Met.NO),
        ("Silent", Met.UNKNOWN),
    ]


async def test_publishing_tells_those_who_lead_companies_that_may_apply_once(world: World) -> None:
    policy_id = await world.published()
    assert await world.told() == {world.boss.account.id: 1}
    assert world.nudges
    wider = Rules((Clause((ProfileCondition(Field.INDUSTRY, Op.IS, ("laser", "robotics")),)),))
    await world.policies.write(world.officer, policy_id, replace(SUBSIDY, rules=wider), 2)
    assert await world.told() == {world.boss.account.id: 1, world.robots.account.id: 1}
    await world.policies.move(world.officer, policy_id, PolicyAction.WITHDRAW)
    await world.policies.move(world.officer, policy_id, PolicyAction.PUBLISH)
    assert await world.told() == {world.boss.account.id: 1, world.robots.account.id: 1}


async def test_nobody_is_told_of_what_is_over(world: World) -> None:
    yesterday = TODAY - timedelta(days=1)
    await world.published(replace(SUBSIDY, apply_from=None, apply_until=yesterday))
    assert await world.told() == {}
    assert (await world.policies.listed(world.boss, open_only=True))[0] == []
    assert len((await world.policies.listed(world.boss))[0]) == 1


async def test_what_is_missing_or_wrong_is_named(world: World) -> None:
    policies, officer = world.policies, world.officer
    refusal = await refused(Code.INVALID, policies.add(officer, replace(SUBSIDY, request_type="nothing_known")))
    assert refusal.fields == {"request_type": FieldFault.INVALID}
    early = replace(SUBSIDY, apply_until=TODAY - timedelta(days=1))
    assert (await refused(Code.INVALID, policies.add(officer, early))).fields == {"apply_until": FieldFault.INVALID}
    nonsense = Rules((Clause((ProfileCondition(Field.AGE, Op.IS, ("young",)),)),))
    refusal = await refused(Code.INVALID, policies.add(officer, replace(SUBSIDY, rules=nonsense)))
    assert refusal.fields == {"rules.0.0": FieldFault.INVALID}
    half = await policies.add(officer, replace(SUBSIDY, summary=Words("只有中文", "")))
    refusal = await refused(Code.INVALID, policies.move(officer, half, PolicyAction.PUBLISH))
    assert refusal.fields == {"summary": FieldFault.REQUIRED}
    await policies.write(officer, half, SUBSIDY, 1)
    await refused(Code.CONFLICT, policies.write(officer, half, SUBSIDY, 1))


async def test_an_application_is_one_step_away(world: World) -> None:
    policy_id = await world.published()
    begun = await world.policies.begin(world.hand, policy_id, Beginning.APPLICATION, "key-00000001")
    assert await world.policies.begin(world.hand, policy_id, Beginning.APPLICATION, "key-00000001") == begun
    draft = await world.requests.service.seen(world.hand, begun)
    assert (draft.request.state, draft.version.key) == (State.DRAFT, "subsidy_application")
    assert draft.request.title == "Subsidy for laser machines"
    await refused(Code.CONFLICT, world.policies.begin(world.hand, policy_id, Beginning.QUESTION, "key-00000001"))
    assert [one.id for one in (await world.policies.seen(world.hand, policy_id)).begun] == [begun]
    assert (await world.policies.seen(world.boss, policy_id)).begun == ()  # another's draft
    world.now_ms = begins_ms(TODAY + timedelta(days=31))
    late = world.policies.begin(world.hand, policy_id, Beginning.APPLICATION, "key-00000002")
    await refused(Code.WRONG_STATE, late)
    await world.policies.begin(world.hand, policy_id, Beginning.QUESTION, "key-00000003")


async def test_a_question_names_the_policy_and_comes_back_to_it(world: World) -> None:
    policy_id = await world.published(replace(SUBSIDY, request_type=""))
    nothing = world.policies.begin(world.boss, policy_id, Beginning.APPLICATION, "key-00000001")
    await refused(Code.WRONG_STATE, nothing)
    begun = await world.policies.begin(world.boss, policy_id, Beginning.QUESTION, "key-00000002")
    draft = await world.requests.service.seen(world.boss, begun)
    content = await world.requests.requests.answers(begun)
    assert bytes(content["policy"]).decode() == '"Subsidy for laser machines · 2026-12"'
    answers = {**content, **packed(QUESTION)}
    await world.requests.filing.change_draft(world.boss, begun, draft.request.title, answers)
    await world.requests.service.move(world.boss, begun, Wish(action=Action.SUBMIT))
    for who in (world.boss, world.hand, world.officer):
        (seen,) = (await world.policies.seen(who, policy_id)).begun
        assert (seen.id, seen.kind, seen.state) == (begun, Beginning.QUESTION, State.SUBMITTED)
    assert (await world.policies.seen(world.robots, policy_id)).begun == ()


async def test_lists_take_the_same_few_queries_however_many_there_are(world: World, queries: QueryCount) -> None:
    counts = []
    for number in range(1, 4):
        for _ in range(number):
            await world.published()
        queries.reset()
        found, more = await world.policies.listed(world.boss, limit=3)
        counts.append(len(queries.statements))
        assert (len(found), more) == ((1, False), (3, False), (3, True))[number - 1]
    assert counts == [2, 2, 2]
    queries.reset()
    await world.policies.seen(world.boss, found[0].policy.id)
    assert len(queries.statements) <= 4
    queries.reset()
    await world.policies.companies(world.officer, found[0].policy.id)
    assert len(queries.statements) == 2


async def test_pages_and_searches(world: World) -> None:
    for number in range(5):
        title = Words(f"政策 {number}", f"Policy {number}")
        await world.published(replace(SUBSIDY, title=title, rules=YOUNG_LASER if number % 2 else Rules()))
    first, more = await world.policies.listed(world.robots, mine=True, limit=2)
    assert ([one.policy.content.title.en for one in first], more) == (["Policy 4", "Policy 2"], True)
    rest, more = await world.policies.listed(world.robots, mine=True, limit=2, before=first[-1].policy.id)
    assert ([one.policy.content.title.en for one in rest], more) == (["Policy 0"], False)
    found, _ = await world.policies.listed(world.boss, search="policy 3")
    assert [one.policy.content.title.zh for one in found] == ["政策 3"]
