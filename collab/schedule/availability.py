"""Working hours, free and busy times, and suggestions; the secret feed's keeper."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from collab.accounts.models import Account, Member
from collab.accounts.service import hash_token
from collab.clock import new_feed_token
from collab.limits import Limits, rate
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code

from .expand import find_zone, occurrences
from .free_busy import Diary, Hours, Span, Suggestion, merged, suggestions
from .models import InvitationAnswer
from .parties import reach_of
from .people_repository import Found, PeopleRepository, Personal
from .values import Person

WINDOW_MAX_MS = 35 * 86_400_000
SUGGESTED = 8
DEFAULT_HOURS = Hours("Asia/Shanghai")
ASKED_OF_ACCOUNT = rate("free_busy", burst=240, per_minute=120)
FEEDS_OF_ACCOUNT = rate("feed_secrets", burst=10, per_minute=2)


class AvailabilityService:
    def __init__(self, people: PeopleRepository, limits: Limits, clock_ms: Callable[[], int]) -> None:
        self._people = people
        self._limits = limits
        self._clock_ms = clock_ms

    async def search(self, by: Member, text: str) -> tuple[list[Found], list[Person]]:
        await self._limits.take(ASKED_OF_ACCOUNT, by.account.id)
        reach = reach_of(by)
        return (
            await self._people.search(reach, text.strip()),
            await self._people.organizations(reach, park_staff=by.in_park),
        )

    async def diaries(self, by: Member, account_ids: Sequence[str], from_ms: int, to_ms: int, but: str) -> list[Diary]:
        """In the order asked.  Raises NOT_FOUND when there is one of whom one may not ask, or nobody of that id."""
        if not from_ms < to_ms <= from_ms + WINDOW_MAX_MS:
            raise invalid(to_ms=FieldFault.INVALID)
        await self._limits.take(ASKED_OF_ACCOUNT, by.account.id)
        asked = list(dict.fromkeys(account_ids))
        if set(asked) - await self._people.known(reach_of(by), asked):
            raise Refusal(Code.NOT_FOUND, "somebody whom the asking person does not know")
        within = Span(from_ms, to_ms)
        busy: dict[str, list[Span]] = {one: [] for one in asked}
        for engagement in await self._people.engagements(asked, from_ms, to_ms, but):
            spans = busy.get(engagement.account_id)
            if spans is None:
                continue
            for one in occurrences(engagement.event.series, from_ms, to_ms):
                answer = engagement.keys.get(one.key)
                gone = answer is InvitationAnswer.DECLINED if answer is not None else engagement.declined
                if not gone:
                    spans.append(Span(one.starts_at_ms, one.ends_at_ms))
        personal = await self._people.personal(asked)
        return [
            Diary(one, personal[one].hours if one in personal else DEFAULT_HOURS, merged(busy[one], within))
            for one in asked
        ]

    async def suggest(
        self, by: Member, account_ids: Sequence[str], within: Span, minutes: int, zone: str, but: str
    ) -> list[Suggestion]:
        if find_zone(zone) is None:
            raise invalid(zone=FieldFault.INVALID)
        found = await self.diaries(by, account_ids, within.from_ms, within.to_ms, but)
        begin = max(within.from_ms, self._clock_ms())
        return suggestions(found, Span(begin, within.to_ms), minutes, zone, SUGGESTED) if begin < within.to_ms else []

    # ------------------------------------------------------------ one's own

    async def own(self, by: Member) -> tuple[Personal, bool]:
        """And whether it was chosen, or is a guess."""
        found = (await self._people.personal([by.account.id])).get(by.account.id)
        return found or Personal(DEFAULT_HOURS, 0), found is not None

    async def set_hours(self, by: Member, hours: Hours) -> None:
        if find_zone(hours.zone) is None:
            raise invalid(zone=FieldFault.INVALID)
        if hours.from_min >= hours.to_min:
            raise invalid(to_min=FieldFault.INVALID)
        await self._people.set_hours(by.account.id, hours)

    async def renew_feed(self, by: Member) -> tuple[str, int]:
        """A new secret, and when it was made; the old one opens nothing any more."""
        await self._limits.take(FEEDS_OF_ACCOUNT, by.account.id)
        token, at = new_feed_token(), self._clock_ms()
        hours = (await self.own(by))[0].hours
        await self._people.set_feed(by.account.id, hash_token(token), at, hours)
        return token, at

    async def drop_feed(self, by: Member) -> None:
        await self._people.set_feed(by.account.id, None, self._clock_ms(), (await self.own(by))[0].hours)

    async def feed_owner(self, token: str) -> Account:
        owner = await self._people.feed_owner(hash_token(token))
        if owner is None:
            raise Refusal(Code.NOT_FOUND, "no such feed")
        return owner
