"""Targets of livestreams in SQL.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, func, select, update

from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.repository import record
from collab.db.engine import Database
from collab.livestream.models import LivestreamRow

from .models import TARGETS_MAX, RestreamTarget, RestreamTargetRow


class RestreamRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, livestream_id: str) -> list[RestreamTarget]:
        """Oldest first."""
        query = select(RestreamTargetRow).where(RestreamTargetRow.livestream_id == livestream_id)
        async with self._database.read() as session:
            return [_value(row) for row in await session.scalars(query.order_by(RestreamTargetRow.id))]

    async def enabled(self, livestream_ids: Collection[str]) -> list[RestreamTarget]:
        query = select(RestreamTargetRow).where(
            RestreamTargetRow.livestream_id.in_(livestream_ids), RestreamTargetRow.enabled.is_(True)
        )
        async with self._database.read() as session:
            return [_value(row) for row in await session.scalars(query)]

    async def add(self, target: RestreamTarget, title: str, at_ms: int) -> bool:
        """False when the livestream has as many as it may."""
        async with self._database.write() as session:
            # One row that everyone who adds a target to this livestream locks.
            await session.execute(
                select(LivestreamRow.id).where(LivestreamRow.id == target.livestream_id).with_for_update()
            )
            held = await session.scalar(
                select(func.count())
                .select_from(RestreamTargetRow)
                .where(RestreamTargetRow.livestream_id == target.livestream_id)
            )
            if (held or 0) >= TARGETS_MAX:
                return False
            session.add(
                RestreamTargetRow(
                    id=target.id,
                    livestream_id=target.livestream_id,
                    name=target.name,
                    url=target.url,
                    key=target.key,
                    enabled=target.enabled,
                    created_at_ms=at_ms,
                )
            )
            livestream = Subject(SubjectKind.LIVESTREAM, target.livestream_id, title)
            record(session, AuditAction.RESTREAM_ADDED, livestream, platform=target.name, address=target.url)
        return True

    async def enable(self, livestream_id: str, title: str, target_id: str, enabled: bool) -> bool:
        """False when there is no such target."""
        action = AuditAction.RESTREAM_ENABLED if enabled else AuditAction.RESTREAM_DISABLED
        async with self._database.write() as session:
            name = await session.scalar(
                update(RestreamTargetRow)
                .where(RestreamTargetRow.id == target_id, RestreamTargetRow.livestream_id == livestream_id)
                .values(enabled=enabled)
                .returning(RestreamTargetRow.name)
            )
            if name is None:
                return False
            record(session, action, Subject(SubjectKind.LIVESTREAM, livestream_id, title), platform=name)
        return True

    async def remove(self, livestream_id: str, title: str, target_id: str) -> bool:
        """False when there is no such target."""
        async with self._database.write() as session:
            name = await session.scalar(
                delete(RestreamTargetRow)
                .where(RestreamTargetRow.id == target_id, RestreamTargetRow.livestream_id == livestream_id)
                .returning(RestreamTargetRow.name)
            )
            if name is None:
                return False
            livestream = Subject(SubjectKind.LIVESTREAM, livestream_id, title)
            record(session, AuditAction.RESTREAM_REMOVED, livestream, platform=name)
        return True


def _value(row: RestreamTargetRow) -> RestreamTarget:
    return RestreamTarget(row.id, row.livestream_id, row.name, row.url, row.key, row.enabled)
