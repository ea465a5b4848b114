"""The bad networks that are tried.  A phase is bad on one of two lines; the other is clean, and so is always the line
of the second subscriber, whom all of this must not concern.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from .hosts import Network
from .line import Line, Weather


class Side(Enum):
    SUBSCRIBER = "subscriber"
    PUBLISHER = "publisher"


class Path(Enum):
    """What becomes of the way that packets come by when a phase begins."""

    SAME = "same"
    PORT = "another port"
    ADDRESS = "another address"


@dataclass(frozen=True)
class Phase:
    name: str
    seconds: float
    weather: Weather
    side: Side = Side.SUBSCRIBER
    path: Path = Path.SAME


@dataclass(frozen=True)
class Scenario:
    name: str
    phases: tuple[Phase, ...]

    def faster(self, factor: float) -> Scenario:
        return replace(self, phases=tuple(replace(phase, seconds=phase.seconds * factor) for phase in self.phases))


def on_publisher(phases: tuple[Phase, ...]) -> tuple[Phase, ...]:
    return tuple(replace(phase, side=Side.PUBLISHER) for phase in phases)


CLEAN = Weather(delay_ms=10)
LOSSY = Weather(delay_ms=50, loss=0.1)
WIDE, NARROW = Weather(delay_ms=20, limit_bps=3_000_000), Weather(delay_ms=20, limit_bps=400_000)
BEFORE_NAME, LOSSY_NAME, NARROW_NAME, WIDE_AGAIN_NAME = "before", "10 % loss, 100 ms", "400 kbit/s", "3 Mbit/s again"
NEW_PORT_NAME, SILENT_NAME, NEW_PATH_NAME = "from another port", "10 s of silence", "then from another address"
BEFORE = Phase(BEFORE_NAME, 5, CLEAN)
LOSS = (BEFORE, Phase("10 % loss, its first 8 s", 8, LOSSY), Phase(LOSSY_NAME, 22, LOSSY))
OTHER = (
    BEFORE,
    Phase("40 ms of jitter", 10, Weather(delay_ms=30, jitter_ms=40)),
    Phase("5 % reordered", 10, Weather(delay_ms=30, reordered=0.05)),
    Phase("bursts of loss, 3 %", 12, Weather(delay_ms=30, burst_begins=0.005, burst_ends=0.16)),
)
LIMIT = (Phase("3 Mbit/s", 5, WIDE), Phase(NARROW_NAME, 15, NARROW), Phase(WIDE_AGAIN_NAME, 18, WIDE))
PATH = (
    BEFORE,
    Phase(NEW_PORT_NAME, 8, CLEAN, path=Path.PORT),
    Phase(f"publisher: {NEW_PORT_NAME}", 8, CLEAN, side=Side.PUBLISHER, path=Path.PORT),
    Phase(SILENT_NAME, 10, Weather(cut=True)),
    Phase(NEW_PATH_NAME, 10, CLEAN, path=Path.ADDRESS),
)

SCENARIOS = (
    Scenario("loss on the subscriber's line", LOSS),
    Scenario("loss on the publisher's line", on_publisher(LOSS)),
    Scenario("other weather on the subscriber's line", OTHER),
    Scenario("limit on the subscriber's line", LIMIT),
    Scenario("limit on the publisher's line", on_publisher(LIMIT)),
    Scenario("change of path", PATH),
)


def begin(network: Network, phase: Phase) -> None:
    line = network.subscribing if phase.side is Side.SUBSCRIBER else network.publishing
    if phase.path is not Path.SAME:
        line.nat.rebind(move=phase.path is Path.ADDRESS)
    apply(line, phase.weather)


def apply(line: Line, weather: Weather) -> None:
    """Both directions alike: what a person's access does to what they send and receive."""
    line.to_client.weather = line.to_server.weather = weather
