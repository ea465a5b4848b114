"""Free times are found where there are some, and busy ones tell no more than that."""

# ruff: noqa: DTZ001 -- local times are what they are
from __future__ import annotations

from datetime import datetime
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from collab.schedule.expand import at_ms, local_at
from collab.schedule.free_busy import Diary, Hours, Span, is_busy, merged, suggestions, works

HOUR_MS = 3_600_000
MONDAY = at_ms(datetime(2026, 11, 23), "Asia/Shanghai")
WEEK = Span(MONDAY, MONDAY + 7 * 24 * HOUR_MS)
spans = st.builds(lambda begin, length: Span(begin, begin + length), st.integers(-50, 150), st.integers(0, 60))


@given(st.lists(spans, max_size=20))
def test_merged_times_cover_the_same_moments_and_do_not_touch(found: list[Span]) -> None:
    within = Span(0, 100)
    whole = merged(found, within)
    for moment in range(-10, 120):
        inside = 0 <= moment < 100 and any(one.from_ms <= moment < one.to_ms for one in found)
        assert inside == any(one.from_ms <= moment < one.to_ms for one in whole)
    assert all(first.to_ms < second.from_ms for first, second in pairwise(whole))


def test_working_hours_are_those_of_the_persons_clock() -> None:
    berlin = Hours("Europe/Berlin")
    at = at_ms(datetime(2026, 11, 23, 16), "Asia/Shanghai")
    assert works(berlin, Span(at, at + HOUR_MS))  # nine in Berlin
    assert not works(berlin, Span(at - 1, at + HOUR_MS))
    saturday = at_ms(datetime(2026, 11, 28, 10), "Europe/Berlin")
    assert not works(berlin, Span(saturday, saturday + HOUR_MS))
    late = at_ms(datetime(2026, 11, 23, 17, 30), "Europe/Berlin")
    assert not works(berlin, Span(late, late + HOUR_MS))


def test_people_in_two_zones_get_the_hours_that_both_work() -> None:
    """Shanghai works 9 to 18, Berlin 9 to 18: 16:00 to 18:00 in Shanghai is all there is in winter."""
    people = (Diary("a", Hours("Asia/Shanghai"), ()), Diary("b", Hours("Europe/Berlin"), ()))
    found = suggestions(people, WEEK, 60, "Asia/Shanghai", 8)
    both = [one for one in found if not one.outside_hours]
    assert {local_at(one.span.from_ms, "Asia/Shanghai").hour for one in both} == {16, 17}
    assert found[0].span.from_ms == at_ms(datetime(2026, 11, 23, 16), "Asia/Shanghai")
    assert all(not one.busy for one in found)


def test_who_is_busy_all_day_is_left_out_of_the_best_times_last() -> None:
    full = Diary("b", Hours("Asia/Shanghai"), (WEEK,))
    found = suggestions((Diary("a", Hours("Asia/Shanghai"), ()), full), WEEK, 30, "Asia/Shanghai", 4)
    assert {one.busy for one in found} == {("b",)}
    assert suggestions((full,), WEEK, 30, "Asia/Shanghai", 4) == []


busy_weeks = st.lists(
    st.builds(
        lambda begin, length: Span(MONDAY + begin * HOUR_MS, MONDAY + (begin + length) * HOUR_MS),
        st.integers(0, 160),
        st.integers(1, 12),
    ),
    max_size=12,
).map(lambda found: merged(found, WEEK))


@given(busy_weeks, busy_weeks, st.sampled_from([15, 30, 60, 120]))
@settings(max_examples=30, deadline=None)
def test_no_suggestion_hides_a_conflict(first: tuple[Span, ...], second: tuple[Span, ...], minutes: int) -> None:
    people = (Diary("a", Hours("Asia/Shanghai"), first), Diary("b", Hours("Asia/Kolkata"), second))
    found = suggestions(people, WEEK, minutes, "Asia/Shanghai", 8)
    for one in found:
        assert one.busy == tuple(person.person for person in people if is_busy(person, one.span))
        assert WEEK.from_ms <= one.span.from_ms < one.span.to_ms <= WEEK.to_ms
    assert len({one.span for one in found}) == len(found) <= 8
