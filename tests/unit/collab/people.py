"""Accounts and meetings for tests, made through the repositories."""

from __future__ import annotations

from collab.accounts.models import LinkKind, Member, MemberRole
from collab.accounts.repository import AccountRepository
from collab.accounts.service import hash_token
from collab.audit.repository import AuditRepository
from collab.db.engine import Database
from collab.meetings.models import Meeting
from collab.meetings.repository import MeetingRepository
from collab.organizations.models import Organization, OrganizationKind
from collab.organizations.repository import OrganizationRepository

NO_HASH = "$argon2id$never-matches"


class People:
    """Makes people without passwords: for tests that never sign in."""

    def __init__(self, database: Database) -> None:
        self.accounts = AccountRepository(database)
        self.organizations = OrganizationRepository(database)
        self.meetings = MeetingRepository(database)
        self.audit = AuditRepository(database)
        self._at_ms = 1_000

    async def administrator(self, name: str = "Lin") -> Member:
        """Of the park; the first one makes the park."""
        account_id = await self.accounts.make_first_administrator(
            None,
            self._tick(),
            email=f"{name.lower()}@park.example",
            name=name,
            password_hash=NO_HASH,
            organization="Park",
            locale="en",
        )
        return await self.member_of(account_id)

    async def organization(self, name: str = "Laser Works") -> Organization:
        return await self.organizations.add(name, OrganizationKind.ENTERPRISE, self._tick())

    async def employee(
        self, organization: Organization, name: str, role: MemberRole = MemberRole.MEMBER, email: str = ""
    ) -> Member:
        token = f"invitation of {name}"
        await self.accounts.add_link(
            LinkKind.INVITATION,
            hash_token(token),
            self._tick(),
            self._at_ms + 1_000_000,
            email=email or f"{name.lower()}@{organization.id}.example",
            name=name,
            organization_id=organization.id,
            roles=(role,),
        )
        account_id = await self.accounts.accept_invitation(
            hash_token(token), self._tick(), name=name, password_hash=NO_HASH, locale="en", existing_id=None
        )
        return await self.member_of(account_id)

    async def meeting(self, host: Member | None, title: str = "Weekly", *, lobby: bool = False) -> Meeting:
        organization_id = host.memberships[0].organization.id if host else None
        return await self.meetings.add(
            title, host.account.id if host else None, organization_id, lobby, True, self._tick()
        )

    async def member_of(self, account_id: str) -> Member:
        member = await self.accounts.member(account_id)
        assert member is not None
        return member

    def _tick(self) -> int:
        self._at_ms += 1
        return self._at_ms
