"""What /metrics tells beside the counters that the parts keep themselves: rooms and the media core, read when asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from rooms.core.model import RoomView


class MediaStats(Protocol):
    """signaling/sfu/_sfu.pyi WorkerStats."""

    @property
    def packets_received(self) -> int: ...
    @property
    def packets_forwarded(self) -> int: ...
    @property
    def packets_dropped(self) -> int: ...
    @property
    def transports(self) -> int: ...
    @property
    def tracks(self) -> int: ...
    @property
    def subscriptions(self) -> int: ...
    @property
    def native_bytes(self) -> int: ...


COUNTERS = {
    "packets_received": "RTP and RTCP packets that came in",
    "packets_forwarded": "RTP packets that went out",
    "packets_dropped": "Packets of unknown senders, malformed ones, and floods",
}
GAUGES = {
    "transports": "Peer connections",
    "tracks": "Published tracks",
    "subscriptions": "Tracks that are received by somebody",
    "native_bytes": "Heap of the media core",
}


class ServerGauges(Collector):
    def __init__(self, media: Callable[[], Sequence[MediaStats]], rooms: Callable[[], Sequence[RoomView]]) -> None:
        self._media = media
        self._rooms = rooms

    def collect(self) -> Iterator[Metric]:
        workers, rooms = self._media(), self._rooms()
        for name, about in COUNTERS.items():
            yield CounterMetricFamily(f"tongxin_media_{name}", about, sum(getattr(one, name) for one in workers))
        for name, about in GAUGES.items():
            yield GaugeMetricFamily(f"tongxin_media_{name}", about, sum(getattr(one, name) for one in workers))
        yield GaugeMetricFamily("tongxin_rooms", "Rooms that live on this node", len(rooms))
        people = sum(len(room.participants) for room in rooms)
        yield GaugeMetricFamily("tongxin_participants", "People in rooms of this node", people)


def registry_of(gauges: ServerGauges) -> CollectorRegistry:
    """One of the server's own: the process-wide registry would keep it for ever."""
    registry = CollectorRegistry()
    registry.register(gauges)
    return registry
