"""What was sampled in a run as curves over time."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Protocol

from .measure import Recording, Sample
from .plot import Curve, Panel, picture
from .scenarios import Phase, Side

MEAN_OVER = 5  # samples, for the bit rate: a second
BITS_TOP, TRIP_TOP_MS = 2_500.0, 1_500.0


class Recorded(Protocol):
    @property
    def server(self) -> str: ...
    @property
    def phase(self) -> Phase: ...
    @property
    def recording(self) -> Recording: ...


def draw(tables: Mapping[str, Sequence[Recorded]]) -> str:
    panels = []
    for name, rows in tables.items():
        servers = list(dict.fromkeys(row.server for row in rows))
        by_server = {server: [row for row in rows if row.server == server] for server in servers}
        marks = _marks(by_server[servers[0]])
        bits = [Curve(server, kilobits(_joined(its, at_publisher=False))) for server, its in by_server.items()]
        trips = [
            Curve(server, trip_curve(_joined(its, at_publisher=_published(its)))) for server, its in by_server.items()
        ]
        panels.append(Panel(f"{name}: arrives", "kbit/s", bits, marks, BITS_TOP))
        panels.append(Panel(f"{name}: round trip", "ms", trips, marks, TRIP_TOP_MS))
    return picture("Calls on bad networks", panels)


def trips_ms(samples: Sequence[Sample]) -> list[float]:
    return [sample["trip_s"] * 1_000 for sample in samples if sample["trip_s"] > 0]


def kilobits(samples: Sequence[Sample]) -> list[tuple[float, float]]:
    """Seconds since the first sample, and what arrived in the second before."""
    points = []
    for before, sample in zip(samples, samples[MEAN_OVER:], strict=False):
        seconds = max(sample["at"] - before["at"], 0.001)
        bits = max(sample["bytes"] - before["bytes"], 0) * 8
        points.append((sample["at"] - samples[0]["at"], bits / seconds / 1_000))
    return points


def trip_curve(samples: Sequence[Sample]) -> list[tuple[float, float]]:
    return [(sample["at"] - samples[0]["at"], sample["trip_s"] * 1_000) for sample in samples if sample["trip_s"] > 0]


def _joined(rows: Sequence[Recorded], *, at_publisher: bool) -> list[Sample]:
    """One page's clock runs through all phases."""
    parts = [row.recording.publisher if at_publisher else row.recording.subscriber for row in rows]
    return list(itertools.chain.from_iterable(parts))


def _published(rows: Sequence[Recorded]) -> bool:
    return all(row.phase.side is Side.PUBLISHER for row in rows)


def _marks(rows: Sequence[Recorded]) -> list[tuple[float, str]]:
    first = rows[0].recording.subscriber[0]["at"]
    return [(row.recording.subscriber[0]["at"] - first, row.phase.name) for row in rows]
