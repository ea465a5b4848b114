"""What a change does to a series with exceptions."""

# ruff: noqa: DTZ001 -- local times are what they are
from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collab.schedule.expand import Override, Series, SeriesRefused, at_ms, has_key, occurrences
from collab.schedule.rules import parse_rule
from collab.schedule.series import changed, override_of, parted, with_override

UTC = ZoneInfo("UTC")
WEEKLY = Series(
    datetime(2026, 11, 23, 9),
    "Asia/Shanghai",
    60,
    parse_rule("FREQ=WEEKLY;BYDAY=MO", UTC),
    (Override("20261130T090000", cancelled=True), Override("20261207T090000", title="Budget")),
)
YEARS = (0, at_ms(datetime(2030, 1, 1), "UTC"))


def test_exceptions_follow_a_new_hour_of_the_same_days() -> None:
    later = changed(WEEKLY, datetime(2026, 11, 23, 10, 30), "Asia/Shanghai", 60, WEEKLY.rule)
    assert [(one.key, one.cancelled) for one in later.overrides] == [
        ("20261130T103000", True),
        ("20261207T103000", False),
    ]


def test_exceptions_without_their_day_are_dropped() -> None:
    tuesdays = parse_rule("FREQ=WEEKLY;BYDAY=TU", UTC)
    assert changed(WEEKLY, WEEKLY.starts, WEEKLY.zone, 60, tuesdays).overrides == ()
    fortnight = parse_rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", UTC)
    assert [one.key for one in changed(WEEKLY, WEEKLY.starts, WEEKLY.zone, 60, fortnight).overrides] == [
        "20261207T090000"
    ]


def test_an_exception_belongs_to_an_occurrence() -> None:
    moved = with_override(WEEKLY, Override("20261214T090000", starts=datetime(2026, 12, 15, 9)))
    assert override_of(moved, "20261214T090000").starts == datetime(2026, 12, 15, 9)
    with pytest.raises(SeriesRefused):
        with_override(WEEKLY, Override("20261215T090000", cancelled=True))


@pytest.mark.parametrize("rule", ["FREQ=WEEKLY;BYDAY=MO;COUNT=9", "FREQ=WEEKLY;BYDAY=MO;UNTIL=20270501"])
@given(number=st.integers(1, 8))
@settings(deadline=None)
def test_two_parts_have_all_occurrences_of_the_whole(rule: str, number: int) -> None:
    whole = Series(WEEKLY.starts, WEEKLY.zone, 60, parse_rule(rule, UTC), WEEKLY.overrides)
    keys = [one.key for one in occurrences(Series(whole.starts, whole.zone, 60, whole.rule), *YEARS)]
    earlier, later = parted(whole, keys[number])
    together = [*occurrences(earlier, *YEARS), *occurrences(later, *YEARS)]
    assert together == occurrences(whole, *YEARS)
    assert not has_key(earlier, keys[number])
    assert not has_key(later, keys[number - 1])


def test_the_first_cannot_be_parted_from_nothing() -> None:
    for key in ("20261123T090000", "20261124T090000", "nonsense"):
        with pytest.raises(SeriesRefused):
            parted(WEEKLY, key)
