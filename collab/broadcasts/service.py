"""Livestreams as they are sent out: their keys, their folders, and the film that stays.

Whoever knows the key of a broadcast may fetch it: the key is random, is told to those who may watch, and is part of the
path, so that any cache in front of the server keeps what it has fetched without asking who wants it.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import structlog

from collab.clock import now_ms
from collab.recordings.service import RecordingService
from collab.recordings.transcript import Said
from rooms.tasks import TaskOwner
from signaling.captions.listening import Line
from signaling.egress.broadcasts import Broadcast, Place
from signaling.egress.hls import LiveStream
from signaling.egress.recording import Part

from .repository import BroadcastRepository
from .shelf import NoShelf, Shelf

KEY_BYTES: Final = 18
CLEARED_AFTER_S: Final = 600.0  # what caches in front still ask for
RESTART_GAP: Final = 2  # segments that a process may have begun and not told when its server died
_SEGMENT: Final = re.compile(r"([0-9]{1,9})\.m4s|([0-9]{1,9})\.[0-9]{1,3}\.m4s")

log = structlog.get_logger("broadcasts")


class BroadcastService:
    """Implements signaling.egress.broadcasts.BroadcastLedger.  `folder` holds a folder of segments for each key."""

    def __init__(
        self, broadcasts: BroadcastRepository, recordings: RecordingService, folder: Path, shelf: Shelf | None = None
    ) -> None:
        """`shelf`: where segments are put as well."""
        self._shelf = shelf or NoShelf()
        self._broadcasts = broadcasts
        self._recordings = recordings
        self._folder = folder
        self._keys: dict[str, str] = {}  # key -> livestream, of those that are live here or were just now
        self._find: Callable[[str], Broadcast | None] = lambda _id: None
        self.hear: Callable[[str, Line], None] = lambda _id, _line: None  # what is said, as it is said
        self._tasks = TaskOwner()

    async def start(self, find: Callable[[str], Broadcast | None]) -> None:
        """`find`: a broadcast that is live on this node.  Clears what a former life has left."""
        self._find = find
        live = await self._broadcasts.live_keys()
        await asyncio.to_thread(_clear, self._folder, live)

    async def close(self) -> None:
        await self._tasks.close()
        await self._shelf.close()

    # ------------------------------------------------------------ signaling.egress.broadcasts.BroadcastLedger

    async def begun(self, livestream_id: str, room_id: str) -> Place:
        key = secrets.token_urlsafe(KEY_BYTES)
        broadcast = await self._broadcasts.begin(livestream_id, room_id, key, now_ms())
        self._keys[broadcast.key] = livestream_id
        film, before = await self._recordings.begun(livestream_id, room_id, "")
        segments = self._folder / broadcast.key
        await asyncio.to_thread(lambda: segments.mkdir(parents=True, exist_ok=True))
        first = await asyncio.to_thread(_next_segment, segments)
        encoders = await asyncio.to_thread(_encoders, segments)
        put, put_encoders = await self._shelf.left(broadcast.key)
        if (running := self._find(livestream_id)) is not None:
            self._shelf.follow(broadcast.key, running.stream)
        first, encoders = max(first, put + RESTART_GAP if put else 0), max(encoders, put_encoders)
        return Place(film, before, segments, first, encoders)

    def progressed(self, livestream_id: str, film_ms: int, size_bytes: int) -> None:
        self._recordings.progressed(livestream_id, film_ms, size_bytes)

    def said(self, livestream_id: str, line: Line) -> None:
        self.hear(livestream_id, line)

    async def kept(self, livestream_id: str, line: Line, part: str, at_ms: int) -> None:
        said = Said(part, at_ms, line.ends_ms - line.begins_ms, line.speaker, line.text)
        await self._recordings.said(livestream_id, said)

    async def ended(self, livestream_id: str, parts: Sequence[Part]) -> None:
        await self._broadcasts.end(livestream_id, now_ms())
        await self._recordings.ended(livestream_id, parts)
        for key in [key for key, of in self._keys.items() if of == livestream_id]:
            self._tasks.start(self._clear_later(key), f"clear {livestream_id}")

    async def left(self, livestream_id: str, parts: Sequence[Part]) -> None:
        await self._recordings.left(livestream_id, parts)

    # ------------------------------------------------------------ for viewers

    def stream_of(self, key: str) -> LiveStream | None:
        """What is live on this node under this key."""
        livestream_id = self._keys.get(key)
        broadcast = self._find(livestream_id) if livestream_id is not None else None
        return broadcast.stream if broadcast is not None else None

    async def fetch(self, path: str) -> bytes | None:
        """From the object store: what another node has put there."""
        return await self._shelf.fetch(path)

    async def url_of(self, livestream_id: str) -> str | None:
        """The path to fetch it from, while it is live."""
        broadcast = await self._broadcasts.get(livestream_id)
        if broadcast is None or broadcast.ended_at_ms:
            return None
        return f"/hls/{broadcast.key}/master.m3u8"

    # ------------------------------------------------------------ inside

    async def _clear_later(self, key: str) -> None:
        await asyncio.sleep(CLEARED_AFTER_S)
        self._keys.pop(key, None)
        await asyncio.to_thread(shutil.rmtree, self._folder / key, True)
        await self._shelf.clear(key)


def _clear(folder: Path, live: set[str]) -> None:
    if folder.is_dir():
        for one in folder.iterdir():
            if one.is_dir() and one.name not in live:
                shutil.rmtree(one, ignore_errors=True)


def _encoders(folder: Path) -> int:
    """How many have written segments here: each leaves a head."""
    return max((len(list(size.glob("init-*.mp4"))) for size in folder.iterdir()), default=0)


def _next_segment(folder: Path) -> int:
    """Numbers go on where a former life has stopped."""
    found = [_SEGMENT.fullmatch(path.name) for path in folder.glob("*/*.m4s")]
    numbers = [int(one[1] or one[2]) for one in found if one is not None]
    return max(numbers) + RESTART_GAP if numbers else 0
