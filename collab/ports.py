"""What collab's services need from what is wired beside them (app.py): a handful of methods each."""

from __future__ import annotations

from typing import Protocol

from rooms.core.codes import Code


class Sessions(Protocol):
    """Sign-ins (rooms/store/sessions.py)."""

    async def create(self, account_id: str, now_ms: int) -> str:
        """A new secret token for the cookie."""

    async def revoke(self, token: str) -> None: ...

    async def revoke_all(self, account_id: str, keep: str = "") -> int:
        """End all sign-ins of the account but the one with token `keep`; how many ended."""


class Connections(Protocol):
    """Live sockets of people, on every node."""

    async def close_identity(self, identity: str, code: Code) -> None: ...
