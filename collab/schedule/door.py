"""The room of a series: when it is open, and how it comes back after it was ended for all.

A room that was ended stays so, with its chat and attendance.  When the next occurrence opens, its code is given to a
new meeting: people keep their link, and what was said in one sitting is not read in the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.clock import new_room_code
from collab.db.engine import Database
from collab.meetings.models import MeetingRow
from collab.meetings.repository import new_meeting_row
from rooms.core.model import Phase

from .event_repository import events_in
from .expand import MINUTE_MS, next_after, occurrences
from .models import AttendancePolicyRow, EventState, ScheduledEventRow, SittingRow
from .values import Event

OVERRUN_MS = 6 * 60 * MINUTE_MS  # a meeting may take longer, and who lost the line comes back
REMEMBERED_MS = 3_000  # three hundred people come to one room at once
REMEMBERED_MAX = 500


class Opening(Struct, frozen=True):
    """`opened_at_ms` 0: closed; `opens_at_ms` is the next time then, 0 for never."""

    opened_at_ms: int
    opens_at_ms: int


def opening(events: Sequence[Event], now_ms: int) -> Opening | None:
    """Of a room with these series; None when its time does not matter.  Pure."""
    if not events or any(one.opens_before_min < 0 for one in events):
        return None
    opened: list[int] = []
    coming: list[int] = []
    for event in events:
        before_ms = event.opens_before_min * MINUTE_MS
        near = occurrences(event.series, now_ms - OVERRUN_MS, now_ms + before_ms + 1)
        opened += [one.starts_at_ms - before_ms for one in near if one.starts_at_ms - before_ms <= now_ms]
        following = next_after(event.series, now_ms + before_ms)
        if following is not None:
            coming.append(following.starts_at_ms - before_ms)
    return Opening(max(opened, default=0), min(coming, default=0))


class ScheduleDoor:
    def __init__(self, database: Database, clock_ms: Callable[[], int]) -> None:
        self._database = database
        self._clock_ms = clock_ms
        self._remembered: dict[str, tuple[int, Opening | None]] = {}

    async def wait_ms(self, code: str) -> int:
        """How long the room stays shut for those who do not host it; 0 when it is open, or nothing is planned."""
        now = self._clock_ms()
        known = self._remembered.get(code)
        if known is None or known[0] <= now:
            async with self._database.read() as session:
                found = opening(await _events_of(session, code), now)
            if len(self._remembered) >= REMEMBERED_MAX:
                self._remembered.clear()
            known = (now + REMEMBERED_MS, found)
            self._remembered[code] = known
        plan = known[1]
        if plan is None or plan.opened_at_ms or not plan.opens_at_ms:
            return 0
        return max(1, plan.opens_at_ms - now)

    async def keeps_attendance(self, code: str, organization_id: str | None) -> bool:
        """Whether who comes into this room is kept for its organizer: everybody is told so before and inside."""
        scheduled = exists().where(ScheduledEventRow.code == code, ScheduledEventRow.state == EventState.CONFIRMED)
        policy = select(AttendancePolicyRow.since_ms).where(
            AttendancePolicyRow.organization_id == organization_id, scheduled
        )
        async with self._database.read() as session:
            return bool(await session.scalar(policy))

    async def renew(self, code: str) -> bool:
        """Whether the code leads to a new meeting now, because an occurrence opened after the last one was ended."""
        now = self._clock_ms()
        async with self._database.write() as session:
            events = await _events_of(session, code)
            old = await session.scalar(
                select(MeetingRow).where(MeetingRow.code == code, MeetingRow.trashed_at_ms == 0).with_for_update()
            )
            if old is None or old.phase != Phase.ENDED or not _is_due(events, old.ended_at_ms, now):
                return False
            new = new_meeting_row(
                code,
                old.title,
                old.host_id,
                old.organization_id,
                old.lobby_enabled,
                old.guests_allowed,
                now,
                encrypted=old.encrypted,
            )
            await session.execute(update(MeetingRow).where(MeetingRow.id == old.id).values(code=new_room_code()))
            session.add(new)
            await session.flush()
            session.add(SittingRow(meeting_id=new.id, code=code))
        return True


def _is_due(events: Sequence[Event], ended_at_ms: int, now_ms: int) -> bool:
    plan = opening(events, now_ms)
    if plan is not None:
        return plan.opened_at_ms > ended_at_ms
    return any(next_after(one.series, ended_at_ms) is not None for one in events)


async def _events_of(session: AsyncSession, code: str) -> list[Event]:
    return await events_in(session, ScheduledEventRow.code == code, ScheduledEventRow.state == EventState.CONFIRMED)
