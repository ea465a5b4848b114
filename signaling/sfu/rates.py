"""Bit rates of the encodings of a room's pictures, measured when somebody asks, and the steps that follow from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rooms.core.model import Source

from . import _sfu
from .bandwidth import ALL_LAYERS, Step

SAMPLE_MS: Final = 900  # between two looks at one encoding
SMOOTHING: Final = 0.7  # of the old value, at each look
ENCODINGS_MAX: Final = 1_024  # remembered

# What an encoding is taken for until something of it was seen: the last of as many as there are.
CAMERA_BPS: Final = (150_000, 500_000, 1_500_000)
SCREEN_BPS: Final = (300_000, 600_000, 1_200_000)


@dataclass(slots=True)
class _Seen:
    at_ms: int
    flows: bool = False  # somebody is sent it, and it came, since the look before the last
    bytes: dict[tuple[int, int], int] = field(default_factory=dict)  # by (spatial, temporal), each alone
    bps: dict[tuple[int, int], float] = field(default_factory=dict)
    needed_bytes: dict[tuple[int, int], int] = field(default_factory=dict)  # with all that the layer needs, where it
    needed_bps: dict[tuple[int, int], float] = field(default_factory=dict)  # is told: in L3T3_KEY not those below
    heights: dict[int, int] = field(default_factory=dict)  # by spatial layer


class EncodingRates:
    """`stats` is Worker.track_stats of the worker that the room is on."""

    def __init__(self, stats: Callable[[int], _sfu.TrackStats]) -> None:
        self._stats = stats
        self._seen: dict[int, _Seen] = {}

    def steps(self, encodings: Sequence[int], source: Source, now_ms: int) -> tuple[Step, ...]:
        """Low to high: the lowest encoding also with fewer pictures a second, the others whole."""
        guesses = SCREEN_BPS if source is Source.SCREEN else CAMERA_BPS
        found: list[Step] = []
        looks = [self._look(handle, now_ms) for handle in encodings]
        heights = _heights(looks)
        for number, (handle, seen) in enumerate(zip(encodings, looks, strict=True)):
            if seen is None or not seen.bps:
                guess = guesses[max(number - len(encodings), -len(guesses))]
                guess = min([guess, *_below_measured(looks, number)])
                found.append(Step(handle, guess, height=heights[number]))
            else:
                found += _layers(handle, seen, number == 0, heights[number])
        return tuple(found)

    def _look(self, handle: int, now_ms: int) -> _Seen | None:
        seen = self._seen.get(handle)
        if seen is not None and now_ms - seen.at_ms < SAMPLE_MS:
            return seen
        try:
            stats = self._stats(handle)
        except KeyError:
            self._seen.pop(handle, None)
            return None
        if seen is None:
            if len(self._seen) >= ENCODINGS_MAX:
                del self._seen[next(iter(self._seen))]
            seen = self._seen[handle] = _Seen(now_ms)
        _take(seen, stats, now_ms)
        return seen


def _below_measured(looks: Sequence[_Seen | None], number: int) -> list[int]:
    """What an encoding not seen yet costs at most, by those above it: half the size is less than half the cost."""
    return [
        int(sum(seen.bps.values())) >> higher
        for higher, seen in enumerate(looks[number:])
        if seen is not None and seen.bps and higher
    ]


def _take(seen: _Seen, stats: _sfu.TrackStats, now_ms: int) -> None:
    """An encoding that rests keeps the rate that it had: of one that nobody is sent only a keyframe comes now and then,
    and the first look at one that comes again saw mostly its rest."""
    before, needed_before = seen.bytes, seen.needed_bytes
    since_ms, flowed = max(now_ms - seen.at_ms, 1), seen.flows
    seen.at_ms = now_ms
    seen.bytes = {(layer.spatial, layer.temporal): layer.bytes for layer in stats.layers}
    seen.needed_bytes = {
        (layer.spatial, layer.temporal): layer.needed_bytes for layer in stats.layers if layer.needed_bytes
    }
    seen.heights |= {layer.spatial: layer.height for layer in stats.layers if layer.height}
    seen.flows = stats.watchers > 0 and bool(before) and seen.bytes != before
    if not (seen.flows and flowed) or since_ms > 10 * SAMPLE_MS:
        return
    _smooth(seen.bps, seen.bytes, before, since_ms)
    _smooth(seen.needed_bps, seen.needed_bytes, needed_before, since_ms)


def _smooth(
    bps: dict[tuple[int, int], float],
    totals: Mapping[tuple[int, int], int],
    before: Mapping[tuple[int, int], int],
    since_ms: int,
) -> None:
    for key, total in totals.items():
        now = (total - before.get(key, 0)) * 8_000 / since_ms
        bps[key] = SMOOTHING * bps[key] + (1 - SMOOTHING) * now if key in bps else now


def _heights(looks: Sequence[_Seen | None]) -> list[int]:
    """Of each encoding at its largest; one never seen is half or twice its neighbour, as browsers are asked for."""
    known = {number: max(seen.heights.values()) for number, seen in enumerate(looks) if seen and seen.heights}
    if not known:
        return [0] * len(looks)
    heights = []
    for number in range(len(looks)):
        nearest = min(known, key=lambda at: abs(at - number))
        heights.append(known[nearest] << max(number - nearest, 0) >> max(nearest - number, 0))
    return heights


def _layers(handle: int, seen: _Seen, with_temporal: bool, whole_height: int) -> list[Step]:
    spatials = sorted({spatial for spatial, _ in seen.bps})
    found: list[Step] = []
    below = 0.0  # all lower spatial layers, which the higher ones need where nothing else is told
    for spatial in spatials:
        own = sorted(temporal for at, temporal in seen.bps if at == spatial)
        height = seen.heights.get(spatial, whole_height if spatial == spatials[-1] else 0)
        highest_spatial = ALL_LAYERS if spatial == spatials[-1] else spatial
        sum_bps = below
        for temporal in own:
            sum_bps += seen.bps[spatial, temporal]
            last = temporal == own[-1]
            if last or (with_temporal and spatial == spatials[0]):
                bps = seen.needed_bps.get((spatial, temporal), sum_bps)
                found.append(Step(handle, int(bps) + 1, highest_spatial, ALL_LAYERS if last else temporal, height))
        below = sum_bps
    return found
