"""Sends what waits in the outbox, with patience.

Nothing is lost: a mail is a row until a server has taken it.  Nothing is sent twice: whoever sends has claimed the row,
and what a server has taken is marked at once.  In between lies the moment in which a process may die after the server's
answer and before the mark: such a mail goes out once more with the Message-ID that it had, by which it is recognised.
"""

from __future__ import annotations

from collections.abc import Callable
from email.headerregistry import Address
from typing import Final

import structlog

from .compose import compose
from .models import MailState, Waiting
from .outbox import Outbox
from .transport import MailRefused, Transport, Way

BATCH: Final = 20
MINUTE_MS: Final = 60_000
# After the first refusal, the second, ...; after the last the mail has failed: a day and a half in all.
BACK_OFF_MS: Final = tuple(minutes * MINUTE_MS for minutes in (1, 5, 15, 60, 180, 480, 1_440))

log = structlog.get_logger("mail")


class MailSender:
    def __init__(self, outbox: Outbox, transport: Transport, sender: Address, clock_ms: Callable[[], int]) -> None:
        self._outbox = outbox
        self._transport = transport
        self._sender = sender
        self._clock_ms = clock_ms

    async def send_due(self) -> int:
        """All that is due; how many were sent."""
        sent = 0
        while batch := await self._outbox.claim(self._clock_ms(), BATCH):
            try:
                async with self._transport.open() as way:
                    for waiting in batch:
                        sent += await self._send(way, waiting)
            except MailRefused as refused:  # no way at all: none of the rest was tried
                log.warning("mail_no_way", cause=str(refused))
                for waiting in batch:
                    await self._again_or_never(waiting, refused)
                break
        return sent

    async def _send(self, way: Way, waiting: Waiting) -> int:
        try:
            await way.send(compose(waiting, self._sender))
        except MailRefused as refused:
            await self._again_or_never(waiting, refused)
            return 0
        except (ValueError, UnicodeError) as error:  # what cannot be composed now cannot be tomorrow
            await self._again_or_never(waiting, MailRefused(str(error), lasting=True))
            return 0
        await self._outbox.done(waiting.id, MailState.SENT, self._clock_ms())
        return 1

    async def _again_or_never(self, waiting: Waiting, refused: MailRefused) -> None:
        at_ms, cause = self._clock_ms(), str(refused)
        if refused.lasting or waiting.attempts > len(BACK_OFF_MS):
            log.error("mail_failed", mail=waiting.id, attempts=waiting.attempts, cause=cause)
            await self._outbox.done(waiting.id, MailState.FAILED, at_ms, cause)
        else:
            log.warning("mail_refused", mail=waiting.id, attempts=waiting.attempts, cause=cause)
            await self._outbox.later(waiting.id, at_ms + BACK_OFF_MS[waiting.attempts - 1], cause)
