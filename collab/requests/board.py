"""The desk's board by clock, in SQL.  Every method is one transaction.

All of it is within a Reach: what somebody does not work on is neither listed nor counted for them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, case, func, select

from collab.db.engine import Database

from .models import RequestRow
from .parties import Reach
from .repository import request_value, requests
from .states import OPEN, RUNNING, State
from .values import Request
from .visible import Scope, in_scope

LANE_MAX: Final = 30


class Lane(StrEnum):
    LATE = "late"
    SOON = "soon"
    LATER = "later"
    WAITING = "waiting"  # for the requester; the clock stands


class Counts(Struct, frozen=True):
    late: int
    soon: int
    later: int
    waiting: int
    unowned: int
    escalated: int
    mine: int


class BoardRows(Struct, frozen=True):
    counts: Counts
    lanes: dict[Lane, list[Request]]  # at most LANE_MAX of each, the most urgent first


class BoardRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def board(self, reach: Reach, scope: Scope, type_id: str, at_ms: int, soon_ms: int) -> BoardRows:
        """`soon_ms`: until when something is due soon.  Five queries."""
        within = [in_scope(reach, scope), RequestRow.state.in_(OPEN)]
        if type_id:
            within.append(RequestRow.type_id == type_id)
        lanes = lane_conditions(at_ms, soon_ms)
        counts = [*(_count(lanes[lane]) for lane in Lane)]
        counts += [
            _count(RequestRow.owner_id.is_(None)),
            _count(RequestRow.escalations > 0),
            _count(RequestRow.owner_id == reach.account_id),
        ]
        async with self._database.read() as session:
            row = (await session.execute(select(*counts).where(*within))).one()
            found = {}
            for lane in Lane:
                rows = await session.execute(
                    requests.where(*within, lanes[lane]).order_by(RequestRow.due_at_ms, RequestRow.id).limit(LANE_MAX)
                )
                found[lane] = [request_value(*one) for one in rows]
        return BoardRows(Counts(*(int(value or 0) for value in row)), found)


def lane_conditions(at_ms: int, soon_ms: int) -> dict[Lane, ColumnElement[bool]]:
    """Each open request is in one of them."""
    due = RequestRow.due_at_ms
    late = and_(due > 0, due < at_ms)
    running = and_(RequestRow.state.in_(RUNNING), due >= at_ms)
    return {
        Lane.LATE: late,
        Lane.SOON: and_(running, due < soon_ms),
        Lane.LATER: and_(running, due >= soon_ms),
        Lane.WAITING: and_(RequestRow.state == State.NEEDS_INFORMATION, due == 0),
    }


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
