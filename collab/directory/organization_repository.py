"""Pages of organizations in SQL.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from collab.db.engine import Database
from collab.organizations.models import Organization, OrganizationKind, OrganizationRow

from .models import ContactRow, CrewRow, CrewTagRow, ProfileRow
from .trades import ContactRole, CrewStatus, Headcount, Industry, Language, Trade
from .values import Contact, OrganizationLine, Profile

_pages: Select[OrganizationRow, ProfileRow | None] = select(OrganizationRow, ProfileRow).outerjoin(
    ProfileRow, ProfileRow.organization_id == OrganizationRow.id
)


class OrganizationFilter(Struct, frozen=True, kw_only=True):
    """Empty members ask for nothing."""

    search: str = ""
    kind: OrganizationKind | None = None
    industry: Industry | None = None
    region: str = ""
    trade: Trade | None = None  # of crews, as are the next two
    language: Language | None = None
    available: bool = False


class DirectoryRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(self, wanted: OrganizationFilter, after: str, limit: int) -> list[OrganizationLine]:
        """By name, from behind the organization `after` on.  Two queries."""
        query = _pages.where(*_conditions(wanted))
        if after:
            behind = select(OrganizationRow.name).where(OrganizationRow.id == after).scalar_subquery()
            query = query.where(OrganizationRow.name > behind)
        async with self._database.read() as session:
            rows = (await session.execute(query.order_by(OrganizationRow.name).limit(limit))).all()
            crews = await _crews(session, [row.id for row, _ in rows])
        lines = []
        for row, profile in rows:
            trades, count, available = crews.get(row.id, ((), 0, 0))
            lines.append(OrganizationLine(row.value(), profile_value(profile), trades, count, available))
        return lines

    async def get(self, organization_id: str) -> tuple[Organization, Profile, list[Contact]] | None:
        async with self._database.read() as session:
            found = (await session.execute(_pages.where(OrganizationRow.id == organization_id))).one_or_none()
            if found is None:
                return None
            contacts = await session.scalars(
                select(ContactRow).where(ContactRow.organization_id == organization_id).order_by(ContactRow.position)
            )
            return found[0].value(), profile_value(found[1]), [_contact(row) for row in contacts]

    async def set_profile(
        self, organization_id: str, profile: Profile, contacts: Sequence[Contact], revision: int
    ) -> bool:
        """False when somebody else has written meanwhile: `revision` is the one that was read.  The logo stays."""
        values = {
            "summary_zh": profile.summary_zh,
            "summary_en": profile.summary_en,
            "industry": profile.industry or "",
            "headcount": profile.headcount or "",
            "region": profile.region,
            "address": profile.address,
            "website": profile.website,
            "founded_on": profile.founded_on,
            "revision": revision + 1,
            "changed_at_ms": profile.changed_at_ms,
            "changed_by_name": profile.changed_by_name,
        }
        try:
            async with self._database.write() as session:
                if revision:
                    mine = (ProfileRow.organization_id == organization_id) & (ProfileRow.revision == revision)
                    changed = await session.scalars(
                        update(ProfileRow).where(mine).values(values).returning(ProfileRow.organization_id)
                    )
                    if not changed.all():
                        return False
                else:
                    await session.execute(insert(ProfileRow).values(organization_id=organization_id, **values))
                await session.execute(delete(ContactRow).where(ContactRow.organization_id == organization_id))
                session.add_all(
                    ContactRow(
                        organization_id=organization_id,
                        position=position,
                        role=one.role,
                        name=one.name,
                        account_id=one.account_id,
                        phone=one.phone,
                        email=one.email,
                        public=one.public,
                    )
                    for position, one in enumerate(contacts)
                )
        except IntegrityError:
            return False
        return True

    async def set_logo(self, organization_id: str, sha256: str | None) -> None:
        """For an organization whose profile is written."""
        async with self._database.write() as session:
            await session.execute(
                update(ProfileRow).where(ProfileRow.organization_id == organization_id).values(logo_sha256=sha256)
            )


def _conditions(wanted: OrganizationFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.kind is not None:
        conditions.append(OrganizationRow.kind == wanted.kind)
    if wanted.industry is not None:
        conditions.append(ProfileRow.industry == wanted.industry)
    if wanted.search:
        columns = (OrganizationRow.name, ProfileRow.summary_zh, ProfileRow.summary_en)
        conditions.append(or_(*(column.icontains(wanted.search, autoescape=True) for column in columns)))
    if wanted.region:
        there = and_(CrewRow.organization_id == OrganizationRow.id, CrewRow.retired_at_ms == 0)
        comes = select(CrewRow.id).where(there, _tagged("region", wanted.region)).exists()
        conditions.append(or_(ProfileRow.region == wanted.region, comes))
    crew: list[ColumnElement[bool]] = []
    if wanted.trade is not None:
        crew.append(_tagged("trade", wanted.trade))
    if wanted.language is not None:
        crew.append(_tagged("language", wanted.language))
    if wanted.available:
        crew.append(CrewRow.status == CrewStatus.AVAILABLE)
    if crew:
        mine = and_(CrewRow.organization_id == OrganizationRow.id, CrewRow.retired_at_ms == 0)
        conditions.append(select(CrewRow.id).where(mine, *crew).exists())
    return conditions


def _tagged(kind: str, value: str) -> ColumnElement[bool]:
    return (
        select(CrewTagRow.crew_id)
        .where(CrewTagRow.crew_id == CrewRow.id, CrewTagRow.kind == kind, CrewTagRow.value == value)
        .exists()
    )


async def _crews(session: AsyncSession, ids: Sequence[str]) -> dict[str, tuple[tuple[Trade, ...], int, int]]:
    """(trades, crews, those available) of each that has any."""
    rows = await session.execute(
        select(CrewRow.organization_id, CrewRow.id, CrewRow.status, CrewTagRow.value)
        .outerjoin(CrewTagRow, and_(CrewTagRow.crew_id == CrewRow.id, CrewTagRow.kind == "trade"))
        .where(CrewRow.organization_id.in_(ids), CrewRow.retired_at_ms == 0)
    )
    trades: dict[str, set[str]] = {}
    states: dict[str, dict[str, str]] = {}
    for organization_id, crew_id, status, trade in rows:
        trades.setdefault(organization_id, set()).update([trade] if trade else [])
        states.setdefault(organization_id, {})[crew_id] = status
    return {
        organization_id: (
            tuple(trade for trade in Trade if trade in trades[organization_id]),
            len(crews),
            sum(status == CrewStatus.AVAILABLE for status in crews.values()),
        )
        for organization_id, crews in states.items()
    }


def profile_value(row: ProfileRow | None) -> Profile:
    if row is None:
        return Profile()
    return Profile(
        summary_zh=row.summary_zh,
        summary_en=row.summary_en,
        industry=Industry(row.industry) if row.industry else None,
        headcount=Headcount(row.headcount) if row.headcount else None,
        region=row.region,
        address=row.address,
        website=row.website,
        founded_on=row.founded_on,
        logo_sha256=row.logo_sha256,
        revision=row.revision,
        changed_at_ms=row.changed_at_ms,
        changed_by_name=row.changed_by_name,
    )


def _contact(row: ContactRow) -> Contact:
    return Contact(ContactRole(row.role), row.name, row.account_id, row.phone, row.email, row.public)
