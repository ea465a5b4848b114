"""Needs and the offers for them in SQL.  Every method is one transaction; what a Reach does not see is not there.

Every change of a need or of one of its offers makes its `revision` one more and adds an event of that number: whoever
writes second on one revision is refused, and no event can be lost or written over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.assist.models import JobRow, MachineRow
from collab.clock import new_id
from collab.db.engine import Database
from collab.notices import outbox
from collab.notices.models import Notice
from collab.organizations.models import OrganizationRow

from .installer_repository import CALLED_OFF
from .matching import Days
from .models import CrewRow, NeedEventRow, NeedOfferRow, NeedRow
from .need_states import CREATE, NeedState, OfferState
from .parties import Reach
from .people import leads_of
from .trades import Language, Trade
from .values import MachineName, Named, Need, NeedEvent, Offer

_asked = (
    select(func.count())
    .where(NeedOfferRow.need_id == NeedRow.id, NeedOfferRow.state.in_((OfferState.INVITED, OfferState.OFFERED)))
    .correlate(NeedRow)
    .scalar_subquery()
)
_offered = (
    select(func.count())
    .where(NeedOfferRow.need_id == NeedRow.id, NeedOfferRow.state == OfferState.OFFERED)
    .correlate(NeedRow)
    .scalar_subquery()
)
_needs: Select[NeedRow, str, str | None, str | None, str | None, int, int] = (
    select(NeedRow, OrganizationRow.name, MachineRow.make, MachineRow.model, JobRow.state, _asked, _offered)
    .join(OrganizationRow, OrganizationRow.id == NeedRow.organization_id)
    .outerjoin(MachineRow, MachineRow.id == NeedRow.machine_id)
    .outerjoin(JobRow, JobRow.id == NeedRow.job_id)
)


class Step(Struct, frozen=True, kw_only=True):
    """What an event says of who and what."""

    action: str
    account_id: str
    name: str
    at_ms: int
    note: str = ""
    installer_id: str | None = None
    crew: str = ""


def visible(reach: Reach) -> ColumnElement[bool]:
    """`parties.Reach` as a filter: one's company's, the park's staff all but drafts, those that one was asked about."""
    parts: list[ColumnElement[bool]] = [NeedRow.organization_id.in_(reach.organization_ids)]
    published = NeedRow.state != NeedState.DRAFT
    if reach.staff:
        parts.append(published)
    else:
        asked = (
            select(NeedOfferRow.id)
            .where(NeedOfferRow.need_id == NeedRow.id, NeedOfferRow.installer_id.in_(reach.organization_ids))
            .exists()
        )
        parts.append(and_(published, asked))
    return or_(*parts)


class NeedRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, reach: Reach, need_id: str) -> Need | None:
        async with self._database.read() as session:
            found = (await session.execute(_needs.where(NeedRow.id == need_id, visible(reach)))).one_or_none()
        return _need(*found) if found else None

    async def listed(
        self, reach: Reach, states: Sequence[NeedState], organization_id: str, before: str, limit: int
    ) -> list[Need]:
        """Newest first."""
        query = _needs.where(visible(reach))
        if states:
            query = query.where(NeedRow.state.in_(states))
        if organization_id:
            query = query.where(NeedRow.organization_id == organization_id)
        if before:
            query = query.where(NeedRow.id < before)
        async with self._database.read() as session:
            rows = (await session.execute(query.order_by(NeedRow.id.desc()).limit(limit))).all()
        return [_need(*row) for row in rows]

    async def by_ids(self, reach: Reach, need_ids: Sequence[str]) -> list[Need]:
        """Those of them that are there; by id."""
        query = _needs.where(NeedRow.id.in_(need_ids), visible(reach)).order_by(NeedRow.id)
        async with self._database.read() as session:
            return [_need(*row) for row in (await session.execute(query)).all()]

    async def offers(self, reach: Reach, need: Need) -> list[Offer]:
        """All of them for the factory's side, one's own for an installer; the newest first."""
        query = (
            select(NeedOfferRow, CrewRow.name, OrganizationRow.name)
            .join(CrewRow, CrewRow.id == NeedOfferRow.crew_id)
            .join(OrganizationRow, OrganizationRow.id == NeedOfferRow.installer_id)
            .where(NeedOfferRow.need_id == need.id)
            .order_by(NeedOfferRow.id.desc())
        )
        if not reach.within(need.organization.id):
            query = query.where(NeedOfferRow.installer_id.in_(reach.organization_ids))
        async with self._database.read() as session:
            return [_offer(*row) for row in (await session.execute(query)).all()]

    async def events(self, reach: Reach, need: Need) -> list[NeedEvent]:
        """Oldest first; an installer sees what concerns itself or everybody."""
        query = select(NeedEventRow).where(NeedEventRow.need_id == need.id).order_by(NeedEventRow.number)
        if not reach.within(need.organization.id):
            mine = NeedEventRow.installer_id.in_(reach.organization_ids)
            query = query.where(or_(NeedEventRow.installer_id.is_(None), mine))
        async with self._database.read() as session:
            return [
                NeedEvent(
                    row.number,
                    row.action,
                    NeedState(row.state),
                    row.installer_id,
                    row.crew,
                    row.name,
                    row.note,
                    row.at_ms,
                )
                for row in await session.scalars(query)
            ]

    async def add(self, organization_id: str, values: Mapping[str, object], step: Step) -> str:
        row = NeedRow(
            id=new_id(step.at_ms),
            organization_id=organization_id,
            state=NeedState.DRAFT,
            offer_id=None,
            job_id=None,
            revision=1,
            created_by=step.account_id,
            created_at_ms=step.at_ms,
            changed_at_ms=step.at_ms,
            **values,
        )
        async with self._database.write() as session:
            session.add(row)
            await session.flush()
            session.add(_event_row(row.id, 1, NeedState.DRAFT, step))
        return row.id

    async def change(
        self,
        need: Need,
        values: Mapping[str, object],
        step: Step,
        ended: Sequence[OfferState] = (),
        tell: Callable[[Offer, tuple[str, ...]], Notice] | None = None,
    ) -> bool:
        """Writes on the revision that `need` has; False when somebody was faster.  Offers in one of the states `ended`
        lapse; `tell` says what their installers hear."""
        async with self._database.write() as session:
            if not await advance(session, need, values, step):
                return False
            for offer in await lapse_offers(session, need.id, "", ended, step.at_ms):
                if tell is not None:
                    people = await leads_of(session, [offer.installer.id])
                    await outbox.put(session, tell(offer, people), step.at_ms)
        return True

    async def invite(self, need: Need, crews: Sequence[tuple[str, str]], step: Step, notices: Sequence[Notice]) -> bool:
        """(crew, installer) of each.  Who declined, or lapsed, is asked anew.  False when somebody was faster."""
        async with self._database.write() as session:
            if not await advance(session, need, {}, step):
                return False
            known = {
                row.crew_id: row
                for row in await session.scalars(select(NeedOfferRow).where(NeedOfferRow.need_id == need.id))
            }
            for crew_id, installer_id in crews:
                row = known.get(crew_id)
                if row is None:
                    session.add(
                        NeedOfferRow(
                            id=new_id(step.at_ms),
                            need_id=need.id,
                            crew_id=crew_id,
                            installer_id=installer_id,
                            state=OfferState.INVITED,
                            note="",
                            invited_at_ms=step.at_ms,
                            changed_at_ms=step.at_ms,
                        )
                    )
                elif row.state in (OfferState.DECLINED, OfferState.LAPSED):
                    row.state, row.note, row.changed_at_ms = OfferState.INVITED, "", step.at_ms
            for notice in notices:
                await outbox.put(session, notice, step.at_ms)
        return True

    async def move_offer(
        self, need: Need, offer: Offer, state: OfferState, note: str, step: Step, notice: Notice | None
    ) -> bool:
        """False when need or offer moved meanwhile."""
        async with self._database.write() as session:
            if not await advance(session, need, {}, step) or not await set_offer(session, offer, state, note, step):
                await session.rollback()
                return False
            if notice is not None:
                await outbox.put(session, notice, step.at_ms)
        return True


async def advance(session: AsyncSession, need: Need, values: Mapping[str, object], step: Step) -> bool:
    """One revision on, with its event.  False when `need` is not as it was read any more."""
    moved = await session.scalars(
        update(NeedRow)
        .where(NeedRow.id == need.id, NeedRow.revision == need.revision)
        .values(**values, revision=need.revision + 1, changed_at_ms=step.at_ms)
        .returning(NeedRow.state)
    )
    state = moved.one_or_none()
    if state is None:
        return False
    session.add(_event_row(need.id, need.revision + 1, NeedState(state), step))
    return True


async def set_offer(session: AsyncSession, offer: Offer, state: OfferState, note: str, step: Step) -> bool:
    moved = await session.scalars(
        update(NeedOfferRow)
        .where(NeedOfferRow.id == offer.id, NeedOfferRow.state == offer.state)
        .values(state=state, note=note, changed_at_ms=step.at_ms)
        .returning(NeedOfferRow.id)
    )
    return bool(moved.all())


async def lapse_offers(
    session: AsyncSession, need_id: str, but_for: str, states: Sequence[OfferState], at_ms: int
) -> list[Offer]:
    """Ends those in these states; as they were before."""
    if not states:
        return []
    query = (
        select(NeedOfferRow, CrewRow.name, OrganizationRow.name)
        .join(CrewRow, CrewRow.id == NeedOfferRow.crew_id)
        .join(OrganizationRow, OrganizationRow.id == NeedOfferRow.installer_id)
        .where(NeedOfferRow.need_id == need_id, NeedOfferRow.id != but_for, NeedOfferRow.state.in_(states))
    )
    ended = [_offer(*row) for row in (await session.execute(query)).all()]
    await session.execute(
        update(NeedOfferRow)
        .where(NeedOfferRow.id.in_([one.id for one in ended]))
        .values(state=OfferState.LAPSED, changed_at_ms=at_ms)
    )
    return ended


def created(account_id: str, name: str, at_ms: int) -> Step:
    return Step(action=CREATE, account_id=account_id, name=name, at_ms=at_ms)


def _event_row(need_id: str, number: int, state: NeedState, step: Step) -> NeedEventRow:
    return NeedEventRow(
        need_id=need_id,
        number=number,
        action=step.action,
        state=state,
        installer_id=step.installer_id,
        crew=step.crew,
        account_id=step.account_id or None,
        name=step.name,
        note=step.note,
        at_ms=step.at_ms,
    )


def _need(
    row: NeedRow,
    organization: str,
    make: str | None,
    model: str | None,
    job_state: str | None,
    asked: int,
    offered: int,
) -> Need:
    machine = None
    if row.machine_id is not None:
        machine = MachineName(row.machine_id, " ".join(part for part in (make, model) if part))
    return Need(
        id=row.id,
        organization=Named(row.organization_id, organization),
        machine=machine,
        title=row.title,
        note=row.note,
        region=row.region,
        site=row.site,
        trades=tuple(Trade(one) for one in row.trades),
        languages=tuple(Language(one) for one in row.languages),
        days=Days(row.starts_on, row.ends_on),
        crew_size=row.crew_size,
        state=NeedState(row.state),
        offer_id=row.offer_id,
        job_id=row.job_id,
        job_called_off=job_state in CALLED_OFF,
        revision=row.revision,
        created_by=row.created_by,
        created_at_ms=row.created_at_ms,
        changed_at_ms=row.changed_at_ms,
        asked=asked,
        offered=offered,
    )


def _offer(row: NeedOfferRow, crew: str, installer: str) -> Offer:
    return Offer(
        id=row.id,
        need_id=row.need_id,
        crew=Named(row.crew_id, crew),
        installer=Named(row.installer_id, installer),
        state=OfferState(row.state),
        note=row.note,
        invited_at_ms=row.invited_at_ms,
        changed_at_ms=row.changed_at_ms,
    )
