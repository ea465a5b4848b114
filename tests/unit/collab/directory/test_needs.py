"""A need from its draft to a job, who sees what of it, and that two who are fast do not both win."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest

from collab.assist.job_repository import JobRepository
from collab.assist.models import JobState
from collab.assist.parties import reach_of as assist_reach
from collab.assist.values import JobEvent
from collab.directory.assignment import Unmet
from collab.directory.dates import day_of
from collab.directory.matching import Days, Rule
from collab.directory.need_states import NeedAction, NeedState, OfferAction, OfferState
from collab.problems import Refusal
from rooms.core.codes import Code
from tests.support.databases import QueryCount

from .conftest import MONDAY, WEEK, World


async def refused(awaited: object) -> Code:
    with pytest.raises(Refusal) as caught:
        await awaited  # type: ignore[misc]
    return caught.value.code


async def test_an_accepted_offer_is_a_job_and_days_on_the_crews_calendar(world: World) -> None:
    needs = world.engine.needs
    await world.certify(world.fitter)
    crew, other = await world.crew(world.fitter, "One"), await world.crew(world.fitter, "Two")
    seen = await world.need()
    offer_id, left_id = await world.offered(seen, world.hand, crew), await world.offered(seen, world.hand, other)

    settled = await needs.move_offer(world.owner, seen.need.id, offer_id, OfferAction.ACCEPT, "")

    assert (settled.need.state, settled.need.offer_id) == (NeedState.MATCHED, offer_id)
    assert {one.id: one.state for one in settled.offers} == {offer_id: OfferState.ACCEPTED, left_id: OfferState.LAPSED}
    job = await JobRepository(world.database).get(settled.need.job_id or "")
    assert job is not None
    assert (job.state, job.enterprise.id, job.installer.id) == (JobState.SCHEDULED, world.factory.id, world.fitters.id)
    assert Days(day_of(job.starts_at_ms), day_of(job.ends_at_ms)) == WEEK
    steps = await JobRepository(world.database).events(job.id)
    assert [one.action for one in steps] == ["request", "accept", "schedule"]
    busy = (await world.engine.installers.crew(crew.id)).busy
    assert [(one.days, one.job_id) for one in busy] == [(WEEK, job.id)]
    assert await world.notices(world.fitter) == ["need_invited", "need_invited", "need_accepted", "need_lapsed"]
    assert await world.notices(world.owner) == ["need_offered", "need_offered"]
    # every step is an event, numbered without a gap
    assert [one.number for one in settled.events] == list(range(1, settled.need.revision + 1))
    assert [one.action for one in settled.events] == [
        "create", "publish", "invite", "offer", "invite", "offer", "accept"
    ]  # fmt: skip


async def test_when_the_job_is_called_off_the_days_are_free_and_the_need_can_open_again(world: World) -> None:
    needs, jobs = world.engine.needs, JobRepository(world.database)
    await world.certify(world.fitter)
    crew = await world.crew(world.fitter, "One")
    seen = await world.need()
    offer_id = await world.offered(seen, world.hand, crew)
    settled = await needs.move_offer(world.owner, seen.need.id, offer_id, OfferAction.ACCEPT, "")
    assert NeedAction.REOPEN not in settled.actions
    off = JobEvent("cancel", JobState.CANCELLED, None, "Zhou", "", 0, 0, world.now_ms)
    assert await jobs.move(settled.need.job_id or "", JobState.SCHEDULED, off)

    again = await needs.move(world.owner, seen.need.id, NeedAction.REOPEN, "")

    assert (again.need.state, again.need.offer_id, again.need.job_id) == (NeedState.OPEN, None, None)
    assert [one.state for one in again.offers] == [OfferState.LAPSED]
    assert (await world.engine.installers.crew(crew.id)).busy == ()
    second = await world.offered(again, world.hand, crew)
    settled = await needs.move_offer(world.owner, seen.need.id, second, OfferAction.ACCEPT, "")
    assert settled.need.state is NeedState.MATCHED


async def test_of_two_who_accept_at_once_one_does(world: World) -> None:
    needs = world.engine.needs
    await world.certify(world.fitter)
    await world.certify(world.rigger)
    one, two = await world.crew(world.fitter, "One"), await world.crew(world.rigger, "Two")
    seen = await world.need()
    first, second = await world.offered(seen, world.fitter, one), await world.offered(seen, world.rigger, two)

    async def accept(by: object, offer_id: str) -> Code | None:
        try:
            await needs.move_offer(by, seen.need.id, offer_id, OfferAction.ACCEPT, "")  # type: ignore[arg-type]
        except Refusal as refusal:
            return refusal.code
        return None

    ends = await asyncio.gather(accept(world.owner, first), accept(world.boss, second), accept(world.officer, second))
    assert ends.count(None) == 1
    assert {*ends} <= {None, Code.CONFLICT, Code.WRONG_STATE}
    settled = await needs.seen(world.owner, seen.need.id)
    assert [one.state for one in settled.offers].count(OfferState.ACCEPTED) == 1
    found = await JobRepository(world.database).listed(assist_reach(world.owner), "", 10)
    assert len(found) == 1


async def test_a_crew_that_two_needs_want_is_given_to_one(world: World) -> None:
    needs = world.engine.needs
    await world.certify(world.fitter)
    crew = await world.crew(world.fitter, "One")
    a, b = await world.need(title="A"), await world.need(Days(WEEK.last, WEEK.last + timedelta(days=2)), "B")
    offers = [await world.offered(one, world.hand, crew) for one in (a, b)]

    async def accept(need_id: str, offer_id: str) -> Code | None:
        try:
            await needs.move_offer(world.owner, need_id, offer_id, OfferAction.ACCEPT, "")
        except Refusal as refusal:
            return refusal.code
        return None

    ends = await asyncio.gather(accept(a.need.id, offers[0]), accept(b.need.id, offers[1]))
    assert sorted(map(str, ends)) == ["None", "conflict"]
    assert len((await world.engine.installers.crew(crew.id)).busy) == 1


async def test_a_certificate_that_was_taken_away_meanwhile_stops_the_acceptance(world: World) -> None:
    certificate = await world.certify(world.fitter)
    seen = await world.need()
    offer_id = await world.offered(seen, world.hand, await world.crew(world.fitter, "One"))
    await world.engine.installers.remove_certificate(world.fitter, certificate)
    moving = world.engine.needs.move_offer(world.owner, seen.need.id, offer_id, OfferAction.ACCEPT, "")
    assert await refused(moving) is Code.CONFLICT


async def test_who_sees_what_of_a_need(world: World) -> None:
    needs = world.engine.needs
    for lead in (world.fitter, world.rigger):
        await world.certify(lead)
    one, two = await world.crew(world.fitter, "One"), await world.crew(world.rigger, "Two")
    draft, seen = await world.need(publish=False), await world.need()
    need_id = seen.need.id
    # nobody was asked yet: to installers it does not exist
    assert await refused(needs.seen(world.hand, need_id)) is Code.NOT_FOUND
    assert await needs.listed(world.hand, (), "", "", 10) == ([], False)
    assert await refused(needs.seen(world.officer, draft.need.id)) is Code.NOT_FOUND
    assert len((await needs.listed(world.officer, (), "", "", 10))[0]) == 1
    assert len((await needs.listed(world.owner, (), "", "", 10))[0]) == 2
    await needs.invite(world.owner, need_id, [one.id, two.id], "")
    await needs.move_offer(
        world.rigger, need_id, (await needs.seen(world.rigger, need_id)).offers[0].id, OfferAction.OFFER, "Cheap"
    )
    mine = await needs.seen(world.hand, need_id)
    assert [offer.crew.name for offer in mine.offers] == ["One"]
    assert "Cheap" not in [event.note for event in mine.events]
    assert (mine.actions, mine.within) == ((), False)
    assert await refused(needs.ranking(world.hand, need_id)) is Code.FORBIDDEN
    assert await refused(needs.invite(world.hand, need_id, [one.id], "")) is Code.FORBIDDEN
    # nor does one installer answer for the other, nor the factory for either
    theirs = next(offer.id for offer in (await needs.seen(world.owner, need_id)).offers if offer.crew.id == two.id)
    assert await refused(needs.move_offer(world.hand, need_id, theirs, OfferAction.ACCEPT, "")) is Code.NOT_FOUND
    own = mine.offers[0].id
    assert await refused(needs.move_offer(world.hand, need_id, own, OfferAction.ACCEPT, "")) is Code.WRONG_STATE
    assert await refused(needs.move_offer(world.owner, need_id, own, OfferAction.OFFER, "")) is Code.FORBIDDEN
    assert await refused(needs.move_offer(world.officer, need_id, own, OfferAction.OFFER, "")) is Code.FORBIDDEN
    assert await refused(needs.plan(world.owner, [])) is Code.FORBIDDEN


async def test_ranks_and_plans_take_few_queries_however_many_crews(world: World, queries: QueryCount) -> None:
    needs = world.engine.needs
    await world.certify(world.fitter)
    for number in range(6):
        await world.crew(world.fitter, f"Crew {number}", size=2 + number)
    seen, other = await world.need(), await world.need(title="Other")
    queries.reset()
    ranking = await needs.ranking(world.owner, seen.need.id)
    assert len(queries.statements) <= 9
    assert [one.fits for one in ranking.judgements] == [True] * 5 + [False]
    assert ranking.judgements[-1].reasons[0].rule is Rule.PEOPLE
    queries.reset()
    planned = await needs.plan(world.officer, [])
    assert len(queries.statements) <= 7
    assert {one.need_id for one in planned.plan.pairs} == {seen.need.id, other.need.id}
    queries.reset()
    found, _ = await needs.listed(world.owner, (NeedState.OPEN,), "", "", 10)
    assert (len(found), len(queries.statements)) == (2, 1)


async def test_a_plan_says_what_cannot_be_met(world: World) -> None:
    await world.certify(world.fitter, until=MONDAY)
    await world.crew(world.fitter, "One")
    seen = await world.need()
    planned = await world.engine.needs.plan(world.officer, [seen.need.id])
    assert [(one.why, one.rules) for one in planned.plan.left] == [(Unmet.NONE_FITS, (Rule.CERTIFICATE,))]


async def test_a_crew_that_does_not_fit_is_not_asked(world: World) -> None:
    await world.certify(world.fitter)
    small = await world.crew(world.fitter, "Small", size=1)
    seen = await world.need()
    assert await refused(world.engine.needs.invite(world.owner, seen.need.id, [small.id], "")) is Code.INVALID
    assert await refused(world.engine.needs.invite(world.owner, seen.need.id, ["0" * 26], "")) is Code.INVALID


async def test_a_need_changes_until_somebody_is_asked(world: World) -> None:
    needs = world.engine.needs
    await world.certify(world.fitter)
    crew, seen = await world.crew(world.fitter, "One"), await world.need()
    changed = await needs.change(world.owner, seen.need.id, seen.need.revision, {"site": "Hall 3"})
    assert changed.need.site == "Hall 3"
    assert await refused(needs.change(world.owner, seen.need.id, seen.need.revision, {"site": "X"})) is Code.CONFLICT
    backwards = {"starts_on": WEEK.last + timedelta(days=1)}
    revision = changed.need.revision
    assert await refused(needs.change(world.owner, seen.need.id, revision, backwards)) is Code.INVALID
    asked = await needs.invite(world.owner, seen.need.id, [crew.id], "")
    late = needs.change(world.owner, seen.need.id, asked.need.revision, {"site": "X"})
    assert await refused(late) is Code.WRONG_STATE


async def test_nothing_is_published_without_a_machine_or_for_days_gone_by(world: World) -> None:
    needs = world.engine.needs
    draft = await world.need(publish=False)
    bare = await needs.change(world.owner, draft.need.id, draft.need.revision, {"machine_id": None})
    assert await refused(needs.move(world.owner, bare.need.id, NeedAction.PUBLISH, "")) is Code.INVALID
    old = await world.need(Days(date(2026, 11, 2), date(2026, 11, 4)), publish=False)
    assert await refused(needs.move(world.owner, old.need.id, NeedAction.PUBLISH, "")) is Code.INVALID
