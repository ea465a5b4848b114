"""Stream keys in SQL.  Every method is one transaction."""

from __future__ import annotations

from sqlalchemy import Select, func, select, update

from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.repository import record
from collab.clock import new_id
from collab.db.engine import Database
from collab.livestream.models import LivestreamRow

from .models import KEYS_MAX, StreamKey, StreamKeyRow


class StreamKeyRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, livestream_id: str) -> list[StreamKey]:
        """Those that are not revoked, oldest first."""
        query = select(StreamKeyRow).where(StreamKeyRow.livestream_id == livestream_id, StreamKeyRow.revoked_at_ms == 0)
        async with self._database.read() as session:
            return [_value(row) for row in await session.scalars(query.order_by(StreamKeyRow.id))]

    async def by_hash(self, key_hash: str) -> StreamKey | None:
        query = select(StreamKeyRow).where(StreamKeyRow.key_hash == key_hash, StreamKeyRow.revoked_at_ms == 0)
        async with self._database.read() as session:
            row = await session.scalar(query)
        return _value(row) if row else None

    async def add(self, livestream_id: str, title: str, name: str, key_hash: str, at_ms: int) -> StreamKey | None:
        """None when the livestream has as many as it may."""
        async with self._database.write() as session:
            # One row that everyone who makes a key for this livestream locks.
            await session.execute(select(LivestreamRow.id).where(LivestreamRow.id == livestream_id).with_for_update())
            held = await session.scalar(
                select(func.count())
                .select_from(StreamKeyRow)
                .where(StreamKeyRow.livestream_id == livestream_id, StreamKeyRow.revoked_at_ms == 0)
            )
            if (held or 0) >= KEYS_MAX:
                return None
            row = StreamKeyRow(
                id=new_id(at_ms),
                livestream_id=livestream_id,
                name=name,
                key_hash=key_hash,
                turn=1,
                srt_port=0,
                srt_passphrase="",
                created_at_ms=at_ms,
                used_at_ms=0,
                used_from="",
                revoked_at_ms=0,
            )
            session.add(row)
            record(session, AuditAction.STREAM_KEY_MADE, _subject(livestream_id, title), key=name)
        return _value(row)

    async def renew(self, livestream_id: str, title: str, key_id: str, key_hash: str) -> StreamKey | None:
        """Another key in place of this one; None when there is no such key."""
        async with self._database.write() as session:
            row = await session.scalar(_one(livestream_id, key_id).with_for_update())
            if row is None:
                return None
            row.key_hash, row.turn = key_hash, row.turn + 1
            record(session, AuditAction.STREAM_KEY_RENEWED, _subject(livestream_id, title), key=row.name)
            return _value(row)

    async def revoke(self, livestream_id: str, title: str, key_id: str, at_ms: int) -> StreamKey | None:
        """As it was; None when there is no such key."""
        async with self._database.write() as session:
            row = await session.scalar(_one(livestream_id, key_id).with_for_update())
            if row is None:
                return None
            row.revoked_at_ms = at_ms
            record(session, AuditAction.STREAM_KEY_REVOKED, _subject(livestream_id, title), key=row.name)
            return _value(row)

    async def used(self, key_id: str, at_ms: int, address: str) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(StreamKeyRow).where(StreamKeyRow.id == key_id).values(used_at_ms=at_ms, used_from=address[:45])
            )


def _one(livestream_id: str, key_id: str) -> Select[StreamKeyRow]:
    return select(StreamKeyRow).where(
        StreamKeyRow.id == key_id, StreamKeyRow.livestream_id == livestream_id, StreamKeyRow.revoked_at_ms == 0
    )


def _subject(livestream_id: str, title: str) -> Subject:
    return Subject(SubjectKind.LIVESTREAM, livestream_id, title)


def _value(row: StreamKeyRow) -> StreamKey:
    return StreamKey(
        id=row.id,
        livestream_id=row.livestream_id,
        name=row.name,
        key_hash=row.key_hash,
        turn=row.turn,
        srt_port=row.srt_port,
        srt_passphrase=row.srt_passphrase,
        created_at_ms=row.created_at_ms,
        used_at_ms=row.used_at_ms,
        used_from=row.used_from,
    )
