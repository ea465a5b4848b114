"""The endpoints of signing in by an OpenID provider.  The last one is where the provider sends the browser back to."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from msgspec import Meta, Struct

from collab.accounts.schemas import Body
from collab.accounts.service import AccountService
from collab.edge.endpoint import NO_CONTENT, Access, Call, Cookie, CookieName, Endpoint, Nothing, Redirect, Reply
from rooms.core.codes import Code
from rooms.store.sessions import SESSION_LONGEST_MS

from .service import CODE_MAX_CHARS, FLOW_MS, NEXT_MAX_CHARS, OidcService, Returned

CALLBACK = "/api/oidc/callback"


class OidcView(Struct, frozen=True):
    name: str  # of the provider, for the button; "": there is none
    sign_out_url: str  # where its own session ends; "": it has no such page, or nobody has asked it yet
    linked: bool  # the account that is signed in has an identity there


class BeginOidc(Body, frozen=True, kw_only=True):
    next: Annotated[str, Meta(max_length=NEXT_MAX_CHARS)] = ""  # a path of ours
    link: bool = False  # to the account that is signed in, instead of signing in


class BegunOidc(Struct, frozen=True):
    url: str


class OidcReturn(Struct, frozen=True):
    """What else a provider adds is left unread."""

    state: Annotated[str, Meta(max_length=CODE_MAX_CHARS)] = ""
    code: Annotated[str, Meta(max_length=CODE_MAX_CHARS)] = ""
    error: Annotated[str, Meta(max_length=CODE_MAX_CHARS)] = ""
    iss: Annotated[str, Meta(max_length=CODE_MAX_CHARS)] = ""


class OidcEndpoints:
    def __init__(self, oidc: OidcService, accounts: AccountService) -> None:
        self._oidc = oidc
        self._accounts = accounts

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path="/api/oidc",
                access=Access.ANYONE,
                handler=self.get_oidc,
                output=OidcView,
                about="The OpenID provider that one may sign in by.",
            ),
            Endpoint(
                method="POST",
                path="/api/oidc/begin",
                access=Access.ANYONE,
                handler=self.begin_oidc,
                input=BeginOidc,
                output=BegunOidc,
                refusals=(Code.WRONG_STATE, Code.UNAUTHENTICATED, Code.RATE_LIMITED, Code.UNAVAILABLE),
                about="The provider's address to send this browser to. With `link` the provider's account is linked to "
                "the one that is signed in.",
            ),
            Endpoint(
                method="DELETE",
                path="/api/oidc/identity",
                access=Access.MEMBER,
                handler=self.unlink_oidc,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE),
                about="Take the provider's identity off one's account; not where there is no password.",
            ),
            Endpoint(
                method="GET",
                path=CALLBACK,
                access=Access.ANYONE,
                handler=self.end_oidc,
                input=OidcReturn,
                status=303,
                about="Where the provider sends the browser back to: leads on to the page that was asked for, or to "
                "the sign-in page with `refused`.",
            ),
        )

    async def get_oidc(self, call: Call[Nothing]) -> Reply:
        linked = await self._oidc.linked(call.caller.member)
        return Reply(OidcView(self._oidc.name, self._oidc.sign_out_url, linked))

    async def begin_oidc(self, call: Call[BeginOidc]) -> Reply:
        caller, asked = call.caller, call.input
        begun = await self._oidc.begin(caller.member, caller.flow_key, asked.next, caller.address, link=asked.link)
        return Reply(BegunOidc(begun.url), (Cookie(CookieName.FLOW, begun.flow_key, FLOW_MS // 1_000),))

    async def unlink_oidc(self, call: Call[Nothing]) -> Reply:
        await self._oidc.unlink(call.caller.signed_in)
        return NO_CONTENT

    async def end_oidc(self, call: Call[OidcReturn]) -> Reply:
        caller, asked = call.caller, call.input
        returned = Returned(asked.state, asked.code, asked.error, asked.iss)
        ended = await self._oidc.end(caller.member, caller.flow_key, returned, caller.address)
        if ended.fault is not None:
            return Reply(Redirect(f"/sign-in?{urlencode({'refused': ended.fault.value, 'next': ended.next})}"))
        done = Cookie(CookieName.FLOW, "")
        if ended.signed_in is None:
            return Reply(Redirect(ended.next), (done,))
        if caller.member is not None:  # one browser, one sign-in: the former one is not left behind
            await self._accounts.sign_out(caller.member.account.id, caller.session)
        session = Cookie(CookieName.SESSION, ended.signed_in.session, SESSION_LONGEST_MS // 1_000)
        return Reply(Redirect(ended.next), (done, session))
