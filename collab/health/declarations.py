"""What a daily declaration says about places: a follower of requests (requests/following.py).

Its addresses become spots, in the transaction that files it, and are compared at once with the places at risk.  What
is withdrawn says nothing any more.  Opening a declaration at the desk is written into the log of accesses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Final

import msgspec
from msgspec import Raw
from sqlalchemy import and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import AccountRow
from collab.db.engine import Database
from collab.directory.dates import day_of
from collab.requests.answers import Answers
from collab.requests.fields import Address, AddressField, Column, ColumnKind, Field, TableField
from collab.requests.following import Filed, Opened
from collab.requests.states import State

from .accesses import log_access
from .matching import Matcher
from .models import SPOT_MAX_CHARS, HealthSpotRow, Origin, Purpose
from .values import Reader, Spot

DECLARATION: Final = "daily_health"  # the key of the shipped type
HOME_DAYS: Final = 14  # a home counts so long, unless another is declared
SPOT_KEEP_DAYS: Final = 30  # as the shipped type keeps a declaration
SPOTS_MAX: Final = 64  # of one declaration
DAY_MS: Final = 86_400_000


class Declarations:
    def __init__(self, database: Database, matcher: Matcher, clock_ms: Callable[[], int]) -> None:
        self._database = database
        self._matcher = matcher
        self._clock_ms = clock_ms

    async def moved(self, session: AsyncSession, filed: Filed) -> None:
        request = filed.request
        if filed.version.key != DECLARATION:
            return
        if filed.state is State.WITHDRAWN:
            await self._forget(session, request.id)
        elif filed.answers is not None and request.requester_id is not None:
            spots = spots_of(
                filed.version.definition.fields,
                filed.answers,
                day_of(filed.at_ms),
                request.id,
                request.requester_id,
                request.organization.id,
            )
            await self._forget(session, request.id)
            await keep_spots(session, spots, filed.at_ms)
            await self._matcher.match_spots(session, spots, filed.at_ms)

    async def opened(self, reader_id: str, opened: Sequence[Opened]) -> None:
        people = [
            (one.request.requester_id, one.request.id)
            for one in opened
            if one.version.key == DECLARATION and one.request.requester_id
        ]
        if not people:
            return
        async with self._database.write() as session:
            name = await session.scalar(select(AccountRow.name).where(AccountRow.id == reader_id)) or ""
            reader = Reader(reader_id, name, Purpose.DECLARATION)
            await log_access(session, reader, people, self._clock_ms())

    async def _forget(self, session: AsyncSession, request_id: str) -> None:
        await session.execute(delete(HealthSpotRow).where(HealthSpotRow.request_id == request_id))


async def keep_spots(session: AsyncSession, spots: Sequence[Spot], at_ms: int) -> None:
    """What was declared at `at_ms`; a home that is left ends."""
    session.add_all(
        HealthSpotRow(**msgspec.structs.asdict(one), stored_at_ms=at_ms, delete_at_ms=at_ms + SPOT_KEEP_DAYS * DAY_MS)
        for one in spots
    )
    await session.flush()
    for one in spots:
        if one.origin is Origin.HOME:  # they moved: the former home ends the day before
            former = and_(
                HealthSpotRow.account_id == one.account_id,
                HealthSpotRow.origin == Origin.HOME,
                HealthSpotRow.request_id != one.request_id,
                HealthSpotRow.starts_on < one.starts_on,
                HealthSpotRow.ends_on >= one.starts_on,
                HealthSpotRow.text != one.text,
            )
            ended = update(HealthSpotRow).where(former).values(ends_on=one.starts_on - timedelta(days=1))
            await session.execute(ended.execution_options(synchronize_session=False))


def spots_of(
    fields: Sequence[Field], answers: Answers, today: date, request_id: str, account_id: str, organization_id: str
) -> list[Spot]:
    """Every address field is a home from the day of the declaration on; every row of a table that has a day and a place
    is a movement of that day.  Pure."""
    day = _day(answers.get("day"), today)
    found: list[Spot] = []

    def add(origin: Origin, text: str, first: date, last: date) -> None:
        if text and len(found) < SPOTS_MAX:
            found.append(
                Spot(
                    request_id=request_id,
                    position=len(found),
                    account_id=account_id,
                    organization_id=organization_id,
                    origin=origin,
                    text=text[:SPOT_MAX_CHARS],
                    starts_on=first,
                    ends_on=last,
                )
            )

    for one in fields:
        raw = answers.get(one.id)
        if raw is None:
            continue
        if isinstance(one, AddressField):
            home = msgspec.json.decode(raw, type=Address)
            add(Origin.HOME, f"{home.region} {home.detail}".strip(), day, day + timedelta(days=HOME_DAYS - 1))
        elif isinstance(one, TableField) and (columns := _columns(one)):
            days, place = columns
            for row in msgspec.json.decode(raw, type=tuple[dict[str, str], ...]):
                moved_on = _as_day(row.get(days.id, ""), day)
                add(Origin.MOVEMENT, row.get(place.id, "").strip(), moved_on, moved_on)
    return found


def _columns(table: TableField) -> tuple[Column, Column] | None:
    """(day, place): the first column of days, and the one that is called `place`."""
    days = next((one for one in table.columns if one.kind is ColumnKind.DATE), None)
    place = next((one for one in table.columns if one.id == "place"), None)
    return (days, place) if days is not None and place is not None else None


def _day(raw: Raw | None, otherwise: date) -> date:
    return otherwise if raw is None else _as_day(str(msgspec.json.decode(raw)), otherwise)


def _as_day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise
