"""Calls in SQL.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Select, case, func, or_, select, true, update

from collab.accounts.models import AccountRow, Member, MemberRole, MembershipRow
from collab.clock import new_id
from collab.db.engine import Database
from collab.files.models import FileRow
from collab.meetings.models import AttendanceRow, ChatMessageRow, MeetingRow, RoomFileRow
from collab.notices import outbox
from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice, NoticeRow, Subject
from collab.organizations.models import OrganizationKind, OrganizationRow
from collab.recordings.models import RecordingRow, RecordingState

from .models import (
    ABOUT_MAX_CHARS,
    Attendee,
    Call,
    CallFile,
    CallNote,
    CallRecording,
    CallRow,
    CallState,
    Contact,
    Party,
)
from .subjects import CallSubject

CONTACTS_MAX: Final = 20
ATTENDEES_MAX: Final = 200  # of one page of calls
RECORDINGS_MAX: Final = 200
FILES_MAX: Final = 300

_calls: Select[CallRow, str | None] = select(CallRow, MeetingRow.code).join(
    MeetingRow, MeetingRow.id == CallRow.meeting_id, isouter=True
)


class CallRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, subject: Subject, about: str, path: str, caller: Party, callee: Party, at_ms: int, expires_at_ms: int
    ) -> Call:
        row = CallRow(
            id=new_id(at_ms),
            about_kind=subject.kind,
            about_id=subject.id,
            about=about[:ABOUT_MAX_CHARS],
            path=path,
            from_id=caller.id,
            from_name=caller.name,
            to_id=callee.id,
            to_name=callee.name,
            state=CallState.RINGING,
            meeting_id=None,
            created_at_ms=at_ms,
            expires_at_ms=expires_at_ms,
            ended_at_ms=0,
            note="",
            note_revision=0,
            note_by="",
            note_at_ms=0,
        )
        call = _call(row, None)
        async with self._database.write() as session:
            session.add(row)
            await outbox.put(session, _rings(call), at_ms)
        return call

    async def ringing(self, account_id: str, at_ms: int) -> list[Call]:
        """Those that ring at this person or were begun by this person, the newest first."""
        mine = (CallRow.to_id == account_id) | (CallRow.from_id == account_id)
        now = (CallRow.state == CallState.RINGING) & (CallRow.expires_at_ms > at_ms)
        async with self._database.read() as session:
            rows = (await session.execute(_calls.where(mine, now).order_by(CallRow.id.desc()).limit(10))).all()
        return [_call(row, code) for row, code in rows]

    async def get(self, call_id: str) -> Call | None:
        found = await self._listed(_calls.where(CallRow.id == call_id))
        return found[0] if found else None

    async def about(self, by: Member, subject: Subject, *, private: bool, before: str, limit: int) -> list[Call]:
        """The newest first.  The park's staff see all of a thing's; others those of their own people."""
        query = _calls.where(CallRow.about_kind == subject.kind, CallRow.about_id == subject.id)
        if private:
            query = query.where(or_(CallRow.from_id == by.account.id, CallRow.to_id == by.account.id))
        elif not by.in_park:
            own = select(MembershipRow.account_id).where(MembershipRow.organization_id.in_(by.organization_ids))
            query = query.where(or_(CallRow.from_id.in_(own), CallRow.to_id.in_(own)))
        if before:
            query = query.where(CallRow.id < before)
        return await self._listed(query.order_by(CallRow.id.desc()).limit(limit))

    async def _listed(self, query: Select[CallRow, str | None]) -> list[Call]:
        async with self._database.read() as session:
            rows = (await session.execute(query)).all()
            ids = [row.meeting_id for row, _ in rows if row.meeting_id]
            stays: Sequence[AttendanceRow] = ()
            films: Sequence[RecordingRow] = ()
            files: Sequence[tuple[RoomFileRow, FileRow]] = ()
            written: dict[str, int] = {}
            if ids:
                there = select(AttendanceRow).where(AttendanceRow.meeting_id.in_(ids))
                stays = (await session.scalars(there.order_by(AttendanceRow.joined_at_ms).limit(ATTENDEES_MAX))).all()
                films = (await session.scalars(_recordings(ids))).all()
                files = (await session.execute(_files(ids))).all()
                written = {one.meeting_id: one.written for one in await session.execute(_messages(ids))}
        return [
            _call(
                row,
                code,
                [one for one in stays if one.meeting_id == row.meeting_id],
                [one for one in films if one.meeting_id == row.meeting_id],
                [one for one in files if one[0].meeting_id == row.meeting_id],
                written.get(row.meeting_id or "", 0),
            )
            for row, code in rows
        ]

    async def write_note(self, call_id: str, revision: int, text: str, by: str, at_ms: int) -> bool:
        """False when somebody else has written meanwhile."""
        async with self._database.write() as session:
            changed = await session.execute(
                update(CallRow)
                .where(CallRow.id == call_id, CallRow.note_revision == revision)
                .values(note=text, note_revision=revision + 1, note_by=by, note_at_ms=at_ms)
            )
            return bool(getattr(changed, "rowcount", 0))

    async def end(
        self, call_id: str, state: CallState, at_ms: int, *, meeting_id: str | None = None, notice: Notice | None = None
    ) -> bool:
        """Whether it was still ringing: only the first who ends it does, and only then is anybody told."""
        async with self._database.write() as session:
            changed = await session.execute(
                update(CallRow)
                .where(CallRow.id == call_id, CallRow.state == CallState.RINGING)
                .values(state=state, ended_at_ms=at_ms, meeting_id=meeting_id)
            )
            if not getattr(changed, "rowcount", 0):
                return False
            # It does not ring any more: what said so is read, and not pushed if it was not yet.
            rang = (NoticeRow.key == _ring_key(call_id)) & (NoticeRow.read_at_ms == 0)
            await session.execute(update(NoticeRow).where(rang).values(read_at_ms=at_ms))
            if notice is not None:
                await outbox.put(session, notice, at_ms)
        return True

    async def people(self, by: Member, text: str, about: CallSubject | None) -> list[Contact]:
        """Whom one may call about a thing, or without an occasion (subjects.in_reach): by name or organization."""
        pattern = f"%{text.replace('/', '//').replace('%', '/%').replace('_', '/_')}%"
        park = OrganizationRow.kind == OrganizationKind.PARK
        reach = true() if by.in_park else or_(park, OrganizationRow.id.in_(by.organization_ids))
        if about is not None:
            reach = or_(AccountRow.id.in_(about.people), OrganizationRow.id.in_(about.organizations))
        query = (
            select(AccountRow.id, AccountRow.name, OrganizationRow.name, OrganizationRow.kind)
            .join(MembershipRow, MembershipRow.account_id == AccountRow.id)
            .join(OrganizationRow, OrganizationRow.id == MembershipRow.organization_id)
            .where(
                reach,
                AccountRow.disabled_at_ms == 0,
                AccountRow.id != by.account.id,
                or_(AccountRow.name.ilike(pattern, escape="/"), OrganizationRow.name.ilike(pattern, escape="/")),
            )
            .order_by(case((park, 0), else_=1), MembershipRow.role == MemberRole.MEMBER, AccountRow.name, AccountRow.id)
            .limit(4 * CONTACTS_MAX)
        )
        async with self._database.read() as session:
            found: dict[str, Contact] = {}
            for account_id, name, organization, kind in await session.execute(query):
                found.setdefault(account_id, Contact(account_id, name, organization, OrganizationKind(kind)))
        return list(found.values())[:CONTACTS_MAX]

    async def expired(self, at_ms: int, limit: int) -> list[Call]:
        """Those whose time is over and that nobody has ended."""
        over = (CallRow.state == CallState.RINGING) & (CallRow.expires_at_ms <= at_ms)
        async with self._database.read() as session:
            rows = (await session.execute(_calls.where(over).limit(limit))).all()
        return [_call(row, code) for row, code in rows]


def _recordings(meeting_ids: Sequence[str]) -> Select[RecordingRow]:
    """That are there, or on their way; in the order of their beginning."""
    return (
        select(RecordingRow)
        .where(
            RecordingRow.meeting_id.in_(meeting_ids),
            RecordingRow.trashed_at_ms == 0,
            RecordingRow.state != RecordingState.EMPTY,
        )
        .order_by(RecordingRow.id)
        .limit(RECORDINGS_MAX)
    )


def _files(meeting_ids: Sequence[str]) -> Select[RoomFileRow, FileRow]:
    """That are in the chats; in the order of their coming."""
    return (
        select(RoomFileRow, FileRow)
        .join(FileRow, FileRow.sha256 == RoomFileRow.sha256)
        .where(RoomFileRow.meeting_id.in_(meeting_ids), RoomFileRow.message_id.is_not(None))
        .order_by(RoomFileRow.stored_at_ms, RoomFileRow.key)
        .limit(FILES_MAX)
    )


def _messages(meeting_ids: Sequence[str]) -> Select[str, int]:
    """How many there are in each chat."""
    return (
        select(ChatMessageRow.meeting_id, func.count().label("written"))
        .where(ChatMessageRow.meeting_id.in_(meeting_ids))
        .group_by(ChatMessageRow.meeting_id)
    )


def _ring_key(call_id: str) -> str:
    return f"call:{call_id}"


def _rings(call: Call) -> Notice:
    """For the push: it leads to a page of ours, and every page of ours rings."""
    return Notice(
        kind=NoticeKind.CALL,
        account_ids=(call.callee.id,),
        key=_ring_key(call.id),
        about=call.subject,
        path=call.path,
        params={"from": call.caller.name, "about": call.about},
        urgent=True,
    )


def _call(
    row: CallRow,
    code: str | None,
    stays: Sequence[AttendanceRow] = (),
    films: Sequence[RecordingRow] = (),
    files: Sequence[tuple[RoomFileRow, FileRow]] = (),
    messages: int = 0,
) -> Call:
    return Call(
        id=row.id,
        subject=Subject(row.about_kind, row.about_id),
        about=row.about,
        path=row.path,
        caller=Party(row.from_id or "", row.from_name),
        callee=Party(row.to_id or "", row.to_name),
        state=CallState(row.state),
        code=code or "",
        created_at_ms=row.created_at_ms,
        expires_at_ms=row.expires_at_ms,
        ended_at_ms=row.ended_at_ms,
        note=CallNote(row.note, row.note_revision, row.note_by, row.note_at_ms),
        recordings=tuple(CallRecording(one.id, RecordingState(one.state), one.film_ms) for one in films),
        files=tuple(
            CallFile(one.key, one.file_name, file.size_bytes, file.media_type, one.name, one.stored_at_ms)
            for one, file in files
        ),
        messages=messages,
        meeting_id=row.meeting_id or "",
        attendees=tuple(Attendee(one.identity, one.name, one.joined_at_ms, one.left_at_ms) for one in stays),
    )
