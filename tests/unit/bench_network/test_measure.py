"""The figures of a stretch, and its curves, from samples as browsers give them."""

from __future__ import annotations

import math
from xml.dom import minidom

import pytest

from tests.bench_network.curves import kilobits, trip_curve
from tests.bench_network.load import share
from tests.bench_network.measure import Sample, figures
from tests.bench_network.plot import Curve, Panel, picture


def sample(
    at: float, frames: int, *, width: int = 960, received: int = 0, trip_s: float = 0.02, trips: int = 0
) -> Sample:
    return Sample(
        at=at, frames=frames, freezes=0, frozen_s=0.0, width=width, video_bytes=received, bytes=received,
        samples=int(48_000 * at), concealed=0, trip_s=trip_s, trips=trips,
    )  # fmt: skip


def test_a_stall_counts_from_the_last_picture_to_the_next_and_open_ends_too() -> None:
    samples = [sample(at / 5, frames=min(at, 5) if at < 15 else 6) for at in range(25)]
    found = figures(samples, 960)
    assert found.longest_stall_s == pytest.approx(1.8)
    assert found.stalled_s == pytest.approx(1.8 + 1.8)
    assert found.first_frame_s == pytest.approx(0.2)


def test_no_picture_at_all_is_an_endless_wait() -> None:
    samples = [sample(at / 5, frames=7, width=320) for at in range(10)]
    found = figures(samples, 960)
    assert found.first_frame_s == found.widest_at_s == math.inf


def test_counters_of_a_new_connection_are_pictures_and_no_negative_rate() -> None:
    samples = [sample(at / 5, frames=90 + at, received=10_000 * at) for at in range(6)]
    samples += [sample(1.2 + at / 5, frames=at, received=25_000 * at) for at in range(6)]
    assert figures(samples, 960).stalled_s == 0
    rates = [rate for _, rate in kilobits(samples)]
    assert min(rates) == 0
    assert max(rates) == pytest.approx(1_000)


def test_a_round_trip_that_nobody_measured_is_left_out() -> None:
    [point] = trip_curve([sample(1.0, 1, trip_s=0), sample(1.2, 2, trip_s=0.25)])
    assert point == pytest.approx((0.2, 250))


def test_a_round_trip_from_before_the_queue_had_gone_does_not_count() -> None:
    before = [sample(at / 5, at, trip_s=0.9, trips=3) for at in range(22)]  # answered soon
    after = [sample(4.4 + at / 5, 22 + at, trip_s=0.1, trips=4) for at in range(10)]
    found = figures(before + after, 960)
    assert found.settled_trip_ms == pytest.approx(100)
    assert found.worst_trip_ms == pytest.approx(900)


def test_a_picture_is_svg_with_a_line_for_each_curve() -> None:
    curves = [Curve("A", [(0, 1), (1, 9_000)]), Curve("B & C", [])]
    panel = Panel("rate", "kbit/s", curves, [(0.5, "after < that")], top=100)
    root = minidom.parseString(picture("Lines", [panel, panel]))  # noqa: S318 - written by ourselves
    ways = [path for path in root.getElementsByTagName("path") if path.getAttribute("fill") == "none"]
    assert [path.getAttribute("stroke") for path in ways] == ["#0f8b6d", "#3b6fb6"] * 2


def test_waiting_for_disks_is_not_work() -> None:
    assert share([0] * 8, [20, 5, 5, 60, 10, 0, 0, 0]) == pytest.approx(0.3)
