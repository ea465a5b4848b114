"""The endpoint of the home page."""

from __future__ import annotations

from collab.accounts.models import Member
from collab.assist.job_http import job_view
from collab.calls.http import call_view
from collab.edge.endpoint import Access, Call, Endpoint, Reply
from collab.notices.http import notice_view
from collab.requests.views import request_view
from collab.schedule.http import occurrence_view
from collab.symposiums.http import symposium_view

from . import schemas
from .service import HomeService


class HomeEndpoints:
    def __init__(self, home: HomeService) -> None:
        self._home = home

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path="/api/home",
                access=Access.MEMBER,
                handler=self.show_home,
                input=schemas.HomeQuery,
                output=schemas.HomeView,
                about="What waits for the asking person: meetings, requests by their clock, calls, notices, jobs.",
            ),
        )

    async def show_home(self, call: Call[schemas.HomeQuery]) -> Reply:
        by: Member = call.caller.signed_in
        home = await self._home.look(by)
        locale = call.input.locale or by.account.locale
        return Reply(
            schemas.HomeView(
                meetings=tuple(occurrence_view(one, call.caller) for one in home.meetings),
                acting=tuple(request_view(one, home.at_ms) for one in home.acting),
                items=tuple(
                    schemas.ActionItemView(one.id, one.event_id, one.key, one.text, one.meeting, one.due)
                    for one in home.items
                ),
                ringing=tuple(call_view(one, by) for one in home.ringing),
                missed=tuple(
                    schemas.MissedCallView(
                        one.id, one.from_id, one.from_name, one.about, one.path, one.at_ms, one.notice_id
                    )
                    for one in home.missed
                ),
                notices=tuple(notice_view(one, locale) for one in home.notices),
                unread=home.unread,
                jobs=tuple(job_view(one, by) for one in home.jobs),
                symposiums=tuple(map(symposium_view, home.symposiums)),
                recent=tuple(request_view(one, home.at_ms) for one in home.recent),
                desk=schemas.DeskWaiting(home.desk.unowned, home.desk.late) if home.desk else None,
                server_time_ms=home.at_ms,
            )
        )
