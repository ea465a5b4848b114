"""Organizations in SQL."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.repository import record
from collab.clock import new_id
from collab.db.engine import Database
from collab.problems import FieldFault, invalid
from collab.webhooks.events import WebhookEvent
from collab.webhooks.outbox import tell

from .models import Organization, OrganizationKind, OrganizationRow


class OrganizationRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, organization_id: str) -> Organization | None:
        async with self._database.read() as session:
            row = await session.get(OrganizationRow, organization_id)
        return row.value() if row else None

    async def all(self) -> list[Organization]:
        """By name.  A park has some hundred."""
        async with self._database.read() as session:
            rows = await session.scalars(select(OrganizationRow).order_by(OrganizationRow.name))
            return [row.value() for row in rows]

    async def add(self, name: str, kind: OrganizationKind, at_ms: int) -> Organization:
        async with self._database.write() as session:
            row = OrganizationRow(id=new_id(at_ms), name=name, kind=kind, created_at_ms=at_ms)
            session.add(row)
            try:
                await session.flush()
            except IntegrityError:
                raise invalid(name=FieldFault.TAKEN) from None
            made = Subject(SubjectKind.ORGANIZATION, row.id, name)
            record(session, AuditAction.ORGANIZATION_ADDED, made, organization_id=row.id, kind=kind.value)
            told = {"organization_id": row.id, "kind": kind.value}
            await tell(session, WebhookEvent.ORGANIZATION_ADDED, f"organization.added:{row.id}", (row.id,), told)
        return row.value()
