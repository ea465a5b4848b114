"""What other features learn of requests: what was filed or changed, in the transaction that writes it, and who opened
what is confidential.  A feature that wants to know says so once, when the server is put together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from .answers import Answers
from .states import State
from .values import Request, TypeVersion


class Filed(Struct, frozen=True):
    """A request after a move.  `answers`: None when the move left them as they were."""

    request: Request
    version: TypeVersion
    state: State
    answers: Answers | None
    at_ms: int


class Opened(Struct, frozen=True):
    request: Request
    version: TypeVersion


class Follower(Protocol):
    async def moved(self, session: AsyncSession, filed: Filed) -> None:
        """Within the transaction of the move: what it raises undoes the move."""

    async def opened(self, reader_id: str, opened: Sequence[Opened]) -> None:
        """Somebody of the park's staff is about to be shown confidential requests of others."""
