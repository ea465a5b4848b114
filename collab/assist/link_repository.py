"""Links into sessions of assistance, and who came by them, in SQL.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import AccountRow
from collab.clock import new_id
from collab.db.dialect import insert_once
from collab.db.engine import Database
from collab.meetings.models import RemovalRow
from rooms.core.assist_model import AssistRole

from .models import AssistLinkRow, AssistSessionRow, LinkOpeningRow
from .values import Link, Opening

OPENINGS_MAX = 200  # browsers of one link
OPENINGS_SHOWN_MAX = 5


def _brought_a_removed_one() -> ColumnElement[bool]:
    """Whether somebody who came by the link was removed from its room."""
    return exists(
        select(LinkOpeningRow.link_id)
        .join(AssistSessionRow, AssistSessionRow.id == AssistLinkRow.session_id)
        .join(
            RemovalRow,
            and_(
                RemovalRow.meeting_id == AssistSessionRow.meeting_id,
                RemovalRow.identity == LinkOpeningRow.identity,
            ),
        )
        .where(LinkOpeningRow.link_id == AssistLinkRow.id)
        .correlate(AssistLinkRow)
    )


_links: Select[AssistLinkRow, str | None, bool] = select(
    AssistLinkRow, AccountRow.name, _brought_a_removed_one()
).outerjoin(AccountRow, AccountRow.id == AssistLinkRow.created_by)


class LinkRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        token_hash: str,
        session_id: str,
        role: AssistRole,
        name: str,
        by: str,
        at_ms: int,
        expires_at_ms: int,
        *,
        one_time: bool,
    ) -> Link:
        row = AssistLinkRow(
            id=new_id(at_ms),
            session_id=session_id,
            token_hash=token_hash,
            role=role,
            name=name,
            one_time=one_time,
            bound_to="",
            opened_at_ms=0,
            created_by=by,
            created_at_ms=at_ms,
            expires_at_ms=expires_at_ms,
            revoked_at_ms=0,
        )
        async with self._database.write() as session:
            session.add(row)
            await session.flush()
            found = await _values(session, _links.where(AssistLinkRow.id == row.id))
        return found[0]

    async def by_token(self, token_hash: str) -> Link | None:
        return await self._one(_links.where(AssistLinkRow.token_hash == token_hash))

    async def get(self, session_id: str, link_id: str) -> Link | None:
        return await self._one(_links.where(AssistLinkRow.id == link_id, AssistLinkRow.session_id == session_id))

    async def listed(self, session_id: str, limit: int) -> list[Link]:
        """Newest first."""
        query = _links.where(AssistLinkRow.session_id == session_id).order_by(AssistLinkRow.id.desc()).limit(limit)
        async with self._database.read() as session:
            return await _values(session, query)

    async def opened(self, link_id: str, browser: str, identity: str, name: str, at_ms: int) -> bool:
        """Note who came by it; a one-time link is `browser`'s (a digest) from its first opening on.

        False: it is another browser's, or OPENINGS_MAX have come.
        """
        async with self._database.write() as session:
            await session.execute(
                update(AssistLinkRow)
                .where(AssistLinkRow.id == link_id, AssistLinkRow.one_time, AssistLinkRow.bound_to == "")
                .values(bound_to=browser)
            )
            row = await session.scalar(select(AssistLinkRow).where(AssistLinkRow.id == link_id))
            if row is None or (row.one_time and row.bound_to != browser):
                return False
            count = select(func.count()).select_from(LinkOpeningRow).where(LinkOpeningRow.link_id == link_id)
            known = await session.get(LinkOpeningRow, (link_id, identity))
            if known is not None:
                known.name = name
            elif (await session.scalar(count) or 0) >= OPENINGS_MAX:
                return False
            else:
                await insert_once(
                    session, LinkOpeningRow, link_id=link_id, identity=identity, name=name, opened_at_ms=at_ms
                )
            if row.opened_at_ms == 0:
                row.opened_at_ms = at_ms
        return True

    async def revoke(self, session_id: str, link_id: str, at_ms: int) -> bool:
        """Whether there was one that still led in."""
        return await self._set_revoked(session_id, link_id, at_ms, AssistLinkRow.revoked_at_ms == 0, at_ms)

    async def restore(self, session_id: str, link_id: str, at_ms: int) -> bool:
        """Whether there was one that had been taken back, and that has not run out meanwhile."""
        return await self._set_revoked(session_id, link_id, 0, AssistLinkRow.revoked_at_ms > 0, at_ms)

    async def _set_revoked(
        self, session_id: str, link_id: str, revoked_at_ms: int, if_: ColumnElement[bool], now_ms: int
    ) -> bool:
        async with self._database.write() as session:
            changed = await session.scalars(
                update(AssistLinkRow)
                .where(
                    AssistLinkRow.id == link_id,
                    AssistLinkRow.session_id == session_id,
                    AssistLinkRow.expires_at_ms > now_ms,
                    if_,
                )
                .values(revoked_at_ms=revoked_at_ms)
                .returning(AssistLinkRow.id)
            )
            return bool(changed.all())

    async def _one(self, query: Select[AssistLinkRow, str | None, bool]) -> Link | None:
        async with self._database.read() as session:
            found = await _values(session, query)
        return found[0] if found else None


async def _values(session: AsyncSession, query: Select[AssistLinkRow, str | None, bool]) -> list[Link]:
    rows = [(*row,) for row in (await session.execute(query)).all()]
    openings = await _openings(session, [row.id for row, _, _ in rows])
    return [
        Link(
            id=row.id,
            session_id=row.session_id,
            role=AssistRole(row.role),
            name=row.name,
            one_time=row.one_time,
            bound_to=row.bound_to,
            opened_at_ms=row.opened_at_ms,
            created_at_ms=row.created_at_ms,
            expires_at_ms=row.expires_at_ms,
            revoked_at_ms=row.revoked_at_ms,
            shut=shut,
            maker=maker or "",
            openings=openings.get(row.id, ()),
        )
        for row, maker, shut in rows
    ]


async def _openings(session: AsyncSession, link_ids: Sequence[str]) -> dict[str, tuple[Opening, ...]]:
    """The first OPENINGS_SHOWN_MAX of each."""
    if not link_ids:
        return {}
    place = func.row_number().over(
        partition_by=LinkOpeningRow.link_id, order_by=(LinkOpeningRow.opened_at_ms, LinkOpeningRow.identity)
    )
    ranked = (
        select(LinkOpeningRow.link_id, LinkOpeningRow.name, LinkOpeningRow.opened_at_ms, place.label("place"))
        .where(LinkOpeningRow.link_id.in_(link_ids))
        .subquery()
    )
    rows = await session.execute(
        select(ranked.c.link_id, ranked.c.name, ranked.c.opened_at_ms)
        .where(ranked.c.place <= OPENINGS_SHOWN_MAX)
        .order_by(ranked.c.link_id, ranked.c.place)
    )
    found: dict[str, tuple[Opening, ...]] = {}
    for link_id, name, at_ms in rows:
        found[link_id] = (*found.get(link_id, ()), Opening(name, at_ms))
    return found
