"""The endpoints of machines and sessions."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from collab.edge.endpoint import (
    Access,
    Call,
    Caller,
    Document,
    Endpoint,
    Nothing,
    Reply,
)
from collab.meetings.live import NAMES_SHOWN_MAX, LivePeople
from rooms.core.codes import Code

from . import schemas
from .invitations import qr_svg
from .machines import MachineService
from .parties import may_change_machine, reach_of
from .sessions import Party, SessionService
from .values import Machine, Session

SVG = "image/svg+xml"


class AssistEndpoints:
    def __init__(self, machines: MachineService, sessions: SessionService) -> None:
        self._machines = machines
        self._sessions = sessions

    def table(self) -> tuple[Endpoint, ...]:
        return (*self._machine_rows(), *self._session_rows())

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
                method="PATCH",
                path="/api/assist/sessions/{id}",
                access=Access.MEMBER,
                handler=self.change_session,
                input=schemas.ChangeSession,
                output=schemas.SessionView,
                refusals=(Code.FORBIDDEN, Code.NOT_FOUND, Code.CONFLICT),
                about="Say which machine a session is about that began without one.",
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

    async def change_session(self, call: Call[schemas.ChangeSession]) -> Reply:
        member = call.caller.signed_in
        session = await self._sessions.set_machine(member, call.path["id"], call.input.machine_id)
        return Reply(session_view(session, self._sessions.party(member, session), None, call.caller))

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
