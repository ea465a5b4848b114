"""A call's chat as a file to keep, written while it goes out: a table safe from formulas, or plain text.

What was sealed end to end the server cannot read: such a line says so; the pages of those who were inside can save it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import and_, or_, select

from collab.db.engine import Database
from collab.meetings.models import ChatMessageRow, MeetingRow, RoomFileRow
from collab.requests.export import CSV_TYPE, csv_of
from collab.requests.words import Words

PAGE_MESSAGES: Final = 500

_HEADS: Final = (Words("时间", "Time"), Words("姓名", "Name"), Words("内容", "Message"))
_DELETED: Final = Words("（已删除）", "(deleted)")
_SEALED: Final = Words("（端到端加密，服务器无法读取）", "(encrypted end to end: the server cannot read it)")
_FILE: Final = Words("［文件］{}", "[file] {}")
_BYTE_ORDER_MARK: Final = "\ufeff".encode()  # by which spreadsheets and editors know UTF-8


class ChatForm(StrEnum):
    CSV = "csv"
    TEXT = "text"

    @property
    def media_type(self) -> str:
        return CSV_TYPE if self is ChatForm.CSV else "text/plain; charset=utf-8"

    @property
    def ending(self) -> str:
        return "csv" if self is ChatForm.CSV else "txt"


class Said(Struct, frozen=True):
    """A message as it is kept.  `file_name` "": it is words."""

    at_ms: int
    name: str
    text: str
    file_name: str = ""
    deleted: bool = False
    sealed: bool = False

    def words(self, language: str) -> str:
        if self.deleted:
            return _DELETED.in_language(language)
        if self.file_name:
            return _FILE.in_language(language).format(self.file_name)
        return _SEALED.in_language(language) if self.sealed else self.text


class CallChats:
    """Reads chats of rooms, the oldest message first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def written(self, meeting_id: str, form: ChatForm, language: str, zone: ZoneInfo) -> AsyncIterator[bytes]:
        yield _BYTE_ORDER_MARK
        if form is ChatForm.CSV:
            yield csv_of([[one.in_language(language) for one in _HEADS]])
        async for said in self._pages(meeting_id):
            yield as_csv(said, language, zone) if form is ChatForm.CSV else as_text(said, language, zone)

    async def _pages(self, meeting_id: str) -> AsyncIterator[list[Said]]:
        after_ms, after_id = -1, ""
        while True:
            query = (
                select(ChatMessageRow, RoomFileRow.file_name, MeetingRow.encrypted)
                .join(MeetingRow, MeetingRow.id == ChatMessageRow.meeting_id)
                .outerjoin(
                    RoomFileRow,
                    and_(
                        RoomFileRow.meeting_id == ChatMessageRow.meeting_id, RoomFileRow.message_id == ChatMessageRow.id
                    ),
                )
                .where(
                    ChatMessageRow.meeting_id == meeting_id,
                    or_(
                        ChatMessageRow.sent_at_ms > after_ms,
                        and_(ChatMessageRow.sent_at_ms == after_ms, ChatMessageRow.id > after_id),
                    ),
                )
                .order_by(ChatMessageRow.sent_at_ms, ChatMessageRow.id)
                .limit(PAGE_MESSAGES)
            )
            async with self._database.read() as session:
                rows = (await session.execute(query)).all()
            if not rows:
                return
            after_ms, after_id = rows[-1][0].sent_at_ms, rows[-1][0].id
            yield [
                Said(row.sent_at_ms, row.sender_name, row.text, file_name or "", row.deleted, encrypted)
                for row, file_name, encrypted in rows
            ]


def as_csv(said: Sequence[Said], language: str, zone: ZoneInfo) -> bytes:
    return csv_of([[_moment(one.at_ms, zone), one.name, one.words(language)] for one in said])


def as_text(said: Sequence[Said], language: str, zone: ZoneInfo) -> bytes:
    """A head and its words, further lines set in: nobody's words can look like another's head."""
    lines: list[str] = []
    for one in said:
        first, *further = one.words(language).splitlines() or [""]
        lines += [f"{_moment(one.at_ms, zone)}  {one.name}: {first}", *(f"    {line}" for line in further)]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace")


def _moment(at_ms: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at_ms / 1_000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
