"""Who stands for the park towards a company on a day: its officer, or who covers for them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from msgspec import Struct
from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from collab.accounts.models import AccountRow

from .models import OfficerCoverRow, OfficerRow


class Person(Struct, frozen=True):
    id: str
    name: str


class Standing(Struct, frozen=True):
    officer: Person
    cover: Person | None  # today
    since_ms: int

    @property
    def acting(self) -> Person:
        return self.cover or self.officer


async def standing(session: AsyncSession, organization_ids: Collection[str], today: date) -> dict[str, Standing]:
    """Of those companies that have an officer.  One query.  Who cannot sign in any more stands for nobody."""
    officer, cover = aliased(AccountRow), aliased(AccountRow)
    covered = and_(
        OfficerCoverRow.account_id == OfficerRow.account_id,
        OfficerCoverRow.starts_on <= today,
        OfficerCoverRow.ends_on >= today,
    )
    rows = await session.execute(
        select(OfficerRow.organization_id, OfficerRow.since_ms, officer.id, officer.name, cover.id, cover.name)
        .join(officer, and_(officer.id == OfficerRow.account_id, officer.disabled_at_ms == 0))
        .outerjoin(OfficerCoverRow, covered)
        .outerjoin(cover, and_(cover.id == OfficerCoverRow.cover_id, cover.disabled_at_ms == 0))
        .where(OfficerRow.organization_id.in_(organization_ids))
        .order_by(OfficerCoverRow.id)
    )
    found: dict[str, Standing] = {}
    for organization_id, since_ms, officer_id, officer_name, cover_id, cover_name in rows:
        stand_in = Person(cover_id, cover_name) if cover_id else None
        found[organization_id] = Standing(Person(officer_id, officer_name), stand_in, since_ms)
    return found
