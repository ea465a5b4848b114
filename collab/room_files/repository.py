"""Files of rooms in SQL.  Every method is one transaction."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Select, case, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from collab.db.dialect import insert_once
from collab.db.engine import Database
from collab.files.models import FileRow
from collab.meetings.models import IDENTITY_MAX_CHARS, RoomFileRow

from .values import RoomFile, Usage

PURGE_BATCH: Final = 500

_files: Select[RoomFileRow, FileRow] = select(RoomFileRow, FileRow).join(FileRow, FileRow.sha256 == RoomFileRow.sha256)


class RoomFileRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def usage(self, meeting_id: str, identity: str) -> Usage:
        async with self._database.read() as session:
            return await _usage(session, meeting_id, identity)

    async def add(self, file: RoomFile, most: Usage) -> bool:
        """False where the room or the person would hold more than `most`.  The same key again changes nothing."""
        async with self._database.write() as session:
            if await session.get(RoomFileRow, (file.meeting_id, file.key)) is not None:
                return True
            held = await _usage(session, file.meeting_id, file.identity)
            if held.files >= most.files or held.own_files >= most.own_files:
                return False
            if held.size_bytes + file.file.size_bytes > most.size_bytes:
                return False
            await insert_once(
                session,
                RoomFileRow,
                meeting_id=file.meeting_id,
                key=file.key,
                message_id=None,
                sha256=file.file.sha256,
                file_name=file.file_name,
                identity=file.identity[:IDENTITY_MAX_CHARS],
                name=file.name,
                stored_at_ms=file.stored_at_ms,
            )
        return True

    async def get(self, meeting_id: str, key: str, *, shared: bool) -> RoomFile | None:
        """`shared`: only one that is in the chat."""
        query = _files.where(RoomFileRow.meeting_id == meeting_id, RoomFileRow.key == key)
        if shared:
            query = query.where(RoomFileRow.message_id.is_not(None))
        async with self._database.read() as session:
            found = (await session.execute(query)).one_or_none()
        return _value(*found) if found else None

    async def purge(self, unshared_before_ms: int, stored_before_ms: int) -> int:
        """Delete what was brought and never shared, and what is too old; how many went."""
        old = (
            select(RoomFileRow.meeting_id, RoomFileRow.key)
            .where(
                or_(
                    RoomFileRow.stored_at_ms < stored_before_ms,
                    (RoomFileRow.stored_at_ms < unshared_before_ms) & RoomFileRow.message_id.is_(None),
                )
            )
            .limit(PURGE_BATCH)
        )
        async with self._database.write() as session:
            gone = (await session.execute(old)).all()
            for meeting_id, key in gone:
                await session.execute(
                    delete(RoomFileRow).where(RoomFileRow.meeting_id == meeting_id, RoomFileRow.key == key)
                )
        return len(gone)


async def _usage(session: AsyncSession, meeting_id: str, identity: str) -> Usage:
    own = func.coalesce(func.sum(case((RoomFileRow.identity == identity[:IDENTITY_MAX_CHARS], 1), else_=0)), 0)
    files, size_bytes, own_files = (
        await session.execute(
            select(func.count(), func.coalesce(func.sum(FileRow.size_bytes), 0), own)
            .select_from(RoomFileRow)
            .join(FileRow, FileRow.sha256 == RoomFileRow.sha256)
            .where(RoomFileRow.meeting_id == meeting_id)
        )
    ).one()
    return Usage(int(files), int(size_bytes), int(own_files))


def _value(row: RoomFileRow, file: FileRow) -> RoomFile:
    return RoomFile(row.meeting_id, row.key, file.value(), row.file_name, row.identity, row.name, row.stored_at_ms)
