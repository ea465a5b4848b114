"""Broadcasts in SQL.  Every method is one transaction."""

from __future__ import annotations

from sqlalchemy import select, update

from collab.db.dialect import insert_once
from collab.db.engine import Database

from .models import Broadcast, BroadcastRow


class BroadcastRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, livestream_id: str, room_id: str, key: str, at_ms: int) -> Broadcast:
        """As it is: one that has begun before keeps its key, and is live again."""
        async with self._database.write() as session:
            await insert_once(
                session,
                BroadcastRow,
                livestream_id=livestream_id,
                room_id=room_id,
                key=key,
                begun_at_ms=at_ms,
                ended_at_ms=0,
            )
            await session.execute(
                update(BroadcastRow).where(BroadcastRow.livestream_id == livestream_id).values(ended_at_ms=0)
            )
            row = (await session.scalars(select(BroadcastRow).where(BroadcastRow.livestream_id == livestream_id))).one()
            return _value(row)

    async def end(self, livestream_id: str, at_ms: int) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(BroadcastRow).where(BroadcastRow.livestream_id == livestream_id).values(ended_at_ms=at_ms)
            )

    async def get(self, livestream_id: str) -> Broadcast | None:
        async with self._database.read() as session:
            row = await session.get(BroadcastRow, livestream_id)
        return _value(row) if row is not None else None

    async def by_key(self, key: str) -> Broadcast | None:
        """One that is live."""
        query = select(BroadcastRow).where(BroadcastRow.key == key, BroadcastRow.ended_at_ms == 0)
        async with self._database.read() as session:
            row = await session.scalar(query)
        return _value(row) if row is not None else None

    async def live_keys(self) -> set[str]:
        async with self._database.read() as session:
            return set(await session.scalars(select(BroadcastRow.key).where(BroadcastRow.ended_at_ms == 0)))


def _value(row: BroadcastRow) -> Broadcast:
    return Broadcast(row.livestream_id, row.room_id, row.key, row.begun_at_ms, row.ended_at_ms)
