"""From a series to its occurrences.  Pure.

A series lives in its own time zone: it is expanded in local time, by dateutil, and every occurrence is then placed on
the clock of the zone.  A meeting at ten stays at ten when the clocks change, there and nowhere else.  A local time that
does not exist is read with the offset before the gap, one that comes twice is the first (RFC 5545 3.3.5), which is what
zoneinfo does with fold 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from dateutil import rrule as recurrence
from msgspec import Struct

from .rules import HORIZON_DAYS, Frequency, Rule

KEY = "%Y%m%dT%H%M%S"
LOCAL = "%Y-%m-%dT%H:%M"
MINUTE_MS = 60_000
OCCURRENCES_MAX = 2_000
OVERRIDES_MAX = 500
YEAR_MIN, YEAR_MAX = 2000, 2200

_FREQUENCIES: dict[Frequency, Literal[0, 1, 2, 3]] = {
    Frequency.DAILY: recurrence.DAILY,
    Frequency.WEEKLY: recurrence.WEEKLY,
    Frequency.MONTHLY: recurrence.MONTHLY,
    Frequency.YEARLY: recurrence.YEARLY,
}
_DAYS = (recurrence.MO, recurrence.TU, recurrence.WE, recurrence.TH, recurrence.FR, recurrence.SA, recurrence.SU)
_MARGIN = timedelta(days=2)  # more than any two zones differ


class Override(Struct, frozen=True):
    """What is different about one occurrence, named by the local time that the rule gave it (RECURRENCE-ID)."""

    key: str
    cancelled: bool = False
    starts: datetime | None = None  # naive, in the series' zone; None: as the rule says
    minutes: int = 0  # 0: as the series says
    title: str = ""  # "": as the series says
    sequence: int = 0


class Series(Struct, frozen=True):
    starts: datetime  # naive, whole minutes; the first occurrence
    zone: str
    minutes: int
    rule: Rule | None = None
    overrides: tuple[Override, ...] = ()


class Occurrence(Struct, frozen=True):
    key: str
    starts_at_ms: int
    ends_at_ms: int
    title: str = ""  # its own
    changed: bool = False


class SeriesRefused(Exception):
    """A rule that gives no occurrence; the text is for the log."""


@lru_cache(maxsize=1)
def prepare_zones() -> dict[str, ZoneInfo]:
    """All zones of the IANA database.  Reads files; held from then on, so that ZoneInfo finds them in memory."""
    names = (name for name in available_timezones() if not name.startswith(("posix", "right", "localtime")))
    return {name: ZoneInfo(name) for name in names}


def find_zone(name: str) -> ZoneInfo | None:
    """None for what is no IANA zone: names reach file systems, so only known ones are looked up."""
    return prepare_zones().get(name)


def key_of(local: datetime) -> str:
    return local.strftime(KEY)


def local_of_key(key: str) -> datetime | None:
    try:
        local = datetime.strptime(key, KEY)  # noqa: DTZ007 -- local time is what it is
    except ValueError:
        return None
    return local if key_of(local) == key else None


def at_ms(local: datetime, zone: str) -> int:
    return int(local.replace(tzinfo=ZoneInfo(zone), fold=0).timestamp()) * 1_000


def local_at(moment_ms: int, zone: str) -> datetime:
    return datetime.fromtimestamp(moment_ms / 1_000, ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def aligned(series: Series) -> Series:
    """Beginning with the first time that the rule gives: DTSTART is an occurrence then (RFC 5545 3.8.5.3).

    Raises SeriesRefused.
    """
    first = next(_locals(series), None)
    if first is None:
        raise SeriesRefused("the rule gives no date")
    return Series(first, series.zone, series.minutes, series.rule, series.overrides)


def occurrences(series: Series, from_ms: int, to_ms: int, limit: int = OCCURRENCES_MAX) -> list[Occurrence]:
    """Those that overlap `from_ms` <= t < `to_ms`, by their beginning; at most `limit`."""
    changed = {one.key: one for one in series.overrides}
    longest = timedelta(minutes=series.minutes)
    first = local_at(max(from_ms, 0), series.zone) - longest - _MARGIN
    last = local_at(to_ms, series.zone) + _MARGIN
    plain = (_plain(series, local) for local in _locals(series, first, last) if key_of(local) not in changed)
    found = list(islice(_overlapping(plain, from_ms, to_ms), limit))
    moved = (_changed(series, one) for one in series.overrides if not one.cancelled)
    found.extend(_overlapping(moved, from_ms, to_ms))
    return sorted(found, key=lambda one: (one.starts_at_ms, one.key))[:limit]


def occurrence(series: Series, key: str) -> Occurrence | None:
    """None when the series has none of that name, or it was cancelled."""
    local = local_of_key(key)
    if local is None or next(_locals(series, local, local), None) is None:
        return None
    for one in series.overrides:
        if one.key == key:
            return None if one.cancelled else _changed(series, one)
    return _plain(series, local)


def has_key(series: Series, key: str) -> bool:
    """Whether the rule gives it, cancelled or not."""
    local = local_of_key(key)
    return local is not None and next(_locals(series, local, local), None) is not None


def next_after(series: Series, moment_ms: int) -> Occurrence | None:
    """The first that begins after that moment."""
    horizon_ms = span(series)[1]
    found = occurrences(series, moment_ms, max(horizon_ms, moment_ms) + 1, limit=len(series.overrides) + 8)
    return next((one for one in found if one.starts_at_ms > moment_ms), None)


def span(series: Series) -> tuple[int, int]:
    """Beginning of the first and end of the last occurrence, in which whatever happens, happens.

    Cancelled ones count: what is over is over.
    """
    last = series.starts
    if series.rule is not None:
        last = (
            series.starts + timedelta(days=HORIZON_DAYS)
            if not series.rule.count and not series.rule.until_ms
            else max(_locals(series), default=series.starts)
        )
    starts_ms = at_ms(series.starts, series.zone)
    ends_ms = at_ms(last, series.zone) + series.minutes * MINUTE_MS
    for one in series.overrides:
        if not one.cancelled:
            own = _changed(series, one)
            starts_ms, ends_ms = min(starts_ms, own.starts_at_ms), max(ends_ms, own.ends_at_ms)
    return starts_ms, ends_ms


def count_before(series: Series, key: str) -> int:
    """How many times the rule gives before that one."""
    local = local_of_key(key)
    return 0 if local is None else sum(1 for one in _locals(series) if one < local)


def _plain(series: Series, local: datetime) -> Occurrence:
    starts_ms = at_ms(local, series.zone)
    return Occurrence(key_of(local), starts_ms, starts_ms + series.minutes * MINUTE_MS)


def _changed(series: Series, override: Override) -> Occurrence:
    local = override.starts or local_of_key(override.key) or series.starts
    starts_ms = at_ms(local, series.zone)
    minutes = override.minutes or series.minutes
    return Occurrence(override.key, starts_ms, starts_ms + minutes * MINUTE_MS, override.title, changed=True)


def _overlapping(found: Iterable[Occurrence], from_ms: int, to_ms: int) -> Iterator[Occurrence]:
    return (one for one in found if one.starts_at_ms < to_ms and one.ends_at_ms > from_ms)


def _locals(series: Series, first: datetime | None = None, last: datetime | None = None) -> Iterator[datetime]:
    """The local times that the rule gives within the horizon, from `first` to `last`."""
    rule = series.rule
    if rule is None:
        if (first is None or series.starts >= first) and (last is None or series.starts <= last):
            yield series.starts
        return
    horizon = series.starts + timedelta(days=HORIZON_DAYS)
    begin = series.starts if first is None or rule.count else _forward(series.starts, rule, first)
    end = min(horizon, last) if last is not None and not rule.count else horizon
    for local in _rrule(rule, begin, end):
        if last is not None and local > last:
            return
        if rule.until_ms and at_ms(local, series.zone) > rule.until_ms:
            return
        if first is None or local >= first:
            yield local


def _rrule(rule: Rule, begin: datetime, end: datetime) -> Iterator[datetime]:
    found = recurrence.rrule(
        _FREQUENCIES[rule.frequency],
        dtstart=begin,
        until=end,
        interval=rule.interval,
        wkst=_DAYS[rule.week_start],
        byweekday=[_DAYS[one.weekday](one.number) if one.number else _DAYS[one.weekday] for one in rule.by_day] or None,
        bymonthday=rule.by_month_day or None,
        bymonth=rule.by_month or None,
        bysetpos=rule.by_set_pos or None,
    )
    return islice(found, rule.count or None)


def _forward(starts: datetime, rule: Rule, first: datetime) -> datetime:
    """Whole periods nearer to `first`, so that a daily meeting of years ago is not counted through day by day."""
    days = (first - starts).days
    match rule.frequency:
        case Frequency.DAILY:
            step = rule.interval
        case Frequency.WEEKLY:
            step = 7 * rule.interval
        case Frequency.MONTHLY | Frequency.YEARLY:  # a few hundred at most
            return starts
    return starts + timedelta(days=max(0, days // step - 1) * step)


def parse_local(text: str) -> datetime | None:
    """`2026-11-25T10:00`."""
    try:
        local = datetime.strptime(text, LOCAL)  # noqa: DTZ007 -- local time is what it is
    except ValueError:
        return None
    return local if YEAR_MIN <= local.year < YEAR_MAX and local.strftime(LOCAL) == text else None


def utc(moment_ms: int) -> datetime:
    return datetime.fromtimestamp(moment_ms / 1_000, UTC)
