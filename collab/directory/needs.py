"""Needs of factories: posted, ranked against all crews, planned together, settled by invitation, offer, acceptance."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Final

import structlog
from msgspec import Struct

from collab.accounts.models import Member
from collab.assist.machines import MachineService
from collab.db.engine import Database
from collab.limits import Limits, rate
from collab.notices.models import Notice
from collab.organizations.models import OrganizationKind
from collab.organizations.repository import OrganizationRepository
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_lines, clean_name

from . import telling
from .accepting import accept
from .assignment import Plan, assign
from .dates import day_of
from .installer_repository import InstallerRepository
from .matching import LOAD_WINDOW_DAYS, Candidate, Days, Judgement, Wanted, judge, ranked
from .models import NEED_NOTE_MAX_CHARS, NOTE_MAX_CHARS, SITE_MAX_CHARS, TITLE_MAX_CHARS
from .need_repository import NeedRepository, Step, created
from .need_states import (
    INVITE,
    NEED_WAYS,
    NeedAction,
    NeedState,
    OfferAction,
    OfferState,
    Side,
    need_actions,
    offer_way,
)
from .parties import Reach, reach_of
from .people import leads_of
from .regions import is_region
from .values import Crew, Need, NeedEvent, Offer

NEED_DAYS_MAX: Final = 400
INVITED_MAX: Final = 50  # crews of one need
PLANNED_MAX: Final = 200  # needs of one plan
NEEDS_OF_ACCOUNT = rate("needs", burst=60, per_minute=20)
RANKS_OF_ACCOUNT = rate("need_ranks", burst=30, per_minute=20)

log = structlog.get_logger("directory")


class SeenNeed(Struct, frozen=True):
    """A need as somebody sees it."""

    need: Need
    offers: tuple[Offer, ...]
    events: tuple[NeedEvent, ...]
    reach: Reach

    @property
    def within(self) -> bool:
        return self.reach.within(self.need.organization.id)

    @property
    def actions(self) -> tuple[NeedAction, ...]:
        return need_actions(self.need.state, factory=self.within, job_called_off=self.need.job_called_off)

    def side(self, offer: Offer) -> Side:
        """The park's staff stand on the factory's side only: nobody answers an invitation that they made themselves."""
        return Side(factory=self.within, installer=offer.installer.id in self.reach.organization_ids)


class Ranking(Struct, frozen=True):
    judgements: tuple[Judgement, ...]
    crews: dict[str, Crew]


class Planned(Struct, frozen=True):
    plan: Plan
    needs: dict[str, Need]
    crews: dict[str, Crew]


class NeedService:
    def __init__(
        self,
        database: Database,
        needs: NeedRepository,
        installers: InstallerRepository,
        machines: MachineService,
        organizations: OrganizationRepository,
        limits: Limits,
        nudge: Callable[[], None],
        clock_ms: Callable[[], int],
    ) -> None:
        self._database = database
        self._needs = needs
        self._installers = installers
        self._machines = machines
        self._organizations = organizations
        self._limits = limits
        self._nudge = nudge
        self._clock_ms = clock_ms

    # ------------------------------------------------------------ looking

    async def seen(self, by: Member, need_id: str) -> SeenNeed:
        """Raises NOT_FOUND, also for what is not theirs to see."""
        reach = reach_of(by)
        need = await self._needs.get(reach, need_id)
        if need is None:
            raise Refusal(Code.NOT_FOUND, "no need that they see")
        offers, events = await self._needs.offers(reach, need), await self._needs.events(reach, need)
        return SeenNeed(need, tuple(offers), tuple(events), reach)

    async def listed(
        self, by: Member, states: Sequence[NeedState], organization_id: str, before: str, limit: int
    ) -> tuple[list[Need], bool]:
        found = await self._needs.listed(reach_of(by), states, organization_id, before, limit + 1)
        return found[:limit], len(found) > limit

    async def ranking(self, by: Member, need_id: str) -> Ranking:
        """For the factory's side, of a need that is a draft or open.  Raises NOT_FOUND, WRONG_STATE."""
        await self._limits.take(RANKS_OF_ACCOUNT, by.account.id)
        seen = await self._of_factory(by, need_id)
        if seen.need.state not in (NeedState.DRAFT, NeedState.OPEN):
            raise Refusal(Code.WRONG_STATE, "settled")
        crews, candidates = await self._candidates([seen.need])
        found = ranked(wanted(seen.need), candidates)
        return Ranking(tuple(found), {one.id: one for one in crews})

    async def plan(self, by: Member, need_ids: Sequence[str]) -> Planned:
        """All of these open needs, or all open ones, to all crews.  For the park's staff.  Raises FORBIDDEN."""
        await self._limits.take(RANKS_OF_ACCOUNT, by.account.id)
        reach = reach_of(by)
        if not reach.staff:
            raise Refusal(Code.FORBIDDEN, "the park's staff plan")
        if need_ids:
            needs = await self._needs.by_ids(reach, need_ids)
        else:
            needs = await self._needs.listed(reach, (NeedState.OPEN,), "", "", PLANNED_MAX)
        needs = [one for one in needs if one.state is NeedState.OPEN]
        if not needs:
            return Planned(Plan((), ()), {}, {})
        crews, candidates = await self._candidates(needs)
        plan = await asyncio.to_thread(assign, [wanted(one) for one in needs], candidates)
        return Planned(plan, {one.id: one for one in needs}, {one.id: one for one in crews})

    async def _candidates(self, needs: Sequence[Need]) -> tuple[list[Crew], list[Candidate]]:
        """Calendars as far as they decide: with the month before and after."""
        first = min(one.days.first for one in needs).toordinal() - LOAD_WINDOW_DAYS
        last = max(one.days.last for one in needs).toordinal() + LOAD_WINDOW_DAYS
        day = type(needs[0].days.first).fromordinal
        return await self._installers.candidates(day(first), day(last))

    # ------------------------------------------------------------ the factory's side

    async def post(self, by: Member, organization_id: str, values: Mapping[str, object]) -> SeenNeed:
        """A draft, for one's own company ("": the first), or by the park's staff for any.  Raises INVALID."""
        await self._limits.take(NEEDS_OF_ACCOUNT, by.account.id)
        reach = reach_of(by)
        owner = await self._organizations.get(organization_id or next(iter(reach.organization_ids), ""))
        if owner is None or not reach.within(owner.id) or owner.kind is OrganizationKind.INSTALLER:
            raise invalid(organization_id=FieldFault.INVALID)
        cleaned = await self._cleaned(by, owner.id, values)
        if not cleaned.get("title"):
            raise invalid(title=FieldFault.REQUIRED)
        need_id = await self._needs.add(owner.id, cleaned, created(by.account.id, by.account.name, self._clock_ms()))
        log.info("need_posted", need=need_id, by=by.account.id)
        return await self.seen(by, need_id)

    async def change(self, by: Member, need_id: str, revision: int, values: Mapping[str, object]) -> SeenNeed:
        """While it is a draft, or open and nobody is asked.  Raises NOT_FOUND, WRONG_STATE, INVALID, CONFLICT."""
        await self._limits.take(NEEDS_OF_ACCOUNT, by.account.id)
        seen = await self._of_factory(by, need_id)
        need = seen.need
        if need.state not in (NeedState.DRAFT, NeedState.OPEN) or need.asked:
            raise Refusal(Code.WRONG_STATE, "crews have been asked about it as it is")
        if revision != need.revision:
            raise Refusal(Code.CONFLICT, "changed meanwhile")
        cleaned = await self._cleaned(by, need.organization.id, values, need.days)
        if need.state is NeedState.OPEN and cleaned.get("machine_id", "x") is None:
            raise invalid(machine_id=FieldFault.REQUIRED)
        if not await self._needs.change(need, cleaned, self._step(by, "change")):
            raise Refusal(Code.CONFLICT, "changed meanwhile")
        return await self.seen(by, need_id)

    async def move(self, by: Member, need_id: str, action: NeedAction, note: str) -> SeenNeed:
        """Raises NOT_FOUND, WRONG_STATE, INVALID for one that is published without a machine or too late, CONFLICT."""
        seen = await self._of_factory(by, need_id)
        need = seen.need
        if action not in seen.actions:
            raise Refusal(Code.WRONG_STATE, f"{action} of a need that is {need.state}")
        state = NEED_WAYS[need.state, action]
        values: dict[str, object] = {"state": state}
        if state is NeedState.OPEN:
            if need.machine is None:
                raise invalid(machine_id=FieldFault.REQUIRED)
            if need.days.last < day_of(self._clock_ms()):
                raise invalid(ends_on=FieldFault.INVALID)
            values |= {"offer_id": None, "job_id": None}
        step = self._step(by, action, note)
        ended = (OfferState.INVITED, OfferState.OFFERED) if state is NeedState.CLOSED else (OfferState.ACCEPTED,)
        tell = partial(telling.lapsed, need, step) if state is NeedState.CLOSED else None
        if not await self._needs.change(need, values, step, ended, tell):
            raise Refusal(Code.CONFLICT, "moved meanwhile")
        self._nudge()
        log.info("need_moved", need=need.id, action=action.value, by=by.account.id)
        return await self.seen(by, need_id)

    async def invite(self, by: Member, need_id: str, crew_ids: Sequence[str], note: str) -> SeenNeed:
        """Crews that fit.  Raises NOT_FOUND, WRONG_STATE, INVALID for one that does not fit, TOO_MANY, CONFLICT."""
        await self._limits.take(NEEDS_OF_ACCOUNT, by.account.id)
        seen = await self._of_factory(by, need_id)
        need = seen.need
        if need.state is not NeedState.OPEN:
            raise Refusal(Code.WRONG_STATE, "not open")
        under_way = {one.crew.id for one in seen.offers if one.state in (OfferState.INVITED, OfferState.OFFERED)}
        wished = [one for one in dict.fromkeys(crew_ids) if one not in under_way]
        if not wished:
            return seen
        if len({one.crew.id for one in seen.offers} | {*wished}) > INVITED_MAX:
            raise Refusal(Code.TOO_MANY, "crews of a need")
        crews, candidates = await self._candidates([need])
        fitting = {one.id for one in candidates if judge(wanted(need), one).fits}
        if not fitting.issuperset(wished):
            raise invalid(crew_ids=FieldFault.INVALID)
        chosen = [one for one in crews if one.id in wished]
        step = self._step(by, INVITE, note)
        notices = [telling.invited(need, one, await self._leads(one.organization.id), step) for one in chosen]
        if not await self._needs.invite(need, [(one.id, one.organization.id) for one in chosen], step, notices):
            raise Refusal(Code.CONFLICT, "moved meanwhile")
        self._nudge()
        return await self.seen(by, need_id)

    # ------------------------------------------------------------ offers

    async def move_offer(self, by: Member, need_id: str, offer_id: str, action: OfferAction, note: str) -> SeenNeed:
        """Raises NOT_FOUND, WRONG_STATE for what is not possible now, FORBIDDEN for the other side's, CONFLICT when
        somebody was faster, the crew is taken meanwhile or its certificates do not last any more."""
        seen = await self.seen(by, need_id)
        need = seen.need
        offer = next((one for one in seen.offers if one.id == offer_id), None)
        if offer is None:
            raise Refusal(Code.NOT_FOUND, "no offer that they see")
        way = offer_way(need.state, offer.state, action, seen.side(offer))
        if way is None:
            possible = offer_way(need.state, offer.state, action, Side(factory=True, installer=True))
            raise Refusal(Code.FORBIDDEN if possible else Code.WRONG_STATE, f"{action} of {offer.state}")
        step = self._step(by, action, note, offer)
        if way.state is OfferState.ACCEPTED:
            await self._accept(need, offer, step)
        else:
            notice = await self._told(need, offer, way.state, step, by_factory=way.by_factory)
            if not await self._needs.move_offer(need, offer, way.state, step.note, step, notice):
                raise Refusal(Code.CONFLICT, "moved meanwhile")
        self._nudge()
        log.info("offer_moved", need=need.id, offer=offer.id, action=action.value, by=by.account.id)
        return await self.seen(by, need_id)

    async def _accept(self, need: Need, offer: Offer, step: Step) -> None:
        machine = need.machine
        if machine is None:
            raise Refusal(Code.CONFLICT, "its machine is gone")
        _, candidates = await self._candidates([need])
        crew = next((one for one in candidates if one.id == offer.crew.id), None)
        if crew is None or not judge(wanted(need), crew).fits:
            raise Refusal(Code.CONFLICT, "the crew does not fit any more")

        def tell(
            job_id: str, chosen: tuple[str, ...], lapsed: Sequence[tuple[Offer, tuple[str, ...]]]
        ) -> Sequence[Notice]:
            others = [telling.lapsed(need, step, one, people) for one, people in lapsed]
            return [telling.accepted(need, offer, job_id, chosen, step), *others]

        await accept(self._database, need, offer, machine, step, tell)

    async def _told(
        self, need: Need, offer: Offer, state: OfferState, step: Step, *, by_factory: bool
    ) -> Notice | None:
        if by_factory:
            return telling.declined(need, offer, await self._leads(offer.installer.id), step)
        people = (need.created_by,) if need.created_by else await self._leads(need.organization.id)
        match state:
            case OfferState.OFFERED:
                return telling.offered(need, offer, people, step)
            case OfferState.DECLINED:
                return telling.declined(need, offer, people, step)
            case _:
                return None

    # ------------------------------------------------------------ for all of them

    async def _leads(self, organization_id: str) -> tuple[str, ...]:
        async with self._database.read() as session:
            return await leads_of(session, [organization_id])

    async def _of_factory(self, by: Member, need_id: str) -> SeenNeed:
        seen = await self.seen(by, need_id)
        if not seen.within:
            raise Refusal(Code.FORBIDDEN, "the factory's side")
        return seen

    def _step(self, by: Member, action: str, note: str = "", offer: Offer | None = None) -> Step:
        return Step(
            action=action,
            account_id=by.account.id,
            name=by.account.name,
            at_ms=self._clock_ms(),
            note=clean_name(note, NOTE_MAX_CHARS),
            installer_id=offer.installer.id if offer else None,
            crew=offer.crew.name if offer else "",
        )

    async def _cleaned(
        self, by: Member, organization_id: str, values: Mapping[str, object], days: Days | None = None
    ) -> dict[str, object]:
        """Raises INVALID."""
        cleaned = dict(values)
        for name, limit in (("title", TITLE_MAX_CHARS), ("site", SITE_MAX_CHARS)):
            if name in cleaned:
                cleaned[name] = clean_name(str(cleaned[name]), limit)
        if cleaned.get("title", "x") == "":
            raise invalid(title=FieldFault.INVALID)
        if "note" in cleaned:
            cleaned["note"] = clean_lines(str(cleaned["note"]), NEED_NOTE_MAX_CHARS)
        if not is_region(str(cleaned.get("region", "HB"))):
            raise invalid(region=FieldFault.INVALID)
        if "trades" in cleaned and not cleaned["trades"]:
            raise invalid(trades=FieldFault.REQUIRED)
        first, last = cleaned.get("starts_on", days and days.first), cleaned.get("ends_on", days and days.last)
        _check_days(first, last)
        if machine_id := cleaned.get("machine_id"):
            await self._check_machine(by, organization_id, str(machine_id))
        return cleaned

    async def _check_machine(self, by: Member, organization_id: str, machine_id: str) -> None:
        """One of the company's own."""
        try:
            machine = await self._machines.seen(by, machine_id)
        except Refusal:
            raise invalid(machine_id=FieldFault.INVALID) from None
        if machine.organization.id != organization_id:
            raise invalid(machine_id=FieldFault.INVALID)


def wanted(need: Need) -> Wanted:
    return Wanted(need.id, need.days, need.trades, need.languages, need.region, need.crew_size)


def _check_days(first: object, last: object) -> None:
    if not isinstance(first, date) or not isinstance(last, date):
        raise invalid(starts_on=FieldFault.REQUIRED)
    days = Days(first, last)
    if days.last < days.first or days.count > NEED_DAYS_MAX:
        raise invalid(ends_on=FieldFault.INVALID)
