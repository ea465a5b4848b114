"""Accounts, memberships and one-time links in SQL.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from collab.audit.actor import Actor, who_acts
from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.repository import record
from collab.clock import new_id
from collab.db.engine import Database
from collab.mail.models import Mail
from collab.mail.outbox import put
from collab.meetings.models import InstallationRow, MeetingRow
from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice
from collab.notices.models import Subject as About
from collab.notices.outbox import put as put_notice
from collab.organizations.models import Organization, OrganizationKind, OrganizationRow
from collab.problems import FieldFault, Refusal, invalid
from collab.webhooks.events import WebhookEvent
from collab.webhooks.outbox import tell
from rooms.core.codes import Code

from .models import Account, AccountRow, LinkKind, Member, MemberRole, Membership, MembershipRow, OneTimeLinkRow


class Credentials(Struct, frozen=True):
    account_id: str
    name: str
    password_hash: str | None


class OneTimeLink(Struct, frozen=True):
    kind: LinkKind
    email: str
    name: str
    organization_id: str | None
    roles: tuple[MemberRole, ...]
    created_by: str | None


class ListedMember(Struct, frozen=True):
    id: str
    name: str
    email: str
    roles: tuple[MemberRole, ...]
    since_ms: int


def administrators(whose: ColumnElement[bool]) -> Select[str]:
    """Account ids of those who administer such an organization and may sign in."""
    return (
        select(MembershipRow.account_id)
        .join(OrganizationRow, OrganizationRow.id == MembershipRow.organization_id)
        .join(AccountRow, AccountRow.id == MembershipRow.account_id)
        .where(whose, MembershipRow.role == MemberRole.ADMINISTRATOR, AccountRow.disabled_at_ms == 0)
    )


park_administrators = administrators(OrganizationRow.kind == OrganizationKind.PARK)


class AccountRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------ reading

    async def has_park_administrator(self) -> bool:
        async with self._database.read() as session:
            return bool(await session.scalar(select(park_administrators.exists())))

    async def credentials(self, email: str) -> Credentials | None:
        async with self._database.read() as session:
            row = (
                await session.execute(
                    select(AccountRow.id, AccountRow.name, AccountRow.password_hash).where(
                        AccountRow.email == email, AccountRow.disabled_at_ms == 0
                    )
                )
            ).one_or_none()
        return Credentials(account_id=row.id, name=row.name, password_hash=row.password_hash) if row else None

    async def addressee(self, email: str) -> Account | None:
        """Who may sign in by this address."""
        async with self._database.read() as session:
            row = await session.scalar(
                select(AccountRow).where(AccountRow.email == email, AccountRow.disabled_at_ms == 0)
            )
        return Account(id=row.id, email=row.email, name=row.name, locale=row.locale) if row else None

    async def member(self, account_id: str) -> Member | None:
        """The account with its memberships (oldest first), in one query; None when there is none or it is disabled."""
        async with self._database.read() as session:
            rows = (
                await session.execute(
                    select(AccountRow, OrganizationRow, MembershipRow.role)
                    .outerjoin(MembershipRow, MembershipRow.account_id == AccountRow.id)
                    .outerjoin(OrganizationRow, OrganizationRow.id == MembershipRow.organization_id)
                    .where(AccountRow.id == account_id, AccountRow.disabled_at_ms == 0)
                    .order_by(MembershipRow.since_ms, OrganizationRow.id, MembershipRow.role)
                )
            ).all()
        if not rows:
            return None
        account = rows[0][0]
        roles: dict[Organization, list[MemberRole]] = {}
        for _account, organization, role in rows:
            if role is not None:  # the outer joins give one row of nothing to an account without memberships
                roles.setdefault(organization.value(), []).append(MemberRole(role))
        memberships = tuple(Membership(organization=one, roles=tuple(held)) for one, held in roles.items())
        return Member(
            account=Account(id=account.id, email=account.email, name=account.name, locale=account.locale),
            memberships=memberships,
        )

    async def members(self, organization_id: str, after: str, limit: int) -> list[ListedMember] | None:
        """Accounts of one organization by id after `after`; None when there is no such organization."""
        async with self._database.read() as session:
            if not await session.scalar(select(exists().where(OrganizationRow.id == organization_id))):
                return None
            page = (
                select(MembershipRow.account_id)
                .where(MembershipRow.organization_id == organization_id, MembershipRow.account_id > after)
                .distinct()
                .order_by(MembershipRow.account_id)
                .limit(limit)
                .subquery()
            )
            rows = (
                await session.execute(
                    select(AccountRow.id, AccountRow.name, AccountRow.email, MembershipRow.role, MembershipRow.since_ms)
                    .join(page, page.c.account_id == AccountRow.id)
                    .join(
                        MembershipRow,
                        and_(
                            MembershipRow.account_id == AccountRow.id,
                            MembershipRow.organization_id == organization_id,
                        ),
                    )
                    .order_by(AccountRow.id, MembershipRow.role)
                )
            ).all()
        listed = []
        for account_id, group in groupby(rows, key=lambda row: row.id):
            same = list(group)
            listed.append(
                ListedMember(
                    id=account_id,
                    name=same[0].name,
                    email=same[0].email,
                    roles=tuple(MemberRole(row.role) for row in same),
                    since_ms=min(row.since_ms for row in same),
                )
            )
        return listed

    async def link(self, token_hash: str, at_ms: int) -> OneTimeLink | None:
        async with self._database.read() as session:
            row = await self._usable_link(session, token_hash, at_ms)
        return _link_value(row) if row else None

    # ------------------------------------------------------------ writing

    async def add_link(
        self,
        kind: LinkKind,
        token_hash: str,
        at_ms: int,
        expires_at_ms: int,
        *,
        email: str = "",
        name: str = "",
        organization_id: str | None = None,
        roles: Iterable[MemberRole] = (),
        created_by: str | None = None,
        mail: Mail | None = None,
    ) -> None:
        """`mail`: that brings it, sent when the link is there."""
        async with self._database.write() as session:
            await session.execute(delete(OneTimeLinkRow).where(OneTimeLinkRow.expires_at_ms < at_ms))
            session.add(
                OneTimeLinkRow(
                    id=new_id(at_ms),
                    kind=kind,
                    token_hash=token_hash,
                    email=email,
                    name=name,
                    organization_id=organization_id,
                    roles=[role.value for role in roles],
                    created_by=created_by,
                    created_at_ms=at_ms,
                    expires_at_ms=expires_at_ms,
                    used_at_ms=0,
                )
            )
            try:
                await session.flush()
            except IntegrityError:  # the organization was deleted meanwhile
                raise invalid(organization_id=FieldFault.INVALID) from None
            if mail is not None:
                await put(session, mail, at_ms)
            if kind is LinkKind.INVITATION:
                invited = Subject(SubjectKind.ACCOUNT, "", name)
                record(session, AuditAction.MEMBER_INVITED, invited, organization_id=organization_id, email=email)

    async def make_first_administrator(
        self,
        token_hash: str | None,
        at_ms: int,
        *,
        email: str,
        name: str,
        password_hash: str,
        organization: str,
        locale: str,
    ) -> str:
        """The account's id.  With `token_hash` None (command line) no link is asked for.

        The ready meeting of the first start gets the administrator as its host.
        """
        async with self._database.write() as session:
            # One row that everyone locks: two links used at the same moment make one administrator.
            await session.execute(select(InstallationRow.id).with_for_update())
            if token_hash is not None:
                if await session.scalar(select(park_administrators.exists())):
                    raise Refusal(Code.WRONG_STATE, "there is a park administrator already")
                link = await self._usable_link(session, token_hash, at_ms, lock=True)
                if link is None or link.kind != LinkKind.SETUP:
                    raise Refusal(Code.NOT_FOUND, "unknown or used setup link")
                await session.execute(delete(OneTimeLinkRow).where(OneTimeLinkRow.kind == LinkKind.SETUP))
            park = await session.scalar(
                select(OrganizationRow).where(OrganizationRow.kind == OrganizationKind.PARK).limit(1)
            )
            if park is None:
                park = OrganizationRow(
                    id=new_id(at_ms), name=organization, kind=OrganizationKind.PARK, created_at_ms=at_ms
                )
                session.add(park)
                await session.flush()
            account_id = await self._add_account(session, at_ms, email, name, password_hash, locale)
            await self._add_roles(session, at_ms, account_id, park.id, (MemberRole.ADMINISTRATOR,))
            await session.execute(
                update(MeetingRow)
                .where(MeetingRow.host_id.is_(None))
                .values(host_id=account_id, organization_id=park.id)
            )
            made = Subject(SubjectKind.ACCOUNT, account_id, name)
            record(session, AuditAction.SET_UP, made, actor=_as(account_id, name))
        return account_id

    async def accept_invitation(
        self, token_hash: str, at_ms: int, *, name: str, password_hash: str, locale: str, existing_id: str | None
    ) -> str:
        """The account's id.  `existing_id` is the account that already has the invited address, if any."""
        async with self._database.write() as session:
            link = await self._usable_link(session, token_hash, at_ms, lock=True)
            if link is None or link.kind != LinkKind.INVITATION or link.organization_id is None:
                raise Refusal(Code.NOT_FOUND, "unknown or used invitation")
            link.used_at_ms = at_ms
            account_id = existing_id or await self._add_account(session, at_ms, link.email, name, password_hash, locale)
            roles = tuple(MemberRole(role) for role in link.roles)
            await self._add_roles(session, at_ms, account_id, link.organization_id, roles)
            record(
                session,
                AuditAction.INVITATION_ACCEPTED,
                Subject(SubjectKind.ACCOUNT, account_id, name),
                organization_id=link.organization_id,
                actor=_as(account_id, name),
                roles=", ".join(roles),
            )
            told = {"account_id": account_id, "organization_id": link.organization_id}
            key = f"member.joined:{link.id}"
            await tell(session, WebhookEvent.MEMBER_JOINED, key, (link.organization_id,), told)
        return account_id

    async def reset_password(self, token_hash: str, at_ms: int, password_hash: str) -> str:
        """The account's id."""
        async with self._database.write() as session:
            link = await self._usable_link(session, token_hash, at_ms, lock=True)
            if link is None or link.kind != LinkKind.RESET:
                raise Refusal(Code.NOT_FOUND, "unknown or used reset link")
            row = (
                await session.execute(
                    update(AccountRow)
                    .where(AccountRow.email == link.email, AccountRow.disabled_at_ms == 0)
                    .values(password_hash=password_hash)
                    .returning(AccountRow.id, AccountRow.name)
                )
            ).one_or_none()
            if row is None:
                raise Refusal(Code.NOT_FOUND, "the account is gone")
            record(session, AuditAction.PASSWORD_RESET, Subject(SubjectKind.ACCOUNT, row.id, row.name))
            await self._password_changed(session, row.id, link.email, at_ms)
        account_id: str = row.id
        return account_id

    async def change(
        self,
        account_id: str,
        *,
        name: str | None = None,
        locale: str | None = None,
        password_hash: str | None = None,
    ) -> None:
        values = {"name": name, "locale": locale, "password_hash": password_hash}
        changes = {column: value for column, value in values.items() if value is not None}
        if changes:
            async with self._database.write() as session:
                await session.execute(update(AccountRow).where(AccountRow.id == account_id).values(**changes))

    async def change_password(self, account: Account, password_hash: str, at_ms: int) -> None:
        """By its person, who knows the former one."""
        async with self._database.write() as session:
            changed = update(AccountRow).where(AccountRow.id == account.id).values(password_hash=password_hash)
            await session.execute(changed)
            record(session, AuditAction.PASSWORD_CHANGED, Subject(SubjectKind.ACCOUNT, account.id, who_acts().name))
            await self._password_changed(session, account.id, account.email, at_ms)

    async def set_roles(self, account_id: str, organization_id: str, roles: tuple[MemberRole, ...], at_ms: int) -> bool:
        """Replace the roles of a member; none ends the membership.  False when there is no such member.

        The last administrator of the park stays one.
        """
        async with self._database.write() as session:
            former = set(
                await session.scalars(
                    select(MembershipRow.role)
                    .where(MembershipRow.account_id == account_id, MembershipRow.organization_id == organization_id)
                    .with_for_update()
                )
            )
            if not former:
                return False
            gone = former - set(roles)
            await session.execute(
                delete(MembershipRow).where(
                    MembershipRow.account_id == account_id,
                    MembershipRow.organization_id == organization_id,
                    MembershipRow.role.in_(gone),
                )
            )
            await self._add_roles(session, at_ms, account_id, organization_id, tuple(set(roles) - former))
            if not await session.scalar(select(park_administrators.exists())):
                raise Refusal(Code.CONFLICT, "the last administrator of the park")
            if former != set(roles):
                name = await session.scalar(select(AccountRow.name).where(AccountRow.id == account_id)) or ""
                record(
                    session,
                    AuditAction.ROLES_CHANGED,
                    Subject(SubjectKind.ACCOUNT, account_id, name),
                    organization_id=organization_id,
                    former=", ".join(sorted(former)),
                    roles=", ".join(sorted(roles)),
                )
        return True

    # ------------------------------------------------------------ within a transaction

    async def _password_changed(self, session: AsyncSession, account_id: str, email: str, at_ms: int) -> None:
        """Links that were mailed before set no password any more; the person is told."""
        open_links = (OneTimeLinkRow.email == email) & (OneTimeLinkRow.kind == LinkKind.RESET)
        await session.execute(delete(OneTimeLinkRow).where(open_links))
        notice = Notice(
            kind=NoticeKind.PASSWORD_CHANGED,
            account_ids=(account_id,),
            key=f"password:{new_id(at_ms)}",
            about=About("account", account_id),
            path="/forgot",
            params={},
            urgent=True,
        )
        await put_notice(session, notice, at_ms)

    async def _usable_link(
        self, session: AsyncSession, token_hash: str, at_ms: int, *, lock: bool = False
    ) -> OneTimeLinkRow | None:
        query = select(OneTimeLinkRow).where(
            OneTimeLinkRow.token_hash == token_hash,
            OneTimeLinkRow.used_at_ms == 0,
            OneTimeLinkRow.expires_at_ms > at_ms,
        )
        return await session.scalar(query.with_for_update() if lock else query)

    async def _add_account(
        self, session: AsyncSession, at_ms: int, email: str, name: str, password_hash: str, locale: str
    ) -> str:
        row = AccountRow(
            id=new_id(at_ms),
            email=email,
            name=name,
            locale=locale,
            password_hash=password_hash,
            created_at_ms=at_ms,
            disabled_at_ms=0,
        )
        session.add(row)
        try:
            await session.flush()
        except IntegrityError:
            raise invalid(email=FieldFault.TAKEN) from None
        return row.id

    async def _add_roles(
        self, session: AsyncSession, at_ms: int, account_id: str, organization_id: str, roles: tuple[MemberRole, ...]
    ) -> None:
        held = set(
            await session.scalars(
                select(MembershipRow.role).where(
                    MembershipRow.account_id == account_id, MembershipRow.organization_id == organization_id
                )
            )
        )
        session.add_all(
            MembershipRow(account_id=account_id, organization_id=organization_id, role=role, since_ms=at_ms)
            for role in roles
            if role not in held
        )
        await session.flush()

    async def count(self) -> int:
        async with self._database.read() as session:
            return await session.scalar(select(func.count()).select_from(AccountRow)) or 0


def _as(account_id: str, name: str) -> Actor:
    """Who becomes somebody by what they do."""
    return msgspec.structs.replace(who_acts(), account_id=account_id, name=name)


def _link_value(row: OneTimeLinkRow) -> OneTimeLink:
    return OneTimeLink(
        kind=LinkKind(row.kind),
        email=row.email,
        name=row.name,
        organization_id=row.organization_id,
        roles=tuple(MemberRole(role) for role in row.roles),
        created_by=row.created_by,
    )
