"""Which layers a subscriber is sent when not all fit its line: pure rules.

Sound is not asked about: it always goes first.  Then screens, what a person has pinned, who speaks, and the rest by the
size of their tiles; each rank gets what it can before the next gets anything.  Up only with room to spare.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from itertools import groupby
from typing import Final

from msgspec import Struct, structs

from signaling.messages import BandwidthState

ALL_LAYERS: Final = 255
PAUSED: Final = -1
UP_MARGIN_PERCENT: Final = 115  # a step up has to fit with so much to spare, or it would come down again at once
BUDGET_PERCENT: Final = 95  # of the estimate: bit rates breathe
UNTOLD_PERCENT: Final = 5  # a smaller change of what is wanted is not told to the core

START_BPS: Final = 2_500_000  # before anything is known; two seconds later it is, or the peer tells nothing
SILENT_AFTER_MS: Final = 3_000  # a peer that has told nothing by then never will: it is not limited
SOUND_BPS: Final = 60_000  # of one speaker with redundancy
SOUNDS_AT_ONCE: Final = 3
RISE_AFTER_RISE_MS: Final = 700
RISE_AFTER_FALL_MS: Final = 1_500
RISE_AFTER_FALL_MAX_MS: Final = 6_000
DARK_AFTER_MS: Final = (
    800  # that the line carries nothing of the picture that comes first; estimates dip when a line narrows
)
LIT_AFTER_DARK_MS: Final = (
    700  # and a dark picture comes back as soon as it fits: to wait longer is worse than to fall again
)
LIT_AFTER_DARK_MAX_MS: Final = 2_800
TOO_SOON_MS: Final = 5_000  # a fall within this of a rise: the next rise waits twice as long
BETTER_AFTER_MS: Final = 1_500  # good news is told when it has held for this


class Rank(IntEnum):
    SCREEN = 0
    PINNED = 1
    SPEAKER = 2
    TILE = 3


class Step(Struct, frozen=True):
    """One way to send a source: an encoding (core handle) up to these layers."""

    track: int
    bps: int
    spatial: int = ALL_LAYERS
    temporal: int = ALL_LAYERS
    height: int = 0  # of the picture; 0 = not known


class Demand(Struct, frozen=True):
    """A visible picture.  `steps` low to high, none better than its tile can show; `current` is an index, or PAUSED."""

    rank: Rank
    area: int
    steps: tuple[Step, ...]
    current: int = PAUSED


class Decision(Struct, frozen=True):
    choices: tuple[int, ...]  # an index into each demand's steps, or PAUSED
    allocated_bps: int
    wanted_bps: int
    state: BandwidthState


def useful_steps(steps: Sequence[Step], tile_height: int) -> tuple[Step, ...]:
    """Up to the first that fills the tile; a step that costs more than a better one is left out."""
    kept: list[Step] = []
    for step in steps:
        while kept and kept[-1].bps >= step.bps:
            kept.pop()
        kept.append(step)
    if tile_height:
        # A picture a little smaller than its tile looks the same; all temporal layers of that size belong to it.
        filling = [step.height for step in kept if step.height * 10 >= tile_height * 9]
        if filling:
            kept = [step for step in kept if 0 < step.height <= filling[0]] or kept[:1]
    return tuple(kept)


def silent_steps(steps: Sequence[Step], limited: bool) -> tuple[Step, ...]:
    """Of a camera that is off: it costs nothing, and when it comes on again it begins low where a limit is felt."""
    return tuple(structs.replace(step, bps=0) for step in (steps[:1] if limited else steps))


def allocate(
    budget_bps: int | None,
    demands: Sequence[Demand],
    may_rise: bool = True,
    least: Sequence[int] = (),
    may_light: bool = False,
) -> tuple[int, ...]:
    """An index for each demand, none below its `least`.  Beyond that never more than `budget_bps` in sum; None: no
    limit.  `may_light`: what is dark may get its lowest step although nothing else may rise."""
    if budget_bps is None:
        return tuple(len(demand.steps) - 1 for demand in demands)
    chosen = list(least) or [PAUSED] * len(demands)
    left = budget_bps - sum(_cost(demand, index) for demand, index in zip(demands, chosen, strict=True))
    for _, group in groupby(_order(demands), key=lambda at: demands[at].rank):
        members = list(group)
        moved = True
        while moved:
            moved = False
            for at in members:
                lights = may_light and demands[at].current == PAUSED and chosen[at] == PAUSED
                more = _next_step(demands[at], chosen[at], left, may_rise or lights)
                if more is not None:
                    left -= _cost(demands[at], more) - _cost(demands[at], chosen[at])
                    chosen[at] = more
                    moved = True
    return tuple(chosen)


def _order(demands: Sequence[Demand]) -> list[int]:
    return sorted(range(len(demands)), key=lambda at: (demands[at].rank, -demands[at].area, at))


def _next_step(demand: Demand, chosen: int, left: int, may_rise: bool) -> int | None:
    """The next that fits.  One that does not is passed over only on the way to what is sent already."""
    for index in range(chosen + 1, len(demand.steps)):
        if index > demand.current and not may_rise:
            return None
        if _cost(demand, index) - _cost(demand, chosen) <= left:
            return index
    return None


def _cost(demand: Demand, index: int) -> int:
    if index == PAUSED:
        return 0
    bps = demand.steps[index].bps
    return bps * UP_MARGIN_PERCENT // 100 if index > demand.current else bps


class Allotment:
    """One subscriber's share over time: what is known of its line, and how long to wait before more is tried."""

    def __init__(self, now_ms: int) -> None:
        self.estimate_bps = 0  # 0 = not known
        self.limited = False  # the estimate is a limit that was felt, not only what is known to go through
        self.state = BandwidthState.FULL  # as the page was told
        self._begun_ms = now_ms
        self._rise_at_ms = now_ms
        self._rose_at_ms = now_ms - TOO_SOON_MS
        self._fall_wait_ms = RISE_AFTER_FALL_MS
        self._better_since_ms: int | None = None
        self._short_since_ms: int | None = None
        self._light_at_ms = now_ms
        self._lit_at_ms = now_ms - TOO_SOON_MS
        self._dark_wait_ms = LIT_AFTER_DARK_MS

    def known(self, now_ms: int) -> bool:
        return self.estimate_bps > 0 or now_ms - self._begun_ms > SILENT_AFTER_MS

    def decide(self, demands: Sequence[Demand], sounds: int, now_ms: int) -> Decision:
        sound_bps = min(sounds, SOUNDS_AT_ONCE) * SOUND_BPS
        budget_bps = None
        if not self.known(now_ms):
            budget_bps = START_BPS
        elif self.estimate_bps:
            budget_bps = max(self.estimate_bps * BUDGET_PERCENT // 100 - sound_bps, 0)
        begins = now_ms - self._begun_ms <= SILENT_AFTER_MS
        choices = allocate(
            budget_bps,
            demands,
            may_rise=begins or now_ms >= self._rise_at_ms,
            least=self._least(demands, budget_bps, now_ms),
            may_light=now_ms >= self._light_at_ms,
        )
        self._note(demands, choices, now_ms)
        allocated = sum(
            demand.steps[index].bps for demand, index in zip(demands, choices, strict=True) if index != PAUSED
        )
        # With the room to spare that a step up has to have, and what the core is not told of: probing would else stop
        # short of it.
        wanted = sum(_cost(demand, len(demand.steps) - 1) for demand in demands) + sound_bps
        return Decision(
            choices, allocated + sound_bps, wanted * (100 + UNTOLD_PERCENT) // BUDGET_PERCENT, _state(demands, choices)
        )

    def _least(self, demands: Sequence[Demand], budget_bps: int | None, now_ms: int) -> list[int]:
        """Nothing stays dark for want of knowledge, nothing that goes through is taken away, and the picture that comes
        first goes dark only when the line has carried nothing of it for a while."""
        if not self.known(now_ms):
            return [0] * len(demands)
        if not self.limited:
            return [max(demand.current, 0) for demand in demands]
        least = [PAUSED] * len(demands)
        first = next((at for at in _order(demands) if demands[at].steps[0].bps), None)
        if budget_bps is None or first is None:
            return least
        lowest_bps, is_lit = demands[first].steps[0].bps, demands[first].current != PAUSED
        if not is_lit or budget_bps >= lowest_bps or budget_bps * 4 < lowest_bps * 3:
            self._short_since_ms = None
            return least
        if self._short_since_ms is None:
            self._short_since_ms = now_ms
        if now_ms - self._short_since_ms < DARK_AFTER_MS:
            least[first] = 0
        return least

    def news(self, state: BandwidthState, now_ms: int) -> BandwidthState | None:
        """What the page has to be told now: the worse at once, the better when it has held."""
        order = (BandwidthState.FULL, BandwidthState.REDUCED, BandwidthState.AUDIO_ONLY)
        if order.index(state) >= order.index(self.state):
            self._better_since_ms = None
        elif self._better_since_ms is None:
            self._better_since_ms = now_ms
        held = self._better_since_ms is None or now_ms - self._better_since_ms >= BETTER_AFTER_MS
        if state is self.state or not held or not self.estimate_bps:
            return None
        self._better_since_ms = None
        self.state = state
        return state

    def _note(self, demands: Sequence[Demand], choices: Sequence[int], now_ms: int) -> None:
        pairs = [(demand.current, index) for demand, index in zip(demands, choices, strict=True)]
        if any(before > index == PAUSED for before, index in pairs):
            again = now_ms - self._lit_at_ms < TOO_SOON_MS
            self._dark_wait_ms = min(self._dark_wait_ms * 2, LIT_AFTER_DARK_MAX_MS) if again else LIT_AFTER_DARK_MS
            self._light_at_ms = now_ms + self._dark_wait_ms
        elif any(index > before == PAUSED for before, index in pairs):
            self._lit_at_ms = now_ms
            self._light_at_ms = max(self._light_at_ms, now_ms + LIT_AFTER_DARK_MS)
        if any(index < before for before, index in pairs):
            again = now_ms - self._rose_at_ms < TOO_SOON_MS
            self._fall_wait_ms = min(self._fall_wait_ms * 2, RISE_AFTER_FALL_MAX_MS) if again else RISE_AFTER_FALL_MS
            self._rise_at_ms = now_ms + self._fall_wait_ms
        elif any(index > before for before, index in pairs):
            self._rose_at_ms = now_ms
            self._rise_at_ms = max(self._rise_at_ms, now_ms + RISE_AFTER_RISE_MS)


def _state(demands: Sequence[Demand], choices: Sequence[int]) -> BandwidthState:
    on = [(demand, index) for demand, index in zip(demands, choices, strict=True) if demand.steps[-1].bps]
    if on and all(index == PAUSED for _, index in on):
        return BandwidthState.AUDIO_ONLY
    if any(index < len(demand.steps) - 1 for demand, index in on):
        return BandwidthState.REDUCED
    return BandwidthState.FULL
