"""Brings places at risk and declared addresses together, from both ends.

A declaration is compared with the places in the transaction that files it; a place that is added or corrected with all
that was declared.  A declaration and a place that are written at the same moment may not see each other: the sweep
compares again what was declared lately.  Comparing again changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import structlog
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from collab.db.engine import Database

from .addresses import AddressMatch, match, parse
from .concern_repository import Finding, add_findings, keep_only
from .models import HealthPlaceRow, HealthSpotRow, Origin, PlaceState
from .values import Spot

RECENT_MS: Final = 600_000
RECENT_MAX: Final = 4_000
TEXTS_AT_ONCE: Final = 400

log = structlog.get_logger("health")


class Matcher:
    def __init__(self, database: Database, clock_ms: Callable[[], int]) -> None:
        self._database = database
        self._clock_ms = clock_ms

    async def match_spots(self, session: AsyncSession, spots: Sequence[Spot], at_ms: int) -> None:
        """With all places at risk, in the caller's transaction."""
        if not spots:
            return
        first, last = min(one.starts_on for one in spots), max(one.ends_on for one in spots)
        places = await session.scalars(
            select(HealthPlaceRow).where(
                HealthPlaceRow.state == PlaceState.ACTIVE,
                HealthPlaceRow.starts_on <= last,
                or_(HealthPlaceRow.ends_on.is_(None), HealthPlaceRow.ends_on >= first),
            )
        )
        for place in places.all():
            within = [one for one in spots if _overlap(one, place)]
            matched = matches(place.address, {one.text for one in within})
            findings = [Finding(one, matched[one.text]) for one in within if one.text in matched]
            await add_findings(session, place.id, findings, at_ms)

    async def match_place(self, place_id: str) -> None:
        """With all that was declared.  Whom a correction no longer concerns is let go."""
        async with self._database.read() as session:
            place = await session.get(HealthPlaceRow, place_id)
            if place is None or place.state != PlaceState.ACTIVE:
                return
            revision, address = place.revision, place.address
            texts = set(await session.scalars(select(HealthSpotRow.text).where(*_within(place)).distinct()))
        matched = await asyncio.to_thread(matches, address, texts)
        async with self._database.write() as session:
            place = await session.get(HealthPlaceRow, place_id, with_for_update=True)
            if place is None or place.revision != revision:  # whoever changed it compares it
                return
            findings = [Finding(one, matched[one.text]) for one in await self._spots(session, place, sorted(matched))]
            at_ms = self._clock_ms()
            await keep_only(session, place_id, {one.spot.account_id for one in findings}, at_ms)
            await add_findings(session, place_id, findings, at_ms)
            place.matched_revision = revision
        log.info("place_matched", place=place_id, texts=len(texts), findings=len(findings))

    async def sweep(self) -> None:
        """Places whose comparison was cut short, and what was declared in the last minutes."""
        async with self._database.read() as session:
            left = await session.scalars(
                select(HealthPlaceRow.id).where(
                    HealthPlaceRow.state == PlaceState.ACTIVE,
                    HealthPlaceRow.matched_revision != HealthPlaceRow.revision,
                )
            )
            behind = list(left)
        for place_id in behind:
            await self.match_place(place_id)
        at_ms = self._clock_ms()
        query = select(HealthSpotRow).where(HealthSpotRow.stored_at_ms >= at_ms - RECENT_MS)
        async with self._database.read() as session:
            recent = [_spot(one) for one in await session.scalars(query.limit(RECENT_MAX))]
        if recent:
            async with self._database.write() as session:
                await self.match_spots(session, recent, at_ms)

    @staticmethod
    async def _spots(session: AsyncSession, place: HealthPlaceRow, texts: Sequence[str]) -> list[Spot]:
        found: list[Spot] = []
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            rows = await session.scalars(
                select(HealthSpotRow)
                .where(*_within(place), HealthSpotRow.text.in_(texts[start : start + TEXTS_AT_ONCE]))
                .order_by(HealthSpotRow.stored_at_ms.desc(), HealthSpotRow.position)
            )
            found += [_spot(row) for row in rows]
        return found


def matches(address: str, texts: Iterable[str]) -> dict[str, AddressMatch]:
    """Those of `texts` that lie in `address`, with how.  Pure; 0.1 ms for one that was not seen lately."""
    place = parse(address)
    return {text: found for text in texts if (found := match(place, parse(text))) is not None}


def _within(place: HealthPlaceRow) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = [HealthSpotRow.ends_on >= place.starts_on]
    if place.ends_on is not None:
        parts.append(HealthSpotRow.starts_on <= place.ends_on)
    return parts


def _overlap(spot: Spot, place: HealthPlaceRow) -> bool:
    return spot.ends_on >= place.starts_on and (place.ends_on is None or spot.starts_on <= place.ends_on)


def _spot(row: HealthSpotRow) -> Spot:
    return Spot(
        request_id=row.request_id,
        position=row.position,
        account_id=row.account_id,
        organization_id=row.organization_id,
        origin=Origin(row.origin),
        text=row.text,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )
