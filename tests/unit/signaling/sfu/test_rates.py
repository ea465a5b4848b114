from __future__ import annotations

from rooms.core.model import Source
from signaling.sfu import _sfu
from signaling.sfu.bandwidth import ALL_LAYERS, Step
from signaling.sfu.rates import CAMERA_BPS, EncodingRates


class Encodings:
    """Encodings that send at a constant rate."""

    def __init__(self, **bps_of_layers: dict[tuple[int, int], int]) -> None:
        self.looks = 0
        self.watchers = 1
        self.now_ms = 0
        self.bps = {int(name.removeprefix("e")): layers for name, layers in bps_of_layers.items()}
        self.needed_bps: dict[tuple[int, int], int] = {}

    def stats(self, handle: int) -> _sfu.TrackStats:
        self.looks += 1
        layers = tuple(
            _sfu.LayerStats(
                spatial,
                temporal,
                bps * self.now_ms // 8_000,
                320 << spatial,
                180 << spatial,
                self.needed_bps.get((spatial, temporal), 0) * self.now_ms // 8_000,
            )
            for (spatial, temporal), bps in self.bps[handle].items()
            if bps
        )
        return _sfu.TrackStats(0, 0, 0, 0, 0, 0, 0, 0, layers, self.watchers, _sfu.CODEC_VP8)


def settle(encodings: Encodings, rates: EncodingRates, handles: tuple[int, ...]) -> tuple[Step, ...]:
    for encodings.now_ms in range(1_000, 10_000, 500):
        steps = rates.steps(handles, Source.CAMERA, encodings.now_ms)
    return steps


def test_what_was_never_seen_is_guessed() -> None:
    rates = EncodingRates(Encodings(e1={}, e2={}, e3={}).stats)
    assert [step.bps for step in rates.steps((1, 2, 3), Source.CAMERA, 0)] == list(CAMERA_BPS)
    assert [step.bps for step in rates.steps((1,), Source.CAMERA, 0)] == [CAMERA_BPS[-1]]


def test_what_is_seen_is_measured() -> None:
    encodings = Encodings(e1={(0, 0): 120_000}, e2={(0, 0): 480_000})
    low, high = settle(encodings, EncodingRates(encodings.stats), (1, 2))
    assert (low.track, low.height, high.track) == (1, 180, 2)
    assert abs(low.bps - 120_000) < 2_000
    assert abs(high.bps - 480_000) < 2_000


def test_only_the_lowest_encoding_is_offered_with_fewer_pictures() -> None:
    encodings = Encodings(e1={(0, 0): 80_000, (0, 1): 40_000}, e2={(0, 0): 300_000, (0, 1): 200_000})
    steps = settle(encodings, EncodingRates(encodings.stats), (1, 2))
    assert [(step.track, step.temporal) for step in steps] == [(1, 0), (1, ALL_LAYERS), (2, ALL_LAYERS)]
    assert abs(steps[2].bps - 500_000) < 3_000


def test_spatial_layers_need_those_below() -> None:
    encodings = Encodings(e1={(0, 0): 100_000, (1, 0): 300_000, (2, 0): 900_000})
    steps = settle(encodings, EncodingRates(encodings.stats), (1,))
    assert [step.spatial for step in steps] == [0, 1, ALL_LAYERS]
    assert [round(step.bps, -5) for step in steps] == [100_000, 400_000, 1_300_000]
    assert [step.height for step in steps] == [180, 360, 720]


def test_spatial_layers_that_are_apart_cost_what_the_stream_says() -> None:
    """L3T2_KEY: between keyframes the largest needs nothing of the others."""
    layers = {(0, 0): 60_000, (0, 1): 40_000, (1, 0): 200_000, (1, 1): 100_000, (2, 0): 600_000, (2, 1): 300_000}
    encodings = Encodings(e1=layers)
    encodings.needed_bps = {
        (0, 0): 60_000, (0, 1): 100_000, (1, 0): 203_000, (1, 1): 303_000, (2, 0): 610_000, (2, 1): 910_000,
    }  # fmt: skip
    steps = settle(encodings, EncodingRates(encodings.stats), (1,))
    assert [(step.spatial, step.temporal) for step in steps] == [
        (0, 0),
        (0, ALL_LAYERS),
        (1, ALL_LAYERS),
        (ALL_LAYERS, ALL_LAYERS),
    ]
    assert [round(step.bps, -3) for step in steps] == [60_000, 100_000, 303_000, 910_000]


def test_an_encoding_that_rests_keeps_its_rate() -> None:
    encodings = Encodings(e1={(0, 0): 120_000})
    rates = EncodingRates(encodings.stats)
    before = settle(encodings, rates, (1,))
    rested = encodings.now_ms
    assert rates.steps((1,), Source.CAMERA, rested + 60_000) == before


def test_keyframes_of_an_encoding_that_nobody_is_sent_are_not_its_rate() -> None:
    encodings = Encodings(e1={(0, 0): 400_000})
    rates = EncodingRates(encodings.stats)
    before = settle(encodings, rates, (1,))
    encodings.watchers = 0
    encodings.bps[1] = {(0, 0): 401_000}  # a little more in sum
    for encodings.now_ms in range(10_000, 16_000, 1_000):
        steps = rates.steps((1,), Source.CAMERA, encodings.now_ms)
    assert steps == before


def test_many_who_ask_cost_one_look() -> None:
    encodings = Encodings(e1={(0, 0): 120_000})
    rates = EncodingRates(encodings.stats)
    for _ in range(100):
        rates.steps((1,), Source.CAMERA, 1_000)
    assert encodings.looks == 1


def test_the_height_of_an_encoding_never_seen_follows_from_its_neighbours() -> None:
    encodings = Encodings(e1={}, e2={(0, 0): 400_000}, e3={})
    steps = settle(encodings, EncodingRates(encodings.stats), (1, 2, 3))
    assert [step.height for step in steps] == [90, 180, 360]
