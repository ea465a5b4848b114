"""Calls of an invented park, and the notices that wait for those who can sign in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from collab.calls.models import CallRow, CallState
from collab.meetings.models import AttendanceRow
from collab.meetings.repository import new_meeting_row
from collab.notices import outbox
from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice, Subject
from collab.requests.models import RequestRow
from collab.requests.states import State
from rooms.core.model import Phase

from .ids import new_id, new_room_code
from .people import Cast, Someone

MINUTE_MS: Final = 60_000
RINGS_MS: Final = 45_000
TALK_MS: Final = 14 * MINUTE_MS

Shown = Mapping[tuple[str, State], str]


async def write_told(session: AsyncSession, cast: Cast, shown: Shown, now_ms: int, chance: Random) -> None:
    rows = {row.id: row for row in await session.scalars(select(RequestRow).where(RequestRow.id.in_(shown.values())))}
    for notice in _notices(cast, [rows[one] for one in shown.values() if one in rows]):
        await outbox.put(session, notice, now_ms - chance.randint(5, 300) * MINUTE_MS)
    officer = cast.officers[0]
    engineer = cast.of(cast.companies[0])[1]
    talked, missed = (rows[shown[key, State.TAKEN]] for key in ("temporary_access", "remote_hands"))
    await _call(session, talked, officer, engineer, CallState.ACCEPTED, now_ms - 180 * MINUTE_MS, chance)
    await _call(session, missed, engineer, officer, CallState.MISSED, now_ms - 25 * MINUTE_MS, chance)


def _notices(cast: Cast, rows: list[RequestRow]) -> Iterator[Notice]:
    kinds = {
        State.NEEDS_INFORMATION: NoticeKind.REQUEST_ASKED,
        State.DECIDED: NoticeKind.REQUEST_APPROVED,
        State.TAKEN: NoticeKind.REQUEST_TAKEN,
    }
    names = {one.id: one.name for one in cast.everybody}
    for row in rows:
        state = State(row.state)
        if state is State.SUBMITTED:
            yield _notice(NoticeKind.REQUEST_FILED, [one.id for one in cast.officers[:2]], row, row.requester_name)
        elif state in kinds and row.requester_id is not None:
            yield _notice(kinds[state], [row.requester_id], row, names.get(row.owner_id or "", ""))


def _notice(kind: NoticeKind, account_ids: list[str], row: RequestRow, by: str) -> Notice:
    return Notice(
        kind=kind,
        account_ids=tuple(account_ids),
        key=f"{kind}:{row.id}:demo",
        about=Subject("request", row.id),
        path=f"/requests/{row.id}",
        params={"number": row.number, "title": "" if row.confidential else row.title, "by": by, "note": ""},
    )


async def _call(
    session: AsyncSession,
    about: RequestRow,
    caller: Someone,
    callee: Someone,
    state: CallState,
    at_ms: int,
    chance: Random,
) -> None:
    words, path = f"{about.number} {about.title}", f"/requests/{about.id}"
    meeting_id = None
    if state is CallState.ACCEPTED:
        room = new_meeting_row(new_room_code(chance), words, caller.id, caller.organization_id, False, False, at_ms)
        room.id, room.phase = new_id(at_ms, chance), Phase.ENDED
        room.started_at_ms, room.ended_at_ms = at_ms, at_ms + TALK_MS
        meeting_id = room.id
        session.add(room)
        await session.flush()
        for who in (caller, callee):
            session.add(
                AttendanceRow(
                    id=new_id(at_ms, chance),
                    meeting_id=room.id,
                    identity=who.id,
                    name=who.name,
                    joined_at_ms=at_ms,
                    left_at_ms=at_ms + TALK_MS,
                )
            )
    call_id = new_id(at_ms, chance)
    session.add(
        CallRow(
            id=call_id,
            about_kind="request",
            about_id=about.id,
            about=words,
            path=path,
            from_id=caller.id,
            from_name=caller.name,
            to_id=callee.id,
            to_name=callee.name,
            state=state,
            meeting_id=meeting_id,
            created_at_ms=at_ms,
            expires_at_ms=at_ms + RINGS_MS,
            ended_at_ms=at_ms + RINGS_MS // 2,
        )
    )
    if state is CallState.MISSED:
        notice = Notice(
            kind=NoticeKind.CALL_MISSED,
            account_ids=(callee.id,),
            key=f"call:{call_id}:missed",
            about=Subject("request", about.id),
            path=path,
            params={"from": caller.name, "about": words},
        )
        await outbox.put(session, notice, at_ms + RINGS_MS)
