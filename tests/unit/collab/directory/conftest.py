"""A factory, two installers and the park's staff on both databases, with a clock that the test moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from collab.accounts.models import Member, MemberRole
from collab.assist.machine_repository import MachineRepository
from collab.assist.machines import MachineService
from collab.assist.values import Machine
from collab.db.engine import Database
from collab.directory.dates import begins_ms
from collab.directory.engine import DirectoryEngine
from collab.directory.matching import Days
from collab.directory.need_states import NeedAction, OfferAction
from collab.directory.needs import SeenNeed
from collab.directory.trades import CrewStatus, Trade
from collab.directory.values import Crew
from collab.files.store import Files, open_store
from collab.notices.models import NoticeRow
from collab.organizations.models import Organization, OrganizationKind
from tests.unit.collab.people import People
from tests.unit.collab.requests.conftest import NoLimits

MONDAY = date(2026, 12, 7)
WEEK = Days(MONDAY, MONDAY + timedelta(days=4))


@dataclass
class World:
    database: Database
    engine: DirectoryEngine
    people: People
    chief: Member  # administers the park
    officer: Member  # of the park
    factory: Organization
    owner: Member  # of the factory
    boss: Member  # administers the factory
    fitters: Organization
    fitter: Member  # administers the fitters
    hand: Member  # of the fitters
    riggers: Organization
    rigger: Member  # administers the riggers
    machine: Machine
    now_ms: int

    async def crew(self, by: Member, name: str, **more: object) -> Crew:
        """With certificates for its trades that hold all year."""
        organization_id = by.memberships[0].organization.id
        values: dict[str, object] = {
            "name": name,
            "size": 4,
            "region": "HB",
            "status": CrewStatus.AVAILABLE,
            "status_note": "",
            **more,
        }
        tags = {"trade": (Trade.LASER,), "language": ("zh",)}
        return await self.engine.installers.add_crew(by, organization_id, values, tags)

    async def certify(self, by: Member, until: date = date(2027, 12, 31), trade: Trade = Trade.LASER) -> str:
        values: dict[str, object] = {
            "trade": trade,
            "title": "Laser safety",
            "number": "L-1",
            "issuer": "Institute",
            "valid_from": date(2026, 1, 1),
            "valid_until": until,
        }
        organization_id = by.memberships[0].organization.id
        return (await self.engine.installers.add_certificate(by, organization_id, values)).id

    async def need(self, days: Days = WEEK, title: str = "Set up the cutter", *, publish: bool = True) -> SeenNeed:
        values: dict[str, object] = {
            "title": title,
            "machine_id": self.machine.id,
            "note": "",
            "region": "HB",
            "site": "Hall 2",
            "trades": ["laser"],
            "languages": ["zh"],
            "starts_on": days.first,
            "ends_on": days.last,
            "crew_size": 3,
        }
        seen = await self.engine.needs.post(self.owner, "", values)
        return await self.engine.needs.move(self.owner, seen.need.id, NeedAction.PUBLISH, "") if publish else seen

    async def offered(self, seen: SeenNeed, by: Member, crew: Crew) -> str:
        """The id of an offer that was asked for and made."""
        asked = await self.engine.needs.invite(self.owner, seen.need.id, [crew.id], "")
        offer_id = next(one.id for one in asked.offers if one.crew.id == crew.id)
        await self.engine.needs.move_offer(by, seen.need.id, offer_id, OfferAction.OFFER, "We can")
        return offer_id

    async def notices(self, member: Member) -> list[str]:
        async with self.database.read() as session:
            found = await session.scalars(
                select(NoticeRow.kind).where(NoticeRow.account_id == member.account.id).order_by(NoticeRow.id)
            )
            return list(found)


@pytest.fixture
async def world(database: Database, people: People, tmp_path: Path) -> World:
    """On the first of December."""
    chief = await people.administrator("Lin")
    factory = await people.organization("Laser Works")
    organizations = people.organizations
    fitters = await organizations.add("Fitters", OrganizationKind.INSTALLER, 1)
    riggers = await organizations.add("Riggers", OrganizationKind.INSTALLER, 1)
    machines = MachineService(MachineRepository(database), organizations, NoLimits())
    files = Files(open_store("", tmp_path / "files"), database)
    owner = await people.employee(factory, "Zhou")
    machine = await machines.register(owner, "", make="Han", model="L-20", serial="", site="")
    made = World(
        database=database,
        engine=DirectoryEngine(
            database, people.accounts, machines, files, NoLimits(), lambda: None, lambda: made.now_ms
        ),
        people=people,
        chief=chief,
        officer=await people.employee(chief.memberships[0].organization, "Chen", MemberRole.OFFICER),
        factory=factory,
        owner=owner,
        boss=await people.employee(factory, "Sun", MemberRole.ADMINISTRATOR),
        fitters=fitters,
        fitter=await people.employee(fitters, "Wu", MemberRole.ADMINISTRATOR),
        hand=await people.employee(fitters, "Gu"),
        riggers=riggers,
        rigger=await people.employee(riggers, "Ma", MemberRole.ADMINISTRATOR),
        machine=machine,
        now_ms=begins_ms(date(2026, 12, 1)),
    )
    return made
