"""The endpoints of installation jobs."""

from __future__ import annotations

from collab.accounts.models import Member
from collab.edge.endpoint import Access, Call, Endpoint, Nothing, Reply
from rooms.core.codes import Code

from . import job_schemas as schemas
from .http import machine_brief
from .job_states import actions
from .jobs import JobService
from .parties import job_side, reach_of
from .schemas import NamedView
from .values import Job


class JobEndpoints:
    def __init__(self, jobs: JobService) -> None:
        self._jobs = jobs

    def table(self) -> tuple[Endpoint, ...]:
        seen = (Code.FORBIDDEN, Code.NOT_FOUND)
        return (
            Endpoint(
                method="GET",
                path="/api/assist/installers",
                access=Access.MEMBER,
                handler=self.list_installers,
                output=schemas.InstallerList,
                about="The installers that a job can be given to.",
            ),
            Endpoint(
                method="GET",
                path="/api/assist/jobs",
                access=Access.MEMBER,
                handler=self.list_jobs,
                input=schemas.JobsQuery,
                output=schemas.JobList,
                about="Installation jobs of one's company, as enterprise or installer; newest first.",
            ),
            Endpoint(
                method="POST",
                path="/api/assist/jobs",
                access=Access.MEMBER,
                handler=self.request_job,
                input=schemas.NewJob,
                output=schemas.JobCard,
                status=201,
                refusals=(*seen, Code.RATE_LIMITED),
                about="Ask an installer to work on a machine of one's own company.",
            ),
            Endpoint(
                method="GET",
                path="/api/assist/jobs/{id}",
                access=Access.MEMBER,
                handler=self.show_job,
                output=schemas.JobCard,
                refusals=seen,
                about="One job with its steps.",
            ),
            Endpoint(
                method="POST",
                path="/api/assist/jobs/{id}/steps",
                access=Access.MEMBER,
                handler=self.take_step,
                input=schemas.JobStep,
                output=schemas.JobCard,
                refusals=(*seen, Code.WRONG_STATE, Code.CONFLICT),
                about="Accept, decline, schedule, start, sign off or cancel; `actions` says what is possible.",
            ),
        )

    async def list_installers(self, _call: Call[Nothing]) -> Reply:
        found = await self._jobs.installers()
        return Reply(schemas.InstallerList(tuple(NamedView(one.id, one.name) for one in found)))

    async def list_jobs(self, call: Call[schemas.JobsQuery]) -> Reply:
        query, member = call.input, call.caller.signed_in
        found, more = await self._jobs.listed(
            member, query.before, query.limit, machine_id=query.machine_id, open_only=query.open_only
        )
        return Reply(schemas.JobList(tuple(job_view(job, member) for job in found), more))

    async def request_job(self, call: Call[schemas.NewJob]) -> Reply:
        body, member = call.input, call.caller.signed_in
        job = await self._jobs.request(member, body.machine_id, body.installer_id, body.title, body.note)
        return await self._card(job, member)

    async def show_job(self, call: Call[Nothing]) -> Reply:
        member = call.caller.signed_in
        return await self._card(await self._jobs.seen(member, call.path["id"]), member)

    async def take_step(self, call: Call[schemas.JobStep]) -> Reply:
        body, member = call.input, call.caller.signed_in
        job = await self._jobs.act(member, call.path["id"], body.action, body.note, body.starts_at_ms, body.ends_at_ms)
        return await self._card(job, member)

    async def _card(self, job: Job, member: Member) -> Reply:
        events = tuple(
            schemas.JobEventView(
                action=event.action,
                state=event.state,
                name=event.name,
                note=event.note,
                starts_at_ms=event.starts_at_ms,
                ends_at_ms=event.ends_at_ms,
                at_ms=event.at_ms,
            )
            for event in await self._jobs.events(job)
        )
        return Reply(schemas.JobCard(job_view(job, member), events))


def job_view(job: Job, member: Member) -> schemas.JobView:
    return schemas.JobView(
        id=job.id,
        title=job.title,
        note=job.note,
        machine=machine_brief(job.machine),
        enterprise=NamedView(job.enterprise.id, job.enterprise.name),
        installer=NamedView(job.installer.id, job.installer.name),
        state=job.state,
        actions=actions(job.state, job_side(reach_of(member), job)),
        starts_at_ms=job.starts_at_ms,
        ends_at_ms=job.ends_at_ms,
        created_at_ms=job.created_at_ms,
        changed_at_ms=job.changed_at_ms,
    )
