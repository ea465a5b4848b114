"""Numbers of an audience: what is counted, and that it adds up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from collab.livestream.numbers import Stay, merged, numbers_of

stays = st.lists(
    st.builds(
        lambda viewer, start, length: Stay(viewer, viewer, "g", start, start + length),
        st.sampled_from("abcde"),
        st.integers(0, 5_000),
        st.integers(0, 4_000),
    ),
    max_size=30,
)


def test_two_tabs_of_one_person_are_one_viewer() -> None:
    two = [Stay("a", "Li", "g", 0, 600_000), Stay("a", "Li", "g", 100_000, 300_000), Stay("b", "Wang", "", 0, 60_000)]
    found = numbers_of(two, {"g": "Works"}, 0, 600_000, 10)
    assert (found.peak, found.people, found.visits, found.watched_ms) == (2, 2, 2, 660_000)
    assert [(one.name, one.people) for one in found.groups] == [("", 1), ("Works", 1)]
    assert found.persons[0].name == "Li"


def test_only_the_time_it_was_live_counts() -> None:
    found = numbers_of([Stay("a", "Li", "", 0, 100_000), Stay("b", "", "", 0, 10_000)], {}, 50_000, 80_000, 10)
    assert (found.people, found.watched_ms) == (1, 30_000)


@given(stays)
def test_people_over_time_never_exceed_the_peak_and_all_who_came_are_there(given_stays: list[Stay]) -> None:
    found = numbers_of(given_stays, {}, 0, 9_000, 100)
    assert max(found.viewers) == found.peak <= 5
    assert sum(found.joins) == found.visits >= sum(found.leaves)
    assert sum(one.watched_ms for one in found.persons) == found.watched_ms
    assert sum(one.people for one in found.groups) == found.people


@given(stays)
def test_merging_again_changes_nothing(given_stays: list[Stay]) -> None:
    once = merged(given_stays)
    assert merged(once) == once
