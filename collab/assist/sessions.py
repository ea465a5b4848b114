"""Sessions of assistance: made by members, entered as what one is."""

from __future__ import annotations

import structlog
from msgspec import Struct

from collab.accounts.models import Member
from collab.clock import now_ms
from collab.meetings.live import LivePeople, LiveRooms
from collab.meetings.repository import MeetingRepository
from collab.meetings.service import MeetingService
from collab.organizations.models import OrganizationKind
from collab.problems import Refusal
from rooms.core.assist_model import AssistRole, RecordKind
from rooms.core.codes import Code
from rooms.core.commands import End, NoteRecord
from rooms.core.model import TITLE_MAX_CHARS, Phase
from signaling.ports import Identity

from .job_repository import JobRepository
from .machines import MachineService
from .models import JobState
from .parties import job_side, reach_of, session_role
from .session_repository import SessionRepository
from .values import Job, Machine, Session

DEFAULT_TITLES = {"zh-CN": "远程协助", "en": "Remote assistance"}
CLOSED_JOBS = (JobState.DECLINED, JobState.CANCELLED)

log = structlog.get_logger("assist")


class Party(Struct, frozen=True):
    """Somebody with a part in one session."""

    role: AssistRole
    identity: str  # the account's id, or the guest's identity
    name: str
    manages: bool  # may end it and make links into it


class SessionService:
    def __init__(
        self,
        sessions: SessionRepository,
        machines: MachineService,
        jobs: JobRepository,
        meetings: MeetingService,
        meetings_sql: MeetingRepository,
        live: LiveRooms,
    ) -> None:
        self._sessions = sessions
        self._machines = machines
        self._jobs = jobs
        self._meetings = meetings
        self._meetings_sql = meetings_sql
        self._live = live

    async def start(self, by: Member, title: str, job_id: str, machine_id: str, role: AssistRole | None) -> Session:
        """About a job, a machine, or nothing yet.  `role` None: what the maker is to the job or the machine."""
        job = await self._job(by, job_id) if job_id else None
        machine = job.machine if job else await self._machines.seen(by, machine_id) if machine_id else None
        title = title.strip() or _default_title(by, job, machine)
        meeting = await self._meetings.create(
            by, title[:TITLE_MAX_CHARS], lobby_enabled=False, guests_allowed=False, assist=True
        )
        session = await self._sessions.add(
            meeting.id,
            by.account.id,
            role or _default_role(by, job, machine),
            job.id if job else None,
            machine.id if machine else None,
            now_ms(),
        )
        log.info("assistance_made", session=session.id, meeting=meeting.id, by=by.account.id)
        return session

    async def listed(
        self, by: Member, before: str, limit: int, *, job_id: str = "", machine_id: str = "", phase: Phase | None = None
    ) -> tuple[list[Session], bool]:
        found = await self._sessions.listed(
            reach_of(by), before, limit + 1, job_id=job_id, machine_id=machine_id, phase=phase
        )
        return found[:limit], len(found) > limit

    async def entered(
        self, member: Member | None, guest: Identity | None, *, session_id: str = "", code: str = ""
    ) -> tuple[Session, Party]:
        """The session by id or by its room's code, and the part that whoever asks has in it.

        Raises NOT_FOUND; UNAUTHENTICATED and FORBIDDEN for those without a part.
        """
        session = await (self._sessions.get(session_id) if session_id else self._sessions.by_code(code))
        if session is None:
            raise Refusal(Code.NOT_FOUND if session_id else Code.ROOM_NOT_FOUND, "no such session")
        if guest is not None:
            if guest.assist_role is None or guest.room_id != session.meeting_id:
                raise Refusal(Code.FORBIDDEN, "another session's token")
            return session, Party(guest.assist_role, guest.id, guest.name, manages=False)
        if member is None:
            raise Refusal(Code.UNAUTHENTICATED, "no account and no token")
        return session, self.party(member, session)

    async def of_guest(self, guest: Identity) -> Session:
        """The session that a link's token is for.  Raises FORBIDDEN."""
        session = await self._sessions.of_meeting(guest.room_id) if guest.assist_role is not None else None
        if session is None:
            raise Refusal(Code.FORBIDDEN, "a token for another kind of room")
        return session

    async def managed(self, by: Member, session_id: str) -> tuple[Session, Party]:
        session, party = await self.entered(by, None, session_id=session_id)
        if not party.manages:
            raise Refusal(Code.FORBIDDEN, "an observer")
        return session, party

    async def set_machine(self, by: Member, session_id: str, machine_id: str) -> Session:
        """What it is about turned out on site.  Raises CONFLICT when it is about one already."""
        session, party = await self.managed(by, session_id)
        machine = await self._machines.seen(by, machine_id)
        if not await self._sessions.set_machine(session.id, machine.id):
            raise Refusal(Code.CONFLICT, "about another machine")
        log.info("assistance_about", session=session.id, machine=machine.id, by=party.identity)
        if session.phase is Phase.OPEN:
            await self._live.tell(session.meeting_id, NoteRecord("", RecordKind.MACHINE, machine.id))
        return (await self.managed(by, session_id))[0]

    async def end(self, by: Member, session_id: str) -> Session:
        """For all who are inside, on whichever node."""
        session, _ = await self.managed(by, session_id)
        if session.phase is Phase.OPEN:
            await self._live.tell(session.meeting_id, End(actor=""))
            await self._meetings_sql.ended(session.meeting_id, now_ms())  # when nobody is inside, nobody else does
        return (await self.managed(by, session_id))[0]

    async def people(self, sessions: list[Session]) -> dict[str, LivePeople]:
        """Who is inside each, by meeting; those without anybody are left out."""
        open_ids = [session.meeting_id for session in sessions if session.phase is Phase.OPEN]
        return dict(await self._live.people(open_ids)) if open_ids else {}

    def party(self, member: Member, session: Session) -> Party:
        """Raises FORBIDDEN."""
        role = session_role(reach_of(member), session)
        if role is None:
            raise Refusal(Code.FORBIDDEN, "no part in it")
        is_maker = session.maker is not None and session.maker.id == member.account.id
        manages = role is not AssistRole.OBSERVER or is_maker or member.administers_park
        return Party(role, member.account.id, member.account.name, manages)

    async def _job(self, by: Member, job_id: str) -> Job:
        job = await self._jobs.get(job_id)
        if job is None:
            raise Refusal(Code.NOT_FOUND, "no such job")
        side = job_side(reach_of(by), job)
        if not side.enterprise and not side.installer:
            raise Refusal(Code.FORBIDDEN, "another's job")
        if job.state in CLOSED_JOBS:
            raise Refusal(Code.WRONG_STATE, f"the job is {job.state}")
        return job


def _default_title(by: Member, job: Job | None, machine: Machine | None) -> str:
    if job is not None:
        return job.title
    if machine is not None:
        return machine.title
    return DEFAULT_TITLES.get(by.account.locale, DEFAULT_TITLES["zh-CN"])


def _default_role(by: Member, job: Job | None, machine: Machine | None) -> AssistRole:
    enterprise_id = job.enterprise.id if job else machine.organization.id if machine else None
    if enterprise_id is not None and by.belongs_to(enterprise_id):
        return AssistRole.ON_SITE
    if job is not None and by.belongs_to(job.installer.id):
        return AssistRole.EXPERT
    kinds = {membership.organization.kind for membership in by.memberships}
    return AssistRole.EXPERT if OrganizationKind.INSTALLER in kinds or machine is not None else AssistRole.ON_SITE
