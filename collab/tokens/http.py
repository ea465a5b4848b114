"""The endpoints of API tokens: for people who are signed in, never for a token."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from collab.accounts.schemas import Body, PersonName
from collab.edge.endpoint import NO_CONTENT, Access, Call, Endpoint, Nothing, Reply
from rooms.core.codes import Code

from .models import ApiToken
from .scopes import ApiScope
from .service import TokenService


class NewApiToken(Body, frozen=True, kw_only=True):
    name: PersonName
    scopes: Annotated[tuple[ApiScope, ...], Meta(min_length=1, max_length=32)]
    days: Annotated[int, Meta(ge=1, le=366)] = 90


class ApiTokenView(Struct, frozen=True):
    id: str
    name: str
    scopes: tuple[ApiScope, ...]
    created_at_ms: int
    expires_at_ms: int
    used_at_ms: int  # 0 = never; to the minute
    used_from: str


class MadeApiToken(Struct, frozen=True):
    secret: str  # for `Authorization: Bearer`; it is shown this once
    token: ApiTokenView


class ApiTokenList(Struct, frozen=True):
    tokens: tuple[ApiTokenView, ...]


class TokenEndpoints:
    def __init__(self, tokens: TokenService) -> None:
        self._tokens = tokens

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path="/api/tokens",
                access=Access.MEMBER,
                handler=self.list_api_tokens,
                output=ApiTokenList,
                about="One's own API tokens that are not revoked, newest first, without their secrets.",
            ),
            Endpoint(
                method="POST",
                path="/api/tokens",
                access=Access.MEMBER,
                handler=self.make_api_token,
                input=NewApiToken,
                output=MadeApiToken,
                status=201,
                refusals=(Code.TOO_MANY, Code.RATE_LIMITED),
                about="A token by which a program acts as oneself, within its scopes and until it expires. Its secret "
                "is shown this once.",
            ),
            Endpoint(
                method="DELETE",
                path="/api/tokens/{id}",
                access=Access.MEMBER,
                handler=self.revoke_api_token,
                refusals=(Code.NOT_FOUND,),
                about="It is of no use from now on. One's own; administrators of the park anybody's.",
            ),
        )

    async def list_api_tokens(self, call: Call[Nothing]) -> Reply:
        return Reply(ApiTokenList(tuple(map(_view, await self._tokens.of(call.caller.signed_in)))))

    async def make_api_token(self, call: Call[NewApiToken]) -> Reply:
        asked = call.input
        secret, made = await self._tokens.make(call.caller.signed_in, asked.name, frozenset(asked.scopes), asked.days)
        return Reply(MadeApiToken(secret, _view(made)))

    async def revoke_api_token(self, call: Call[Nothing]) -> Reply:
        await self._tokens.revoke(call.caller.signed_in, call.path["id"])
        return NO_CONTENT


def _view(token: ApiToken) -> ApiTokenView:
    return ApiTokenView(
        token.id,
        token.name,
        tuple(sorted(token.scopes)),
        token.created_at_ms,
        token.expires_at_ms,
        token.used_at_ms,
        token.used_from,
    )
