"""Types of requests in SQL.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from collab.clock import new_id
from collab.db.engine import Database
from collab.problems import FieldFault, invalid

from .definition import Definition
from .models import RequestTypeRow, RequestTypeVersionRow
from .values import RequestType, Shipped, TypeVersion


class TypeRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[RequestType]:
        """Those that came with the server first, in the order in which they were made.  A park has some dozen."""
        async with self._database.read() as session:
            rows = await session.scalars(select(RequestTypeRow).order_by(RequestTypeRow.id))
            return [_value(row) for row in rows]

    async def get(self, type_id: str) -> RequestType | None:
        async with self._database.read() as session:
            row = await session.get(RequestTypeRow, type_id)
        return _value(row) if row else None

    async def versions(self, wanted: list[tuple[str, int]]) -> list[TypeVersion]:
        """Those of (type, version) that there are, in one query."""
        if not wanted:
            return []
        ids = sorted({type_id for type_id, _ in wanted})
        numbers = sorted({version for _, version in wanted})
        async with self._database.read() as session:
            rows = await session.execute(
                select(RequestTypeVersionRow, RequestTypeRow.key)
                .join(RequestTypeRow, RequestTypeRow.id == RequestTypeVersionRow.type_id)
                .where(RequestTypeVersionRow.type_id.in_(ids), RequestTypeVersionRow.version.in_(numbers))
            )
            return [
                TypeVersion(
                    type_id=row.type_id,
                    key=key,
                    version=row.version,
                    definition=msgspec.json.decode(row.definition, type=Definition),
                    name=row.name,
                    made_at_ms=row.made_at_ms,
                )
                for row, key in rows
                if (row.type_id, row.version) in set(wanted)
            ]

    async def history(self, type_id: str) -> list[tuple[int, str, int]]:
        """(version, who published it, when), newest first."""
        async with self._database.read() as session:
            rows = await session.execute(
                select(RequestTypeVersionRow.version, RequestTypeVersionRow.name, RequestTypeVersionRow.made_at_ms)
                .where(RequestTypeVersionRow.type_id == type_id)
                .order_by(RequestTypeVersionRow.version.desc())
            )
            return [(row.version, row.name, row.made_at_ms) for row in rows]

    async def add(self, key: str, draft: str, at_ms: int) -> str:
        """Raises INVALID for a key that is taken."""
        row = RequestTypeRow(
            id=new_id(at_ms),
            key=key,
            version=0,
            draft=draft,
            draft_revision=1,
            retired=False,
            shipped_version=0,
            shipped_digest="",
            created_at_ms=at_ms,
            changed_at_ms=at_ms,
        )
        try:
            async with self._database.write() as session:
                session.add(row)
        except IntegrityError:
            raise invalid(key=FieldFault.TAKEN) from None
        return row.id

    async def save_draft(self, type_id: str, revision: int, draft: str, at_ms: int) -> bool:
        """False when somebody else wrote meanwhile."""
        async with self._database.write() as session:
            done = await session.scalars(
                update(RequestTypeRow)
                .where(RequestTypeRow.id == type_id, RequestTypeRow.draft_revision == revision)
                .values(draft=draft, draft_revision=revision + 1, changed_at_ms=at_ms)
                .returning(RequestTypeRow.id)
            )
            return bool(done.all())

    async def retire(self, type_id: str, retired: bool, at_ms: int) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(RequestTypeRow).where(RequestTypeRow.id == type_id).values(retired=retired, changed_at_ms=at_ms)
            )

    async def publish(self, type_id: str, revision: int, definition: str, name: str, at_ms: int) -> int | None:
        """The new version's number; None when somebody else wrote meanwhile.  The draft is used up."""
        async with self._database.write() as session:
            row = await session.scalar(
                select(RequestTypeRow)
                .where(RequestTypeRow.id == type_id, RequestTypeRow.draft_revision == revision)
                .with_for_update()
            )
            if row is None:
                return None
            row.version += 1
            row.draft, row.draft_revision, row.changed_at_ms = "", row.draft_revision + 1, at_ms
            session.add(
                RequestTypeVersionRow(
                    type_id=type_id, version=row.version, definition=definition, name=name, made_at_ms=at_ms
                )
            )
            return row.version

    async def ship(self, shipped: Sequence[Shipped], at_ms: int) -> list[str]:
        """Types that come with the server: added, or brought up to date unless the park has made a version since.

        The keys of what was written.  Where nothing is new, which is nearly always, this only reads.
        """
        try:
            return await self._ship(shipped, at_ms)
        except IntegrityError:  # another server started at the same moment and was first: now its rows are there
            return await self._ship(shipped, at_ms)

    async def _ship(self, shipped: Sequence[Shipped], at_ms: int) -> list[str]:
        asked = select(RequestTypeRow).where(RequestTypeRow.key.in_([one.key for one in shipped]))
        async with self._database.read() as session:
            rows = {row.key: row for row in await session.scalars(asked)}
        if not any(_brings_news(one, rows.get(one.key)) for one in shipped):
            return []
        async with self._database.write() as session:
            rows = {row.key: row for row in await session.scalars(asked.with_for_update())}
            news = [one for one in shipped if _brings_news(one, rows.get(one.key))]
            for one in news:
                if one.key not in rows:
                    rows[one.key] = RequestTypeRow(
                        id=new_id(at_ms),
                        key=one.key,
                        version=0,
                        draft="",
                        draft_revision=1,
                        retired=False,
                        shipped_version=0,
                        shipped_digest="",
                        created_at_ms=at_ms,
                        changed_at_ms=at_ms,
                    )
                row = rows[one.key]
                row.version += 1
                row.shipped_version, row.shipped_digest, row.changed_at_ms = row.version, one.digest, at_ms
                session.add(row)
            await session.flush()  # before the versions, which refer to them
            session.add_all(
                RequestTypeVersionRow(
                    type_id=rows[one.key].id,
                    version=rows[one.key].version,
                    definition=one.definition,
                    name="Tongxin",
                    made_at_ms=at_ms,
                )
                for one in news
            )
            return [one.key for one in news]


def _brings_news(shipped: Shipped, row: RequestTypeRow | None) -> bool:
    """A row without a digest is one that the park made under the same key."""
    if row is None:
        return True
    return row.shipped_digest not in ("", shipped.digest) and row.shipped_version == row.version


def _value(row: RequestTypeRow) -> RequestType:
    return RequestType(
        id=row.id,
        key=row.key,
        version=row.version,
        draft=row.draft,
        draft_revision=row.draft_revision,
        retired=row.retired,
        shipped_version=row.shipped_version,
        changed_at_ms=row.changed_at_ms,
    )
