"""Chat and attendance outlive the room."""

from __future__ import annotations

from sqlalchemy import select

from collab.assist.removed_marks import SqlRemovedMarks
from collab.db.engine import Database
from collab.meetings.archive import SqlRoomArchive
from collab.meetings.models import AttendanceRow, ChatMessageRow
from rooms.core.model import ChatMessage
from tests.support.databases import QueryCount
from tests.unit.collab.people import People


def message(number: int, sent_at_ms: int = 0) -> ChatMessage:
    return ChatMessage(f"m{number:03}", "seat", "王", f"text {number} 你好 <b>", sent_at_ms or number, f"n{number}")


async def test_the_last_messages_come_oldest_first(database: Database, people: People) -> None:
    archive, meeting = SqlRoomArchive(database, people.meetings, SqlRemovedMarks(database)), await people.meeting(None)
    for number in range(5):
        await archive.chat_sent(meeting.id, message(number), "ann")
    assert await archive.recent_chat(meeting.id, 3) == [message(number) for number in (2, 3, 4)]


async def test_a_message_archived_twice_stays_one(database: Database, people: People) -> None:
    archive, meeting = SqlRoomArchive(database, people.meetings, SqlRemovedMarks(database)), await people.meeting(None)
    for _ in range(2):
        await archive.chat_sent(meeting.id, message(1), "ann")
    assert await archive.recent_chat(meeting.id, 9) == [message(1)]
    async with database.read() as session:
        kept = list(
            await session.scalars(select(ChatMessageRow.identity).where(ChatMessageRow.meeting_id == meeting.id))
        )
    assert kept == ["ann"]  # so that what somebody said can be erased


async def test_older_pages_join_without_gap_or_double_even_within_a_millisecond(
    database: Database, people: People, queries: QueryCount
) -> None:
    archive, meeting = SqlRoomArchive(database, people.meetings, SqlRemovedMarks(database)), await people.meeting(None)
    sent = [message(number, sent_at_ms=1_000 + number // 4) for number in range(11)]
    for one in sent:
        await archive.chat_sent(meeting.id, one, "ann")
    queries.reset()
    page, more = await archive.older_chat(meeting.id, sent[10].id, 4)
    assert len(queries.statements) == 2
    assert (page, more) == (sent[6:10], True)
    page, more = await archive.older_chat(meeting.id, page[0].id, 4)
    assert (page, more) == (sent[2:6], True)
    assert await archive.older_chat(meeting.id, page[0].id, 4) == (sent[:2], False)
    for unknown in ("unknown", "", "a\x00b", "\ud800"):
        assert await archive.older_chat(meeting.id, unknown, 4) == ([], False)


async def test_rooms_do_not_see_each_others_chat(database: Database, people: People) -> None:
    archive = SqlRoomArchive(database, people.meetings, SqlRemovedMarks(database))
    one, other = await people.meeting(None), await people.meeting(None)
    await archive.chat_sent(one.id, message(1), "ann")
    await archive.chat_sent(other.id, message(2), "ann")
    assert await archive.recent_chat(one.id, 9) == [message(1)]
    assert await archive.older_chat(one.id, message(2).id, 9) == ([], False)


async def test_a_deleted_message_keeps_its_place_and_loses_its_text(database: Database, people: People) -> None:
    archive, meeting = SqlRoomArchive(database, people.meetings, SqlRemovedMarks(database)), await people.meeting(None)
    await archive.chat_sent(meeting.id, message(1), "ann")
    await archive.chat_deleted(meeting.id, "m001")
    (found,) = await archive.recent_chat(meeting.id, 9)
    assert (found.id, found.text, found.deleted) == ("m001", "", True)


async def test_attendance_is_kept_once_for_each_stay(database: Database, people: People) -> None:
    archive, meeting = SqlRoomArchive(database, people.meetings, SqlRemovedMarks(database)), await people.meeting(None)
    for joined_at_ms in (100, 100, 300):
        await archive.attended(meeting.id, "guest_a", "李" * 64, joined_at_ms, joined_at_ms + 50)
    async with database.read() as session:
        stays = list(await session.scalars(select(AttendanceRow.joined_at_ms).order_by(AttendanceRow.joined_at_ms)))
    assert stays == [100, 300]
    found = await people.meetings.get(meeting.id)
    assert found is not None
    assert found.started_at_ms == 100


async def test_an_ended_room_ends_its_meeting(database: Database, people: People) -> None:
    archive, meeting = SqlRoomArchive(database, people.meetings, SqlRemovedMarks(database)), await people.meeting(None)
    await archive.room_ended(meeting.id, 5_000)
    found = await people.meetings.get(meeting.id)
    assert found is not None
    assert found.ended_at_ms == 5_000
