"""Places at risk and declarations come together from both ends; people are told, followed up and forgotten in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from collab.accounts.models import Member, MemberRole
from collab.db.base import Base
from collab.db.engine import Database
from collab.health.concern_repository import CLEARED_KEEP_DAYS, CONCERN_KEEP_DAYS
from collab.health.declarations import SPOT_KEEP_DAYS
from collab.health.engine import HealthEngine
from collab.health.models import (
    ConcernAction,
    ConcernState,
    HealthAccessRow,
    HealthConcernEventRow,
    HealthConcernRow,
    HealthPlaceRow,
    HealthReasonRow,
    HealthSpotRow,
    Origin,
    PlaceState,
    Purpose,
    RiskLevel,
)
from collab.health.service import ACCESS_KEEP_DAYS, HealthService
from collab.health.values import Concern, PlaceFacts
from collab.notices.kinds import NoticeKind
from collab.notices.models import NoticeRow
from collab.problems import Refusal
from collab.requests.service import Seen, Wish
from collab.requests.states import Action
from rooms.core.codes import Code
from tests.support.databases import QueryCount
from tests.unit.collab.requests.conftest import Desk, NoLimits, desk, packed

__all__ = ["desk"]

DAY_MS = 86_400_000
HOME = {"region": "湖北省武汉市洪山区", "detail": "关山大道1号光谷软件园A座1201室"}
AWAY = {"region": "武汉市武昌区", "detail": "中北路99号"}


@dataclass
class Ward:
    desk: Desk
    engine: HealthEngine
    nurse: Member  # of the health group
    boss: Member  # officer of the requester's company
    nudges: list[int]

    @property
    def service(self) -> HealthService:
        return self.engine.service

    async def declare(self, by: Member, home: Mapping[str, str] = HOME, **more: object) -> Seen:
        answers = {"day": str(self.service.today), "home": home, "temperature": 36.5, "symptoms": ["none"]}
        return await self.desk.file("daily_health", {**answers, "moved": "no", "contact": "no", **more}, by)

    async def place(self, address: str = "武汉市洪山区光谷软件园A栋", first: str = "2026-11-20", last: str = "") -> str:
        return await self.service.add(self.nurse, facts(address, first, last), "")

    async def people(self, place_id: str, purpose: Purpose = Purpose.TRACING) -> list[Concern]:
        found, more = await self.service.people(self.nurse, place_id, purpose, states=(), after="", limit=50)
        assert not more
        return found


def facts(address: str, first: str = "2026-11-20", last: str = "") -> PlaceFacts:
    return PlaceFacts(
        address=address,
        level=RiskLevel.HIGH,
        source="District centre for disease control",
        starts_on=date.fromisoformat(first),
        ends_on=date.fromisoformat(last) if last else None,
    )


@pytest.fixture
async def ward(desk: Desk, database: Database) -> Ward:
    park = desk.chief.memberships[0].organization
    nurse = await desk.people.employee(park, "He")
    await desk.engine.people.set_group("health", "健康专员", "Health", (nurse.account.id,))
    boss = await desk.people.employee(desk.company, "Sun", MemberRole.OFFICER)
    nudges: list[int] = []
    engine = HealthEngine(database, desk.engine, NoLimits(), lambda: nudges.append(1), lambda: desk.now_ms)
    return Ward(desk, engine, nurse, boss, nudges)


async def count(database: Database, table: type[Base]) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def told(database: Database, kind: NoticeKind) -> list[tuple[str, str]]:
    async with database.read() as session:
        rows = await session.scalars(select(NoticeRow).where(NoticeRow.kind == kind).order_by(NoticeRow.account_id))
        return [(row.account_id, row.params.get("count", "")) for row in rows]


async def refused(code: Code, doing: object) -> None:
    with pytest.raises(Refusal) as refusal:
        await doing  # type: ignore[misc]
    assert refusal.value.code is code


async def test_a_new_place_finds_who_declared_it_and_says_why(ward: Ward) -> None:
    filed = await ward.declare(ward.desk.requester)
    await ward.declare(ward.boss, AWAY)
    place_id = await ward.place()
    (found,) = await ward.people(place_id)
    assert (found.person.name, found.organization.name, found.state) == ("Zhou", "Laser Works", ConcernState.FOUND)
    (reason,) = found.reasons
    assert reason.request_number == filed.request.number
    assert (reason.origin, reason.sure) == (Origin.HOME, True)
    assert reason.words == ("武汉", "洪山", "光谷软件园", "a")
    assert (reason.starts_on, reason.ends_on) == (date(2026, 11, 23), date(2026, 12, 6))


async def test_a_new_declaration_finds_the_places_of_its_days(ward: Ward) -> None:
    place_id = await ward.place("武汉市江岸区解放大道", "2026-11-20", "2026-11-21")
    for day, place in (("2026-11-19", "武汉市江岸区解放大道2号"), ("2026-11-21", "武汉市 江岸区 解放大道（3号）")):
        moves = [{"day": day, "place": place, "transport": "G1"}]
        await ward.declare(ward.desk.requester, AWAY, moved="yes", movements=moves)
    (found,) = await ward.people(place_id)
    assert [(one.origin, one.starts_on, one.text) for one in found.reasons] == [
        (Origin.MOVEMENT, date(2026, 11, 21), "武汉市 江岸区 解放大道（3号）")
    ]


async def test_a_home_that_is_declared_every_day_is_one_reason_and_a_new_home_ends_it(ward: Ward) -> None:
    for _ in range(3):
        await ward.declare(ward.desk.requester)
        ward.desk.now_ms += DAY_MS
    place_id = await ward.place()
    (found,) = await ward.people(place_id)
    assert len(found.reasons) == 1
    await ward.declare(ward.desk.requester, AWAY)  # on the 26th
    assert await ward.people(await ward.place(first="2026-11-26")) == []
    assert len(await ward.people(await ward.place(first="2026-11-25", last="2026-11-25"))) == 1


async def test_a_declaration_that_is_withdrawn_says_nothing_any_more(ward: Ward) -> None:
    filed = await ward.declare(ward.desk.requester)
    await ward.desk.move(ward.desk.requester, filed, Action.WITHDRAW)
    assert await ward.people(await ward.place()) == []


async def test_answers_that_are_corrected_count_instead_of_the_former(ward: Ward) -> None:
    filed = await ward.declare(ward.desk.requester)
    filed = await ward.desk.move(ward.nurse, filed, Action.TAKE)
    filed = await ward.desk.move(ward.nurse, filed, Action.ASK, "Which building?")
    answers = {"day": "2026-11-23", "home": AWAY, "temperature": 36.5, "symptoms": ["none"]}
    wish = Wish(action=Action.PROVIDE, answers=packed({**answers, "moved": "no", "contact": "no"}))
    await ward.desk.engine.service.move(ward.desk.requester, filed.request.id, wish)
    assert await ward.people(await ward.place()) == []
    assert len(await ward.people(await ward.place("武汉市武昌区中北路99号"))) == 1


async def test_one_action_tells_the_people_and_their_companies_once(ward: Ward, database: Database) -> None:
    lonely = await ward.desk.people.organization("Nobody Leads")
    worker = await ward.desk.people.employee(lonely, "Wu")
    for one in (ward.desk.requester, ward.boss, worker):
        await ward.declare(one)
    place_id = await ward.place()
    done = await ward.service.notify(ward.nurse, place_id, ())
    assert (done.people, done.companies, done.without_contact) == (3, 1, ("Nobody Leads",))
    again = await ward.service.notify(ward.nurse, place_id, ())
    assert (again.people, again.companies) == (0, 0)
    assert ward.nudges == [1]
    people = sorted(one.account.id for one in (ward.desk.requester, ward.boss, worker))
    assert await told(database, NoticeKind.HEALTH_CONCERN) == [(one, "") for one in people]
    assert await told(database, NoticeKind.HEALTH_COMPANY) == [(ward.boss.account.id, "2")]
    concerns, companies, accesses = await ward.service.own(ward.boss)
    assert [one.place.address for one in concerns] == ["武汉市洪山区光谷软件园A栋"]
    assert [(one.organization.name, one.people, one.cleared) for one in companies] == [("Laser Works", 2, 0)]
    assert [(one.reader.name, one.purpose) for one in accesses] == [("He", Purpose.NOTIFYING)]
    assert (await ward.service.own(ward.desk.requester))[1] == []


async def test_somebody_is_followed_up_until_they_are_cleared(ward: Ward) -> None:
    await ward.declare(ward.desk.requester)
    place_id = await ward.place()
    await ward.service.notify(ward.nurse, place_id, ())
    (found,) = await ward.people(place_id)
    steps = [(ConcernAction.CONTACT, "By telephone"), (ConcernAction.TEST, "Negative"), (ConcernAction.CLEAR, "Well")]
    for number, (action, note) in enumerate(steps):
        card = await ward.service.move(ward.nurse, found.id, 1 + number, action, note)
    assert (card[0].state, card[0].delete_at_ms) == (
        ConcernState.CLEARED,
        ward.desk.now_ms + CLEARED_KEEP_DAYS * DAY_MS,
    )
    assert [(one.action, one.note) for one in card[1]] == [(ConcernAction.NOTIFY, ""), *steps]
    await refused(Code.WRONG_STATE, ward.service.move(ward.nurse, found.id, 4, ConcernAction.TEST, ""))
    await refused(Code.INVALID, ward.service.move(ward.nurse, found.id, 4, ConcernAction.REOPEN, ""))
    await refused(Code.CONFLICT, ward.service.move(ward.nurse, found.id, 3, ConcernAction.REOPEN, "Ill again"))
    await ward.declare(ward.desk.requester)  # the same home again: cleared stays cleared
    assert [one.state for one in await ward.people(place_id)] == [ConcernState.CLEARED]


async def test_a_correction_is_compared_again(ward: Ward) -> None:
    await ward.declare(ward.desk.requester)
    await ward.declare(ward.boss, AWAY)
    place_id = await ward.place()
    corrected = facts("武汉市武昌区中北路")
    await ward.service.change(ward.nurse, place_id, 1, corrected, "It was another street", retract=False)
    (found,) = await ward.people(place_id)
    assert found.person.name == "Sun"
    await ward.service.notify(ward.nurse, place_id, ())
    await ward.service.change(ward.nurse, place_id, 2, facts("武汉市洪山区光谷软件园"), "", retract=False)
    by_name = {one.person.name: one for one in await ward.people(place_id)}
    assert (by_name["Sun"].stands, by_name["Sun"].state) == (False, ConcernState.NOTIFIED)
    assert (by_name["Zhou"].stands, by_name["Zhou"].state) == (True, ConcernState.FOUND)
    place, changes = await ward.service.place(ward.nurse, place_id)
    assert place.revision == 3
    assert [one.former.address if one.former else "" for one in changes] == [
        "",
        "武汉市洪山区光谷软件园A栋",
        "武汉市武昌区中北路",
    ]


async def test_what_was_entered_by_mistake_is_taken_back(ward: Ward) -> None:
    await ward.declare(ward.desk.requester)
    place_id = await ward.place()
    known = (await ward.service.place(ward.nurse, place_id))[0].facts
    await refused(Code.INVALID, ward.service.change(ward.nurse, place_id, 1, known, "", retract=True))
    await ward.service.change(ward.nurse, place_id, 1, known, "Wrong city", retract=True)
    assert await ward.people(place_id) == []
    assert (await ward.service.place(ward.nurse, place_id))[0].state is PlaceState.RETRACTED
    await refused(Code.WRONG_STATE, ward.service.notify(ward.nurse, place_id, ()))
    await ward.declare(ward.boss)
    assert await ward.people(place_id) == []


async def test_a_place_that_would_concern_everybody_is_refused(ward: Ward) -> None:
    for address in ("湖北省", "1号", "  ", "3栋201"):
        await refused(Code.INVALID, ward.place(address))
    await refused(Code.INVALID, ward.place(first="2026-11-20", last="2026-11-19"))


async def test_only_who_an_administrator_named_gets_at_it(ward: Ward, database: Database) -> None:
    await ward.declare(ward.desk.requester)
    place_id = await ward.place()
    (found,) = await ward.people(place_id)
    before = await count(database, HealthAccessRow)
    for one in (ward.desk.chief, ward.desk.officer, ward.boss, ward.desk.requester):
        await refused(Code.FORBIDDEN, ward.service.listed(one, only_open=True, before="", limit=10))
        await refused(Code.FORBIDDEN, ward.service.place(one, place_id))
        await refused(Code.FORBIDDEN, ward.service.add(one, facts("武汉市洪山区"), ""))
        await refused(
            Code.FORBIDDEN,
            ward.service.people(one, place_id, Purpose.TRACING, states=(), after="", limit=10),
        )
        await refused(Code.FORBIDDEN, ward.service.notify(one, place_id, ()))
        await refused(Code.FORBIDDEN, ward.service.concern(one, found.id, Purpose.TRACING))
        await refused(Code.FORBIDDEN, ward.service.move(one, found.id, 0, ConcernAction.CONTACT, ""))
    assert await count(database, HealthAccessRow) == before
    await ward.desk.engine.people.set_group("health", "健康专员", "Health", ())
    await refused(Code.FORBIDDEN, ward.service.place(ward.nurse, place_id))


async def test_a_group_gives_nothing_to_people_of_companies(ward: Ward) -> None:
    await ward.desk.engine.people.set_group("health", "健康专员", "Health", (ward.boss.account.id,))
    await refused(Code.FORBIDDEN, ward.service.listed(ward.boss, only_open=True, before="", limit=10))


async def test_every_access_is_logged_with_its_purpose(ward: Ward) -> None:
    filed = await ward.declare(ward.desk.requester)
    place_id = await ward.place()
    assert (await ward.service.own(ward.desk.requester))[2] == []  # the comparison shows nobody to anybody
    (found,) = await ward.people(place_id)
    await ward.service.concern(ward.nurse, found.id, Purpose.CORRECTION)
    await ward.service.notify(ward.nurse, place_id, ())
    await ward.desk.engine.service.opened(
        ward.nurse.account.id, await ward.desk.engine.service.seen(ward.nurse, filed.request.id)
    )
    logged, more = await ward.service.accesses(person_id="", reader_id="", before="", limit=10)
    assert not more
    zhou = ward.desk.requester.account.id
    assert [(one.reader.name, one.person.id, one.purpose, one.about_id) for one in reversed(logged)] == [
        ("He", zhou, Purpose.TRACING, place_id),
        ("He", zhou, Purpose.CORRECTION, found.id),
        ("He", zhou, Purpose.NOTIFYING, place_id),
        ("He", zhou, Purpose.DECLARATION, filed.request.id),
    ]


async def test_all_of_it_is_deleted_when_its_day_has_come(ward: Ward, database: Database) -> None:
    await ward.declare(ward.desk.requester)
    place_id = await ward.place()
    await ward.people(place_id)
    await ward.service.notify(ward.nurse, place_id, ())
    tables = (HealthSpotRow, HealthConcernRow, HealthReasonRow, HealthConcernEventRow, HealthAccessRow)
    begin = ward.desk.now_ms

    async def left(days: int, less_ms: int = 0) -> list[int]:
        ward.desk.now_ms = begin + days * DAY_MS - less_ms
        await ward.service.delete_old()
        return [await count(database, table) for table in tables]

    assert await left(SPOT_KEEP_DAYS, less_ms=1) == [1, 1, 1, 1, 2]
    assert await left(SPOT_KEEP_DAYS) == [0, 1, 1, 1, 2]
    assert await left(CONCERN_KEEP_DAYS, less_ms=1) == [0, 1, 1, 1, 2]
    assert await left(CONCERN_KEEP_DAYS) == [0, 0, 0, 0, 2]
    assert await left(ACCESS_KEEP_DAYS, less_ms=1) == [0, 0, 0, 0, 2]
    assert await left(ACCESS_KEEP_DAYS) == [0, 0, 0, 0, 0]


async def test_who_is_cleared_is_forgotten_by_the_date_that_clearing_set(ward: Ward, database: Database) -> None:
    await ward.declare(ward.desk.requester)
    place_id = await ward.place()
    (found,) = await ward.people(place_id)
    await ward.service.move(ward.nurse, found.id, 0, ConcernAction.CLEAR, "Was abroad")
    ward.desk.now_ms += CLEARED_KEEP_DAYS * DAY_MS
    assert (await ward.service.delete_old())["concerns"] == 1
    await ward.engine.matcher.match_place(place_id)
    assert await count(database, HealthConcernRow) == 0  # what was declared went no later


async def test_lists_ask_the_database_as_often_for_many_as_for_one(ward: Ward, queries: QueryCount) -> None:
    counts = []
    await ward.declare(ward.desk.requester)
    place_id = await ward.place()
    for crowd in (0, 12):
        for number in range(crowd):
            await ward.declare(await ward.desk.people.employee(ward.desk.company, f"P{number}"))
        for number in range(crowd):
            await ward.place(f"武汉市洪山区珞喻路{number + 1}号")
        queries.reset()
        places, _ = await ward.service.listed(ward.nurse, only_open=True, before="", limit=50)
        of_places = len(queries.statements)
        queries.reset()
        people = await ward.people(place_id)
        counts.append((of_places, len(queries.statements)))
        assert (len(places), len(people)) == (1 + crowd, 1 + crowd)
    assert counts[0] == counts[1]
    assert max(counts[1]) <= 7


async def test_a_place_is_compared_with_many_declarations_by_few_queries(ward: Ward, queries: QueryCount) -> None:
    counts = []
    for crowd in (1, 12):
        for number in range(crowd):
            await ward.declare(await ward.desk.people.employee(ward.desk.company, f"P{crowd}-{number}"))
        queries.reset()
        place_id = await ward.place()
        counts.append(len(queries.statements))
    assert len(await ward.people(place_id)) == 13
    assert counts[0] == counts[1] <= 20


async def test_the_sweep_joins_what_was_written_at_the_same_moment(ward: Ward, database: Database) -> None:
    place_id = await ward.place()
    await ward.declare(ward.desk.requester)
    async with database.write() as session:  # as if the declaration had not seen the place
        for row in await session.scalars(select(HealthConcernRow)):
            await session.delete(row)
    await ward.engine.matcher.sweep()
    (found,) = await ward.people(place_id)
    await ward.engine.matcher.sweep()
    assert await ward.people(place_id) == [found]


async def test_the_sweep_compares_a_place_whose_comparison_was_cut_short(ward: Ward, database: Database) -> None:
    await ward.declare(ward.desk.requester)
    ward.desk.now_ms += DAY_MS
    place_id = await ward.place()
    async with database.write() as session:
        for row in await session.scalars(select(HealthConcernRow)):
            await session.delete(row)
        for place in await session.scalars(select(HealthPlaceRow)):
            place.matched_revision = 0
    await ward.engine.matcher.sweep()
    assert len(await ward.people(place_id)) == 1


def test_days_are_as_stated() -> None:
    """What is cleared must outlive what was declared, else it would be found again."""
    assert timedelta(days=CLEARED_KEEP_DAYS) >= timedelta(days=SPOT_KEEP_DAYS)
