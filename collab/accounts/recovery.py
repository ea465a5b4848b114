"""A forgotten password: a one-time link by mail, and a new password behind it.

Whoever asks gets the same answer whether or not the address has an account, after the same work but for one row of
mail.  Rates are by who asks and by the address that is written, so that nobody's mailbox can be filled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from collab.clock import new_secret, now_ms
from collab.limits import Limits, guarded_rate
from collab.ports import Connections, Sessions
from collab.problems import Refusal
from rooms.core.codes import Code

from .letters import forgotten
from .models import LinkKind
from .passwords import Passwords
from .repository import AccountRepository
from .service import SIGN_IN_OF_ADDRESS, guesses, hash_token, normal_email

LINK_MS: Final = 3_600_000

# A whole park may sit behind one address; one mailbox gets few.
FORGOTTEN_OF_ADDRESS: Final = guarded_rate("forgotten_address", burst=20, per_minute=4)
FORGOTTEN_OF_MAILBOX: Final = guarded_rate("forgotten_mailbox", burst=3, per_minute=0.05)

log = structlog.get_logger("accounts")


class PasswordRecovery:
    def __init__(
        self,
        accounts: AccountRepository,
        passwords: Passwords,
        sessions: Sessions,
        connections: Connections,
        limits: Limits,
        links_url: str,
        nudge: Callable[[], None],
    ) -> None:
        """`links_url`: before the paths in mails; `nudge` after a commit that put one."""
        self._accounts = accounts
        self._passwords = passwords
        self._sessions = sessions
        self._connections = connections
        self._limits = limits
        self._links_url = links_url
        self._nudge = nudge

    async def ask(self, email: str, address: str) -> None:
        """Raises INVALID for what is no mail address, RATE_LIMITED; nothing else tells one address from another."""
        email = normal_email(email)
        await self._limits.take(FORGOTTEN_OF_ADDRESS, address)
        await self._limits.take(FORGOTTEN_OF_MAILBOX, hash_token(email)[:32])
        known = await self._accounts.addressee(email)
        token, at = new_secret(), now_ms()
        letter = forgotten(
            email=email,
            name=known.name if known else "",
            locale=known.locale if known else "",
            link=f"{self._links_url}/reset?token={token}",
            key=f"forgotten:{hash_token(token)}",
        )
        # A link for an address without an account is worth nothing, and nobody ever sees it.
        await self._accounts.add_link(
            LinkKind.RESET,
            hash_token(token),
            at,
            at + LINK_MS,
            email=email,
            name=letter.to_name,
            mail=letter if known else None,
        )
        self._nudge()
        log.info("password_forgotten", address=address, account=known.id if known else "")

    async def reset(self, token: str, password: str, address: str) -> str:
        """The account's id.  Ends all sign-ins and live seats, and tells the person."""
        await self._limits.take(SIGN_IN_OF_ADDRESS, address)
        at = now_ms()
        link = await self._accounts.link(hash_token(token), at)
        if link is None or link.kind is not LinkKind.RESET:
            raise Refusal(Code.NOT_FOUND, "unknown reset link")
        password_hash = await self._passwords.new_hash(password, *guesses("", link.email))
        account_id = await self._accounts.reset_password(hash_token(token), at, password_hash)
        self._nudge()
        await self._sessions.revoke_all(account_id)
        await self._connections.close_identity(account_id, Code.UNAUTHENTICATED)
        log.info("password_reset", account=account_id)
        return account_id
