"""How far a room reaches: its tracks at another worker, where some of its subscribers sit.

A mirror has the handle of its track, so whoever subscribes there need not know that it is one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from .pump import WorkerPump
from .tracks import LiveTrack


class _Mirrored(Struct, frozen=True):
    inner: int  # the transport that carries its mirrors there
    handles: tuple[int, ...]


class Reach:
    """One room at one other worker, behind the pipe of that name at home."""

    def __init__(self, home: WorkerPump, away: WorkerPump, pipe: int) -> None:
        self.away = away
        self._home = home
        self._pipe = pipe
        self._mirrored: dict[str, _Mirrored] = {}

    @property
    def track_ids(self) -> Collection[str]:
        return self._mirrored.keys()

    def add(self, tracks: Iterable[LiveTrack]) -> None:
        """These are about to be subscribed to there."""
        for track in tracks:
            known = self._mirrored.get(track.id)
            if known is not None and known.handles == track.handles:
                continue
            if known is not None and not set(known.handles) & set(track.handles):
                self._drop(track.id)
            if track.handles:
                self._mirror(track)
            elif known is not None and track.id in self._mirrored:
                self._drop(track.id)

    def follow(self, tracks: Mapping[str, LiveTrack]) -> None:
        """Tracks came, went or began anew: what is mirrored stays so under its present handles."""
        for track_id in list(self._mirrored):
            track = tracks.get(track_id)
            if track is None:
                self._drop(track_id)
            else:
                self.add((track,))

    def keep(self, track_ids: Collection[str]) -> None:
        """Nobody there has any of the others."""
        for track_id in list(self._mirrored):
            if track_id not in track_ids:
                self._drop(track_id)

    def close(self) -> None:
        self.keep(())

    def _mirror(self, track: LiveTrack) -> None:
        """What of it was mirrored already goes on: a second stream comes and goes beside the first."""
        known = self._mirrored.get(track.id)
        inner = known.inner if known is not None else self.away.worker.open_inner()
        former = known.handles if known is not None else ()
        self._mirrored[track.id] = _Mirrored(inner, track.handles)
        for handle in former:
            if handle not in track.handles:
                with contextlib.suppress(KeyError):  # gone with its publisher
                    self._home.worker.stop_mirror(self._pipe, handle)
        for handle in track.handles:
            if handle not in former:
                self._home.worker.mirror(self._pipe, handle, self.away.worker, inner)

    def _drop(self, track_id: str) -> None:
        mirrored = self._mirrored.pop(track_id)
        self.away.worker.close_transport(mirrored.inner)
        for handle in mirrored.handles:
            with contextlib.suppress(KeyError):  # gone with its publisher
                self._home.worker.stop_mirror(self._pipe, handle)
