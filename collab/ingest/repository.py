"""Stream keys in SQL.  Every method is one transaction."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import Select, func, select, update

from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.repository import record
from collab.clock import new_id
from collab.db.dialect import SRT_PORTS_LOCK, one_at_a_time
from collab.db.engine import Database
from collab.livestream.life import OVER
from collab.livestream.models import LivestreamRow
from collab.livestream.repository import LivestreamRepository
from collab.livestream.values import Livestream

from .models import KEYS_MAX, StreamKey, StreamKeyRow


class Encoder(Struct, frozen=True):
    """Who sends with a key."""

    key: StreamKey
    livestream: Livestream


class StreamKeyRepository:
    def __init__(self, database: Database, livestreams: LivestreamRepository) -> None:
        self._database = database
        self._livestreams = livestreams

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

    async def srt_keys(self) -> list[Encoder]:
        """Those with a port, of livestreams that are not over."""
        query = select(StreamKeyRow).where(StreamKeyRow.id.in_(_with_port()))
        async with self._database.read() as session:
            keys = [_value(row) for row in await session.scalars(query)]
        found = [Encoder(key, one) for key in keys if (one := await self._livestreams.get(key.livestream_id))]
        return [encoder for encoder in found if encoder.livestream.trashed_at_ms == 0]

    async def use_srt(self, key: StreamKey, ports: range, passphrase: str) -> int:
        """Give it a port of its own, or leave it the one that it has; 0 when none is free."""
        if not ports:
            return 0
        async with self._database.write() as session:
            await one_at_a_time(session, SRT_PORTS_LOCK)  # two keys that are made at once do not get the same port
            rows = (
                await session.execute(select(StreamKeyRow.id, StreamKeyRow.srt_port).where(StreamKeyRow.srt_port > 0))
            ).all()
            alive = set(await session.scalars(_with_port()))
            taken = {port for id_, port in rows if id_ in alive and id_ != key.id}
            keeps = key.srt_port if key.srt_port in ports and key.srt_port not in taken else 0
            port = keeps or next((port for port in ports if port not in taken), 0)
            await session.execute(
                update(StreamKeyRow)
                .where(StreamKeyRow.id == key.id)
                .values(srt_port=port, srt_passphrase=passphrase if port else "")
            )
        return port

    async def used(self, key_id: str, at_ms: int, address: str) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(StreamKeyRow).where(StreamKeyRow.id == key_id).values(used_at_ms=at_ms, used_from=address[:45])
            )


def _with_port() -> Select[str]:
    return (
        select(StreamKeyRow.id)
        .join(LivestreamRow, LivestreamRow.id == StreamKeyRow.livestream_id)
        .where(
            StreamKeyRow.srt_port > 0,
            StreamKeyRow.revoked_at_ms == 0,
            LivestreamRow.trashed_at_ms == 0,
            LivestreamRow.state.not_in([state.value for state in OVER]),
        )
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
