"""Who stands behind "the park's officers", a group, a company's service officer, in SQL."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from collab.accounts.models import AccountRow, MemberRole, MembershipRow
from collab.db.engine import Database
from collab.organizations.models import OrganizationKind, OrganizationRow
from collab.problems import FieldFault, invalid

from .models import DeskGroupMemberRow, DeskGroupRow
from .parties import LEADING
from .values import DeskGroup, Named

_of_park = (
    select(AccountRow.id, AccountRow.name)
    .join(MembershipRow, MembershipRow.account_id == AccountRow.id)
    .join(OrganizationRow, OrganizationRow.id == MembershipRow.organization_id)
    .where(OrganizationRow.kind == OrganizationKind.PARK, AccountRow.disabled_at_ms == 0)
    .distinct()
    .order_by(AccountRow.name, AccountRow.id)
)


class ServiceOfficers(Protocol):
    async def officer_of(self, organization_id: str) -> str | None:
        """The account of the company's service officer, or of who stands in; None while it has none."""


class NoServiceOfficers:
    """Of a park that has not named any: its officers are asked."""

    async def officer_of(self, organization_id: str) -> str | None:
        return None


class DeskPeople:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def officers(self) -> list[Named]:
        """Officers and administrators of the park."""
        return await self._park(tuple(LEADING))

    async def administrators(self) -> list[Named]:
        return await self._park((MemberRole.ADMINISTRATOR,))

    async def _park(self, roles: tuple[MemberRole, ...]) -> list[Named]:
        async with self._database.read() as session:
            rows = await session.execute(_of_park.where(MembershipRow.role.in_(roles)))
            return [Named(row.id, row.name) for row in rows]

    async def staff(self) -> list[Named]:
        """All who belong to the park's organization."""
        async with self._database.read() as session:
            return [Named(row.id, row.name) for row in await session.execute(_of_park)]

    async def groups_of(self, account_id: str) -> frozenset[str]:
        async with self._database.read() as session:
            found = await session.scalars(
                select(DeskGroupMemberRow.group_key).where(DeskGroupMemberRow.account_id == account_id)
            )
            return frozenset(found)

    async def group(self, key: str) -> list[Named]:
        """Its members; none while there is no such group."""
        async with self._database.read() as session:
            rows = await session.execute(
                select(AccountRow.id, AccountRow.name)
                .join(DeskGroupMemberRow, DeskGroupMemberRow.account_id == AccountRow.id)
                .where(DeskGroupMemberRow.group_key == key, AccountRow.disabled_at_ms == 0)
                .order_by(AccountRow.name, AccountRow.id)
            )
            return [Named(row.id, row.name) for row in rows]

    async def groups(self) -> list[DeskGroup]:
        async with self._database.read() as session:
            rows = (await session.scalars(select(DeskGroupRow).order_by(DeskGroupRow.key))).all()
            members = await session.execute(
                select(DeskGroupMemberRow.group_key, AccountRow.id, AccountRow.name)
                .join(AccountRow, AccountRow.id == DeskGroupMemberRow.account_id)
                .order_by(AccountRow.name, AccountRow.id)
            )
            by_group: dict[str, list[Named]] = {}
            for key, account_id, name in members:
                by_group.setdefault(key, []).append(Named(account_id, name))
        return [DeskGroup(row.key, row.name_zh, row.name_en, tuple(by_group.get(row.key, ()))) for row in rows]

    async def set_group(self, key: str, name_zh: str, name_en: str, account_ids: tuple[str, ...]) -> None:
        """Makes it, or replaces its names and members.  Raises INVALID for an account that there is not."""
        async with self._database.write() as session:
            row = await session.get(DeskGroupRow, key)
            if row is None:
                session.add(DeskGroupRow(key=key, name_zh=name_zh, name_en=name_en))
            else:
                row.name_zh, row.name_en = name_zh, name_en
            await session.execute(delete(DeskGroupMemberRow).where(DeskGroupMemberRow.group_key == key))
            await session.flush()
            session.add_all(DeskGroupMemberRow(group_key=key, account_id=one) for one in dict.fromkeys(account_ids))
            try:
                await session.flush()
            except IntegrityError:
                raise invalid(account_ids=FieldFault.INVALID) from None

    async def remove_group(self, key: str) -> bool:
        async with self._database.write() as session:
            gone = await session.scalars(
                delete(DeskGroupRow).where(DeskGroupRow.key == key).returning(DeskGroupRow.key)
            )
            return bool(gone.all())
