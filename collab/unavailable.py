"""While Redis or the database is away: which errors say so, and what rooms are answered then."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final, TypeVar

from rooms.core.codes import Code
from rooms.ports import Refused, StoreUnavailable

from .db.engine import is_away
from .problems import Refusal

RETRY_MS: Final = 2_000

T = TypeVar("T")


def is_unavailable(error: BaseException) -> bool:
    """Whether Redis or the database is away, as opposed to a fault of ours."""
    return isinstance(error, StoreUnavailable) or is_away(error)


async def answered(asked: Awaitable[T]) -> T | Refused:
    """Rooms are answered by values: a refusal is its code, what is away is UNAVAILABLE; a fault of ours is raised."""
    try:
        return await asked
    except Refusal as refusal:
        return Refused(refusal.code, refusal.retry_after_ms)
    except Exception as error:
        if not is_unavailable(error):
            raise
        return Refused(Code.UNAVAILABLE, RETRY_MS)
