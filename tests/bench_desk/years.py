"""What two years leave in a park beside its requests: notices, lines of the audit log, meetings with who was there,
calls, recordings, action items.  Plain rows, in bulk; nobody is told of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, Final

from sqlalchemy import func, insert, select

from collab.accounts.models import AccountRow, MembershipRow
from collab.audit.models import AuditAction, AuditRow
from collab.calls.models import CallRow, CallState
from collab.clock import new_id
from collab.db.base import Base
from collab.db.engine import Database
from collab.meetings.models import AttendanceRow, MeetingRow
from collab.notices.kinds import NoticeKind
from collab.notices.models import NoticeRow
from collab.recordings.models import RecordingRow, RecordingState
from collab.schedule.models import EventState, InviteeRow, ScheduledEventRow
from rooms.core.model import Phase

CHUNK: Final = 2_000
DAYS: Final = 730
DAY_MS: Final = 86_400_000
NOTICES_EACH: Final = 60
AUDIT_LINES: Final = 300_000
MEETINGS: Final = 12_000
CALLS: Final = 20_000
ZONE: Final = "Asia/Shanghai"

Rows = Iterator[tuple[type[Base], dict[str, Any]]]


async def add_years(database: Database, now_ms: int) -> bool:
    """False when they are there."""
    async with database.read() as session:
        if (await session.scalar(select(func.count()).select_from(AuditRow)) or 0) >= AUDIT_LINES:
            return False
        people = [
            (str(one[0]), str(one[1]), str(one[2]))
            for one in await session.execute(
                select(AccountRow.id, AccountRow.name, MembershipRow.organization_id).join(
                    MembershipRow, MembershipRow.account_id == AccountRow.id
                )
            )
        ]
    chance = Random(4711)
    for made in (_notices(people, now_ms), _audit(people, now_ms, chance), _meetings(people, now_ms, chance)):
        await _write(database, made)
    return True


async def _write(database: Database, rows: Rows) -> None:
    waiting: dict[type[Base], list[dict[str, Any]]] = {}
    for table, row in rows:
        waiting.setdefault(table, []).append(row)
        if len(waiting[table]) >= CHUNK:
            await _flush(database, waiting)
    await _flush(database, waiting)


async def _flush(database: Database, waiting: dict[type[Base], list[dict[str, Any]]]) -> None:
    async with database.write() as session:
        for table, rows in waiting.items():
            if rows:
                await session.execute(insert(table), rows)
    for rows in waiting.values():
        rows.clear()


def _notices(people: list[tuple[str, str, str]], now_ms: int) -> Rows:
    kinds = (NoticeKind.REQUEST_TAKEN, NoticeKind.REQUEST_APPROVED, NoticeKind.REQUEST_ASKED, NoticeKind.REQUEST_LATE)
    for account_id, _name, _organization in people:
        for number in range(NOTICES_EACH):
            at_ms = now_ms - (NOTICES_EACH - number) * DAYS * DAY_MS // NOTICES_EACH
            about = new_id(at_ms)
            yield (
                NoticeRow,
                {
                    "id": new_id(at_ms),
                    "account_id": account_id,
                    "key": f"year:{number}",
                    "kind": kinds[number % len(kinds)],
                    "about_kind": "request",
                    "about_id": about,
                    "path": f"/requests/{about}",
                    "params": {"number": "TA-261123-ABCDEF", "title": "激光切割机", "by": "Lin", "note": ""},
                    "urgent": False,
                    "created_at_ms": at_ms,
                    "read_at_ms": at_ms if number < NOTICES_EACH - 10 else 0,
                    "planned_at_ms": at_ms,
                    "digest_at_ms": 0,
                },
            )


def _audit(people: list[tuple[str, str, str]], now_ms: int, chance: Random) -> Rows:
    actions = list(AuditAction)
    for number in range(AUDIT_LINES):
        account_id, name, organization_id = chance.choice(people)
        at_ms = now_ms - (AUDIT_LINES - number) * DAYS * DAY_MS // AUDIT_LINES
        yield (
            AuditRow,
            {
                "id": new_id(at_ms),
                "at_ms": at_ms,
                "action": actions[number % len(actions)],
                "actor_id": account_id,
                "actor_name": name,
                "address": "192.0.2.1",
                "way": "browser",
                "subject_kind": "account",
                "subject_id": account_id,
                "subject_name": name,
                "organization_id": organization_id,
                "details": {},
            },
        )


def _meetings(people: list[tuple[str, str, str]], now_ms: int, chance: Random) -> Rows:
    for number in range(MEETINGS):
        at_ms = now_ms - (MEETINGS - number) * DAYS * DAY_MS // MEETINGS
        who = chance.sample(people, 5)
        meeting_id = new_id(at_ms)
        yield (
            MeetingRow,
            {
                "id": meeting_id,
                "code": f"bench-{number:06d}",
                "title": f"研发周例会 {number}",
                "host_id": who[0][0],
                "organization_id": who[0][2],
                "lobby_enabled": False,
                "guests_allowed": False,
                "phase": Phase.ENDED,
                "created_at_ms": at_ms,
                "started_at_ms": at_ms,
                "ended_at_ms": at_ms + 1_800_000,
                "trashed_at_ms": 0,
            },
        )
        for account_id, name, _ in who:
            yield (
                AttendanceRow,
                {
                    "id": new_id(at_ms),
                    "meeting_id": meeting_id,
                    "identity": account_id,
                    "name": name,
                    "joined_at_ms": at_ms,
                    "left_at_ms": at_ms + 1_800_000,
                },
            )
        yield from _scheduled(number, at_ms, who)
        if number % 4 == 0:
            yield RecordingRow, _recording(meeting_id, at_ms)
    for number in range(CALLS):
        at_ms = now_ms - (CALLS - number) * DAYS * DAY_MS // CALLS
        yield CallRow, _call(at_ms, *chance.sample(people, 2))


def _scheduled(number: int, at_ms: int, who: list[tuple[str, str, str]]) -> Rows:
    event_id = new_id(at_ms)
    yield (
        ScheduledEventRow,
        {
            "id": event_id,
            "code": f"bench-{number:06d}",
            "organizer_id": who[0][0],
            "organization_id": who[0][2],
            "title": f"研发周例会 {number}",
            "description": "",
            "zone": ZONE,
            "starts": "2026-11-25T10:00",
            "minutes": 30,
            "rule": "",
            "opens_before_min": 10,
            "remind_before_min": -1,
            "state": EventState.CONFIRMED,
            "sequence": 0,
            "first_at_ms": at_ms,
            "last_at_ms": at_ms + 1_800_000,
            "created_at_ms": at_ms,
            "changed_at_ms": at_ms,
        },
    )
    for account_id, name, _ in who[1:]:
        yield (
            InviteeRow,
            {
                "id": new_id(at_ms),
                "event_id": event_id,
                "account_id": account_id,
                "organization_id": None,
                "email": "",
                "name": name,
                "named": True,
            },
        )


def _recording(meeting_id: str, at_ms: int) -> dict[str, Any]:
    return {
        "id": new_id(at_ms),
        "meeting_id": meeting_id,
        "title": "研发周例会",
        "state": RecordingState.READY,
        "started_by": None,
        "started_at_ms": at_ms,
        "film_ms": 1_800_000,
        "size_bytes": 50_000_000,
    }


def _call(at_ms: int, caller: tuple[str, str, str], callee: tuple[str, str, str]) -> dict[str, Any]:
    return {
        "id": new_id(at_ms),
        "about_kind": "account",
        "about_id": callee[0],
        "about": f"{caller[1]} · {callee[1]}",
        "path": "/inbox",
        "from_id": caller[0],
        "from_name": caller[1],
        "to_id": callee[0],
        "to_name": callee[1],
        "state": CallState.MISSED,
        "meeting_id": None,
        "created_at_ms": at_ms,
        "expires_at_ms": at_ms + 45_000,
        "ended_at_ms": at_ms + 45_000,
    }
