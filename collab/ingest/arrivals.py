"""Streams that arrive at this node by other ways than WebRTC, each carried into its stage's room while it lasts."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from collab.meetings.doorkeeper import MeetingDoorkeeper
from rooms.core.codes import Code
from rooms.ports import Refused
from rooms.tasks import TaskOwner
from signaling.ingest.feed import EncoderFeed, FeedState
from signaling.kept_seats import EncoderState
from signaling.ports import Admission
from signaling.whip import StreamEdge

from .repository import Encoder
from .service import EncoderDoor, identity_of

FEEDS_MAX: Final = 32  # on one node: each is a process, and may have to encode

log = structlog.get_logger("ingest")


class Arrivals:
    def __init__(self, door: EncoderDoor, doorkeeper: MeetingDoorkeeper, streams: StreamEdge) -> None:
        self.door = door
        self._doorkeeper = doorkeeper
        self._streams = streams
        self._feeds: dict[bytes, EncoderFeed] = {}  # by the digest of their keys
        self._tasks = TaskOwner()

    async def close(self) -> None:
        await self._tasks.close()

    def feed_of(self, digest: bytes) -> EncoderFeed | None:
        """What carries this key's stream now."""
        return self._feeds.get(digest)

    async def admit(self, encoder: Encoder, address: str) -> Admission | Refused:
        """CONFLICT while somebody sends with the key."""
        digest = encoder.key.digest
        if digest in self._feeds or self._streams.encoder_state(digest) is EncoderState.SENDING:
            return Refused(Code.CONFLICT)
        if len(self._feeds) >= FEEDS_MAX:
            return Refused(Code.UNAVAILABLE)
        record = await self._doorkeeper.find_room(encoder.livestream.room_code)
        if isinstance(record, Refused):
            return record
        grant = await self._doorkeeper.grant(identity_of(encoder, address), record)
        return grant if isinstance(grant, Refused) else Admission(record, grant)

    def start(self, digest: bytes, admission: Admission, url: str) -> EncoderFeed:
        """Carry it, in a task of ours, until it ends."""
        feed = EncoderFeed(self._streams, admission, digest)
        self._feeds[digest] = feed
        self._tasks.start(self._carry(digest, feed, url, None), "encoder")
        return feed

    async def carry(self, digest: bytes, admission: Admission, descriptor: int) -> EncoderFeed:
        """The same in the caller's task, from a pipe."""
        feed = EncoderFeed(self._streams, admission, digest)
        self._feeds[digest] = feed
        await self._carry(digest, feed, f"pipe:{descriptor}", descriptor)
        return feed

    async def _carry(self, digest: bytes, feed: EncoderFeed, url: str, descriptor: int | None) -> None:
        try:
            await feed.run(url, descriptor)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("an encoder's stream was not carried")
        finally:
            if self._feeds.get(digest) is feed:
                del self._feeds[digest]

    def is_over(self, feed: EncoderFeed) -> bool:
        return feed.state is FeedState.OVER
