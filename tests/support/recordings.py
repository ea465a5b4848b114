"""A recording that is there, without anything being filmed."""

from __future__ import annotations

from collab.clock import new_id, now_ms
from collab.files.models import MediaType
from collab.files.store import Files, open_store
from collab.recordings.models import Chapter
from collab.recordings.repository import RecordingRepository
from tests.support.api import Park

FILM = bytes(range(256)) * 40


async def recorded(park: Park, meeting_id: str) -> str:
    """The id of a finished one."""
    files = Files(open_store("", park.data_folder / "files"), park.database)
    kept = await files.keep(FILM, MediaType.MP4)
    recordings, recording_id = RecordingRepository(park.database), new_id()
    await recordings.begin(recording_id, meeting_id, None, now_ms())
    await recordings.finish(recording_id, kept.sha256, 60_000, kept.size_bytes, [Chapter(0, "Weekly")])
    return recording_id
