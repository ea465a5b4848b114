"""Batches in SQL: what was asked for, and what came of each item."""

from __future__ import annotations

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from collab.clock import new_id
from collab.db.engine import Database
from rooms.core.codes import Code

from .models import RequestBatchItemRow, RequestBatchRow
from .states import Action
from .values import Batch, BatchItem, BatchResult


class BatchRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, created_by: str, client_key: str, action: Action, note: str, request_ids: tuple[str, ...], at_ms: int
    ) -> Batch:
        """Or the one that the same key has made meanwhile."""
        row = RequestBatchRow(
            id=new_id(at_ms),
            created_by=created_by,
            client_key=client_key,
            action=action,
            note=note,
            total=len(request_ids),
            created_at_ms=at_ms,
            finished_at_ms=0,
        )
        try:
            async with self._database.write() as session:
                session.add(row)
                await session.flush()
                await session.execute(
                    insert(RequestBatchItemRow),
                    [
                        {
                            "batch_id": row.id,
                            "position": position,
                            "request_id": request_id,
                            "result": BatchResult.WAITING,
                            "code": "",
                            "at_ms": 0,
                        }
                        for position, request_id in enumerate(request_ids)
                    ],
                )
        except IntegrityError:
            known = await self.by_key(created_by, client_key)
            if known is None:
                raise
            return known
        return _value(row, 0, 0)

    async def get(self, batch_id: str) -> Batch | None:
        async with self._database.read() as session:
            row = await session.get(RequestBatchRow, batch_id)
            return await self._counted(session, row) if row else None

    async def by_key(self, created_by: str, client_key: str) -> Batch | None:
        async with self._database.read() as session:
            row = await session.scalar(
                select(RequestBatchRow).where(
                    RequestBatchRow.created_by == created_by, RequestBatchRow.client_key == client_key
                )
            )
            return await self._counted(session, row) if row else None

    async def unfinished(self) -> list[Batch]:
        async with self._database.read() as session:
            rows = await session.scalars(
                select(RequestBatchRow).where(RequestBatchRow.finished_at_ms == 0).order_by(RequestBatchRow.id)
            )
            return [_value(row, 0, 0) for row in rows]

    async def items(self, batch_id: str) -> list[BatchItem]:
        return await self._items(batch_id, waiting=False)

    async def waiting(self, batch_id: str) -> list[BatchItem]:
        return await self._items(batch_id, waiting=True)

    async def _items(self, batch_id: str, *, waiting: bool) -> list[BatchItem]:
        query = select(RequestBatchItemRow).where(RequestBatchItemRow.batch_id == batch_id)
        if waiting:
            query = query.where(RequestBatchItemRow.result == BatchResult.WAITING)
        async with self._database.read() as session:
            rows = await session.scalars(query.order_by(RequestBatchItemRow.position))
            return [BatchItem(row.position, row.request_id, BatchResult(row.result), row.code) for row in rows]

    async def claim(self, session: AsyncSession, batch_id: str, position: int, at_ms: int) -> bool:
        """Mark an item as done, in the transaction of its move; False when it is no longer waiting."""
        return await self._set(session, batch_id, position, BatchResult.DONE, "", at_ms)

    async def refuse(self, batch_id: str, position: int, code: Code, at_ms: int) -> None:
        async with self._database.write() as session:
            await self._set(session, batch_id, position, BatchResult.REFUSED, code, at_ms)

    async def finish(self, batch_id: str, at_ms: int) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(RequestBatchRow)
                .where(RequestBatchRow.id == batch_id, RequestBatchRow.finished_at_ms == 0)
                .values(finished_at_ms=at_ms)
            )

    async def _set(
        self, session: AsyncSession, batch_id: str, position: int, result: BatchResult, code: str, at_ms: int
    ) -> bool:
        changed = await session.scalars(
            update(RequestBatchItemRow)
            .where(
                RequestBatchItemRow.batch_id == batch_id,
                RequestBatchItemRow.position == position,
                RequestBatchItemRow.result == BatchResult.WAITING,
            )
            .values(result=result, code=code, at_ms=at_ms)
            .returning(RequestBatchItemRow.position)
        )
        return bool(changed.all())

    async def _counted(self, session: AsyncSession, row: RequestBatchRow) -> Batch:
        counts = await session.execute(
            select(RequestBatchItemRow.result, func.count())
            .where(RequestBatchItemRow.batch_id == row.id)
            .group_by(RequestBatchItemRow.result)
        )
        by_result = {row[0]: row[1] for row in counts}
        return _value(row, by_result.get(BatchResult.DONE, 0), by_result.get(BatchResult.REFUSED, 0))


def _value(row: RequestBatchRow, done: int, refused: int) -> Batch:
    return Batch(
        id=row.id,
        created_by=row.created_by,
        client_key=row.client_key,
        action=Action(row.action),
        note=row.note,
        total=row.total,
        done=done,
        refused=refused,
        created_at_ms=row.created_at_ms,
        finished_at_ms=row.finished_at_ms,
    )
