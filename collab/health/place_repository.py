"""Places at risk, and what people are told of them, in SQL.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
from sqlalchemy import case, delete, func, or_, select, update

from collab.clock import new_id
from collab.db.engine import Database
from collab.directory.people import leads_of
from collab.notices import outbox
from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice, Subject
from collab.organizations.models import OrganizationRow
from collab.requests.values import Named

from .concern_repository import keep_only, notify_within, reasons_of
from .models import (
    ConcernState,
    HealthAccessRow,
    HealthConcernRow,
    HealthPlaceChangeRow,
    HealthPlaceRow,
    HealthSpotRow,
    PlaceAction,
    PlaceState,
    RiskLevel,
)
from .values import CompanyConcern, Notified, OwnConcern, Place, PlaceChange, PlaceFacts, Reader

OWN_PATH = "/health/mine"


class PlaceRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, facts: PlaceFacts, note: str, by: Reader, at_ms: int) -> str:
        row = HealthPlaceRow(
            id=new_id(at_ms),
            **_columns(facts),
            state=PlaceState.ACTIVE,
            revision=1,
            matched_revision=0,
            created_at_ms=at_ms,
            changed_at_ms=at_ms,
        )
        async with self._database.write() as session:
            session.add(row)
            await session.flush()
            session.add(_change(row.id, 1, PlaceAction.ADDED, note, None, by, at_ms))
        return row.id

    async def change(
        self, place: Place, facts: PlaceFacts, state: PlaceState, note: str, by: Reader, at_ms: int
    ) -> bool:
        """False when somebody changed it meanwhile."""
        number = place.revision + 1
        action = PlaceAction.RETRACTED if state is PlaceState.RETRACTED else PlaceAction.CORRECTED
        async with self._database.write() as session:
            changed = await session.scalars(
                update(HealthPlaceRow)
                .where(HealthPlaceRow.id == place.id, HealthPlaceRow.revision == place.revision)
                .values(**_columns(facts), state=state, revision=number, changed_at_ms=at_ms)
                .returning(HealthPlaceRow.id)
            )
            if not changed.all():
                return False
            session.add(_change(place.id, number, action, note, place.facts, by, at_ms))
            if state is PlaceState.RETRACTED:
                await keep_only(session, place.id, (), at_ms)
        return True

    async def listed(
        self, *, open_on: date | None = None, before: str = "", limit: int = 50, place_id: str = ""
    ) -> list[Place]:
        """Newest first; `open_on`: only those that are not over on that day.  Two queries."""
        query = select(HealthPlaceRow)
        if open_on is not None:
            query = query.where(
                HealthPlaceRow.state == PlaceState.ACTIVE,
                or_(HealthPlaceRow.ends_on.is_(None), HealthPlaceRow.ends_on >= open_on),
            )
        if before:
            query = query.where(HealthPlaceRow.id < before)
        if place_id:
            query = query.where(HealthPlaceRow.id == place_id)
        async with self._database.read() as session:
            rows = (await session.scalars(query.order_by(HealthPlaceRow.id.desc()).limit(limit))).all()
            counted = await session.execute(
                select(HealthConcernRow.place_id, HealthConcernRow.state, func.count())
                .where(HealthConcernRow.place_id.in_([row.id for row in rows]))
                .group_by(HealthConcernRow.place_id, HealthConcernRow.state)
            )
            counts: dict[str, dict[ConcernState, int]] = {}
            for one, state, people in counted:
                counts.setdefault(one, {})[ConcernState(state)] = people
        return [_place(row, counts.get(row.id, {})) for row in rows]

    async def get(self, place_id: str) -> Place | None:
        return next(iter(await self.listed(place_id=place_id, limit=1)), None)

    async def active(self) -> int:
        """How many there are that were not retracted and have no end."""
        async with self._database.read() as session:
            query = select(func.count()).select_from(HealthPlaceRow)
            open_end = (HealthPlaceRow.state == PlaceState.ACTIVE, HealthPlaceRow.ends_on.is_(None))
            return await session.scalar(query.where(*open_end)) or 0

    async def changes(self, place_id: str) -> list[PlaceChange]:
        """Oldest first."""
        async with self._database.read() as session:
            rows = await session.scalars(
                select(HealthPlaceChangeRow)
                .where(HealthPlaceChangeRow.place_id == place_id)
                .order_by(HealthPlaceChangeRow.number)
            )
            return [
                PlaceChange(
                    row.number,
                    PlaceAction(row.action),
                    row.note,
                    msgspec.json.decode(row.former, type=PlaceFacts) if row.former else None,
                    row.name,
                    row.at_ms,
                )
                for row in rows
            ]

    async def notify(self, place: Place, concern_ids: Sequence[str], by: Reader, at_ms: int) -> Notified:
        """Everybody who was not told yet, and the officers of their companies: how many of theirs, not who."""
        async with self._database.write() as session:
            rows = await notify_within(session, place.id, concern_ids, by, at_ms)
            if not rows:
                return Notified(0, 0, ())
            people = tuple(row.account_id for row in rows)
            await outbox.put(session, _notice(NoticeKind.HEALTH_CONCERN, place.id, place.id, people, {}), at_ms)
            companies: dict[str, int] = {}
            for row in rows:
                companies[row.organization_id] = companies.get(row.organization_id, 0) + 1
            silent = []
            for organization_id, count in companies.items():
                leads = await leads_of(session, [organization_id])
                if not leads:
                    silent.append(organization_id)
                    continue
                key = f"{place.id}:{organization_id}:{rows[0].id}"
                params = {"count": str(count)}
                await outbox.put(session, _notice(NoticeKind.HEALTH_COMPANY, key, place.id, leads, params), at_ms)
            names = await session.scalars(
                select(OrganizationRow.name).where(OrganizationRow.id.in_(silent)).order_by(OrganizationRow.name)
            )
            return Notified(len(rows), len(companies) - len(silent), tuple(names))

    # ------------------------------------------------------------ what people are told

    async def own(self, account_id: str, limit: int) -> list[OwnConcern]:
        """Newest first, from when they were told on.  Two queries."""
        async with self._database.read() as session:
            rows = (
                await session.execute(
                    select(HealthConcernRow, HealthPlaceRow)
                    .join(HealthPlaceRow, HealthPlaceRow.id == HealthConcernRow.place_id)
                    .where(HealthConcernRow.account_id == account_id, HealthConcernRow.notified_at_ms > 0)
                    .order_by(HealthConcernRow.id.desc())
                    .limit(limit)
                )
            ).all()
            reasons = await reasons_of(session, [row.id for row, _ in rows])
        return [
            OwnConcern(
                _facts(place),
                PlaceState(place.state),
                ConcernState(row.state),
                row.stands,
                reasons.get(row.id, ()),
                row.notified_at_ms,
                row.delete_at_ms,
            )
            for row, place in rows
        ]

    async def of_companies(self, organization_ids: Sequence[str], limit: int) -> list[CompanyConcern]:
        """How many people of a company a place concerns, of those who were told.  One query."""
        cleared = func.sum(case((HealthConcernRow.state == ConcernState.CLEARED, 1), else_=0))
        query = (
            select(
                HealthPlaceRow,
                OrganizationRow.id,
                OrganizationRow.name,
                func.count(),
                cleared,
                func.max(HealthConcernRow.notified_at_ms),
            )
            .join(HealthConcernRow, HealthConcernRow.place_id == HealthPlaceRow.id)
            .join(OrganizationRow, OrganizationRow.id == HealthConcernRow.organization_id)
            .where(HealthConcernRow.organization_id.in_(organization_ids), HealthConcernRow.notified_at_ms > 0)
            .group_by(HealthPlaceRow.id, OrganizationRow.id)
            .order_by(HealthPlaceRow.id.desc(), OrganizationRow.name)
            .limit(limit)
        )
        async with self._database.read() as session:
            rows = (await session.execute(query)).all()
        return [
            CompanyConcern(Named(id_, name), _facts(place), people, int(done or 0), told_at_ms)
            for place, id_, name, people, done, told_at_ms in rows
        ]

    # ------------------------------------------------------------ retention

    async def delete_old(self, at_ms: int, accesses_before_ms: int) -> dict[str, int]:
        """What its day has come for; how many rows of each table went."""
        gone: dict[str, int] = {}
        async with self._database.write() as session:
            for name, statement in (
                ("spots", delete(HealthSpotRow).where(HealthSpotRow.delete_at_ms <= at_ms)),
                ("concerns", delete(HealthConcernRow).where(HealthConcernRow.delete_at_ms <= at_ms)),
                ("accesses", delete(HealthAccessRow).where(HealthAccessRow.at_ms <= accesses_before_ms)),
            ):
                result = await session.execute(statement.execution_options(synchronize_session=False))
                gone[name] = int(getattr(result, "rowcount", 0))
        return gone


def _columns(facts: PlaceFacts) -> dict[str, object]:
    return msgspec.structs.asdict(facts)


def _facts(row: HealthPlaceRow) -> PlaceFacts:
    return PlaceFacts(
        address=row.address,
        level=RiskLevel(row.level),
        source=row.source,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


def _place(row: HealthPlaceRow, counts: dict[ConcernState, int]) -> Place:
    return Place(
        id=row.id,
        facts=_facts(row),
        state=PlaceState(row.state),
        revision=row.revision,
        created_at_ms=row.created_at_ms,
        changed_at_ms=row.changed_at_ms,
        counts=counts,
    )


def _change(
    place_id: str,
    number: int,
    action: PlaceAction,
    note: str,
    former: PlaceFacts | None,
    by: Reader,
    at_ms: int,
) -> HealthPlaceChangeRow:
    return HealthPlaceChangeRow(
        place_id=place_id,
        number=number,
        action=action,
        note=note,
        former=msgspec.json.encode(former).decode() if former else "",
        account_id=by.id,
        name=by.name,
        at_ms=at_ms,
    )


def _notice(kind: NoticeKind, key: str, place_id: str, account_ids: Sequence[str], params: dict[str, str]) -> Notice:
    """Without the place: a notice shows on locked phones, what it is about is read on its page."""
    return Notice(
        kind=kind,
        account_ids=tuple(account_ids),
        key=f"{kind}:{key}",
        about=Subject("health_place", place_id),
        path=OWN_PATH,
        params=params,
        urgent=True,
    )
