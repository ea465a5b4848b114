"""The endpoints of service officers and of jobs' milestones, with their bodies and replies."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from collab.accounts.schemas import AfterId, Body, OrganizationId
from collab.assist.models import JobState
from collab.assist.schemas import Limit, NamedView
from collab.edge.endpoint import NO_CONTENT, Access, Call, Endpoint, Nothing, Reply
from rooms.core.codes import Code

from .models import NOTE_MAX_CHARS, Milestone, OfficerAction
from .service import OfficerService
from .standing import Person
from .values import Company, CompanyLine, Cover, JobLine, LastContact, Late, MilestoneState

Note = Annotated[str, Meta(max_length=NOTE_MAX_CHARS)]


class CompaniesQuery(Body, frozen=True, kw_only=True):
    search: Annotated[str, Meta(max_length=80)] = ""
    after: AfterId = ""
    limit: Limit = 50


class NameOfficer(Body, frozen=True, kw_only=True):
    account_id: OrganizationId
    note: Note = ""


class MoveOfficer(Body, frozen=True, kw_only=True):
    """`to` belongs to offered."""

    action: OfficerAction
    to: AfterId = ""
    note: Note = ""


class NewCover(Body, frozen=True, kw_only=True):
    """`account_id`: oneself when it is left out."""

    account_id: AfterId = ""
    cover_id: OrganizationId
    starts_on: date
    ends_on: date


class OfficerBoardQuery(Body, frozen=True, kw_only=True):
    officer_id: AfterId = ""


class SetMilestone(Body, frozen=True, kw_only=True):
    milestone: Milestone
    planned_on: date | None = None
    done: bool = False


class CompanyView(Struct, frozen=True):
    id: str
    name: str
    officer: NamedView | None
    offered_to: NamedView | None
    since_ms: int


class CompanyList(Struct, frozen=True):
    companies: tuple[CompanyView, ...]
    more: bool


class OfficerEventView(Struct, frozen=True):
    action: OfficerAction
    name: str
    to_name: str
    note: str
    at_ms: int


class CompanyCard(Struct, frozen=True):
    company: CompanyView
    events: tuple[OfficerEventView, ...]  # oldest first


class CoverView(Struct, frozen=True):
    id: str
    officer: NamedView
    cover: NamedView
    starts_on: date
    ends_on: date


class CoverList(Struct, frozen=True):
    covers: tuple[CoverView, ...]


class MilestoneView(Struct, frozen=True):
    milestone: Milestone
    planned_on: date | None
    done_at_ms: int  # 0 = not yet
    name: str


class MilestoneList(Struct, frozen=True):
    milestones: tuple[MilestoneView, ...]


class BoardJob(Struct, frozen=True):
    id: str
    title: str
    installer: str
    state: JobState
    starts_at_ms: int
    ends_at_ms: int
    milestones: tuple[MilestoneView, ...]
    late: bool


class BoardCompany(Struct, frozen=True):
    company: CompanyView
    covered_for: str  # the officer's name while one stands in
    open_requests: int
    late_requests: int
    last_contact: LastContact | None
    jobs: tuple[BoardJob, ...]
    late: tuple[Late, ...]


class OfficerBoard(Struct, frozen=True):
    companies: tuple[BoardCompany, ...]  # the most urgent first
    offers: tuple[CompanyView, ...]  # that one was asked to take over
    server_time_ms: int


class OfficerEndpoints:
    def __init__(self, officers: OfficerService) -> None:
        self._officers = officers

    def table(self) -> tuple[Endpoint, ...]:
        changed = (Code.NOT_FOUND, Code.CONFLICT)
        return (
            Endpoint(
                method="GET",
                path="/api/officers/companies",
                access=Access.MEMBER,
                handler=self.list_companies,
                input=CompaniesQuery,
                output=CompanyList,
                about="Companies by name, with who looks after them. For the park's staff.",
            ),
            Endpoint(
                method="GET",
                path="/api/officers/companies/{id}",
                access=Access.MEMBER,
                handler=self.show_company,
                output=CompanyCard,
                refusals=(Code.NOT_FOUND,),
                about="One of them, with how it came to its officer.",
            ),
            Endpoint(
                method="PUT",
                path="/api/officers/companies/{id}",
                access=Access.MEMBER,
                handler=self.name_officer,
                input=NameOfficer,
                output=CompanyCard,
                refusals=changed,
                about="Name its officer. For administrators of the park.",
            ),
            Endpoint(
                method="POST",
                path="/api/officers/companies/{id}/moves",
                access=Access.MEMBER,
                handler=self.move_officer,
                input=MoveOfficer,
                output=CompanyCard,
                refusals=(*changed, Code.WRONG_STATE),
                about="Offer it to a colleague, take that back; accept or decline what was offered.",
            ),
            Endpoint(
                method="GET",
                path="/api/officers/covers",
                access=Access.MEMBER,
                handler=self.list_covers,
                output=CoverList,
                about="Who stands in for whom from today on: oneself, for the park's administrators everybody.",
            ),
            Endpoint(
                method="POST",
                path="/api/officers/covers",
                access=Access.MEMBER,
                handler=self.add_cover,
                input=NewCover,
                output=CoverList,
                status=201,
                refusals=(Code.CONFLICT,),
                about="A colleague stands in for an officer, from the first day to the last.",
            ),
            Endpoint(
                method="DELETE",
                path="/api/officers/covers/{id}",
                access=Access.MEMBER,
                handler=self.remove_cover,
                refusals=(Code.NOT_FOUND,),
                about="Back earlier than planned.",
            ),
            Endpoint(
                method="GET",
                path="/api/officers/board",
                access=Access.MEMBER,
                handler=self.show_officer_board,
                input=OfficerBoardQuery,
                output=OfficerBoard,
                about="An officer's companies: open requests, jobs by milestone, last contact, what is late.",
            ),
            Endpoint(
                method="GET",
                path="/api/officers/jobs/{id}/milestones",
                access=Access.MEMBER,
                handler=self.list_milestones,
                output=MilestoneList,
                refusals=(Code.NOT_FOUND,),
                about="How far an installation job has come.",
            ),
            Endpoint(
                method="PUT",
                path="/api/officers/jobs/{id}/milestones",
                access=Access.MEMBER,
                handler=self.set_milestone,
                input=SetMilestone,
                output=MilestoneList,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE),
                about="Plan one, or say that it is reached; by both companies and the park's staff.",
            ),
        )

    async def list_companies(self, call: Call[CompaniesQuery]) -> Reply:
        query = call.input
        found, more = await self._officers.companies(call.caller.signed_in, query.search, query.after, query.limit)
        return Reply(CompanyList(tuple(map(_company, found)), more))

    async def show_company(self, call: Call[Nothing]) -> Reply:
        company, events = await self._officers.company(call.caller.signed_in, call.path["id"])
        told = tuple(OfficerEventView(one.action, one.name, one.to_name, one.note, one.at_ms) for one in events)
        return Reply(CompanyCard(_company(company), told))

    async def name_officer(self, call: Call[NameOfficer]) -> Reply:
        body = call.input
        await self._officers.name(call.caller.signed_in, call.path["id"], body.account_id, body.note)
        return await self.show_company(call)  # type: ignore[arg-type]  # it reads no input

    async def move_officer(self, call: Call[MoveOfficer]) -> Reply:
        body = call.input
        await self._officers.move(call.caller.signed_in, call.path["id"], body.action, body.to, body.note)
        return await self.show_company(call)  # type: ignore[arg-type]

    async def list_covers(self, call: Call[Nothing]) -> Reply:
        return Reply(CoverList(tuple(map(_cover, await self._officers.covers(call.caller.signed_in)))))

    async def add_cover(self, call: Call[NewCover]) -> Reply:
        body, by = call.input, call.caller.signed_in
        await self._officers.cover(by, body.account_id or by.account.id, body.cover_id, body.starts_on, body.ends_on)
        return await self.list_covers(call)  # type: ignore[arg-type]

    async def remove_cover(self, call: Call[Nothing]) -> Reply:
        await self._officers.uncover(call.caller.signed_in, call.path["id"])
        return NO_CONTENT

    async def show_officer_board(self, call: Call[OfficerBoardQuery]) -> Reply:
        board = await self._officers.board(call.caller.signed_in, call.input.officer_id)
        return Reply(
            OfficerBoard(
                companies=tuple(map(_line, board.lines)),
                offers=tuple(map(_company, board.offers)),
                server_time_ms=board.at_ms,
            )
        )

    async def list_milestones(self, call: Call[Nothing]) -> Reply:
        return _milestones(await self._officers.milestones(call.caller.signed_in, call.path["id"]))

    async def set_milestone(self, call: Call[SetMilestone]) -> Reply:
        body, by = call.input, call.caller.signed_in
        return _milestones(
            await self._officers.set_milestone(by, call.path["id"], body.milestone, body.planned_on, done=body.done)
        )


def _named(person: Person | None) -> NamedView | None:
    return NamedView(person.id, person.name) if person else None


def _company(one: Company) -> CompanyView:
    return CompanyView(one.id, one.name, _named(one.officer), _named(one.offered_to), one.since_ms)


def _cover(one: Cover) -> CoverView:
    officer, cover = NamedView(one.officer.id, one.officer.name), NamedView(one.cover.id, one.cover.name)
    return CoverView(one.id, officer, cover, one.starts_on, one.ends_on)


def _milestone(one: MilestoneState) -> MilestoneView:
    return MilestoneView(one.milestone, one.planned_on, one.done_at_ms, one.name)


def _milestones(states: tuple[MilestoneState, ...]) -> Reply:
    return Reply(MilestoneList(tuple(map(_milestone, states))))


def _job(one: JobLine) -> BoardJob:
    milestones = tuple(map(_milestone, one.milestones))
    return BoardJob(one.id, one.title, one.installer, one.state, one.starts_at_ms, one.ends_at_ms, milestones, one.late)


def _line(one: CompanyLine) -> BoardCompany:
    return BoardCompany(
        company=_company(one.company),
        covered_for=one.covered_for,
        open_requests=one.open_requests,
        late_requests=one.late_requests,
        last_contact=one.last_contact,
        jobs=tuple(map(_job, one.jobs)),
        late=one.late,
    )
