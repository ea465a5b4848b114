"""A member's own notices and what the member chose about them.  Every question names the asker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from collab.accounts.models import Member
from collab.limits import Limits, rate
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code

from .delivery import Delivery
from .kinds import KINDS, Area
from .models import Kept
from .push import PushSubscriptions, plausible_endpoint
from .repository import NoticeRepository
from .rules import Settings
from .schemas import PushBody
from .zones import zone

CHANGES_OF_ACCOUNT: Final = rate("notice_changes", burst=120, per_minute=60)
BROWSERS_MAX: Final = 20  # of one account; the oldest gives way


class InboxService:
    def __init__(
        self,
        notices: NoticeRepository,
        pushes: PushSubscriptions,
        delivery: Delivery,
        limits: Limits,
        clock_ms: Callable[[], int],
    ) -> None:
        self._notices = notices
        self._pushes = pushes
        self._delivery = delivery
        self._limits = limits
        self._clock_ms = clock_ms

    async def page(
        self, by: Member, before: str, limit: int, *, unread_only: bool, area: Area | None
    ) -> tuple[list[Kept], bool, int]:
        """(notices, whether there are more, how many are unread at all)."""
        kinds = [kind for kind, about in KINDS.items() if about.area is area] if area else ()
        if area and not kinds:
            found: list[Kept] = []
        else:
            found = await self._notices.page(by.account.id, before, limit + 1, unread_only=unread_only, kinds=kinds)
        return found[:limit], len(found) > limit, await self.unread(by)

    async def unread(self, by: Member) -> int:
        (count,) = await self._notices.counts([by.account.id])
        return count.unread

    async def mark(self, by: Member, ids: Sequence[str], until: str, *, read: bool) -> list[str]:
        await self._limits.take(CHANGES_OF_ACCOUNT, by.account.id)
        at_ms = self._clock_ms()
        if until:
            changed = await self._notices.mark_all_read(by.account.id, until, at_ms)
        else:
            changed = await self._notices.mark(by.account.id, ids, read=read, at_ms=at_ms)
        if changed:
            await self._delivery.tell([by.account.id])  # the person's other pages
        return changed

    async def settings(self, by: Member) -> tuple[Settings, str, int]:
        """With the time zone's name and the number of browsers that take pushes."""
        settings, time_zone = await self._notices.settings(by.account.id)
        return settings, time_zone, await self._pushes.count(by.account.id)

    async def choose(self, by: Member, settings: Settings, time_zone: str) -> None:
        await self._limits.take(CHANGES_OF_ACCOUNT, by.account.id)
        if await zone(time_zone) is None:
            raise invalid(time_zone=FieldFault.INVALID)
        await self._notices.save_settings(by.account.id, settings, time_zone)

    async def subscribe(self, by: Member, body: PushBody) -> None:
        await self._limits.take(CHANGES_OF_ACCOUNT, by.account.id)
        if not plausible_endpoint(body.endpoint):
            raise invalid(endpoint=FieldFault.INVALID)
        locale = body.locale or by.account.locale
        if not await self._pushes.add(
            by.account.id, body.endpoint, body.p256dh, body.auth, locale, self._clock_ms(), BROWSERS_MAX
        ):
            raise Refusal(Code.CONFLICT, "another account's browser")

    async def unsubscribe(self, by: Member, endpoint: str) -> None:
        await self._limits.take(CHANGES_OF_ACCOUNT, by.account.id)
        await self._pushes.remove(by.account.id, endpoint)
