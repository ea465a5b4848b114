"""What publishers are told to send."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signaling.sfu.layers import UNWATCHED_MS, WatchedEncodings

RIDS = ("q", "h", "f")


def test_what_nobody_watches_from_the_beginning_is_stopped_after_a_while() -> None:
    watched = WatchedEncodings(RIDS, 0)
    watched.note("h", True, 10)

    assert watched.news(10) is None
    assert watched.next_ms(10) == UNWATCHED_MS
    assert watched.news(UNWATCHED_MS - 1) is None
    assert watched.news(UNWATCHED_MS) == ("h",)
    assert watched.next_ms(UNWATCHED_MS) is None


def test_one_that_is_watched_again_is_asked_for_at_once() -> None:
    watched = WatchedEncodings(RIDS, 0)
    watched.note("q", True, 0)
    assert watched.news(5_000) == ("q",)

    watched.note("f", True, 6_000)

    assert watched.news(6_000) == ("q", "f")


def test_a_short_look_away_stops_nothing() -> None:
    watched = WatchedEncodings(RIDS, 0)
    for rid in RIDS:
        watched.note(rid, True, 0)

    watched.note("f", False, 5_000)
    assert watched.next_ms(5_000) == 5_000 + UNWATCHED_MS
    assert watched.news(5_900) is None
    watched.note("f", True, 5_950)

    assert watched.news(9_000) is None
    assert watched.next_ms(9_000) is None


def test_when_nobody_watches_nothing_is_sent() -> None:
    watched = WatchedEncodings(RIDS, 0)
    assert watched.news(UNWATCHED_MS) == ()
    watched.note("other", True, UNWATCHED_MS)
    assert watched.news(10 * UNWATCHED_MS) is None


@given(st.lists(st.tuples(st.sampled_from(RIDS), st.booleans(), st.integers(0, 3 * UNWATCHED_MS)), max_size=50))
def test_after_every_pause_exactly_the_watched_ones_are_sent(steps: list[tuple[str, bool, int]]) -> None:
    watched, now_ms, truth = WatchedEncodings(RIDS, 0), 0, dict.fromkeys(RIDS, False)
    for rid, is_watched, pause_ms in steps:
        watched.note(rid, is_watched, now_ms)
        truth[rid] = is_watched
        watched.news(now_ms)
        assert {rid for rid in RIDS if truth[rid]} <= set(watched.told)
        now_ms += pause_ms
    while (due_ms := watched.next_ms(now_ms)) is not None:
        now_ms = due_ms
        watched.news(now_ms)
    assert set(watched.told) == {rid for rid in RIDS if truth[rid]}
