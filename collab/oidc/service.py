"""Signing in by an OpenID provider: begun here, answered by the provider, ended with a session or a closed fault.

A flow is an entry in Redis under the digest of its state: it is taken once, belongs to the browser that began it (a
cookie of its own), and holds what the provider has to give back (nonce) and what only we know (PKCE verifier).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Final

import msgspec
import structlog
from msgspec import Struct
from sqlalchemy.exc import IntegrityError

from collab.accounts.models import Member
from collab.accounts.service import DEFAULT_LOCALE, AccountService, SignedIn, hash_token, normal_email
from collab.audit.models import AuditAction, Subject
from collab.audit.repository import AuditRepository
from collab.clock import new_secret
from collab.limits import Limits, rate
from collab.problems import Refusal
from rooms.core.codes import Code
from rooms.core.text import clean_name
from rooms.ports import StoreUnavailable
from rooms.store.once import OnceStore

from .id_token import Claims
from .models import Identity, OidcFault
from .policy import Rule, organization_for
from .provider import Provider
from .provider_http import ProviderAway, ProviderRefused
from .repository import Known, OidcRepository

FLOW_MS: Final = 600_000
FLOW: Final = "oidc"
NEXT: Final = "/home"
NEXT_MAX_CHARS: Final = 500
CODE_MAX_CHARS: Final = 4_096
STATE_MAX_CHARS: Final = 128
# A whole park may come from one address in the morning.
BEGUN_FROM = rate("oidc_begun", burst=60, per_minute=60)
ENDED_FROM = rate("oidc_ended", burst=60, per_minute=60)

log = structlog.get_logger("oidc")


class Begun(Struct, frozen=True):
    url: str  # of the provider, where the browser goes
    flow_key: str  # the cookie's secret


class Ended(Struct, frozen=True):
    """`fault` or `signed_in`, or neither: an account was linked."""

    next: str
    fault: OidcFault | None = None
    signed_in: SignedIn | None = None


class Returned(Struct, frozen=True):
    """What the browser brings back (RFC 6749 4.1.2, RFC 9207)."""

    state: str
    code: str
    error: str
    issuer: str


class _Flow(Struct, frozen=True):
    nonce: str
    verifier: str
    browser: str  # digest of the cookie
    next: str
    link_to: str  # the account that is linked; "": somebody signs in


class _Refused(Exception):
    def __init__(self, fault: OidcFault, cause: str = "") -> None:
        super().__init__(cause)
        self.fault = fault


class OidcService:
    def __init__(
        self,
        provider: Provider | None,
        identities: OidcRepository,
        accounts: AccountService,
        flows: OnceStore,
        limits: Limits,
        audit: AuditRepository,
        clock_ms: Callable[[], int],
        *,
        name: str,
        rules: tuple[Rule, ...],
        links_by_mail: bool,
        nudge: Callable[[], None],
    ) -> None:
        """`provider` None: none is configured.  `name`: of it, on the button."""
        self._provider = provider
        self._identities = identities
        self._accounts = accounts
        self._flows = flows
        self._limits = limits
        self._audit = audit
        self._clock_ms = clock_ms
        self._name = name
        self._rules = rules
        self._links_by_mail = links_by_mail
        self._nudge = nudge

    @property
    def name(self) -> str:
        return self._name if self._provider is not None else ""

    @property
    def sign_out_url(self) -> str:
        return self._provider.sign_out_url if self._provider is not None else ""

    async def linked(self, member: Member | None) -> bool:
        if self._provider is None or member is None:
            return False
        return await self._identities.linked(self._provider.issuer, member.account.id)

    async def unlink(self, member: Member) -> None:
        """Raises NOT_FOUND, and WRONG_STATE for an account without a password."""
        provider = self._provider
        if provider is None or not await self._identities.unlink(provider.issuer, member.account.id):
            raise Refusal(Code.NOT_FOUND, "no identity of the provider")

    async def begin(self, member: Member | None, flow_key: str, next_path: str, address: str, *, link: bool) -> Begun:
        """Raises WRONG_STATE without a provider, UNAVAILABLE when it does not answer."""
        if self._provider is None:
            raise Refusal(Code.WRONG_STATE, "no OpenID provider")
        if link and member is None:
            raise Refusal(Code.UNAUTHENTICATED, "nobody to link")
        await self._limits.take(BEGUN_FROM, address)
        state, nonce, verifier = new_secret(), new_secret(), new_secret()
        flow_key = flow_key or new_secret()  # kept: another tab may be on its way too
        try:
            url = await self._provider.authorization_url(state, nonce, verifier)
        except (ProviderAway, ProviderRefused) as error:
            log.warning("oidc_provider_failed", cause=str(error))
            raise Refusal(Code.UNAVAILABLE, f"OpenID provider: {error}", retry_after_ms=10_000) from error
        link_to = member.account.id if link and member is not None else ""
        flow = _Flow(nonce, verifier, hash_token(flow_key), local_path(next_path), link_to)
        await self._flows.put(FLOW, state, msgspec.msgpack.encode(flow), FLOW_MS)
        return Begun(url, flow_key)

    async def end(self, member: Member | None, flow_key: str, returned: Returned, address: str) -> Ended:
        """Never raises for what the browser or the provider bring."""
        flow: _Flow | None = None
        try:
            await self._limits.take(ENDED_FROM, address)
            flow = await self._taken(flow_key, returned.state)
            return await self._ended(flow, member, returned, address)
        except _Refused as refused:
            fault, cause = refused.fault, str(refused)
        except ProviderAway as error:
            fault, cause = OidcFault.PROVIDER_AWAY, str(error)
        except ProviderRefused as error:
            fault, cause = OidcFault.PROVIDER_REFUSED, str(error)
        except (Refusal, StoreUnavailable) as error:
            fault, cause = OidcFault.BUSY, str(error)
        log.info("oidc_refused", fault=fault, cause=cause, address=address)
        if flow is not None:  # strangers who try states leave no lines
            await self._audit.note(AuditAction.SIGN_IN_REFUSED, Subject(), way="oidc", fault=fault.value)
        return Ended(flow.next if flow else NEXT, fault)

    # ------------------------------------------------------------

    async def _taken(self, flow_key: str, state: str) -> _Flow:
        packed = await self._flows.take(FLOW, state) if state and len(state) <= STATE_MAX_CHARS else None
        if packed is None:
            raise _Refused(OidcFault.EXPIRED, "unknown state")
        flow = msgspec.msgpack.decode(packed, type=_Flow)
        if not flow_key or not hmac.compare_digest(hash_token(flow_key), flow.browser):
            raise _Refused(OidcFault.EXPIRED, "another browser's state")
        return flow

    async def _ended(self, flow: _Flow, member: Member | None, returned: Returned, address: str) -> Ended:
        provider = self._provider
        if provider is None:
            raise _Refused(OidcFault.EXPIRED, "no OpenID provider any more")
        if not await provider.names_itself(returned.issuer):
            raise ProviderRefused("a response of another issuer")
        if returned.error or not returned.code:
            raise _Refused(OidcFault.DECLINED, returned.error[:60] or "no code")
        if len(returned.code) > CODE_MAX_CHARS:
            raise ProviderRefused("code")
        identity = identity_of(provider.issuer, await provider.identity(returned.code, flow.nonce, flow.verifier))
        at_ms = self._clock_ms()
        if flow.link_to:
            if member is None or member.account.id != flow.link_to:
                raise _Refused(OidcFault.EXPIRED, "signed out, or as somebody else, meanwhile")
            if not await self._identities.link(identity, flow.link_to, at_ms):
                raise _Refused(OidcFault.LINKED_ELSEWHERE)
            return Ended(flow.next)
        account_id = await self._account(identity, at_ms)
        signed_in = await self._accounts.enter(account_id, address, way="oidc", issuer=identity.issuer)
        return Ended(flow.next, signed_in=signed_in)

    async def _account(self, identity: Identity, at_ms: int) -> str:
        known = await self._identities.known(identity, at_ms)
        if known is not None:
            return _open(known)
        held = await self._identities.with_address(identity.email) if identity.email else None
        organization = organization_for(self._rules, identity.email)
        if held is None and organization is None:
            raise _Refused(OidcFault.NO_ACCOUNT, "no rule for them")
        if held is not None and not self._links_by_mail:
            raise _Refused(OidcFault.ACCOUNT_EXISTS)
        if not identity.email or not identity.email_verified:
            raise _Refused(OidcFault.MAIL_UNVERIFIED)
        if held is not None:
            if not await self._identities.link(identity, _open(held), at_ms):
                raise _Refused(OidcFault.LINKED_ELSEWHERE)
            return held.account_id
        name = clean_name(identity.name) or clean_name(identity.email.partition("@")[0]) or identity.email[:64]
        locale = "en" if identity.locale.lower().startswith("en") else DEFAULT_LOCALE
        try:
            made = await self._identities.add(identity, name, locale, organization or "", at_ms)
        except IntegrityError:  # in another tab, at this moment
            known = await self._identities.known(identity, at_ms)
            if known is None:
                raise _Refused(OidcFault.ACCOUNT_EXISTS) from None
            return _open(known)
        if made is None:
            log.warning("oidc_organization_unknown", organization=organization)
            raise _Refused(OidcFault.NO_ACCOUNT, f"no single organization is named {organization!r}")
        self._nudge()
        return made


def identity_of(issuer: str, claims: Claims) -> Identity:
    try:
        email = normal_email(claims.email or "")
    except Refusal:
        email = ""
    return Identity(
        issuer=issuer,
        subject=claims.sub,
        email=email,
        email_verified=bool(email) and claims.mail_is_verified,
        name=claims.name or "",
        locale=claims.locale or "",
    )


def local_path(path: str) -> str:
    """A page of ours, whatever was asked for: never another host's."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and len(path) <= NEXT_MAX_CHARS
    return path if is_ours and path.isascii() and path.isprintable() and " " not in path else NEXT


def _open(known: Known) -> str:
    if not known.is_open:
        raise _Refused(OidcFault.NO_ACCOUNT, "the account is shut")
    return known.account_id
