"""Which crews could do what a factory needs, in which order, and why.  Pure.

What must hold comes first: every trade that is asked for is the crew's, and its installer has a certificate for it that
is valid on every day of the need; the crew has the people; its days are free.  A crew that fails one of these does not
fit, however near it is.  Among those that fit a score of 0..100 ranks: how far away, a language in common, how much
other work around these days, jobs done before.  Every judgement carries its reasons, which pages put into words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Final

from msgspec import Struct

from .regions import distance_km
from .trades import CrewStatus, Language, Trade

LOAD_WINDOW_DAYS: Final = 30  # before and after
NEAR_KM: Final = 100
FAR_KM: Final = 2_000
PAST_JOBS_FULL: Final = 8  # from this many on, experience counts in full

# What each soft rule is worth; together 100.
DISTANCE_POINTS: Final = 40
LANGUAGE_POINTS: Final = 20
LOAD_POINTS: Final = 20
PAST_POINTS: Final = 20
STATUS_COST: Final = 15  # of a crew that says it can do little, or nothing now: its calendar is what decides


class Rule(StrEnum):
    CERTIFICATE = "certificate"
    TRADE = "trade"
    DATES = "dates"
    PEOPLE = "people"
    DISTANCE = "distance"
    LANGUAGE = "language"
    LOAD = "load"
    PAST_JOBS = "past_jobs"
    STATUS = "status"


HARD: Final = (Rule.TRADE, Rule.CERTIFICATE, Rule.PEOPLE, Rule.DATES)


class Days(Struct, frozen=True, order=True):
    """From the first day to the last, both included."""

    first: date
    last: date

    def meets(self, other: Days) -> bool:
        return self.first <= other.last and other.first <= self.last

    def covers(self, other: Days) -> bool:
        return self.first <= other.first and other.last <= self.last

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1


class Certified(Struct, frozen=True):
    trade: Trade
    valid: Days


class Wanted(Struct, frozen=True):
    """A need, as far as it decides."""

    id: str
    days: Days
    trades: tuple[Trade, ...]
    languages: tuple[Language, ...]
    region: str
    crew_size: int


class Candidate(Struct, frozen=True):
    """A crew, as far as it decides."""

    id: str
    size: int
    region: str
    goes_to: tuple[str, ...]  # regions; none: everywhere
    trades: tuple[Trade, ...]
    languages: tuple[Language, ...]
    certificates: tuple[Certified, ...]  # of its installer
    busy: tuple[Days, ...]
    status: CrewStatus
    past_jobs: int


class Reason(Struct, frozen=True):
    """Why a crew fits or not.  What the other members mean is the rule's: `trade` is what is missing or runs out,
    `until` the certificate's last day or the end of the busy days, `number` kilometres, people, days or jobs."""

    rule: Rule
    good: bool
    points: int = 0
    trade: Trade | None = None
    language: Language | None = None
    status: CrewStatus | None = None
    since: date | None = None
    until: date | None = None
    number: int | None = None


class Judgement(Struct, frozen=True):
    crew_id: str
    fits: bool
    score: int  # 0..100; 0 for who does not fit
    reasons: tuple[Reason, ...]  # those that must hold first


def judge(wanted: Wanted, crew: Candidate) -> Judgement:
    hard = (*_trades(wanted, crew), _people(wanted, crew), _free(wanted, crew))
    if not all(one.good for one in hard):
        return Judgement(crew.id, False, 0, tuple(sorted(hard, key=lambda one: one.good)))
    soft = (_distance(wanted, crew), _language(wanted, crew), _load(wanted, crew), _past(crew), _status(crew))
    score = max(0, min(100, sum(one.points for one in soft)))
    return Judgement(crew.id, True, score, hard + soft)


def ranked(wanted: Wanted, crews: Iterable[Candidate]) -> list[Judgement]:
    """Those that fit first, the best of them first; the others by how little is missing.  The order of `crews` is of no
    consequence."""

    def place(one: Judgement) -> tuple[bool, int, int, str]:
        return (not one.fits, -one.score, sum(not reason.good for reason in one.reasons), one.crew_id)

    return sorted((judge(wanted, crew) for crew in crews), key=place)


def _trades(wanted: Wanted, crew: Candidate) -> list[Reason]:
    """One reason for each trade: it is not the crew's, or how long the certificate for it holds."""
    reasons = []
    for trade in wanted.trades:
        if trade not in crew.trades:
            reasons.append(Reason(Rule.TRADE, False, trade=trade))
            continue
        held = [one.valid for one in crew.certificates if one.trade is trade]
        whole = [valid for valid in held if valid.covers(wanted.days)]
        if whole:
            reasons.append(Reason(Rule.CERTIFICATE, True, trade=trade, until=max(one.last for one in whole)))
            continue
        near = max((valid.last for valid in held), default=None)
        reasons.append(Reason(Rule.CERTIFICATE, False, trade=trade, until=near))
    return reasons


def _people(wanted: Wanted, crew: Candidate) -> Reason:
    return Reason(Rule.PEOPLE, crew.size >= wanted.crew_size, number=crew.size)


def _free(wanted: Wanted, crew: Candidate) -> Reason:
    taken = [days for days in crew.busy if days.meets(wanted.days)]
    if not taken:
        return Reason(Rule.DATES, True)
    return Reason(Rule.DATES, False, since=min(one.first for one in taken), until=max(one.last for one in taken))


def _distance(wanted: Wanted, crew: Candidate) -> Reason:
    km = distance_km(wanted.region, crew.region)
    goes = not crew.goes_to or wanted.region in crew.goes_to
    if km is None:
        return Reason(Rule.DISTANCE, False, points=DISTANCE_POINTS // 4 if goes else 0)
    share = 1 - (min(max(km, NEAR_KM), FAR_KM) - NEAR_KM) / (FAR_KM - NEAR_KM)
    points = round(DISTANCE_POINTS * share)
    return Reason(Rule.DISTANCE, goes and km <= FAR_KM // 2, points=points if goes else points // 2, number=km)


def _language(wanted: Wanted, crew: Candidate) -> Reason:
    """One of those that are asked for is enough; none asked for: any will do."""
    common = next((one for one in wanted.languages if one in crew.languages), None)
    good = common is not None or not wanted.languages
    return Reason(Rule.LANGUAGE, good, points=LANGUAGE_POINTS if good else 0, language=common)


def _load(wanted: Wanted, crew: Candidate) -> Reason:
    """Days taken within a month before and after."""
    begin, end = wanted.days.first.toordinal() - LOAD_WINDOW_DAYS, wanted.days.last.toordinal() + LOAD_WINDOW_DAYS
    taken = {
        day
        for days in crew.busy
        for day in range(max(begin, days.first.toordinal()), min(end, days.last.toordinal()) + 1)
    }
    free = 1 - min(1.0, len(taken) / (2 * LOAD_WINDOW_DAYS))
    return Reason(Rule.LOAD, free >= 0.5, points=round(LOAD_POINTS * free), number=len(taken))


def _past(crew: Candidate) -> Reason:
    points = round(PAST_POINTS * min(crew.past_jobs, PAST_JOBS_FULL) / PAST_JOBS_FULL)
    return Reason(Rule.PAST_JOBS, crew.past_jobs > 0, points=points, number=crew.past_jobs)


def _status(crew: Candidate) -> Reason:
    good = crew.status in (CrewStatus.AVAILABLE, CrewStatus.WORKING)
    return Reason(Rule.STATUS, good, points=0 if good else -STATUS_COST, status=crew.status)


def missing(judgements: Sequence[Judgement]) -> tuple[Rule, ...]:
    """What keeps crews from fitting, what keeps most of them first; a crew counts once for each rule."""
    counts: dict[Rule, int] = {}
    for one in judgements:
        for rule in {reason.rule for reason in one.reasons if reason.rule in HARD and not reason.good}:
            counts[rule] = counts.get(rule, 0) + 1
    return tuple(sorted(counts, key=lambda rule: (-counts[rule], HARD.index(rule))))
