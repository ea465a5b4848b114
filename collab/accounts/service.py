"""What people do with accounts: the first set-up, signing in and out, changing themselves, inviting others.

Secrets of links are stored as SHA-256 only.  Sign-ins are refused by rate before a password is looked at, and cost the
same time whether the account exists or not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec
import structlog
from msgspec import Struct

from collab.audit.actor import who_acts
from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.repository import AuditRepository
from collab.clock import new_secret, now_ms
from collab.limits import Limits, guarded_rate, rate
from collab.organizations.models import ORGANIZATION_NAME_MAX_CHARS, Organization, OrganizationKind
from collab.organizations.repository import OrganizationRepository
from collab.ports import Connections, Sessions
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_name

from .letters import invitation
from .models import EMAIL_MAX_CHARS, LinkKind, Member, MemberRole
from .passwords import Passwords
from .repository import AccountRepository, ListedMember

SETUP_LINK_MS = 7 * 86_400_000
INVITATION_MS = 7 * 86_400_000
DEFAULT_LOCALE = "zh-CN"

# A whole park may sign in behind one address in the morning, so an address gets room; one account from it does not.
SIGN_IN_OF_ADDRESS = guarded_rate("sign_in_address", burst=60, per_minute=60)
SIGN_IN_OF_PAIR = guarded_rate("sign_in_pair", burst=5, per_minute=2)
SIGN_IN_OF_ACCOUNT = guarded_rate("sign_in_account", burst=50, per_minute=2)
INVITATIONS_OF_ACCOUNT = rate("invitations", burst=100, per_minute=5)

log = structlog.get_logger("accounts")


class SignedIn(Struct, frozen=True):
    member: Member
    session: str  # the cookie's secret


class Invitation(Struct, frozen=True):
    email: str
    name: str
    organization: str
    has_account: bool


def hash_token(token: str) -> str:
    """Tokens are 256 bits of chance: a plain digest is enough, and a look-up by it tells nothing by its time."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def normal_email(raw: str) -> str:
    """Lower case; raises INVALID.  Whether it can receive mail is only known by sending some."""
    email = raw.strip().lower()
    local, at, domain = email.rpartition("@")
    well_formed = (
        at
        and local
        and "." in domain.strip(".")
        and len(email) <= EMAIL_MAX_CHARS
        and email.isprintable()
        and not any(character in ' "<>(),;:\\[]@' for character in local + domain)
    )
    if not well_formed:
        raise invalid(email=FieldFault.INVALID)
    return email


def person_name(raw: str) -> str:
    name = clean_name(raw)
    if not name:
        raise invalid(name=FieldFault.INVALID)
    return name


def organization_name(raw: str, field: str = "name") -> str:
    name = clean_name(raw, ORGANIZATION_NAME_MAX_CHARS)
    if not name:
        raise invalid(**{field: FieldFault.INVALID})
    return name


def guesses(name: str, email: str) -> tuple[str, ...]:
    """What an attacker tries first with this person."""
    return (name, email, email.partition("@")[0])


class AccountService:
    def __init__(
        self,
        accounts: AccountRepository,
        organizations: OrganizationRepository,
        passwords: Passwords,
        sessions: Sessions,
        connections: Connections,
        limits: Limits,
        audit: AuditRepository,
        links_url: str = "",
        nudge: Callable[[], None] = lambda: None,
    ) -> None:
        """`links_url`: before the paths in mails; `nudge` after a commit that put one."""
        self._links_url = links_url
        self._nudge = nudge
        self._audit = audit
        self._accounts = accounts
        self._organizations = organizations
        self._passwords = passwords
        self._sessions = sessions
        self._connections = connections
        self._limits = limits
        self._set_up = False

    @property
    def password_min_chars(self) -> int:
        return self._passwords.min_chars

    # ------------------------------------------------------------ the first administrator

    async def setup_needed(self) -> bool:
        """No park administrator yet.  Once there is one, there always is one, so the answer is kept."""
        if not self._set_up:
            self._set_up = await self._accounts.has_park_administrator()
        return not self._set_up

    async def make_setup_token(self) -> str:
        token, at = new_secret(), now_ms()
        await self._accounts.add_link(LinkKind.SETUP, hash_token(token), at, at + SETUP_LINK_MS)
        return token

    async def set_up(
        self, token: str, *, name: str, email: str, password: str, organization: str, locale: str, address: str
    ) -> SignedIn:
        await self._limits.take(SIGN_IN_OF_ADDRESS, address)
        at = now_ms()
        if not await self.setup_needed():
            raise Refusal(Code.WRONG_STATE, "set up already")
        link = await self._accounts.link(hash_token(token), at)
        if link is None or link.kind is not LinkKind.SETUP:
            raise Refusal(Code.NOT_FOUND, "unknown setup link")
        name, email = person_name(name), normal_email(email)
        organization = organization_name(organization, "organization")
        account_id = await self._accounts.make_first_administrator(
            hash_token(token),
            at,
            email=email,
            name=name,
            organization=organization,
            locale=locale,
            password_hash=await self._passwords.new_hash(password, *guesses(name, email)),
        )
        log.info("set_up", account=account_id)
        return await self._sign_in_as(account_id, address)

    # ------------------------------------------------------------ signing in and out

    async def sign_in(self, email: str, password: str, address: str) -> SignedIn:
        email = email.strip().lower()
        of_account = hash_token(email)[:32]
        await self._limits.take(SIGN_IN_OF_ADDRESS, address)
        await self._limits.take(SIGN_IN_OF_PAIR, of_account, address)
        await self._limits.take(SIGN_IN_OF_ACCOUNT, of_account)
        known = await self._accounts.credentials(email) if email.isprintable() else None
        if not await self._passwords.verify(known.password_hash if known else None, password) or known is None:
            log.info("sign_in_refused", address=address, account=known.account_id if known else "")
            # Of unknown accounts too, without what was typed: else the time would tell which there are.
            tried = Subject(SubjectKind.ACCOUNT, known.account_id, known.name) if known else Subject()
            await self._audit.note(AuditAction.SIGN_IN_REFUSED, tried)
            raise Refusal(Code.UNAUTHENTICATED, "wrong address or password")
        if known.password_hash and self._passwords.outdated(known.password_hash):
            await self._accounts.change(known.account_id, password_hash=await self._passwords.hash(password))
        return await self.enter(known.account_id, address)

    async def enter(self, account_id: str, address: str, **told: str) -> SignedIn:
        """Somebody who has shown who they are, here or (collab/oidc) elsewhere; `told` stands in the audit log."""
        log.info("signed_in", address=address, account=account_id, **told)
        signed_in = await self._sign_in_as(account_id, address)
        account, organizations = signed_in.member.account, signed_in.member.organization_ids
        await self._audit.note(
            AuditAction.SIGNED_IN,
            Subject(SubjectKind.ACCOUNT, account.id, account.name),
            organization_id=organizations[0] if organizations else "",  # that the person has been in for longest
            actor=msgspec.structs.replace(who_acts(), account_id=account.id, name=account.name),
            **told,
        )
        return signed_in

    async def sign_out(self, account_id: str, session: str) -> None:
        """With the seats that were taken by it; other browsers of the person stay."""
        await self._sessions.revoke(session)
        await self._connections.close_identity(account_id, Code.UNAUTHENTICATED, hash_token(session))

    async def sign_out_everywhere(self, account_id: str) -> None:
        await self._sessions.revoke_all(account_id)
        await self._connections.close_identity(account_id, Code.UNAUTHENTICATED)
        await self._audit.note(
            AuditAction.SIGNED_OUT_EVERYWHERE, Subject(SubjectKind.ACCOUNT, account_id, who_acts().name)
        )
        log.info("signed_out_everywhere", account=account_id)

    async def change_me(
        self,
        member: Member,
        session: str,
        address: str,
        *,
        name: str | None,
        locale: str | None,
        current_password: str | None,
        new_password: str | None,
    ) -> Member:
        """A new password ends all other sign-ins, and the live seats; the person is told of it."""
        account = member.account
        password_hash = None
        if name is not None:
            name = person_name(name)
        if new_password is not None:
            await self._limits.take(SIGN_IN_OF_PAIR, account.id, address)
            known = await self._accounts.credentials(account.email)
            if known is None or not await self._passwords.verify(known.password_hash, current_password or ""):
                raise invalid(current_password=FieldFault.WRONG)
            password_hash = await self._passwords.new_hash(
                new_password, *guesses(name or account.name, account.email), field="new_password"
            )
        await self._accounts.change(account.id, name=name, locale=locale)
        if password_hash:
            await self._accounts.change_password(account, password_hash, now_ms())
            self._nudge()
            await self._sessions.revoke_all(account.id, except_token=session)
            await self._connections.close_identity(account.id, Code.EXPIRED)
            log.info("password_changed", account=account.id)
        return await self._member(account.id)

    # ------------------------------------------------------------ invitations

    async def invite(
        self, by: Member, *, email: str, name: str, organization_id: str, roles: tuple[MemberRole, ...]
    ) -> str:
        """The token of a one-time link, which is mailed as well.

        Raises FORBIDDEN unless `by` administers the organization or the park.
        """
        if not by.administers(organization_id):
            raise Refusal(Code.FORBIDDEN, "not an administrator of that organization")
        await self._limits.take(INVITATIONS_OF_ACCOUNT, by.account.id)
        email, name = normal_email(email), person_name(name)
        organization = await self._organizations.get(organization_id)
        if organization is None:
            raise invalid(organization_id=FieldFault.INVALID)
        token, at = new_secret(), now_ms()
        letter = invitation(
            email=email,
            name=name,
            organization=organization.name,
            by=by.account.name,
            locale=by.account.locale,
            link=f"{self._links_url}/invitation?token={token}",
            key=f"invitation:{hash_token(token)}",
        )
        await self._accounts.add_link(
            LinkKind.INVITATION,
            hash_token(token),
            at,
            at + INVITATION_MS,
            email=email,
            name=name,
            organization_id=organization_id,
            roles=roles,
            created_by=by.account.id,
            mail=letter,
        )
        self._nudge()
        log.info("invited", by=by.account.id, organization=organization_id)
        return token

    async def invitation(self, token: str) -> Invitation:
        link = await self._accounts.link(hash_token(token), now_ms())
        if link is None or link.kind is not LinkKind.INVITATION or link.organization_id is None:
            raise Refusal(Code.NOT_FOUND, "unknown invitation")
        organization = await self._organizations.get(link.organization_id)
        known = await self._accounts.credentials(link.email)
        return Invitation(
            email=link.email,
            name=link.name,
            organization=organization.name if organization else "",
            has_account=known is not None,
        )

    async def accept_invitation(self, token: str, *, password: str, name: str | None, address: str) -> SignedIn:
        """Make the account, or, when the address has one, add the roles to it after its password was shown."""
        await self._limits.take(SIGN_IN_OF_ADDRESS, address)
        at = now_ms()
        link = await self._accounts.link(hash_token(token), at)
        if link is None or link.kind is not LinkKind.INVITATION:
            raise Refusal(Code.NOT_FOUND, "unknown invitation")
        known = await self._accounts.credentials(link.email)
        if known is None:
            chosen = person_name(name) if name is not None else link.name
            password_hash = await self._passwords.new_hash(password, *guesses(chosen, link.email))
        else:
            await self._limits.take(SIGN_IN_OF_PAIR, known.account_id, address)
            chosen, password_hash = link.name, ""
            if not await self._passwords.verify(known.password_hash, password):
                raise invalid(password=FieldFault.WRONG)
        account_id = await self._accounts.accept_invitation(
            hash_token(token),
            at,
            name=chosen,
            password_hash=password_hash,
            locale=DEFAULT_LOCALE,
            existing_id=known.account_id if known else None,
        )
        log.info("invitation_accepted", account=account_id)
        return await self._sign_in_as(account_id, address)

    # ------------------------------------------------------------ organizations and their members

    async def organizations(self) -> list[Organization]:
        return await self._organizations.all()

    async def add_organization(self, name: str, kind: OrganizationKind) -> Organization:
        """An installation serves one park, which the set-up makes."""
        if kind is OrganizationKind.PARK:
            raise invalid(kind=FieldFault.TAKEN)
        return await self._organizations.add(organization_name(name), kind, now_ms())

    async def members(
        self, by: Member, organization_id: str, after: str, limit: int
    ) -> tuple[list[ListedMember], bool]:
        if not by.administers(organization_id):
            raise Refusal(Code.FORBIDDEN, "not an administrator of that organization")
        listed = await self._accounts.members(organization_id, after, limit + 1)
        if listed is None:
            raise Refusal(Code.NOT_FOUND, "no such organization")
        return listed[:limit], len(listed) > limit

    async def set_roles(self, by: Member, organization_id: str, account_id: str, roles: tuple[MemberRole, ...]) -> None:
        """Live seats of the person end, so that nobody goes on with rights of yesterday; who may, joins again."""
        if not by.administers(organization_id):
            raise Refusal(Code.FORBIDDEN, "not an administrator of that organization")
        if not await self._accounts.set_roles(account_id, organization_id, roles, now_ms()):
            raise Refusal(Code.NOT_FOUND, "no such member")
        await self._connections.close_identity(account_id, Code.EXPIRED)
        log.info("roles_set", by=by.account.id, account=account_id, organization=organization_id, roles=list(roles))

    # ------------------------------------------------------------

    async def _sign_in_as(self, account_id: str, address: str) -> SignedIn:
        member = await self._member(account_id)
        token, _ = await self._sessions.create(account_id, address)
        return SignedIn(member=member, session=token)

    async def _member(self, account_id: str) -> Member:
        member = await self._accounts.member(account_id)
        if member is None:
            raise Refusal(Code.UNAUTHENTICATED, "the account is gone")
        return member
