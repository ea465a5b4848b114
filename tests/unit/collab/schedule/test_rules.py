"""Rules are read as RFC 5545 says, and nothing unbounded gets in."""

from __future__ import annotations

from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from collab.schedule.rules import Frequency, Rule, RuleRefused, WeekdayNumber, parse_rule

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_rule_is_read_part_by_part() -> None:
    rule = parse_rule("RRULE:FREQ=MONTHLY;INTERVAL=2;BYDAY=2TU,-1FR;COUNT=12;WKST=SU", BERLIN)
    assert rule == Rule(
        Frequency.MONTHLY,
        interval=2,
        count=12,
        by_day=(WeekdayNumber(1, 2), WeekdayNumber(4, -1)),
        week_start=6,
    )


def test_a_date_as_the_end_counts_to_the_end_of_that_day_there() -> None:
    assert parse_rule("FREQ=DAILY;UNTIL=20261130", BERLIN).text == "FREQ=DAILY;UNTIL=20261130T225959Z"
    assert parse_rule("FREQ=DAILY;UNTIL=20261130T100000Z", BERLIN).text == "FREQ=DAILY;UNTIL=20261130T100000Z"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "DAILY",
        "BYDAY=TU",
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;COUNT=1000000",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=1,2,3",
        "FREQ=DAILY;COUNT=1000001",
        "FREQ=DAILY;COUNT=99999999999999999999",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=-1",
        "FREQ=DAILY;COUNT=3;UNTIL=20270101",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=100",
        "FREQ=DAILY;INTERVAL=1;INTERVAL=2",
        "FREQ=WEEKLY;BYDAY=2TU",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYMONTHDAY=3",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=3",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=MONTHLY;BYMONTH=4;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=300",
        "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
        "FREQ=MONTHLY;BYDAY=6TU",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=YEARLY;BYMONTH=-1",
        "FREQ=YEARLY;BYYEARDAY=1",
        "FREQ=DAILY;BYSETPOS=1",
        "FREQ=DAILY;UNTIL=yesterday",
        "FREQ=DAILY;UNTIL=00010101T000000Z",
        "FREQ=DAILY;X-MINE=1",
        "FREQ=DAILY\r\nATTENDEE:mailto:a@b.cc",
        "FREQ=DAILY;BYMONTH=" + ",".join(["1"] * 100),
        "RRULE:RRULE:FREQ=DAILY",
    ],
)
def test_what_no_meeting_may_have_is_refused(text: str) -> None:
    with pytest.raises(RuleRefused):
        parse_rule(text, BERLIN)


days = st.builds(WeekdayNumber, st.integers(0, 6), st.just(0))
some = st.lists(days, max_size=4, unique=True).map(lambda found: tuple(sorted(found, key=lambda one: one.weekday)))


@given(
    st.builds(
        Rule,
        frequency=st.sampled_from(Frequency),
        interval=st.integers(1, 99),
        count=st.integers(0, 1_000),
        by_day=some,
        by_month=st.lists(st.integers(1, 12), max_size=3, unique=True).map(lambda found: tuple(sorted(found))),
        week_start=st.integers(0, 6),
    )
)
def test_what_is_written_is_read_again(rule: Rule) -> None:
    assume(not rule.by_month or rule.frequency is not Frequency.MONTHLY)
    assume(rule.interval == 1 or rule.frequency is not Frequency.DAILY or not (rule.by_day or rule.by_month))
    assert parse_rule(rule.text, BERLIN) == rule


@given(st.text(max_size=80))
def test_no_text_does_more_than_to_be_refused(text: str) -> None:
    with suppress(RuleRefused):
        parse_rule("FREQ=DAILY;" + text, BERLIN)
