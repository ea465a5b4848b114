"""What is kept of scheduled meetings: minutes, action items, and who was there, in SQL."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from collab.clock import new_id
from collab.db.engine import Database
from collab.meetings.models import AttendanceRow
from collab.notices import outbox as notices
from collab.notices.models import Notice
from collab.problems import Refusal
from rooms.core.codes import Code

from .models import ActionItemRow, AttendancePolicyRow, MinutesRow, SittingRow
from .values import Person

ITEMS_MAX = 200
STAYS_MAX = 2_000


class Minutes(Struct, frozen=True):
    text: str
    version: int
    changed_by: str
    changed_at_ms: int


class ActionItem(Struct, frozen=True):
    id: str
    event_id: str
    key: str
    text: str
    owner: Person | None
    due: str
    done_at_ms: int


class Stay(Struct, frozen=True):
    name: str
    joined_at_ms: int
    left_at_ms: int


class ScheduleRecordRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def minutes(self, event_id: str, key: str) -> Minutes:
        async with self._database.read() as session:
            row = await session.get(MinutesRow, (event_id, key))
        return Minutes(row.text, row.version, row.changed_by, row.changed_at_ms) if row else Minutes("", 0, "", 0)

    async def write_minutes(
        self, event_id: str, key: str, text: str, version: int, by: str, starts_at_ms: int, at_ms: int
    ) -> None:
        """Raises CONFLICT when somebody else has written since `version`."""
        async with self._database.write() as session:
            if version:
                changed = await session.scalar(
                    update(MinutesRow)
                    .where(MinutesRow.event_id == event_id, MinutesRow.key == key, MinutesRow.version == version)
                    .values(text=text, version=version + 1, changed_by=by, changed_at_ms=at_ms)
                    .returning(MinutesRow.version)
                )
                if changed is None:
                    raise Refusal(Code.CONFLICT, "the minutes were changed meanwhile")
                return
            row = MinutesRow(event_id=event_id, key=key, starts_at_ms=starts_at_ms, text=text, version=1)
            row.changed_by, row.changed_at_ms = by, at_ms
            session.add(row)
            try:
                await session.flush()
            except IntegrityError:
                raise Refusal(Code.CONFLICT, "the minutes were begun meanwhile") from None

    async def items(self, event_id: str, key: str) -> list[ActionItem]:
        query = select(ActionItemRow).where(ActionItemRow.event_id == event_id, ActionItemRow.key == key)
        async with self._database.read() as session:
            rows = await session.scalars(query.order_by(ActionItemRow.id).limit(ITEMS_MAX))
            return [_item(row) for row in rows]

    async def item(self, item_id: str) -> ActionItem | None:
        async with self._database.read() as session:
            row = await session.get(ActionItemRow, item_id)
        return _item(row) if row else None

    async def put_item(self, item: ActionItem, told: Notice | None, at_ms: int) -> str:
        """Adds it when it has no id yet; the owner is told in the same transaction."""
        async with self._database.write() as session:
            row = await session.get(ActionItemRow, item.id) if item.id else None
            if row is None:
                row = ActionItemRow(id=new_id(at_ms), event_id=item.event_id, key=item.key)
                session.add(row)
            row.text, row.due, row.done_at_ms = item.text, item.due, item.done_at_ms
            row.owner_id, row.owner_name = (item.owner.id, item.owner.name) if item.owner else (None, "")
            await session.flush()
            if told is not None:
                await notices.put(session, told, at_ms)
            return row.id

    async def stays(self, code: str, from_ms: int, to_ms: int, since_ms: int) -> list[Stay]:
        """Who came to the room in that time, and after the record was switched on."""
        query = (
            select(AttendanceRow.name, AttendanceRow.joined_at_ms, AttendanceRow.left_at_ms)
            .join(SittingRow, SittingRow.meeting_id == AttendanceRow.meeting_id)
            .where(
                SittingRow.code == code,
                AttendanceRow.joined_at_ms >= since_ms,
                AttendanceRow.joined_at_ms < to_ms,
                AttendanceRow.left_at_ms > from_ms,
            )
            .order_by(AttendanceRow.joined_at_ms, AttendanceRow.id)
            .limit(STAYS_MAX)
        )
        async with self._database.read() as session:
            return [Stay(row[0], row[1], row[2]) for row in (await session.execute(query)).all()]

    # ------------------------------------------------------------ the organization's policy

    async def attendance_since(self, organization_id: str | None) -> int:
        """0: no record is kept."""
        query = select(AttendancePolicyRow.since_ms).where(AttendancePolicyRow.organization_id == organization_id)
        async with self._database.read() as session:
            return await session.scalar(query) or 0

    async def set_attendance(self, organization_id: str, at_ms: int) -> None:
        """`at_ms` 0 switches it off; on stays on since when it was."""
        async with self._database.write() as session:
            if not at_ms:
                await session.execute(
                    delete(AttendancePolicyRow).where(AttendancePolicyRow.organization_id == organization_id)
                )
            elif await session.get(AttendancePolicyRow, organization_id) is None:
                session.add(AttendancePolicyRow(organization_id=organization_id, since_ms=at_ms))


def _item(row: ActionItemRow) -> ActionItem:
    return ActionItem(
        id=row.id,
        event_id=row.event_id,
        key=row.key,
        text=row.text,
        owner=Person(row.owner_id, row.owner_name) if row.owner_id else None,
        due=row.due,
        done_at_ms=row.done_at_ms,
    )
