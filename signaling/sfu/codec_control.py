"""The codecs of a room's pictures: who can decode what is brought before the policy, what it decides is told."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final, Protocol

import structlog

from signaling.messages import MediaNotice, Undecodable
from signaling.webrtc.codecs import Bitstream, Codec

from .codec_policy import Abilities, SourceCodecs
from .directory import TrackDirectory
from .tracks import LiveTrack

log = structlog.get_logger(__name__)

REVIEW_MS: Final = 100  # what comes within this time after a change is looked at together


class Receiver(Protocol):
    """The subscribing or viewing connection of one seat."""

    @property
    def settled(self) -> bool: ...

    def decodes(self, track: LiveTrack) -> frozenset[Codec]: ...

    def sees(self, track_id: str) -> bool: ...


class Seat(Protocol):
    @property
    def receiver(self) -> Receiver | None: ...

    @property
    def seen_ids(self) -> Iterable[str]:
        """Tracks chosen for it, or shown to it."""

    @property
    def on_notice(self) -> Callable[[MediaNotice], None]: ...

    undecodable: tuple[str, ...] | None  # what its page was last told


class RoomCodecs:
    """`tell` passes a decision on to who publishes the track; `seats` are looked at anew each time."""

    def __init__(
        self, tracks: TrackDirectory, seats: Callable[[], Iterable[Seat]], tell: Callable[[LiveTrack], None]
    ) -> None:
        self._tracks = tracks
        self._seats = seats
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._due_ms = 0

    def review_soon(self) -> None:
        self._review_at(self._now_ms + REVIEW_MS)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # ------------------------------------------------------------ inside

    @property
    def _now_ms(self) -> int:
        return int(self._loop.time() * 1_000)

    def _review_at(self, due_ms: int) -> None:
        if self._timer is not None:
            if self._due_ms <= due_ms:
                return
            self._timer.cancel()
        self._due_ms = due_ms
        self._timer = self._loop.call_later(max(0, due_ms - self._now_ms) / 1_000, self._run)

    def _run(self) -> None:
        self._timer = None
        try:
            self._review()
        except Exception:
            log.exception("the codecs of a room were not reviewed")

    def _review(self) -> None:
        """Costs a look at every seat, and at what each watches only where somebody cannot decode all."""
        now_ms = self._now_ms
        pictures = {track.id: (track, track.codecs) for track in self._tracks.videos() if track.codecs is not None}
        receivers = [(seat, receiver) for seat in self._seats() if (receiver := seat.receiver) and receiver.settled]
        able = _AbilityTable([receiver for _, receiver in receivers])
        watching: dict[str, list[Abilities]] = defaultdict(list)
        for seat, receiver in receivers:
            for track_id in seat.seen_ids:
                if track_id in pictures and receiver.sees(track_id):
                    track = pictures[track_id][0]
                    watching[track_id].append(able.of(receiver, track))
        due: list[int] = []
        for track, codecs in pictures.values():
            present = able.present(track)
            codecs.decide(watching[track.id], present, now_ms)
            self._tell(track)
            if (next_ms := codecs.next_ms(now_ms)) is not None:
                due.append(next_ms)
        for seat, receiver in receivers:
            _tell_undecodable(seat, receiver, pictures, able)
        if due:
            self._review_at(min(due))


class _AbilityTable:
    """Many tracks come in the same codecs, so each receiver is asked once for each set of them."""

    def __init__(self, receivers: list[Receiver]) -> None:
        self._receivers = receivers
        self._known: dict[tuple[Bitstream, ...], dict[Receiver, Abilities]] = {}

    def of(self, receiver: Receiver, track: LiveTrack) -> Abilities:
        return self._row(track)[receiver]

    def present(self, track: LiveTrack) -> set[Abilities]:
        return set(self._row(track).values())

    def _row(self, track: LiveTrack) -> dict[Receiver, Abilities]:
        row = self._known.get(track.bitstreams)
        if row is None:
            row = {receiver: receiver.decodes(track) for receiver in self._receivers}
            self._known[track.bitstreams] = row
        return row


def _tell_undecodable(
    seat: Seat, receiver: Receiver, pictures: dict[str, tuple[LiveTrack, SourceCodecs]], able: _AbilityTable
) -> None:
    ids = tuple(
        track_id
        for track_id in seat.seen_ids
        if track_id in pictures
        and receiver.sees(track_id)
        and not pictures[track_id][1].serves(able.of(receiver, pictures[track_id][0]))
    )
    if ids != (seat.undecodable or ()):
        seat.undecodable = ids
        seat.on_notice(Undecodable(track_ids=ids))
