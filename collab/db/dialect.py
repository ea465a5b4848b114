"""The few statements that SQLite and PostgreSQL share but SQLAlchemy spells per dialect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from .base import Base

ROWS_AT_ONCE: Final = 200  # of one INSERT: SQLite takes 32,766 values


async def insert_once(session: AsyncSession, table: type[Base], **values: object) -> bool:
    """INSERT ... ON CONFLICT DO NOTHING; whether a row was added."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    result = await session.execute(insert(table).values(**values).on_conflict_do_nothing())
    return bool(getattr(result, "rowcount", 0))


async def insert_all_once(session: AsyncSession, table: type[Base], rows: Sequence[Mapping[str, object]]) -> None:
    """The same for many rows with the same columns, ROWS_AT_ONCE in a statement."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await session.execute(insert(table).values(rows[start : start + ROWS_AT_ONCE]).on_conflict_do_nothing())
