from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signaling.messages import BandwidthState
from signaling.sfu.bandwidth import (
    BETTER_AFTER_MS,
    BUDGET_PERCENT,
    DARK_AFTER_MS,
    LIT_AFTER_DARK_MAX_MS,
    LIT_AFTER_DARK_MS,
    PAUSED,
    RISE_AFTER_FALL_MAX_MS,
    RISE_AFTER_FALL_MS,
    SILENT_AFTER_MS,
    SOUND_BPS,
    TOO_SOON_MS,
    UP_MARGIN_PERCENT,
    Allotment,
    Demand,
    Rank,
    Step,
    allocate,
    silent_steps,
    useful_steps,
)


def steps(*bps: int) -> tuple[Step, ...]:
    return tuple(Step(track=number + 1, bps=value) for number, value in enumerate(bps))


LADDER = steps(150_000, 500_000, 1_700_000)
CAMERA = Demand(Rank.TILE, 640 * 360, LADDER)

ladders = st.lists(st.integers(10_000, 5_000_000), min_size=1, max_size=5, unique=True).map(
    lambda values: steps(*sorted(values))
)


@st.composite
def demand(draw: st.DrawFn) -> Demand:
    ladder = draw(ladders)
    current = draw(st.integers(PAUSED, len(ladder) - 1))
    return Demand(draw(st.sampled_from(Rank)), draw(st.integers(0, 10**6)), ladder, current)


demands_of_any_kind = st.lists(demand(), max_size=12)
budgets = st.integers(0, 20_000_000)


def spent(demands: list[Demand], choices: tuple[int, ...]) -> int:
    return sum(item.steps[index].bps for item, index in zip(demands, choices, strict=True) if index != PAUSED)


def with_current(demands: list[Demand], choices: tuple[int, ...]) -> list[Demand]:
    return [Demand(item.rank, item.area, item.steps, index) for item, index in zip(demands, choices, strict=True)]


@given(demands_of_any_kind, budgets, st.booleans())
def test_never_more_than_the_budget(demands: list[Demand], budget: int, may_rise: bool) -> None:
    assert spent(demands, allocate(budget, demands, may_rise)) <= budget


@given(demands_of_any_kind, budgets)
def test_the_least_is_sent_whatever_the_budget_and_nothing_more_beyond_it(demands: list[Demand], budget: int) -> None:
    choices = allocate(budget, demands, least=[0] * len(demands))
    assert all(index >= 0 for index in choices)
    assert spent(demands, choices) <= max(budget, sum(item.steps[0].bps for item in demands))


@given(demands_of_any_kind, budgets)
def test_nothing_changes_when_nothing_has_changed(demands: list[Demand], budget: int) -> None:
    """Stability: what was decided is decided again, until it has come to rest after a few steps up."""
    for _ in range(sum(len(item.steps) for item in demands) + 2):
        choices = allocate(budget, demands)
        settled = with_current(demands, choices)
        if settled == demands:
            break
        demands = settled
    assert allocate(budget, demands) == tuple(item.current for item in demands)


@given(demands_of_any_kind, budgets)
def test_without_leave_to_rise_nothing_rises(demands: list[Demand], budget: int) -> None:
    choices = allocate(budget, demands, may_rise=False)
    assert all(index <= item.current for item, index in zip(demands, choices, strict=True))


@given(demands_of_any_kind, budgets, budgets)
def test_who_comes_first_never_gets_less_from_a_larger_budget(demands: list[Demand], one: int, other: int) -> None:
    if demands:
        first = min(range(len(demands)), key=lambda at: (demands[at].rank, -demands[at].area, at))
        alone = [item for item in demands if item.rank == demands[first].rank]
        less, more = sorted((one, other))
        if len(alone) == 1:
            assert allocate(less, demands)[first] <= allocate(more, demands)[first]


@given(demands_of_any_kind, budgets, demand())
def test_a_later_rank_takes_nothing_from_an_earlier_one(demands: list[Demand], budget: int, late: Demand) -> None:
    early = [item for item in demands if item.rank is not Rank.TILE]
    tile = Demand(Rank.TILE, late.area, late.steps, late.current)
    assert allocate(budget, [*early, tile])[:-1] == allocate(budget, early)


@given(demands_of_any_kind)
def test_without_a_limit_everything_is_sent_whole(demands: list[Demand]) -> None:
    assert allocate(None, demands) == tuple(len(item.steps) - 1 for item in demands)


def test_the_order_is_screen_pinned_speaker_and_then_the_larger_tiles() -> None:
    small, large = Demand(Rank.TILE, 100, LADDER), Demand(Rank.TILE, 10_000, LADDER)
    speaker, pinned, screen = (Demand(rank, 1, LADDER) for rank in (Rank.SPEAKER, Rank.PINNED, Rank.SCREEN))
    everybody = [small, large, speaker, pinned, screen]
    assert allocate(200_000, everybody) == (PAUSED, PAUSED, PAUSED, PAUSED, 0)
    assert allocate(2_200_000, everybody) == (PAUSED, PAUSED, PAUSED, 0, 2)
    assert allocate(400_000, [small, large]) == (0, 0)
    assert allocate(200_000, [small, large]) == (PAUSED, 0)


def test_a_step_up_needs_room_to_spare() -> None:
    sent = Demand(Rank.TILE, 1, LADDER, current=0)
    needed = 500_000 * UP_MARGIN_PERCENT // 100
    assert allocate(needed - 1, [sent]) == (0,)
    assert allocate(needed, [sent]) == (1,)
    assert allocate(500_000, [Demand(Rank.TILE, 1, LADDER, current=1)]) == (1,)


def test_steps_beyond_the_tile_are_of_no_use() -> None:
    offered = (Step(1, 100, height=180), Step(2, 400, height=360), Step(3, 1_500, height=720))
    assert useful_steps(offered, 180) == offered[:1]
    assert useful_steps(offered, 200) == offered[:1]  # nobody sees the difference
    assert useful_steps(offered, 300) == offered[:2]
    assert useful_steps(offered, 1_080) == offered
    assert useful_steps(offered, 0) == offered


def test_temporal_layers_of_the_size_shown_all_count() -> None:
    offered = (Step(1, 100, temporal=0, height=180), Step(1, 150, height=180), Step(2, 400, height=360))
    assert useful_steps(offered, 180) == offered[:2]


def test_a_step_that_costs_more_than_a_better_one_is_left_out() -> None:
    assert useful_steps((Step(1, 500), Step(2, 400), Step(3, 900)), 0) == (Step(2, 400), Step(3, 900))


def decide(share: Allotment, current: int, now_ms: int, demands: int = 1) -> tuple[int, BandwidthState]:
    decision = share.decide([Demand(Rank.TILE, 1, LADDER, current)] * demands, 1, now_ms)
    return decision.choices[0], decision.state


def limited(bps: int) -> Allotment:
    share = Allotment(0)
    share.estimate_bps, share.limited = bps, True
    return share


def estimate_for(bps: int) -> int:
    return (bps + SOUND_BPS) * 100 // BUDGET_PERCENT + 2


def test_before_anything_is_known_nothing_stays_dark() -> None:
    share = Allotment(0)
    assert decide(share, PAUSED, 0) == (2, BandwidthState.FULL)
    assert decide(share, PAUSED, 0, demands=100) == (0, BandwidthState.REDUCED)


def test_who_tells_nothing_is_not_limited() -> None:
    share = Allotment(0)
    assert decide(share, 0, SILENT_AFTER_MS + 1, demands=100) == (2, BandwidthState.FULL)


def test_sound_goes_before_all_pictures() -> None:
    share = limited(150_000)
    assert decide(share, 2, 10_000) == (PAUSED, BandwidthState.AUDIO_ONLY)


def test_after_a_fall_the_rise_waits_and_longer_when_it_was_tried_in_vain() -> None:
    now_ms = 20_000
    share = limited(estimate_for(200_000))
    assert decide(share, 2, now_ms)[0] == 0
    share.estimate_bps = 5_000_000
    assert decide(share, 0, now_ms + RISE_AFTER_FALL_MS - 1)[0] == 0
    now_ms += RISE_AFTER_FALL_MS
    assert decide(share, 0, now_ms)[0] == 2
    share.estimate_bps = estimate_for(200_000)
    assert decide(share, 2, now_ms + 1_000)[0] == 0  # too soon
    share.estimate_bps = 5_000_000
    assert decide(share, 0, now_ms + 1_000 + 2 * RISE_AFTER_FALL_MS - 1)[0] == 0
    assert decide(share, 0, now_ms + 1_000 + 2 * RISE_AFTER_FALL_MS)[0] == 2
    assert TOO_SOON_MS > 1_000


def test_an_estimate_that_dips_does_not_darken_the_picture_that_comes_first() -> None:
    share = limited(estimate_for(140_000))
    now_ms = 20_000
    both = [Demand(Rank.TILE, 1, LADDER, 2), Demand(Rank.SPEAKER, 1, LADDER, 2)]
    assert share.decide(both, 1, now_ms).choices == (PAUSED, 0)
    both = [Demand(Rank.TILE, 1, LADDER, PAUSED), Demand(Rank.SPEAKER, 1, LADDER, 0)]
    assert share.decide(both, 1, now_ms + DARK_AFTER_MS - 1).choices == (PAUSED, 0)
    assert share.decide(both, 1, now_ms + DARK_AFTER_MS).choices == (PAUSED, PAUSED)
    share = limited(estimate_for(100_000))  # no dip: the line carries nothing of it
    assert decide(share, 2, now_ms) == (PAUSED, BandwidthState.AUDIO_ONLY)


def test_a_dark_picture_does_not_wait_as_long_as_a_better_one() -> None:
    now_ms = 20_000
    share = limited(0)
    for _ in range(4):  # rises in vain
        share.estimate_bps = estimate_for(200_000)
        decide(share, 2, now_ms)
        share.estimate_bps = 5_000_000
        now_ms += RISE_AFTER_FALL_MAX_MS
        assert decide(share, 0, now_ms)[0] == 2
        now_ms += 100
    share.estimate_bps = estimate_for(50_000)
    assert decide(share, 2, now_ms)[0] == PAUSED
    share.estimate_bps = estimate_for(300_000)
    assert decide(share, PAUSED, now_ms + LIT_AFTER_DARK_MS - 1)[0] == PAUSED
    assert decide(share, PAUSED, now_ms + LIT_AFTER_DARK_MS)[0] == 0


def test_a_picture_that_goes_dark_again_and_again_comes_back_more_slowly_but_never_slowly() -> None:
    now_ms, waits = 20_000, []
    share = limited(0)
    for _ in range(5):
        share.estimate_bps = estimate_for(50_000)
        assert decide(share, 0, now_ms)[0] == PAUSED
        share.estimate_bps = estimate_for(300_000)
        dark_ms = now_ms
        while decide(share, PAUSED, now_ms)[0] == PAUSED:
            now_ms += 100
        waits.append(now_ms - dark_ms)
        now_ms += 500
    assert waits == [LIT_AFTER_DARK_MS, 2 * LIT_AFTER_DARK_MS, *[LIT_AFTER_DARK_MAX_MS] * 3]


def test_a_camera_that_is_off_takes_nothing_from_others_and_is_no_reason_to_tell_of_a_limit() -> None:
    share = limited(estimate_for(160_000))
    off = Demand(Rank.SPEAKER, 10**6, silent_steps(LADDER, limited=True), 0)
    on = Demand(Rank.TILE, 1, LADDER, 1)
    assert share.decide([off, on], 1, 20_000).choices == (0, 0)
    share = limited(estimate_for(50_000))
    assert share.decide([off, on], 1, 20_000).state is BandwidthState.AUDIO_ONLY
    whole = Demand(Rank.TILE, 1, silent_steps(LADDER, limited=False), 2)
    assert share.decide([whole], 1, 20_000).state is BandwidthState.FULL
    assert [step.track for step in whole.steps] == [1, 2, 3]


def test_the_worse_is_told_at_once_and_the_better_when_it_has_held() -> None:
    share = Allotment(0)
    assert share.news(BandwidthState.REDUCED, 0) is None  # nothing is known yet
    share.estimate_bps = 400_000
    assert share.news(BandwidthState.REDUCED, 10) is BandwidthState.REDUCED
    assert share.news(BandwidthState.REDUCED, 20) is None
    assert share.news(BandwidthState.AUDIO_ONLY, 30) is BandwidthState.AUDIO_ONLY
    assert share.news(BandwidthState.FULL, 40) is None
    assert share.news(BandwidthState.AUDIO_ONLY, 50) is None
    assert share.news(BandwidthState.FULL, 60) is None
    assert share.news(BandwidthState.FULL, 60 + BETTER_AFTER_MS) is BandwidthState.FULL


def test_what_goes_through_is_not_taken_away_before_a_limit_is_felt() -> None:
    share = Allotment(0)
    share.estimate_bps = 600_000
    assert decide(share, 2, 10_000) == (2, BandwidthState.FULL)
    assert decide(share, 0, 10_000) == (0, BandwidthState.REDUCED)
    assert decide(share, PAUSED, 10_000, demands=20)[0] == 0
    share.limited = True
    assert decide(share, 2, 10_000)[0] == 1
