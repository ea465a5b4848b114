"""Whom an announcement reaches, in SQL, within the caller's transaction."""

from __future__ import annotations

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, String, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import AccountRow, MembershipRow

from .models import Announcement, AnnouncementRecipientRow, Audience, Scope


def people_of(audience: Audience) -> Select[str, str]:
    """(account, one organization through which it is reached) of those who can sign in."""
    query = (
        select(MembershipRow.account_id, func.min(MembershipRow.organization_id).label("through"))
        .join(AccountRow, AccountRow.id == MembershipRow.account_id)
        .where(AccountRow.disabled_at_ms == 0)
        .group_by(MembershipRow.account_id)
    )
    if audience.scope is Scope.ORGANIZATIONS:
        query = query.where(MembershipRow.organization_id.in_(audience.organization_ids))
    if audience.roles:
        query = query.where(MembershipRow.role.in_(audience.roles))
    return query


def still_there(announcement: Announcement) -> ColumnElement[bool]:
    """Of the recipients of this announcement: those who would be reached today as well."""
    people = people_of(announcement.audience).subquery()
    mine = AnnouncementRecipientRow
    return (mine.announcement_id == announcement.id) & mine.account_id.in_(select(people.c.account_id))


async def write_down(session: AsyncSession, announcement_id: str, audience: Audience) -> list[str]:
    """Write them down; their accounts."""
    people = people_of(audience).subquery()
    rows = select(
        literal(announcement_id, String),
        people.c.account_id,
        people.c.through,
        literal(0, Integer),
        literal(0, BigInteger),
    )
    columns = ["announcement_id", "account_id", "organization_id", "read_version", "read_at_ms"]
    await session.execute(insert(AnnouncementRecipientRow).from_select(columns, rows))
    mine = AnnouncementRecipientRow.announcement_id == announcement_id
    return list((await session.scalars(select(AnnouncementRecipientRow.account_id).where(mine))).all())
