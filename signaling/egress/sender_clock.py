"""When something was taken, on the server's clock, by its RTP timestamp.

Sender reports (RFC 3550 6.4.1) say how the two clocks stand.  Before the first one arrivals do: whatever came soonest
after it was taken is nearest to the truth, because a line, a queue and a sender who begins with a burst can only delay.
What has been put in is therefore asked for again when it is needed, by when more is known.
"""

from __future__ import annotations

from typing import Final

from .rtp import TIMESTAMPS, Unwrapped

DELAY_MS: Final = 20  # from a camera or a microphone to us, at least
WINDOW_MS: Final = 5_000  # arrivals are forgotten after one to two of these: the clocks drift apart


class SenderClock:
    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._timestamps = Unwrapped(TIMESTAMPS)
        self._offset_ms = 0.0  # Unix time of place 0
        self._window_ms: float | None = None  # when the present one began
        self._soonest_ms = self._soonest_before_ms = 0.0
        self.reported = False

    def place(self, timestamp: int) -> int:
        """`timestamp` counted on where it wraps around."""
        return self._timestamps.of(timestamp)

    def report(self, timestamp: int, unix_ms: float) -> None:
        self._offset_ms = unix_ms - self._since_ms(self.place(timestamp))
        self.reported = True

    def arrived(self, timestamp: int, arrival_ms: float) -> int:
        """Its place.  `arrival_ms` is Unix time."""
        place = self.place(timestamp)
        if not self.reported:
            self._hear(arrival_ms - DELAY_MS - self._since_ms(place), arrival_ms)
        return place

    def taken_ms(self, place: int) -> float:
        """When, in Unix time, as far as is known by now."""
        return self._offset_ms + self._since_ms(place)

    def _hear(self, offset_ms: float, arrival_ms: float) -> None:
        if self._window_ms is None:
            self._window_ms = arrival_ms
            self._soonest_ms = self._soonest_before_ms = offset_ms
        elif arrival_ms - self._window_ms >= WINDOW_MS:
            self._window_ms = arrival_ms
            self._soonest_before_ms, self._soonest_ms = self._soonest_ms, offset_ms
        else:
            self._soonest_ms = min(self._soonest_ms, offset_ms)
        self._offset_ms = min(self._soonest_ms, self._soonest_before_ms)

    def _since_ms(self, place: int) -> float:
        return place * 1_000 / self._rate
