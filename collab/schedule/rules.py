"""Recurrence rules (RFC 5545 3.3.10): from text to a bounded, frozen rule and back.  Pure.

icalendar reads the text; what a meeting may be is decided here.  Rules by the hour, minute or second are refused, and
numbers and lists are bounded, so that no rule costs more than the days of the horizon.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from icalendar import vRecur
from msgspec import Struct

RULE_MAX_CHARS = 200
INTERVAL_MAX = 99
COUNT_MAX = 1_000
LIST_MAX = 31
SET_POS_MAX = 4  # every month has four of each weekday
HORIZON_DAYS = 3_653  # a series without an end is known for ten years
_UNTIL = "%Y%m%dT%H%M%SZ"


class Frequency(StrEnum):
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"}


class WeekdayNumber(Struct, frozen=True):
    """`2TU`: the second Tuesday; `-1FR`: the last Friday; number 0: each."""

    weekday: int  # Monday is 0
    number: int = 0

    def __str__(self) -> str:
        return f"{self.number or ''}{WEEKDAYS[self.weekday]}"


class Rule(Struct, frozen=True):
    """COUNT and UNTIL exclude each other; 0 stands for neither.  `until_ms` is the last moment that may begin one."""

    frequency: Frequency
    interval: int = 1
    count: int = 0
    until_ms: int = 0
    by_day: tuple[WeekdayNumber, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_month: tuple[int, ...] = ()
    by_set_pos: tuple[int, ...] = ()
    week_start: int = 0

    @property
    def text(self) -> str:
        """As it stands behind `RRULE:`."""
        parts = [f"FREQ={self.frequency}"]
        if self.interval > 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.count:
            parts.append(f"COUNT={self.count}")
        if self.until_ms:
            parts.append(f"UNTIL={datetime.fromtimestamp(self.until_ms / 1_000, UTC).strftime(_UNTIL)}")
        for name, values in (
            ("BYDAY", self.by_day),
            ("BYMONTHDAY", self.by_month_day),
            ("BYMONTH", self.by_month),
            ("BYSETPOS", self.by_set_pos),
        ):
            if values:
                parts.append(f"{name}={','.join(map(str, values))}")
        if self.week_start:
            parts.append(f"WKST={WEEKDAYS[self.week_start]}")
        return ";".join(parts)


class RuleRefused(Exception):
    """Not a rule, or not one that a meeting may have; the text is for the log."""


def parse_rule(text: str, zone: ZoneInfo) -> Rule:
    """Raises RuleRefused.  UNTIL may be a date, which counts to the end of that day in `zone`, or a time in UTC."""
    if len(text) > RULE_MAX_CHARS or not text.isascii() or not text.isprintable():
        raise RuleRefused("too long, or not plain text")
    text = text.upper().removeprefix("RRULE:")
    names = [part.partition("=")[0] for part in text.split(";")]
    if len(set(names)) != len(names):
        raise RuleRefused("a part stands there twice")  # RFC 5545 3.3.10: MUST NOT occur more than once
    if unknown := set(names) - _PARTS:
        raise RuleRefused(f"parts that meetings have not: {sorted(unknown)}")
    try:
        parts = {name.upper(): values for name, values in vRecur.from_ical(text).items()}
        frequency = Frequency(str(parts["FREQ"][0]))
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise RuleRefused(str(error)) from None
    rule = Rule(
        frequency=frequency,
        interval=_number(parts, "INTERVAL", 1, INTERVAL_MAX, missing=1),
        count=_number(parts, "COUNT", 1, COUNT_MAX, missing=0),
        until_ms=_until(parts.get("UNTIL"), zone),
        by_day=_weekdays(parts.get("BYDAY"), frequency),
        by_month_day=_numbers(parts, "BYMONTHDAY", 31, signed=True),
        by_month=_numbers(parts, "BYMONTH", 12, signed=False),
        by_set_pos=_numbers(parts, "BYSETPOS", SET_POS_MAX, signed=True),
        week_start=_week_start(parts.get("WKST")),
    )
    _check(rule)
    return rule


def _check(rule: Rule) -> None:
    """What may stand together.  A rule that never gives a date is looked for by dateutil until the year 9999: so parts
    that could exclude each other are refused, but for some of whole years, which cost 0.15 s."""
    if rule.count and rule.until_ms:
        raise RuleRefused("COUNT and UNTIL exclude each other")
    yearly, monthly = rule.frequency is Frequency.YEARLY, rule.frequency is Frequency.MONTHLY
    if not yearly and not monthly and (rule.by_month_day or rule.by_set_pos):
        raise RuleRefused("days and weeks have no day of the month, and no order")
    if monthly and rule.by_month:
        raise RuleRefused("months of the year belong to years")
    if rule.frequency is Frequency.DAILY and rule.interval > 1 and (rule.by_day or rule.by_month):
        raise RuleRefused("every second day may never be a Tuesday")
    numbered = any(one.number for one in rule.by_day)
    if numbered and rule.by_month_day:
        raise RuleRefused("the second Tuesday may never be the first")
    if rule.by_set_pos and (numbered or rule.by_month_day or not rule.by_day):
        raise RuleRefused("BYSETPOS chooses among weekdays")


def _number(parts: dict[str, list[object]], name: str, low: int, high: int, *, missing: int) -> int:
    if name not in parts:
        return missing
    (value,) = parts[name] if len(parts[name]) == 1 else (None,)
    if not isinstance(value, int) or not low <= value <= high:
        raise RuleRefused(f"{name} is not within {low} and {high}")
    return int(value)


def _numbers(parts: dict[str, list[object]], name: str, high: int, *, signed: bool) -> tuple[int, ...]:
    values = parts.get(name, [])
    found: set[int] = set()
    for value in values:
        if not isinstance(value, int) or not value or abs(value) > high or (value < 0 and not signed):
            raise RuleRefused(f"{name} is not within {high}")
        found.add(int(value))
    if len(found) > LIST_MAX:
        raise RuleRefused(f"{name} names too many")
    return tuple(sorted(found))


def _weekdays(values: list[object] | None, frequency: Frequency) -> tuple[WeekdayNumber, ...]:
    found: set[WeekdayNumber] = set()
    for value in values or ():
        text = str(value)
        day, number = text[-2:], text[:-2]
        try:
            one = WeekdayNumber(WEEKDAYS.index(day), int(number or 0))
        except ValueError:
            raise RuleRefused(f"no weekday: {text}") from None
        if one.number and frequency not in (Frequency.MONTHLY, Frequency.YEARLY):
            raise RuleRefused("only months and years have a second Tuesday")  # RFC 5545 3.3.10
        if abs(one.number) > (5 if frequency is Frequency.MONTHLY else 53):
            raise RuleRefused(f"no such week: {text}")
        found.add(one)
    if len(found) > LIST_MAX:
        raise RuleRefused("BYDAY names too many")
    return tuple(sorted(found, key=lambda one: (one.weekday, one.number)))


def _week_start(values: list[object] | None) -> int:
    if not values:
        return 0
    if len(values) != 1 or str(values[0]) not in WEEKDAYS:
        raise RuleRefused("no weekday in WKST")
    return WEEKDAYS.index(str(values[0]))


def _until(values: list[object] | None, zone: ZoneInfo) -> int:
    if not values:
        return 0
    value = values[0]
    if len(values) != 1 or not isinstance(value, date):
        raise RuleRefused("UNTIL is no date")
    if not isinstance(value, datetime):
        value = datetime.combine(value, time(23, 59, 59), zone)
    elif value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    try:
        at_ms = int(value.timestamp()) * 1_000
    except (OverflowError, ValueError):
        raise RuleRefused("UNTIL is out of the calendar") from None
    if at_ms <= 0:
        raise RuleRefused("UNTIL is long ago")
    return at_ms
