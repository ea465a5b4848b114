"""The endpoints of machines, sessions and links."""

from __future__ import annotations

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
from collab.meetings.http import GUEST_COOKIE_S
from collab.meetings.live import NAMES_SHOWN_MAX, LivePeople
from rooms.core.codes import Code

from . import schemas
from .invitations import qr_svg, sms_en, sms_zh
from .links import LinkService
from .machines import MachineService
from .parties import may_change_machine, reach_of
from .sessions import Party, SessionService
from .values import Link, Machine, Session

SVG = "image/svg+xml"


class AssistEndpoints:
    def __init__(self, machines: MachineService, sessions: SessionService, links: LinkService) -> None:
        self._machines = machines
        self._sessions = sessions
        self._links = links

    def table(self) -> tuple[Endpoint, ...]:
        return (*self._machine_rows(), *self._session_rows(), *self._link_rows())

    def _machine_rows(self) -> tuple[Endpoint, ...]:
        seen = (Code.FORBIDDEN, Code.NOT_FOUND)
        return (
            Endpoint(
                method="GET",
                path="/api/assist/machines",
                access=Access.MEMBER,
                handler=self.list_machines,
                input=schemas.MachinesQuery,
                output=schemas.MachineList,
                about="Machines of one's company, and those on which it has a job in hand; newest first.",
            ),
            Endpoint(
                method="POST",
                path="/api/assist/machines",
                access=Access.MEMBER,
                handler=self.register_machine,
                input=schemas.NewMachine,
                output=schemas.MachineView,
                status=201,
                refusals=(Code.RATE_LIMITED,),
                about="Register a machine of one's own company; the park's administrators for any.",
            ),
            Endpoint(
                method="GET",
                path="/api/assist/machines/{id}",
                access=Access.MEMBER,
                handler=self.show_machine,
                output=schemas.MachineView,
                refusals=seen,
                about="One machine.",
            ),
            Endpoint(
                method="PATCH",
                path="/api/assist/machines/{id}",
                access=Access.MEMBER,
                handler=self.change_machine,
                input=schemas.ChangeMachine,
                output=schemas.MachineView,
                refusals=seen,
                about="Change what a machine is called or where it stands, for members of its company.",
            ),
            Endpoint(
                method="GET",
                path="/api/assist/machines/{id}/label.svg",
                access=Access.MEMBER,
                handler=self.machine_label,
                media_type=SVG,
                refusals=seen,
                about="The QR code for the machine: it opens the machine's page.",
            ),
            Endpoint(
                method="GET",
                path="/api/assist/labels/{label}",
                access=Access.MEMBER,
                handler=self.read_label,
                output=schemas.MachineView,
                refusals=seen,
                about="The machine that wears this label.",
            ),
        )

    def _session_rows(self) -> tuple[Endpoint, ...]:
        entered = (Code.FORBIDDEN, Code.NOT_FOUND, Code.UNAUTHENTICATED)
        return (
            Endpoint(
                method="GET",
                path="/api/assist/sessions",
                access=Access.MEMBER,
                handler=self.list_sessions,
                input=schemas.SessionsQuery,
                output=schemas.SessionList,
                about="Sessions in which one has a part, newest first.",
            ),
            Endpoint(
                method="POST",
                path="/api/assist/sessions",
                access=Access.MEMBER,
                handler=self.start_session,
                input=schemas.NewSession,
                output=schemas.SessionView,
                status=201,
                refusals=(Code.FORBIDDEN, Code.NOT_FOUND, Code.WRONG_STATE, Code.RATE_LIMITED),
                about="Start a session: its room is open at once.",
            ),
            Endpoint(
                method="GET",
                path="/api/assist/sessions/{id}",
                access=Access.ANYONE,
                handler=self.show_session,
                output=schemas.SessionView,
                refusals=entered,
                about="One session, for those with a part in it: by account, or by the token of an opened link.",
            ),
            Endpoint(
                method="GET",
                path="/api/assist/rooms/{code}",
                access=Access.ANYONE,
                handler=self.session_of_room,
                output=schemas.SessionView,
                refusals=(Code.FORBIDDEN, Code.ROOM_NOT_FOUND, Code.UNAUTHENTICATED),
                about="The session of a room, for those with a part in it.",
            ),
            Endpoint(
                method="POST",
                path="/api/assist/sessions/{id}/end",
                access=Access.MEMBER,
                handler=self.end_session,
                output=schemas.SessionView,
                refusals=(Code.FORBIDDEN, Code.NOT_FOUND),
                about="End it for everybody.",
            ),
        )

    def _link_rows(self) -> tuple[Endpoint, ...]:
        managed = (Code.FORBIDDEN, Code.NOT_FOUND)
        return (
            Endpoint(
                method="GET",
                path="/api/assist/sessions/{id}/links",
                access=Access.MEMBER,
                handler=self.list_links,
                output=schemas.LinkList,
                refusals=managed,
                about="The latest links into a session, without their secrets.",
            ),
            Endpoint(
                method="POST",
                path="/api/assist/sessions/{id}/links",
                access=Access.MEMBER,
                handler=self.make_link,
                input=schemas.NewLink,
                output=schemas.NewLinkView,
                status=201,
                refusals=(*managed, Code.ROOM_ENDED, Code.RATE_LIMITED),
                about="A way in without an account, as address, QR code and text message.",
            ),
            Endpoint(
                method="DELETE",
                path="/api/assist/sessions/{id}/links/{link_id}",
                access=Access.MEMBER,
                handler=self.revoke_link,
                refusals=managed,
                about="Let a link run out now.",
            ),
            Endpoint(
                method="GET",
                path="/api/assist/links",
                access=Access.ANYONE,
                handler=self.look_at_link,
                input=schemas.LinkQuery,
                output=schemas.LinkCard,
                refusals=(Code.NOT_FOUND, Code.LINK_EXPIRED, Code.LINK_USED, Code.RATE_LIMITED),
                about="What a link leads to.  It is not used up by looking.",
            ),
            Endpoint(
                method="POST",
                path="/api/assist/links/open",
                access=Access.ANYONE,
                handler=self.open_link,
                input=schemas.OpenLink,
                output=schemas.OpenedLink,
                refusals=(Code.NOT_FOUND, Code.LINK_EXPIRED, Code.LINK_USED, Code.ROOM_ENDED, Code.RATE_LIMITED),
                about="Open a link.  A one-time link is this browser's from now on.",
            ),
        )

    # ------------------------------------------------------------ machines

    async def list_machines(self, call: Call[schemas.MachinesQuery]) -> Reply:
        query = call.input
        found, more = await self._machines.listed(call.caller.signed_in, query.search, query.before, query.limit)
        return Reply(schemas.MachineList(tuple(machine_view(one, call.caller) for one in found), more))

    async def register_machine(self, call: Call[schemas.NewMachine]) -> Reply:
        body = call.input
        machine = await self._machines.register(
            call.caller.signed_in,
            body.organization_id or "",
            make=body.make,
            model=body.model,
            serial=body.serial,
            site=body.site,
        )
        return Reply(machine_view(machine, call.caller))

    async def show_machine(self, call: Call[Nothing]) -> Reply:
        return Reply(machine_view(await self._machines.seen(call.caller.signed_in, call.path["id"]), call.caller))

    async def change_machine(self, call: Call[schemas.ChangeMachine]) -> Reply:
        body = call.input
        given: dict[str, str | UnsetType] = {
            "make": body.make,
            "model": body.model,
            "serial": body.serial,
            "site": body.site,
        }
        words = {name: word for name, word in given.items() if word is not UNSET}
        machine = await self._machines.change(call.caller.signed_in, call.path["id"], words)
        return Reply(machine_view(machine, call.caller))

    async def machine_label(self, call: Call[Nothing]) -> Reply:
        machine = await self._machines.seen(call.caller.signed_in, call.path["id"])
        return Reply(Document(qr_svg(label_link(machine, call.caller)), SVG))

    async def read_label(self, call: Call[Nothing]) -> Reply:
        return Reply(
            machine_view(await self._machines.by_label(call.caller.signed_in, call.path["label"]), call.caller)
        )

    # ------------------------------------------------------------ sessions

    async def list_sessions(self, call: Call[schemas.SessionsQuery]) -> Reply:
        query, member = call.input, call.caller.signed_in
        found, more = await self._sessions.listed(
            member, query.before, query.limit, job_id=query.job_id, machine_id=query.machine_id, phase=query.phase
        )
        people = await self._sessions.people(found)
        views = tuple(
            session_view(one, self._sessions.party(member, one), people.get(one.meeting_id), call.caller)
            for one in found
        )
        return Reply(schemas.SessionList(views, more))

    async def start_session(self, call: Call[schemas.NewSession]) -> Reply:
        body, member = call.input, call.caller.signed_in
        session = await self._sessions.start(member, body.title, body.job_id, body.machine_id, body.role)
        return Reply(session_view(session, self._sessions.party(member, session), None, call.caller))

    async def show_session(self, call: Call[Nothing]) -> Reply:
        return await self._entered(call.caller, session_id=call.path["id"])

    async def session_of_room(self, call: Call[Nothing]) -> Reply:
        return await self._entered(call.caller, code=call.path["code"])

    async def end_session(self, call: Call[Nothing]) -> Reply:
        member = call.caller.signed_in
        session = await self._sessions.end(member, call.path["id"])
        return Reply(session_view(session, self._sessions.party(member, session), None, call.caller))

    async def _entered(self, caller: Caller, *, session_id: str = "", code: str = "") -> Reply:
        session, party = await self._sessions.entered(caller.member, caller.bearer, session_id=session_id, code=code)
        people = await self._sessions.people([session])
        return Reply(session_view(session, party, people.get(session.meeting_id), caller))

    # ------------------------------------------------------------ links

    async def list_links(self, call: Call[Nothing]) -> Reply:
        found = await self._links.listed(call.caller.signed_in, call.path["id"])
        return Reply(schemas.LinkList(tuple(_link_view(link) for link in found)))

    async def make_link(self, call: Call[schemas.NewLink]) -> Reply:
        body, by = call.input, call.caller.signed_in
        link, token, _session = await self._links.make(
            by, call.path["id"], body.role, body.name, body.hours, one_time=body.one_time
        )
        url = f"{call.caller.base_url}/a/{token}"
        words = (by.account.name, link.role, url, body.hours, link.one_time)
        sms = schemas.Sms(zh=sms_zh(*words), en=sms_en(*words))
        return Reply(schemas.NewLinkView(_link_view(link), url, qr_svg(url).decode(), sms))

    async def revoke_link(self, call: Call[Nothing]) -> Reply:
        await self._links.revoke(call.caller.signed_in, call.path["id"], call.path["link_id"])
        return NO_CONTENT

    async def look_at_link(self, call: Call[schemas.LinkQuery]) -> Reply:
        caller = call.caller
        link, session = await self._links.look(call.input.token, caller.guest_key, caller.address)
        return Reply(
            schemas.LinkCard(
                title=session.title,
                machine=session.machine.title if session.machine else "",
                inviter=session.maker.name if session.maker else "",
                role=link.role,
                name=link.name,
                phase=session.phase,
                expires_at_ms=link.expires_at_ms,
            )
        )

    async def open_link(self, call: Call[schemas.OpenLink]) -> Reply:
        caller = call.caller
        guest_key = caller.guest_key or new_secret()
        opened = await self._links.open(call.input.token, call.input.name, guest_key, caller.address)
        view = schemas.OpenedLink(
            room_code=opened.session.code,
            token=opened.token,
            identity=opened.identity,
            name=opened.name,
            role=opened.role,
            session_id=opened.session.id,
            expires_at_ms=opened.expires_at_ms,
        )
        return Reply(view, cookies=(Cookie(CookieName.GUEST, guest_key, GUEST_COOKIE_S),))


def label_link(machine: Machine, caller: Caller) -> str:
    return f"{caller.base_url}/label/{machine.label}"


def machine_view(machine: Machine, caller: Caller) -> schemas.MachineView:
    return schemas.MachineView(
        id=machine.id,
        label=machine.label,
        link=label_link(machine, caller),
        organization=schemas.NamedView(machine.organization.id, machine.organization.name),
        make=machine.make,
        model=machine.model,
        serial=machine.serial,
        site=machine.site,
        may_change=may_change_machine(reach_of(caller.signed_in), machine),
        created_at_ms=machine.created_at_ms,
        changed_at_ms=machine.changed_at_ms,
    )


def machine_brief(machine: Machine) -> schemas.MachineBrief:
    return schemas.MachineBrief(machine.id, machine.make, machine.model, machine.serial, machine.site)


def session_view(session: Session, party: Party, people: LivePeople | None, caller: Caller) -> schemas.SessionView:
    return schemas.SessionView(
        id=session.id,
        code=session.code,
        title=session.title,
        phase=session.phase,
        maker=schemas.NamedView(session.maker.id, session.maker.name) if session.maker else None,
        machine=machine_brief(session.machine) if session.machine else None,
        job_id=session.job_id,
        you=schemas.PartyView(party.role, party.identity, party.name, party.manages),
        people_count=people.count if people else 0,
        people=people.names[:NAMES_SHOWN_MAX] if people else (),
        created_at_ms=session.created_at_ms,
        started_at_ms=session.started_at_ms,
        ended_at_ms=session.ended_at_ms,
        link=f"{caller.base_url}/assist/{session.code}",
    )


def _link_view(link: Link) -> schemas.LinkView:
    return schemas.LinkView(
        id=link.id,
        role=link.role,
        name=link.name,
        one_time=link.one_time,
        opened_at_ms=link.opened_at_ms,
        created_at_ms=link.created_at_ms,
        expires_at_ms=link.expires_at_ms,
    )
