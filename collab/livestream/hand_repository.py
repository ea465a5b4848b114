"""Raised hands in SQL: written at once, because a ticket for the stage depends on them."""

from __future__ import annotations

from sqlalchemy import select, update

from collab.db.engine import Database

from .models import HandState, LivestreamHandRow
from .records import Hand

Row = LivestreamHandRow


class HandRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, livestream_id: str, hand: Hand) -> None:
        async with self._database.write() as session:
            row = await session.get(Row, (livestream_id, hand.viewer_id))
            if row is None:
                row = Row(livestream_id=livestream_id, viewer_id=hand.viewer_id, identity="")
                session.add(row)
            row.name, row.state, row.at_ms = hand.name, hand.state, hand.at_ms

    async def go_on_stage(self, livestream_id: str, viewer_id: str, identity: str, at_ms: int) -> bool:
        """False for who was not invited.  Again for who is on stage: a page that comes back."""
        async with self._database.write() as session:
            moved = await session.scalar(
                update(Row)
                .where(
                    Row.livestream_id == livestream_id,
                    Row.viewer_id == viewer_id,
                    Row.state.in_((HandState.INVITED, HandState.ON_STAGE)),
                )
                .values(state=HandState.ON_STAGE, identity=identity, at_ms=at_ms)
                .returning(Row.viewer_id)
            )
        return moved is not None

    async def get(self, livestream_id: str, viewer_id: str) -> Hand | None:
        async with self._database.read() as session:
            row = await session.get(Row, (livestream_id, viewer_id))
        return _value(row) if row else None

    async def up(self, livestream_id: str) -> list[Hand]:
        query = select(Row).where(Row.livestream_id == livestream_id, Row.state != HandState.DOWN)
        async with self._database.read() as session:
            return [_value(row) for row in await session.scalars(query.order_by(Row.at_ms))]

    async def of_identity(self, livestream_id: str, identity: str) -> HandState | None:
        query = select(Row.state).where(Row.livestream_id == livestream_id, Row.identity == identity)
        async with self._database.read() as session:
            state = await session.scalar(query.order_by(Row.at_ms.desc()).limit(1))
        return HandState(state) if state else None


def _value(row: Row) -> Hand:
    return Hand(
        viewer_id=row.viewer_id, name=row.name, state=HandState(row.state), at_ms=row.at_ms, identity=row.identity
    )
