"""One native worker as the event loop sees it: events are read when its eventfd says so and given to their owners."""

from __future__ import annotations

import asyncio
import struct
from typing import Final, Protocol

import structlog

from . import _sfu

log = structlog.get_logger(__name__)

EVENTS_MAX: Final = 256  # taken at once; the eventfd stays readable while there are more


class TransportOwner(Protocol):
    """Who hears what happens on one transport.  None of these may raise or block."""

    def on_dtls(self, datagram: bytes) -> None: ...

    def on_connected(self, address: str) -> None: ...

    def on_disconnected(self) -> None: ...

    def on_estimate(self, bps: int, limited: bool) -> None: ...


class SpeakerOwner(Protocol):
    def on_speakers(self, tracks: tuple[int, ...]) -> None: ...


class WatchOwner(Protocol):
    def on_watched(self, track: int, watched: bool) -> None:
        """An encoding got its first watcher, or lost its last."""

    def on_events_lost(self) -> None:
        """Something of that may have been missed."""


class WorkerPump:
    """Owns a Worker.  Handles are registered by who opened them and forgotten by who closes them.

    `listens_tcp`: ICE-TCP connections to the worker's port number reach it.
    """

    def __init__(self, worker: _sfu.Worker, *, listens_tcp: bool = False) -> None:
        self.worker = worker
        self.listens_tcp = listens_tcp
        self._transports: dict[int, TransportOwner] = {}
        self._rooms: dict[int, SpeakerOwner] = {}
        self._tracks: dict[int, WatchOwner] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(worker.event_fd, self._read)

    @property
    def transports(self) -> int:
        return len(self._transports)

    def add_transport(self, handle: int, owner: TransportOwner) -> None:
        self._transports[handle] = owner

    def forget_transport(self, handle: int) -> None:
        self._transports.pop(handle, None)

    def add_room(self, handle: int, owner: SpeakerOwner) -> None:
        self._rooms[handle] = owner

    def forget_room(self, handle: int) -> None:
        self._rooms.pop(handle, None)

    def add_track(self, handle: int, owner: WatchOwner) -> None:
        self._tracks[handle] = owner

    def forget_track(self, handle: int) -> None:
        self._tracks.pop(handle, None)

    def close(self) -> None:
        self._loop.remove_reader(self.worker.event_fd)
        self.worker.close()

    def _read(self) -> None:
        for event in self.worker.poll(EVENTS_MAX):
            try:
                self._dispatch(event)
            except Exception:
                log.exception("an event of the media core was not handled")

    def _dispatch(self, event: _sfu.Event) -> None:
        if event.kind == _sfu.EVENT_SPEAKERS:
            speaking = self._rooms.get(event.value)
            if speaking is not None:
                speaking.on_speakers(struct.unpack(f"<{len(event.data) // 8}q", event.data))
            return
        if event.kind == _sfu.EVENT_WATCHED:
            if (watch := self._tracks.get(event.value)) is not None:
                watch.on_watched(event.value, event.data == b"\x01")
            return
        if event.kind == _sfu.EVENT_OVERFLOW:
            for owner_of_track in set(self._tracks.values()):
                owner_of_track.on_events_lost()
            log.warning("events of the media core were lost: the event loop is too slow", events=event.value)
            return
        owner = self._transports.get(event.transport)
        if owner is None:
            return  # closed meanwhile
        if event.kind == _sfu.EVENT_DTLS:
            owner.on_dtls(event.data)
        elif event.kind == _sfu.EVENT_CONNECTED:
            owner.on_connected(event.data.decode("ascii"))
        elif event.kind == _sfu.EVENT_DISCONNECTED:
            owner.on_disconnected()
        elif event.kind == _sfu.EVENT_ESTIMATE:
            owner.on_estimate(event.value, event.data == b"\1")
