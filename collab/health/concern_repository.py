"""Whom places concern, in SQL.  What shows a person to somebody logs it in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import Row, Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import AccountRow
from collab.clock import new_id
from collab.db.dialect import insert_all_once
from collab.db.engine import Database
from collab.organizations.models import OrganizationRow
from collab.requests.models import RequestRow
from collab.requests.values import Named

from .accesses import log_access
from .addresses import AddressMatch
from .models import (
    ConcernAction,
    ConcernState,
    HealthConcernEventRow,
    HealthConcernRow,
    HealthReasonRow,
    Origin,
)
from .values import Concern, ConcernEvent, Reader, Reason, Spot

REASONS_MAX: Final = 20  # of one concern; the newest count
CONCERN_KEEP_DAYS: Final = 60  # from when it was found, whatever its state
CLEARED_KEEP_DAYS: Final = 30  # from when it was cleared; not shorter than a declaration is kept
DAY_MS: Final = 86_400_000
IDS_AT_ONCE: Final = 500

concerns: Select[HealthConcernRow, str, str] = (
    select(HealthConcernRow, AccountRow.name, OrganizationRow.name)
    .join(AccountRow, AccountRow.id == HealthConcernRow.account_id)
    .join(OrganizationRow, OrganizationRow.id == HealthConcernRow.organization_id)
)


class Finding(Struct, frozen=True):
    spot: Spot
    match: AddressMatch


async def add_findings(session: AsyncSession, place_id: str, findings: Sequence[Finding], at_ms: int) -> None:
    """A concern for each person, with the reasons that it does not have yet; what is cleared stays so."""
    people: dict[str, list[Finding]] = {}
    for one in findings:
        people.setdefault(one.spot.account_id, []).append(one)
    new = [
        {
            "id": new_id(at_ms),
            "place_id": place_id,
            "account_id": account_id,
            "organization_id": theirs[0].spot.organization_id,
            "state": ConcernState.FOUND.value,
            "stands": True,
            "revision": 0,
            "found_at_ms": at_ms,
            "notified_at_ms": 0,
            "changed_at_ms": at_ms,
            "delete_at_ms": at_ms + CONCERN_KEEP_DAYS * DAY_MS,
        }
        for account_id, theirs in people.items()
    ]
    await insert_all_once(session, HealthConcernRow, new)
    for batch in _batches(people):
        await _add_reasons(session, place_id, {one: people[one] for one in batch})


async def _add_reasons(session: AsyncSession, place_id: str, people: dict[str, list[Finding]]) -> None:
    of_place = (HealthConcernRow.place_id == place_id, HealthConcernRow.account_id.in_(people))
    rows = await session.scalars(
        select(HealthConcernRow).where(*of_place, HealthConcernRow.state != ConcernState.CLEARED)
    )
    ids = {row.account_id: row.id for row in rows}
    known: dict[str, set[tuple[str, str, str]]] = {}
    for row in await session.scalars(select(HealthReasonRow).where(HealthReasonRow.concern_id.in_(ids.values()))):
        known.setdefault(row.concern_id, set()).add(_same(Origin(row.origin), row.text, str(row.starts_on)))
    numbers = {
        row.id: row.number
        for row in await session.execute(
            select(RequestRow.id, RequestRow.number).where(
                RequestRow.id.in_({one.spot.request_id for theirs in people.values() for one in theirs})
            )
        )
    }
    new: list[dict[str, object]] = []
    for account_id, concern_id in ids.items():
        had = known.setdefault(concern_id, set())
        for one in people[account_id]:
            spot = one.spot
            told = _same(spot.origin, spot.text, str(spot.starts_on))
            if told in had or len(had) >= REASONS_MAX:
                continue
            had.add(told)
            new.append(
                {
                    "concern_id": concern_id,
                    "request_id": spot.request_id,
                    "position": spot.position,
                    "request_number": numbers.get(spot.request_id, ""),
                    "origin": spot.origin.value,
                    "text": spot.text,
                    "words": msgspec.json.encode(one.match.words).decode(),
                    "sure": one.match.sure,
                    "starts_on": spot.starts_on,
                    "ends_on": spot.ends_on,
                }
            )
    await insert_all_once(session, HealthReasonRow, new)


def _same(origin: Origin, text: str, day: str) -> tuple[str, str, str]:
    """A home that is declared every day is one reason; a movement is one for each day."""
    return origin, text, day if origin is Origin.MOVEMENT else ""


async def keep_only(session: AsyncSession, place_id: str, account_ids: Collection[str], at_ms: int) -> None:
    """After a correction: who was only found and is not concerned goes, who was told stays without a reason."""
    rows = await session.execute(
        select(HealthConcernRow.id, HealthConcernRow.account_id, HealthConcernRow.state).where(
            HealthConcernRow.place_id == place_id, HealthConcernRow.state != ConcernState.CLEARED
        )
    )
    stay: list[str] = []
    go: list[str] = []
    renewed: list[str] = []
    for concern_id, account_id, state in rows:
        if account_id in account_ids:
            renewed.append(concern_id)
        else:
            (go if state == ConcernState.FOUND else stay).append(concern_id)
    for ids in _batches(go):
        await session.execute(delete(HealthConcernRow).where(HealthConcernRow.id.in_(ids)))
    for ids in _batches([*stay, *renewed]):
        await session.execute(delete(HealthReasonRow).where(HealthReasonRow.concern_id.in_(ids)))
    for ids, stands in ((stay, False), (renewed, True)):
        for batch in _batches(ids):
            changed = update(HealthConcernRow).where(HealthConcernRow.id.in_(batch), HealthConcernRow.stands != stands)
            await session.execute(changed.values(stands=stands, changed_at_ms=at_ms))


class ConcernRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(
        self,
        reader: Reader,
        place_id: str,
        at_ms: int,
        *,
        states: Sequence[ConcernState] = (),
        after: str = "",
        limit: int = 50,
    ) -> tuple[list[Concern], bool]:
        """Oldest first, with why; and whether there are more.  Two queries, and one for the log."""
        query = concerns.where(HealthConcernRow.place_id == place_id)
        if states:
            query = query.where(HealthConcernRow.state.in_(states))
        if after:
            query = query.where(HealthConcernRow.id > after)
        async with self._database.write() as session:
            rows = (await session.execute(query.order_by(HealthConcernRow.id).limit(limit + 1))).all()
            found = await _with(session, rows[:limit])
            await log_access(session, reader, [(one.person.id, place_id) for one in found], at_ms)
        return found, len(rows) > limit

    async def get(self, reader: Reader, concern_id: str, at_ms: int) -> tuple[Concern, list[ConcernEvent]] | None:
        """Three queries, and one for the log."""
        async with self._database.write() as session:
            rows = (await session.execute(concerns.where(HealthConcernRow.id == concern_id))).all()
            if not rows:
                return None
            (found,) = await _with(session, rows)
            events = await session.scalars(
                select(HealthConcernEventRow)
                .where(HealthConcernEventRow.concern_id == concern_id)
                .order_by(HealthConcernEventRow.number)
            )
            await log_access(session, reader, [(found.person.id, concern_id)], at_ms)
            return found, [_event(row) for row in events]

    async def move(
        self,
        concern: Concern,
        action: ConcernAction,
        state: ConcernState,
        note: str,
        reader: Reader,
        at_ms: int,
    ) -> bool:
        """False when somebody moved it meanwhile."""
        values: dict[str, object] = {"state": state, "revision": concern.revision + 1, "changed_at_ms": at_ms}
        if state is ConcernState.CLEARED:
            values["delete_at_ms"] = at_ms + CLEARED_KEEP_DAYS * DAY_MS
        elif action is ConcernAction.REOPEN:
            values["delete_at_ms"] = at_ms + CONCERN_KEEP_DAYS * DAY_MS
        async with self._database.write() as session:
            moved = await session.scalars(
                update(HealthConcernRow)
                .where(HealthConcernRow.id == concern.id, HealthConcernRow.revision == concern.revision)
                .values(values)
                .returning(HealthConcernRow.id)
            )
            if not moved.all():
                return False
            session.add(_event_row(concern.id, concern.revision + 1, action, state, note, reader, at_ms))
        return True


async def notify_within(
    session: AsyncSession, place_id: str, concern_ids: Sequence[str], reader: Reader, at_ms: int
) -> list[HealthConcernRow]:
    """Those that were only found and still stand become notified; `concern_ids` empty: all of the place."""
    query = select(HealthConcernRow).where(
        HealthConcernRow.place_id == place_id,
        HealthConcernRow.state == ConcernState.FOUND,
        HealthConcernRow.stands.is_(True),
    )
    if concern_ids:
        query = query.where(HealthConcernRow.id.in_(concern_ids))
    rows = list(await session.scalars(query.order_by(HealthConcernRow.id).with_for_update()))
    for row in rows:
        row.state, row.revision = ConcernState.NOTIFIED, row.revision + 1
        row.notified_at_ms = row.changed_at_ms = at_ms
        session.add(_event_row(row.id, row.revision, ConcernAction.NOTIFY, ConcernState.NOTIFIED, "", reader, at_ms))
    await session.flush()
    await log_access(session, reader, [(row.account_id, place_id) for row in rows], at_ms)
    return rows


async def reasons_of(session: AsyncSession, concern_ids: Sequence[str]) -> dict[str, tuple[Reason, ...]]:
    found: dict[str, tuple[Reason, ...]] = {}
    for row in await session.scalars(
        select(HealthReasonRow)
        .where(HealthReasonRow.concern_id.in_(concern_ids))
        .order_by(HealthReasonRow.starts_on.desc(), HealthReasonRow.request_id, HealthReasonRow.position)
    ):
        found[row.concern_id] = (*found.get(row.concern_id, ()), _reason(row))
    return found


async def _with(session: AsyncSession, rows: Sequence[Row[HealthConcernRow, str, str]]) -> list[Concern]:
    reasons = await reasons_of(session, [row[0].id for row in rows])
    return [concern_value(row, person, company, reasons.get(row.id, ())) for row, person, company in rows]


def concern_value(row: HealthConcernRow, person: str, company: str, reasons: tuple[Reason, ...]) -> Concern:
    return Concern(
        id=row.id,
        place_id=row.place_id,
        person=Named(row.account_id, person),
        organization=Named(row.organization_id, company),
        state=ConcernState(row.state),
        stands=row.stands,
        revision=row.revision,
        found_at_ms=row.found_at_ms,
        notified_at_ms=row.notified_at_ms,
        changed_at_ms=row.changed_at_ms,
        delete_at_ms=row.delete_at_ms,
        reasons=reasons,
    )


def _reason(row: HealthReasonRow) -> Reason:
    return Reason(
        request_id=row.request_id,
        request_number=row.request_number,
        origin=Origin(row.origin),
        text=row.text,
        words=msgspec.json.decode(row.words, type=tuple[str, ...]),
        sure=row.sure,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


def _event(row: HealthConcernEventRow) -> ConcernEvent:
    return ConcernEvent(row.number, ConcernAction(row.action), ConcernState(row.state), row.note, row.name, row.at_ms)


def _event_row(
    concern_id: str,
    number: int,
    action: ConcernAction,
    state: ConcernState,
    note: str,
    reader: Reader,
    at_ms: int,
) -> HealthConcernEventRow:
    return HealthConcernEventRow(
        concern_id=concern_id,
        number=number,
        action=action,
        state=state,
        note=note,
        account_id=reader.id,
        name=reader.name,
        at_ms=at_ms,
    )


def _batches(ids: Iterable[str]) -> list[list[str]]:
    every = list(ids)
    return [every[start : start + IDS_AT_ONCE] for start in range(0, len(every), IDS_AT_ONCE)]
