"""Spot checks in SQL.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, case, func, select, update
from sqlalchemy.orm import aliased

from collab.assist.models import JobRow
from collab.clock import new_id
from collab.db.dialect import insert_once
from collab.db.engine import Database
from collab.notices import outbox
from collab.notices.models import Notice
from collab.organizations.models import OrganizationRow

from .models import (
    CheckKind,
    CheckState,
    FindingEventRow,
    FindingRow,
    FindingState,
    ItemResult,
    SpotCheckItemRow,
    SpotCheckPhotoRow,
    SpotCheckRow,
)
from .values import Check, CheckLine, Finding, FindingEvent, Item, Photo

_enterprise, _installer = aliased(OrganizationRow), aliased(OrganizationRow)
_items = (
    select(
        SpotCheckItemRow.check_id,
        func.count().label("lines"),
        func.sum(case((SpotCheckItemRow.result != ItemResult.UNCHECKED, 1), else_=0)).label("checked"),
    )
    .group_by(SpotCheckItemRow.check_id)
    .subquery()
)
_open = (
    select(FindingRow.check_id, func.count().label("open"), func.min(FindingRow.due_on).label("due"))
    .where(FindingRow.state == FindingState.OPEN)
    .group_by(FindingRow.check_id)
    .subquery()
)
_checks: Select[*tuple[Any, ...]] = (
    select(
        SpotCheckRow,
        JobRow.title,
        _enterprise.name,
        _installer.name,
        _items.c.lines,
        _items.c.checked,
        _open.c.open,
        _open.c.due,
    )
    .join(JobRow, JobRow.id == SpotCheckRow.job_id)
    .join(_enterprise, _enterprise.id == JobRow.enterprise_id)
    .join(_installer, _installer.id == JobRow.installer_id)
    .outerjoin(_items, _items.c.check_id == SpotCheckRow.id)
    .outerjoin(_open, _open.c.check_id == SpotCheckRow.id)
)


class PatrolRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, job_id: str, kind: CheckKind, items: Sequence[str], note: str, by: tuple[str, str], at_ms: int
    ) -> str:
        """`by`: (account, name)."""
        row = SpotCheckRow(
            id=new_id(at_ms),
            job_id=job_id,
            kind=kind,
            state=CheckState.OPEN,
            note=note,
            inspector_id=by[0],
            inspector_name=by[1],
            created_at_ms=at_ms,
            closed_at_ms=0,
        )
        async with self._database.write() as session:
            session.add(row)
            await session.flush()
            session.add_all(
                SpotCheckItemRow(check_id=row.id, position=place, text=text, result=ItemResult.UNCHECKED, note="")
                for place, text in enumerate(items)
            )
        return row.id

    async def listed(
        self,
        *,
        job_id: str = "",
        state: CheckState | None = None,
        late_before: date | None = None,
        before: str = "",
        limit: int = 100,
    ) -> list[CheckLine]:
        """Newest first; `late_before`: with something open that was due before.  One query."""
        query = _checks
        if job_id:
            query = query.where(SpotCheckRow.job_id == job_id)
        if state is not None:
            query = query.where(SpotCheckRow.state == state)
        if late_before is not None:
            query = query.where(_open.c.due < late_before)
        if before:
            query = query.where(SpotCheckRow.id < before)
        async with self._database.read() as session:
            rows = (await session.execute(query.order_by(SpotCheckRow.id.desc()).limit(limit))).all()
        return [_line(*row) for row in rows]

    async def get(self, check_id: str) -> Check | None:
        """Five queries."""
        async with self._database.read() as session:
            found = (await session.execute(_checks.where(SpotCheckRow.id == check_id))).one_or_none()
            if found is None:
                return None
            items = await session.scalars(
                select(SpotCheckItemRow)
                .where(SpotCheckItemRow.check_id == check_id)
                .order_by(SpotCheckItemRow.position)
            )
            photos = await session.scalars(
                select(SpotCheckPhotoRow)
                .where(SpotCheckPhotoRow.check_id == check_id)
                .order_by(SpotCheckPhotoRow.stored_at_ms, SpotCheckPhotoRow.key)
            )
            findings = (
                await session.scalars(select(FindingRow).where(FindingRow.check_id == check_id).order_by(FindingRow.id))
            ).all()
            events: dict[str, list[FindingEvent]] = {}
            for row in await session.scalars(
                select(FindingEventRow)
                .where(FindingEventRow.finding_id.in_([one.id for one in findings]))
                .order_by(FindingEventRow.number)
            ):
                event = FindingEvent(row.action, FindingState(row.state), row.name, row.note, row.at_ms)
                events.setdefault(row.finding_id, []).append(event)
            return Check(
                _line(*found),
                tuple(Item(one.position, one.text, ItemResult(one.result), one.note) for one in items),
                tuple(
                    Photo(one.key, one.position, one.file_sha256, one.account_id, one.name, one.stored_at_ms)
                    for one in photos
                ),
                tuple(_finding(one, events.get(one.id, [])) for one in findings),
            )

    async def set_items(self, check_id: str, items: Sequence[tuple[int, ItemResult, str]]) -> None:
        async with self._database.write() as session:
            for position, result, note in items:
                key = (SpotCheckItemRow.check_id == check_id) & (SpotCheckItemRow.position == position)
                await session.execute(update(SpotCheckItemRow).where(key).values(result=result, note=note))

    async def close(self, check_id: str, at_ms: int) -> bool:
        """False when it is closed already, or a finding is not."""
        left = select(FindingRow.id).where(FindingRow.check_id == check_id, FindingRow.state != FindingState.CLOSED)
        opened = and_(SpotCheckRow.id == check_id, SpotCheckRow.state == CheckState.OPEN, ~left.exists())
        async with self._database.write() as session:
            closed = await session.scalars(
                update(SpotCheckRow)
                .where(opened)
                .values(state=CheckState.CLOSED, closed_at_ms=at_ms)
                .returning(SpotCheckRow.id)
            )
            return bool(closed.all())

    async def add_photo(self, check_id: str, photo: Photo) -> None:
        """Nothing when the key is known."""
        async with self._database.write() as session:
            await insert_once(
                session,
                SpotCheckPhotoRow,
                check_id=check_id,
                key=photo.key,
                position=photo.position,
                file_sha256=photo.sha256,
                account_id=photo.account_id,
                name=photo.name,
                stored_at_ms=photo.stored_at_ms,
            )

    async def add_finding(
        self, check_id: str, text: str, due_on: date, by: tuple[str, str], at_ms: int, notice: Notice
    ) -> None:
        row = FindingRow(
            id=new_id(at_ms),
            check_id=check_id,
            text=text,
            due_on=due_on,
            state=FindingState.OPEN,
            created_at_ms=at_ms,
            closed_at_ms=0,
        )
        async with self._database.write() as session:
            session.add(row)
            await session.flush()
            session.add(_event_row(row.id, 1, "find", FindingState.OPEN, by, "", at_ms))
            await outbox.put(session, notice, at_ms)

    async def move_finding(
        self,
        finding: Finding,
        state: FindingState,
        action: str,
        by: tuple[str, str],
        note: str,
        at_ms: int,
        notice: Notice | None,
    ) -> bool:
        """False when it moved meanwhile."""
        closed_at_ms = at_ms if state is FindingState.CLOSED else 0
        async with self._database.write() as session:
            moved = await session.scalars(
                update(FindingRow)
                .where(FindingRow.id == finding.id, FindingRow.state == finding.state)
                .values(state=state, closed_at_ms=closed_at_ms)
                .returning(FindingRow.id)
            )
            if not moved.all():
                return False
            session.add(_event_row(finding.id, len(finding.events) + 1, action, state, by, note, at_ms))
            if notice is not None:
                await outbox.put(session, notice, at_ms)
        return True

    async def late(self, today: date, after: str, limit: int) -> list[tuple[Finding, CheckLine, str]]:
        """Open findings whose day is over, by id: with their check and the installer's organization."""
        query = (
            _checks.add_columns(FindingRow, JobRow.installer_id)
            .join(FindingRow, FindingRow.check_id == SpotCheckRow.id)
            .where(FindingRow.state == FindingState.OPEN, FindingRow.due_on < today, FindingRow.id > after)
            .order_by(FindingRow.id)
            .limit(limit)
        )
        async with self._database.read() as session:
            rows = (await session.execute(query)).all()
        return [(_finding(row[8], []), _line(*row[:8]), row[9]) for row in rows]


def _line(
    row: SpotCheckRow,
    title: str,
    enterprise: str,
    installer: str,
    items: int | None,
    checked: int | None,
    opened: int | None,
    due: date | None,
) -> CheckLine:
    return CheckLine(
        id=row.id,
        job_id=row.job_id,
        job_title=title,
        enterprise=enterprise,
        installer=installer,
        kind=CheckKind(row.kind),
        state=CheckState(row.state),
        note=row.note,
        inspector_id=row.inspector_id,
        inspector_name=row.inspector_name,
        created_at_ms=row.created_at_ms,
        closed_at_ms=row.closed_at_ms,
        items=items or 0,
        checked=int(checked or 0),
        open_findings=opened or 0,
        next_due_on=due,
    )


def _finding(row: FindingRow, events: Sequence[FindingEvent]) -> Finding:
    return Finding(
        row.id,
        row.text,
        row.due_on,
        FindingState(row.state),
        row.created_at_ms,
        row.closed_at_ms,
        tuple(events),
    )


def _event_row(
    finding_id: str, number: int, action: str, state: FindingState, by: tuple[str, str], note: str, at_ms: int
) -> FindingEventRow:
    return FindingEventRow(
        finding_id=finding_id,
        number=number,
        action=action,
        state=state,
        account_id=by[0],
        name=by[1],
        note=note,
        at_ms=at_ms,
    )
