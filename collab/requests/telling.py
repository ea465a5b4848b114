"""Who is told what when a request moves.  Pure: services look up who stands behind a group, and put it in an outbox."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from .states import Action
from .values import Event, Request


class News(StrEnum):
    FILED = "request_filed"  # to those who are asked first
    TAKEN = "request_taken"
    ASKED = "request_asked"  # the requester is to add something
    PROVIDED = "request_provided"
    APPROVED = "request_approved"
    REJECTED = "request_rejected"
    ANSWERED = "request_answered"
    FINISHED = "request_finished"
    WITHDRAWN = "request_withdrawn"
    REOPENED = "request_reopened"
    OFFERED = "request_offered"
    ACCEPTED = "request_accepted"
    DECLINED = "request_declined"
    DUE = "request_due"  # soon, to its owner
    LATE = "request_late"
    COMMENTED = "request_commented"


class Side(StrEnum):
    REQUESTER = "requester"
    OWNER = "owner"  # before the move; those who are asked first while there is none
    OFFERED = "offered"
    FIRST = "first"  # those who are asked first


class Told(Struct, frozen=True):
    """One notice, as it is put beside the move in the same transaction.  `key` makes it one for ever."""

    news: News
    account_ids: tuple[str, ...]
    key: str
    request_id: str
    number: str
    title: str
    by: str  # "" = the clock
    note: str
    urgent: bool = False


class Outbox(Protocol):
    async def put(self, session: AsyncSession, told: Sequence[Told]) -> int:
        """Within the caller's transaction; how many people were told who had not been."""

    def nudge(self) -> None:
        """After the commit; never waits."""


class NoOutbox:
    """Of a server that tells nobody."""

    async def put(self, session: AsyncSession, told: Sequence[Told]) -> int:
        """Nothing."""
        return 0

    def nudge(self) -> None:
        """Nothing."""


_NEWS: dict[Action, tuple[News, Side]] = {
    Action.SUBMIT: (News.FILED, Side.FIRST),
    Action.TAKE: (News.TAKEN, Side.REQUESTER),
    Action.ASK: (News.ASKED, Side.REQUESTER),
    Action.PROVIDE: (News.PROVIDED, Side.OWNER),
    Action.APPROVE: (News.APPROVED, Side.REQUESTER),
    Action.REJECT: (News.REJECTED, Side.REQUESTER),
    Action.ANSWER: (News.ANSWERED, Side.REQUESTER),
    Action.FINISH: (News.FINISHED, Side.REQUESTER),
    Action.WITHDRAW: (News.WITHDRAWN, Side.OWNER),
    Action.REOPEN: (News.REOPENED, Side.OWNER),
    Action.OFFER: (News.OFFERED, Side.OFFERED),
    Action.ACCEPT: (News.ACCEPTED, Side.OWNER),
    Action.DECLINE: (News.DECLINED, Side.OWNER),
}


def news_of(event: Event) -> tuple[News, Side] | None:
    """None for what concerns nobody else: a step of review, an offer taken back, the end that a decision brings."""
    if event.action is Action.FINISH and not event.account_id:
        return None
    return _NEWS.get(event.action)


def due_soon(request: Request) -> Told:
    """To its owner, once for each time that it is due at."""
    return Told(
        news=News.DUE,
        account_ids=(request.owner.id,) if request.owner else (),
        key=f"{request.id}:{request.due_at_ms}",
        request_id=request.id,
        number=request.number,
        title="" if request.confidential else request.title,
        by="",
        note="",
    )


def told(news: News, request: Request, event: Event, account_ids: Sequence[str], *, urgent: bool = False) -> Told:
    """But not to who did it.  What is confidential is read on its page only: a notice shows on locked phones."""
    return Told(
        news=news,
        account_ids=tuple(dict.fromkeys(one for one in account_ids if one and one != event.account_id)),
        key=f"{request.id}:{event.number}",
        request_id=request.id,
        number=request.number,
        title="" if request.confidential else request.title,
        by=event.name,
        note="" if request.confidential else event.note,
        urgent=urgent,
    )
