"""The endpoints of calls."""

from __future__ import annotations

from datetime import datetime

from collab.accounts.models import Member
from collab.edge.endpoint import Access, Call, Endpoint, Nothing, Reply, Written
from collab.notices.models import Subject
from collab.problems import FieldFault, invalid
from collab.schedule.expand import find_zone
from rooms.core.codes import Code

from . import schemas
from .chat import CallChats
from .models import Call as RungCall
from .models import CallState
from .service import CallService, may_open

CALLS = "/api/calls"


class CallEndpoints:
    def __init__(self, calls: CallService, chats: CallChats) -> None:
        self._calls = calls
        self._chats = chats

    def table(self) -> tuple[Endpoint, ...]:
        of_two = (Code.NOT_FOUND, Code.FORBIDDEN, Code.WRONG_STATE)
        return (
            Endpoint(
                method="POST",
                path=CALLS,
                access=Access.MEMBER,
                handler=self.ring,
                input=schemas.NewCall,
                output=schemas.CallView,
                status=201,
                refusals=(Code.NOT_FOUND, Code.CONFLICT, Code.RATE_LIMITED),
                about="Call somebody now about a thing that one sees.",
            ),
            Endpoint(
                method="GET",
                path=CALLS,
                access=Access.MEMBER,
                handler=self.list_calls,
                input=schemas.CallsQuery,
                output=schemas.CallList,
                refusals=(Code.NOT_FOUND,),
                about="The calls about a thing, the newest first, with who took part and when.",
            ),
            Endpoint(
                method="GET",
                path=f"{CALLS}/people",
                access=Access.MEMBER,
                handler=self.find_callable_people,
                input=schemas.PeopleQuery,
                output=schemas.ContactList,
                refusals=(Code.NOT_FOUND, Code.RATE_LIMITED),
                about="Whom one may call about a thing; without one: colleagues and the park's staff.",
            ),
            Endpoint(
                method="GET",
                path=f"{CALLS}/ringing",
                access=Access.MEMBER,
                handler=self.list_ringing,
                output=schemas.CallList,
                about="What rings now, at this person or begun by this person.",
            ),
            Endpoint(
                method="GET",
                path=f"{CALLS}/{{id}}",
                access=Access.MEMBER,
                handler=self.show_call,
                output=schemas.CallView,
                refusals=(Code.NOT_FOUND,),
                about="A call of one's own.",
            ),
            Endpoint(
                method="POST",
                path=f"{CALLS}/{{id}}/answer",
                access=Access.MEMBER,
                handler=self.answer_call,
                input=schemas.AnswerCall,
                output=schemas.CallView,
                refusals=(*of_two, Code.RATE_LIMITED),
                about="Accept, which opens a room, or decline.",
            ),
            Endpoint(
                method="POST",
                path=f"{CALLS}/{{id}}/cancel",
                access=Access.MEMBER,
                handler=self.cancel_call,
                output=schemas.CallView,
                refusals=of_two,
                about="Hang up before it is answered.",
            ),
            Endpoint(
                method="POST",
                path=f"{CALLS}/{{id}}/files/{{key}}",
                access=Access.MEMBER,
                handler=self.link_call_file,
                output=schemas.FileLinkView,
                refusals=(Code.NOT_FOUND, Code.RATE_LIMITED),
                about="Where to get a file that was shared in the call, for who took part.",
            ),
            Endpoint(
                method="GET",
                path=f"{CALLS}/{{id}}/chat",
                access=Access.MEMBER,
                handler=self.save_call_chat,
                input=schemas.ChatQuery,
                media_type="text/plain",
                refusals=(Code.NOT_FOUND, Code.RATE_LIMITED),
                about="What was written in the call's room, to be saved as text or CSV, for who took part.",
            ),
            Endpoint(
                method="PUT",
                path=f"{CALLS}/{{id}}/note",
                access=Access.MEMBER,
                handler=self.write_call_note,
                input=schemas.WriteNote,
                output=schemas.CallView,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE, Code.CONFLICT, Code.RATE_LIMITED),
                about="What came of it, by who took part; it stands on the record of what the call was about.",
            ),
        )

    async def ring(self, call: Call[schemas.NewCall]) -> Reply:
        about = call.input.about
        by = call.caller.signed_in
        return Reply(call_view(await self._calls.ring(by, Subject(about.kind, about.id), call.input.to), by))

    async def list_calls(self, call: Call[schemas.CallsQuery]) -> Reply:
        query = call.input
        subject = Subject(query.kind, query.id)
        by = call.caller.signed_in
        found, more = await self._calls.about(by, subject, query.before, query.limit)
        return Reply(schemas.CallList(tuple(call_view(one, by) for one in found), more))

    async def find_callable_people(self, call: Call[schemas.PeopleQuery]) -> Reply:
        query = call.input
        subject = Subject(query.kind, query.id) if query.kind else None
        found = await self._calls.people(call.caller.signed_in, query.q, subject)
        people = (schemas.ContactView(one.id, one.name, one.organization, one.kind) for one in found)
        return Reply(schemas.ContactList(tuple(people)))

    async def list_ringing(self, call: Call[Nothing]) -> Reply:
        by = call.caller.signed_in
        return Reply(schemas.CallList(tuple(call_view(one, by) for one in await self._calls.ringing(by)), False))

    async def show_call(self, call: Call[Nothing]) -> Reply:
        by = call.caller.signed_in
        return Reply(call_view(await self._calls.seen(by, call.path["id"]), by))

    async def answer_call(self, call: Call[schemas.AnswerCall]) -> Reply:
        member, call_id = call.caller.signed_in, call.path["id"]
        return Reply(call_view(await self._calls.answer(member, call_id, accept=call.input.accept), member))

    async def link_call_file(self, call: Call[Nothing]) -> Reply:
        path = await self._calls.file_path(call.caller.signed_in, call.path["id"], call.path["key"])
        return Reply(schemas.FileLinkView(path))

    async def save_call_chat(self, call: Call[schemas.ChatQuery]) -> Reply:
        asked = call.input
        zone = find_zone(asked.zone)
        if zone is None:
            raise invalid(zone=FieldFault.INVALID)
        found = await self._calls.chat_of(call.caller.signed_in, call.path["id"])
        day = datetime.fromtimestamp(found.created_at_ms / 1_000, zone).date().isoformat()
        return Reply(
            Written(
                lambda: self._chats.written(found.meeting_id, asked.form, asked.language, zone),
                asked.form.media_type,
                f"chat-{day}.{asked.form.ending}",
            )
        )

    async def write_call_note(self, call: Call[schemas.WriteNote]) -> Reply:
        by, asked = call.caller.signed_in, call.input
        return Reply(call_view(await self._calls.write_note(by, call.path["id"], asked.revision, asked.text), by))

    async def cancel_call(self, call: Call[Nothing]) -> Reply:
        by = call.caller.signed_in
        return Reply(call_view(await self._calls.cancel(by, call.path["id"]), by))


def call_view(call: RungCall, by: Member) -> schemas.CallView:
    took_part, opens = call.took_part(by.account.id), may_open(by, call)
    return schemas.CallView(
        call.id,
        call.subject.kind,
        call.subject.id,
        call.about,
        call.path,
        schemas.PartyView(call.caller.id, call.caller.name),
        schemas.PartyView(call.callee.id, call.callee.name),
        call.state,
        call.code,
        call.created_at_ms,
        call.expires_at_ms,
        call.ended_at_ms,
        tuple(schemas.AttendeeView(one.name, one.joined_at_ms, one.left_at_ms) for one in call.attendees),
        tuple(schemas.CallRecordingView(one.id, one.state, one.film_ms, opens) for one in call.recordings),
        tuple(
            schemas.CallFileView(one.key, one.name, one.size_bytes, one.media_type, one.by, one.stored_at_ms, opens)
            for one in call.files
        ),
        call.messages if opens else 0,
        schemas.CallNoteView(call.note.text, call.note.revision, call.note.by, call.note.at_ms),
        took_part and call.state is CallState.ACCEPTED,
    )
