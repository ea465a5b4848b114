"""Who may read the audit log: administrators of the park all of it, those of a company what concerns the company."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

import msgspec

from collab.accounts.models import Member
from collab.clock import now_ms
from collab.limits import Limits, rate
from collab.problems import Refusal
from rooms.core.codes import Code

from .actor import who_acts
from .models import AuditAction, AuditEvent, Subject
from .repository import AuditRepository, Wanted

SEARCHES_OF_ACCOUNT = rate("audit_searches", burst=60, per_minute=60)
SEEN_AGAIN_MS: Final = 3_600_000
SEEN_MAX: Final = 4_096  # remembered; whoever is forgotten is written down once more


class AuditService:
    def __init__(self, events: AuditRepository, limits: Limits) -> None:
        self._events = events
        self._limits = limits
        self._seen: OrderedDict[tuple[str, str, str], int] = OrderedDict()

    async def found(self, by: Member, wanted: Wanted, limit: int) -> tuple[list[AuditEvent], bool]:
        """And whether there are more.  Raises FORBIDDEN for who administers nothing, RATE_LIMITED."""
        if not by.administers_park:
            if not by.administered_ids:
                raise Refusal(Code.FORBIDDEN, "administers no organization")
            asked = by.administered_ids if wanted.organization_ids is None else wanted.organization_ids
            if not set(asked) <= set(by.administered_ids):
                raise Refusal(Code.FORBIDDEN, "not an administrator of that organization")
            wanted = msgspec.structs.replace(wanted, organization_ids=asked)
        await self._limits.take(SEARCHES_OF_ACCOUNT, by.account.id)
        found = await self._events.found(wanted, limit + 1)
        if not wanted.before:
            only = wanted.organization_ids[0] if wanted.organization_ids and len(wanted.organization_ids) == 1 else ""
            await self._events.note(
                AuditAction.AUDIT_READ,
                organization_id=only,
                of=wanted.action,
                search=wanted.search,
                address=wanted.address,
            )
        return found[:limit], len(found) > limit

    def first_look(self, action: AuditAction, subject_id: str) -> bool:
        """Whether who acts (or their address) has not done this within the hour, as far as this process remembers."""
        actor, now = who_acts(), now_ms()
        key = (actor.account_id or actor.address, action.value, subject_id)
        if now - self._seen.get(key, 0) < SEEN_AGAIN_MS:
            return False
        self._seen[key] = now
        self._seen.move_to_end(key)
        while len(self._seen) > SEEN_MAX:
            self._seen.popitem(last=False)
        return True

    async def note(self, action: AuditAction, subject: Subject, organization_id: str | None) -> None:
        await self._events.note(action, subject, organization_id=organization_id)
