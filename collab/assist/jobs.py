"""Installation jobs: requested by an enterprise, taken by an installer; every step is kept with who took it."""

from __future__ import annotations

import structlog

from collab.accounts.models import Member
from collab.clock import now_ms
from collab.limits import Limits, rate
from collab.organizations.models import Organization, OrganizationKind
from collab.organizations.repository import OrganizationRepository
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_chat, clean_name

from .job_repository import JobRepository
from .job_states import FINAL, REQUEST, JobAction, may_take, way
from .machines import MachineService
from .models import EVENT_NOTE_MAX_CHARS, JOB_TITLE_MAX_CHARS, JobState
from .parties import Reach, job_side, reach_of
from .values import Job, JobEvent

JOBS_OF_ACCOUNT = rate("jobs", burst=60, per_minute=10)

log = structlog.get_logger("assist")


class JobService:
    def __init__(
        self, jobs: JobRepository, machines: MachineService, organizations: OrganizationRepository, limits: Limits
    ) -> None:
        self._jobs = jobs
        self._machines = machines
        self._organizations = organizations
        self._limits = limits

    async def installers(self) -> list[Organization]:
        return [one for one in await self._organizations.all() if one.kind is OrganizationKind.INSTALLER]

    async def request(self, by: Member, machine_id: str, installer_id: str, title: str, note: str) -> Job:
        """For a machine of one's own company.  Raises FORBIDDEN, NOT_FOUND, INVALID."""
        await self._limits.take(JOBS_OF_ACCOUNT, by.account.id)
        machine = await self._machines.changed_by(by, machine_id)
        installer = await self._organizations.get(installer_id)
        if installer is None or installer.kind is not OrganizationKind.INSTALLER:
            raise invalid(installer_id=FieldFault.INVALID)
        shown = clean_name(title, JOB_TITLE_MAX_CHARS)
        if not shown:
            raise invalid(title=FieldFault.INVALID)
        event = _event(by, REQUEST, JobState.REQUESTED, "")
        job = await self._jobs.add(
            shown, clean_chat(note) or "", machine.id, machine.organization.id, installer.id, event
        )
        log.info("job_requested", job=job.id, by=by.account.id)
        return job

    async def seen(self, by: Member, job_id: str) -> Job:
        """For both companies and the park's staff.  Raises NOT_FOUND, FORBIDDEN."""
        job = await self._jobs.get(job_id)
        if job is None:
            raise Refusal(Code.NOT_FOUND, "no such job")
        if not _sees(reach_of(by), job):
            raise Refusal(Code.FORBIDDEN, "another's job")
        return job

    async def listed(
        self, by: Member, before: str, limit: int, *, machine_id: str = "", open_only: bool = False
    ) -> tuple[list[Job], bool]:
        states = tuple(state for state in JobState if state not in FINAL) if open_only else ()
        found = await self._jobs.listed(reach_of(by), before, limit + 1, machine_id=machine_id, states=states)
        return found[:limit], len(found) > limit

    async def events(self, job: Job) -> list[JobEvent]:
        return await self._jobs.events(job.id)

    async def act(
        self, by: Member, job_id: str, action: JobAction, note: str, starts_at_ms: int, ends_at_ms: int
    ) -> Job:
        """Raises WRONG_STATE for a step that is not possible now, FORBIDDEN for the other side's, CONFLICT when
        somebody else was faster."""
        job = await self.seen(by, job_id)
        taken = way(job.state, action)
        if taken is None:
            raise Refusal(Code.WRONG_STATE, f"{action} of a job that is {job.state}")
        if not may_take(taken, job_side(reach_of(by), job)):
            raise Refusal(Code.FORBIDDEN, "the other side's step")
        if action is JobAction.SCHEDULE:
            if not 0 < starts_at_ms <= ends_at_ms:
                raise invalid(starts_at_ms=FieldFault.INVALID)
        else:
            starts_at_ms, ends_at_ms = job.starts_at_ms, job.ends_at_ms
        event = _event(by, action, taken.state, note, starts_at_ms, ends_at_ms)
        if not await self._jobs.move(job.id, job.state, event):
            raise Refusal(Code.CONFLICT, "moved meanwhile")
        log.info("job_moved", job=job.id, action=action.value, by=by.account.id)
        return await self.seen(by, job_id)

    async def sign_off(self, job_id: str, name: str) -> bool:
        """By the record that both sides have signed.  False when the job is not in progress (any more)."""
        job = await self._jobs.get(job_id)
        if job is None or job.state is not JobState.IN_PROGRESS:
            return False
        event = JobEvent(
            action=JobAction.SIGN_OFF,
            state=JobState.SIGNED_OFF,
            account_id=None,
            name=name,
            note="",
            starts_at_ms=job.starts_at_ms,
            ends_at_ms=job.ends_at_ms,
            at_ms=now_ms(),
        )
        return await self._jobs.move(job.id, job.state, event)


def _sees(reach: Reach, job: Job) -> bool:
    side = job_side(reach, job)
    return side.enterprise or side.installer or reach.park_staff


def _event(by: Member, action: str, state: JobState, note: str, starts_at_ms: int = 0, ends_at_ms: int = 0) -> JobEvent:
    return JobEvent(
        action=action,
        state=state,
        account_id=by.account.id,
        name=by.account.name,
        note=clean_name(note, EVENT_NOTE_MAX_CHARS),
        starts_at_ms=starts_at_ms,
        ends_at_ms=ends_at_ms,
        at_ms=now_ms(),
    )
