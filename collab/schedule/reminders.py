"""Reminds people of what begins soon: a sweep once a minute over the events whose time has come."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select, update

from collab.db.engine import Database
from collab.notices import outbox as notices
from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice, Subject

from .event_repository import events_in
from .expand import MINUTE_MS, next_after
from .invitees import invitees_in
from .mailer import when_text
from .models import EventState, InvitationAnswer, ScheduledEventRow
from .service import next_reminder

EVENTS_AT_ONCE = 200
LATE_MAX_MS = 60 * MINUTE_MS  # what began longer ago is no news


class Reminders:
    def __init__(self, database: Database, clock_ms: Callable[[], int], nudge: Callable[[], None]) -> None:
        self._database = database
        self._clock_ms = clock_ms
        self._nudge = nudge

    async def work(self) -> None:
        """Told once for each person and occurrence: the notice's key says which."""
        now = self._clock_ms()
        due = (
            select(ScheduledEventRow.id)
            .where(ScheduledEventRow.next_reminder_at_ms > 0, ScheduledEventRow.next_reminder_at_ms <= now)
            .order_by(ScheduledEventRow.next_reminder_at_ms)
            .limit(EVENTS_AT_ONCE)
        )
        async with self._database.read() as session:
            ids = (await session.scalars(due)).all()
        for event_id in ids:
            await self._remind(event_id, now)
        if ids:
            self._nudge()

    async def _remind(self, event_id: str, now: int) -> None:
        async with self._database.write() as session:
            found = await events_in(session, ScheduledEventRow.id == event_id)
            if not found:
                return
            (event,) = found
            planned = await session.scalar(
                select(ScheduledEventRow.next_reminder_at_ms).where(ScheduledEventRow.id == event_id)
            )
            shown = next_after(event.series, (planned or 0) + event.remind_before_min * MINUTE_MS - 1)
            if event.state is EventState.CONFIRMED and shown is not None and shown.starts_at_ms > now - LATE_MAX_MS:
                people = [
                    one.account_id
                    for one in await invitees_in(session, event_id)
                    if one.account_id and one.answer_for(shown.key) is not InvitationAnswer.DECLINED
                ]
                if event.organizer is not None:
                    people.append(event.organizer.id)
                notice = Notice(
                    kind=NoticeKind.MEETING_REMINDER,
                    account_ids=tuple(people),
                    key=f"schedule:{event_id}:{shown.key}:soon",
                    about=Subject("event", event_id),
                    path=f"/m/{event.code}",
                    params={"title": shown.title or event.title, "when": when_text(event, shown)},
                    urgent=True,
                )
                await notices.put(session, notice, now)
            await session.execute(
                update(ScheduledEventRow)
                .where(ScheduledEventRow.id == event_id)
                .values(next_reminder_at_ms=next_reminder(event.series, event.remind_before_min, now))
            )
