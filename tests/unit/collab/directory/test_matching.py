"""Ranking: what must hold always holds, and everything is explained."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from collab.directory.matching import HARD, Candidate, Certified, Days, Rule, Wanted, judge, missing, ranked
from collab.directory.regions import REGIONS, distance_km
from collab.directory.trades import CrewStatus, Language, Trade

MONDAY = date(2026, 12, 7)
WEEK = Days(MONDAY, MONDAY + timedelta(days=4))
YEAR = Days(date(2026, 1, 1), date(2026, 12, 31))

WANTED = Wanted("n", WEEK, (Trade.LASER, Trade.ELECTRICAL), (Language.CHINESE,), "HB", 3)
CREW = Candidate(
    "c",
    4,
    "HB",
    (),
    (Trade.LASER, Trade.ELECTRICAL),
    (Language.CHINESE, Language.GERMAN),
    (Certified(Trade.LASER, YEAR), Certified(Trade.ELECTRICAL, YEAR)),
    (),
    CrewStatus.AVAILABLE,
    8,
)

day = st.integers(0, 60).map(lambda offset: MONDAY + timedelta(days=offset))
days = st.tuples(day, st.integers(0, 20)).map(lambda made: Days(made[0], made[0] + timedelta(days=made[1])))
some_trades = st.lists(st.sampled_from(list(Trade)[:3]), max_size=3, unique=True).map(tuple)
some_languages = st.lists(st.sampled_from(list(Language)[:3]), max_size=2, unique=True).map(tuple)
region = st.sampled_from(["HB", "GD", "XJ", "XX"])
wanted_ = st.builds(Wanted, st.just("n"), days, some_trades, some_languages, region, st.integers(1, 6))
candidate = st.builds(
    Candidate,
    st.text("abcdef", min_size=1, max_size=4),
    st.integers(1, 6),
    region,
    st.lists(region, max_size=2, unique=True).map(tuple),
    some_trades,
    some_languages,
    st.lists(st.builds(Certified, st.sampled_from(list(Trade)[:3]), days), max_size=4).map(tuple),
    st.lists(days, max_size=3).map(tuple),
    st.sampled_from(CrewStatus),
    st.integers(0, 20),
)


def test_a_crew_that_has_everything_gets_all_the_points() -> None:
    found = judge(WANTED, CREW)
    assert (found.fits, found.score) == (True, 100)
    assert [one.rule for one in found.reasons[:4]] == [Rule.CERTIFICATE, Rule.CERTIFICATE, Rule.PEOPLE, Rule.DATES]


def test_a_certificate_that_runs_out_on_the_last_day_but_one_does_not_do() -> None:
    short = Days(YEAR.first, WEEK.last - timedelta(days=1))
    crew = replace(CREW, certificates=(Certified(Trade.LASER, short), Certified(Trade.ELECTRICAL, YEAR)))
    found = judge(WANTED, crew)
    assert not found.fits
    first = found.reasons[0]
    assert (first.rule, first.good, first.trade, first.until) == (Rule.CERTIFICATE, False, Trade.LASER, short.last)
    to_the_end = replace(crew, certificates=(Certified(Trade.LASER, WEEK), Certified(Trade.ELECTRICAL, YEAR)))
    assert judge(WANTED, to_the_end).fits


def test_two_certificates_one_after_the_other_are_not_one() -> None:
    """Nobody knows whether the second is given before the first ends."""
    halves = (Days(YEAR.first, MONDAY), Days(MONDAY + timedelta(days=1), YEAR.last))
    crew = replace(CREW, certificates=tuple(Certified(Trade.LASER, one) for one in halves))
    assert not judge(replace(WANTED, trades=(Trade.LASER,)), crew).fits


def test_one_day_in_common_is_busy() -> None:
    busy = replace(CREW, busy=(Days(WEEK.last, WEEK.last + timedelta(days=9)),))
    found = judge(WANTED, busy)
    assert not found.fits
    assert (found.reasons[0].rule, found.reasons[0].since) == (Rule.DATES, WEEK.last)
    assert judge(WANTED, replace(CREW, busy=(Days(WEEK.last + timedelta(days=1), YEAR.last),))).fits


def test_the_nearer_crew_with_less_to_do_and_the_language_goes_first() -> None:
    far = replace(CREW, id="far", region="XJ")
    silent = replace(CREW, id="silent", languages=(Language.GERMAN,))
    loaded = replace(CREW, id="loaded", busy=(Days(MONDAY + timedelta(days=7), MONDAY + timedelta(days=30)),))
    new = replace(CREW, id="new", past_jobs=0)
    off = replace(CREW, id="off", status=CrewStatus.OFF)
    unfit = replace(CREW, id="unfit", size=1)
    order = [one.crew_id for one in ranked(WANTED, [unfit, far, silent, loaded, new, off, CREW])]
    assert order[0] == "c"
    assert order[-1] == "unfit"
    assert {*order[1:-1]} == {"far", "silent", "loaded", "new", "off"}


def test_what_is_missing_is_named_by_how_many_lack_it() -> None:
    small, other = replace(CREW, id="s", size=1), replace(CREW, id="o", size=2, trades=(Trade.LASER,))
    assert missing([judge(WANTED, small), judge(WANTED, other)]) == (Rule.PEOPLE, Rule.TRADE)


@given(wanted_, candidate)
def test_who_fits_has_every_certificate_for_every_day_and_all_days_free(wanted: Wanted, crew: Candidate) -> None:
    found = judge(wanted, crew)
    certified = all(
        any(one.trade is trade and one.valid.covers(wanted.days) for one in crew.certificates)
        for trade in wanted.trades
    )
    free = not any(one.meets(wanted.days) for one in crew.busy)
    able = {*wanted.trades} <= {*crew.trades} and crew.size >= wanted.crew_size
    assert found.fits == (certified and free and able)
    assert 0 <= found.score <= 100
    assert found.fits == all(one.good for one in found.reasons if one.rule in HARD)


@given(wanted_, st.lists(candidate, max_size=6, unique_by=lambda one: one.id), st.randoms())
def test_the_order_of_the_crews_is_of_no_consequence(wanted: Wanted, crews: list[Candidate], chance: object) -> None:
    shuffled = list(crews)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    found = ranked(wanted, crews)
    assert ranked(wanted, shuffled) == found
    assert {one.crew_id for one in found} == {one.id for one in crews}
    fits = [one.fits for one in found]
    assert fits == sorted(fits, reverse=True)


@given(wanted_, candidate, days)
def test_a_fuller_calendar_never_makes_a_crew_better(wanted: Wanted, crew: Candidate, more: Days) -> None:
    before, after = judge(wanted, crew), judge(wanted, replace(crew, busy=(*crew.busy, more)))
    assert (after.fits, after.score) <= (before.fits, before.score)


def test_distances_are_those_of_a_map() -> None:
    assert distance_km("HB", "HB") == 0
    assert distance_km("BJ", "SH") == distance_km("SH", "BJ")
    assert abs((distance_km("BJ", "SH") or 0) - 1_070) < 30
    assert distance_km("HB", "XX") is None
    assert all(distance_km("HB", code) is not None for code in REGIONS)
