"""The endpoints of policies."""

from __future__ import annotations

from collab.accounts.models import Member
from collab.edge.endpoint import Access, Call, Endpoint, Nothing, Reply
from rooms.core.codes import Code

from . import schemas
from .service import PolicyService, writes
from .states import PolicyState
from .views import card_view, content_of, line_view, standing_view, type_view

POLICIES = "/api/policies"


class PolicyEndpoints:
    def __init__(self, policies: PolicyService) -> None:
        self._policies = policies

    def table(self) -> tuple[Endpoint, ...]:
        written = (Code.NOT_FOUND, Code.CONFLICT, Code.RATE_LIMITED)
        return (
            Endpoint(
                method="GET",
                path=POLICIES,
                access=Access.MEMBER,
                handler=self.list_policies,
                input=schemas.PoliciesQuery,
                output=schemas.PolicyList,
                about="Policies, newest first, each with what its rules mean for one's companies.",
            ),
            Endpoint(
                method="POST",
                path=POLICIES,
                access=Access.MEMBER,
                handler=self.add_policy,
                input=schemas.PolicyBody,
                output=schemas.PolicyCard,
                status=201,
                refusals=(Code.RATE_LIMITED,),
                about="A draft. For the park's officers.",
            ),
            Endpoint(
                method="GET",
                path=f"{POLICIES}/{{id}}",
                access=Access.MEMBER,
                handler=self.show_policy,
                output=schemas.PolicyCard,
                refusals=(Code.NOT_FOUND,),
                about="One policy, with the requests begun from it that one may see.",
            ),
            Endpoint(
                method="PUT",
                path=f"{POLICIES}/{{id}}",
                access=Access.MEMBER,
                handler=self.write_policy,
                input=schemas.WritePolicy,
                output=schemas.PolicyCard,
                refusals=written,
                about="Write it anew. For the park's officers.",
            ),
            Endpoint(
                method="POST",
                path=f"{POLICIES}/{{id}}/moves",
                access=Access.MEMBER,
                handler=self.move_policy,
                input=schemas.MovePolicy,
                output=schemas.PolicyCard,
                refusals=(Code.NOT_FOUND, Code.CONFLICT, Code.WRONG_STATE),
                about="Publish it, which tells the companies that may apply, or withdraw it. For the park's officers.",
            ),
            Endpoint(
                method="GET",
                path=f"{POLICIES}/{{id}}/companies",
                access=Access.MEMBER,
                handler=self.judge_companies,
                output=schemas.PolicyCompanies,
                refusals=(Code.NOT_FOUND,),
                about="Every company with what the rules come to, and why. For the park's officers.",
            ),
            Endpoint(
                method="POST",
                path=f"{POLICIES}/{{id}}/requests",
                access=Access.MEMBER,
                handler=self.begin_request,
                input=schemas.BeginRequest,
                output=schemas.BegunRequest,
                status=201,
                refusals=(*written, Code.WRONG_STATE),
                about="Begin an application, or a question on the policy: a draft that names it.",
            ),
        )

    async def list_policies(self, call: Call[schemas.PoliciesQuery]) -> Reply:
        query, by = call.input, call.caller.signed_in
        found, more = await self._policies.listed(
            by,
            state=None if query.state == "any" else PolicyState(query.state),
            search=query.search,
            open_only=query.open,
            mine=query.mine,
            before=query.before,
            limit=query.limit,
        )
        types = tuple(map(type_view, await self._policies.types(by)))
        return Reply(schemas.PolicyList(tuple(map(line_view, found)), more, writes(by), types, self._policies.today))

    async def add_policy(self, call: Call[schemas.PolicyBody]) -> Reply:
        by = call.caller.signed_in
        return await self._card(by, await self._policies.add(by, content_of(call.input)))

    async def show_policy(self, call: Call[Nothing]) -> Reply:
        return await self._card(call.caller.signed_in, call.path["id"])

    async def write_policy(self, call: Call[schemas.WritePolicy]) -> Reply:
        by, policy_id = call.caller.signed_in, call.path["id"]
        await self._policies.write(by, policy_id, content_of(call.input), call.input.revision)
        return await self._card(by, policy_id)

    async def move_policy(self, call: Call[schemas.MovePolicy]) -> Reply:
        by, policy_id = call.caller.signed_in, call.path["id"]
        await self._policies.move(by, policy_id, call.input.action)
        return await self._card(by, policy_id)

    async def judge_companies(self, call: Call[Nothing]) -> Reply:
        found = await self._policies.companies(call.caller.signed_in, call.path["id"])
        return Reply(schemas.PolicyCompanies(tuple(map(standing_view, found))))

    async def begin_request(self, call: Call[schemas.BeginRequest]) -> Reply:
        by, body = call.caller.signed_in, call.input
        request_id = await self._policies.begin(by, call.path["id"], body.kind, body.key, body.organization_id)
        return Reply(schemas.BegunRequest(request_id))

    async def _card(self, by: Member, policy_id: str) -> Reply:
        return Reply(card_view(await self._policies.seen(by, policy_id), await self._policies.types(by)))
