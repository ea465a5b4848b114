"""Recordings in SQL.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.repository import record
from collab.db.dialect import insert_once
from collab.db.engine import Database
from collab.meetings.models import AttendanceRow, MeetingRow
from collab.webhooks.events import WebhookEvent
from collab.webhooks.outbox import tell
from rooms.core.model import Source

from .models import Chapter, RecordedTrack, Recording, RecordingRow, RecordingState, RecordingTrackRow


class RecordingRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, recording_id: str, meeting_id: str, by: str | None, at_ms: int) -> None:
        """Under the meeting's title of today; once, however often it is said."""
        async with self._database.write() as session:
            title = await session.scalar(select(MeetingRow.title).where(MeetingRow.id == meeting_id))
            await insert_once(
                session,
                RecordingRow,
                id=recording_id,
                meeting_id=meeting_id,
                title=title or "",
                state=RecordingState.RECORDING,
                started_by=by,
                started_at_ms=at_ms,
                film_ms=0,
                size_bytes=0,
                chapters=[],
                share_expires_at_ms=0,
                trashed_at_ms=0,
            )
            await session.execute(
                update(RecordingRow).where(RecordingRow.id == recording_id).values(state=RecordingState.RECORDING)
            )

    async def unfinished(self) -> list[Recording]:
        states = (RecordingState.RECORDING, RecordingState.FINISHING)
        async with self._database.read() as session:
            rows = await session.scalars(select(RecordingRow).where(RecordingRow.state.in_(states)))
            return [_value(row) for row in rows]

    async def move(self, recording_id: str, state: RecordingState) -> None:
        async with self._database.write() as session:
            await session.execute(update(RecordingRow).where(RecordingRow.id == recording_id).values(state=state))

    async def finish(
        self,
        recording_id: str,
        sha256: str,
        film_ms: int,
        size_bytes: int,
        chapters: Sequence[Chapter],
        tracks: Sequence[RecordedTrack] = (),
    ) -> None:
        """`tracks` come to those of a former film that this one begins with."""
        async with self._database.write() as session:
            await session.execute(
                update(RecordingRow)
                .where(RecordingRow.id == recording_id)
                .values(
                    state=RecordingState.READY,
                    sha256=sha256,
                    sound_sha256=None,
                    sound_bytes=0,
                    film_ms=film_ms,
                    size_bytes=size_bytes,
                    chapters=[[chapter.at_ms, chapter.title] for chapter in chapters],
                )
            )
            session.add_all(_track_row(recording_id, track) for track in tracks)
            await _tell_webhooks(session, recording_id, film_ms, size_bytes, sha256)

    async def tracks(self, recording_id: str) -> list[RecordedTrack]:
        """In the order in which they were begun."""
        query = select(RecordingTrackRow).where(RecordingTrackRow.recording_id == recording_id)
        async with self._database.read() as session:
            return [_track(row) for row in await session.scalars(query.order_by(RecordingTrackRow.id))]

    async def track(self, recording_id: str, track_id: str) -> RecordedTrack | None:
        async with self._database.read() as session:
            row = await session.get(RecordingTrackRow, track_id)
        return _track(row) if row is not None and row.recording_id == recording_id else None

    async def keep_sound(self, recording_id: str, of_sha256: str, sha256: str, size_bytes: int) -> None:
        """Of this film; nothing happens when the recording has another one by now."""
        async with self._database.write() as session:
            await session.execute(
                update(RecordingRow)
                .where(RecordingRow.id == recording_id, RecordingRow.sha256 == of_sha256)
                .values(sound_sha256=sha256, sound_bytes=size_bytes)
            )

    async def get(self, recording_id: str) -> Recording | None:
        async with self._database.read() as session:
            row = await session.get(RecordingRow, recording_id)
        return _value(row) if row else None

    async def shared(self, share_hash: str, at_ms: int) -> Recording | None:
        async with self._database.read() as session:
            row = await session.scalar(
                select(RecordingRow).where(
                    RecordingRow.share_hash == share_hash,
                    RecordingRow.share_expires_at_ms > at_ms,
                    RecordingRow.trashed_at_ms == 0,
                )
            )
        return _value(row) if row else None

    async def listed(
        self, account_id: str, administered: Sequence[str], *, all_of_park: bool, trashed: bool, search: str,
        before: str, limit: int,
    ) -> list[Recording]:  # fmt: skip
        """Newest first: of meetings that this account hosts, was in, or whose organization it administers."""
        there = select(AttendanceRow.meeting_id).where(AttendanceRow.identity == account_id)
        mine: list[ColumnElement[bool]] = [MeetingRow.host_id == account_id]
        if not trashed:
            mine.append(MeetingRow.id.in_(there))
        if administered:
            mine.append(MeetingRow.organization_id.in_(administered))
        query = select(RecordingRow).join(MeetingRow, MeetingRow.id == RecordingRow.meeting_id)
        if not all_of_park:
            query = query.where(or_(*mine))
        query = query.where(RecordingRow.trashed_at_ms > 0 if trashed else RecordingRow.trashed_at_ms == 0)
        if search:
            query = query.where(RecordingRow.title.icontains(search, autoescape=True))
        if before:
            query = query.where(RecordingRow.id < before)
        async with self._database.read() as session:
            rows = await session.scalars(query.order_by(RecordingRow.id.desc()).limit(limit))
            return [_value(row) for row in rows]

    async def was_there(self, meeting_id: str, account_id: str) -> bool:
        query = select(AttendanceRow.id).where(
            and_(AttendanceRow.meeting_id == meeting_id, AttendanceRow.identity == account_id)
        )
        async with self._database.read() as session:
            return await session.scalar(query.limit(1)) is not None

    async def rename(self, recording_id: str, title: str) -> None:
        async with self._database.write() as session:
            await session.execute(update(RecordingRow).where(RecordingRow.id == recording_id).values(title=title))

    async def share(self, recording_id: str, share_hash: str | None, expires_at_ms: int) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(RecordingRow)
                .where(RecordingRow.id == recording_id)
                .values(share_hash=share_hash, share_expires_at_ms=expires_at_ms)
            )
            await _tell(
                session, AuditAction.RECORDING_SHARED if share_hash else AuditAction.RECORDING_UNSHARED, recording_id
            )

    async def set_trashed(self, recording_id: str, at_ms: int) -> None:
        """0 takes it out again."""
        async with self._database.write() as session:
            await session.execute(
                update(RecordingRow).where(RecordingRow.id == recording_id).values(trashed_at_ms=at_ms)
            )
            if at_ms:
                await _tell(session, AuditAction.RECORDING_TRASHED, recording_id)

    async def purge(self, trashed_before_ms: int, started_before_ms: int) -> int:
        """Delete what lay in the trash too long, and what is older than it may be kept (0 = for ever)."""
        due = and_(RecordingRow.trashed_at_ms > 0, RecordingRow.trashed_at_ms < trashed_before_ms)
        if started_before_ms:
            finished = RecordingRow.state.in_((RecordingState.READY, RecordingState.EMPTY))
            due = or_(due, and_(RecordingRow.started_at_ms < started_before_ms, finished))
        async with self._database.write() as session:
            gone = await session.scalars(delete(RecordingRow).where(due).returning(RecordingRow.id))
            return len(list(gone))


async def _tell_webhooks(session: AsyncSession, recording_id: str, film_ms: int, size_bytes: int, sha256: str) -> None:
    """Of each film once: a recording that goes on after its meeting was ready is another film then."""
    about = await session.execute(
        select(RecordingRow.meeting_id, MeetingRow.organization_id)
        .join(MeetingRow, MeetingRow.id == RecordingRow.meeting_id)
        .where(RecordingRow.id == recording_id)
    )
    if found := about.one_or_none():
        told = {
            "recording_id": recording_id,
            "meeting_id": found.meeting_id,
            "organization_id": found.organization_id,
            "film_ms": film_ms,
            "size_bytes": size_bytes,
            "sha256": sha256,
        }
        key = f"recording.ready:{recording_id}:{film_ms}"
        await tell(session, WebhookEvent.RECORDING_READY, key, (found.organization_id,), told)


async def _tell(session: AsyncSession, action: AuditAction, recording_id: str) -> None:
    """To the administrators of the meeting's organization too."""
    about = await session.execute(
        select(RecordingRow.title, MeetingRow.organization_id)
        .join(MeetingRow, MeetingRow.id == RecordingRow.meeting_id)
        .where(RecordingRow.id == recording_id)
    )
    if found := about.one_or_none():
        subject = Subject(SubjectKind.RECORDING, recording_id, found.title)
        record(session, action, subject, organization_id=found.organization_id)


def _value(row: RecordingRow) -> Recording:
    return Recording(
        id=row.id,
        meeting_id=row.meeting_id,
        title=row.title,
        state=RecordingState(row.state),
        started_by=row.started_by,
        started_at_ms=row.started_at_ms,
        film_ms=row.film_ms,
        size_bytes=row.size_bytes,
        chapters=tuple(Chapter(int(str(at_ms)), str(title)) for at_ms, title in row.chapters),
        sha256=row.sha256,
        sound_sha256=row.sound_sha256,
        sound_bytes=row.sound_bytes,
        share_expires_at_ms=row.share_expires_at_ms,
        trashed_at_ms=row.trashed_at_ms,
    )


def _track_row(recording_id: str, track: RecordedTrack) -> RecordingTrackRow:
    return RecordingTrackRow(
        id=track.id,
        recording_id=recording_id,
        participant_id=track.participant_id,
        identity=track.identity,
        name=track.name,
        source=track.source,
        codec=track.codec,
        begins_ms=track.begins_ms,
        length_ms=track.length_ms,
        size_bytes=track.size_bytes,
        sha256=track.sha256,
    )


def _track(row: RecordingTrackRow) -> RecordedTrack:
    return RecordedTrack(
        id=row.id,
        participant_id=row.participant_id,
        identity=row.identity,
        name=row.name,
        source=Source(row.source),
        codec=row.codec,
        begins_ms=row.begins_ms,
        length_ms=row.length_ms,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
    )
