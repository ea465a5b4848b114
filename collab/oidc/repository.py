"""Identities of a provider and their accounts in SQL.  Every method is one transaction."""

from __future__ import annotations

import msgspec
from msgspec import Struct
from sqlalchemy import delete, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import AccountRow, MemberRole, MembershipRow
from collab.audit.actor import who_acts
from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.repository import record
from collab.clock import new_id
from collab.db.engine import Database
from collab.organizations.models import OrganizationRow
from collab.problems import Refusal
from collab.webhooks.events import WebhookEvent
from collab.webhooks.outbox import tell
from rooms.core.codes import Code

from .models import Identity, OidcIdentityRow


class Known(Struct, frozen=True):
    account_id: str
    is_open: bool  # it may sign in


class OidcRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def known(self, identity: Identity, at_ms: int) -> Known | None:
        """The account that the identity has, which is used now."""
        mine = (OidcIdentityRow.issuer == identity.issuer, OidcIdentityRow.subject == identity.subject)
        async with self._database.write() as session:
            row = (
                await session.execute(
                    select(AccountRow.id, AccountRow.disabled_at_ms)
                    .join(OidcIdentityRow, OidcIdentityRow.account_id == AccountRow.id)
                    .where(*mine)
                )
            ).one_or_none()
            if row is None:
                return None
            await session.execute(update(OidcIdentityRow).where(*mine).values(used_at_ms=at_ms))
        return Known(row.id, row.disabled_at_ms == 0)

    async def with_address(self, email: str) -> Known | None:
        async with self._database.read() as session:
            row = (
                await session.execute(select(AccountRow.id, AccountRow.disabled_at_ms).where(AccountRow.email == email))
            ).one_or_none()
        return Known(row.id, row.disabled_at_ms == 0) if row else None

    async def link(self, identity: Identity, account_id: str, at_ms: int) -> bool:
        """False when the identity has another account, or the account another identity of this provider."""
        try:
            async with self._database.write() as session:
                name = await session.scalar(select(AccountRow.name).where(AccountRow.id == account_id)) or ""
                await _put(session, identity, account_id, name, at_ms)
        except IntegrityError:
            known = await self.known(identity, at_ms)
            return known is not None and known.account_id == account_id
        return True

    async def linked(self, issuer: str, account_id: str) -> bool:
        async with self._database.read() as session:
            mine = exists().where(OidcIdentityRow.issuer == issuer, OidcIdentityRow.account_id == account_id)
            return bool(await session.scalar(select(mine)))

    async def unlink(self, issuer: str, account_id: str) -> bool:
        """False when there is none.  Raises WRONG_STATE for an account without a password: nobody could enter it."""
        async with self._database.write() as session:
            account = await session.get(AccountRow, account_id, with_for_update=True)
            gone = await session.scalar(
                delete(OidcIdentityRow)
                .where(OidcIdentityRow.issuer == issuer, OidcIdentityRow.account_id == account_id)
                .returning(OidcIdentityRow.subject)
            )
            if account is None or gone is None:
                return False
            if account.password_hash is None:
                raise Refusal(Code.WRONG_STATE, "the account has no password")
            record(
                session,
                AuditAction.IDENTITY_UNLINKED,
                Subject(SubjectKind.ACCOUNT, account_id, account.name),
                issuer=issuer,
                sub=gone,
            )
        return True

    async def add(self, identity: Identity, name: str, locale: str, organization: str, at_ms: int) -> str | None:
        """A new account, a member of the organization of this name.

        None when there is not exactly one such organization; raises IntegrityError when the address is taken.
        """
        async with self._database.write() as session:
            found = list(
                await session.scalars(select(OrganizationRow.id).where(OrganizationRow.name == organization).limit(2))
            )
            if len(found) != 1:
                return None
            (organization_id,) = found
            account_id = new_id(at_ms)
            session.add(
                AccountRow(
                    id=account_id,
                    email=identity.email,
                    name=name,
                    locale=locale,
                    password_hash=None,
                    created_at_ms=at_ms,
                    disabled_at_ms=0,
                )
            )
            await session.flush()
            session.add(
                MembershipRow(
                    account_id=account_id, organization_id=organization_id, role=MemberRole.MEMBER, since_ms=at_ms
                )
            )
            record(
                session,
                AuditAction.ACCOUNT_PROVISIONED,
                Subject(SubjectKind.ACCOUNT, account_id, name),
                organization_id=organization_id,
                actor=msgspec.structs.replace(who_acts(), account_id=account_id, name=name),
                email=identity.email,
                issuer=identity.issuer,
            )
            await _put(session, identity, account_id, name, at_ms)
            told = {"account_id": account_id, "organization_id": organization_id}
            key = f"member.joined:{account_id}"
            await tell(session, WebhookEvent.MEMBER_JOINED, key, (organization_id,), told)
        return account_id


async def _put(session: AsyncSession, identity: Identity, account_id: str, name: str, at_ms: int) -> None:
    session.add(
        OidcIdentityRow(
            issuer=identity.issuer,
            subject=identity.subject,
            account_id=account_id,
            linked_at_ms=at_ms,
            used_at_ms=at_ms,
        )
    )
    await session.flush()
    record(
        session,
        AuditAction.IDENTITY_LINKED,
        Subject(SubjectKind.ACCOUNT, account_id, name),
        actor=msgspec.structs.replace(who_acts(), account_id=account_id, name=name),
        issuer=identity.issuer,
        sub=identity.subject,
    )
