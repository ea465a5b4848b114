"""What the judge found is written, in bulk, with lines in the audit log, and mails to who has no way in yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, assert_never

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import AccountRow, LinkKind, MembershipRow, OneTimeLinkRow
from collab.accounts.service import INVITATION_MS, hash_token
from collab.assist.models import MachineRow
from collab.audit.actor import Actor
from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.repository import record
from collab.clock import new_id, new_label, new_secret
from collab.db.base import Base
from collab.mail import outbox
from collab.organizations.models import OrganizationRow

from .judging import (
    ChangedAccount,
    ChangedMachine,
    NewAccount,
    NewKind,
    NewMachine,
    NewOrganization,
    NewRoles,
    Welcome,
    Write,
)
from .letters import welcome
from .models import ImportTable

# In this order: later ones refer to earlier ones.
_TABLES: Final[tuple[type[Base], ...]] = (OrganizationRow, AccountRow, MembershipRow, MachineRow)


class Writing:
    """Within the transaction of `session`."""

    def __init__(
        self, session: AsyncSession, made: ImportTable, by: AccountRow | None, links_url: str, at_ms: int
    ) -> None:
        self._session = session
        self._import = made
        self._actor = Actor(made.created_by, by.name if by else "")
        self._links_url = links_url
        self._at_ms = at_ms
        self._added: dict[type[Base], list[dict[str, Any]]] = {table: [] for table in _TABLES}
        self._changed: dict[type[Base], list[dict[str, Any]]] = {table: [] for table in _TABLES}
        self._welcomed: dict[str, Welcome] = {}

    async def write(self, writes: Sequence[Write]) -> None:
        for one in writes:
            self._take(one)
        for table in _TABLES:
            if rows := self._added[table]:
                await self._session.execute(insert(table), rows)
            if rows := self._changed[table]:
                await self._session.execute(update(table), rows)  # each by its id
        if self._import.invite:
            for one in self._welcomed.values():
                await self._invite(one)

    def _take(self, one: Write) -> None:
        match one:
            case NewOrganization():
                row = {"id": one.id, "name": one.name, "kind": one.kind.value, "created_at_ms": self._at_ms}
                self._added[OrganizationRow].append(row)
                self._tell(AuditAction.ORGANIZATION_ADDED, SubjectKind.ORGANIZATION, one.id, one.name, one.id)
            case NewKind():
                self._changed[OrganizationRow].append({"id": one.organization_id, "kind": one.kind.value})
                self._tell(
                    AuditAction.ORGANIZATION_CHANGED,
                    SubjectKind.ORGANIZATION,
                    one.organization_id,
                    one.name,
                    one.organization_id,
                    former=one.former.value,
                    new=one.kind.value,
                )
            case NewAccount():
                self._added[AccountRow].append(
                    {
                        "id": one.id,
                        "email": one.email,
                        "name": one.name,
                        "locale": one.locale,
                        "password_hash": None,
                        "created_at_ms": self._at_ms,
                        "disabled_at_ms": 0,
                    }
                )
            case ChangedAccount():
                self._changed[AccountRow].append({"id": one.id, "name": one.name, "locale": one.locale})
            case NewRoles():
                self._added[MembershipRow] += [
                    {
                        "account_id": one.account_id,
                        "organization_id": one.organization_id,
                        "role": role,
                        "since_ms": self._at_ms,
                    }
                    for role in one.roles
                ]
                self._tell(
                    AuditAction.ROLES_CHANGED,
                    SubjectKind.ACCOUNT,
                    one.account_id,
                    one.name,
                    one.organization_id,
                    former=", ".join(one.former),
                    roles=", ".join(sorted({*one.former, *one.roles})),
                )
            case NewMachine():
                self._added[MachineRow].append(
                    {
                        "id": one.id,
                        "label": new_label(),
                        "organization_id": one.organization_id,
                        "serial": one.serial,
                        **one.words,
                        "created_by": self._import.created_by,
                        "created_at_ms": self._at_ms,
                        "changed_at_ms": self._at_ms,
                    }
                )
            case ChangedMachine():
                self._changed[MachineRow].append({"id": one.id, **one.words, "changed_at_ms": self._at_ms})
            case Welcome():
                self._welcomed[one.account_id] = one
            case _:
                assert_never(one)

    def _tell(
        self, action: AuditAction, kind: SubjectKind, subject_id: str, name: str, organization_id: str, **details: str
    ) -> None:
        record(
            self._session,
            action,
            Subject(kind, subject_id, name),
            organization_id=organization_id,
            actor=self._actor,
            file=self._import.file_name,
            **details,
        )

    async def _invite(self, one: Welcome) -> None:
        """Once for each import and account.  The link sets a password, as that of `tongxin admin reset` does."""
        token = new_secret()
        mail = welcome(one, f"{self._links_url}/reset?token={token}", f"import:{self._import.id}:{one.account_id}")
        if not await outbox.put(self._session, mail, self._at_ms):
            return
        self._session.add(
            OneTimeLinkRow(
                id=new_id(self._at_ms),
                kind=LinkKind.RESET,
                token_hash=hash_token(token),
                email=one.email,
                name=one.name,
                organization_id=None,
                roles=[],
                created_by=self._import.created_by,
                created_at_ms=self._at_ms,
                expires_at_ms=self._at_ms + INVITATION_MS,
                used_at_ms=0,
            )
        )
