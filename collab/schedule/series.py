"""What a wish to change does to a series.  Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from .expand import (
    OVERRIDES_MAX,
    Override,
    Series,
    SeriesRefused,
    aligned,
    at_ms,
    count_before,
    has_key,
    key_of,
    local_of_key,
)
from .rules import Rule


def changed(series: Series, starts: datetime, zone: str, minutes: int, rule: Rule | None) -> Series:
    """The series with a new pattern.  Exceptions follow a new hour of the same days; the others have lost their place.

    Raises SeriesRefused.
    """
    fresh = aligned(Series(starts, zone, minutes, rule))
    shift = starts - series.starts
    if starts.date() != series.starts.date() or zone != series.zone:
        shift = timedelta()
    kept = []
    for one in series.overrides:
        local = local_of_key(one.key)
        if local is None:
            continue
        key = key_of(local + shift)
        if has_key(fresh, key):
            kept.append(replace(one, key=key))
    return replace(fresh, overrides=tuple(kept))


def with_override(series: Series, override: Override) -> Series:
    """Raises SeriesRefused for an occurrence that there is not, or one exception too many."""
    if not has_key(series, override.key):
        raise SeriesRefused("no such occurrence")
    others = tuple(one for one in series.overrides if one.key != override.key)
    if len(others) >= OVERRIDES_MAX:
        raise SeriesRefused("too many exceptions")
    return replace(series, overrides=(*others, override))


def override_of(series: Series, key: str) -> Override:
    return next((one for one in series.overrides if one.key == key), Override(key))


def parted(series: Series, key: str) -> tuple[Series, Series]:
    """The occurrences before that one, and those from it on.  Raises SeriesRefused for the first or none."""
    local = local_of_key(key)
    if local is None or series.rule is None or not has_key(series, key):
        raise SeriesRefused("no such occurrence")
    before = count_before(series, key)
    if not before:
        raise SeriesRefused("nothing is left of it")
    rule = series.rule
    if rule.count:
        earlier, later = replace(rule, count=before), replace(rule, count=rule.count - before)
    else:
        earlier, later = replace(rule, until_ms=at_ms(local, series.zone) - 1_000), rule
    return (
        replace(series, rule=earlier, overrides=tuple(one for one in series.overrides if one.key < key)),
        replace(series, starts=local, rule=later, overrides=tuple(one for one in series.overrides if one.key >= key)),
    )
