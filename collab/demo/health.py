"""Places at risk of an invented park, compared with what its people declared."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from collab.clock import new_id
from collab.db.engine import Database
from collab.directory.dates import day_of
from collab.health.declarations import DAY_MS, DECLARATION, HOME_DAYS, keep_spots, spots_of
from collab.health.matching import Matcher
from collab.health.models import HealthPlaceChangeRow, HealthPlaceRow, PlaceAction, PlaceState, RiskLevel
from collab.health.values import Spot
from collab.requests.answers import Answers
from collab.requests.definition import Definition
from collab.requests.models import RequestContentRow, RequestRow, RequestTypeRow, RequestTypeVersionRow
from collab.requests.states import State

HOUR_MS: Final = 3_600_000

# (address, level, source, began days ago, ended days ago or None): the first two are where people of the park live
PLACES: Final[tuple[tuple[str, RiskLevel, str, int, int | None], ...]] = (
    ("武汉市光谷一路18号B栋", RiskLevel.HIGH, "区疾控中心通报", 4, None),
    ("武汉市高新大道77号", RiskLevel.MEDIUM, "District centre for disease control", 2, None),
    ("武汉市洪山区关山大道1号光谷软件园", RiskLevel.LOW, "街道办事处通报", 20, 9),
)


async def write_health(database: Database, now_ms: int) -> None:
    """Compared with what was declared in the last days."""
    today, matcher = day_of(now_ms), Matcher(database, lambda: now_ms)
    async with database.write() as session:
        places = [_place(one, today, now_ms - (len(PLACES) - number) * HOUR_MS) for number, one in enumerate(PLACES)]
        session.add_all(places)
        await session.flush()
        session.add_all(_added(one) for one in places)
        for spots, filed_ms in await _declared(session, now_ms - HOME_DAYS * DAY_MS):
            await keep_spots(session, spots, filed_ms)
            await matcher.match_spots(session, spots, now_ms)


async def _declared(session: AsyncSession, since_ms: int) -> list[tuple[list[Spot], int]]:
    """The addresses of each declaration, and when it was filed; oldest first."""
    rows = await session.execute(
        select(RequestRow, RequestContentRow.answers, RequestTypeVersionRow.definition)
        .join(RequestContentRow, RequestContentRow.request_id == RequestRow.id)
        .join(RequestTypeRow, RequestTypeRow.id == RequestRow.type_id)
        .join(
            RequestTypeVersionRow,
            (RequestTypeVersionRow.type_id == RequestRow.type_id)
            & (RequestTypeVersionRow.version == RequestRow.type_version),
        )
        .where(
            RequestTypeRow.key == DECLARATION,
            RequestRow.state.not_in((State.DRAFT, State.WITHDRAWN)),
            RequestRow.submitted_at_ms >= since_ms,
        )
        .order_by(RequestRow.submitted_at_ms)
    )
    return [
        (
            spots_of(
                msgspec.json.decode(definition, type=Definition).fields,
                msgspec.json.decode(answers, type=Answers),
                day_of(request.submitted_at_ms),
                request.id,
                request.requester_id,
                request.organization_id,
            ),
            request.submitted_at_ms,
        )
        for request, answers, definition in rows
        if request.requester_id is not None
    ]


def _place(place: tuple[str, RiskLevel, str, int, int | None], today: date, at_ms: int) -> HealthPlaceRow:
    address, level, source, began, ended = place
    return HealthPlaceRow(
        id=new_id(at_ms),
        address=address,
        level=level,
        source=source,
        starts_on=today - timedelta(days=began),
        ends_on=None if ended is None else today - timedelta(days=ended),
        state=PlaceState.ACTIVE,
        revision=1,
        matched_revision=1,
        created_at_ms=at_ms,
        changed_at_ms=at_ms,
    )


def _added(place: HealthPlaceRow) -> HealthPlaceChangeRow:
    return HealthPlaceChangeRow(
        place_id=place.id,
        number=1,
        action=PlaceAction.ADDED,
        note="",
        former="",
        account_id="",
        name="",
        at_ms=place.created_at_ms,
    )
