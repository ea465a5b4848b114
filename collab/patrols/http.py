"""The endpoints of spot checks, with their bodies and replies."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated

from msgspec import Meta, Struct

from collab.accounts.models import Member
from collab.accounts.schemas import AfterId, Body
from collab.assist.schemas import Limit
from collab.edge.endpoint import Access, Call, Endpoint, Nothing, Reply, Streamed
from collab.files.store import Files
from collab.problems import Refusal
from rooms.core.codes import Code

from .models import FINDING_MAX_CHARS, ITEM_MAX_CHARS, NOTE_MAX_CHARS, CheckKind, CheckState, FindingState, ItemResult
from .service import ITEMS_MAX, PHOTO_MAX_BYTES, PatrolService, party
from .values import CheckLine, FindingAction, finding_actions

Note = Annotated[str, Meta(max_length=NOTE_MAX_CHARS)]
Position = Annotated[int, Meta(ge=-1, lt=ITEMS_MAX)]


class ChecksQuery(Body, frozen=True, kw_only=True):
    state: CheckState | None = None
    late: bool = False
    before: AfterId = ""
    limit: Limit = 30


class NewCheck(Body, frozen=True, kw_only=True):
    kind: CheckKind
    items: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=ITEM_MAX_CHARS)], ...],
        Meta(min_length=1, max_length=ITEMS_MAX),
    ]
    note: Note = ""


class ItemTick(Body, frozen=True, kw_only=True):
    position: Annotated[int, Meta(ge=0, lt=ITEMS_MAX)]
    result: ItemResult
    note: Note = ""


class TickItems(Body, frozen=True, kw_only=True):
    items: Annotated[tuple[ItemTick, ...], Meta(max_length=ITEMS_MAX)] = ()
    close: bool = False


class PhotoQuery(Body, frozen=True, kw_only=True):
    """`position`: of the line that it shows; -1 = none."""

    position: Position = -1


class NewFinding(Body, frozen=True, kw_only=True):
    text: Annotated[str, Meta(min_length=1, max_length=FINDING_MAX_CHARS)]
    due_on: date


class MoveFinding(Body, frozen=True, kw_only=True):
    action: FindingAction
    note: Note = ""


class CheckLineView(Struct, frozen=True):
    id: str
    job_id: str
    job_title: str
    enterprise: str
    installer: str
    kind: CheckKind
    state: CheckState
    note: str
    inspector_id: str
    inspector_name: str
    created_at_ms: int
    closed_at_ms: int
    items: int
    checked: int
    open_findings: int
    next_due_on: date | None  # of what is open


class CheckList(Struct, frozen=True):
    checks: tuple[CheckLineView, ...]
    more: bool
    today: date


class CheckItemView(Struct, frozen=True):
    position: int
    text: str
    result: ItemResult
    note: str


class CheckPhotoView(Struct, frozen=True):
    key: str
    position: int
    url: str
    name: str
    stored_at_ms: int


class FindingEventView(Struct, frozen=True):
    action: str
    state: FindingState
    name: str
    note: str
    at_ms: int


class FindingView(Struct, frozen=True):
    id: str
    text: str
    due_on: date
    state: FindingState
    actions: tuple[FindingAction, ...]
    events: tuple[FindingEventView, ...]


class CheckCard(Struct, frozen=True):
    check: CheckLineView
    items: tuple[CheckItemView, ...]
    photos: tuple[CheckPhotoView, ...]
    findings: tuple[FindingView, ...]
    may_inspect: bool  # of the park's staff, and open
    may_bring: bool
    today: date


class PatrolEndpoints:
    def __init__(self, patrols: PatrolService, files: Files) -> None:
        self._patrols = patrols
        self._files = files

    def table(self) -> tuple[Endpoint, ...]:
        seen = (Code.NOT_FOUND, Code.WRONG_STATE, Code.RATE_LIMITED)
        return (
            Endpoint(
                method="GET",
                path="/api/patrols/checks",
                access=Access.MEMBER,
                handler=self.list_checks,
                input=ChecksQuery,
                output=CheckList,
                about="Spot checks of all jobs, newest first. For the park's staff.",
            ),
            Endpoint(
                method="GET",
                path="/api/patrols/jobs/{id}/checks",
                access=Access.MEMBER,
                handler=self.list_of_job,
                output=CheckList,
                refusals=(Code.NOT_FOUND,),
                about="Those of one job, for whoever sees it.",
            ),
            Endpoint(
                method="POST",
                path="/api/patrols/jobs/{id}/checks",
                access=Access.MEMBER,
                handler=self.begin_check,
                input=NewCheck,
                output=CheckCard,
                status=201,
                refusals=seen,
                about="Begin one on site, by photos or by a call. For the park's staff.",
            ),
            Endpoint(
                method="GET",
                path="/api/patrols/checks/{id}",
                access=Access.MEMBER,
                handler=self.show_check,
                output=CheckCard,
                refusals=(Code.NOT_FOUND,),
                about="One check with its lines, photos and findings.",
            ),
            Endpoint(
                method="PATCH",
                path="/api/patrols/checks/{id}",
                access=Access.MEMBER,
                handler=self.tick_items,
                input=TickItems,
                output=CheckCard,
                refusals=seen,
                about="What was seen, line by line; close it when nothing is left. For the park's staff.",
            ),
            Endpoint(
                method="PUT",
                path="/api/patrols/checks/{id}/photos/{key}",
                access=Access.MEMBER,
                handler=self.bring_photo,
                input=PhotoQuery,
                upload_max_bytes=PHOTO_MAX_BYTES,
                output=CheckCard,
                refusals=(*seen, Code.CONFLICT, Code.TOO_MANY),
                about="A JPEG or PNG, by both companies and the park's staff.",
            ),
            Endpoint(
                method="GET",
                path="/api/patrols/checks/{id}/photos/{key}",
                access=Access.MEMBER,
                handler=self.show_photo,
                media_type="application/octet-stream",
                refusals=(Code.NOT_FOUND,),
                about="The photo.",
            ),
            Endpoint(
                method="POST",
                path="/api/patrols/checks/{id}/findings",
                access=Access.MEMBER,
                handler=self.add_finding,
                input=NewFinding,
                output=CheckCard,
                refusals=(*seen, Code.TOO_MANY),
                about="Something to be remedied by a day. For the park's staff.",
            ),
            Endpoint(
                method="POST",
                path="/api/patrols/checks/{id}/findings/{finding_id}/moves",
                access=Access.MEMBER,
                handler=self.move_finding,
                input=MoveFinding,
                output=CheckCard,
                refusals=(*seen, Code.CONFLICT),
                about="Remedied, by the companies; closed or opened again, by the park's staff.",
            ),
        )

    async def list_checks(self, call: Call[ChecksQuery]) -> Reply:
        query = call.input
        found, more = await self._patrols.listed(
            call.caller.signed_in, query.state, late=query.late, before=query.before, limit=query.limit
        )
        return Reply(CheckList(tuple(map(_line, found)), more, self._patrols.today))

    async def list_of_job(self, call: Call[Nothing]) -> Reply:
        found = await self._patrols.of_job(call.caller.signed_in, call.path["id"])
        return Reply(CheckList(tuple(map(_line, found)), False, self._patrols.today))

    async def begin_check(self, call: Call[NewCheck]) -> Reply:
        body, by = call.input, call.caller.signed_in
        return await self._card(by, await self._patrols.begin(by, call.path["id"], body.kind, body.items, body.note))

    async def show_check(self, call: Call[Nothing]) -> Reply:
        return await self._card(call.caller.signed_in, call.path["id"])

    async def tick_items(self, call: Call[TickItems]) -> Reply:
        by, check_id = call.caller.signed_in, call.path["id"]
        ticks = [(one.position, one.result, one.note) for one in call.input.items]
        await self._patrols.tick(by, check_id, ticks)
        if call.input.close:
            await self._patrols.close(by, check_id)
        return await self._card(by, check_id)

    async def bring_photo(self, call: Call[PhotoQuery]) -> Reply:
        by, check_id, key = call.caller.signed_in, call.path["id"], call.path["key"]
        position = call.input.position
        await self._patrols.bringing(by, check_id, key, position)
        async with call.upload() as upload:
            await self._patrols.keep_photo(by, check_id, key, position, upload)
        return await self._card(by, check_id)

    async def show_photo(self, call: Call[Nothing]) -> Reply:
        sha256 = await self._patrols.photo(call.caller.signed_in, call.path["id"], call.path["key"])
        file = await self._files.get(sha256)
        if file is None:
            raise Refusal(Code.NOT_FOUND, "no file")
        return Reply(Streamed(partial(self._files.stream, file.sha256), file.media_type, file.size_bytes, file.sha256))

    async def add_finding(self, call: Call[NewFinding]) -> Reply:
        by, check_id = call.caller.signed_in, call.path["id"]
        await self._patrols.find(by, check_id, call.input.text, call.input.due_on)
        return await self._card(by, check_id)

    async def move_finding(self, call: Call[MoveFinding]) -> Reply:
        by, check_id, body = call.caller.signed_in, call.path["id"], call.input
        await self._patrols.move_finding(by, check_id, call.path["finding_id"], body.action, body.note)
        return await self._card(by, check_id)

    async def _card(self, by: Member, check_id: str) -> Reply:
        check, job = await self._patrols.seen(by, check_id)
        is_open = check.line.state is CheckState.OPEN
        is_party = party(by, job)
        findings = tuple(
            FindingView(
                id=one.id,
                text=one.text,
                due_on=one.due_on,
                state=one.state,
                actions=finding_actions(one.state, staff=by.in_park, party=is_party, check_open=is_open),
                events=tuple(
                    FindingEventView(event.action, event.state, event.name, event.note, event.at_ms)
                    for event in one.events
                ),
            )
            for one in check.findings
        )
        photos = tuple(
            CheckPhotoView(
                one.key,
                one.position,
                f"/api/patrols/checks/{check_id}/photos/{one.key}",
                one.name,
                one.stored_at_ms,
            )
            for one in check.photos
        )
        return Reply(
            CheckCard(
                check=_line(check.line),
                items=tuple(CheckItemView(one.position, one.text, one.result, one.note) for one in check.items),
                photos=photos,
                findings=findings,
                may_inspect=is_open and by.in_park,
                may_bring=is_open and (by.in_park or is_party),
                today=self._patrols.today,
            )
        )


def _line(one: CheckLine) -> CheckLineView:
    return CheckLineView(
        id=one.id,
        job_id=one.job_id,
        job_title=one.job_title,
        enterprise=one.enterprise,
        installer=one.installer,
        kind=one.kind,
        state=one.state,
        note=one.note,
        inspector_id=one.inspector_id or "",
        inspector_name=one.inspector_name,
        created_at_ms=one.created_at_ms,
        closed_at_ms=one.closed_at_ms,
        items=one.items,
        checked=one.checked,
        open_findings=one.open_findings,
        next_due_on=one.next_due_on,
    )
