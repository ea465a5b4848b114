"""Announcements in SQL: written, published, changed, withdrawn.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import MemberRole
from collab.clock import new_id
from collab.db.dialect import insert_once
from collab.db.engine import Database
from collab.files.models import FileRow
from collab.notices import outbox
from collab.notices.kinds import NoticeKind
from collab.notices.models import NoticeRow
from collab.organizations.models import OrganizationRow

from .models import (
    Announcement,
    AnnouncementFileRow,
    AnnouncementOrganizationRow,
    AnnouncementRecipientRow,
    AnnouncementRow,
    AnnouncementState,
    AnnouncementVersionRow,
    Attachment,
    Audience,
    Named,
    Reach,
    Receipt,
    Scope,
    Version,
)
from .reached import people_of, still_there, write_down
from .telling import SUBJECT, notice, params_of

FILES_MAX: Final = 10


class Author(Struct, frozen=True):
    account_id: str
    name: str


class Written(Struct, frozen=True):
    """What somebody wrote."""

    title: str
    text: str
    audience: Audience


class AnnouncementRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, organization_id: str, by: Author, written: Written, at_ms: int) -> str:
        row = AnnouncementRow(
            id=new_id(at_ms),
            organization_id=organization_id,
            author_id=by.account_id,
            author_name=by.name,
            state=AnnouncementState.DRAFT,
            scope=written.audience.scope,
            roles=list(written.audience.roles),
            title=written.title,
            text=written.text,
            version=0,
            told_version=0,
            revision=1,
            people=0,
            created_at_ms=at_ms,
            changed_at_ms=at_ms,
            publish_at_ms=0,
            published_at_ms=0,
            withdrawn_at_ms=0,
            reminded_at_ms=0,
        )
        async with self._database.write() as session:
            session.add(row)
            await session.flush()
            await _choose(session, row.id, written.audience)
        return row.id

    async def get(self, announcement_id: str, account_id: str) -> tuple[Announcement, Receipt | None] | None:
        """With what this account has read of it; None too when it was not reached.  Three queries."""
        mine = AnnouncementRecipientRow
        query = (
            select(AnnouncementRow, OrganizationRow.name, mine.read_version, mine.read_at_ms)
            .join(OrganizationRow, OrganizationRow.id == AnnouncementRow.organization_id)
            .outerjoin(mine, (mine.announcement_id == AnnouncementRow.id) & (mine.account_id == account_id))
            .where(AnnouncementRow.id == announcement_id)
        )
        chosen = (
            select(OrganizationRow.id, OrganizationRow.name)
            .join(AnnouncementOrganizationRow, AnnouncementOrganizationRow.organization_id == OrganizationRow.id)
            .where(AnnouncementOrganizationRow.announcement_id == announcement_id)
            .order_by(OrganizationRow.name, OrganizationRow.id)
        )
        brought = (
            select(AnnouncementFileRow, FileRow)
            .join(FileRow, FileRow.sha256 == AnnouncementFileRow.file_sha256)
            .where(AnnouncementFileRow.announcement_id == announcement_id)
            .order_by(AnnouncementFileRow.stored_at_ms, AnnouncementFileRow.key)
        )
        async with self._database.read() as session:
            found = (await session.execute(query)).one_or_none()
            if found is None:
                return None
            row, name, version, at_ms = found
            organizations = tuple(Named(*one) for one in (await session.execute(chosen)).all())
            files = tuple(
                Attachment(one.key, one.file_sha256, file.media_type, file.size_bytes, one.file_name)
                for one, file in (await session.execute(brought)).all()
            )
        announcement = _announcement(row, name, organizations, files)
        return announcement, _receipt(version, at_ms)

    async def versions(self, announcement_id: str) -> list[Version]:
        """The newest first."""
        query = (
            select(AnnouncementVersionRow)
            .where(AnnouncementVersionRow.announcement_id == announcement_id)
            .order_by(AnnouncementVersionRow.number.desc())
        )
        async with self._database.read() as session:
            rows = (await session.scalars(query)).all()
        return [Version(one.number, one.title, one.text, one.told, one.name, one.at_ms) for one in rows]

    async def reach(self, audience: Audience) -> Reach:
        """Whom it would reach if it went out now.  One query."""
        people = people_of(audience).subquery()
        query = select(func.count(func.distinct(people.c.account_id)), func.count(func.distinct(people.c.through)))
        async with self._database.read() as session:
            count, organizations = (await session.execute(query)).one()
        return Reach(count, organizations)

    async def known(self, organization_ids: Sequence[str]) -> int:
        """How many of them there are."""
        query = select(func.count()).select_from(OrganizationRow).where(OrganizationRow.id.in_(organization_ids))
        async with self._database.read() as session:
            return int((await session.scalar(query)) or 0)

    async def edit(self, announcement_id: str, revision: int, written: Written, at_ms: int) -> bool:
        """A draft.  False when it is none any more, or was changed meanwhile; so for the next ones."""
        values = {
            "title": written.title,
            "text": written.text,
            "scope": written.audience.scope,
            "roles": list(written.audience.roles),
        }
        async with self._database.write() as session:
            if not await _moved(session, announcement_id, AnnouncementState.DRAFT, revision, at_ms, values):
                return False
            mine = AnnouncementOrganizationRow.announcement_id == announcement_id
            await session.execute(delete(AnnouncementOrganizationRow).where(mine))
            await _choose(session, announcement_id, written.audience)
        return True

    async def remove(self, announcement_id: str) -> bool:
        """A draft."""
        which = (AnnouncementRow.id == announcement_id) & (AnnouncementRow.state == AnnouncementState.DRAFT)
        async with self._database.write() as session:
            gone = await session.scalars(delete(AnnouncementRow).where(which).returning(AnnouncementRow.id))
            return bool(gone.all())

    async def schedule(self, announcement_id: str, revision: int, publish_at_ms: int, at_ms: int) -> bool:
        values = {"state": AnnouncementState.SCHEDULED, "publish_at_ms": publish_at_ms}
        async with self._database.write() as session:
            return await _moved(session, announcement_id, AnnouncementState.DRAFT, revision, at_ms, values)

    async def unschedule(self, announcement_id: str, revision: int, at_ms: int) -> bool:
        values = {"state": AnnouncementState.DRAFT, "publish_at_ms": 0}
        async with self._database.write() as session:
            return await _moved(session, announcement_id, AnnouncementState.SCHEDULED, revision, at_ms, values)

    async def due(self, at_ms: int, limit: int) -> list[str]:
        """Those whose time has come."""
        come = (AnnouncementRow.state == AnnouncementState.SCHEDULED) & (AnnouncementRow.publish_at_ms <= at_ms)
        query = select(AnnouncementRow.id).where(come).order_by(AnnouncementRow.publish_at_ms).limit(limit)
        async with self._database.read() as session:
            return list((await session.scalars(query)).all())

    async def publish(self, announcement_id: str, at_ms: int) -> bool:
        """Write down whom it reaches and tell them: all of it or nothing, and once.  The author has read it."""
        come = (AnnouncementRow.state == AnnouncementState.SCHEDULED) & (AnnouncementRow.publish_at_ms <= at_ms)
        async with self._database.write() as session:
            row = await session.scalar(
                update(AnnouncementRow)
                .where(AnnouncementRow.id == announcement_id, come)
                .values(
                    state=AnnouncementState.PUBLISHED,
                    version=1,
                    told_version=1,
                    revision=AnnouncementRow.revision + 1,
                    published_at_ms=at_ms,
                    changed_at_ms=at_ms,
                )
                .returning(AnnouncementRow)
            )
            if row is None:
                return False
            publisher = await session.scalar(
                select(OrganizationRow.name).where(OrganizationRow.id == row.organization_id)
            )
            chosen = await session.scalars(
                select(AnnouncementOrganizationRow.organization_id).where(
                    AnnouncementOrganizationRow.announcement_id == announcement_id
                )
            )
            people = await write_down(session, announcement_id, _audience(row, tuple(chosen.all())))
            which = AnnouncementRow.id == announcement_id
            await session.execute(update(AnnouncementRow).where(which).values(people=len(people)))
            session.add(_version_row(row, Author(row.author_id or "", row.author_name), told=True, at_ms=at_ms))
            await _has_read(session, announcement_id, row.author_id or "", 1, at_ms)
            others = [one for one in people if one != row.author_id]
            params = params_of(row.title, row.text, publisher or "")
            await outbox.put(session, notice(NoticeKind.ANNOUNCEMENT, announcement_id, "1", others, params), at_ms)
        return True

    async def revise(
        self, announcement: Announcement, by: Author, title: str, text: str, at_ms: int, *, tell: bool
    ) -> bool:
        """A new version.  `tell`: it is unread again for everybody but who wrote it."""
        announcement_id, number = announcement.id, announcement.version + 1
        values: dict[str, object] = {"title": title, "text": text, "version": number}
        if tell:
            values["told_version"] = number
        params = params_of(title, text, announcement.organization.name)
        async with self._database.write() as session:
            if not await _moved(
                session, announcement_id, AnnouncementState.PUBLISHED, announcement.revision, at_ms, values
            ):
                return False
            session.add(
                AnnouncementVersionRow(
                    announcement_id=announcement_id,
                    number=number,
                    title=title,
                    text=text,
                    told=tell,
                    account_id=by.account_id,
                    name=by.name,
                    at_ms=at_ms,
                )
            )
            await _has_read(session, announcement_id, by.account_id, number, at_ms)
            if not tell:  # what stands in the inboxes is put right
                await session.execute(update(NoticeRow).where(_about(announcement_id)).values(params=params))
                return True
            people = await session.scalars(
                select(AnnouncementRecipientRow.account_id).where(
                    still_there(announcement), AnnouncementRecipientRow.account_id != by.account_id
                )
            )
            await settle(session, announcement_id, at_ms)
            again = notice(NoticeKind.ANNOUNCEMENT_CHANGED, announcement_id, str(number), people.all(), params)
            await outbox.put(session, again, at_ms)
        return True

    async def withdraw(self, announcement: Announcement, at_ms: int) -> bool:
        """It is gone from the inboxes; those who have read it are told that it does not hold any more."""
        announcement_id = announcement.id
        values = {"state": AnnouncementState.WITHDRAWN, "withdrawn_at_ms": at_ms}
        async with self._database.write() as session:
            if not await _moved(
                session, announcement_id, AnnouncementState.PUBLISHED, announcement.revision, at_ms, values
            ):
                return False
            await session.execute(delete(NoticeRow).where(_about(announcement_id)))
            readers = await session.scalars(
                select(AnnouncementRecipientRow.account_id).where(
                    still_there(announcement), AnnouncementRecipientRow.read_version > 0
                )
            )
            params = {"title": announcement.title, "from": announcement.organization.name}
            kind = NoticeKind.ANNOUNCEMENT_WITHDRAWN
            await outbox.put(session, notice(kind, announcement_id, "withdrawn", readers.all(), params), at_ms)
        return True

    # ------------------------------------------------------------ files

    async def add_file(self, announcement_id: str, file: Attachment, at_ms: int) -> bool:
        """To a draft; nothing when the key is known.  False when there are too many, or it is no draft any more."""
        count = select(func.count()).where(AnnouncementFileRow.announcement_id == announcement_id)
        async with self._database.write() as session:
            state = await session.scalar(
                select(AnnouncementRow.state).where(AnnouncementRow.id == announcement_id).with_for_update()
            )
            if state != AnnouncementState.DRAFT or ((await session.scalar(count)) or 0) >= FILES_MAX:
                return False
            await insert_once(
                session,
                AnnouncementFileRow,
                announcement_id=announcement_id,
                key=file.key,
                file_sha256=file.sha256,
                file_name=file.file_name,
                stored_at_ms=at_ms,
            )
        return True

    async def remove_file(self, announcement_id: str, key: str) -> None:
        which = (AnnouncementFileRow.announcement_id == announcement_id) & (AnnouncementFileRow.key == key)
        async with self._database.write() as session:
            await session.execute(delete(AnnouncementFileRow).where(which))


async def settle(session: AsyncSession, announcement_id: str, at_ms: int) -> None:
    """What waits in the inboxes about it is read: something newer comes."""
    waits = _about(announcement_id) & (NoticeRow.read_at_ms == 0)
    await session.execute(update(NoticeRow).where(waits).values(read_at_ms=at_ms))


def _about(announcement_id: str) -> ColumnElement[bool]:
    return (NoticeRow.about_kind == SUBJECT) & (NoticeRow.about_id == announcement_id)


async def _moved(
    session: AsyncSession,
    announcement_id: str,
    state: AnnouncementState,
    revision: int,
    at_ms: int,
    values: Mapping[str, object],
) -> bool:
    changed = await session.scalars(
        update(AnnouncementRow)
        .where(
            AnnouncementRow.id == announcement_id,
            AnnouncementRow.state == state,
            AnnouncementRow.revision == revision,
        )
        .values(revision=revision + 1, changed_at_ms=at_ms, **values)
        .returning(AnnouncementRow.id)
    )
    return bool(changed.all())


async def _choose(session: AsyncSession, announcement_id: str, audience: Audience) -> None:
    if audience.organization_ids:
        rows = [{"announcement_id": announcement_id, "organization_id": one} for one in audience.organization_ids]
        await session.execute(insert(AnnouncementOrganizationRow), rows)


async def _has_read(session: AsyncSession, announcement_id: str, account_id: str, version: int, at_ms: int) -> None:
    mine = AnnouncementRecipientRow
    await session.execute(
        update(mine)
        .where(mine.announcement_id == announcement_id, mine.account_id == account_id)
        .values(read_version=version, read_at_ms=at_ms)
    )


def _version_row(row: AnnouncementRow, by: Author, *, told: bool, at_ms: int) -> AnnouncementVersionRow:
    return AnnouncementVersionRow(
        announcement_id=row.id,
        number=1,
        title=row.title,
        text=row.text,
        told=told,
        account_id=by.account_id or None,
        name=by.name,
        at_ms=at_ms,
    )


def _receipt(version: int | None, at_ms: int | None) -> Receipt | None:
    """Of an outer join."""
    return Receipt(version, at_ms or 0) if version is not None else None


def _audience(row: AnnouncementRow, organization_ids: tuple[str, ...]) -> Audience:
    return Audience(Scope(row.scope), organization_ids, tuple(MemberRole(one) for one in row.roles))


def _announcement(
    row: AnnouncementRow, publisher: str, organizations: tuple[Named, ...], files: tuple[Attachment, ...]
) -> Announcement:
    return Announcement(
        id=row.id,
        organization=Named(row.organization_id, publisher),
        author_name=row.author_name,
        state=AnnouncementState(row.state),
        audience=_audience(row, tuple(one.id for one in organizations)),
        organizations=organizations,
        title=row.title,
        text=row.text,
        version=row.version,
        told_version=row.told_version,
        revision=row.revision,
        people=row.people,
        created_at_ms=row.created_at_ms,
        changed_at_ms=row.changed_at_ms,
        publish_at_ms=row.publish_at_ms,
        published_at_ms=row.published_at_ms,
        withdrawn_at_ms=row.withdrawn_at_ms,
        reminded_at_ms=row.reminded_at_ms,
        files=files,
    )
