"""The plan for many needs: nothing against the rules, nobody twice on a day, nothing left without a reason."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from collab.directory.assignment import Left, Unmet, assign
from collab.directory.matching import Candidate, Certified, Days, Rule, Wanted, judge
from collab.directory.trades import Trade

from .test_matching import CREW, MONDAY, WANTED, WEEK, YEAR, candidate, wanted_

needs_ = st.lists(wanted_, max_size=5).map(
    lambda found: [replace(one, id=f"n{place}") for place, one in enumerate(found)]
)
crews_ = st.lists(candidate, max_size=4).map(
    lambda found: [replace(one, id=f"c{place}") for place, one in enumerate(found)]
)


def test_the_only_crew_of_one_need_is_left_to_it() -> None:
    """By itself each need would take the better crew."""
    both, laser = replace(CREW, id="both"), replace(CREW, id="laser", trades=(Trade.LASER,), past_jobs=0)
    easy = replace(WANTED, id="easy", trades=(Trade.LASER,))
    plan = assign([easy, replace(WANTED, id="hard")], [both, laser])
    assert [(one.need_id, one.crew_id) for one in plan.pairs] == [("easy", "laser"), ("hard", "both")]
    assert plan.left == ()


def test_a_crew_takes_two_needs_whose_days_do_not_meet() -> None:
    later = replace(WANTED, id="later", days=Days(WEEK.last + timedelta(days=1), WEEK.last + timedelta(days=3)))
    assert len(assign([WANTED, later], [CREW]).pairs) == 2


def test_what_is_left_says_why() -> None:
    assert assign([WANTED], []).left == (Left("n", Unmet.NO_CREWS),)
    small = replace(CREW, size=1)
    assert assign([WANTED], [small]).left == (Left("n", Unmet.NONE_FITS, rules=(Rule.PEOPLE,)),)
    plan = assign([WANTED, replace(WANTED, id="other")], [CREW])
    assert len(plan.pairs) == 1
    assert [(one.why, one.crew_ids) for one in plan.left] == [(Unmet.TAKEN, ("c",))]


@settings(deadline=None)  # the first example imports scipy
@given(needs_, crews_)
def test_a_plan_keeps_every_rule(needs: list[Wanted], crews: list[Candidate]) -> None:
    plan = assign(needs, crews)
    by_need, by_crew = {one.id: one for one in needs}, {one.id: one for one in crews}
    assert sorted([one.need_id for one in plan.pairs] + [one.need_id for one in plan.left]) == sorted(by_need)
    taken: dict[str, list[Days]] = {}
    for pair in plan.pairs:
        need, crew = by_need[pair.need_id], by_crew[pair.crew_id]
        assert judge(need, crew).fits
        assert not any(days.meets(need.days) for days in taken.setdefault(crew.id, []))
        taken[crew.id].append(need.days)
    for left in plan.left:
        fitting = {one.id for one in crews if judge(by_need[left.need_id], one).fits}
        assert {*left.crew_ids} == fitting
        assert (left.why is Unmet.TAKEN) == bool(fitting)
        # nobody who fits is idle on these days
        for crew_id in fitting:
            assert any(days.meets(by_need[left.need_id].days) for days in taken[crew_id])


@settings(deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=4))
def test_as_many_are_met_as_can_be(fits: list[list[bool]]) -> None:
    """All on the same days, so that each crew takes one: against every way there is."""
    trades = list(Trade)[: len(fits)]
    needs = [replace(WANTED, id=f"n{row}", trades=(trades[row],)) for row in range(len(fits))]
    crews = []
    for column in range(3):
        able = tuple(trades[row] for row in range(len(fits)) if fits[row][column])
        held = tuple(Certified(one, YEAR) for one in able)
        crews.append(replace(CREW, id=f"c{column}", trades=able, certificates=held))
    places = [*range(3), *[-1] * len(fits)]
    best = max(
        sum(column >= 0 and fits[row][column] for row, column in enumerate(chosen))
        for chosen in set(permutations(places, len(fits)))
    )
    assert len(assign(needs, crews).pairs) == best


def test_two_hundred_needs_and_crews_take_a_moment() -> None:
    needs = [
        replace(WANTED, id=f"n{one}", days=Days(MONDAY + timedelta(days=one % 40), MONDAY + timedelta(days=one % 40)))
        for one in range(100)
    ]
    crews = [replace(CREW, id=f"c{one}", past_jobs=one % 9) for one in range(60)]
    plan = assign(needs, crews)
    assert len(plan.pairs) + len(plan.left) == 100
