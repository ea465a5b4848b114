"""When the room of a series is open; pure."""

# ruff: noqa: DTZ001 -- local times are what they are
from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from collab.schedule.door import OVERRUN_MS, opening
from collab.schedule.expand import Series, at_ms
from collab.schedule.models import EventState
from collab.schedule.rules import parse_rule
from collab.schedule.values import Event

MINUTE_MS = 60_000
TUESDAY = at_ms(datetime(2026, 11, 24, 10), "Asia/Shanghai")
WEEK_MS = 7 * 86_400_000


def event(opens_before_min: int = 15) -> Event:
    rule = parse_rule("FREQ=WEEKLY;BYDAY=TU;COUNT=2", ZoneInfo("UTC"))
    return Event(
        id="e",
        code="abc-defg-hij",
        organizer=None,
        organizer_email="",
        organization_id=None,
        title="Weekly",
        description="",
        series=Series(datetime(2026, 11, 24, 10), "Asia/Shanghai", 60, rule),
        opens_before_min=opens_before_min,
        remind_before_min=-1,
        state=EventState.CONFIRMED,
        sequence=0,
        created_at_ms=0,
        changed_at_ms=0,
    )


def test_it_opens_before_each_occurrence_and_not_in_between() -> None:
    for start in (TUESDAY, TUESDAY + WEEK_MS):
        opens = start - 15 * MINUTE_MS
        before = opening([event()], opens - 1)
        assert before is not None
        assert (before.opened_at_ms, before.opens_at_ms) == (0, opens)
        for moment in (opens, start, start + 60 * MINUTE_MS + OVERRUN_MS - 1):
            now = opening([event()], moment)
            assert now is not None
            assert now.opened_at_ms == opens


def test_after_the_last_one_nothing_is_waited_for() -> None:
    over = opening([event()], TUESDAY + 3 * WEEK_MS)
    assert over is not None
    assert (over.opened_at_ms, over.opens_at_ms) == (0, 0)


def test_a_room_that_is_always_open_or_not_scheduled_has_no_hours() -> None:
    assert opening([event(-1)], 0) is None
    assert opening([], 0) is None
