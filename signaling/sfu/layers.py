"""Which encodings of a source its publisher has to send: those that somebody watches (pure: events and `now_ms` in).

One that is watched again is asked for at once.  One that nobody watches any more is stopped after a while, so that a
subscriber who scrolls past, or wavers between two sizes, does not cost a keyframe each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

UNWATCHED_MS: Final = 1_000  # an encoding is sent for so long after its last watcher has gone


class WatchedEncodings:
    """Of one source.  At its beginning a publisher sends all, and all count as watched until then."""

    def __init__(self, rids: Sequence[str], now_ms: int) -> None:
        self._watched: dict[str, bool] = dict.fromkeys(rids, False)
        self._since_ms = dict.fromkeys(rids, now_ms)  # when its last watcher had gone
        self.told: tuple[str, ...] = tuple(rids)  # what the publisher was last told to send

    def note(self, rid: str, watched: bool, now_ms: int) -> None:
        """The first watcher came, or the last has gone."""
        if rid not in self._watched or self._watched[rid] is watched:
            return
        self._watched[rid] = watched
        self._since_ms[rid] = now_ms

    def news(self, now_ms: int) -> tuple[str, ...] | None:
        """What the publisher has to be told now; None when it knows."""
        sent = tuple(rid for rid in self._watched if self._is_sent(rid, now_ms))
        if sent == self.told:
            return None
        self.told = sent
        return sent

    def next_ms(self, now_ms: int) -> int | None:
        """When to ask for news again without an event; None when nothing is pending."""
        pending = [self._since_ms[rid] + UNWATCHED_MS for rid in self.told if not self._watched[rid]]
        return max(min(pending), now_ms) if pending else None

    def _is_sent(self, rid: str, now_ms: int) -> bool:
        lingers = rid in self.told and now_ms - self._since_ms[rid] < UNWATCHED_MS
        return self._watched[rid] or lingers
