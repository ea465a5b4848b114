"""Due times: on working days, over holidays, weekends and changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.requests.working_time import (
    BadHours,
    Calendar,
    Clock,
    ExtraDay,
    Holiday,
    Minutes,
    SameDay,
    Span,
    WorkingDays,
    WorkingHours,
    calendar_of,
)

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
WEEK = ((Span("09:00", "12:00"), Span("13:30", "18:00")),) * 5 + ((), ())
PARK = calendar_of(WorkingHours(holidays=(Holiday("2026-10-01"), Holiday("2026-10-02"))))
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu")


def at(calendar: Calendar, text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=calendar.zone).timestamp() * 1_000)


def local(calendar: Calendar, at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1_000, UTC).astimezone(calendar.zone).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("clock", "filed", "due"),
    [
        (Minutes(60), "2026-09-21 11:30", "2026-09-21 14:00"),  # over the noon break
        (Minutes(60), "2026-09-25 17:30", "2026-09-28 09:30"),  # over a weekend
        (Minutes(60), "2026-09-20 03:00", "2026-09-21 10:00"),
        (Minutes(60), "2026-09-21 11:00", "2026-09-21 12:00"),  # the last minute of a span counts
        (Minutes(60, around_the_clock=True), "2026-09-20 23:30", "2026-09-21 00:30"),
        (SameDay("18:00", "16:00"), "2026-09-21 08:00", "2026-09-21 18:00"),
        (SameDay("18:00", "16:00"), "2026-09-21 16:00", "2026-09-21 18:00"),
        (SameDay("18:00", "16:00"), "2026-09-21 16:01", "2026-09-22 18:00"),
        (SameDay("18:00", "16:00"), "2026-09-30 17:00", "2026-10-05 18:00"),  # holidays, then a weekend
        (SameDay("18:00", "20:00"), "2026-09-21 18:00", "2026-09-22 18:00"),  # never due when it is filed
        (WorkingDays(1), "2026-09-21 10:00", "2026-09-22 18:00"),
        (WorkingDays(3), "2026-09-29 10:00", "2026-10-06 18:00"),
        (WorkingDays(1), "2026-09-26 10:00", "2026-09-28 18:00"),
    ],
)
def test_when_something_is_due(clock: Clock, filed: str, due: str) -> None:
    assert local(PARK, PARK.due_ms(clock, at(PARK, filed))) == due


def test_a_weekend_that_is_worked_for_a_holiday_counts() -> None:
    calendar = calendar_of(
        WorkingHours(holidays=(Holiday("2026-10-05"),), extra_days=(ExtraDay("2026-10-10", (Span("09:00", "15:00"),)),))
    )
    assert local(calendar, calendar.due_ms(WorkingDays(1), at(calendar, "2026-10-09 12:00"))) == "2026-10-10 15:00"
    assert not calendar.is_working_day(date(2026, 10, 5))


def test_days_on_which_clocks_change_are_as_long_as_they_are() -> None:
    nights = calendar_of(WorkingHours("Europe/Berlin", ((Span("00:00", "24:00"),),) * 7))
    spring, autumn = at(nights, "2026-03-29 00:00"), at(nights, "2026-10-25 00:00")
    assert nights.worked_ms(spring, at(nights, "2026-03-30 00:00")) == 23 * HOUR_MS
    assert nights.worked_ms(autumn, at(nights, "2026-10-26 00:00")) == 25 * HOUR_MS
    assert local(nights, nights.after(spring, 3 * HOUR_MS)) == "2026-03-29 04:00"
    office = calendar_of(WorkingHours("Europe/Berlin", WEEK))
    assert local(office, office.due_ms(SameDay(), at(office, "2026-03-29 12:00"))) == "2026-03-30 18:00"
    inside = calendar_of(WorkingHours("Europe/Berlin", ((Span("02:00", "03:00"),),) * 7))
    assert inside.spans(date(2026, 3, 29)) == []  # the hour does not exist


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        (WorkingHours("Nowhere/Land"), "time_zone"),
        (WorkingHours("../../etc/passwd"), "time_zone"),
        (WorkingHours(week=((),) * 7), "week"),
        (WorkingHours(week=((Span("18:00", "09:00"),),) * 7), "week"),
        (WorkingHours(week=((Span("09:00", "12:00"), Span("11:00", "13:00")),) * 7), "week"),
        (WorkingHours(week=((Span("09:00", "09:00"),),) * 7), "week"),
        (WorkingHours(holidays=(Holiday("2026-02-30"),)), "holidays"),
        (WorkingHours(extra_days=(ExtraDay("2026-13-01", ()),)), "extra_days"),
    ],
)
def test_hours_that_make_no_sense_are_named(hours: WorkingHours, field: str) -> None:
    with pytest.raises(BadHours, match=field):
        calendar_of(hours)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    quarter = st.integers(0, 96)

    def spans() -> tuple[Span, ...]:
        edges = sorted(draw(st.lists(quarter, min_size=2, max_size=4, unique=True)))
        pairs = zip(edges[::2], edges[1::2], strict=False)
        return tuple(Span(_local(begin), _local(end)) for begin, end in pairs)

    week = tuple(spans() if draw(st.booleans()) or day == 2 else () for day in range(7))
    holidays = draw(st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=8))
    zone = draw(st.sampled_from(ZONES))
    return calendar_of(WorkingHours(zone, week, tuple(Holiday(day.isoformat()) for day in holidays)))


def _local(quarters: int) -> str:
    return f"{quarters // 4:02d}:{quarters % 4 * 15:02d}"


instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)).map(  # noqa: DTZ001 -- taken as UTC below
    lambda moment: int(moment.replace(tzinfo=UTC).timestamp()) * 1_000
)
clocks = st.one_of(
    st.builds(Minutes, st.integers(1, 10_000), st.booleans()),
    st.builds(SameDay, st.sampled_from(["09:00", "18:00", "24:00"]), st.sampled_from(["08:00", "16:00", "23:00"])),
    st.builds(WorkingDays, st.integers(1, 30)),
)


@given(calendars(), instants, st.integers(1, 30 * 60))
def test_what_is_added_can_be_counted(calendar: Calendar, begin: int, minutes: int) -> None:
    length = minutes * 60_000
    due = calendar.after(begin, length)
    assert due > begin
    assert calendar.worked_ms(begin, due) == length
    assert calendar.worked_ms(begin, due - 1) < length  # the first such instant


@given(calendars(), instants, clocks, st.integers(0, 40 * DAY_MS))
def test_what_is_filed_later_is_never_due_earlier(calendar: Calendar, filed: int, clock: Clock, later: int) -> None:
    first = calendar.due_ms(clock, filed)
    assert first > filed
    assert calendar.due_ms(clock, filed + later) >= first


@given(calendars(), instants, st.integers(0, 20 * DAY_MS), st.integers(0, 20 * DAY_MS))
def test_working_time_adds_up(calendar: Calendar, begin: int, first: int, second: int) -> None:
    middle, end = begin + first, begin + first + second
    whole = calendar.worked_ms(begin, end)
    assert whole == calendar.worked_ms(begin, middle) + calendar.worked_ms(middle, end)
    assert 0 <= whole <= end - begin


@given(calendars(), st.dates(date(2026, 1, 2), date(2026, 12, 30)))
def test_spans_of_a_day_are_in_order_and_inside_it(calendar: Calendar, day: date) -> None:
    edges = [edge for span in calendar.spans(day) for edge in span]
    assert edges == sorted(edges)
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(str(calendar.zone)))
    for edge in edges:
        assert abs(edge / 1_000 - midnight.timestamp()) <= timedelta(hours=26).total_seconds()
