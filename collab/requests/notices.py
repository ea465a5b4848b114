"""The outbox of requests: what is told becomes a notice, in the transaction of what it tells of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from collab.notices import outbox
from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice, Subject

from .telling import Told


class NoticeOutbox:
    def __init__(self, nudge: Callable[[], None], clock_ms: Callable[[], int]) -> None:
        self._nudge = nudge
        self._clock_ms = clock_ms

    async def put(self, session: AsyncSession, told: Sequence[Told]) -> int:
        at_ms = self._clock_ms()
        return sum([await outbox.put(session, notice_of(one), at_ms) for one in told if one.account_ids])

    def nudge(self) -> None:
        self._nudge()


def notice_of(told: Told) -> Notice:
    return Notice(
        kind=NoticeKind(told.news.value),
        account_ids=told.account_ids,
        key=f"{told.news}:{told.key}",
        about=Subject("request", told.request_id),
        path=f"/requests/{told.request_id}",
        params={"number": told.number, "title": told.title, "by": told.by, "note": told.note},
        urgent=told.urgent,
    )
