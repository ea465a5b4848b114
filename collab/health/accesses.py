"""The log of who saw what is kept about whom: written in the transaction that reads, so that none goes without."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from collab.accounts.models import AccountRow
from collab.clock import new_id
from collab.db.engine import Database
from collab.requests.values import Named

from .models import HealthAccessRow, Purpose
from .values import AccessRecord, Reader

ROWS_AT_ONCE: Final = 500

_person = aliased(AccountRow)


async def log_access(session: AsyncSession, reader: Reader, people: Iterable[tuple[str, str]], at_ms: int) -> None:
    """`people`: (account, what it was about).  One row for each person; nobody is logged for looking at themselves."""
    rows = [
        {
            "id": new_id(at_ms),
            "reader_id": reader.id,
            "reader_name": reader.name,
            "person_id": person_id,
            "purpose": reader.purpose.value,
            "about_id": about_id,
            "at_ms": at_ms,
        }
        for person_id, about_id in dict.fromkeys(people)
        if person_id != reader.id
    ]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await session.execute(insert(HealthAccessRow), rows[start : start + ROWS_AT_ONCE])


class AccessRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(
        self, *, person_id: str = "", reader_id: str = "", before: str = "", limit: int = 100
    ) -> list[AccessRecord]:
        """Newest first.  One query."""
        query = select(HealthAccessRow, _person.name).outerjoin(_person, _person.id == HealthAccessRow.person_id)
        if person_id:
            query = query.where(HealthAccessRow.person_id == person_id)
        if reader_id:
            query = query.where(HealthAccessRow.reader_id == reader_id)
        if before:
            query = query.where(HealthAccessRow.id < before)
        async with self._database.read() as session:
            rows = (await session.execute(query.order_by(HealthAccessRow.id.desc()).limit(limit))).all()
        return [
            AccessRecord(
                row.id,
                Named(row.reader_id, row.reader_name),
                Named(row.person_id, name or ""),
                Purpose(row.purpose),
                row.about_id,
                row.at_ms,
            )
            for row, name in rows
        ]
