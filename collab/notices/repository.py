"""Notices in SQL.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import AccountRow
from collab.db.dialect import insert_once
from collab.db.engine import Database
from collab.mail import outbox as mail_outbox
from collab.mail.models import Mail

from .kinds import Choice, NoticeKind
from .models import Kept, NoticeRow, NoticeSettingsRow, PushRow, PushSubscriptionRow, Subject
from .rules import USUAL, Plan, Quiet, Settings
from .zones import HOME

CHANGED_MAX: Final = 1_000  # notices read or unread in one go


class Told(Struct, frozen=True):
    """Whom a notice is for, as far as delivery needs it."""

    id: str
    name: str
    email: str
    locale: str
    disabled: bool
    settings: Settings
    time_zone: str


class Count(Struct, frozen=True):
    account_id: str
    unread: int
    newest: str


class NoticeRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------ the inbox

    async def page(
        self, account_id: str, before: str, limit: int, *, unread_only: bool, kinds: Sequence[NoticeKind]
    ) -> list[Kept]:
        """The newest first."""
        query = select(NoticeRow).where(NoticeRow.account_id == account_id)
        if unread_only:
            query = query.where(NoticeRow.read_at_ms == 0)
        if kinds:
            query = query.where(NoticeRow.kind.in_(kinds))
        if before:
            query = query.where(NoticeRow.id < before)
        async with self._database.read() as session:
            rows = (await session.scalars(query.order_by(NoticeRow.id.desc()).limit(limit))).all()
        return [kept for row in rows if (kept := _kept(row)) is not None]

    async def counts(self, account_ids: Sequence[str]) -> list[Count]:
        """Of everyone asked for, those with nothing unread too."""
        newest = select(NoticeRow.account_id, func.count(), func.max(NoticeRow.id))
        query = newest.where(NoticeRow.account_id.in_(account_ids), NoticeRow.read_at_ms == 0)
        async with self._database.read() as session:
            rows = (await session.execute(query.group_by(NoticeRow.account_id))).all()
        found = {account_id: Count(account_id, count, last) for account_id, count, last in rows}
        return [found.get(account_id) or Count(account_id, 0, "") for account_id in account_ids]

    async def mark(self, account_id: str, notice_ids: Sequence[str], *, read: bool, at_ms: int) -> list[str]:
        """The ids of those that were not so before."""
        wanted = NoticeRow.read_at_ms == 0 if read else NoticeRow.read_at_ms > 0
        mine = and_(NoticeRow.account_id == account_id, NoticeRow.id.in_(notice_ids), wanted)
        return await self._marked(mine, at_ms if read else 0)

    async def mark_all_read(self, account_id: str, until: str, at_ms: int) -> list[str]:
        """Up to this one, which the person has seen at the top of the list: what came later stays unread."""
        async with self._database.read() as session:
            unread = and_(NoticeRow.account_id == account_id, NoticeRow.read_at_ms == 0, NoticeRow.id <= until)
            newest = select(NoticeRow.id).where(unread).order_by(NoticeRow.id.desc()).limit(CHANGED_MAX)
            ids = (await session.scalars(newest)).all()
        return await self.mark(account_id, ids, read=True, at_ms=at_ms)

    async def _marked(self, which: object, read_at_ms: int) -> list[str]:
        async with self._database.write() as session:
            changed = await session.scalars(
                update(NoticeRow).where(which).values(read_at_ms=read_at_ms).returning(NoticeRow.id)  # type: ignore[arg-type]
            )
            return sorted(changed.all(), reverse=True)

    # ------------------------------------------------------------ delivery

    async def unplanned(self, limit: int) -> list[Kept]:
        known = NoticeRow.kind.in_(tuple(NoticeKind))  # another kind is a newer release's to plan
        query = select(NoticeRow).where(NoticeRow.planned_at_ms == 0, known).order_by(NoticeRow.id).limit(limit)
        async with self._database.read() as session:
            rows = (await session.scalars(query)).all()
        return [kept for row in rows if (kept := _kept(row)) is not None]

    async def told(self, account_ids: Sequence[str]) -> dict[str, Told]:
        query = (
            select(AccountRow, NoticeSettingsRow)
            .join(NoticeSettingsRow, NoticeSettingsRow.account_id == AccountRow.id, isouter=True)
            .where(AccountRow.id.in_(account_ids))
        )
        async with self._database.read() as session:
            rows = (await session.execute(query)).all()
        return {account.id: _told(account, settings) for account, settings in rows}

    async def plan(self, plans: Sequence[tuple[Kept, Plan, Mail | None]], at_ms: int) -> list[Kept]:
        """Write down what becomes of these notices, all of it or nothing; those that nobody else has planned."""
        planned: list[Kept] = []
        async with self._database.write() as session:
            for kept, plan, mail in plans:
                mine = await session.execute(
                    update(NoticeRow)
                    .where(NoticeRow.id == kept.id, NoticeRow.planned_at_ms == 0)
                    .values(planned_at_ms=at_ms, digest_at_ms=plan.digest_at_ms or 0)
                )
                if not getattr(mine, "rowcount", 0):
                    continue
                planned.append(kept)
                if mail is not None:
                    await mail_outbox.put(session, mail, at_ms)
                if plan.push_at_ms is not None:
                    await _put_pushes(session, kept, plan.push_at_ms)
        return planned

    async def due_digests(self, at_ms: int, limit: int) -> list[str]:
        """Accounts whose hour has come."""
        due = and_(NoticeRow.digest_at_ms > 0, NoticeRow.digest_at_ms <= at_ms)
        query = select(NoticeRow.account_id).where(due).group_by(NoticeRow.account_id).limit(limit)
        async with self._database.read() as session:
            return list((await session.scalars(query)).all())

    async def take_digest(self, account_id: str, at_ms: int, write: Callable[[list[Kept]], Mail | None]) -> int:
        """Empty the account's digest and put its mail in one step.  What was read meanwhile is left out."""
        async with self._database.write() as session:
            due = and_(NoticeRow.account_id == account_id, NoticeRow.digest_at_ms > 0, NoticeRow.digest_at_ms <= at_ms)
            rows = (
                await session.scalars(update(NoticeRow).where(due).values(digest_at_ms=0).returning(NoticeRow))
            ).all()
            unread = [kept for row in rows if row.read_at_ms == 0 and (kept := _kept(row)) is not None]
            mail = write(sorted(unread, key=_id, reverse=True)) if unread else None
            if mail is not None:
                await mail_outbox.put(session, mail, at_ms)
        return len(unread)

    # ------------------------------------------------------------ settings

    async def settings(self, account_id: str) -> tuple[Settings, str]:
        """With the name of the time zone."""
        async with self._database.read() as session:
            row = await session.get(NoticeSettingsRow, account_id)
        return _settings(row)

    async def save_settings(self, account_id: str, settings: Settings, time_zone: str) -> None:
        values = {
            "choices": {kind.value: msgspec.to_builtins(choice) for kind, choice in settings.choices.items()},
            "quiet_from_minute": settings.quiet.from_minute if settings.quiet else -1,
            "quiet_until_minute": settings.quiet.until_minute if settings.quiet else -1,
            "digest_minute": settings.digest_minute,
            "time_zone": time_zone,
        }
        async with self._database.write() as session:
            if not await insert_once(session, NoticeSettingsRow, account_id=account_id, **values):
                await session.execute(
                    update(NoticeSettingsRow).where(NoticeSettingsRow.account_id == account_id).values(**values)
                )


async def _put_pushes(session: AsyncSession, kept: Kept, due_at_ms: int) -> None:
    mine = PushSubscriptionRow.account_id == kept.account_id
    for subscription_id in (await session.scalars(select(PushSubscriptionRow.id).where(mine))).all():
        await insert_once(
            session, PushRow, notice_id=kept.id, subscription_id=subscription_id, attempts=0, due_at_ms=due_at_ms
        )


def _id(kept: Kept) -> str:
    return kept.id


def _kept(row: NoticeRow) -> Kept | None:
    """None for a kind that this release does not know: an older one runs beside a newer one, or again."""
    try:
        kind = NoticeKind(row.kind)
    except ValueError:
        return None
    return Kept(
        id=row.id,
        account_id=row.account_id,
        kind=kind,
        about=Subject(row.about_kind, row.about_id),
        path=row.path,
        params=row.params,
        urgent=row.urgent,
        created_at_ms=row.created_at_ms,
        read_at_ms=row.read_at_ms,
    )


def _told(account: AccountRow, row: NoticeSettingsRow | None) -> Told:
    settings, time_zone = _settings(row)
    return Told(
        account.id, account.name, account.email, account.locale, account.disabled_at_ms > 0, settings, time_zone
    )


def _settings(row: NoticeSettingsRow | None) -> tuple[Settings, str]:
    if row is None:
        return USUAL, HOME
    known = {kind.value: kind for kind in NoticeKind}
    choices = msgspec.convert(row.choices, dict[str, Choice])
    quiet = Quiet(row.quiet_from_minute, row.quiet_until_minute) if row.quiet_from_minute >= 0 else None
    return (
        Settings({known[name]: choice for name, choice in choices.items() if name in known}, quiet, row.digest_minute),
        row.time_zone,
    )
