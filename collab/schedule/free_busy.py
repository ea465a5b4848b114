"""Who is free when, and times that suit everybody.  Pure; all times in milliseconds since the epoch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from .expand import MINUTE_MS, at_ms, local_at

SUGGESTIONS_MAX = 20
STEP_MIN = 30
DAY_MIN = 1_440
WEEK = 7


class Span(Struct, frozen=True, order=True):
    """From `from_ms` up to but not with `to_ms`."""

    from_ms: int
    to_ms: int


class Hours(Struct, frozen=True):
    """When somebody works, on the clock of their zone.  `days`: bit 0 is Monday."""

    zone: str
    from_min: int = 9 * 60
    to_min: int = 18 * 60
    days: int = 0b0011111


class Diary(Struct, frozen=True):
    """What others may know of somebody's time: busy or free, and when they work."""

    person: str
    hours: Hours
    busy: tuple[Span, ...]


class Suggestion(Struct, frozen=True):
    span: Span
    busy: tuple[str, ...]  # who could not come
    outside_hours: tuple[str, ...]  # for whom it is no working time


def merged(spans: Iterable[Span], within: Span) -> tuple[Span, ...]:
    """Cut to `within`, in order, without touching neighbours: nobody can count the meetings behind them."""
    found: list[Span] = []
    for one in sorted(spans):
        cut = Span(max(one.from_ms, within.from_ms), min(one.to_ms, within.to_ms))
        if cut.from_ms >= cut.to_ms:
            continue
        if found and cut.from_ms <= found[-1].to_ms:
            found[-1] = Span(found[-1].from_ms, max(found[-1].to_ms, cut.to_ms))
        else:
            found.append(cut)
    return tuple(found)


def is_busy(diary: Diary, span: Span) -> bool:
    return any(one.from_ms < span.to_ms and one.to_ms > span.from_ms for one in diary.busy)


def works(hours: Hours, span: Span) -> bool:
    """Whether the whole span lies within one working day on the clock of that zone."""
    begins, ends = local_at(span.from_ms, hours.zone), local_at(span.to_ms, hours.zone)
    if not hours.days >> begins.weekday() & 1:
        return False
    midnight = begins.replace(hour=0, minute=0, second=0, microsecond=0)
    day = midnight + timedelta(minutes=hours.from_min), midnight + timedelta(minutes=hours.to_min)
    return day[0] <= begins and ends <= day[1]


def suggestions(diaries: Sequence[Diary], within: Span, minutes: int, zone: str, limit: int) -> list[Suggestion]:
    """The best beginnings on full and half hours of `zone`: those that suit all, else those that suit most.

    The order: fewest who are busy, fewest outside their working hours, earliest.  Suggestions do not overlap.
    """
    every: list[tuple[int, int, int, Suggestion]] = []
    for begins_ms in _steps(within, zone):
        span = Span(begins_ms, begins_ms + minutes * MINUTE_MS)
        if span.to_ms > within.to_ms:
            break
        busy = tuple(one.person for one in diaries if is_busy(one, span))
        outside = tuple(one.person for one in diaries if not works(one.hours, span))
        if len(busy) == len(diaries) and diaries:
            continue
        if len(outside) == len(diaries) and diaries:
            continue
        every.append((len(busy), len(outside), begins_ms, Suggestion(span, busy, outside)))
    chosen: list[Suggestion] = []
    for *_rank, one in sorted(every, key=lambda found: found[:3]):
        if all(one.span.to_ms <= other.span.from_ms or other.span.to_ms <= one.span.from_ms for other in chosen):
            chosen.append(one)
        if len(chosen) >= min(limit, SUGGESTIONS_MAX):
            break
    return chosen


def _steps(within: Span, zone: str) -> Iterable[int]:
    """Full and half hours on the wall clock of `zone`, which some zones have at odd minutes of UTC."""
    local = local_at(within.from_ms, zone).replace(second=0, microsecond=0)
    local += timedelta(minutes=-(local.hour * 60 + local.minute) % STEP_MIN)
    while (moment := at_ms(local, zone)) < within.to_ms:
        if moment >= within.from_ms and _exists(local, zone):
            yield moment
        local += timedelta(minutes=STEP_MIN)


def _exists(local: datetime, zone: str) -> bool:
    """Not in the hour that the change of the clock leaves out."""
    return datetime.fromtimestamp(at_ms(local, zone) / 1_000, ZoneInfo(zone)).replace(tzinfo=None, fold=0) == local
