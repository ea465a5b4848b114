"""What is done once an hour, by whichever process comes to it: old trash and tokens that ran out are deleted,

and files that nothing refers to any more.
"""

from __future__ import annotations

import asyncio

import structlog

from .audit.repository import AuditRepository
from .clock import now_ms
from .files.store import SWEPT_AFTER_MS, Files
from .meetings.repository import MeetingRepository
from .recordings.repository import RecordingRepository
from .room_files.service import RoomFileService

EVERY_S = 3_600
DAY_MS = 86_400_000

log = structlog.get_logger("housekeeping")


async def keep_house(
    meetings: MeetingRepository,
    recordings: RecordingRepository,
    room_files: RoomFileService,
    files: Files,
    audit: AuditRepository,
    trash_days: int,
    recording_days: int,
    room_file_days: int,
    audit_days: int,
) -> None:
    """Runs until cancelled; a round that fails is logged and tried again with the next.  0 days: for ever."""
    while True:
        try:
            at = now_ms()
            gone = await meetings.purge(at - trash_days * DAY_MS, at)
            if gone:
                log.info("trash_deleted", meetings=gone)
            kept_from = at - recording_days * DAY_MS if recording_days else 0
            if films := await recordings.purge(at - trash_days * DAY_MS, kept_from):
                log.info("recordings_deleted", recordings=films)
            if brought := await room_files.purge(at, at - room_file_days * DAY_MS if room_file_days else 0):
                log.info("room_files_deleted", files=brought)
            if lines := await audit.purge(at - audit_days * DAY_MS):
                log.info("audit_deleted", lines=lines)
            if swept := await files.sweep(at - SWEPT_AFTER_MS):
                log.info("files_deleted", files=swept)
        except Exception:
            log.exception("housekeeping_failed")
        await asyncio.sleep(EVERY_S)
