"""Many needs to many crews at once, so that as many as possible are met, and these as well as possible.  Pure.

Each round gives a crew at most one need, by the optimal assignment of scipy (a shortest augmenting path algorithm:
D. F. Crouse, "On implementing 2D rectangular assignment algorithms", 2016): a need that is met at all weighs more than
any sum of scores.  A crew may take several needs whose days do not meet, so rounds go on with the calendars as they
then are until one brings nothing.  Each round is optimal; all of them together are a good plan, not a proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from .matching import Candidate, Judgement, Rule, Wanted, judge, missing

SCORE_MAX: Final = 100


class Unmet(StrEnum):
    NO_CREWS = "no_crews"
    NONE_FITS = "none_fits"  # `rules` say why
    TAKEN = "taken"  # those that fit are given to other needs of the plan


class Pair(Struct, frozen=True):
    need_id: str
    crew_id: str
    score: int


class Left(Struct, frozen=True):
    """A need that could not be met."""

    need_id: str
    why: Unmet
    rules: tuple[Rule, ...] = ()  # of NONE_FITS: what keeps most crews from it first
    crew_ids: tuple[str, ...] = ()  # of TAKEN: who would have fitted


class Plan(Struct, frozen=True):
    pairs: tuple[Pair, ...]
    left: tuple[Left, ...]


def assign(needs: Sequence[Wanted], crews: Sequence[Candidate]) -> Plan:
    """Every need is in the plan once: met, or left with the reason.  Blocks for a moment: not on the event loop."""
    waiting = sorted(needs, key=lambda one: one.id)
    calendars = {one.id: one for one in sorted(crews, key=lambda one: one.id)}
    pairs: list[Pair] = []
    while waiting and (round_ := _round(waiting, list(calendars.values()))):
        pairs += round_
        met = {one.need_id: one.crew_id for one in round_}
        for need in waiting:
            if need.id in met:
                crew = calendars[met[need.id]]
                calendars[crew.id] = replace(crew, busy=(*crew.busy, need.days))
        waiting = [one for one in waiting if one.id not in met]
    return Plan(tuple(sorted(pairs, key=lambda one: one.need_id)), tuple(_left(one, crews) for one in waiting))


def _round(needs: Sequence[Wanted], crews: Sequence[Candidate]) -> list[Pair]:
    # Costs 0.3 s and 40 MB, and most servers never plan.
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415

    scores = np.zeros((len(needs), len(crews)))
    worth_meeting = SCORE_MAX * (min(len(needs), len(crews)) + 1)
    for row, need in enumerate(needs):
        for column, crew in enumerate(crews):
            judged = judge(need, crew)
            if judged.fits:
                scores[row, column] = worth_meeting + judged.score
    rows, columns = linear_sum_assignment(scores, maximize=True)
    return [
        Pair(needs[row].id, crews[column].id, int(scores[row, column]) - worth_meeting)
        for row, column in zip(rows, columns, strict=True)
        if scores[row, column] > 0
    ]


def _left(need: Wanted, crews: Sequence[Candidate]) -> Left:
    """Judged by the calendars from before the plan."""
    if not crews:
        return Left(need.id, Unmet.NO_CREWS)
    judged: list[Judgement] = [judge(need, crew) for crew in crews]
    fitting = tuple(sorted(one.crew_id for one in judged if one.fits))
    if fitting:
        return Left(need.id, Unmet.TAKEN, crew_ids=fitting)
    return Left(need.id, Unmet.NONE_FITS, rules=missing(judged))
