"""What becomes of a notice after its feature's commit: mail, digest, push, and the count on every open page.

    put (in the feature's transaction) -> planned (one transaction: mail and push rows, the digest's time) -> sent

Each arrow is claimed in SQL, so a process that dies anywhere leaves work for the next one and nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

import structlog

from collab.mail.models import Mail

from .mails import Entry, Letter, digest, letter
from .models import Kept
from .repository import Count, NoticeRepository, Told
from .rules import Plan, plan
from .word import Word
from .words import language_of, lines_of
from .zones import zone_or_home

BATCH: Final = 200
DIGESTS_AT_ONCE: Final = 100
INBOX_PATH: Final = "/inbox"
SETTINGS_PATH: Final = "/settings/notices"

log = structlog.get_logger("notices")


class Pages(Protocol):
    """Open pages of people, on every node (live.py).  Best effort: a page asks again when it comes back."""

    async def count(self, counts: Sequence[Count]) -> None: ...

    async def tell(self, words: Sequence[Word]) -> None: ...


class Delivery:
    def __init__(self, notices: NoticeRepository, pages: Pages, public_url: str, clock_ms: Callable[[], int]) -> None:
        self._notices = notices
        self._pages = pages
        self._url = public_url
        self._clock_ms = clock_ms

    async def deliver(self) -> None:
        """Plan everything that waits for it, and tell the pages."""
        while waiting := await self._notices.unplanned(BATCH):
            at_ms = self._clock_ms()
            told = await self._notices.told(list({kept.account_id for kept in waiting}))
            plans = [
                await self._planned(kept, person, at_ms)
                for kept in waiting
                if (person := told.get(kept.account_id)) is not None  # else deleted meanwhile, and its notices with it
            ]
            planned = await self._notices.plan(plans, at_ms)
            await self.tell(list(dict.fromkeys(kept.account_id for kept in planned)))
            if len(planned) < len(waiting):  # somebody else is at it
                break

    async def tell(self, account_ids: Sequence[str]) -> None:
        """Show these people their counts."""
        if account_ids:
            await self._pages.count(await self._notices.counts(account_ids))

    async def send_digests(self) -> int:
        """One mail to each whose hour has come; how many."""
        at_ms, sent = self._clock_ms(), 0
        while accounts := await self._notices.due_digests(at_ms, DIGESTS_AT_ONCE):
            told = await self._notices.told(accounts)
            for person in told.values():
                sent += bool(await self._notices.take_digest(person.id, at_ms, partial(self._digest, person)))
        return sent

    async def _planned(self, kept: Kept, person: Told, at_ms: int) -> tuple[Kept, Plan, Mail | None]:
        if person.disabled:
            return kept, Plan(None, None, None), None
        planned = plan(kept.kind, person.settings, await zone_or_home(person.time_zone), at_ms, urgent=kept.urgent)
        if planned.mail_at_ms is None:
            return kept, planned, None
        language = language_of(person.locale)
        written = letter(self._entry(kept, person), language, self._url + SETTINGS_PATH)
        return kept, planned, _mail(f"notice:{kept.id}", person, written, planned.mail_at_ms)

    def _digest(self, person: Told, unread: list[Kept]) -> Mail | None:
        if person.disabled:
            return None
        entries = [self._entry(kept, person) for kept in unread]
        written = digest(entries, language_of(person.locale), self._url + INBOX_PATH, self._url + SETTINGS_PATH)
        return _mail(f"digest:{unread[0].id}", person, written, 0)

    def _entry(self, kept: Kept, person: Told) -> Entry:
        lines = lines_of(kept.kind, language_of(person.locale), kept.params)
        return Entry(lines, self._url + kept.path)


def _mail(key: str, person: Told, written: Letter, not_before_ms: int) -> Mail:
    return Mail(
        key=key,
        to_address=person.email,
        to_name=person.name,
        subject=written.subject,
        text=written.text,
        html=written.html,
        not_before_ms=not_before_ms,
    )
