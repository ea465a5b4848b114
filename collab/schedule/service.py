"""Scheduled meetings: made, changed, cancelled, seen and answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import structlog
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import Member
from collab.accounts.service import normal_email, person_name
from collab.clock import new_room_code
from collab.limits import Limits, rate
from collab.meetings.repository import new_meeting_row
from collab.meetings.service import clean_title
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_lines

from . import schemas
from .answers import AnswerRepository
from .event_repository import Change, Draft, EventRepository, Listed
from .expand import (
    MINUTE_MS,
    OCCURRENCES_MAX,
    Occurrence,
    Series,
    SeriesRefused,
    aligned,
    find_zone,
    next_after,
    occurrence,
    occurrences,
    parse_local,
    span,
)
from .models import DESCRIPTION_MAX_CHARS, NOTE_MAX_CHARS, EventState, InvitationAnswer, MailingKind
from .parties import EventPart, part_of, reach_of
from .people_repository import PeopleRepository
from .rules import Rule, RuleRefused, parse_rule
from .schemas import EventScope
from .series import changed, override_of, parted, with_override
from .values import Event, Invitee, InviteeWish

WINDOW_MAX_MS = 100 * 86_400_000
OUTSIDERS_MAX = 200
EVENTS_OF_ACCOUNT = rate("scheduled_events", burst=60, per_minute=10)
CHANGES_OF_ACCOUNT = rate("scheduled_changes", burst=120, per_minute=30)

log = structlog.get_logger("schedule")

T = TypeVar("T")


class Seen(Struct, frozen=True):
    """An event as somebody who has to do with it sees it."""

    event: Event
    invitees: tuple[Invitee, ...]
    part: EventPart
    own: Invitee | None


class Dated(Struct, frozen=True):
    listed: Listed
    occurrence: Occurrence


class ScheduleService:
    def __init__(
        self,
        events: EventRepository,
        people: PeopleRepository,
        answers: AnswerRepository,
        limits: Limits,
        clock_ms: Callable[[], int],
        on_change: Callable[[], None],
        nudge: Callable[[], None],
    ) -> None:
        """`on_change` is told after a commit that mails are to be written, `nudge` after one that put notices."""
        self._events = events
        self._people = people
        self._answers = answers
        self._nudge = nudge
        self._limits = limits
        self._clock_ms = clock_ms
        self._on_change = on_change

    # ------------------------------------------------------------ seeing

    async def listed(self, by: Member, from_ms: int, to_ms: int) -> tuple[list[Dated], bool]:
        """The occurrences of one's calendar that overlap that time, in order, and whether there are more."""
        if not from_ms < to_ms <= from_ms + WINDOW_MAX_MS:
            raise invalid(to_ms=FieldFault.INVALID)
        reach = reach_of(by)
        found = [
            Dated(listed, one)
            for listed in await self._events.visible(reach, from_ms, to_ms)
            for one in occurrences(listed.event.series, from_ms, to_ms)
        ]
        found.sort(key=lambda one: (one.occurrence.starts_at_ms, one.listed.event.id))
        return found[:OCCURRENCES_MAX], len(found) > OCCURRENCES_MAX

    async def seen(self, by: Member, event_id: str) -> Seen:
        """Raises NOT_FOUND, also for what is not theirs to see."""
        found = await self._events.get(event_id)
        if found is None:
            raise Refusal(Code.NOT_FOUND, "no such event")
        event, invitees = found
        part = part_of(
            reach_of(by),
            event,
            frozenset(one.account_id for one in invitees if one.account_id),
            frozenset(one.organization_id for one in invitees if one.organization_id),
        )
        if part is None:
            raise Refusal(Code.NOT_FOUND, "an event of others")
        own = next((one for one in invitees if one.account_id == by.account.id), None)
        return Seen(event, tuple(invitees), part, own)

    async def managed(self, by: Member, event_id: str) -> Seen:
        seen = await self.seen(by, event_id)
        if seen.part is not EventPart.MANAGER:
            raise Refusal(Code.FORBIDDEN, "neither organizer nor administrator")
        return seen

    # ------------------------------------------------------------ making

    async def create(self, by: Member, body: schemas.NewEvent) -> str:
        """The id.  The room is made with it."""
        await self._limits.take(EVENTS_OF_ACCOUNT, by.account.id)
        at = self._clock_ms()
        series = _series(body.starts, body.zone, body.minutes, body.rrule)
        draft = Draft(
            title=clean_title(body.title),
            description=clean_lines(body.description, DESCRIPTION_MAX_CHARS),
            series=series,
            opens_before_min=body.opens_before_min,
            remind_before_min=body.remind_before_min,
            state=EventState.CONFIRMED,
            span=span(series),
            next_reminder_at_ms=next_reminder(series, body.remind_before_min, at),
        )
        organization_id = by.memberships[0].organization.id if by.memberships else None
        code = new_room_code()

        def add_meeting(session: AsyncSession) -> str:
            row = new_meeting_row(
                code,
                draft.title,
                by.account.id,
                organization_id,
                body.lobby_enabled,
                body.guests_allowed,
                at,
                encrypted=body.encrypted,
            )
            session.add(row)
            return row.id

        event_id = await self._events.add(
            draft,
            code=code,
            organizer_id=by.account.id,
            organization_id=organization_id,
            meeting=add_meeting,
            invitees=await self._wishes(by, body.invitees),
            at_ms=at,
        )
        log.info("event_made", scheduled=event_id, by=by.account.id)
        self._on_change()
        return event_id

    async def change(self, by: Member, event_id: str, body: schemas.ChangeEvent) -> str:
        """The id of the event that holds the change: another one when a series was parted."""
        await self._limits.take(CHANGES_OF_ACCOUNT, by.account.id)
        seen = await self.managed(by, event_id)
        _open(seen.event, body.sequence)
        try:
            match body.scope:
                case EventScope.ALL:
                    await self._change_all(by, seen, body)
                case EventScope.ONE:
                    await self._change_one(seen, body)
                case EventScope.FOLLOWING:
                    event_id = await self._change_following(by, seen, body)
        except SeriesRefused as refused:
            raise _refusal(refused) from None
        log.info("event_changed", scheduled=event_id, by=by.account.id, scope=body.scope)
        self._on_change()
        return event_id

    async def _change_all(self, by: Member, seen: Seen, body: schemas.ChangeEvent) -> None:
        event, old = seen.event, seen.event.series
        zone = _given(body.zone, old.zone)
        rule = old.rule if body.rrule is UNSET else _rule(body.rrule, zone)
        starts = old.starts if body.starts is UNSET else _local(body.starts)
        if find_zone(zone) is None:
            raise invalid(zone=FieldFault.INVALID)
        series = changed(old, starts, zone, _given(body.minutes, old.minutes), rule)
        moved = replace(series, overrides=()) != replace(old, overrides=())
        draft = self._draft(event, series, body)
        wishes = None if body.invitees is UNSET else tuple(await self._wishes(by, body.invitees))
        others = moved or draft.title != event.title or draft.description != event.description
        await self._events.change(
            event.id,
            Change(
                draft,
                event.sequence,
                event.organizer.id if event.organizer else None,
                reset_answers=moved,
                invitees=wishes,
                mailings=((MailingKind.REQUEST, ""),) if others else (),
            ),
            self._clock_ms(),
        )

    async def _change_one(self, seen: Seen, body: schemas.ChangeEvent) -> None:
        event, old = seen.event, seen.event.series
        if old.rule is None:
            await self._change_all_of_one(seen, body)
            return
        if occurrence(old, body.key) is None:
            raise SeriesRefused("cancelled, or never there")
        before = override_of(old, body.key)
        after = replace(
            before,
            starts=before.starts if body.starts is UNSET else _local(body.starts),
            minutes=_given(body.minutes, before.minutes),
            title=before.title if body.title is UNSET else clean_title(body.title),
            sequence=event.sequence + 1,
        )
        moved = (after.starts, after.minutes) != (before.starts, before.minutes)
        await self._events.change(
            event.id,
            Change(
                self._draft(event, with_override(old, after)),
                event.sequence,
                event.organizer.id if event.organizer else None,
                reset_key=body.key if moved else "",
                mailings=((MailingKind.REQUEST_ONE, body.key),),
            ),
            self._clock_ms(),
        )

    async def _change_all_of_one(self, seen: Seen, body: schemas.ChangeEvent) -> None:
        """An event without a rule has one occurrence, which is the event."""
        event, old = seen.event, seen.event.series
        starts = old.starts if body.starts is UNSET else _local(body.starts)
        series = changed(old, starts, old.zone, _given(body.minutes, old.minutes), None)
        await self._events.change(
            event.id,
            Change(
                self._draft(event, series, body),
                event.sequence,
                event.organizer.id if event.organizer else None,
                reset_answers=series != old,
                mailings=((MailingKind.REQUEST, ""),),
            ),
            self._clock_ms(),
        )

    async def _change_following(self, by: Member, seen: Seen, body: schemas.ChangeEvent) -> str:
        event = seen.event
        earlier, later = parted(event.series, body.key)
        zone = _given(body.zone, later.zone)
        if find_zone(zone) is None:
            raise invalid(zone=FieldFault.INVALID)
        rule = later.rule if body.rrule is UNSET else _rule(body.rrule, zone)
        starts = later.starts if body.starts is UNSET else _local(body.starts)
        series = changed(later, starts, zone, _given(body.minutes, later.minutes), rule)
        wishes = _as_wishes(seen.invitees) if body.invitees is UNSET else await self._wishes(by, body.invitees)
        new_id = await self._events.split(
            event.id,
            Change(
                self._draft(event, earlier),
                event.sequence,
                event.organizer.id if event.organizer else None,
                mailings=((MailingKind.REQUEST, ""),),
            ),
            self._draft(event, series, body),
            wishes,
            self._clock_ms(),
        )
        log.info("series_parted", scheduled=event.id, rest=new_id)
        return new_id

    async def cancel(self, by: Member, event_id: str, body: schemas.CancelEvent) -> None:
        await self._limits.take(CHANGES_OF_ACCOUNT, by.account.id)
        event = (await self.managed(by, event_id)).event
        _open(event, body.sequence)
        scope = EventScope.ALL if event.series.rule is None else body.scope
        try:
            match scope:
                case EventScope.ALL:
                    draft = replace(self._draft(event, event.series), state=EventState.CANCELLED, next_reminder_at_ms=0)
                    mailing = (MailingKind.CANCEL, "")
                case EventScope.ONE:
                    if occurrence(event.series, body.key) is None:
                        raise SeriesRefused("cancelled, or never there")
                    gone = replace(override_of(event.series, body.key), cancelled=True, sequence=event.sequence + 1)
                    draft = self._draft(event, with_override(event.series, gone))
                    mailing = (MailingKind.CANCEL_ONE, body.key)
                case EventScope.FOLLOWING:
                    draft = self._draft(event, parted(event.series, body.key)[0])
                    mailing = (MailingKind.REQUEST, "")  # RFC 5546 3.2.5.1: the rest goes by a new UNTIL
        except SeriesRefused as refused:
            raise _refusal(refused) from None
        organizer_id = event.organizer.id if event.organizer else None
        change = Change(draft, event.sequence, organizer_id, mailings=(mailing,))
        await self._events.change(event_id, change, self._clock_ms())
        log.info("event_cancelled", scheduled=event_id, by=by.account.id, scope=scope)
        self._on_change()

    # ------------------------------------------------------------ answering

    async def answer(self, by: Member, event_id: str, body: schemas.GiveAnswer) -> None:
        seen = await self.seen(by, event_id)
        _open(seen.event, seen.event.sequence)
        if body.key and occurrence(seen.event.series, body.key) is None:
            raise invalid(key=FieldFault.INVALID)
        if seen.event.organizer is not None and seen.event.organizer.id == by.account.id:
            raise Refusal(Code.WRONG_STATE, "the organizer comes anyway")
        if seen.own is None and seen.part is not EventPart.COLLEAGUE:
            raise Refusal(Code.FORBIDDEN, "not invited")
        at = self._clock_ms()
        invitee_id = (
            seen.own.id
            if seen.own
            else await self._events.join(event_id, by.account.id, by.account.email, by.account.name, at)
        )
        note = clean_lines(body.note, NOTE_MAX_CHARS)
        if await self._answers.give(invitee_id, body.key, InvitationAnswer(body.answer.value), note, at):
            self._nudge()

    # ------------------------------------------------------------

    def _draft(self, event: Event, series: Series, body: schemas.ChangeEvent | None = None) -> Draft:
        title, description = event.title, event.description
        opens, remind = event.opens_before_min, event.remind_before_min
        if body is not None:
            title = title if body.title is UNSET else clean_title(body.title)
            description = (
                description if body.description is UNSET else clean_lines(body.description, DESCRIPTION_MAX_CHARS)
            )
            opens, remind = _given(body.opens_before_min, opens), _given(body.remind_before_min, remind)
        return Draft(
            title=title,
            description=description,
            series=series,
            opens_before_min=opens,
            remind_before_min=remind,
            state=event.state,
            span=span(series),
            next_reminder_at_ms=next_reminder(series, remind, self._clock_ms()),
        )

    async def _wishes(self, by: Member, invites: Sequence[schemas.NewInvitee]) -> list[InviteeWish]:
        """Raises INVALID for whoever one may not invite by id, as for those who do not exist."""
        reach = reach_of(by)
        accounts = {one.account_id for one in invites if one.account_id}
        if accounts and accounts - await self._people.known(reach, accounts):
            raise invalid(invitees=FieldFault.INVALID)
        offered: dict[str, str] = {}
        if any(one.organization_id for one in invites):
            found = await self._people.organizations(reach, park_staff=by.in_park)
            offered = {one.id: one.name for one in found}
        wishes = [_wish(one, offered) for one in invites]
        if sum(1 for one in wishes if one.email) > OUTSIDERS_MAX:
            raise Refusal(Code.TOO_MANY, "mail addresses")
        return wishes


def next_reminder(series: Series, before_min: int, at_ms: int) -> int:
    """When the next occurrence is reminded of; 0 for never."""
    if before_min < 0:
        return 0
    coming = next_after(series, at_ms + before_min * MINUTE_MS)
    return coming.starts_at_ms - before_min * MINUTE_MS if coming else 0


def _wish(invite: schemas.NewInvitee, organizations: dict[str, str]) -> InviteeWish:
    named = [bool(invite.account_id), bool(invite.organization_id), bool(invite.email)]
    if sum(named) != 1:
        raise invalid(invitees=FieldFault.INVALID)
    if invite.account_id:
        return InviteeWish(account_id=invite.account_id)
    if invite.organization_id:
        if invite.organization_id not in organizations:
            raise invalid(invitees=FieldFault.INVALID)
        return InviteeWish(organization_id=invite.organization_id, name=organizations[invite.organization_id])
    try:
        email = normal_email(invite.email)
        return InviteeWish(email=email, name=person_name(invite.name or email.partition("@")[0]))
    except Refusal:
        raise invalid(invitees=FieldFault.INVALID) from None


def _as_wishes(invitees: Sequence[Invitee]) -> list[InviteeWish]:
    return [
        InviteeWish(
            account_id=one.account_id or "",
            organization_id=one.organization_id or "",
            email="" if one.account_id or one.organization_id else one.email,
            name=one.name,
        )
        for one in invitees
        if one.named
    ]


def _series(starts: str, zone: str, minutes: int, rrule: str) -> Series:
    if find_zone(zone) is None:
        raise invalid(zone=FieldFault.INVALID)
    try:
        return aligned(Series(_local(starts), zone, minutes, _rule(rrule, zone)))
    except SeriesRefused as refused:
        raise _refusal(refused) from None


def _local(text: str) -> datetime:
    local = parse_local(text)
    if local is None:
        raise invalid(starts=FieldFault.INVALID)
    return local


def _rule(text: str, zone: str) -> Rule | None:
    if not text:
        return None
    try:
        return parse_rule(text, ZoneInfo(zone))
    except RuleRefused as refused:
        raise Refusal(Code.INVALID, str(refused), fields={"rrule": FieldFault.INVALID}) from None


def _refusal(refused: SeriesRefused) -> Refusal:
    return Refusal(Code.INVALID, str(refused), fields={"rrule": FieldFault.INVALID})


def _open(event: Event, sequence: int) -> None:
    if event.state is EventState.CANCELLED:
        raise Refusal(Code.WRONG_STATE, "cancelled")
    if event.sequence != sequence:
        raise Refusal(Code.CONFLICT, "the event was changed meanwhile")


def _given(value: T | UnsetType, former: T) -> T:
    return former if isinstance(value, UnsetType) else value
