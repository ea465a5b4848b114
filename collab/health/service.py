"""Health and prevention: places at risk, whom they concern, and what is done until everybody is cleared.

Only the park's staff whom an administrator put into the group `health` of the desk gets at it: administrators
themselves do not by being that.  Administrators read who looked at whom instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

import structlog
from msgspec.structs import replace

from collab.accounts.models import Member, MemberRole
from collab.directory.dates import day_of
from collab.limits import Limits, rate
from collab.problems import FieldFault, Refusal, invalid
from collab.requests.people import DeskPeople
from rooms.core.codes import Code
from rooms.core.text import clean_lines, clean_name

from .accesses import AccessRepository
from .addresses import NAMED, Level, parse
from .concern_repository import ConcernRepository
from .concern_states import WITH_A_NOTE, moved
from .matching import Matcher
from .models import (
    ADDRESS_MAX_CHARS,
    NOTE_MAX_CHARS,
    SOURCE_MAX_CHARS,
    ConcernAction,
    ConcernState,
    PlaceState,
    Purpose,
)
from .place_repository import PlaceRepository
from .values import (
    AccessRecord,
    CompanyConcern,
    Concern,
    ConcernEvent,
    Notified,
    OwnConcern,
    Place,
    PlaceChange,
    PlaceFacts,
    Reader,
)

HEALTH_GROUP: Final = "health"  # the group of the desk that declarations are asked of, too
OPEN_PLACES_MAX: Final = 500  # every declaration is compared with all of them
DAYS_MAX: Final = 366  # of a place
OWN_MAX: Final = 50
ACCESS_KEEP_DAYS: Final = 730
DAY_MS: Final = 86_400_000
CHANGES_OF_ACCOUNT = rate("health_changes", burst=120, per_minute=60)
READS_OF_ACCOUNT = rate("health_reads", burst=120, per_minute=60)

log = structlog.get_logger("health")


class HealthService:
    def __init__(
        self,
        places: PlaceRepository,
        concerns: ConcernRepository,
        accesses: AccessRepository,
        matcher: Matcher,
        people: DeskPeople,
        limits: Limits,
        nudge: Callable[[], None],
        clock_ms: Callable[[], int],
    ) -> None:
        self._places = places
        self._concerns = concerns
        self._accesses = accesses
        self._matcher = matcher
        self._people = people
        self._limits = limits
        self._nudge = nudge
        self._clock_ms = clock_ms

    @property
    def today(self) -> date:
        return day_of(self._clock_ms())

    # ------------------------------------------------------------ places

    async def listed(self, by: Member, *, only_open: bool, before: str, limit: int) -> tuple[list[Place], bool]:
        """Raises FORBIDDEN."""
        await self._reader(by, Purpose.TRACING)
        open_on = self.today if only_open else None
        found = await self._places.listed(open_on=open_on, before=before, limit=limit + 1)
        return found[:limit], len(found) > limit

    async def place(self, by: Member, place_id: str) -> tuple[Place, list[PlaceChange]]:
        """Raises FORBIDDEN, NOT_FOUND."""
        await self._reader(by, Purpose.TRACING)
        return await self._place(place_id), await self._places.changes(place_id)

    async def add(self, by: Member, facts: PlaceFacts, note: str) -> str:
        """Everybody who declared it is on its list when this returns.  Raises FORBIDDEN, INVALID, TOO_MANY."""
        reader = await self._reader(by, Purpose.TRACING)
        await self._limits.take(CHANGES_OF_ACCOUNT, by.account.id)
        facts = checked(facts)
        if await self._places.active() >= OPEN_PLACES_MAX:
            raise Refusal(Code.TOO_MANY, "places without an end")
        place_id = await self._places.add(facts, clean_name(note, NOTE_MAX_CHARS), reader, self._clock_ms())
        await self._matcher.match_place(place_id)
        log.info("place_added", place=place_id, by=by.account.id)
        return place_id

    async def change(
        self, by: Member, place_id: str, revision: int, facts: PlaceFacts, note: str, *, retract: bool
    ) -> None:
        """Correct it, end it, or take it back.  Raises FORBIDDEN, NOT_FOUND, INVALID, WRONG_STATE, CONFLICT."""
        reader = await self._reader(by, Purpose.TRACING)
        await self._limits.take(CHANGES_OF_ACCOUNT, by.account.id)
        place = await self._place(place_id)
        if place.state is PlaceState.RETRACTED:
            raise Refusal(Code.WRONG_STATE, "retracted")
        note = clean_name(note, NOTE_MAX_CHARS)
        if retract and not note:
            raise invalid(note=FieldFault.REQUIRED)
        if revision != place.revision:
            raise Refusal(Code.CONFLICT, "changed meanwhile")
        state = PlaceState.RETRACTED if retract else PlaceState.ACTIVE
        facts = place.facts if retract else checked(facts)
        if not await self._places.change(place, facts, state, note, reader, self._clock_ms()):
            raise Refusal(Code.CONFLICT, "changed meanwhile")
        await self._matcher.match_place(place_id)
        log.info("place_changed", place=place_id, by=by.account.id, retracted=retract)

    # ------------------------------------------------------------ people

    async def people(
        self,
        by: Member,
        place_id: str,
        purpose: Purpose,
        *,
        states: Sequence[ConcernState],
        after: str,
        limit: int,
    ) -> tuple[list[Concern], bool]:
        """And whether there are more.  Raises FORBIDDEN, NOT_FOUND."""
        reader = await self._reader(by, purpose)
        await self._limits.take(READS_OF_ACCOUNT, by.account.id)
        await self._place(place_id)
        return await self._concerns.listed(reader, place_id, self._clock_ms(), states=states, after=after, limit=limit)

    async def concern(self, by: Member, concern_id: str, purpose: Purpose) -> tuple[Concern, list[ConcernEvent]]:
        """Raises FORBIDDEN, NOT_FOUND."""
        reader = await self._reader(by, purpose)
        await self._limits.take(READS_OF_ACCOUNT, by.account.id)
        return await self._concern(reader, concern_id)

    async def notify(self, by: Member, place_id: str, concern_ids: Sequence[str]) -> Notified:
        """Everybody who was not told yet (or those named), and their companies.  Again: nobody twice.

        Raises FORBIDDEN, NOT_FOUND, WRONG_STATE for a place that was retracted."""
        reader = await self._reader(by, Purpose.NOTIFYING)
        await self._limits.take(CHANGES_OF_ACCOUNT, by.account.id)
        place = await self._place(place_id)
        if place.state is PlaceState.RETRACTED:
            raise Refusal(Code.WRONG_STATE, "retracted")
        told = await self._places.notify(place, concern_ids, reader, self._clock_ms())
        if told.people:
            self._nudge()
        log.info("concerned_notified", place=place_id, people=told.people, by=by.account.id)
        return told

    async def move(
        self, by: Member, concern_id: str, revision: int, action: ConcernAction, note: str
    ) -> tuple[Concern, list[ConcernEvent]]:
        """Contacted, tested, cleared, reopened.  Raises FORBIDDEN, NOT_FOUND, INVALID, WRONG_STATE, CONFLICT."""
        reader = await self._reader(by, Purpose.FOLLOW_UP)
        await self._limits.take(CHANGES_OF_ACCOUNT, by.account.id)
        concern, _ = await self._concern(reader, concern_id)
        state = None if action is ConcernAction.NOTIFY else moved(concern.state, action)
        if state is None:
            raise Refusal(Code.WRONG_STATE, f"{action} of somebody who is {concern.state}")
        note = clean_lines(note, NOTE_MAX_CHARS)
        if action in WITH_A_NOTE and not note:
            raise invalid(note=FieldFault.REQUIRED)
        at_ms = self._clock_ms()
        if revision != concern.revision or not await self._concerns.move(concern, action, state, note, reader, at_ms):
            raise Refusal(Code.CONFLICT, "moved meanwhile")
        return await self._concern(reader, concern_id)

    # ------------------------------------------------------------ for everybody, and for administrators

    async def own(self, by: Member) -> tuple[list[OwnConcern], list[CompanyConcern], list[AccessRecord]]:
        """What one was told, what officers of a company were, and who looked at what is kept about one."""
        led = [
            one.organization.id
            for one in by.memberships
            if MemberRole.ADMINISTRATOR in one.roles or MemberRole.OFFICER in one.roles
        ]
        return (
            await self._places.own(by.account.id, OWN_MAX),
            await self._places.of_companies(led, OWN_MAX) if led else [],
            await self._accesses.listed(person_id=by.account.id, limit=OWN_MAX),
        )

    async def may_work(self, by: Member) -> bool:
        return by.in_park and HEALTH_GROUP in await self._people.groups_of(by.account.id)

    async def accesses(
        self, *, person_id: str, reader_id: str, before: str, limit: int
    ) -> tuple[list[AccessRecord], bool]:
        """For administrators of the park."""
        found = await self._accesses.listed(person_id=person_id, reader_id=reader_id, before=before, limit=limit + 1)
        return found[:limit], len(found) > limit

    # ------------------------------------------------------------ the clock's work

    async def delete_old(self) -> dict[str, int]:
        """What its retention date has come for."""
        at_ms = self._clock_ms()
        gone = await self._places.delete_old(at_ms, at_ms - ACCESS_KEEP_DAYS * DAY_MS)
        if any(gone.values()):
            log.info("health_deleted", **gone)
        return gone

    # ------------------------------------------------------------

    async def _reader(self, by: Member, purpose: Purpose) -> Reader:
        if not await self.may_work(by):
            raise Refusal(Code.FORBIDDEN, "not of the health group")
        return Reader(by.account.id, by.account.name, purpose)

    async def _place(self, place_id: str) -> Place:
        place = await self._places.get(place_id)
        if place is None:
            raise Refusal(Code.NOT_FOUND, "no such place")
        return place

    async def _concern(self, reader: Reader, concern_id: str) -> tuple[Concern, list[ConcernEvent]]:
        found = await self._concerns.get(reader, concern_id, self._clock_ms())
        if found is None:
            raise Refusal(Code.NOT_FOUND, "no such concern")
        return found


def checked(facts: PlaceFacts) -> PlaceFacts:
    """Cleaned.  Raises INVALID: an address that names nothing, or only a province, would concern everybody."""
    address = clean_name(facts.address, ADDRESS_MAX_CHARS)
    if all(level is Level.PROVINCE or level not in NAMED for level, _ in parse(address).segments):
        raise invalid(address=FieldFault.INVALID)
    source = clean_name(facts.source, SOURCE_MAX_CHARS)
    if not source:
        raise invalid(source=FieldFault.REQUIRED)
    if facts.ends_on is not None and not 0 <= (facts.ends_on - facts.starts_on).days <= DAYS_MAX:
        raise invalid(ends_on=FieldFault.INVALID)
    return replace(facts, address=address, source=source)
