"""Series become occurrences as other libraries see them, in zones whose clocks change, and never without a bound."""

# ruff: noqa: DTZ001 -- local times are what they are
from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from collab.schedule.expand import (
    Override,
    Series,
    SeriesRefused,
    aligned,
    at_ms,
    find_zone,
    has_key,
    key_of,
    next_after,
    occurrence,
    occurrences,
    parse_local,
    span,
)
from collab.schedule.rules import parse_rule

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
DAY_MS = 86_400_000
TEN_YEARS_MS = 3_700 * DAY_MS

rules = st.one_of(
    st.builds("FREQ=DAILY;INTERVAL={}".format, st.integers(1, 40)),
    st.builds(
        "FREQ=WEEKLY;INTERVAL={};BYDAY={}".format,
        st.integers(1, 6),
        st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=4, unique=True).map(
            ",".join
        ),
    ),
    st.builds("FREQ=WEEKLY;INTERVAL={};WKST=SU;BYDAY=SU,MO".format, st.integers(1, 3)),
    st.builds("FREQ=MONTHLY;INTERVAL={};BYDAY={}".format, st.integers(1, 5), st.sampled_from(["2TU", "-1FR", "1MO"])),
    st.builds("FREQ=MONTHLY;BYMONTHDAY={}".format, st.sampled_from([1, 15, 28, 31, -1])),
    st.just("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
    st.just("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"),
)
ends = st.one_of(
    st.just(""), st.builds(";COUNT={}".format, st.integers(1, 60)), st.sampled_from([";UNTIL=20270601T120000Z"])
)
starts = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(
    lambda local: local.replace(second=0, microsecond=0)
)


@st.composite
def series_of(draw: st.DrawFn) -> Series:
    zone = draw(st.sampled_from(ZONES))
    rule = parse_rule(draw(rules) + draw(ends), ZoneInfo(zone))
    try:
        return aligned(Series(draw(starts), zone, draw(st.sampled_from([15, 60, 600])), rule))
    except SeriesRefused:
        assume(False)
        raise


@given(series_of(), st.integers(0, 900), st.integers(1, 90))
@settings(max_examples=120, deadline=None)
def test_every_window_shows_what_dateutil_finds(series: Series, first_day: int, days: int) -> None:
    assert series.rule is not None
    from_ms = at_ms(series.starts, series.zone) + (first_day - 30) * DAY_MS
    to_ms = from_ms + days * DAY_MS
    unended = ";".join(part for part in series.rule.text.split(";") if not part.startswith("UNTIL"))
    expected = []
    for local in rrulestr(unended, dtstart=series.starts):
        begins_ms = at_ms(local, series.zone)
        if begins_ms >= to_ms + 2 * DAY_MS or (series.rule.until_ms and begins_ms > series.rule.until_ms):
            break
        if begins_ms < to_ms and begins_ms + series.minutes * 60_000 > from_ms:
            expected.append(key_of(local))
    found = occurrences(series, from_ms, to_ms)
    assert [one.key for one in found] == sorted(expected)
    assert all(has_key(series, one.key) and occurrence(series, one.key) == one for one in found)


@given(series_of(), st.data())
@settings(max_examples=40, deadline=None)
def test_a_calendar_library_sees_the_same_with_exceptions(series: Series, data: st.DataObject) -> None:
    begin = at_ms(series.starts, series.zone)
    window = (begin, begin + 60 * DAY_MS)
    base = occurrences(series, *window)
    # Of an hour that does not exist RFC 5545 3.3.5 says what it means; the library leaves it out.
    assume(all(_exists(one.key, series.zone) for one in base))
    chosen = data.draw(st.lists(st.sampled_from(base), max_size=3, unique=True)) if base else []
    cancelled = {one.key for one in chosen}
    series = Series(
        series.starts,
        series.zone,
        series.minutes,
        series.rule,
        tuple(Override(key, cancelled=True) for key in cancelled),
    )
    assert series.rule is not None
    zone = ZoneInfo(series.zone)
    event = icalendar.Event()
    event.add("uid", "1")
    event.add("dtstart", series.starts.replace(tzinfo=zone))
    event.add("duration", timedelta(minutes=series.minutes))
    event.add("rrule", icalendar.vRecur.from_ical(series.rule.text))
    if cancelled:
        event.add("exdate", [datetime.strptime(key, "%Y%m%dT%H%M%S").replace(tzinfo=zone) for key in cancelled])
    calendar = icalendar.Calendar()
    calendar.add_component(event)
    seen = recurring_ical_events.of(calendar).between(
        datetime.fromtimestamp(window[0] / 1_000, UTC), datetime.fromtimestamp(window[1] / 1_000, UTC)
    )
    assert sorted(int(one["DTSTART"].dt.timestamp()) * 1_000 for one in seen) == [
        one.starts_at_ms for one in occurrences(series, *window)
    ]


def _exists(key: str, zone: str) -> bool:
    local = datetime.strptime(key, "%Y%m%dT%H%M%S")  # noqa: DTZ007 -- local in its zone
    return datetime.fromtimestamp(at_ms(local, zone) / 1_000, ZoneInfo(zone)).replace(tzinfo=None) == local


def test_a_weekly_meeting_stays_at_its_hour_where_it_lives_when_clocks_change() -> None:
    """Berlin leaves summer time on 25 October 2026; Shanghai has none, so there it moves from 16:00 to 17:00."""
    rule = parse_rule("FREQ=WEEKLY;BYDAY=TU", ZoneInfo("Europe/Berlin"))
    series = Series(datetime(2026, 10, 13, 10), "Europe/Berlin", 60, rule)
    begin = at_ms(series.starts, series.zone)
    found = occurrences(series, begin, begin + 28 * DAY_MS)
    shanghai = [datetime.fromtimestamp(one.starts_at_ms / 1_000, ZoneInfo("Asia/Shanghai")) for one in found]
    assert [(at.day, at.hour) for at in shanghai] == [(13, 16), (20, 16), (27, 17), (3, 17)]
    assert {at.astimezone(ZoneInfo("Europe/Berlin")).hour for at in shanghai} == {10}


def test_an_hour_that_does_not_exist_is_read_with_the_offset_before_and_one_that_comes_twice_is_the_first() -> None:
    gap = at_ms(datetime(2026, 3, 29, 2, 30), "Europe/Berlin")  # RFC 5545 3.3.5
    assert datetime.fromtimestamp(gap / 1_000, UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    twice = at_ms(datetime(2026, 10, 25, 2, 30), "Europe/Berlin")
    assert datetime.fromtimestamp(twice / 1_000, UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_moved_occurrence_is_found_where_it_went_and_a_cancelled_one_nowhere() -> None:
    rule = parse_rule("FREQ=WEEKLY;BYDAY=MO", ZoneInfo("Asia/Shanghai"))
    moved = Override("20261214T090000", starts=datetime(2026, 11, 25, 15, 0), minutes=30, title="Earlier")
    series = Series(
        datetime(2026, 11, 23, 9), "Asia/Shanghai", 60, rule, (Override("20261130T090000", cancelled=True), moved)
    )
    begin = at_ms(datetime(2026, 11, 23), "Asia/Shanghai")
    found = occurrences(series, begin, begin + 8 * DAY_MS)
    assert [(one.key, one.title, one.changed) for one in found] == [
        ("20261123T090000", "", False),
        ("20261214T090000", "Earlier", True),
    ]
    assert found[1].ends_at_ms - found[1].starts_at_ms == 30 * 60_000
    assert occurrence(series, "20261130T090000") is None
    assert occurrence(series, "20261124T090000") is None
    later = next_after(series, found[1].starts_at_ms)
    assert later is not None
    assert later.key == "20261207T090000"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=YEARLY;INTERVAL=3;BYMONTH=2;BYMONTHDAY=30;BYDAY=MO,TU",
        "FREQ=MONTHLY;INTERVAL=99;BYMONTHDAY=31;UNTIL=20261124",
        "FREQ=DAILY;UNTIL=20200101",
    ],
)
def test_a_rule_without_a_date_is_refused_and_takes_no_time(rule: str) -> None:
    begun = time.process_time()
    with pytest.raises(SeriesRefused):
        aligned(Series(datetime(2026, 11, 23, 9), "UTC", 60, parse_rule(rule, ZoneInfo("UTC"))))
    assert time.process_time() - begun < 1


def test_no_series_gives_more_than_its_bound_however_wide_the_window() -> None:
    rule = parse_rule("FREQ=DAILY", ZoneInfo("UTC"))
    series = Series(datetime(2026, 1, 1, 9), "UTC", 60, rule)
    assert len(occurrences(series, 0, at_ms(datetime(2199, 1, 1), "UTC"))) == 2_000
    assert span(series)[1] - span(series)[0] < TEN_YEARS_MS
    assert next_after(series, span(series)[1]) is None


def test_a_daily_meeting_of_years_ago_is_not_counted_through() -> None:
    series = Series(datetime(2026, 1, 1, 9), "Europe/Berlin", 60, parse_rule("FREQ=DAILY", ZoneInfo("UTC")))
    begin = at_ms(datetime(2035, 6, 1), "Europe/Berlin")
    begun = time.process_time()
    for _ in range(50):
        assert len(occurrences(series, begin, begin + 7 * DAY_MS)) == 7
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("name", ["", "Mars/Base", "../../etc/passwd", "/etc/localtime", "posixrules", "Europe"])
def test_only_zones_that_there_are_are_opened(name: str) -> None:
    assert find_zone(name) is None


@pytest.mark.parametrize("text", ["2026-02-30T10:00", "1999-01-01T10:00", "2300-01-01T10:00", "2026-1-5T1:2", "x"])
def test_only_dates_of_the_calendar_are_read(text: str) -> None:
    assert parse_local(text) is None
