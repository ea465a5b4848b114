"""Accounts, their memberships and one-time links, as tables and as the values that the rest of collab handles."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Hash64, Id, Name64
from collab.organizations.models import Organization, OrganizationKind

EMAIL_MAX_CHARS = 254  # RFC 5321 4.5.3.1.3


class MemberRole(StrEnum):
    """What a member does in an organization.  An administrator of the park administers the installation."""

    ADMINISTRATOR = "administrator"
    OFFICER = "officer"
    MEMBER = "member"


class LinkKind(StrEnum):
    SETUP = "setup"  # makes the first park administrator
    INVITATION = "invitation"
    RESET = "reset"  # sets a new password, mailed to who forgot the old one, or made by `tongxin admin reset`


class AccountRow(Base):
    __tablename__ = "accounts"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(EMAIL_MAX_CHARS), unique=True)  # lower case
    name: Mapped[Name64]
    locale: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    created_at_ms: Mapped[AtMs]
    disabled_at_ms: Mapped[AtMs] = mapped_column(default=0)  # 0 = may sign in


class MembershipRow(Base):
    """One role of one account in one organization."""

    __tablename__ = "memberships"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(32), primary_key=True)
    since_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "organization_id"),)


class OneTimeLinkRow(Base):
    __tablename__ = "one_time_links"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[Hash64] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(String(EMAIL_MAX_CHARS))
    name: Mapped[Name64]
    organization_id: Mapped[str | None] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    roles: Mapped[list[str]] = mapped_column(JSON)
    created_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    created_at_ms: Mapped[AtMs]
    expires_at_ms: Mapped[AtMs]
    used_at_ms: Mapped[AtMs] = mapped_column(default=0)


class Account(Struct, frozen=True):
    id: str
    email: str
    name: str
    locale: str


class Membership(Struct, frozen=True):
    organization: Organization
    roles: tuple[MemberRole, ...]

    @property
    def administers_park(self) -> bool:
        return self.organization.kind is OrganizationKind.PARK and MemberRole.ADMINISTRATOR in self.roles


class Member(Struct, frozen=True):
    """An account with everything that decides what it may do."""

    account: Account
    memberships: tuple[Membership, ...]

    @property
    def administers_park(self) -> bool:
        return any(membership.administers_park for membership in self.memberships)

    @property
    def in_park(self) -> bool:
        """Of the park's own staff."""
        return any(membership.organization.kind is OrganizationKind.PARK for membership in self.memberships)

    @property
    def organization_ids(self) -> tuple[str, ...]:
        return tuple(membership.organization.id for membership in self.memberships)

    @property
    def administered_ids(self) -> tuple[str, ...]:
        """Of those that the account belongs to."""
        return tuple(one for one in self.organization_ids if self.administers(one))

    def administers(self, organization_id: str) -> bool:
        """An organization's administrators, and the park's for every organization."""
        return self.administers_park or any(
            membership.organization.id == organization_id and MemberRole.ADMINISTRATOR in membership.roles
            for membership in self.memberships
        )

    def belongs_to(self, organization_id: str | None) -> bool:
        return any(membership.organization.id == organization_id for membership in self.memberships)
