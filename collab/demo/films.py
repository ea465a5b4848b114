"""The film of an invented park: cards that say what one would see.  Kept once, shown as a replay and as a recording."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select

from collab.db.engine import Database
from collab.files.models import MediaType
from collab.files.store import Files
from collab.livestream.life import LifeState
from collab.livestream.models import LivestreamRow
from collab.meetings.models import MeetingRow
from collab.recordings.models import RecordingRow, RecordingState
from collab.reports.pictures import FONTS
from collab.schedule.models import MinutesRow, ScheduledEventRow, SittingRow
from signaling.egress.slides import Picture, write_slides

from .ids import new_id

WIDTH, HEIGHT = 960, 540
SECONDS_EACH: Final = 6
CARDS: Final = (
    ("激光切割开放日", "Open day: laser cutting", "示范影片 · Demonstration film"),
    ("一、开机与对焦", "1. Start and focus", "气压 0.8 MPa，焦点 −1.5 mm"),
    ("二、试切与测量", "2. Trial cut and measurement", "误差 0.03 mm · within 0.05 mm"),
    ("三、安全联锁", "3. Safety interlock", "开门即停 · opens, stops"),
    ("提问与解答", "Questions and answers", "感谢观看 · Thank you"),
)
_DARK, _LIGHT, _SOFT, _ACCENT = (15, 33, 38), (236, 244, 244), (150, 176, 176), (45, 178, 168)


async def write_films(database: Database, files: Files, chance: Random) -> int:
    """To the replay and to the meetings whose minutes are kept; how many recordings there are now."""
    kept = await files.keep(await asyncio.to_thread(_film), MediaType.MP4)
    film_ms = len(CARDS) * SECONDS_EACH * 1_000
    of_replays = (
        select(MeetingRow, LivestreamRow.live_at_ms)
        .join(LivestreamRow, LivestreamRow.room_id == MeetingRow.id)
        .where(LivestreamRow.state == LifeState.REPLAY)
    )
    of_meetings = (
        select(MeetingRow, ScheduledEventRow.first_at_ms)
        .join(SittingRow, SittingRow.meeting_id == MeetingRow.id)
        .join(ScheduledEventRow, ScheduledEventRow.code == SittingRow.code)
        .join(MinutesRow, MinutesRow.event_id == ScheduledEventRow.id)
    )
    async with database.write() as session:
        filmed = [*(await session.execute(of_replays)).all(), *(await session.execute(of_meetings)).all()]
        for meeting, at_ms in filmed:
            session.add(
                RecordingRow(
                    id=new_id(at_ms, chance),
                    meeting_id=meeting.id,
                    title=meeting.title,
                    state=RecordingState.READY,
                    started_by=meeting.host_id,
                    started_at_ms=at_ms,
                    film_ms=film_ms,
                    size_bytes=kept.size_bytes,
                    chapters=[
                        [number * SECONDS_EACH * 1_000, f"{zh} {en}"] for number, (zh, en, _) in enumerate(CARDS)
                    ],
                    sha256=kept.sha256,
                    sound_sha256=None,
                    sound_bytes=0,
                    share_hash=None,
                    share_expires_at_ms=0,
                    trashed_at_ms=0,
                )
            )
    return len(filmed)


def _film() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        write_slides(path, _slides(), WIDTH, HEIGHT, SECONDS_EACH)
        return path.read_bytes()


def _slides() -> Iterator[Picture]:
    large, small = (
        ImageFont.truetype(FONTS / f"NotoSansSC-{weight}.ttf", size) for weight, size in ((700, 60), (400, 30))
    )
    for number, (zh, en, note) in enumerate(CARDS, 1):
        card = Image.new("RGB", (WIDTH, HEIGHT), _DARK)
        draw = ImageDraw.Draw(card)
        draw.rectangle((0, 0, 12, HEIGHT), fill=_ACCENT)
        draw.text((80, 160), zh, font=large, fill=_LIGHT)
        draw.text((80, 250), en, font=small, fill=_LIGHT)
        draw.text((80, 310), note, font=small, fill=_SOFT)
        draw.rectangle((80, 470, 80 + (WIDTH - 160) * number // len(CARDS), 476), fill=_ACCENT)
        yield np.asarray(card)
