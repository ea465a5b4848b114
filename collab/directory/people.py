"""Who of an organization is told, in SQL, within the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import AccountRow, MemberRole, MembershipRow


async def leads_of(session: AsyncSession, organization_ids: Collection[str]) -> tuple[str, ...]:
    """Administrators and officers of these organizations who can sign in."""
    rows = await session.scalars(
        select(MembershipRow.account_id)
        .join(AccountRow, AccountRow.id == MembershipRow.account_id)
        .where(
            MembershipRow.organization_id.in_(organization_ids),
            MembershipRow.role.in_((MemberRole.ADMINISTRATOR, MemberRole.OFFICER)),
            AccountRow.disabled_at_ms == 0,
        )
        .distinct()
        .order_by(MembershipRow.account_id)
    )
    return tuple(rows)
