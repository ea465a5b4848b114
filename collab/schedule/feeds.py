"""The calendar that a person's programs subscribe to, by a secret address."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable

from collab.accounts.repository import AccountRepository
from collab.limits import Limits, rate
from collab.problems import Refusal
from rooms.core.codes import Code

from .availability import AvailabilityService
from .event_repository import EventRepository
from .itip import feed
from .parties import reach_of

PAST_MS = 90 * 86_400_000
FUTURE_MS = 400 * 86_400_000
# Programs ask every few minutes; whoever guesses addresses is many.
FEEDS_OF_ADDRESS = rate("feeds_address", burst=120, per_minute=60)
FEED_ITSELF = rate("feeds", burst=30, per_minute=6)


class FeedService:
    def __init__(
        self,
        availability: AvailabilityService,
        events: EventRepository,
        accounts: AccountRepository,
        limits: Limits,
        clock_ms: Callable[[], int],
    ) -> None:
        self._availability = availability
        self._events = events
        self._accounts = accounts
        self._limits = limits
        self._clock_ms = clock_ms

    async def calendar(self, token: str, address: str, base_url: str) -> tuple[bytes, str]:
        """The calendar object and its tag, which stays the same while nothing changes."""
        await self._limits.take(FEEDS_OF_ADDRESS, address)
        owner = await self._availability.feed_owner(token)
        await self._limits.take(FEED_ITSELF, owner.id)
        member = await self._accounts.member(owner.id)
        if member is None:
            raise Refusal(Code.NOT_FOUND, "the account is gone")
        now = self._clock_ms()
        listed = await self._events.visible(reach_of(member), now - PAST_MS, now + FUTURE_MS)
        events = [(one.event, f"{base_url}/m/{one.event.code}") for one in listed]
        name = "同心" if owner.locale.startswith("zh") else "Tongxin"
        content = await asyncio.to_thread(feed, events, name, now)
        return content, hashlib.sha256(content).hexdigest()[:32]
