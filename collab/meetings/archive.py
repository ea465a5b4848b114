"""What outlives a room: its chat, who was there and when (rooms.ports.RoomArchive)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Select, and_, delete, or_, select, update

from collab.clock import new_id
from collab.db.dialect import insert_once
from collab.db.engine import Database
from collab.files.models import FileRow
from rooms.core.model import NAME_MAX_CHARS, ChatFile, ChatMessage, FileSharing
from rooms.core.text import is_token

from .models import IDENTITY_MAX_CHARS, AttendanceRow, ChatMessageRow, MeetingRow, RoomFileRow
from .repository import MeetingRepository


class RemovedMarks(Protocol):
    """Of sessions of assistance (collab/assist/removed_marks.py)."""

    async def removed(self, meeting_id: str, mark_ids: Sequence[str], at_ms: int) -> None: ...

    async def placed(self, meeting_id: str, mark_id: str) -> None: ...


class SqlRoomArchive:
    """A room's id is its meeting's id."""

    def __init__(self, database: Database, meetings: MeetingRepository, marks: RemovedMarks) -> None:
        self._database = database
        self._meetings = meetings
        self._marks = marks

    async def chat_sent(self, room_id: str, message: ChatMessage, identity: str) -> None:
        """A message that is archived twice (after a takeover of the room) stays one."""
        async with self._database.write() as session:
            await insert_once(
                session,
                ChatMessageRow,
                meeting_id=room_id,
                id=message.id,
                sender_id=message.sender_id,
                sender_name=message.sender_name,
                identity=identity,
                text=message.text,
                nonce=message.nonce,
                sent_at_ms=message.sent_at_ms,
                deleted=message.deleted,
            )
            if message.file is not None:
                await session.execute(
                    update(RoomFileRow)
                    .where(
                        RoomFileRow.meeting_id == room_id,
                        RoomFileRow.key == message.file.key,
                        RoomFileRow.message_id.is_(None),
                    )
                    .values(message_id=message.id)
                )

    async def chat_deleted(self, room_id: str, message_id: str) -> None:
        """Text and file go; that there was a message stays."""
        async with self._database.write() as session:
            await session.execute(
                update(ChatMessageRow)
                .where(ChatMessageRow.meeting_id == room_id, ChatMessageRow.id == message_id)
                .values(text="", deleted=True)
            )
            await session.execute(
                delete(RoomFileRow).where(RoomFileRow.meeting_id == room_id, RoomFileRow.message_id == message_id)
            )

    async def file_sharing_set(self, room_id: str, sharing: FileSharing) -> None:
        async with self._database.write() as session:
            await session.execute(update(MeetingRow).where(MeetingRow.id == room_id).values(file_sharing=sharing))

    async def removed(self, room_id: str, identity: str, at_ms: int) -> None:
        """For good: the tokens of this identity open nothing any more (see MeetingRepository.token)."""
        await self._meetings.removed(room_id, identity[:IDENTITY_MAX_CHARS], at_ms)

    async def marks_removed(self, room_id: str, mark_ids: tuple[str, ...], at_ms: int) -> None:
        await self._marks.removed(room_id, mark_ids, at_ms)

    async def mark_placed(self, room_id: str, mark_id: str) -> None:
        await self._marks.placed(room_id, mark_id)

    async def room_ended(self, room_id: str, at_ms: int) -> None:
        await self._meetings.ended(room_id, at_ms)

    async def recent_chat(self, room_id: str, limit: int) -> list[ChatMessage]:
        """The last `limit` messages, oldest first."""
        async with self._database.read() as session:
            rows = await session.execute(
                _messages.where(ChatMessageRow.meeting_id == room_id)
                .order_by(ChatMessageRow.sent_at_ms.desc(), ChatMessageRow.id.desc())
                .limit(limit)
            )
            return [_message(*row) for row in rows][::-1]

    async def older_chat(self, room_id: str, before_id: str, limit: int) -> tuple[list[ChatMessage], bool]:
        """Up to `limit` messages before `before_id`, oldest first, and whether there are more before them."""
        if not is_token(before_id):  # a client's text: PostgreSQL takes no NUL
            return [], False
        async with self._database.read() as session:
            mark = (
                await session.execute(
                    select(ChatMessageRow.sent_at_ms, ChatMessageRow.id).where(
                        ChatMessageRow.meeting_id == room_id, ChatMessageRow.id == before_id
                    )
                )
            ).one_or_none()
            if mark is None:
                return [], False
            rows = (
                await session.execute(
                    _messages.where(
                        ChatMessageRow.meeting_id == room_id,
                        or_(
                            ChatMessageRow.sent_at_ms < mark.sent_at_ms,
                            and_(ChatMessageRow.sent_at_ms == mark.sent_at_ms, ChatMessageRow.id < mark.id),
                        ),
                    )
                    .order_by(ChatMessageRow.sent_at_ms.desc(), ChatMessageRow.id.desc())
                    .limit(limit + 1)
                )
            ).all()
        return [_message(*row) for row in rows[:limit]][::-1], len(rows) > limit

    async def attended(self, room_id: str, identity: str, name: str, joined_at_ms: int, left_at_ms: int) -> None:
        await self._meetings.started(room_id, joined_at_ms)
        async with self._database.write() as session:
            await insert_once(
                session,
                AttendanceRow,
                id=new_id(joined_at_ms),
                meeting_id=room_id,
                identity=identity[:IDENTITY_MAX_CHARS],
                name=name[:NAME_MAX_CHARS],
                joined_at_ms=joined_at_ms,
                left_at_ms=left_at_ms,
            )


_messages: Select[ChatMessageRow, RoomFileRow | None, FileRow | None] = (
    select(ChatMessageRow, RoomFileRow, FileRow)
    .outerjoin(
        RoomFileRow,
        and_(RoomFileRow.meeting_id == ChatMessageRow.meeting_id, RoomFileRow.message_id == ChatMessageRow.id),
    )
    .outerjoin(FileRow, FileRow.sha256 == RoomFileRow.sha256)
)


def _message(row: ChatMessageRow, brought: RoomFileRow | None, file: FileRow | None) -> ChatMessage:
    return ChatMessage(
        id=row.id,
        sender_id=row.sender_id,
        sender_name=row.sender_name,
        text="" if row.deleted else row.text,
        sent_at_ms=row.sent_at_ms,
        nonce=row.nonce,
        deleted=row.deleted,
        file=ChatFile(brought.key, brought.file_name, file.size_bytes, file.media_type) if brought and file else None,
    )
