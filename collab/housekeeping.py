"""What is done once an hour, by whichever process comes to it: old trash and tokens that ran out are deleted,

and files that nothing refers to any more.
"""

from __future__ import annotations

import asyncio

import structlog

from .clock import now_ms
from .files.store import SWEPT_AFTER_MS, Files
from .meetings.repository import MeetingRepository

EVERY_S = 3_600
DAY_MS = 86_400_000

log = structlog.get_logger("housekeeping")


async def keep_house(meetings: MeetingRepository, files: Files, trash_days: int) -> None:
    """Runs until cancelled; a round that fails is logged and tried again with the next."""
    while True:
        try:
            at = now_ms()
            gone = await meetings.purge(at - trash_days * DAY_MS, at)
            if gone:
                log.info("trash_deleted", meetings=gone)
            if swept := await files.sweep(at - SWEPT_AFTER_MS):
                log.info("files_deleted", files=swept)
        except Exception:
            log.exception("housekeeping_failed")
        await asyncio.sleep(EVERY_S)
