"""An offer is accepted: need, offers, job, calendar and notices in one transaction, or nothing of it.

Two acceptances of one need meet at its revision; two needs for one crew at the crew's row, which is locked before its
calendar is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from collab.assist.job_repository import add_job
from collab.assist.job_states import REQUEST, JobAction
from collab.assist.models import JOB_NOTE_MAX_CHARS, JobState
from collab.assist.values import JobEvent
from collab.db.engine import Database
from collab.notices import outbox
from collab.notices.models import Notice
from collab.problems import Refusal
from rooms.core.codes import Code

from .dates import begins_ms, ends_ms
from .installer_repository import busy_in, busy_row
from .models import CrewBusyRow, CrewRow
from .need_repository import Step, advance, lapse_offers, set_offer
from .need_states import NeedState, OfferState
from .people import leads_of
from .values import MachineName, Need, Offer

UNDER_WAY = (OfferState.INVITED, OfferState.OFFERED)

# (the job's id, leads of the installer, offers that lapsed with the leads of theirs)
Tell = Callable[[str, tuple[str, ...], Sequence[tuple[Offer, tuple[str, ...]]]], Sequence[Notice]]


async def accept(database: Database, need: Need, offer: Offer, machine: MachineName, step: Step, tell: Tell) -> str:
    """The job's id.  Raises CONFLICT when somebody was faster, or the crew is taken on one of these days."""
    async with database.write() as session:
        await session.execute(select(CrewRow.id).where(CrewRow.id == offer.crew.id).with_for_update())
        taken = await busy_in(session, CrewBusyRow.crew_id == offer.crew.id, need.days.first, need.days.last)
        if any(one.days.meets(need.days) for one in taken):
            raise Refusal(Code.CONFLICT, "the crew is taken meanwhile")
        job_id = await _job(session, need, offer, machine, step)
        values = {"state": NeedState.MATCHED, "offer_id": offer.id, "job_id": job_id}
        if not await advance(session, need, values, step):
            raise Refusal(Code.CONFLICT, "the need moved meanwhile")
        if not await set_offer(session, offer, OfferState.ACCEPTED, offer.note, step):
            raise Refusal(Code.CONFLICT, "the offer moved meanwhile")
        session.add(busy_row(offer.crew.id, need.days, need.title, job_id, step.at_ms))
        lapsed = await lapse_offers(session, need.id, offer.id, UNDER_WAY, step.at_ms)
        chosen = await leads_of(session, [offer.installer.id])
        others = [(one, await leads_of(session, [one.installer.id])) for one in lapsed]
        for notice in tell(job_id, chosen, others):
            await outbox.put(session, notice, step.at_ms)
    return job_id


async def _job(session: AsyncSession, need: Need, offer: Offer, machine: MachineName, step: Step) -> str:
    """Both sides have agreed on the days already: it is scheduled."""
    begins, ends = begins_ms(need.days.first), ends_ms(need.days.last)

    def event(action: str, state: JobState, name: str, account_id: str | None) -> JobEvent:
        dated = state is JobState.SCHEDULED
        return JobEvent(
            action=action,
            state=state,
            account_id=account_id,
            name=name,
            note="",
            starts_at_ms=begins if dated else 0,
            ends_at_ms=ends if dated else 0,
            at_ms=step.at_ms,
        )

    events = (
        event(REQUEST, JobState.REQUESTED, step.name, step.account_id),
        event(JobAction.ACCEPT, JobState.ACCEPTED, offer.crew.name, None),
        event(JobAction.SCHEDULE, JobState.SCHEDULED, step.name, step.account_id),
    )
    return await add_job(
        session,
        need.title,
        need.note[:JOB_NOTE_MAX_CHARS],
        machine.id,
        need.organization.id,
        offer.installer.id,
        events,
    )
