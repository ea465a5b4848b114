"""The endpoints of needs."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from collab.assist.schemas import NamedView
from collab.edge.endpoint import Access, Call, Endpoint, Nothing, Reply
from rooms.core.codes import Code

from . import need_schemas as schemas
from .need_states import offer_actions
from .needs import NeedService, SeenNeed
from .parties import Reach, reach_of
from .values import Need
from .views import crew_view

NEEDS = "/api/directory/needs"


class NeedEndpoints:
    def __init__(self, needs: NeedService) -> None:
        self._needs = needs

    def table(self) -> tuple[Endpoint, ...]:
        seen = (Code.NOT_FOUND, Code.WRONG_STATE, Code.CONFLICT)
        return (
            Endpoint(
                method="GET",
                path=NEEDS,
                access=Access.MEMBER,
                handler=self.list_needs,
                input=schemas.NeedsQuery,
                output=schemas.NeedList,
                about="Needs of one's company, those one was asked about, for the park's staff all; newest first.",
            ),
            Endpoint(
                method="POST",
                path=NEEDS,
                access=Access.MEMBER,
                handler=self.post_need,
                input=schemas.NewNeed,
                output=schemas.NeedCard,
                status=201,
                refusals=(Code.RATE_LIMITED,),
                about="A draft of what the company needs.",
            ),
            Endpoint(
                method="POST",
                path=f"{NEEDS}/plan",
                access=Access.MEMBER,
                handler=self.plan_needs,
                input=schemas.PlanNeeds,
                output=schemas.PlanView,
                refusals=(Code.RATE_LIMITED,),
                about="Open needs to crews, as many as can be, and why the others cannot. For the park's staff.",
            ),
            Endpoint(
                method="GET",
                path=f"{NEEDS}/{{id}}",
                access=Access.MEMBER,
                handler=self.show_need,
                output=schemas.NeedCard,
                refusals=(Code.NOT_FOUND,),
                about="One need, with the offers and steps that one may see.",
            ),
            Endpoint(
                method="PATCH",
                path=f"{NEEDS}/{{id}}",
                access=Access.MEMBER,
                handler=self.change_need,
                input=schemas.ChangeNeed,
                output=schemas.NeedCard,
                refusals=(*seen, Code.RATE_LIMITED),
                about="Until crews are asked.",
            ),
            Endpoint(
                method="POST",
                path=f"{NEEDS}/{{id}}/moves",
                access=Access.MEMBER,
                handler=self.move_need,
                input=schemas.MoveNeed,
                output=schemas.NeedCard,
                refusals=seen,
                about="Publish, close, open again; `actions` says what is possible.",
            ),
            Endpoint(
                method="GET",
                path=f"{NEEDS}/{{id}}/candidates",
                access=Access.MEMBER,
                handler=self.rank_crews,
                output=schemas.RankingView,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE, Code.RATE_LIMITED),
                about="All crews, those that fit first, each with the reasons. For the factory's side.",
            ),
            Endpoint(
                method="POST",
                path=f"{NEEDS}/{{id}}/invitations",
                access=Access.MEMBER,
                handler=self.invite_crews,
                input=schemas.InviteCrews,
                output=schemas.NeedCard,
                refusals=(*seen, Code.TOO_MANY, Code.RATE_LIMITED),
                about="Ask crews that fit.",
            ),
            Endpoint(
                method="POST",
                path=f"{NEEDS}/{{id}}/offers/{{offer_id}}/moves",
                access=Access.MEMBER,
                handler=self.move_offer,
                input=schemas.MoveOffer,
                output=schemas.NeedCard,
                refusals=seen,
                about="Offer, decline, withdraw by the installer; accept (it makes the job), decline by the factory.",
            ),
        )

    async def list_needs(self, call: Call[schemas.NeedsQuery]) -> Reply:
        query, by = call.input, call.caller.signed_in
        states = (query.state,) if query.state else ()
        found, more = await self._needs.listed(by, states, query.organization_id, query.before, query.limit)
        reach = reach_of(by)
        return Reply(schemas.NeedList(tuple(need_view(one, reach) for one in found), more))

    async def post_need(self, call: Call[schemas.NewNeed]) -> Reply:
        values = msgspec.structs.asdict(call.input)
        organization_id = values.pop("organization_id")
        return Reply(_card(await self._needs.post(call.caller.signed_in, organization_id, _stored(values))))

    async def plan_needs(self, call: Call[schemas.PlanNeeds]) -> Reply:
        by = call.caller.signed_in
        reach, planned = reach_of(by), await self._needs.plan(by, call.input.need_ids)
        plan, needs, crews = planned.plan, planned.needs, planned.crews
        pairs = tuple(
            schemas.PairView(
                need_view(needs[one.need_id], reach),
                NamedView(one.crew_id, crews[one.crew_id].name),
                NamedView(crews[one.crew_id].organization.id, crews[one.crew_id].organization.name),
                one.score,
            )
            for one in plan.pairs
        )
        left = tuple(
            schemas.LeftView(
                need_view(needs[one.need_id], reach),
                one.why,
                one.rules,
                tuple(NamedView(crew_id, crews[crew_id].name) for crew_id in one.crew_ids),
            )
            for one in plan.left
        )
        return Reply(schemas.PlanView(pairs, left))

    async def show_need(self, call: Call[Nothing]) -> Reply:
        return Reply(_card(await self._needs.seen(call.caller.signed_in, call.path["id"])))

    async def change_need(self, call: Call[schemas.ChangeNeed]) -> Reply:
        given = {name: value for name, value in msgspec.structs.asdict(call.input).items() if value is not UNSET}
        revision = given.pop("revision")
        by, need_id = call.caller.signed_in, call.path["id"]
        return Reply(_card(await self._needs.change(by, need_id, revision, _stored(given))))

    async def move_need(self, call: Call[schemas.MoveNeed]) -> Reply:
        body = call.input
        return Reply(_card(await self._needs.move(call.caller.signed_in, call.path["id"], body.action, body.note)))

    async def rank_crews(self, call: Call[Nothing]) -> Reply:
        by = call.caller.signed_in
        reach, ranking = reach_of(by), await self._needs.ranking(by, call.path["id"])
        candidates = []
        for one in ranking.judgements:
            crew = ranking.crews[one.crew_id]
            reasons = tuple(schemas.ReasonView(**msgspec.structs.asdict(reason)) for reason in one.reasons)
            shown = crew_view(crew, within=reach.within(crew.organization.id))
            candidates.append(schemas.JudgementView(shown, one.fits, one.score, reasons))
        return Reply(schemas.RankingView(tuple(candidates)))

    async def invite_crews(self, call: Call[schemas.InviteCrews]) -> Reply:
        body = call.input
        return Reply(_card(await self._needs.invite(call.caller.signed_in, call.path["id"], body.crew_ids, body.note)))

    async def move_offer(self, call: Call[schemas.MoveOffer]) -> Reply:
        body, path = call.input, call.path
        seen = await self._needs.move_offer(call.caller.signed_in, path["id"], path["offer_id"], body.action, body.note)
        return Reply(_card(seen))


def _stored(values: dict[str, object]) -> dict[str, object]:
    """Lists as JSON columns want them."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def need_view(need: Need, reach: Reach) -> schemas.NeedView:
    within = reach.within(need.organization.id)
    return schemas.NeedView(
        id=need.id,
        organization=NamedView(need.organization.id, need.organization.name),
        machine=NamedView(need.machine.id, need.machine.title) if need.machine else None,
        title=need.title,
        region=need.region,
        site=need.site,
        trades=need.trades,
        languages=need.languages,
        starts_on=need.days.first,
        ends_on=need.days.last,
        crew_size=need.crew_size,
        state=need.state,
        job_id=(need.job_id or "") if within else "",
        asked=need.asked if within else 0,
        offered=need.offered if within else 0,
        created_at_ms=need.created_at_ms,
        changed_at_ms=need.changed_at_ms,
    )


def _card(seen: SeenNeed) -> schemas.NeedCard:
    need = seen.need
    view = need_view(need, seen.reach)
    if any(one.id == need.offer_id and seen.side(one).installer for one in seen.offers):
        view = msgspec.structs.replace(view, job_id=need.job_id or "")
    return schemas.NeedCard(
        need=view,
        note=need.note,
        revision=need.revision,
        job_called_off=need.job_called_off,
        within=seen.within,
        actions=seen.actions,
        offers=tuple(
            schemas.OfferView(
                id=one.id,
                crew=NamedView(one.crew.id, one.crew.name),
                installer=NamedView(one.installer.id, one.installer.name),
                state=one.state,
                note=one.note,
                actions=offer_actions(need.state, one.state, seen.side(one)),
                invited_at_ms=one.invited_at_ms,
                changed_at_ms=one.changed_at_ms,
            )
            for one in seen.offers
        ),
        events=tuple(
            schemas.NeedEventView(one.number, one.action, one.state, one.crew, one.name, one.note, one.at_ms)
            for one in seen.events
        ),
    )
