"""Livestreams in the object store (S3): whole segments, their heads and ordinary playlists, under the paths of /hls/.

A cache may take them from the bucket itself, and any node serves them while the one that films does not answer.  Parts
and playlists that wait are not there: a bucket cannot hold a request until there is something new, and a part of 0.4 s
would cost a write for each, of which each takes as long as a quarter of it lasts.  Those come from the nodes' memory.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, Protocol

import msgspec
import obstore
import structlog
from msgspec import Struct
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from collab.config import Settings
from collab.files.models import MediaType
from collab.files.store import open_store
from rooms.tasks import TaskOwner
from signaling.egress.hls import Added, Happened, LiveStream

WAITING_MAX: Final = 30  # segments of all sizes: then the oldest is left out, and who plays from here jumps
KEPT_SEGMENTS: Final = 150  # five minutes: caches ask for a while
FETCHES_MAX: Final = 32  # at a time
AGAIN_AFTER_S: Final = 2.0
PREFIX: Final = "hls"
PLAYLIST_TYPE: Final = "application/vnd.apple.mpegurl"
_NUMBER: Final = re.compile(r"([0-9]{1,9})\.m4s")

log = structlog.get_logger("broadcasts")


class Shelf(Protocol):
    def follow(self, key: str, stream: LiveStream) -> None:
        """Put on it what happens to this stream, until it ends."""

    async def left(self, key: str) -> tuple[int, int]:
        """What a former life, here or on another node, has put: (next number that is free, encoders)."""

    async def fetch(self, path: str) -> bytes | None:
        """What was put under `path`, as it stands behind /hls/; None for what was not."""

    async def clear(self, key: str) -> None:
        """Nobody asks for it any more."""

    async def close(self) -> None: ...


class NoShelf:
    def follow(self, key: str, stream: LiveStream) -> None: ...

    async def left(self, key: str) -> tuple[int, int]:
        return 0, 0

    async def fetch(self, path: str) -> bytes | None:
        return None

    async def clear(self, key: str) -> None: ...

    async def close(self) -> None: ...


def open_shelf(settings: Settings) -> Shelf:
    if not settings.hls_url:
        return NoShelf()
    return ObjectShelf(open_store(settings.hls_url, settings.data_dir, settings.files_endpoint))


class _Whole(Struct, frozen=True):
    """A segment of one size."""

    parts: tuple[Added, ...]


class ObjectShelf:
    """`store` is that of files, with a bucket or prefix of its own."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._fetches = asyncio.Semaphore(FETCHES_MAX)
        self._tasks = TaskOwner()

    async def close(self) -> None:
        await self._tasks.close()

    def follow(self, key: str, stream: LiveStream) -> None:
        putting = _Putting(self._store, key, stream)
        stream.listeners.add(putting.hear)
        self._tasks.start(putting.run(), f"segments of {key[:6]}")

    async def left(self, key: str) -> tuple[int, int]:
        names = await self._names(key)
        numbers = [int(found[1]) for name in names if (found := _NUMBER.fullmatch(name.rpartition("/")[2]))]
        heads: dict[str, int] = {}
        for size, _, name in (one.partition("/") for one in names):
            heads[size] = heads.get(size, 0) + name.startswith("init-")
        return max(numbers, default=-1) + 1, max(heads.values(), default=0)

    async def fetch(self, path: str) -> bytes | None:
        try:
            async with self._fetches:
                found = await obstore.get_async(self._store, f"{PREFIX}/{path}")
                return bytes(await found.bytes_async())
        except FileNotFoundError:
            return None
        except BaseError as error:
            log.warning("segment_not_fetched", cause=str(error)[:200])
            return None

    async def clear(self, key: str) -> None:
        try:
            for name in await self._names(key):
                await obstore.delete_async(self._store, f"{PREFIX}/{key}/{name}")
        except (BaseError, FileNotFoundError) as error:
            log.warning("segments_not_cleared", cause=str(error)[:200])

    async def _names(self, key: str) -> list[str]:
        """Below the key's folder."""
        begins = f"{PREFIX}/{key}/"
        found: list[str] = []
        async for page in obstore.list(self._store, begins):
            found += [str(one["path"]).rpartition(begins)[2] for one in page]
        return found


class _Putting:
    """One stream on its way to the store, in order; playlists tell of what is there."""

    def __init__(self, store: ObjectStore, key: str, stream: LiveStream) -> None:
        self._store = store
        self._key = key
        self._stream = stream
        self._collected: dict[str, list[Added]] = {}  # by size
        self._waiting: asyncio.Queue[_Whole | None] = asyncio.Queue()  # bounded by `_wait`
        self._there: LiveStream | None = None  # what can be told: its pieces are those of the stream's own memory
        self._heads: set[tuple[str, str]] = set()
        self._has_gap = False

    def hear(self, happened: Happened) -> None:
        match happened:
            case Added(part):
                collected = self._collected.setdefault(part.rendition, [])
                if collected and collected[-1].part.segment != part.segment:  # its process died in the middle of it
                    self._wait(_Whole(tuple(collected)))
                    collected.clear()
                collected.append(happened)
                if part.last:
                    self._wait(_Whole(tuple(collected)))
                    collected.clear()
            case None:
                self._waiting.put_nowait(None)
            case _:
                pass  # chapters are told with the next segment

    async def run(self) -> None:
        while (whole := await self._waiting.get()) is not None:
            await self._until_put(partial(self._add, whole.parts))
        if self._there is not None:
            self._there.end()
            await self._until_put(self._tell_all)
        self._stream.listeners.discard(self.hear)

    # ------------------------------------------------------------ inside

    def _wait(self, whole: _Whole) -> None:
        while self._waiting.qsize() >= WAITING_MAX:
            self._waiting.get_nowait()
            self._has_gap = True
            log.warning("segments_left_out", key=self._key[:6])
        self._waiting.put_nowait(whole)

    async def _until_put(self, put: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await put()
            except (BaseError, FileNotFoundError) as error:  # away, or without its bucket
                log.warning("segment_not_put", cause=str(error)[:200])
                await asyncio.sleep(AGAIN_AFTER_S)
            else:
                return

    async def _add(self, parts: tuple[Added, ...]) -> None:
        first = parts[0].part
        size, head = first.rendition, (first.rendition, first.init)
        if head not in self._heads:
            await self._put(f"{size}/{first.init}", self._stream.playlists[size].init(first.init), MediaType.MP4, 3_600)
            self._heads.add(head)
        await self._put(f"{size}/{first.segment}.m4s", b"".join(one.data for one in parts), MediaType.MP4, 3_600)
        there = self._room_for(size, first.init)
        for number, one in enumerate(parts):
            last = number == len(parts) - 1
            there.playlists[size].add(msgspec.structs.replace(one.part, last=last), one.data)
        there.set_chapters(self._stream.chapters)
        await self._tell(there, size)
        await self._drop(f"{size}/{first.segment - KEPT_SEGMENTS}.m4s")

    def _room_for(self, size: str, init: str) -> LiveStream:
        if self._there is None or self._has_gap:
            self._has_gap = False
            self._there = LiveStream(tuple(one.size for one in self._stream.playlists.values()))
            for name, playlist in self._stream.playlists.items():
                before, fresh, _ = playlist.tail(1)
                self._there.playlists[name].takes_up(before, fresh=fresh)
        playlist = self._there.playlists[size]
        if not playlist.knows_init(init):
            playlist.add_init(init, self._stream.playlists[size].init(init))
        return self._there

    async def _tell(self, there: LiveStream, size: str) -> None:
        told = there.playlists[size].render(low_latency=False)
        await self._put(f"{size}/plain.m3u8", told, PLAYLIST_TYPE, 1)
        if all(not one.is_empty for one in there.playlists.values()):
            await self._put("plain.m3u8", there.master(low_latency=False), PLAYLIST_TYPE, 1)

    async def _tell_all(self) -> None:
        if self._there is not None:
            for size in self._there.playlists:
                await self._tell(self._there, size)

    async def _put(self, name: str, data: bytes, media_type: str, max_age_s: int) -> None:
        await obstore.put_async(
            self._store,
            f"{PREFIX}/{self._key}/{name}",
            data,
            attributes={"Content-Type": str(media_type), "Cache-Control": f"public, max-age={max_age_s}"},
        )

    async def _drop(self, name: str) -> None:
        try:
            await obstore.delete_async(self._store, f"{PREFIX}/{self._key}/{name}")
        except (BaseError, FileNotFoundError):
            return  # it never was, or goes with the others
