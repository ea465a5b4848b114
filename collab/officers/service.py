"""Service officers: named by the park's administrators, handed over when accepted, covered for while away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Final

import structlog

from collab.accounts.models import Member
from collab.accounts.repository import AccountRepository
from collab.assist.jobs import JobService
from collab.assist.models import JobState
from collab.assist.values import Job
from collab.db.engine import Database
from collab.directory.dates import day_of
from collab.directory.people import leads_of
from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice, Subject
from collab.problems import FieldFault, Refusal, invalid
from collab.requests.parties import Reach
from rooms.core.codes import Code
from rooms.core.text import clean_name

from .board import BoardRepository
from .milestones import may_be_done, may_be_undone, whole
from .models import NOTE_MAX_CHARS, Milestone, OfficerAction
from .repository import OfficerRepository
from .values import Board, Company, Cover, MilestoneState, OfficerEvent

COVER_DAYS_MAX: Final = 200
BOARD_PAGE: Final = "/officers"

log = structlog.get_logger("officers")


class OfficerService:
    def __init__(
        self,
        database: Database,
        officers: OfficerRepository,
        board: BoardRepository,
        accounts: AccountRepository,
        jobs: JobService,
        request_reach: Callable[[Member], Awaitable[Reach]],
        nudge: Callable[[], None],
        clock_ms: Callable[[], int],
    ) -> None:
        self._database = database
        self._officers = officers
        self._board = board
        self._accounts = accounts
        self._jobs = jobs
        self._request_reach = request_reach
        self._nudge = nudge
        self._clock_ms = clock_ms

    # ------------------------------------------------------------ who looks after whom

    async def companies(self, by: Member, search: str, after: str, limit: int) -> tuple[list[Company], bool]:
        """For the park's staff.  Raises FORBIDDEN."""
        _staff(by)
        found = await self._officers.companies(search=clean_name(search), after=after, limit=limit + 1)
        return found[:limit], len(found) > limit

    async def company(self, by: Member, organization_id: str) -> tuple[Company, list[OfficerEvent]]:
        """Raises FORBIDDEN, NOT_FOUND."""
        company = await self._company(by, organization_id)
        return company, await self._officers.events(organization_id)

    async def name(self, by: Member, organization_id: str, account_id: str, note: str) -> None:
        """By an administrator of the park.  Raises FORBIDDEN, NOT_FOUND, INVALID, CONFLICT."""
        company = await self._company(by, organization_id)
        if not by.administers_park:
            raise Refusal(Code.FORBIDDEN, "administrators name officers")
        officer = await self._colleague(account_id)
        if company.officer is not None and company.officer.id == account_id:
            return
        async with self._database.read() as session:
            people = await leads_of(session, [organization_id])
        former = (company.officer.id,) if company.officer else ()
        notice = self._notice(
            NoticeKind.OFFICER_NAMED,
            company,
            by,
            (account_id, *former, *people),
            {"officer": officer.account.name},
            path=f"/directory/{company.id}",
        )
        event = self._event(company, OfficerAction.NAMED, by, officer.account.name, note)
        await self._change(company, account_id, None, event, by, [notice])

    async def move(self, by: Member, organization_id: str, action: OfficerAction, to: str, note: str) -> None:
        """Offer by the officer, withdraw by the same, accept or decline by whom it is offered to.

        Raises FORBIDDEN, NOT_FOUND, INVALID, WRONG_STATE, CONFLICT when somebody was faster."""
        company = await self._company(by, organization_id)
        officer, offered = company.officer, company.offered_to
        if officer is None:
            raise Refusal(Code.WRONG_STATE, "has no officer")
        mine = officer.id == by.account.id
        match action:
            case OfficerAction.OFFERED:
                if not mine:
                    raise Refusal(Code.FORBIDDEN, "another's company")
                other = await self._colleague(to)
                if to == by.account.id:
                    raise invalid(to=FieldFault.INVALID)
                event = self._event(company, action, by, other.account.name, note)
                notice = self._notice(NoticeKind.OFFICER_OFFERED, company, by, (to,), {"note": event.note})
                await self._change(company, officer.id, to, event, by, [notice])
            case OfficerAction.WITHDRAWN:
                if not mine:
                    raise Refusal(Code.FORBIDDEN, "another's company")
                if offered is None:
                    raise Refusal(Code.WRONG_STATE, "not offered")
                event = self._event(company, action, by, offered.name, note)
                await self._change(company, officer.id, None, event, by, [])
            case OfficerAction.ACCEPTED | OfficerAction.DECLINED:
                if offered is None:
                    raise Refusal(Code.WRONG_STATE, "not offered")
                if offered.id != by.account.id:
                    raise Refusal(Code.FORBIDDEN, "offered to somebody else")
                accepts = action is OfficerAction.ACCEPTED
                event = self._event(company, action, by, by.account.name, note)
                kind = NoticeKind.OFFICER_ACCEPTED if accepts else NoticeKind.OFFICER_DECLINED
                notice = self._notice(kind, company, by, (officer.id,), {"note": event.note})
                await self._change(company, offered.id if accepts else officer.id, None, event, by, [notice])
            case OfficerAction.NAMED:
                raise invalid(action=FieldFault.INVALID)

    # ------------------------------------------------------------ holidays

    async def covers(self, by: Member) -> list[Cover]:
        _staff(by)
        return await self._officers.covers(day_of(self._clock_ms()), "" if by.administers_park else by.account.id)

    async def cover(self, by: Member, account_id: str, cover_id: str, starts_on: date, ends_on: date) -> None:
        """By the officer or an administrator of the park.  Raises FORBIDDEN, INVALID, CONFLICT with another cover."""
        _staff(by)
        if account_id != by.account.id and not by.administers_park:
            raise Refusal(Code.FORBIDDEN, "another's holidays")
        await self._colleague(account_id)
        await self._colleague(cover_id)
        if cover_id == account_id:
            raise invalid(cover_id=FieldFault.INVALID)
        days = (ends_on - starts_on).days + 1
        if not 0 < days <= COVER_DAYS_MAX or ends_on < day_of(self._clock_ms()):
            raise invalid(ends_on=FieldFault.INVALID)
        notice = Notice(
            kind=NoticeKind.OFFICER_COVERS,
            account_ids=(cover_id,),
            key=f"cover:{account_id}:{cover_id}:{starts_on}:{ends_on}",
            about=Subject("account", account_id),
            path=BOARD_PAGE,
            params={"by": by.account.name, "when": f"{starts_on} – {ends_on}"},
        )
        at_ms = self._clock_ms()
        if not await self._officers.add_cover(account_id, cover_id, starts_on, ends_on, at_ms, notice):
            raise Refusal(Code.CONFLICT, "covered on these days")
        self._nudge()

    async def uncover(self, by: Member, cover_id: str) -> None:
        """Raises NOT_FOUND for what is not theirs."""
        if not any(one.id == cover_id and _may_end(by, one) for one in await self.covers(by)):
            raise Refusal(Code.NOT_FOUND, "no cover of theirs")
        await self._officers.remove_cover(cover_id)

    # ------------------------------------------------------------ the board

    async def board(self, by: Member, officer_id: str) -> Board:
        """One's own; another's for the park's administrators.  Raises FORBIDDEN."""
        _staff(by)
        if officer_id and officer_id != by.account.id and not by.administers_park:
            raise Refusal(Code.FORBIDDEN, "another's board")
        reach = await self._request_reach(by)
        return await self._board.board(reach, officer_id or by.account.id, self._clock_ms())

    # ------------------------------------------------------------ milestones

    async def milestones(self, by: Member, job_id: str) -> tuple[MilestoneState, ...]:
        """For whoever sees the job.  Raises NOT_FOUND."""
        job = await self._job(by, job_id)
        return whole((await self._officers.milestones([job.id])).get(job.id, {}))

    async def set_milestone(
        self, by: Member, job_id: str, milestone: Milestone, planned_on: date | None, *, done: bool
    ) -> tuple[MilestoneState, ...]:
        """By both companies and the park's staff.  Raises NOT_FOUND, WRONG_STATE out of order or for a job that is not
        under way."""
        job = await self._job(by, job_id)
        if job.state not in (JobState.ACCEPTED, JobState.SCHEDULED, JobState.IN_PROGRESS):
            raise Refusal(Code.WRONG_STATE, f"a job that is {job.state}")
        states = await self.milestones(by, job_id)
        former = next(one for one in states if one.milestone is milestone)
        if done and not former.done_at_ms and not may_be_done(milestone, states):
            raise Refusal(Code.WRONG_STATE, "what comes before it is not done")
        if not done and former.done_at_ms and not may_be_undone(milestone, states):
            raise Refusal(Code.WRONG_STATE, "what comes after it is done")
        done_at_ms = (former.done_at_ms or self._clock_ms()) if done else 0
        await self._officers.set_milestone(
            job_id, MilestoneState(milestone, planned_on, done_at_ms, by.account.name if done else "")
        )
        return await self.milestones(by, job_id)

    async def _job(self, by: Member, job_id: str) -> Job:
        try:
            return await self._jobs.seen(by, job_id)
        except Refusal as refusal:
            raise Refusal(Code.NOT_FOUND, str(refusal)) from refusal

    # ------------------------------------------------------------ for all of them

    async def _company(self, by: Member, organization_id: str) -> Company:
        _staff(by)
        company = await self._officers.company(organization_id)
        if company is None:
            raise Refusal(Code.NOT_FOUND, "no such company")
        return company

    async def _colleague(self, account_id: str) -> Member:
        member = await self._accounts.member(account_id)
        if member is None or not member.in_park:
            raise invalid(account_id=FieldFault.INVALID)
        return member

    async def _change(
        self,
        company: Company,
        officer_id: str,
        offered_to_id: str | None,
        event: OfficerEvent,
        by: Member,
        notices: Sequence[Notice],
    ) -> None:
        changed = await self._officers.change(company, officer_id, offered_to_id, event, by.account.id, notices)
        if not changed:
            raise Refusal(Code.CONFLICT, "changed meanwhile")
        self._nudge()
        log.info("officer_changed", organization=company.id, action=event.action.value, by=by.account.id)

    def _event(self, company: Company, action: OfficerAction, by: Member, to_name: str, note: str) -> OfficerEvent:
        cleaned = clean_name(note, NOTE_MAX_CHARS)
        return OfficerEvent(company.revision + 1, action, by.account.name, to_name, cleaned, self._clock_ms())

    @staticmethod
    def _notice(
        kind: NoticeKind,
        company: Company,
        by: Member,
        people: Sequence[str],
        params: dict[str, str],
        path: str = BOARD_PAGE,
    ) -> Notice:
        """But not to who did it."""
        return Notice(
            kind=kind,
            account_ids=tuple(one for one in dict.fromkeys(people) if one != by.account.id),
            key=f"{kind}:{company.id}:{company.revision + 1}",
            about=Subject("organization", company.id),
            path=path,
            params={"company": company.name, "by": by.account.name, **params},
        )


def _staff(by: Member) -> None:
    if not by.in_park:
        raise Refusal(Code.FORBIDDEN, "for the park's staff")


def _may_end(by: Member, cover: Cover) -> bool:
    return by.administers_park or cover.officer.id == by.account.id
