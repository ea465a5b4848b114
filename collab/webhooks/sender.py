"""Sends what waits for webhooks, with patience, and gives up on receivers that are gone.

A message goes out at least once: a process may die between the receiver's answer and our mark of it.  Then the same
message comes again under the same `webhook-id`, by which the receiver recognises it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, Protocol

import structlog

from .models import KEPT_DAYS, Outgoing, WebhookState
from .push_http import Answer
from .repository import WebhookRepository
from .signing import signed_headers

BATCH: Final = 40
AT_ONCE: Final = 8
# After the first failure, the second, ...; after the last the message has failed: a day in all.
BACK_OFF_MS: Final = (*(30_000 * 4**step for step in range(6)), 43_200_000)
DAY_MS: Final = 86_400_000
GIVE_UP_AFTER_MS: Final = 3 * DAY_MS  # without one success
GONE: Final = 410

log = structlog.get_logger("webhooks")


class Way(Protocol):
    """push_http.py"""

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer: ...


class WebhookSender:
    """`at(delivery, when_ms)` wakes `send_due` then; `nudge` after a commit that put a notice."""

    def __init__(
        self,
        webhooks: WebhookRepository,
        way: Way,
        clock_ms: Callable[[], int],
        at: Callable[[str, int], None],
        nudge: Callable[[], None],
    ) -> None:
        self._webhooks = webhooks
        self._way = way
        self._clock_ms = clock_ms
        self._at = at
        self._nudge = nudge

    async def send_due(self) -> int:
        """All that is due; how many were taken."""
        taken = 0
        while batch := await self._webhooks.claim(self._clock_ms(), BATCH):
            turns = asyncio.Semaphore(AT_ONCE)
            async with asyncio.TaskGroup() as tasks:
                tries = [tasks.create_task(self._send(one, turns)) for one in batch]
            taken += sum(one.result() for one in tries)
        return taken

    async def delete_old(self) -> None:
        if gone := await self._webhooks.purge(self._clock_ms() - KEPT_DAYS * DAY_MS):
            log.info("webhook_deliveries_deleted", deliveries=gone)

    async def _send(self, one: Outgoing, turns: asyncio.Semaphore) -> bool:
        async with turns:
            headers = signed_headers(one.secrets, one.id, self._clock_ms() // 1_000, one.body)
            answer = await self._way.post(one.url, one.body, headers)
        at_ms = self._clock_ms()
        if answer.is_taken:
            await self._webhooks.sent(one, answer.status, answer.took_ms, at_ms)
            return True
        due = at_ms + BACK_OFF_MS[one.tries - 1] if one.tries <= len(BACK_OFF_MS) else None
        since = await self._webhooks.failed(one, answer.status, answer.fault, answer.took_ms, at_ms, due)
        log.info("webhook_refused", webhook=one.webhook_id, tries=one.tries, status=answer.status, cause=answer.fault)
        if answer.status == GONE:
            await self._give_up(one, WebhookState.GONE, at_ms)
        elif at_ms - since >= GIVE_UP_AFTER_MS:
            await self._give_up(one, WebhookState.FAILING, at_ms)
        elif due is not None:
            self._at(one.id, due)
        return False

    async def _give_up(self, one: Outgoing, state: WebhookState, at_ms: int) -> None:
        if await self._webhooks.give_up(one.webhook_id, state, at_ms):
            self._nudge()
            log.warning("webhook_given_up", webhook=one.webhook_id, state=state.value)
