"""The endpoints of symposiums."""

from __future__ import annotations

from collections.abc import Callable

from collab.accounts.models import Member
from collab.assist.schemas import NamedView
from collab.edge.endpoint import Access, Call, Endpoint, Nothing, Reply
from rooms.core.codes import Code

from . import schemas
from .service import SeenSymposium, SymposiumService, leads
from .states import actions_of
from .values import Issue, Outcome, Planned, Raised, Symposium

SYMPOSIUMS = "/api/symposiums"


class SymposiumEndpoints:
    def __init__(self, symposiums: SymposiumService, clock_ms: Callable[[], int]) -> None:
        self._symposiums = symposiums
        self._clock_ms = clock_ms

    def table(self) -> tuple[Endpoint, ...]:
        led = (Code.NOT_FOUND, Code.WRONG_STATE, Code.CONFLICT, Code.RATE_LIMITED)
        return (
            Endpoint(
                method="GET",
                path=SYMPOSIUMS,
                access=Access.MEMBER,
                handler=self.list_symposiums,
                input=schemas.SymposiumsQuery,
                output=schemas.SymposiumList,
                about="All of the park, newest first.",
            ),
            Endpoint(
                method="POST",
                path=SYMPOSIUMS,
                access=Access.MEMBER,
                handler=self.add_symposium,
                input=schemas.NewSymposium,
                output=schemas.SymposiumCard,
                status=201,
                refusals=(Code.RATE_LIMITED,),
                about="Begin to collect issues for one. For the park's officers.",
            ),
            Endpoint(
                method="GET",
                path=f"{SYMPOSIUMS}/{{id}}",
                access=Access.MEMBER,
                handler=self.show_symposium,
                output=schemas.SymposiumCard,
                refusals=(Code.NOT_FOUND,),
                about="One, with its issues: the agenda first, then by voices.",
            ),
            Endpoint(
                method="PUT",
                path=f"{SYMPOSIUMS}/{{id}}",
                access=Access.MEMBER,
                handler=self.plan_symposium,
                input=schemas.PlanSymposium,
                output=schemas.SymposiumCard,
                refusals=led,
                about="Its title, note and times, while issues are collected. For the park's officers.",
            ),
            Endpoint(
                method="POST",
                path=f"{SYMPOSIUMS}/{{id}}/moves",
                access=Access.MEMBER,
                handler=self.move_symposium,
                input=schemas.MoveSymposium,
                output=schemas.SymposiumCard,
                refusals=led,
                about="Begin it, which opens its room; close it, which files its issues. For the park's officers.",
            ),
            Endpoint(
                method="PUT",
                path=f"{SYMPOSIUMS}/{{id}}/agenda",
                access=Access.MEMBER,
                handler=self.set_agenda,
                input=schemas.SetAgenda,
                output=schemas.SymposiumCard,
                refusals=led,
                about="The issues that will be talked about, in this order. For the park's officers.",
            ),
            Endpoint(
                method="PUT",
                path=f"{SYMPOSIUMS}/{{id}}/current",
                access=Access.MEMBER,
                handler=self.show_issue,
                input=schemas.ShowIssue,
                output=schemas.SymposiumCard,
                refusals=led,
                about="What is talked about now, and who speaks. For the park's officers.",
            ),
            Endpoint(
                method="POST",
                path=f"{SYMPOSIUMS}/{{id}}/issues",
                access=Access.MEMBER,
                handler=self.raise_issue,
                input=schemas.RaiseIssue,
                output=schemas.SymposiumCard,
                status=201,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE, Code.TOO_MANY, Code.RATE_LIMITED),
                about="Bring an issue, while they are collected.",
            ),
            Endpoint(
                method="PUT",
                path=f"{SYMPOSIUMS}/{{id}}/issues/{{issue_id}}/vote",
                access=Access.MEMBER,
                handler=self.vote_issue,
                input=schemas.VoteIssue,
                output=schemas.SymposiumCard,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE, Code.RATE_LIMITED),
                about="One's voice for an issue, or take it back.",
            ),
            Endpoint(
                method="PUT",
                path=f"{SYMPOSIUMS}/{{id}}/issues/{{issue_id}}/withdrawn",
                access=Access.MEMBER,
                handler=self.withdraw_issue,
                input=schemas.WithdrawIssue,
                output=schemas.SymposiumCard,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE, Code.RATE_LIMITED),
                about="Withdraw an issue of one's own, or bring it back, while they are collected.",
            ),
            Endpoint(
                method="PUT",
                path=f"{SYMPOSIUMS}/{{id}}/issues/{{issue_id}}/decision",
                access=Access.MEMBER,
                handler=self.decide_issue,
                input=schemas.DecideIssue,
                output=schemas.SymposiumCard,
                refusals=led,
                about="What was decided, who sees to it and by when. For the park's officers, while it is live.",
            ),
        )

    async def list_symposiums(self, call: Call[schemas.SymposiumsQuery]) -> Reply:
        by = call.caller.signed_in
        found, more = await self._symposiums.listed(by, call.input.before, call.input.limit)
        return Reply(schemas.SymposiumList(tuple(map(symposium_view, found)), more, leads(by), self._clock_ms()))

    async def add_symposium(self, call: Call[schemas.NewSymposium]) -> Reply:
        by = call.caller.signed_in
        return await self._card(by, await self._symposiums.add(by, _planned(call.input)))

    async def plan_symposium(self, call: Call[schemas.PlanSymposium]) -> Reply:
        by, symposium_id = call.caller.signed_in, call.path["id"]
        await self._symposiums.plan(by, symposium_id, _planned(call.input), call.input.revision)
        return await self._card(by, symposium_id)

    async def show_symposium(self, call: Call[Nothing]) -> Reply:
        return await self._card(call.caller.signed_in, call.path["id"])

    async def move_symposium(self, call: Call[schemas.MoveSymposium]) -> Reply:
        by, symposium_id = call.caller.signed_in, call.path["id"]
        await self._symposiums.move(by, symposium_id, call.input.action)
        return await self._card(by, symposium_id)

    async def set_agenda(self, call: Call[schemas.SetAgenda]) -> Reply:
        by, symposium_id = call.caller.signed_in, call.path["id"]
        await self._symposiums.set_agenda(by, symposium_id, call.input.issue_ids, call.input.revision)
        return await self._card(by, symposium_id)

    async def show_issue(self, call: Call[schemas.ShowIssue]) -> Reply:
        by, symposium_id, body = call.caller.signed_in, call.path["id"], call.input
        await self._symposiums.show(by, symposium_id, body.issue_id, body.speaker, body.revision)
        return await self._card(by, symposium_id)

    async def raise_issue(self, call: Call[schemas.RaiseIssue]) -> Reply:
        by, symposium_id, body = call.caller.signed_in, call.path["id"], call.input
        raised = Raised(
            title=body.title,
            area=body.area,
            problem=body.problem,
            wish=body.wish,
            scope=body.scope,
            publish=body.publish,
        )
        await self._symposiums.raise_issue(by, symposium_id, raised, body.organization_id)
        return await self._card(by, symposium_id)

    async def vote_issue(self, call: Call[schemas.VoteIssue]) -> Reply:
        by, symposium_id = call.caller.signed_in, call.path["id"]
        await self._symposiums.vote(by, symposium_id, call.path["issue_id"], up=call.input.up)
        return await self._card(by, symposium_id)

    async def withdraw_issue(self, call: Call[schemas.WithdrawIssue]) -> Reply:
        by, symposium_id = call.caller.signed_in, call.path["id"]
        await self._symposiums.withdraw(by, symposium_id, call.path["issue_id"], withdrawn=call.input.withdrawn)
        return await self._card(by, symposium_id)

    async def decide_issue(self, call: Call[schemas.DecideIssue]) -> Reply:
        by, symposium_id, body = call.caller.signed_in, call.path["id"], call.input
        outcome = Outcome(decision=body.decision, owner_id=body.owner_id, due_on=body.due_on)
        await self._symposiums.decide(by, symposium_id, call.path["issue_id"], outcome)
        return await self._card(by, symposium_id)

    async def _card(self, by: Member, symposium_id: str) -> Reply:
        seen = await self._symposiums.seen(by, symposium_id)
        return Reply(
            schemas.SymposiumCard(
                symposium=symposium_view(seen.symposium),
                issues=tuple(_issue(seen, one) for one in seen.issues),
                leads=seen.reach.desk,
                actions=actions_of(seen.symposium.state) if seen.reach.desk else (),
                raises_for=tuple(NamedView(one.id, one.name) for one in seen.raises_for),
                server_time_ms=seen.at_ms,
            )
        )


def _planned(body: schemas.NewSymposium) -> Planned:
    return Planned(
        title=body.title, note=body.note, starts_at_ms=body.starts_at_ms, collects_until_ms=body.collects_until_ms
    )


def symposium_view(one: Symposium) -> schemas.SymposiumView:
    return schemas.SymposiumView(
        id=one.id,
        state=one.state,
        title=one.title,
        note=one.note,
        starts_at_ms=one.starts_at_ms,
        collects_until_ms=one.collects_until_ms,
        room=one.room,
        current_issue_id=one.current_issue_id,
        speaker=one.speaker,
        revision=one.revision,
        issues=one.issues,
        answered=one.answered,
    )


def _issue(seen: SeenSymposium, one: Issue) -> schemas.IssueView:
    raised = one.raised
    return schemas.IssueView(
        id=one.id,
        state=one.state,
        position=one.position,
        title=raised.title,
        area=raised.area,
        problem=raised.problem,
        wish=raised.wish,
        scope=raised.scope,
        publish=raised.publish,
        organization=NamedView(one.organization.id, one.organization.name),
        name=one.name,
        votes=one.votes,
        voted=one.voted,
        decision=one.decision,
        owner=NamedView(one.owner.id, one.owner.name) if one.owner else None,
        due_on=one.due_on,
        request=schemas.IssueRequestView(one.request.id, one.request.state, one.request.due_at_ms)
        if one.request is not None
        else None,
        may_withdraw=seen.may_withdraw(one),
        answer=one.answer,
        answered_at_ms=one.answered_at_ms,
        created_at_ms=one.created_at_ms,
    )
