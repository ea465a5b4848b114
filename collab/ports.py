"""What collab's services need from what is wired beside them (app.py): a handful of methods each."""

from __future__ import annotations

from typing import Protocol

from rooms.core.codes import Code
from rooms.store.sessions import AccountSession


class Sessions(Protocol):
    """Sign-ins (rooms/store/sessions.py)."""

    async def create(self, account_id: str, address: str = "", user_agent: str = "") -> tuple[str, AccountSession]:
        """A new secret token for the cookie, and what is kept of it."""

    async def revoke(self, token: str) -> None: ...

    async def revoke_all(self, account_id: str, except_token: str = "") -> int:
        """End all sign-ins of the account but one; how many ended."""


class Connections(Protocol):
    """Live sockets of people, on every node."""

    async def close_identity(self, identity: str, code: Code, sign_in: str = "") -> None:
        """All of a person's, or those that came by one sign-in (the digest of its cookie)."""
