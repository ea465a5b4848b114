"""The few statements that SQLite and PostgreSQL share but SQLAlchemy spells per dialect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from .base import Base

ROWS_AT_ONCE: Final = 200  # of one INSERT: SQLite takes 32,766 values


# Of what is given out by looking at what is taken: whose rows there are none to lock.  Any number that no other has.
SRT_PORTS_LOCK: Final = 5_310_001


async def one_at_a_time(session: AsyncSession, number: int) -> None:
    """Until the transaction ends, whoever else asks for the same number waits.

    On SQLite nothing is to be done: writing transactions follow one another.  To be called before anything is read.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(number)))


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
