"""Scheduled meetings as calendar objects (RFC 5545) and the messages about them (RFC 5546).  Pure.

Every message names its recipient only: nobody learns the others' addresses.  Times stand in the series' zone, with its
VTIMEZONE, so that a meeting stays at its hour in programs that know other rules for the zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, vCalAddress, vRecur, vText
from icalendar import Event as VEvent
from msgspec import Struct

from .expand import Override, Series, local_at, local_of_key, span, utc
from .models import EventState, InvitationAnswer, MailingKind
from .values import Event, Invitee

PRODUCT = "-//Tongxin//Schedule//EN"
NOBODY = "nobody@tongxin.invalid"  # RFC 2606: the organizer's account is gone

_PARTSTAT = {
    InvitationAnswer.NEEDS_ACTION: "NEEDS-ACTION",
    InvitationAnswer.ACCEPTED: "ACCEPTED",
    InvitationAnswer.TENTATIVE: "TENTATIVE",
    InvitationAnswer.DECLINED: "DECLINED",
}


class Addressed(Struct, frozen=True):
    """One message: about what, to whom, and where they go from it."""

    event: Event
    invitee: Invitee
    kind: MailingKind
    key: str  # of the occurrence that it is about; "" = all
    description: str
    link: str
    at_ms: int


def message(about: Addressed) -> bytes:
    """The calendar object of one mail."""
    event, kind = about.event, about.kind
    calendar = _calendar(method_of(kind))
    cancelled = kind in (MailingKind.CANCEL, MailingKind.CANCEL_ONE)
    if about.key:
        override = next((one for one in event.series.overrides if one.key == about.key), Override(about.key))
        components = [_occurrence(event, override, about.description, about.link, about.at_ms)]
    else:
        components = _components(event, about.description, about.link, about.at_ms)
    for component in components:
        component.add("organizer", _organizer(event))
        component.add("attendee", _attendee(about.invitee, about.key), encode=False)
        component["status"] = vText("CANCELLED" if cancelled else "CONFIRMED")
        calendar.add_component(component)
    return _finished(calendar, [event])


def feed(events: Sequence[tuple[Event, str]], name: str, at_ms: int) -> bytes:
    """All of a person's meetings, each with its link, for programs that subscribe."""
    calendar = _calendar("PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(minutes=30), parameters={"VALUE": "DURATION"})  # RFC 7986 5.7
    for event, link in events:
        for component in _components(event, event.description, link, event.changed_at_ms):
            component.add("organizer", _organizer(event))
            calendar.add_component(component)
    return _finished(calendar, [event for event, _link in events]) if events else bytes(calendar.to_ical())


def method_of(kind: MailingKind) -> str:
    return "CANCEL" if kind in (MailingKind.CANCEL, MailingKind.CANCEL_ONE) else "REQUEST"


def uid_of(event: Event) -> str:
    return f"{event.id}@tongxin"


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _components(event: Event, description: str, link: str, at_ms: int) -> list[VEvent]:
    """The series, and one component for every occurrence that differs."""
    series = event.series
    master = _component(event, series.starts, series.minutes, event.title, description, link, at_ms)
    master.add("sequence", event.sequence)
    if series.rule is not None:
        master.add("rrule", vRecur.from_ical(series.rule.text))
    cancelled = [
        _aware(local, series) for one in series.overrides if one.cancelled and (local := local_of_key(one.key))
    ]
    if cancelled:
        master.add("exdate", cancelled)
    return [master] + [
        _occurrence(event, one, description, link, at_ms) for one in series.overrides if not one.cancelled
    ]


def _occurrence(event: Event, override: Override, description: str, link: str, at_ms: int) -> VEvent:
    series = event.series
    named = local_of_key(override.key) or series.starts
    component = _component(
        event,
        override.starts or named,
        override.minutes or series.minutes,
        override.title or event.title,
        description,
        link,
        at_ms,
    )
    component.add("sequence", event.sequence)
    component.add("recurrence-id", _aware(named, series))
    return component


def _component(
    event: Event, starts: datetime, minutes: int, title: str, description: str, link: str, at_ms: int
) -> VEvent:
    component = VEvent()
    begins = _aware(starts, event.series)
    component.add("uid", uid_of(event))
    component.add("dtstamp", utc(at_ms))
    component.add("created", utc(event.created_at_ms))
    component.add("last-modified", utc(event.changed_at_ms))
    component.add("dtstart", begins)
    ends = begins.timestamp() + minutes * 60  # exact minutes, whatever the clock does meanwhile
    component.add("dtend", datetime.fromtimestamp(ends, ZoneInfo(event.series.zone)))
    component.add("summary", title)
    component.add("description", description)
    component.add("location", link)
    component.add("url", link)
    component.add("status", "CONFIRMED" if event.state is EventState.CONFIRMED else "CANCELLED")
    return component


def _organizer(event: Event) -> vCalAddress:
    address = vCalAddress(f"mailto:{event.organizer_email or NOBODY}")
    address.params["CN"] = vText(event.organizer.name if event.organizer else "")
    return address


def _attendee(invitee: Invitee, key: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{invitee.email}")
    address.params["CN"] = vText(invitee.name)
    address.params["ROLE"] = vText("REQ-PARTICIPANT")
    address.params["PARTSTAT"] = vText(_PARTSTAT[invitee.answer_for(key)])
    address.params["RSVP"] = vText("TRUE")
    return address


def _aware(local: datetime, series: Series) -> datetime:
    return local.replace(tzinfo=ZoneInfo(series.zone), fold=0)


def _finished(calendar: Calendar, events: Sequence[Event]) -> bytes:
    """With the rules of every zone over the years that are needed."""
    spans = [span(one.series) for one in events]
    first = local_at(min(one[0] for one in spans), "UTC").date() - timedelta(days=366)
    last = local_at(max(one[1] for one in spans), "UTC").date() + timedelta(days=366)
    calendar.add_missing_timezones(first_date=first, last_date=date(last.year, 12, 31))
    return bytes(calendar.to_ical())
