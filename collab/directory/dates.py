"""Days of the park, and moments: a job is set for moments, a calendar of a crew has days.  Pure.

The park's day is China's: one zone, without summer time since 1991.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

PARK_ZONE: Final = timezone(timedelta(hours=8), "CST")
BEGINS_HOUR: Final = 8  # of work on site
ENDS_HOUR: Final = 18


def day_of(at_ms: int) -> date:
    return datetime.fromtimestamp(at_ms / 1_000, UTC).astimezone(PARK_ZONE).date()


def begins_ms(day: date) -> int:
    return _ms(day, BEGINS_HOUR)


def ends_ms(day: date) -> int:
    return _ms(day, ENDS_HOUR)


def _ms(day: date, hour: int) -> int:
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=PARK_ZONE).timestamp() * 1_000)
