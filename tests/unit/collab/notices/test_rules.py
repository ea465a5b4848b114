"""Quiet hours, the digest's hour and choices, in several zones and over changes of the clock."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.notices.kinds import Choice, MailChoice, NoticeKind
from collab.notices.rules import DAY_MINUTES, Plan, Quiet, Settings, after_quiet, next_digest, plan

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NIGHT = Quiet(22 * 60, 7 * 60)
NOON = Quiet(12 * 60, 13 * 60 + 30)
KIND = NoticeKind.CALL_MISSED


def at(text: str, zone: ZoneInfo = SHANGHAI) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1_000)


@pytest.mark.parametrize(
    ("quiet", "now", "end"),
    [
        (NIGHT, "2026-03-02 21:59", "2026-03-02 21:59"),
        (NIGHT, "2026-03-02 22:00", "2026-03-03 07:00"),
        (NIGHT, "2026-03-03 06:59", "2026-03-03 07:00"),
        (NIGHT, "2026-03-03 07:00", "2026-03-03 07:00"),
        (NOON, "2026-03-02 12:10", "2026-03-02 13:30"),
        (NOON, "2026-03-02 23:10", "2026-03-02 23:10"),
        (Quiet(60, 60), "2026-03-02 01:00", "2026-03-02 01:00"),
        (None, "2026-03-02 03:00", "2026-03-02 03:00"),
    ],
)
def test_quiet_hours(quiet: Quiet | None, now: str, end: str) -> None:
    assert after_quiet(quiet, SHANGHAI, at(now)) == at(end)


def test_the_night_in_which_the_clock_goes_forward_is_an_hour_shorter() -> None:
    evening = at("2026-03-28 23:00", BERLIN)
    assert after_quiet(NIGHT, BERLIN, evening) == at("2026-03-29 07:00", BERLIN)
    assert at("2026-03-29 07:00", BERLIN) - evening == 7 * 3_600_000


def test_a_minute_that_does_not_exist_is_not_lost() -> None:
    quiet = Quiet(60, 2 * 60 + 30)  # 02:30 is left out in that night
    end = after_quiet(quiet, BERLIN, at("2026-03-29 01:30", BERLIN))
    assert 0 < end - at("2026-03-29 01:30", BERLIN) <= 2 * 3_600_000


@given(
    now=st.integers(1_600_000_000_000, 2_000_000_000_000),
    start=st.integers(0, DAY_MINUTES - 1),
    end=st.integers(0, DAY_MINUTES - 1),
    zone=st.sampled_from([SHANGHAI, BERLIN, ZoneInfo("America/St_Johns"), ZoneInfo("Pacific/Apia")]),
)
def test_nothing_waits_longer_than_a_day_and_the_end_is_awake(now: int, start: int, end: int, zone: ZoneInfo) -> None:
    awake = after_quiet(Quiet(start, end), zone, now)
    assert now <= awake <= now + 26 * 3_600_000
    assert now < next_digest(end, zone, now) <= now + 26 * 3_600_000


def test_the_digest_is_later_than_now() -> None:
    assert next_digest(8 * 60, SHANGHAI, at("2026-03-02 07:59")) == at("2026-03-02 08:00")
    assert next_digest(8 * 60, SHANGHAI, at("2026-03-02 08:00")) == at("2026-03-03 08:00")


def settings(mail: MailChoice, *, push: bool = True) -> Settings:
    return Settings({KIND: Choice(mail=mail, push=push)}, NIGHT, 8 * 60)


def test_quiet_hours_hold_mail_and_push() -> None:
    now, morning = at("2026-03-02 23:00"), at("2026-03-03 07:00")
    assert plan(KIND, settings(MailChoice.NOW), SHANGHAI, now, urgent=False) == Plan(morning, None, morning)


def test_what_is_urgent_waits_neither_for_the_morning_nor_for_the_digest() -> None:
    now = at("2026-03-02 23:00")
    assert plan(KIND, settings(MailChoice.DIGEST), SHANGHAI, now, urgent=True) == Plan(now, None, now)


def test_what_is_off_stays_off_even_when_urgent() -> None:
    off = settings(MailChoice.OFF, push=False)
    assert plan(KIND, off, SHANGHAI, at("2026-03-02 12:00"), urgent=True) == Plan(None, None, None)


def test_the_digest_takes_the_place_of_the_mail() -> None:
    found = plan(KIND, settings(MailChoice.DIGEST), SHANGHAI, at("2026-03-02 12:00"), urgent=False)
    assert found.mail_at_ms is None
    assert found.digest_at_ms == at("2026-03-03 08:00")
