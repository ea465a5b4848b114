"""Machines in SQL.  Every method is one transaction."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from collab.clock import new_id, new_label
from collab.db.engine import Database
from collab.organizations.models import OrganizationRow

from .models import JobRow, MachineRow
from .parties import IN_HAND, Reach
from .values import Machine, Named

LABEL_ATTEMPTS = 4

machines: Select[MachineRow, str] = select(MachineRow, OrganizationRow.name).join(
    OrganizationRow, OrganizationRow.id == MachineRow.organization_id
)


def machine_value(row: MachineRow, organization_name: str) -> Machine:
    return Machine(
        id=row.id,
        label=row.label,
        organization=Named(row.organization_id, organization_name),
        make=row.make,
        model=row.model,
        serial=row.serial,
        site=row.site,
        created_at_ms=row.created_at_ms,
        changed_at_ms=row.changed_at_ms,
    )


def machine_visible(reach: Reach) -> ColumnElement[bool]:
    """One's own, and those on which one's company has a job in hand."""
    in_hand = aliased(JobRow)  # the query around it may have jobs of its own
    return or_(
        MachineRow.organization_id.in_(reach.organization_ids),
        exists(
            select(in_hand.id).where(
                in_hand.machine_id == MachineRow.id,
                in_hand.installer_id.in_(reach.organization_ids),
                in_hand.state.in_(IN_HAND),
            )
        ),
    )


def of_same_model(machine_id: str) -> Select[str]:
    """The ids of all machines of its make and model in its organization, its own among them."""
    this, same = aliased(MachineRow), aliased(MachineRow)
    return (
        select(same.id)
        .join(
            this,
            and_(
                this.organization_id == same.organization_id,
                func.lower(this.make) == func.lower(same.make),
                func.lower(this.model) == func.lower(same.model),
            ),
        )
        .where(this.id == machine_id)
    )


class MachineRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, organization_id: str, by: str, at_ms: int, *, make: str, model: str, serial: str, site: str
    ) -> Machine:
        for _attempt in range(LABEL_ATTEMPTS):
            row = MachineRow(
                id=new_id(at_ms),
                label=new_label(),
                organization_id=organization_id,
                make=make,
                model=model,
                serial=serial,
                site=site,
                created_by=by,
                created_at_ms=at_ms,
                changed_at_ms=at_ms,
            )
            try:
                async with self._database.write() as session:
                    session.add(row)
            except IntegrityError:  # a label of chance is taken once in 10^12 times
                continue
            added = await self.get(row.id)
            if added is not None:
                return added
        raise RuntimeError("no free label")

    async def get(self, machine_id: str) -> Machine | None:
        return await self._one(machines.where(MachineRow.id == machine_id))

    async def by_label(self, label: str) -> Machine | None:
        return await self._one(machines.where(MachineRow.label == label))

    async def sees(self, reach: Reach, machine_id: str) -> bool:
        if reach.park_staff:
            return True
        async with self._database.read() as session:
            found = await session.scalar(
                select(MachineRow.id).where(MachineRow.id == machine_id, machine_visible(reach))
            )
        return found is not None

    async def sees_model(self, reach: Reach, machine_id: str) -> bool:
        """Whether one of its make and model in its organization is visible."""
        query = select(MachineRow.id).where(MachineRow.id.in_(of_same_model(machine_id))).limit(1)
        if not reach.park_staff:
            query = query.where(machine_visible(reach))
        async with self._database.read() as session:
            return await session.scalar(query) is not None

    async def are_same_model(self, machine_id: str, other_id: str) -> bool:
        query = select(MachineRow.id).where(MachineRow.id == other_id, MachineRow.id.in_(of_same_model(machine_id)))
        async with self._database.read() as session:
            return await session.scalar(query) is not None

    async def listed(self, reach: Reach, search: str, before: str, limit: int) -> list[Machine]:
        """Newest first; `search` is looked for in every word that describes a machine."""
        query = machines
        if not reach.park_staff:
            query = query.where(machine_visible(reach))
        if search:
            columns = (MachineRow.make, MachineRow.model, MachineRow.serial, MachineRow.site, OrganizationRow.name)
            query = query.where(or_(*(func.lower(one).contains(search.lower(), autoescape=True) for one in columns)))
        if before:
            query = query.where(MachineRow.id < before)
        async with self._database.read() as session:
            rows = (await session.execute(query.order_by(MachineRow.id.desc()).limit(limit))).all()
        return [machine_value(row, name) for row, name in rows]

    async def change(self, machine_id: str, at_ms: int, values: dict[str, str]) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(MachineRow).where(MachineRow.id == machine_id).values(**values, changed_at_ms=at_ms)
            )

    async def _one(self, query: Select[MachineRow, str]) -> Machine | None:
        async with self._database.read() as session:
            found = (await session.execute(query)).one_or_none()
        return machine_value(found[0], found[1]) if found else None
