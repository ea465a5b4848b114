"""Writes the mails and notices about scheduled meetings, some people at a time, as a job.

What is to be written are rows that were made with the change itself; a mail's key names change and recipient, so that
two who work at the same time, or one who is stopped in the middle, write nothing twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from collab.accounts.service import hash_token
from collab.clock import new_link_token
from collab.mail.models import Mail, MailMethod
from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice, Subject

from .expand import Occurrence, at_ms, local_at, local_of_key, next_after
from .expand import occurrence as occurrence_of
from .itip import Addressed, message, method_of
from .letters import letter
from .mailing_repository import Batch, MailingRepository, Written
from .models import EventState, MailingKind
from .values import Event, Invitee

BATCH = 25
BATCHES_AT_ONCE = 100

_NOTICES = {
    MailingKind.REQUEST: NoticeKind.MEETING_INVITED,
    MailingKind.REQUEST_ONE: NoticeKind.MEETING_CHANGED,
    MailingKind.CANCEL: NoticeKind.MEETING_CANCELLED,
    MailingKind.CANCEL_ONE: NoticeKind.MEETING_CANCELLED,
}


class ScheduleMailer:
    def __init__(
        self,
        mailings: MailingRepository,
        links_url: str,
        clock_ms: Callable[[], int],
        nudge: Callable[[], None],
    ) -> None:
        self._mailings = mailings
        self._links_url = links_url
        self._clock_ms = clock_ms
        self._nudge = nudge

    async def work(self) -> None:
        """Everything that is to be written now, within a bound: the next sweep goes on."""
        for _ in range(BATCHES_AT_ONCE):
            batch = await self._mailings.next_batch(BATCH)
            if batch is None:
                return
            now = self._clock_ms()
            letters: list[Written] = []
            told: list[Notice] = []
            if _matters(batch):
                letters = await asyncio.to_thread(_all_written, batch, self._links_url, now)
                told = _told(batch, now)
            await self._mailings.written(batch, letters, told, self._links_url, now)
            self._nudge()


def _matters(batch: Batch) -> bool:
    """No invitation to what was cancelled meanwhile."""
    cancels = batch.mailing.kind in (MailingKind.CANCEL, MailingKind.CANCEL_ONE)
    return bool(batch.invitees) and (cancels or batch.event.state is EventState.CONFIRMED)


def _all_written(batch: Batch, links_url: str, now_ms: int) -> list[Written]:
    return [_written(batch, one, links_url, now_ms) for one in batch.invitees]


def _written(batch: Batch, invitee: Invitee, links_url: str, now_ms: int) -> Written:
    mailing, event = batch.mailing, batch.event
    token = new_link_token()
    link, reply_url = f"{links_url}/m/{event.code}", f"{links_url}/calendar/answer?token={token}"
    updated = mailing.sequence > 0 and not mailing.invitee_id
    words = letter(
        event,
        mailing.kind,
        shown_of(event, mailing.key, now_ms),
        invitee.locale or batch.organizer_locale,
        link=link,
        reply_url=reply_url,
        updated=updated,
    )
    calendar = message(Addressed(event, invitee, mailing.kind, mailing.key, words.description, link, now_ms))
    cancels = mailing.kind in (MailingKind.CANCEL, MailingKind.CANCEL_ONE)
    return Written(
        invitee.id,
        "" if cancels else hash_token(token),
        Mail(
            key=f"schedule:{mailing.id}:{invitee.id}",
            to_address=invitee.email,
            to_name=invitee.name,
            subject=words.subject,
            text=words.text,
            html=words.html,
            calendar=calendar,
            method=MailMethod(method_of(mailing.kind)),
            reply_to=event.organizer_email,
        ),
    )


def _told(batch: Batch, now_ms: int) -> list[Notice]:
    """The same in the inbox of those who have an account; the mail is the invitation itself."""
    mailing, event = batch.mailing, batch.event
    accounts = tuple(one.account_id for one in batch.invitees if one.account_id)
    if not accounts:
        return []
    kind = _NOTICES[mailing.kind]
    if kind is NoticeKind.MEETING_INVITED and mailing.sequence > 0 and not mailing.invitee_id:
        kind = NoticeKind.MEETING_CHANGED
    return [
        Notice(
            kind=kind,
            account_ids=accounts,
            key=f"schedule:{mailing.id}",
            about=Subject("event", event.id),
            path=f"/calendar/{event.id}",
            params={
                "title": event.title,
                "from": event.organizer.name if event.organizer else "",
                "when": when_text(event, shown_of(event, mailing.key, now_ms)),
            },
        )
    ]


def shown_of(event: Event, key: str, now_ms: int) -> Occurrence:
    """The occurrence that a text names: the one it is about, else the next, else the first."""
    series = event.series
    local = (local_of_key(key) if key else None) or series.starts
    begins = at_ms(local, series.zone)
    fallback = Occurrence(key, begins, begins + series.minutes * 60_000)
    if key:
        return occurrence_of(series, key) or fallback
    return next_after(series, now_ms) or fallback


def when_text(event: Event, shown: Occurrence) -> str:
    return f"{local_at(shown.starts_at_ms, event.series.zone).strftime('%Y-%m-%d %H:%M')} ({event.series.zone})"
