"""The endpoints of scheduled meetings: decoded bodies in, views out."""

from __future__ import annotations

from collab.edge.endpoint import NO_CONTENT, Access, Call, Caller, Endpoint, Nothing, Reply
from rooms.core.codes import Code

from . import schemas
from .expand import LOCAL, Override
from .models import InvitationAnswer
from .parties import EventPart
from .service import Dated, ScheduleService, Seen
from .values import Event, Invitee

_CHANGED = (Code.FORBIDDEN, Code.NOT_FOUND, Code.WRONG_STATE, Code.CONFLICT, Code.TOO_MANY, Code.RATE_LIMITED)


class ScheduleEndpoints:
    def __init__(self, schedule: ScheduleService) -> None:
        self._schedule = schedule

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path="/api/schedule/occurrences",
                access=Access.MEMBER,
                handler=self.occurrences,
                input=schemas.OccurrencesQuery,
                output=schemas.OccurrenceList,
                about="One's calendar: what happens from `from_ms` until `to_ms`, 100 days at most, in order.",
            ),
            Endpoint(
                method="POST",
                path="/api/schedule/events",
                access=Access.MEMBER,
                handler=self.create_event,
                input=schemas.NewEvent,
                output=schemas.EventView,
                status=201,
                refusals=(Code.TOO_MANY, Code.RATE_LIMITED),
                about="Schedule a meeting, once or by a rule of RFC 5545; its room is made with it.",
            ),
            Endpoint(
                method="GET",
                path="/api/schedule/events/{id}",
                access=Access.MEMBER,
                handler=self.get_event,
                output=schemas.EventView,
                refusals=(Code.NOT_FOUND,),
                about="One scheduled meeting, for its organizer, whoever is invited, and administrators.",
            ),
            Endpoint(
                method="PATCH",
                path="/api/schedule/events/{id}",
                access=Access.MEMBER,
                handler=self.change_event,
                input=schemas.ChangeEvent,
                output=schemas.EventView,
                refusals=_CHANGED,
                about="Change it: all, one occurrence, or one and those after it (another event from then on).",
            ),
            Endpoint(
                method="POST",
                path="/api/schedule/events/{id}/cancel",
                access=Access.MEMBER,
                handler=self.cancel_event,
                input=schemas.CancelEvent,
                refusals=_CHANGED,
                about="Cancel it: all, one occurrence, or one and those after it.",
            ),
            Endpoint(
                method="POST",
                path="/api/schedule/events/{id}/answer",
                access=Access.MEMBER,
                handler=self.answer_event,
                input=schemas.GiveAnswer,
                output=schemas.EventView,
                refusals=(Code.FORBIDDEN, Code.NOT_FOUND, Code.WRONG_STATE),
                about="Accept or decline, for the series or one occurrence.",
            ),
        )

    async def occurrences(self, call: Call[schemas.OccurrencesQuery]) -> Reply:
        found, more = await self._schedule.listed(call.caller.signed_in, call.input.from_ms, call.input.to_ms)
        return Reply(schemas.OccurrenceList(tuple(occurrence_view(one, call.caller) for one in found), more))

    async def create_event(self, call: Call[schemas.NewEvent]) -> Reply:
        return await self._one(call.caller, await self._schedule.create(call.caller.signed_in, call.input))

    async def get_event(self, call: Call[Nothing]) -> Reply:
        return await self._one(call.caller, call.path["id"])

    async def change_event(self, call: Call[schemas.ChangeEvent]) -> Reply:
        event_id = await self._schedule.change(call.caller.signed_in, call.path["id"], call.input)
        return await self._one(call.caller, event_id)

    async def cancel_event(self, call: Call[schemas.CancelEvent]) -> Reply:
        await self._schedule.cancel(call.caller.signed_in, call.path["id"], call.input)
        return NO_CONTENT

    async def answer_event(self, call: Call[schemas.GiveAnswer]) -> Reply:
        await self._schedule.answer(call.caller.signed_in, call.path["id"], call.input)
        return await self._one(call.caller, call.path["id"])

    async def _one(self, caller: Caller, event_id: str) -> Reply:
        return Reply(_event_view(await self._schedule.seen(caller.signed_in, event_id), caller))


def link_of(code: str, base_url: str) -> str:
    return f"{base_url}/m/{code}"


def organizer_view(event: Event) -> schemas.SchedulePerson | None:
    return schemas.SchedulePerson(event.organizer.id, event.organizer.name) if event.organizer else None


def occurrence_view(dated: Dated, caller: Caller) -> schemas.OccurrenceView:
    event, one, own = dated.listed.event, dated.occurrence, dated.listed.own
    is_mine = event.organizer is not None and event.organizer.id == caller.signed_in.account.id
    unanswered = None if is_mine else InvitationAnswer.NEEDS_ACTION
    return schemas.OccurrenceView(
        event_id=event.id,
        key=one.key,
        title=one.title or event.title,
        starts_at_ms=one.starts_at_ms,
        ends_at_ms=one.ends_at_ms,
        zone=event.series.zone,
        rrule=event.rule_text,
        changed=one.changed,
        organizer=organizer_view(event),
        answer=own.answer_for(one.key) if own else unanswered,
        may_change=is_mine,
        sequence=event.sequence,
        code=event.code,
        link=link_of(event.code, caller.base_url),
    )


def _event_view(seen: Seen, caller: Caller) -> schemas.EventView:
    event, series = seen.event, seen.event.series
    is_mine = event.organizer is not None and event.organizer.id == caller.signed_in.account.id
    unanswered = InvitationAnswer.NEEDS_ACTION if seen.part is EventPart.COLLEAGUE and not is_mine else None
    return schemas.EventView(
        id=event.id,
        title=event.title,
        description=event.description,
        starts=series.starts.strftime(LOCAL),
        zone=series.zone,
        minutes=series.minutes,
        rrule=event.rule_text,
        overrides=tuple(_override_view(one) for one in series.overrides),
        organizer=organizer_view(event),
        part=seen.part,
        answer=seen.own.answer_for("") if seen.own else unanswered,
        state=event.state,
        sequence=event.sequence,
        opens_before_min=event.opens_before_min,
        remind_before_min=event.remind_before_min,
        invitees=tuple(_invitee_view(one, seen.part) for one in seen.invitees),
        code=event.code,
        link=link_of(event.code, caller.base_url),
    )


def _override_view(override: Override) -> schemas.OverrideView:
    return schemas.OverrideView(
        key=override.key,
        cancelled=override.cancelled,
        starts=override.starts.strftime(LOCAL) if override.starts else "",
        minutes=override.minutes,
        title=override.title,
    )


def _invitee_view(invitee: Invitee, part: EventPart) -> schemas.InviteeView:
    whole = next((one for one in invitee.answers if not one.key), None)
    return schemas.InviteeView(
        id=invitee.id,
        account_id=invitee.account_id,
        organization_id=invitee.organization_id,
        name=invitee.name,
        email=invitee.email if part is EventPart.MANAGER else "",
        named=invitee.named,
        answer=invitee.answer_for(""),
        note=whole.note if whole and part is EventPart.MANAGER else "",
    )
