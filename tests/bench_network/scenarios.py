"""The bad networks that are tried.  Every one happens on one of the two lines; the other is clean."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .hosts import Network
from .line import Line, Weather


@dataclass(frozen=True)
class Phase:
    name: str
    seconds: float
    weather: Weather


@dataclass(frozen=True)
class Scenario:
    name: str
    on_subscriber: bool  # else on the publisher's line
    phases: tuple[Phase, ...]

    def line(self, network: Network) -> Line:
        return network.subscribing if self.on_subscriber else network.publishing

    def faster(self, factor: float) -> Scenario:
        return replace(self, phases=tuple(replace(phase, seconds=phase.seconds * factor) for phase in self.phases))


LOSSY = Weather(delay_ms=50, loss=0.1)
WIDE, NARROW = Weather(delay_ms=20, limit_bps=3_000_000), Weather(delay_ms=20, limit_bps=400_000)
LOSSY_NAME, NARROW_NAME, WIDE_AGAIN_NAME = "10 % loss, 100 ms", "400 kbit/s", "3 Mbit/s again"
LOSS = (Phase("10 % loss, its first 10 s", 10, LOSSY), Phase(LOSSY_NAME, 30, LOSSY))
JITTER = (Phase("40 ms of jitter", 15, Weather(delay_ms=30, jitter_ms=40)),)
REORDER = (Phase("5 % reordered", 15, Weather(delay_ms=30, reordered=0.05)),)
BURSTS = (Phase("bursts of loss, 3 %", 20, Weather(delay_ms=30, burst_begins=0.005, burst_ends=0.16)),)
LIMIT = (Phase("3 Mbit/s", 10, WIDE), Phase(NARROW_NAME, 15, NARROW), Phase(WIDE_AGAIN_NAME, 18, WIDE))

SCENARIOS = (
    Scenario("loss on the subscriber's line", True, LOSS),
    Scenario("loss on the publisher's line", False, LOSS),
    Scenario("other weather on the subscriber's line", True, (*JITTER, *REORDER, *BURSTS)),
    Scenario("limit on the subscriber's line", True, LIMIT),
    Scenario("limit on the publisher's line", False, LIMIT),
)


def apply(line: Line, weather: Weather) -> None:
    """Both directions alike: what a person's access does to what they send and receive."""
    line.to_client.weather = line.to_server.weather = weather
