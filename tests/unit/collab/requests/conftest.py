"""The request engine on both databases, with a clock that the test moves and an outbox that it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from msgspec import Raw
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import Member, MemberRole
from collab.db.engine import Database
from collab.files.store import Files, open_store
from collab.limits import Limits
from collab.organizations.models import Organization
from collab.requests.engine import RequestEngine
from collab.requests.service import Seen, Wish
from collab.requests.states import Action
from collab.requests.telling import Told
from rooms.store.rate import RateRule
from tests.unit.collab.people import People

SHANGHAI = ZoneInfo("Asia/Shanghai")
QUESTION = {"subject": "租金减免", "area": "rent", "question": "How long does it last?", "call": "text"}
ACCESS = {
    "reason": "Repair of the chiller",
    "direction": "both",
    "from_time": "2026-11-24T10:00",
    "until_time": "2026-11-24T12:00",
    "gate": "east",
    "people": [{"name": "王芳", "phone": "13800000000"}],
    "vehicle": "no",
}


class NoLimits(Limits):
    """Rates are tested elsewhere."""

    def __init__(self) -> None:
        """No Redis."""

    async def take(self, rule: RateRule, *subject: str) -> None:
        """Always."""


@dataclass
class Kept:
    """An outbox that a test reads."""

    told: list[Told] = field(default_factory=list)
    nudges: int = 0

    async def put(self, session: AsyncSession, told: Sequence[Told]) -> int:
        assert session.in_transaction()
        self.told += told
        return sum(len(one.account_ids) for one in told)

    def nudge(self) -> None:
        self.nudges += 1


@dataclass
class Desk:
    engine: RequestEngine
    outbox: Kept
    people: People
    chief: Member  # administers the park
    officer: Member
    requester: Member
    company: Organization
    now_ms: int

    def at(self, text: str) -> None:
        self.now_ms = int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp() * 1_000)

    async def file(self, key: str, answers: Mapping[str, object], by: Member | None = None) -> Seen:
        by = by or self.requester
        types = await self.engine.types.listed(by)
        type_id = next(one.type.id for one in types if one.type.key == key)
        return await self.engine.filing.file(by, type_id, title="", answers=packed(answers), submit=True)

    async def move(self, by: Member, seen: Seen, action: Action, note: str = "", to: str = "") -> Seen:
        return await self.engine.service.move(by, seen.request.id, Wish(action=action, note=note, to=to))


def packed(answers: Mapping[str, object]) -> dict[str, Raw]:
    return {key: Raw(msgspec.json.encode(value)) for key, value in answers.items()}


@pytest.fixture
async def desk(database: Database, people: People, tmp_path: Path) -> Desk:
    """On a Monday at half past nine."""
    chief = await people.administrator("Lin")
    park = chief.memberships[0].organization
    company = await people.organization("Laser Works")
    outbox = Kept()
    files = Files(open_store("", tmp_path / "files"), database)
    made = Desk(
        engine=RequestEngine(database, people.accounts, files, NoLimits(), outbox=outbox, clock_ms=lambda: made.now_ms),
        outbox=outbox,
        people=people,
        chief=chief,
        officer=await people.employee(park, "Chen", MemberRole.OFFICER),
        requester=await people.employee(company, "Zhou"),
        company=company,
        now_ms=0,
    )
    made.at("2026-11-23 09:30")
    await made.engine.types.ship()
    return made
