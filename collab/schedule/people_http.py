"""The endpoints of one's own hours, of finding people, and of finding a time."""

from __future__ import annotations

from collab.edge.endpoint import NO_CONTENT, Access, Call, Endpoint, Nothing, Reply
from rooms.core.codes import Code

from . import schemas
from .availability import AvailabilityService
from .free_busy import Hours, Span


class PeopleEndpoints:
    def __init__(self, availability: AvailabilityService) -> None:
        self._availability = availability

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path="/api/schedule/me",
                access=Access.MEMBER,
                handler=self.get_my_schedule,
                output=schemas.MySchedule,
                about="One's own time zone and working hours.",
            ),
            Endpoint(
                method="PUT",
                path="/api/schedule/me",
                access=Access.MEMBER,
                handler=self.set_my_schedule,
                input=schemas.ChangeMySchedule,
                about="Set them; colleagues see when one works, and when one is busy, but not with what.",
            ),
            Endpoint(
                method="GET",
                path="/api/schedule/people",
                access=Access.MEMBER,
                handler=self.find_people,
                input=schemas.PeopleQuery,
                output=schemas.PeopleFound,
                refusals=(Code.RATE_LIMITED,),
                about="People whom one may ask and invite: of one's organizations, and with whom one has meetings.",
            ),
            Endpoint(
                method="POST",
                path="/api/schedule/free-busy",
                access=Access.MEMBER,
                handler=self.free_busy,
                input=schemas.AskFreeBusy,
                output=schemas.FreeBusy,
                refusals=(Code.NOT_FOUND, Code.RATE_LIMITED),
                about="When these people are busy, 35 days at most. Nothing says with what.",
            ),
            Endpoint(
                method="POST",
                path="/api/schedule/suggestions",
                access=Access.MEMBER,
                handler=self.suggest_times,
                input=schemas.AskSuggestions,
                output=schemas.SuggestionList,
                refusals=(Code.NOT_FOUND, Code.RATE_LIMITED),
                about="Times that suit these people: free, and within everybody's working hours where there are such.",
            ),
        )

    async def get_my_schedule(self, call: Call[Nothing]) -> Reply:
        personal, chosen = await self._availability.own(call.caller.signed_in)
        hours = personal.hours
        return Reply(
            schemas.MySchedule(
                zone=hours.zone,
                from_min=hours.from_min,
                to_min=hours.to_min,
                days=hours.days,
                chosen=chosen,
                feed_made_at_ms=personal.feed_made_at_ms,
            )
        )

    async def set_my_schedule(self, call: Call[schemas.ChangeMySchedule]) -> Reply:
        body = call.input
        hours = Hours(body.zone, body.from_min, body.to_min, body.days)
        await self._availability.set_hours(call.caller.signed_in, hours)
        return NO_CONTENT

    async def find_people(self, call: Call[schemas.PeopleQuery]) -> Reply:
        found, organizations = await self._availability.search(call.caller.signed_in, call.input.q)
        return Reply(
            schemas.PeopleFound(
                people=tuple(schemas.FoundPerson(one.id, one.name, one.organization) for one in found),
                organizations=tuple(schemas.SchedulePerson(one.id, one.name) for one in organizations),
            )
        )

    async def free_busy(self, call: Call[schemas.AskFreeBusy]) -> Reply:
        body = call.input
        found = await self._availability.diaries(
            call.caller.signed_in, body.account_ids, body.from_ms, body.to_ms, body.but
        )
        return Reply(
            schemas.FreeBusy(
                tuple(
                    schemas.DiaryView(
                        account_id=one.person,
                        zone=one.hours.zone,
                        from_min=one.hours.from_min,
                        to_min=one.hours.to_min,
                        days=one.hours.days,
                        busy=tuple(schemas.SpanView(span.from_ms, span.to_ms) for span in one.busy),
                    )
                    for one in found
                )
            )
        )

    async def suggest_times(self, call: Call[schemas.AskSuggestions]) -> Reply:
        body = call.input
        found = await self._availability.suggest(
            call.caller.signed_in,
            body.account_ids,
            Span(body.from_ms, body.to_ms),
            body.minutes,
            body.zone,
            body.but,
        )
        return Reply(
            schemas.SuggestionList(
                tuple(
                    schemas.SuggestionView(one.span.from_ms, one.span.to_ms, one.busy, one.outside_hours)
                    for one in found
                )
            )
        )
