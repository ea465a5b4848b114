"""Marks that were removed from a machine: in its archive they count no more, until they are placed again.

A phone may bring a mark after it was removed, since it keeps what it cannot send: so what was removed is remembered by
itself, not by the row of the mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select

from collab.db.dialect import insert_once
from collab.db.engine import Database

from .models import AssistMarkRow, AssistSessionRow, RemovedMarkRow

REMEMBERED_MAX: Final = 2_000  # of a session; the oldest are forgotten


class SqlRemovedMarks:
    """A `meetings.archive.RemovedMarks`.  Doing either twice is doing it once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def removed(self, meeting_id: str, mark_ids: Sequence[str], at_ms: int) -> None:
        of = RemovedMarkRow.meeting_id == meeting_id
        oldest = select(RemovedMarkRow.removed_at_ms).where(of).order_by(RemovedMarkRow.removed_at_ms.desc())
        async with self._database.write() as session:
            for mark_id in mark_ids:
                await insert_once(session, RemovedMarkRow, meeting_id=meeting_id, mark_id=mark_id, removed_at_ms=at_ms)
            limit = await session.scalar(oldest.offset(REMEMBERED_MAX).limit(1))
            if limit is not None:
                await session.execute(delete(RemovedMarkRow).where(of, RemovedMarkRow.removed_at_ms <= limit))

    async def placed(self, meeting_id: str, mark_id: str) -> None:
        of = and_(RemovedMarkRow.meeting_id == meeting_id, RemovedMarkRow.mark_id == mark_id)
        async with self._database.read() as session:
            if await session.scalar(select(RemovedMarkRow.mark_id).where(of)) is None:
                return
        async with self._database.write() as session:
            await session.execute(delete(RemovedMarkRow).where(of))


def is_removed() -> ColumnElement[bool]:
    """Of a row of marks: in its session, or in another one about the same machine."""
    return exists().where(
        RemovedMarkRow.mark_id == AssistMarkRow.id,
        AssistSessionRow.meeting_id == RemovedMarkRow.meeting_id,
        or_(AssistSessionRow.id == AssistMarkRow.session_id, AssistSessionRow.machine_id == AssistMarkRow.machine_id),
    )
