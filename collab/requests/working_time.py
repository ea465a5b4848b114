"""When something is due: the park's working hours, its holidays, and the three clocks of request types.  Pure.

All sums are done on instants (milliseconds since the epoch); only the edges of a day's hours are local times.  A day on
which clocks change is therefore an hour longer or shorter, as it is for the people who work then.  A local time that
does not exist is taken an hour later, one that exists twice is its first (PEP 495, fold=0).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final, assert_never
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

MINUTE_MS: Final = 60_000
DAY_MINUTES: Final = 1_440
EPOCH: Final = date(1970, 1, 1)
CLOCK_DAYS_MAX: Final = 250
CLOCK_MINUTES_MAX: Final = 60 * 24 * 60
HOLIDAYS_MAX: Final = 400
SPANS_MAX: Final = 4
SEARCH_DAYS_MAX: Final = 7 * (CLOCK_DAYS_MAX + 61) + HOLIDAYS_MAX  # one working day a week, and all holidays in a row

LocalTime = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
LocalDate = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Span(Struct, frozen=True, forbid_unknown_fields=True):
    """Of one local day; `end` 24:00 is the next midnight."""

    begin: LocalTime
    end: LocalTime


Spans = Annotated[tuple[Span, ...], Meta(max_length=SPANS_MAX)]


class Holiday(Struct, frozen=True, forbid_unknown_fields=True):
    date: LocalDate
    name: Annotated[str, Meta(max_length=64)] = ""


class ExtraDay(Struct, frozen=True, forbid_unknown_fields=True):
    """A day off that is worked: the other side of a long holiday."""

    date: LocalDate
    spans: Spans


class WorkingHours(Struct, frozen=True, forbid_unknown_fields=True):
    time_zone: Annotated[str, Meta(min_length=1, max_length=64)] = "Asia/Shanghai"
    week: Annotated[tuple[Spans, ...], Meta(min_length=7, max_length=7)] = (
        *(((Span("09:00", "12:00"), Span("13:30", "18:00")),) * 5),
        (),
        (),
    )  # from Monday
    holidays: Annotated[tuple[Holiday, ...], Meta(max_length=HOLIDAYS_MAX)] = ()
    extra_days: Annotated[tuple[ExtraDay, ...], Meta(max_length=HOLIDAYS_MAX)] = ()


# ---------------------------------------------------------------- clocks


class Minutes(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="minutes"):
    minutes: Annotated[int, Meta(ge=1, le=CLOCK_MINUTES_MAX)]
    around_the_clock: bool = False  # else only working time counts


class SameDay(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="same_day"):
    """The working day of filing, before `before`; what is filed after `filed_by` belongs to the next working day."""

    before: LocalTime = "18:00"
    filed_by: LocalTime = "16:00"


class WorkingDays(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="working_days"):
    """The end of the nth working day after the day of filing."""

    days: Annotated[int, Meta(ge=1, le=CLOCK_DAYS_MAX)]


Clock = Minutes | SameDay | WorkingDays


class BadHours(Exception):
    """The hours make no sense; the text is the name of the field."""


@dataclass(frozen=True)
class Calendar:
    """Working hours made ready to count with."""

    zone: ZoneInfo
    week: tuple[tuple[tuple[int, int], ...], ...]  # minutes of the local day, from Monday
    special: dict[date, tuple[tuple[int, int], ...]]  # holidays and extra days

    # ------------------------------------------------------------ days

    def day_of(self, at_ms: int) -> date:
        return datetime.fromtimestamp(at_ms / 1_000, UTC).astimezone(self.zone).date()

    def day_number(self, at_ms: int) -> int:
        """Days of the park's calendar since the epoch."""
        return (self.day_of(at_ms) - EPOCH).days

    def instant(self, day: date, minute: int) -> int:
        """A local time as milliseconds since the epoch."""
        whole, rest = divmod(minute, DAY_MINUTES)
        day += timedelta(days=whole)
        local = datetime(day.year, day.month, day.day, rest // 60, rest % 60, tzinfo=self.zone)
        return int(local.timestamp()) * 1_000

    def spans(self, day: date) -> list[tuple[int, int]]:
        """The instants between which this day is worked, in order, none empty."""
        minutes = self.special.get(day, self.week[day.weekday()])
        instants = [(self.instant(day, begin), self.instant(day, end)) for begin, end in minutes]
        return [(begin, end) for begin, end in instants if begin < end]

    def is_working_day(self, day: date) -> bool:
        return bool(self.spans(day))

    def working_days_from(self, day: date) -> Iterator[date]:
        """This day, if it is worked, and those after; ends where nobody would look any more."""
        for offset in range(SEARCH_DAYS_MAX):
            one = day + timedelta(days=offset)
            if self.is_working_day(one):
                yield one

    # ------------------------------------------------------------ working time

    def worked_ms(self, begin_ms: int, end_ms: int) -> int:
        """How much working time lies between two instants; 0 when the second is not later."""
        total, day, last = 0, self.day_of(begin_ms), self.day_of(end_ms)
        while day <= last:
            for begin, end in self.spans(day):
                total += max(0, min(end, end_ms) - max(begin, begin_ms))
            day += timedelta(days=1)
        return total

    def after(self, begin_ms: int, work_ms: int) -> int:
        """The first instant at which `work_ms` of working time have passed since `begin_ms`."""
        if work_ms <= 0:
            return begin_ms
        left = work_ms
        for day in self.working_days_from(self.day_of(begin_ms)):
            for begin, end in self.spans(day):
                here = max(begin, begin_ms)
                if end - here >= left:
                    return here + left
                left -= max(0, end - here)
        return begin_ms + work_ms  # more than a clock can be set to

    def due_ms(self, clock: Clock, filed_ms: int) -> int:
        """When a request that was filed then is due; always later than it was filed."""
        match clock:
            case Minutes():
                length = clock.minutes * MINUTE_MS
                return filed_ms + length if clock.around_the_clock else self.after(filed_ms, length)
            case SameDay():
                return self._same_day(clock, filed_ms)
            case WorkingDays():
                return self._end_of_day(clock.days, filed_ms)
            case _:
                assert_never(clock)

    def _same_day(self, clock: SameDay, filed_ms: int) -> int:
        before, filed_by = minute_of(clock.before), minute_of(clock.filed_by)
        for day in self.working_days_from(self.day_of(filed_ms)):
            due = self.instant(day, before)
            if filed_ms < due and filed_ms <= self.instant(day, filed_by):
                return due
        return filed_ms + DAY_MINUTES * MINUTE_MS

    def _end_of_day(self, days: int, filed_ms: int) -> int:
        first = self.day_of(filed_ms) + timedelta(days=1)
        for number, day in enumerate(self.working_days_from(first), 1):
            if number == days:
                return self.spans(day)[-1][1]
        return filed_ms + days * DAY_MINUTES * MINUTE_MS


def minute_of(local: str) -> int:
    return int(local[:2]) * 60 + int(local[3:])


def calendar_of(hours: WorkingHours) -> Calendar:
    """Raises BadHours.  Reads the time zone's file the first time it is asked for."""
    try:
        zone = ZoneInfo(hours.time_zone)
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError with a path in it
        raise BadHours("time_zone") from None
    except KeyError:
        raise BadHours("time_zone") from None
    week = tuple(_minutes(spans, "week") for spans in hours.week)
    if not any(week):
        raise BadHours("week")
    special = {_date(one.date, "extra_days"): _minutes(one.spans, "extra_days") for one in hours.extra_days}
    special.update({_date(one.date, "holidays"): () for one in hours.holidays})
    return Calendar(zone, week, special)


def _minutes(spans: tuple[Span, ...], field: str) -> tuple[tuple[int, int], ...]:
    minutes = tuple((minute_of(span.begin), minute_of(span.end)) for span in spans)
    edges = [edge for span in minutes for edge in span]
    if edges != sorted(edges) or any(begin == end for begin, end in minutes):
        raise BadHours(field)
    return minutes


def _date(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadHours(field) from None
