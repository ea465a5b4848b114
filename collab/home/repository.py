"""What waits for somebody, in SQL: of each thing the most urgent few.  Every method is one transaction."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from sqlalchemy import String, and_, case, func, or_, select
from sqlalchemy.sql.expression import literal

from collab.calls.models import CallRow, CallState
from collab.db.engine import Database
from collab.notices.models import NoticeRow
from collab.requests.models import RequestRow
from collab.requests.parties import Reach
from collab.requests.repository import request_value, requests
from collab.requests.states import RUNNING, State
from collab.requests.values import Request
from collab.requests.visible import Scope, in_scope
from collab.schedule.models import ActionItemRow, EventState, ScheduledEventRow

ACTING_MAX: Final = 8
CALLS_MAX: Final = 5
ITEMS_MAX: Final = 5
RECENT_MAX: Final = 4
FAR_MS: Final = 1 << 60  # sorts what has no clock behind what has one


class Waiting(Struct, frozen=True):
    """On the park's side, what nobody owns and what is late of all that one works on."""

    unowned: int
    late: int


class MissedCall(Struct, frozen=True):
    id: str
    from_id: str
    from_name: str
    about: str
    path: str
    at_ms: int
    notice_id: str


class Item(Struct, frozen=True):
    id: str
    event_id: str
    key: str
    text: str
    meeting: str
    due: str


class HomeRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def acting(self, reach: Reach) -> list[Request]:
        """Where this person has to do something, by the clock: what they own, are offered, or are asked about."""
        me = reach.account_id
        mine = or_(
            and_(RequestRow.owner_id == me, RequestRow.state.in_(RUNNING)),
            and_(RequestRow.offered_to_id == me, RequestRow.state.in_((*RUNNING, State.NEEDS_INFORMATION))),
            and_(RequestRow.requester_id == me, RequestRow.state == State.NEEDS_INFORMATION),
        )
        urgency = case((RequestRow.due_at_ms > 0, RequestRow.due_at_ms), else_=FAR_MS)
        query = requests.where(mine).order_by(urgency, RequestRow.id).limit(ACTING_MAX)
        async with self._database.read() as session:
            return [request_value(*one) for one in await session.execute(query)]

    async def recent(self, reach: Reach) -> list[Request]:
        """The latest that this person filed."""
        query = requests.where(in_scope(reach, Scope.MINE)).order_by(RequestRow.id.desc()).limit(RECENT_MAX)
        async with self._database.read() as session:
            return [request_value(*one) for one in await session.execute(query)]

    async def waiting(self, reach: Reach, at_ms: int) -> Waiting:
        late = and_(RequestRow.due_at_ms > 0, RequestRow.due_at_ms < at_ms)
        query = select(
            func.sum(case((RequestRow.owner_id.is_(None), 1), else_=0)), func.sum(case((late, 1), else_=0))
        ).where(RequestRow.state.in_(RUNNING), in_scope(reach, Scope.DESK))
        async with self._database.read() as session:
            unowned, missed = (await session.execute(query)).one()
        return Waiting(int(unowned or 0), int(missed or 0))

    async def missed(self, account_id: str) -> list[MissedCall]:
        """Whose notice has not been read, the newest first."""
        key = literal("call:", String) + CallRow.id + literal(":missed", String)
        unread = and_(NoticeRow.account_id == account_id, NoticeRow.key == key, NoticeRow.read_at_ms == 0)
        query = (
            select(CallRow, NoticeRow.id)
            .join(NoticeRow, unread)
            .where(CallRow.to_id == account_id, CallRow.state.in_((CallState.MISSED, CallState.CANCELLED)))
            .order_by(CallRow.id.desc())
            .limit(CALLS_MAX)
        )
        async with self._database.read() as session:
            return [
                MissedCall(row.id, row.from_id or "", row.from_name, row.about, row.path, row.created_at_ms, notice_id)
                for row, notice_id in await session.execute(query)
            ]

    async def items(self, account_id: str) -> list[Item]:
        """Of minutes, not done, by their date; those without one last."""
        query = (
            select(ActionItemRow, ScheduledEventRow.title)
            .join(ScheduledEventRow, ScheduledEventRow.id == ActionItemRow.event_id)
            .where(
                ActionItemRow.owner_id == account_id,
                ActionItemRow.done_at_ms == 0,
                ScheduledEventRow.state == EventState.CONFIRMED,
            )
            .order_by(ActionItemRow.due == "", ActionItemRow.due, ActionItemRow.id)
            .limit(ITEMS_MAX)
        )
        async with self._database.read() as session:
            return [
                Item(row.id, row.event_id, row.key, row.text, title, row.due)
                for row, title in await session.execute(query)
            ]
