"""Tells a publisher which encodings of its sources are watched, as the media core reports it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from signaling.messages import Encodings

from .layers import WatchedEncodings
from .pump import WorkerPump
from .tracks import LiveTrack


@dataclass(slots=True)
class _Source:
    track_id: str
    rids: dict[int, str]  # by the track in the core
    watched: WatchedEncodings
    timer: asyncio.TimerHandle | None = field(default=None)


class EncodingWatch:
    """Of one publisher.  Implements pump.WatchOwner."""

    def __init__(self, pump: WorkerPump, tell: Callable[[Encodings], None]) -> None:
        self._pump = pump
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._sources: dict[str, _Source] = {}

    def follow(self, track: LiveTrack) -> None:
        """Its encodings are new."""
        self.forget(track.id)
        rids = {encoding.handle: encoding.rid for encoding in track.encodings if encoding.rid}
        if not rids:
            return
        source = _Source(track.id, rids, WatchedEncodings(tuple(rids.values()), self._now_ms))
        self._sources[track.id] = source
        for handle in rids:
            self._pump.add_track(handle, self)
        self._look(source)

    def forget(self, track_id: str) -> None:
        source = self._sources.pop(track_id, None)
        if source is None:
            return
        for handle in source.rids:
            self._pump.forget_track(handle)
        if source.timer is not None:
            source.timer.cancel()

    def repeat(self) -> None:
        """For a new connection of the client, which may have missed something."""
        for source in self._sources.values():
            self._tell(Encodings(track_id=source.track_id, rids=source.watched.told))

    def close(self) -> None:
        for track_id in list(self._sources):
            self.forget(track_id)

    def on_watched(self, track: int, watched: bool) -> None:
        for source in self._sources.values():
            if (rid := source.rids.get(track)) is not None:
                source.watched.note(rid, watched, self._now_ms)
                self._look(source)

    def on_events_lost(self) -> None:
        for source in self._sources.values():
            for handle, rid in source.rids.items():
                source.watched.note(rid, self._pump.worker.track_stats(handle).watchers > 0, self._now_ms)
            self._look(source)

    @property
    def _now_ms(self) -> int:
        return int(self._loop.time() * 1_000)

    def _look(self, source: _Source) -> None:
        """Say what is new, and come back when something falls due."""
        now_ms = self._now_ms
        rids = source.watched.news(now_ms)
        if source.timer is not None:
            source.timer.cancel()
            source.timer = None
        next_ms = source.watched.next_ms(now_ms)
        if next_ms is not None:
            source.timer = self._loop.call_later((next_ms - now_ms + 1) / 1_000, self._look, source)
        if rids is not None:
            self._tell(Encodings(track_id=source.track_id, rids=rids))
