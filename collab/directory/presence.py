"""Who of an organization is in: has a page of ours open, or sits in a call.  Asked anew each time, kept nowhere.

Only for its own people and the officer who looks after it today: to others a colleague's hours are none of their
business.  What is told is a state, never which call it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import StrEnum
from typing import Final, Protocol

from msgspec import Struct
from sqlalchemy import exists, select

from collab.accounts.models import AccountRow, Member, MembershipRow
from collab.db.engine import Database
from collab.officers.standing import standing
from collab.organizations.models import OrganizationRow
from collab.problems import Refusal
from rooms.core.codes import Code

from .dates import day_of

PEOPLE_MAX: Final = 300  # by name; a page shows no more


class PresenceState(StrEnum):
    CALL = "call"
    HERE = "here"
    AWAY = "away"


class Present(Struct, frozen=True):
    id: str
    name: str
    state: PresenceState


class Seats(Protocol):
    """rooms/store/presence.py."""

    async def seated(self, identities: Collection[str]) -> frozenset[str]: ...


class OpenPages(Protocol):
    """collab/notices/live.py."""

    async def open(self, identities: Collection[str]) -> frozenset[str]: ...


class PresenceService:
    def __init__(self, database: Database, seats: Seats, pages: OpenPages, clock_ms: Callable[[], int]) -> None:
        self._database = database
        self._seats = seats
        self._pages = pages
        self._clock_ms = clock_ms

    async def people(self, by: Member, organization_id: str) -> list[Present]:
        """In a call first, then who is here, each by name.  Raises NOT_FOUND, FORBIDDEN."""
        people = await self._people(by, organization_id)
        ids = [account_id for account_id, _name in people]
        seated, here = await self._seats.seated(ids), await self._pages.open(ids)
        found = [
            Present(
                account_id,
                name,
                PresenceState.CALL
                if account_id in seated
                else PresenceState.HERE
                if account_id in here
                else PresenceState.AWAY,
            )
            for account_id, name in people
        ]
        order = list(PresenceState)
        return sorted(found, key=lambda one: order.index(one.state))  # stable: by name within

    async def _people(self, by: Member, organization_id: str) -> list[tuple[str, str]]:
        of_it = select(MembershipRow.account_id).where(MembershipRow.organization_id == organization_id)
        people = (
            select(AccountRow.id, AccountRow.name)
            .where(AccountRow.id.in_(of_it), AccountRow.disabled_at_ms == 0)
            .order_by(AccountRow.name, AccountRow.id)
            .limit(PEOPLE_MAX)
        )
        async with self._database.read() as session:
            if not by.belongs_to(organization_id):
                if not await session.scalar(select(exists().where(OrganizationRow.id == organization_id))):
                    raise Refusal(Code.NOT_FOUND, "no such organization")
                stands = (await standing(session, [organization_id], day_of(self._clock_ms()))).get(organization_id)
                if stands is None or by.account.id not in (stands.officer.id, stands.acting.id):
                    raise Refusal(Code.FORBIDDEN, "another's people")
            return [(row.id, row.name) for row in await session.execute(people)]
