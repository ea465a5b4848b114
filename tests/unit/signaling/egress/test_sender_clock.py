"""When something was taken: by sender reports, and before the first one by what arrives soonest."""

from __future__ import annotations

from signaling.egress.sender_clock import DELAY_MS, WINDOW_MS, SenderClock

FRAME_MS = 40
FRAME_TICKS = 90 * FRAME_MS


def test_sender_reports_say_when_something_was_taken() -> None:
    clock = SenderClock(90_000)
    first = clock.arrived(2**32 - 900, 1_000)
    assert clock.taken_ms(first) == 1_000 - DELAY_MS
    clock.report(2**32 - 900, 5_000.0)
    assert clock.taken_ms(clock.arrived(0, 9_999)) == 5_010.0
    assert clock.taken_ms(clock.arrived(2**32 - 1_800, 9_999)) == 4_990.0
    assert clock.taken_ms(first) == 5_000.0


def test_a_burst_at_first_is_laid_where_it_belongs_as_soon_as_what_comes_in_time_shows_it() -> None:
    clock = SenderClock(90_000)
    late_ms, count = 660, 18  # the last two come in time
    places = [clock.arrived(at * FRAME_TICKS, max(at * FRAME_MS, late_ms)) for at in range(count)]
    assert [clock.taken_ms(place) + DELAY_MS for place in places] == [at * FRAME_MS for at in range(count)]


def test_one_who_never_reports_and_whose_clock_goes_wrong_is_followed() -> None:
    clock = SenderClock(90_000)
    slow = 1.001  # a minute lasts 60 ms more
    for number in range(20 * WINDOW_MS // FRAME_MS):
        place = clock.arrived(number * FRAME_TICKS, number * FRAME_MS * slow)
    off_ms = number * FRAME_MS * slow - DELAY_MS - clock.taken_ms(place)
    assert 0 <= off_ms <= 2 * WINDOW_MS * (slow - 1) + 1
