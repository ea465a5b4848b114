"""The meeting and room endpoints: decoded bodies in, views out."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable

import segno
from msgspec import UNSET, UnsetType

from collab.clock import new_secret
from collab.edge.endpoint import (
    NO_CONTENT,
    Access,
    Call,
    Caller,
    Cookie,
    CookieName,
    Document,
    Endpoint,
    Nothing,
    Reply,
)
from collab.limits import rate
from rooms.core.codes import Code
from rooms.core.model import Phase, Role
from rooms.ports import Refused
from signaling.ports import IdentityKind

from . import schemas
from .doorkeeper import MeetingDoorkeeper, room_record
from .live import NAMES_SHOWN_MAX, LivePeople
from .models import Meeting
from .service import MeetingService

GUEST_COOKIE_S = 30 * 86_400
DEFAULT_TOKEN_NAME = "OBS"  # noqa: S105 -- a display name
ROOM_VISITS = rate("room_visits", burst=300, per_minute=300)


class MeetingEndpoints:
    def __init__(
        self,
        meetings: MeetingService,
        doorkeeper: MeetingDoorkeeper,
        keeps_attendance: Callable[[str, str | None], Awaitable[bool]] | None = None,
        symposium_in: Callable[[str], Awaitable[str]] | None = None,
    ) -> None:
        """`symposium_in`: the symposium that is live in a meeting, "" = none."""
        self._symposium_in = symposium_in
        self._keeps_attendance = keeps_attendance
        self._meetings = meetings
        self._doorkeeper = doorkeeper

    def table(self) -> tuple[Endpoint, ...]:
        managed = (Code.FORBIDDEN, Code.NOT_FOUND)
        return (
            Endpoint(
                method="GET",
                path="/api/meetings",
                access=Access.MEMBER,
                handler=self.hosted,
                input=schemas.MeetingsQuery,
                output=schemas.MeetingList,
                about="One's own meetings, newest first. `before` is the last id of the page before.",
            ),
            Endpoint(
                method="POST",
                path="/api/meetings",
                access=Access.MEMBER,
                handler=self.create,
                input=schemas.NewMeeting,
                output=schemas.MeetingView,
                status=201,
                refusals=(Code.RATE_LIMITED,),
                about="Make a meeting; one is its host. `encrypted` (end to end) cannot be changed later.",
            ),
            Endpoint(
                method="GET",
                path="/api/meetings/{id}",
                access=Access.MEMBER,
                handler=self.get,
                output=schemas.MeetingView,
                refusals=managed,
                about="One meeting, for its host or an administrator.",
            ),
            Endpoint(
                method="PATCH",
                path="/api/meetings/{id}",
                access=Access.MEMBER,
                handler=self.change,
                input=schemas.ChangeMeeting,
                output=schemas.MeetingView,
                refusals=managed,
                about="Change title, lobby or guests. The lobby of a live room is switched at once.",
            ),
            Endpoint(
                method="DELETE",
                path="/api/meetings/{id}",
                access=Access.MEMBER,
                handler=self.trash,
                refusals=(*managed, Code.WRONG_STATE),
                about="Move to the trash; not while people are inside.",
            ),
            Endpoint(
                method="POST",
                path="/api/meetings/{id}/restore",
                access=Access.MEMBER,
                handler=self.restore,
                output=schemas.MeetingView,
                refusals=managed,
                about="Take out of the trash.",
            ),
            Endpoint(
                method="GET",
                path="/api/rooms/{code}",
                access=Access.ANYONE,
                handler=self.card,
                output=schemas.RoomCard,
                refusals=(Code.ROOM_NOT_FOUND, Code.RATE_LIMITED),
                rate=ROOM_VISITS,
                about="What the page before a meeting shows to whoever has the link.",
            ),
            Endpoint(
                method="POST",
                path="/api/rooms/{code}/guests",
                access=Access.ANYONE,
                handler=self.enter_as_guest,
                input=schemas.EnterAsGuest,
                output=schemas.GuestEntry,
                refusals=(Code.ROOM_NOT_FOUND, Code.ROOM_ENDED, Code.SIGN_IN_REQUIRED, Code.RATE_LIMITED),
                about="Come as a guest: a token for the WebSocket. The same browser stays the same guest.",
            ),
            Endpoint(
                method="POST",
                path="/api/rooms/{code}/tokens",
                access=Access.MEMBER,
                handler=self.make_token,
                input=schemas.NewToken,
                output=schemas.TokenView,
                status=201,
                refusals=(Code.FORBIDDEN, Code.ROOM_NOT_FOUND, Code.ROOM_ENDED, Code.ENCRYPTED, Code.RATE_LIMITED),
                about="A bearer token for WHIP, WHEP and other programs, for the meeting's host or an administrator.",
            ),
            Endpoint(
                method="GET",
                path="/api/rooms/{code}/qr.svg",
                access=Access.ANYONE,
                handler=self.qr_code,
                media_type="image/svg+xml",
                refusals=(Code.ROOM_NOT_FOUND, Code.RATE_LIMITED),
                rate=ROOM_VISITS,
                about="The link of the room as a QR code.",
            ),
        )

    # ------------------------------------------------------------ meetings

    async def hosted(self, call: Call[schemas.MeetingsQuery]) -> Reply:
        query = call.input
        found, more = await self._meetings.hosted(call.caller.signed_in, query.state, query.before, query.limit)
        people = await self._meetings.people(found)
        views = tuple(_view(meeting, people.get(meeting.id) or empty(meeting), call.caller) for meeting in found)
        return Reply(schemas.MeetingList(meetings=views, more=more))

    async def create(self, call: Call[schemas.NewMeeting]) -> Reply:
        body = call.input
        meeting = await self._meetings.create(
            call.caller.signed_in, body.title, body.lobby_enabled, body.guests_allowed, encrypted=body.encrypted
        )
        return Reply(_view(meeting, empty(meeting), call.caller))

    async def get(self, call: Call[Nothing]) -> Reply:
        return await self._one(call.caller, await self._meetings.managed(call.caller.signed_in, call.path["id"]))

    async def change(self, call: Call[schemas.ChangeMeeting]) -> Reply:
        body = call.input
        meeting = await self._meetings.change(
            call.caller.signed_in,
            call.path["id"],
            title=None if body.title is UNSET else body.title,
            lobby_enabled=_given(body.lobby_enabled),
            guests_allowed=_given(body.guests_allowed),
        )
        return await self._one(call.caller, meeting)

    async def trash(self, call: Call[Nothing]) -> Reply:
        await self._meetings.trash(call.caller.signed_in, call.path["id"])
        return NO_CONTENT

    async def restore(self, call: Call[Nothing]) -> Reply:
        return await self._one(call.caller, await self._meetings.restore(call.caller.signed_in, call.path["id"]))

    # ------------------------------------------------------------ rooms

    async def card(self, call: Call[Nothing]) -> Reply:
        caller = call.caller
        meeting = await self._meetings.by_code(call.path["code"])
        people = (await self._meetings.people([meeting])).get(meeting.id) or empty(meeting)
        role, name = await self._you(caller, meeting)
        shows_names = caller.member is not None or (not people.lobby_enabled and meeting.guests_allowed)
        return Reply(
            schemas.RoomCard(
                code=meeting.code,
                title=meeting.title,
                phase=meeting.phase,
                lobby_enabled=people.lobby_enabled,
                guests_allowed=meeting.guests_allowed,
                encrypted=meeting.encrypted,
                assist=meeting.assist,
                locked=people.locked,
                people=people.names[:NAMES_SHOWN_MAX] if shows_names else (),
                people_count=people.count,
                you=schemas.You(role=role, name=name, signed_in=caller.member is not None),
                attendance=self._keeps_attendance is not None
                and await self._keeps_attendance(meeting.code, meeting.organization_id),
                symposium_id=await self._symposium_in(meeting.id)
                if self._symposium_in is not None and caller.member is not None
                else "",
            )
        )

    async def enter_as_guest(self, call: Call[schemas.EnterAsGuest]) -> Reply:
        caller = call.caller
        guest_key = caller.guest_key or new_secret()
        token, identity = await self._meetings.enter_as_guest(
            call.path["code"], call.input.name, guest_key, caller.address
        )
        return Reply(
            schemas.GuestEntry(token=token, identity=identity),
            cookies=(Cookie(CookieName.GUEST, guest_key, GUEST_COOKIE_S),),
        )

    async def make_token(self, call: Call[schemas.NewToken]) -> Reply:
        body = call.input
        token, expires_at_ms = await self._meetings.make_token(
            call.caller.signed_in,
            call.path["code"],
            publish=body.publish,
            subscribe=body.subscribe,
            expires_in_s=body.expires_in_s,
            name=DEFAULT_TOKEN_NAME if body.name is UNSET else body.name,
        )
        return Reply(schemas.TokenView(token=token, expires_at_ms=expires_at_ms))

    async def qr_code(self, call: Call[Nothing]) -> Reply:
        meeting = await self._meetings.by_code(call.path["code"])
        drawing = io.BytesIO()
        segno.make(link_of(meeting, call.caller.base_url), error="m").save(
            drawing, kind="svg", border=2, scale=8, xmldecl=False, svgclass=None, lineclass=None, omitsize=True
        )
        return Reply(Document(drawing.getvalue(), "image/svg+xml"))

    # ------------------------------------------------------------

    async def _one(self, caller: Caller, meeting: Meeting) -> Reply:
        people = (await self._meetings.people([meeting])).get(meeting.id) or empty(meeting)
        return Reply(_view(meeting, people, caller))

    async def _you(self, caller: Caller, meeting: Meeting) -> tuple[Role | None, str]:
        """The role in which the caller would enter now."""
        if caller.member is None and caller.bearer is None:
            return (Role.GUEST if meeting.guests_allowed else None), ""
        identity = caller.bearer or self._doorkeeper.member_identity(caller.signed_in, caller.address)
        grant = await self._doorkeeper.grant(identity, room_record(meeting))
        name = "" if identity.kind is IdentityKind.PROGRAM else identity.name
        return (None if isinstance(grant, Refused) else grant.role), name


def _view(meeting: Meeting, people: LivePeople, caller: Caller) -> schemas.MeetingView:
    return schemas.MeetingView(
        id=meeting.id,
        code=meeting.code,
        title=meeting.title,
        host=schemas.HostView(meeting.host.id, meeting.host.name) if meeting.host else None,
        lobby_enabled=people.lobby_enabled,
        guests_allowed=meeting.guests_allowed,
        encrypted=meeting.encrypted,
        assist=meeting.assist,
        phase=meeting.phase,
        created_at_ms=meeting.created_at_ms,
        started_at_ms=meeting.started_at_ms,
        ended_at_ms=meeting.ended_at_ms,
        trashed_at_ms=meeting.trashed_at_ms,
        people_count=people.count if meeting.phase is Phase.OPEN else 0,
        link=link_of(meeting, caller.base_url),
    )


def empty(meeting: Meeting) -> LivePeople:
    return LivePeople(count=0, lobby_enabled=meeting.lobby_enabled)


def link_of(meeting: Meeting, base_url: str) -> str:
    return f"{base_url}/m/{meeting.code}"


def _given(value: bool | UnsetType) -> bool | None:
    return None if value is UNSET else value
