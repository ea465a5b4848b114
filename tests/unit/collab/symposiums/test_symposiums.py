"""A symposium on both databases: from collected issues to answers that reach those who asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import AccountRow, Member, MemberRole
from collab.db.engine import Database
from collab.directory.dates import begins_ms
from collab.files.store import Files, open_store
from collab.meetings.live import Inside, LivePeople
from collab.meetings.service import MeetingService
from collab.notices.models import NoticeRow
from collab.problems import FieldFault, Refusal
from collab.requests.engine import RequestEngine
from collab.requests.following import Filed, Opened
from collab.requests.service import Wish
from collab.requests.states import Action, State
from collab.symposiums.engine import SymposiumEngine
from collab.symposiums.service import SymposiumService
from collab.symposiums.states import IssueState, SymposiumAction, SymposiumState
from collab.symposiums.values import Area, Issue, Outcome, Planned, Publish, Raised
from rooms.core.assist_model import RecordKind
from rooms.core.codes import Code
from rooms.core.commands import AnyCommand, NoteRecord
from tests.support.databases import QueryCount
from tests.unit.collab.people import People
from tests.unit.collab.requests.conftest import NoLimits

TODAY = date(2026, 12, 1)
HOUR_MS = 3_600_000
DOCK = Raised(title="No loading dock", area=Area.FACILITIES, problem="Lorries wait.", wish="A second dock.")


@dataclass
class HeardRooms:
    """What rooms were told; nobody is in them."""

    told: list[tuple[str, AnyCommand]] = field(default_factory=list)

    async def people(self, room_ids: Sequence[str]) -> Mapping[str, LivePeople]:
        return {}

    async def inside(self, room_id: str) -> Sequence[Inside]:
        return ()

    async def tell(self, room_id: str, command: AnyCommand) -> None:
        self.told.append((room_id, command))


@dataclass
class World:
    database: Database
    people: People
    engine: SymposiumEngine
    symposiums: SymposiumService
    requests: RequestEngine
    rooms: HeardRooms
    officer: Member
    boss: Member  # administers one company
    hand: Member  # of the same
    rival: Member  # administers another
    now_ms: int
    soon: list[int]

    async def collecting(self) -> str:
        return await self.symposiums.add(self.officer, self.planned())

    def planned(self, title: str = "December") -> Planned:
        return Planned(
            title=title,
            note="Bring what slows you down.",
            starts_at_ms=self.now_ms + 48 * HOUR_MS,
            collects_until_ms=self.now_ms + 24 * HOUR_MS,
        )

    async def revision(self, symposium_id: str) -> int:
        return (await self.symposiums.seen(self.officer, symposium_id)).symposium.revision

    async def set_agenda(self, symposium_id: str, *issue_ids: str) -> None:
        await self.symposiums.set_agenda(self.officer, symposium_id, issue_ids, await self.revision(symposium_id))

    async def move(self, symposium_id: str, *actions: SymposiumAction) -> None:
        for action in actions:
            await self.symposiums.move(self.officer, symposium_id, action)

    async def issue(self, by: Member, symposium_id: str, issue_id: str) -> Issue:
        return next(one for one in (await self.symposiums.seen(by, symposium_id)).issues if one.id == issue_id)

    async def told(self, kind: str) -> list[tuple[str, dict[str, str]]]:
        async with self.database.read() as session:
            rows = await session.scalars(select(NoticeRow).where(NoticeRow.kind == kind).order_by(NoticeRow.id))
            return [(row.account_id, row.params) for row in rows]

    async def answer(self, request_id: str, note: str) -> None:
        await self.requests.service.move(self.officer, request_id, Wish(action=Action.ANSWER, note=note))


@pytest.fixture
async def world(database: Database, people: People, tmp_path: Path) -> World:
    chief = await people.administrator("Lin")
    files = Files(open_store("", tmp_path / "files"), database)
    requests = RequestEngine(database, people.accounts, files, NoLimits(), clock_ms=lambda: made.now_ms)
    await requests.types.ship()
    rooms = HeardRooms()
    meetings = MeetingService(people.meetings, rooms, NoLimits(), 24)
    engine = SymposiumEngine(database, people.accounts, requests, lambda: None, lambda: made.now_ms)
    works, soon = await people.organization("Laser Works"), list[int]()
    made = World(
        database,
        people,
        engine,
        engine.service(meetings, rooms, NoLimits(), lambda: soon.append(1)),
        requests,
        rooms,
        await people.employee(chief.memberships[0].organization, "Chen", MemberRole.OFFICER),
        await people.employee(works, "Sun", MemberRole.ADMINISTRATOR),
        await people.employee(works, "Zhou"),
        await people.employee(await people.organization("Robots"), "Qian", MemberRole.ADMINISTRATOR),
        begins_ms(TODAY),
        soon,
    )
    return made


async def refused(code: Code, deed: object) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        await deed  # type: ignore[misc]
    assert refusal.value.code is code
    return refusal.value


async def test_from_collection_to_published_answers(world: World) -> None:
    # given a symposium that those who lead companies were told of, and two issues, one of them with two voices
    service, officer = world.symposiums, world.officer
    symposium_id = await world.collecting()
    bosses = {world.boss.account.id, world.rival.account.id}
    assert {account for account, _ in await world.told("symposium_called")} == bosses
    dock = await service.raise_issue(world.boss, symposium_id, DOCK)
    other = await service.raise_issue(world.rival, symposium_id, replace(DOCK, title="Dust"))
    await service.vote(world.rival, symposium_id, dock, up=True)
    await service.vote(world.rival, symposium_id, dock, up=True)
    seen = await service.seen(world.boss, symposium_id)
    assert [(one.id == dock, one.votes) for one in seen.issues] == [(True, 2), (False, 1)]

    # when one is put on the agenda, talked about and decided
    await world.set_agenda(symposium_id, dock)
    await world.move(symposium_id, SymposiumAction.BEGIN)
    assert {account for account, _ in await world.told("symposium_begun")} == bosses
    live = (await service.seen(officer, symposium_id)).symposium
    assert live.room
    assert await service.in_room(live.meeting_id) == symposium_id
    await service.show(officer, symposium_id, dock, "Sun", live.revision)
    outcome = Outcome(decision="Build it.", owner_id=officer.account.id, due_on=TODAY + timedelta(days=9))
    await service.decide(officer, symposium_id, dock, outcome)
    note = NoteRecord(actor="", kind=RecordKind.SYMPOSIUM, record_id=symposium_id)
    assert world.rooms.told == [(live.meeting_id, note)] * 2
    await world.move(symposium_id, SymposiumAction.CLOSE)
    assert (world.soon, await service.in_room(live.meeting_id)) == ([1], "")

    # then each is one request of whoever raised it, however often the sweep runs, and its owner has it
    assert [await world.engine.afterwards.file_requests() for _ in range(2)] == [2, 0]
    issue = await world.issue(world.boss, symposium_id, dock)
    assert issue.state is IssueState.REQUESTED
    assert issue.request is not None
    request = (await world.requests.service.seen(world.boss, issue.request.id)).request
    assert (request.requester_id, request.state, request.due_at_ms > 0) == (world.boss.account.id, State.TAKEN, True)
    assert request.owner is not None
    assert request.owner.id == officer.account.id
    assert await world.told("symposium_assigned") == [
        (officer.account.id, {"title": DOCK.title, "decision": "Build it."})
    ]
    wish = (await world.requests.requests.answers(request.id))["wish"]
    assert b"Build it." in bytes(wish)
    assert b"A second dock." in bytes(wish)

    # and its answer reaches those who raised and backed it, in the move that gives it
    await world.answer(request.id, "Built in May.")
    assert sorted(await world.told("symposium_answered")) == sorted(
        (one.account.id, {"title": DOCK.title, "answer": "Built in May."}) for one in (world.boss, world.rival)
    )
    shown = await world.issue(world.rival, symposium_id, dock)
    assert (shown.answer, shown.state) == ("Built in May.", IssueState.ANSWERED)
    unheard = await world.issue(world.boss, symposium_id, other)
    assert (unheard.state, unheard.decision) == (IssueState.REQUESTED, "")
    (listed,), _ = await service.listed(world.boss, "", 10)
    assert (listed.issues, listed.answered) == (2, 1)


async def test_an_answer_that_is_given_anew_is_published_anew(world: World) -> None:
    symposium_id = await world.collecting()
    dock = await world.symposiums.raise_issue(world.boss, symposium_id, DOCK)
    await world.move(symposium_id, SymposiumAction.BEGIN, SymposiumAction.CLOSE)
    await world.engine.afterwards.file_requests()
    issue = await world.issue(world.boss, symposium_id, dock)
    assert issue.request is not None
    for note in ("In May.", "In June."):
        await world.requests.service.move(world.officer, issue.request.id, Wish(action=Action.TAKE))
        await world.answer(issue.request.id, note)
        await world.requests.service.move(world.boss, issue.request.id, Wish(action=Action.REOPEN))
    assert (await world.issue(world.rival, symposium_id, dock)).answer == "In June."
    told = [params["answer"] for _, params in await world.told("symposium_answered")]
    assert sorted(told) == ["In June.", "In May."]


async def test_a_sweep_that_was_killed_is_taken_up(world: World) -> None:
    symposium_id = await world.collecting()
    dock = await world.symposiums.raise_issue(world.boss, symposium_id, DOCK)
    await world.move(symposium_id, SymposiumAction.BEGIN, SymposiumAction.CLOSE)
    # what the sweep files, filed and even answered before the issue knew of it
    (issue,) = await world.engine.symposiums.without_request("", 9)
    version = await world.engine.afterwards.issue_type()
    assert version is not None
    draft = await world.requests.filing.file(
        world.boss, version.type_id, title="x", answers={}, client_key=f"sym-{issue.id}"
    )
    assert await world.engine.afterwards.file_requests() == 0  # a draft without answers cannot be submitted
    assert (await world.issue(world.boss, symposium_id, dock)).state is IssueState.UNFILED
    assert draft.request.state is State.DRAFT

    second = await world.collecting()
    dust = await world.symposiums.raise_issue(world.boss, second, DOCK)
    await world.move(second, SymposiumAction.BEGIN, SymposiumAction.CLOSE)
    (issue,) = await world.engine.symposiums.without_request("", 9)
    filed = await world.engine.afterwards._submitted(world.boss, issue, version)
    await world.requests.service.move(world.officer, filed.request.id, Wish(action=Action.TAKE))
    await world.answer(filed.request.id, "At once.")
    assert (await world.issue(world.boss, second, dust)).answer == ""
    assert await world.engine.afterwards.file_requests() == 1
    assert (await world.issue(world.boss, second, dust)).answer == "At once."
    assert len(await world.told("symposium_answered")) == 1


class AheadOnce:
    """Another sweep, which has submitted the first request a moment before."""

    is_ahead = True

    async def moved(self, _session: AsyncSession, _filed: Filed) -> None:
        if self.is_ahead:
            self.is_ahead = False
            raise Refusal(Code.WRONG_STATE, "submitted already")

    async def opened(self, reader_id: str, opened: Sequence[Opened]) -> None: ...


async def test_an_issue_that_another_sweep_has_submitted_is_not_given_up(world: World) -> None:
    symposium_id = await world.collecting()
    dock = await world.symposiums.raise_issue(world.boss, symposium_id, DOCK)
    await world.move(symposium_id, SymposiumAction.BEGIN, SymposiumAction.CLOSE)
    world.requests.service.follow(AheadOnce())
    assert await world.engine.afterwards.file_requests() == 0
    assert await world.engine.afterwards.file_requests() == 1
    assert (await world.issue(world.boss, symposium_id, dock)).state is IssueState.REQUESTED


async def test_two_sweeps_at_once_file_every_issue_once_and_lose_none(world: World) -> None:
    symposium_id = await world.collecting()
    for number in range(4):
        await world.symposiums.raise_issue(world.boss, symposium_id, replace(DOCK, title=f"Dock {number}"))
    await world.move(symposium_id, SymposiumAction.BEGIN, SymposiumAction.CLOSE)
    await asyncio.gather(*(world.engine.afterwards.file_requests() for _ in range(2)))
    await world.engine.afterwards.file_requests()  # what one left to the other
    issues = (await world.symposiums.seen(world.boss, symposium_id)).issues
    assert [issue.state for issue in issues] == [IssueState.REQUESTED] * 4
    assert len({issue.request.id for issue in issues if issue.request is not None}) == 4


async def test_an_issue_outlives_the_account_that_raised_it(world: World) -> None:
    symposium_id = await world.collecting()
    dock = await world.symposiums.raise_issue(world.hand, symposium_id, DOCK)
    await world.move(symposium_id, SymposiumAction.BEGIN, SymposiumAction.CLOSE)
    async with world.database.write() as session:
        gone = update(AccountRow).where(AccountRow.id == world.hand.account.id)
        await session.execute(gone.values(disabled_at_ms=1))
    assert await world.engine.afterwards.file_requests() == 1
    issue = await world.issue(world.boss, symposium_id, dock)
    assert issue.request is not None
    assert (await world.requests.service.seen(world.boss, issue.request.id)).request.requester_name == "Sun"


async def test_what_is_not_to_be_published_stays_within_its_company(world: World) -> None:
    service = world.symposiums
    symposium_id = await world.collecting()
    for publish in (Publish.NO, Publish.ANONYMOUS):
        await service.raise_issue(world.boss, symposium_id, replace(DOCK, title=publish, publish=publish))
    (shown,) = (await service.seen(world.rival, symposium_id)).issues
    assert (shown.raised.title, shown.organization.name, shown.name, shown.account_id) == ("anonymous", "", "", None)
    (listed,), _ = await service.listed(world.rival, "", 10)
    assert listed.issues == 1  # not even their number
    for who in (world.boss, world.hand, world.officer):
        hidden = (await service.seen(who, symposium_id)).issues
        assert {one.organization.name for one in hidden} == {"Laser Works"}
        assert len(hidden) == 2
    secret = next(one.id for one in hidden if one.raised.publish is Publish.NO)
    await refused(Code.NOT_FOUND, service.vote(world.rival, symposium_id, secret, up=True))
    await refused(Code.NOT_FOUND, service.withdraw(world.rival, symposium_id, secret, withdrawn=True))
    await refused(Code.NOT_FOUND, service.vote(world.boss, await world.collecting(), secret, up=True))


async def test_an_issue_is_withdrawn_by_its_company_and_brought_back(world: World) -> None:
    service = world.symposiums
    symposium_id = await world.collecting()
    dock = await service.raise_issue(world.hand, symposium_id, DOCK)
    await world.set_agenda(symposium_id, dock)
    for who in (world.rival, world.officer):
        await refused(Code.FORBIDDEN, service.withdraw(who, symposium_id, dock, withdrawn=True))
    await service.withdraw(world.boss, symposium_id, dock, withdrawn=True)
    for who, count in ((world.hand, 1), (world.boss, 1), (world.rival, 0), (world.officer, 0)):
        assert len((await service.seen(who, symposium_id)).issues) == count
    await refused(Code.WRONG_STATE, service.vote(world.boss, symposium_id, dock, up=True))
    await service.withdraw(world.hand, symposium_id, dock, withdrawn=False)
    back = await world.issue(world.rival, symposium_id, dock)
    assert (back.state, back.position) == (IssueState.RAISED, 0)
    await world.move(symposium_id, SymposiumAction.BEGIN)
    await refused(Code.WRONG_STATE, service.withdraw(world.hand, symposium_id, dock, withdrawn=True))


async def test_officers_lead_and_the_time_to_raise_ends(world: World) -> None:
    service = world.symposiums
    symposium_id = await world.collecting()
    dock = await service.raise_issue(world.boss, symposium_id, DOCK)
    for deed in (
        service.add(world.boss, world.planned("Mine")),
        service.plan(world.boss, symposium_id, world.planned(), 1),
        service.move(world.boss, symposium_id, SymposiumAction.BEGIN),
        service.set_agenda(world.boss, symposium_id, [], 1),
        service.show(world.boss, symposium_id, dock, "", 1),
        service.decide(world.boss, symposium_id, dock, Outcome(decision="Yes.")),
    ):
        await refused(Code.FORBIDDEN, deed)
    assert (await service.seen(world.officer, symposium_id)).raises_for != ()  # for the park itself
    world.now_ms += 24 * HOUR_MS
    assert (await service.seen(world.boss, symposium_id)).raises_for == ()
    await refused(Code.WRONG_STATE, service.raise_issue(world.boss, symposium_id, DOCK))
    await service.plan(world.officer, symposium_id, world.planned("Later"), 1)
    await refused(Code.CONFLICT, service.plan(world.officer, symposium_id, world.planned(), 1))
    assert (await service.seen(world.boss, symposium_id)).symposium.title == "Later"
    await service.raise_issue(world.boss, symposium_id, DOCK)
    await world.move(symposium_id, SymposiumAction.CANCEL)
    assert (await service.seen(world.boss, symposium_id)).symposium.state is SymposiumState.CANCELLED
    await refused(Code.WRONG_STATE, service.vote(world.boss, symposium_id, dock, up=False))
    assert await world.engine.afterwards.file_requests() == 0


async def test_the_agenda_keeps_what_was_and_is_talked_about(world: World) -> None:
    service, officer = world.symposiums, world.officer
    symposium_id = await world.collecting()
    one, two, three = [await service.raise_issue(world.boss, symposium_id, DOCK) for _ in range(3)]
    await world.set_agenda(symposium_id, two, one)
    await refused(Code.CONFLICT, service.set_agenda(officer, symposium_id, [one], 1))
    await world.move(symposium_id, SymposiumAction.BEGIN)
    await refused(Code.INVALID, service.show(officer, symposium_id, three, "", await world.revision(symposium_id)))
    await service.show(officer, symposium_id, one, "Sun", await world.revision(symposium_id))
    await service.decide(officer, symposium_id, two, Outcome(decision="Yes."))
    await refused(Code.WRONG_STATE, service.decide(officer, symposium_id, three, Outcome(decision="Yes.")))
    for wrong in ([one], [two], [one, two, two], [one, two, "0" * 26]):
        revision = await world.revision(symposium_id)
        refusal = await refused(Code.INVALID, service.set_agenda(officer, symposium_id, wrong, revision))
        assert refusal.fields == {"issue_ids": FieldFault.INVALID}
    await world.set_agenda(symposium_id, three, two, one)
    seen = (await service.seen(world.rival, symposium_id)).issues
    assert [(issue.id, issue.position, issue.state) for issue in seen] == [
        (three, 1, IssueState.AGENDA),
        (two, 2, IssueState.DISCUSSED),
        (one, 3, IssueState.AGENDA),
    ]


async def test_a_decision_names_what_is_missing_or_wrong(world: World) -> None:
    service, officer = world.symposiums, world.officer
    symposium_id = await world.collecting()
    dock = await service.raise_issue(world.boss, symposium_id, DOCK)
    await world.set_agenda(symposium_id, dock)
    early = service.decide(officer, symposium_id, dock, Outcome(decision="Yes."))
    await refused(Code.WRONG_STATE, early)
    await world.move(symposium_id, SymposiumAction.BEGIN)
    for outcome, name in (
        (Outcome(decision=" "), "decision"),
        (Outcome(decision="Yes.", due_on=TODAY - timedelta(days=1)), "due_on"),
        (Outcome(decision="Yes.", owner_id=world.rival.account.id), "owner_id"),
    ):
        refusal = await refused(Code.INVALID, service.decide(officer, symposium_id, dock, outcome))
        assert list(refusal.fields) == [name]


async def test_few_queries_however_many_there_are(world: World, queries: QueryCount) -> None:
    service, officer = world.symposiums, world.officer
    symposium_id = await world.collecting()
    counts = []
    for _ in range(2):
        made = [await service.raise_issue(world.boss, symposium_id, DOCK) for _ in range(3)]
        revision = await world.revision(symposium_id)
        queries.reset()
        await service.listed(world.rival, "", 10)
        await service.seen(officer, symposium_id)
        await service.set_agenda(officer, symposium_id, made, revision)
        counts.append(len(queries.statements))
    assert counts[0] == counts[1]
    queries.reset()
    await service.listed(world.rival, "", 10)
    await service.seen(world.rival, symposium_id)
    assert len(queries.statements) <= 4  # a list, and a card with the type that its issues become
