"""The endpoints of requests: filing, seeing, moving."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import UNSET

from collab.accounts.models import Member
from collab.apart import Apart
from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.repository import AuditRepository
from collab.edge.endpoint import NO_CONTENT, Access, Call, Document, Endpoint, Nothing, Reply
from collab.files.models import MediaType
from collab.limits import Limits, rate
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_name

from . import schemas
from .filing import FilingService
from .hours import HoursService
from .people import DeskPeople
from .print_sheet import sheet_of
from .printing import PRINT_MAX_S, RETRY_AFTER_MS, WAITING_MAX, PrintOrder
from .records import RecordRepository
from .repository import Filter, RequestRepository
from .service import RequestService, Seen, Wish
from .states import State
from .values import Request
from .views import card_view, request_view

PRINTS_OF_ACCOUNT = rate("request_prints", burst=20, per_minute=10)


class RequestEndpoints:
    def __init__(
        self,
        service: RequestService,
        filing: FilingService,
        requests: RequestRepository,
        records: RecordRepository,
        people: DeskPeople,
        hours: HoursService,
        limits: Limits,
        clock_ms: Callable[[], int],
        audit: AuditRepository,
    ) -> None:
        self._audit = audit
        self._service = service
        self._filing = filing
        self._requests = requests
        self._records = records
        self._people = people
        self._hours = hours
        self._limits = limits
        self._printer = Apart(
            "collab.requests.printing", waiting_max=WAITING_MAX, max_s=PRINT_MAX_S, retry_after_ms=RETRY_AFTER_MS
        )
        self._clock_ms = clock_ms

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path="/api/requests",
                access=Access.MEMBER,
                handler=self.list_requests,
                input=schemas.RequestsQuery,
                output=schemas.RequestList,
                about="Requests that one filed, owns or works on, or of one's company; newest or most urgent first.",
            ),
            Endpoint(
                method="POST",
                path="/api/requests",
                access=Access.MEMBER,
                handler=self.file_request,
                input=schemas.NewRequest,
                output=schemas.RequestCard,
                status=201,
                refusals=(Code.NOT_FOUND,),
                about="A draft of a request, or with `submit` the request itself.",
            ),
            Endpoint(
                method="GET",
                path="/api/requests/staff",
                access=Access.MEMBER,
                handler=self.list_staff,
                output=schemas.StaffList,
                refusals=(Code.FORBIDDEN,),
                about="The park's officers and administrators, to whom a request can be handed over. For themselves.",
            ),
            Endpoint(
                method="GET",
                path="/api/requests/{id}",
                access=Access.MEMBER,
                handler=self.show_request,
                output=schemas.RequestCard,
                refusals=(Code.NOT_FOUND,),
                about="One request with its answers, events, comments, files and checklist.",
            ),
            Endpoint(
                method="GET",
                path="/api/requests/{id}/print.pdf",
                access=Access.MEMBER,
                handler=self.print_request,
                input=schemas.PrintQuery,
                media_type=MediaType.PDF,
                refusals=(Code.NOT_FOUND,),
                about="One request to be printed, with what is said to both sides.",
            ),
            Endpoint(
                method="PATCH",
                path="/api/requests/{id}",
                access=Access.MEMBER,
                handler=self.change_draft,
                input=schemas.ChangeDraft,
                output=schemas.RequestCard,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE),
                about="Replace title and answers of one's own draft; it moves on to the newest version of its type.",
            ),
            Endpoint(
                method="DELETE",
                path="/api/requests/{id}",
                access=Access.MEMBER,
                handler=self.delete_draft,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE),
                about="Delete one's own draft. What was submitted is withdrawn instead, and stays on record.",
            ),
            Endpoint(
                method="POST",
                path="/api/requests/{id}/moves",
                access=Access.MEMBER,
                handler=self.move_request,
                input=schemas.MoveRequest,
                output=schemas.RequestCard,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE, Code.CONFLICT),
                about="Submit, take, ask, provide, decide, hand over, withdraw, reopen; `actions` says what one can.",
            ),
        )

    async def list_requests(self, call: Call[schemas.RequestsQuery]) -> Reply:
        query, at_ms = call.input, self._clock_ms()
        wanted = Filter(
            scope=query.scope,
            sort=query.sort,
            states=states_of(query.state),
            type_id=query.type_id,
            organization_id=query.organization_id,
            search=clean_name(query.search),
            late_at_ms=at_ms if query.late else 0,
            before=query.before,
        )
        found, more = await self._service.listed(call.caller.signed_in, wanted, query.limit)
        return Reply(schemas.RequestList(tuple(request_view(one, at_ms) for one in found), more, at_ms))

    async def file_request(self, call: Call[schemas.NewRequest]) -> Reply:
        body, member = call.input, call.caller.signed_in
        seen = await self._filing.file(
            member,
            body.type_id,
            title=body.title,
            answers=body.answers,
            organization_id=body.organization_id,
            client_key=body.key,
            submit=body.submit,
        )
        return await self._card(seen, member)

    async def list_staff(self, call: Call[Nothing]) -> Reply:
        reach = await self._service.reach(call.caller.signed_in)
        if not (reach.desk or reach.groups):
            raise Refusal(Code.FORBIDDEN, "not of the desk")
        found = await self._people.officers()
        return Reply(schemas.StaffList(tuple(schemas.NameView(one.id, one.name) for one in found)))

    async def show_request(self, call: Call[Nothing]) -> Reply:
        member = call.caller.signed_in
        seen = await self._service.seen(member, call.path["id"])
        await tell_of_reading(self._audit, seen.request, member, "page")
        return await self._card(seen, member)

    async def print_request(self, call: Call[schemas.PrintQuery]) -> Reply:
        """Without what is internal, whoever asks: paper is handed on."""
        member = call.caller.signed_in
        await self._limits.take(PRINTS_OF_ACCOUNT, member.account.id)
        seen = await self._service.seen(member, call.path["id"])
        await self._service.opened(member.account.id, seen)
        await tell_of_reading(self._audit, seen.request, member, "print")
        request_id = seen.request.id
        sheet = sheet_of(
            seen,
            await self._requests.answers(request_id),
            await self._requests.events(request_id),
            await self._records.comments(request_id, internal=False),
            [one for one in await self._records.files(request_id) if not one.internal],
            await self._records.checks(request_id),
            call.input.language,
            (await self._hours.calendar()).zone,
        )
        made = await self._printer.run(msgspec.msgpack.encode(PrintOrder(sheet, self._clock_ms())))
        return Reply(Document(made, MediaType.PDF))

    async def change_draft(self, call: Call[schemas.ChangeDraft]) -> Reply:
        body, member = call.input, call.caller.signed_in
        seen = await self._filing.change_draft(member, call.path["id"], body.title, body.answers)
        return await self._card(seen, member)

    async def delete_draft(self, call: Call[Nothing]) -> Reply:
        await self._filing.delete_draft(call.caller.signed_in, call.path["id"])
        return NO_CONTENT

    async def move_request(self, call: Call[schemas.MoveRequest]) -> Reply:
        body, member = call.input, call.caller.signed_in
        wish = Wish(
            action=body.action,
            note=body.note,
            to=body.to,
            answers=None if body.answers is UNSET else body.answers,
            title=body.title,
            revision=None if body.revision is UNSET else body.revision,
        )
        return await self._card(await self._service.move(member, call.path["id"], wish), member)

    async def _card(self, seen: Seen, member: Member) -> Reply:
        await self._service.opened(member.account.id, seen)
        request_id = seen.request.id
        return Reply(
            card_view(
                seen,
                await self._requests.answers(request_id),
                await self._requests.events(request_id),
                await self._records.comments(request_id, internal=seen.internal),
                await self._records.files(request_id),
                await self._records.checks(request_id),
                member.account.id,
                self._clock_ms(),
            )
        )


async def tell_of_reading(audit: AuditRepository, request: Request, member: Member, what: str) -> None:
    """What people declare of their health and movements: every look of somebody else is kept."""
    if request.confidential and request.requester_id != member.account.id:
        subject = Subject(SubjectKind.REQUEST, request.id, request.number)
        await audit.note(AuditAction.REQUEST_READ, subject, organization_id=request.organization.id, what=what)


def states_of(text: str) -> tuple[State, ...]:
    """Raises INVALID."""
    try:
        return tuple(dict.fromkeys(State(one) for one in text.split(","))) if text else ()
    except ValueError:
        raise invalid(state=FieldFault.INVALID) from None
