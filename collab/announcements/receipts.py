"""What people have read, in SQL, and the lists that show it.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, update

from collab.accounts.models import AccountRow
from collab.db.engine import Database
from collab.notices import outbox
from collab.notices.kinds import NoticeKind
from collab.notices.models import NoticeRow
from collab.organizations.models import OrganizationRow

from .models import (
    EXCERPT_MAX_CHARS,
    Announcement,
    AnnouncementOrganizationRow,
    AnnouncementRecipientRow,
    AnnouncementRow,
    AnnouncementState,
    Line,
    Named,
    Reader,
    Scope,
    Tally,
)
from .reached import still_there
from .repository import settle
from .telling import SUBJECT, excerpt, notice, params_of

_mine = AnnouncementRecipientRow
_has_read = _mine.read_version >= AnnouncementRow.told_version
_readers = (
    select(func.count())
    .where(_mine.announcement_id == AnnouncementRow.id, _has_read)
    .correlate(AnnouncementRow)
    .scalar_subquery()
)


def _lines(read: ColumnElement[int]) -> Select[Any]:
    return select(
        AnnouncementRow.id,
        AnnouncementRow.organization_id,
        OrganizationRow.name,
        AnnouncementRow.author_name,
        AnnouncementRow.state,
        AnnouncementRow.title,
        func.substr(AnnouncementRow.text, 1, 2 * EXCERPT_MAX_CHARS),
        AnnouncementRow.version,
        AnnouncementRow.people,
        read,
        AnnouncementRow.changed_at_ms,
        AnnouncementRow.publish_at_ms,
        AnnouncementRow.published_at_ms,
    ).join(OrganizationRow, OrganizationRow.id == AnnouncementRow.organization_id)


def _for_these(organization_ids: Sequence[str]) -> ColumnElement[bool]:
    """As rules.sees: who left a company sees no more what it was told."""
    chosen = select(AnnouncementOrganizationRow.announcement_id).where(
        AnnouncementOrganizationRow.announcement_id == AnnouncementRow.id,
        AnnouncementOrganizationRow.organization_id.in_(organization_ids),
    )
    return or_(AnnouncementRow.scope == Scope.PARK, chosen.exists())


class ReceiptRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, account_id: str, organization_ids: Sequence[str], before: str, limit: int, *, unread_only: bool
    ) -> list[Line]:
        """What is out and reached this account, which belongs to these now; the newest first.  One query."""
        query = (
            _lines(case((_has_read, 1), else_=0))
            .join(_mine, (_mine.announcement_id == AnnouncementRow.id) & (_mine.account_id == account_id))
            .where(AnnouncementRow.state == AnnouncementState.PUBLISHED, _for_these(organization_ids))
            .order_by(AnnouncementRow.published_at_ms.desc(), AnnouncementRow.id.desc())
        )
        if unread_only:
            query = query.where(~_has_read)
        if before:  # published together: by id
            at = (
                select(AnnouncementRow.published_at_ms)
                .where(AnnouncementRow.id == before)
                .correlate(None)
                .scalar_subquery()
            )
            published = AnnouncementRow.published_at_ms
            query = query.where(or_(published < at, and_(published == at, AnnouncementRow.id < before)))
        return await self._listed(query.limit(limit))

    async def unread(self, account_id: str, organization_ids: Sequence[str]) -> int:
        query = (
            select(func.count())
            .select_from(_mine)
            .join(AnnouncementRow, AnnouncementRow.id == _mine.announcement_id)
            .where(
                _mine.account_id == account_id,
                AnnouncementRow.state == AnnouncementState.PUBLISHED,
                ~_has_read,
                _for_these(organization_ids),
            )
        )
        async with self._database.read() as session:
            return int((await session.scalar(query)) or 0)

    async def written(
        self, organization_ids: Sequence[str], state: AnnouncementState | None, before: str, limit: int
    ) -> list[Line]:
        """Of these publishers, the newest first, with how many have read each.  One query."""
        query = _lines(_readers).where(AnnouncementRow.organization_id.in_(organization_ids))
        if state is not None:
            query = query.where(AnnouncementRow.state == state)
        if before:
            query = query.where(AnnouncementRow.id < before)
        return await self._listed(query.order_by(AnnouncementRow.id.desc()).limit(limit))

    async def _listed(self, query: Select[Any]) -> list[Line]:
        async with self._database.read() as session:
            rows = (await session.execute(query)).all()
        return [
            Line(
                id=one,
                organization=Named(organization_id, organization),
                author_name=author,
                state=AnnouncementState(state),
                title=title,
                excerpt=excerpt(text),
                version=version,
                people=people,
                read=read,
                changed_at_ms=changed,
                publish_at_ms=planned,
                published_at_ms=published,
            )
            for (
                one,
                organization_id,
                organization,
                author,
                state,
                title,
                text,
                version,
                people,
                read,
                changed,
                planned,
                published,
            ) in rows
        ]

    async def mark_read(self, announcement_id: str, account_id: str, version: int, at_ms: int) -> bool:
        """Whether it was unread.  What the inbox says about it is read with it."""
        unread = (_mine.announcement_id == announcement_id) & (_mine.account_id == account_id)
        async with self._database.write() as session:
            changed = await session.scalars(
                update(_mine)
                .where(unread, _mine.read_version < version)
                .values(read_version=version, read_at_ms=at_ms)
                .returning(_mine.account_id)
            )
            if not changed.all():
                return False
            waits = (NoticeRow.account_id == account_id) & (NoticeRow.read_at_ms == 0)
            about = (NoticeRow.about_kind == SUBJECT) & (NoticeRow.about_id == announcement_id)
            await session.execute(update(NoticeRow).where(waits, about).values(read_at_ms=at_ms))
        return True

    async def readers(self, announcement: Announcement, after: str, limit: int, *, read: bool | None) -> list[Reader]:
        """By account; `read`: only those who have read what asks to be read, or who have not.  One query."""
        has = _mine.read_version >= announcement.told_version
        query = (
            select(AccountRow.id, AccountRow.name, OrganizationRow.name, _mine.read_version, _mine.read_at_ms, has)
            .join(_mine, _mine.account_id == AccountRow.id)
            .outerjoin(OrganizationRow, OrganizationRow.id == _mine.organization_id)
            .where(_mine.announcement_id == announcement.id)
        )
        if read is not None:
            query = query.where(has if read else ~has)
        if after:
            query = query.where(AccountRow.id > after)
        async with self._database.read() as session:
            rows = (await session.execute(query.order_by(AccountRow.id).limit(limit))).all()
        return [
            Reader(account_id, name, organization or "", version, at_ms if done else 0)
            for account_id, name, organization, version, at_ms, done in rows
        ]

    async def tallies(self, announcement: Announcement) -> list[Tally]:
        """Of each organization, those with the most unread first.  One query."""
        read = func.sum(case((_mine.read_version >= announcement.told_version, 1), else_=0))
        query = (
            select(_mine.organization_id, OrganizationRow.name, func.count(), read)
            .outerjoin(OrganizationRow, OrganizationRow.id == _mine.organization_id)
            .where(_mine.announcement_id == announcement.id)
            .group_by(_mine.organization_id, OrganizationRow.name)
        )
        async with self._database.read() as session:
            rows = (await session.execute(query)).all()
        found = [Tally(one or "", name or "", people, int(done)) for one, name, people, done in rows]
        return sorted(found, key=lambda one: (one.read - one.people, one.name, one.id))

    async def remind(self, announcement: Announcement, at_ms: int, pause_ms: int) -> int | None:
        """How many were reminded; None when somebody did so less than `pause_ms` ago."""
        row = AnnouncementRow
        async with self._database.write() as session:
            claimed = await session.scalars(
                update(row)
                .where(
                    row.id == announcement.id,
                    row.state == AnnouncementState.PUBLISHED,
                    row.reminded_at_ms <= at_ms - pause_ms,
                )
                .values(reminded_at_ms=at_ms)
                .returning(row.id)
            )
            if not claimed.all():
                return None
            people = await session.scalars(
                select(_mine.account_id).where(
                    still_there(announcement), _mine.read_version < announcement.told_version
                )
            )
            await settle(session, announcement.id, at_ms)
            params = params_of(announcement.title, announcement.text, announcement.organization.name)
            again = notice(NoticeKind.ANNOUNCEMENT_REMINDER, announcement.id, f"remind:{at_ms}", people.all(), params)
            return await outbox.put(session, again, at_ms)
