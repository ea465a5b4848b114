"""Sounds laid down in time: as their sender's clock says, without seams where that is little off."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame

from signaling.egress.rtp import Packet
from signaling.egress.sender_clock import DELAY_MS
from signaling.egress.sound import RATE, SoundSource, mix

BLOCK = RATE // 50
BEGAN_MS = 1_700_000_000_000
STEP = RATE // 25


@pytest.fixture(scope="module")
def click() -> list[bytes]:
    """A second of Opus: silence, and a click in the block in the middle."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "stereo", "s16"
    encoder.options = {"application": "lowdelay"}
    packets: list[bytes] = []
    for number in range(50):
        samples = np.zeros((1, 2 * BLOCK), np.int16)
        if number == 25:
            samples[0, :200] = 20_000
        frame = AudioFrame.from_ndarray(samples, "s16", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, number * BLOCK, Fraction(1, RATE)
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets


def heard_at_ms(source: SoundSource, seconds: int) -> list[float]:
    """When clicks begin, after BEGAN_MS."""
    start = BEGAN_MS * RATE // 1_000 - RATE
    steps = [mix([source], start + number * STEP, STEP) for number in range((seconds + 1) * RATE // STEP)]
    loud = np.flatnonzero(np.abs(np.concatenate(steps)[:, 0]) > 0.2)
    begins = loud[np.concatenate([[True], np.diff(loud) > RATE // 4])]
    return [float(at) * 1_000 / RATE - 1_000 for at in begins]


def packet_of(data: bytes, number: int) -> Packet:
    return Packet(111, number, number * BLOCK, False, data)


def test_a_burst_at_first_is_heard_when_it_was_said(click: list[bytes]) -> None:
    source = SoundSource()
    for number, data in enumerate(click):  # the first 35 come at once, 0.7 s late
        source.put(packet_of(data, number), BEGAN_MS + DELAY_MS + max(number * 20, 700))
    assert heard_at_ms(source, 1) == [pytest.approx(500, abs=10)]


def test_a_lost_packet_moves_nothing(click: list[bytes]) -> None:
    source = SoundSource()
    source.report(0, BEGAN_MS)
    for number, data in enumerate(click):
        if number not in (5, 11):
            source.put(packet_of(data, number), BEGAN_MS)
    assert heard_at_ms(source, 1) == [pytest.approx(500, abs=10)]


def test_what_is_a_little_off_is_drawn_to_its_time_without_a_seam(click: list[bytes]) -> None:
    # given a clock that another report finds 30 ms behind
    source = SoundSource()
    source.report(0, BEGAN_MS)
    found = []
    for second in range(20):
        if second == 1:
            source.report(RATE, BEGAN_MS + 1_030)
        for number, data in enumerate(click):
            source.put(packet_of(data, second * 50 + number), 0)
        start = (BEGAN_MS + second * 1_000) * RATE // 1_000
        steps = [mix([source], start + at, STEP) for at in range(0, RATE, STEP)]
        found.append(float(np.argmax(np.abs(np.concatenate(steps)[:, 0]) > 0.2)) * 1_000 / RATE)

    # then it comes there step by step
    assert found[0] == pytest.approx(500, abs=10)
    assert max(abs(later - former) for former, later in pairwise(found)) < 5
    assert found[-1] == pytest.approx(530, abs=10)
