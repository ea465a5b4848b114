"""Tokens by which programs act for a person: made, shown once, used, revoked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from collab.accounts.models import Member
from collab.accounts.repository import AccountRepository
from collab.accounts.service import hash_token
from collab.clock import new_secret
from collab.limits import Limits, rate
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_name

from .models import TOKEN_BEGINS, TOKEN_MAX_CHARS, ApiToken
from .repository import TokenRepository
from .scopes import ApiScope

DAY_MS: Final = 86_400_000
USED_EVERY_MS: Final = 60_000
TOKENS_OF_ACCOUNT = rate("api_tokens", burst=30, per_minute=5)

log = structlog.get_logger("tokens")


class TokenService:
    def __init__(
        self, tokens: TokenRepository, accounts: AccountRepository, limits: Limits, clock_ms: Callable[[], int]
    ) -> None:
        self._tokens = tokens
        self._accounts = accounts
        self._limits = limits
        self._clock_ms = clock_ms

    async def of(self, by: Member) -> list[ApiToken]:
        return await self._tokens.of(by.account.id)

    async def make(self, by: Member, name: str, scopes: frozenset[ApiScope], days: int) -> tuple[str, ApiToken]:
        """And its secret, which nobody sees again.  Raises INVALID, TOO_MANY, RATE_LIMITED."""
        await self._limits.take(TOKENS_OF_ACCOUNT, by.account.id)
        name = clean_name(name)
        if not name:
            raise invalid(name=FieldFault.INVALID)
        secret, at_ms = TOKEN_BEGINS + new_secret(), self._clock_ms()
        made = await self._tokens.add(by.account.id, name, hash_token(secret), scopes, at_ms, at_ms + days * DAY_MS)
        if made is None:
            raise Refusal(Code.TOO_MANY, "API tokens of an account")
        log.info("api_token_made", by=by.account.id, token=made.id)
        return secret, made

    async def revoke(self, by: Member, token_id: str) -> None:
        """One's own; administrators of the park anybody's.  Raises NOT_FOUND."""
        of = None if by.administers_park else by.account.id
        if not await self._tokens.revoke(token_id, of, self._clock_ms()):
            raise Refusal(Code.NOT_FOUND, "no such token")
        log.info("api_token_revoked", by=by.account.id, token=token_id)

    async def holder(self, secret: str, address: str) -> tuple[Member, ApiToken] | None:
        """Whose it is, with the rights that they have now; None when it is unknown, over or revoked."""
        if len(secret) > TOKEN_MAX_CHARS:
            return None
        at_ms = self._clock_ms()
        token = await self._tokens.valid(hash_token(secret), at_ms)
        member = await self._accounts.member(token.account_id) if token else None
        if token is None or member is None:
            return None
        if at_ms - token.used_at_ms >= USED_EVERY_MS:
            await self._tokens.used(token.id, at_ms, address)
        return member, token
