from __future__ import annotations

from itertools import pairwise

import pytest

from signaling.ingest.clock import JUMP_MS, SourceClock

NOW = 1_700_000_000_000.0


def test_what_came_at_once_after_a_wait_is_not_in_the_future() -> None:
    clock = SourceClock()
    shown = [clock.at(source_ms, NOW) for source_ms in (0.0, 400.0, 1_200.0)]
    assert max(shown) <= NOW
    assert clock.at(1_240.0, NOW + 40) == pytest.approx(NOW + 40)
    assert clock.jumps == 0


def test_steps_are_the_encoders_own_although_packets_come_unevenly() -> None:
    clock = SourceClock()
    clock.at(0.0, NOW)
    shown = [clock.at(number * 40.0, NOW + number * 40 + late) for number, late in enumerate((0, 30, 5, 60, 10), 1)]
    assert [round(after - before) for before, after in pairwise(shown)] == [40] * 4


@pytest.mark.parametrize("jumped_ms", [0.0, 3_600_000.0, -9_000_000.0])
def test_a_jump_goes_on_from_now(jumped_ms: float) -> None:
    clock = SourceClock()
    clock.at(500_000.0, NOW)
    assert clock.at(jumped_ms, NOW + 40) == NOW + 40
    assert clock.at(jumped_ms + 40, NOW + 80) == pytest.approx(NOW + 80)
    assert clock.jumps == 1


def test_an_encoder_that_runs_slow_is_followed() -> None:
    clock, behind = SourceClock(), 0.0
    for number in range(200_000):
        now = NOW + number * 20 * 1.0001  # a tenth of a per mille: two seconds in an hour and a half
        behind = now - clock.at(number * 20.0, now)
    assert behind < JUMP_MS / 100
    assert clock.jumps == 0
