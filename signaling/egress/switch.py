"""When the film is one source's pictures as they come, and when it is composed: pure rules over what the scene shows.

    composed --a source has filled the picture for STEADY_MS, and its next key comes--> passed
    passed --anything else is to be seen, or the source falters--> composed

A source that falters rests: for longer each time, until it has been passed on for a while.
"""

from __future__ import annotations

from typing import Final

from . import wire

STEADY_MS: Final = 2_000  # a lower third that is taken away, or a layout that was tried
REST_MIN_MS: Final = 5_000
REST_MAX_MS: Final = 120_000
STEADY_AGAIN_MS: Final = 60_000


def filling(scene: wire.Scene, width: int, height: int) -> str:
    """The track that is all there is to see; "" when something has to be composed."""
    if len(scene.tiles) != 1:
        return ""
    [tile] = scene.tiles
    whole = (tile.x, tile.y, tile.width, tile.height) == (0, 0, width, height)
    return tile.track_id if whole and not tile.name and not tile.speaking else ""


class Switch:
    """`filling`: the track that is all there is to see.  `passed`: the one that is passed on; "" while the film is
    composed.  Times are the film's, in Unix ms."""

    def __init__(self) -> None:
        self.passed = ""
        self.filling = ""
        self._since_ms = 0.0
        self._begun_ms = 0.0
        self._not_before_ms = 0.0
        self._rest_ms = REST_MIN_MS

    def look(self, track_id: str, at_ms: float) -> None:
        """`track_id` fills the picture at present."""
        if track_id != self.filling:
            self.filling, self._since_ms = track_id, at_ms

    def wanted(self, at_ms: float) -> str:
        """The track whose next key is to be waited for."""
        if self.passed or at_ms < self._not_before_ms or at_ms - self._since_ms < STEADY_MS:
            return ""
        return self.filling

    def begin(self, at_ms: float) -> None:
        self.passed, self._begun_ms = self.filling, at_ms

    def end(self) -> None:
        """Something else is to be seen."""
        self.passed = ""

    def falter(self, at_ms: float) -> None:
        """The source cannot be passed on, or not any more."""
        if self.passed and at_ms - self._begun_ms >= STEADY_AGAIN_MS:
            self._rest_ms = REST_MIN_MS
        self.passed = ""
        self._not_before_ms = at_ms + self._rest_ms
        self._rest_ms = min(self._rest_ms * 2, REST_MAX_MS)
