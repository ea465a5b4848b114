"""One line of time for pictures and sound of an encoder, whose own times may be anything.

An encoder counts from where it likes, jumps when it is restarted, and drifts.  What is sent on carries the time at
which it came, as steadily as the encoder's own times are: never in the future, and at most JUMP_MS behind.
"""

from __future__ import annotations

from typing import Final

JUMP_MS: Final = 1_500.0
DRIFT: Final = 0.0005  # of what we are behind, made up with each packet


class SourceClock:
    def __init__(self) -> None:
        self._offset_ms: float | None = None
        self.jumps = 0

    def at(self, source_ms: float, now_ms: float) -> float:
        """When what the encoder calls `source_ms` is shown, on our clock; it came at `now_ms`."""
        if self._offset_ms is None:
            self._offset_ms = now_ms - source_ms
        behind = now_ms - (source_ms + self._offset_ms)
        if behind > JUMP_MS or behind < -JUMP_MS:
            self.jumps += 1
            self._offset_ms += behind
        elif behind < 0:
            self._offset_ms += behind
        else:
            self._offset_ms += behind * DRIFT
        return source_ms + self._offset_ms
