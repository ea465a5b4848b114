"""Blocks of even time, and no more than so much of them."""

from __future__ import annotations

import pytest

from signaling.captions.ear import BEHIND_MAX_MS, BLOCK_MAX_MS, BLOCK_MIN_MS, DELAY_MS, KEPT_MS, Ear
from signaling.egress.sound import RATE

NOW_MS = 1_700_000_000_000.0


def test_blocks_follow_each_other_without_a_seam() -> None:
    ear = Ear(lambda _datagram: None)
    assert ear.take(NOW_MS) is None  # from now on
    assert ear.take(NOW_MS + BLOCK_MIN_MS - 1) is None
    first, second = ear.take(NOW_MS + 130), ear.take(NOW_MS + 350)
    assert first is not None
    assert second is not None
    assert first.begins_ms == pytest.approx(NOW_MS - DELAY_MS, abs=0.1)
    assert second.begins_ms == pytest.approx(first.begins_ms + 130, abs=0.1)
    assert len(second.sound) == 220 * RATE // 1_000
    assert not second.sound.any()


def test_what_an_engine_cannot_keep_up_with_is_left_out() -> None:
    ear = Ear(lambda _datagram: None)
    ear.take(NOW_MS)
    held = ear.take(NOW_MS + BEHIND_MAX_MS)
    assert held is not None
    assert (len(held.sound), ear.dropped_ms) == (BLOCK_MAX_MS * RATE // 1_000, 0)
    late = ear.take(NOW_MS + 60_000)
    assert late is not None
    assert late.begins_ms == pytest.approx(NOW_MS + 60_000 - DELAY_MS - KEPT_MS, abs=1)
    assert ear.dropped_ms == pytest.approx(60_000 - BLOCK_MAX_MS - KEPT_MS, abs=1)
