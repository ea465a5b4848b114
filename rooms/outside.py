"""What a room asks of the media plane and the archive, carried out in order and without making the room wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

import structlog

from .core.effects import (
    ArchiveAttendance,
    ArchiveChat,
    ArchiveChatDeletion,
    ArchiveEffect,
    ArchiveEnd,
    ArchiveFileSharing,
    ArchiveMarkPlaced,
    ArchiveMarksRemoved,
    ArchiveRemoval,
    ArrangeStage,
    BlockTrack,
    Broadcast,
    BroadcastEffect,
    CutMedia,
    CutRoom,
    MediaEffect,
    Record,
    RefreshPermissions,
    ShowAudience,
)
from .lanes import Lane
from .ports import MediaPlane, RoomArchive, RoomBroadcaster, RoomRecorder
from .tasks import TaskOwner

log = structlog.get_logger(__name__)

MEDIA_WAITING_MAX = 4_096
MEDIA_TIMEOUT_MS = 2_000
ARCHIVE_WAITING_MAX = 2_048
ARCHIVE_TIMEOUT_MS = 20_000  # longer than a database waits for a turn, a connection and a lock: it gives up by itself
ARCHIVE_ATTEMPTS = 3
ARCHIVE_ATTEMPTS_AWAY = 240  # some twenty minutes


class Outside:
    """Of one room: a lane to the media plane, which is bounded in time, and one to the archive, which tries again."""

    def __init__(
        self,
        room_id: str,
        media: MediaPlane,
        archive: RoomArchive,
        recorder: RoomRecorder,
        broadcaster: RoomBroadcaster,
        archive_is_away: Callable[[Exception], bool],
    ) -> None:
        self._room_id = room_id
        self._media = media
        self._archive = archive
        self._recorder = recorder
        self._broadcaster = broadcaster
        self._media_lane = Lane[MediaEffect](
            f"media {room_id}", self._do_media, bound=MEDIA_WAITING_MAX, timeout_ms=MEDIA_TIMEOUT_MS
        )
        self._archive_lane = Lane[ArchiveEffect](
            f"archive {room_id}",
            self._do_archive,
            bound=ARCHIVE_WAITING_MAX,
            timeout_ms=ARCHIVE_TIMEOUT_MS,
            attempts=ARCHIVE_ATTEMPTS,
            attempts_away=ARCHIVE_ATTEMPTS_AWAY,
            is_away=archive_is_away,
        )

    def start(self, tasks: TaskOwner) -> None:
        tasks.start(self._media_lane.run(), f"media lane {self._room_id}")
        tasks.start(self._archive_lane.run(), f"archive lane {self._room_id}")

    async def drained(self, timeout_ms: int) -> None:
        """Wait for what is under way; what is not done in time is logged and lost."""
        await self._media_lane.drained(timeout_ms)
        await self._archive_lane.drained(timeout_ms)

    def archive(self, effect: ArchiveEffect) -> None:
        self._archive_lane.put(effect)

    def record(self, effect: Record) -> None:
        """The recorder works by itself; it is only told."""
        try:
            self._recorder.record(self._room_id, effect.recording_id, effect.state, effect.by, tracks=effect.tracks)
        except Exception:
            log.exception("recorder_failed", room=self._room_id, effect=repr(effect))

    def broadcast(self, effect: BroadcastEffect) -> None:
        """As with the recorder."""
        try:
            match effect:
                case Broadcast(livestream_id, phase):
                    self._broadcaster.broadcast(self._room_id, livestream_id, phase)
                case ShowAudience(livestream_id, stage):
                    self._broadcaster.staged(self._room_id, livestream_id, stage)
                case _:
                    assert_never(effect)
        except Exception:
            log.exception("broadcaster_failed", room=self._room_id, effect=repr(effect))

    def media(self, effect: MediaEffect) -> None:
        """Short calls are done before this returns, unless that would overtake something: a track that is published
        muted is blocked before its publisher hears that the room knows it."""
        if isinstance(effect, BlockTrack | RefreshPermissions | ArrangeStage) and self._media_lane.idle:
            try:
                self._do_short(effect)
            except Exception:
                log.exception("media_failed", room=self._room_id, effect=repr(effect))
        else:
            self._media_lane.put(effect)

    async def _do_media(self, effect: MediaEffect) -> None:
        match effect:
            case CutMedia(participant_id):
                await self._media.close_participant(self._room_id, participant_id)
            case CutRoom():
                await self._media.close_room(self._room_id)
            case BlockTrack() | RefreshPermissions() | ArrangeStage():
                self._do_short(effect)
            case _:
                assert_never(effect)

    def _do_short(self, effect: BlockTrack | RefreshPermissions | ArrangeStage) -> None:
        match effect:
            case BlockTrack(participant_id, track_id, blocked):
                self._media.block_track(self._room_id, participant_id, track_id, blocked)
            case RefreshPermissions(participant_id, grant):
                self._media.refresh_permissions(self._room_id, participant_id, grant)
            case ArrangeStage(staging):
                self._media.arrange_stage(self._room_id, staging)
            case _:
                assert_never(effect)

    async def _do_archive(self, effect: ArchiveEffect) -> None:
        match effect:
            case ArchiveChat(message, identity):
                await self._archive.chat_sent(self._room_id, message, identity)
            case ArchiveChatDeletion(message_id):
                await self._archive.chat_deleted(self._room_id, message_id)
            case ArchiveFileSharing(sharing):
                await self._archive.file_sharing_set(self._room_id, sharing)
            case ArchiveAttendance(identity, name, joined_at_ms, left_at_ms):
                await self._archive.attended(self._room_id, identity, name, joined_at_ms, left_at_ms)
            case ArchiveRemoval(identity, at_ms):
                await self._archive.removed(self._room_id, identity, at_ms)
            case ArchiveMarksRemoved(mark_ids, at_ms):
                await self._archive.marks_removed(self._room_id, mark_ids, at_ms)
            case ArchiveMarkPlaced(mark_id):
                await self._archive.mark_placed(self._room_id, mark_id)
            case ArchiveEnd(at_ms):
                await self._archive.room_ended(self._room_id, at_ms)
            case _:
                assert_never(effect)
