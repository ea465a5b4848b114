"""Bodies and replies of the account endpoints.  These structs are the API: the OpenAPI document is made from them."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from collab.organizations.models import ORGANIZATION_NAME_MAX_CHARS, OrganizationKind
from rooms.core.model import NAME_MAX_CHARS

from .models import EMAIL_MAX_CHARS, MemberRole
from .passwords import PASSWORD_MAX_CHARS

ID = r"^[0-9a-z]{26}$"
AfterId = Annotated[str, Meta(pattern=r"^([0-9a-z]{26})?$")]
Email = Annotated[str, Meta(min_length=3, max_length=EMAIL_MAX_CHARS)]
PersonName = Annotated[str, Meta(min_length=1, max_length=NAME_MAX_CHARS)]
OrganizationName = Annotated[str, Meta(min_length=1, max_length=ORGANIZATION_NAME_MAX_CHARS)]
Password = Annotated[str, Meta(min_length=1, max_length=PASSWORD_MAX_CHARS)]
LinkToken = Annotated[str, Meta(min_length=1, max_length=128)]
Locale = Annotated[str, Meta(pattern=r"^(zh-CN|en)$")]
OrganizationId = Annotated[str, Meta(pattern=ID)]
Roles = Annotated[tuple[MemberRole, ...], Meta(max_length=8)]


class Body(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Setup(Body, frozen=True, kw_only=True):
    token: LinkToken
    name: PersonName
    email: Email
    password: Password
    organization: OrganizationName


class SignIn(Body, frozen=True, kw_only=True):
    email: Email
    password: Password


class ChangeMe(Body, frozen=True, kw_only=True):
    name: PersonName | UnsetType = UNSET
    locale: Locale | UnsetType = UNSET
    current_password: Password | UnsetType = UNSET
    new_password: Password | UnsetType = UNSET


class Invite(Body, frozen=True, kw_only=True):
    email: Email
    name: PersonName
    organization_id: OrganizationId
    roles: Annotated[Roles, Meta(min_length=1)] = (MemberRole.MEMBER,)


class AcceptInvitation(Body, frozen=True, kw_only=True):
    """With an account that exists already: its password."""

    token: LinkToken
    password: Password
    name: PersonName | UnsetType = UNSET


class ResetPassword(Body, frozen=True, kw_only=True):
    token: LinkToken
    password: Password


class ForgottenPassword(Body, frozen=True, kw_only=True):
    email: Email


class InvitationQuery(Body, frozen=True, kw_only=True):
    token: LinkToken


class MembersQuery(Body, frozen=True, kw_only=True):
    after: AfterId = ""
    limit: Annotated[int, Meta(ge=1, le=200)] = 100


class SetRoles(Body, frozen=True, kw_only=True):
    """No roles: the membership ends."""

    roles: Roles


class NewOrganization(Body, frozen=True, kw_only=True):
    name: OrganizationName
    kind: OrganizationKind


class AccountView(Struct, frozen=True):
    id: str
    name: str
    email: str
    locale: str


class OrganizationView(Struct, frozen=True):
    id: str
    name: str
    kind: OrganizationKind


class MembershipView(Struct, frozen=True):
    organization: OrganizationView
    roles: tuple[MemberRole, ...]


class Features(Struct, frozen=True):
    """What the page offers to this person."""

    create_meetings: bool
    administer_park: bool
    password_min_chars: int


class Me(Struct, frozen=True):
    account: AccountView | None
    memberships: tuple[MembershipView, ...]
    csrf: str
    features: Features
    server_time_ms: int
    setup_needed: bool


class InvitationLink(Struct, frozen=True):
    link: str


class InvitationView(Struct, frozen=True):
    """What the page of an invitation shows before it is accepted."""

    email: str
    name: str
    organization: str
    has_account: bool


class MemberView(Struct, frozen=True):
    id: str
    name: str
    email: str
    roles: tuple[MemberRole, ...]
    since_ms: int


class MemberList(Struct, frozen=True):
    members: tuple[MemberView, ...]
    more: bool


class OrganizationList(Struct, frozen=True):
    organizations: tuple[OrganizationView, ...]
