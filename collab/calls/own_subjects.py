"""What one may call about: people, organizations, machines, installation jobs, requests."""

from __future__ import annotations

from collab.accounts.models import Member
from collab.assist.jobs import JobService
from collab.assist.machines import MachineService
from collab.directory.pages import PageService
from collab.problems import Refusal
from collab.requests.service import RequestService
from collab.schedule.service import ScheduleService
from rooms.core.codes import Code

from .service import People
from .subjects import CallSubject, CallSubjects, in_reach


def own_subjects(
    people: People,
    machines: MachineService,
    jobs: JobService,
    requests: RequestService,
    pages: PageService,
    schedule: ScheduleService,
) -> CallSubjects:
    async def account(by: Member, account_id: str) -> CallSubject:
        other = await people.member(account_id)
        if other is None or not in_reach(by, other):
            raise Refusal(Code.NOT_FOUND, "nobody in reach")
        return CallSubject(
            f"{by.account.name} · {other.account.name}", "/inbox", frozenset((account_id,)), private=True
        )

    async def machine(by: Member, machine_id: str) -> CallSubject:
        found = await machines.seen(by, machine_id)
        title = f"{found.make} {found.model}"
        return CallSubject(title, f"/machines/{found.id}", organizations=frozenset((found.organization.id,)))

    async def job(by: Member, job_id: str) -> CallSubject:
        found = await jobs.seen(by, job_id)
        sides = frozenset((found.enterprise.id, found.installer.id))
        return CallSubject(found.title, f"/jobs/{found.id}", organizations=sides)

    async def request(by: Member, request_id: str) -> CallSubject:
        """Those who have a part in it: who filed it, who owns it or was asked, to whom it is offered."""
        found = (await requests.seen(by, request_id)).request
        named = (one.id for one in (found.owner, found.offered_to) if one is not None)
        people = frozenset(one for one in (found.requester_id, found.asked_id, *named) if one)
        return CallSubject(f"{found.number} {found.title}", f"/requests/{found.id}", people)

    async def organization(by: Member, organization_id: str) -> CallSubject:
        """Its contacts that one sees; for its own people also the service officer."""
        page = await pages.seen(by, organization_id)
        callable_ = {one.account_id for one in page.contacts if one.account_id}
        if page.standing is not None:
            callable_.add(page.standing.acting.id)
        return CallSubject(page.organization.name, f"/directory/{page.organization.id}", frozenset(callable_))

    async def event(by: Member, event_id: str) -> CallSubject:
        """All who were asked to come, and who asks."""
        seen = await schedule.seen(by, event_id)
        called = {one.account_id for one in seen.invitees if one.account_id}
        if seen.event.organizer is not None:
            called.add(seen.event.organizer.id)
        return CallSubject(seen.event.title, f"/calendar/{seen.event.id}", frozenset(called))

    subjects = CallSubjects()
    subjects.register("account", account)
    subjects.register("machine", machine)
    subjects.register("organization", organization)
    subjects.register("job", job)
    subjects.register("request", request)
    subjects.register("event", event)
    return subjects
