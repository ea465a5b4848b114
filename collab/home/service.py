"""One look at everything that waits for somebody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from collab.accounts.models import Member
from collab.assist.jobs import JobService
from collab.assist.values import Job
from collab.calls.models import Call
from collab.calls.service import CallService
from collab.notices.inbox import InboxService
from collab.notices.models import Kept
from collab.requests.service import RequestService
from collab.requests.service import Seen as SeenRequest
from collab.schedule.service import Dated, ScheduleService
from collab.symposiums.service import SymposiumService
from collab.symposiums.values import Symposium

from .repository import HomeRepository, Item, MissedCall, Waiting

AHEAD_MS: Final = 36 * 3_600_000
MEETINGS_MAX: Final = 6
NOTICES_MAX: Final = 5
JOBS_MAX: Final = 4
SYMPOSIUMS_MAX: Final = 2


class Home(Struct, frozen=True, kw_only=True):
    meetings: list[Dated]
    acting: list[SeenRequest]
    items: list[Item]
    ringing: list[Call]
    missed: list[MissedCall]
    notices: list[Kept]
    unread: int
    jobs: list[Job]
    symposiums: list[Symposium]
    recent: list[SeenRequest]
    desk: Waiting | None
    at_ms: int


class HomeService:
    def __init__(
        self,
        home: HomeRepository,
        schedule: ScheduleService,
        requests: RequestService,
        calls: CallService,
        inbox: InboxService,
        jobs: JobService,
        symposiums: SymposiumService,
        clock_ms: Callable[[], int],
    ) -> None:
        self._home = home
        self._schedule = schedule
        self._requests = requests
        self._calls = calls
        self._inbox = inbox
        self._jobs = jobs
        self._symposiums = symposiums
        self._clock_ms = clock_ms

    async def look(self, by: Member) -> Home:
        at_ms, me = self._clock_ms(), by.account.id
        meetings, _ = await self._schedule.listed(by, at_ms, at_ms + AHEAD_MS)
        reach = await self._requests.reach(by)
        acting, recent = await self._home.acting(reach), await self._home.recent(reach)
        seen = await self._requests.with_types(reach, [*acting, *recent])
        notices, _, unread = await self._inbox.page(by, "", NOTICES_MAX, unread_only=True, area=None)
        jobs, _ = await self._jobs.listed(by, "", JOBS_MAX, open_only=True)
        return Home(
            meetings=meetings[:MEETINGS_MAX],
            acting=seen[: len(acting)],
            items=await self._home.items(me),
            ringing=[one for one in await self._calls.ringing(by) if one.callee.id == me],
            missed=await self._home.missed(me),
            notices=notices,
            unread=unread,
            jobs=jobs,
            symposiums=await self._symposiums.ahead(by, SYMPOSIUMS_MAX),
            recent=seen[len(acting) :],
            desk=await self._home.waiting(reach, at_ms) if reach.desk else None,
            at_ms=at_ms,
        )
